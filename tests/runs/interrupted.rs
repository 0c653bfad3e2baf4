use std::fs;

use crate::killed::{killed_at, log, wait_for};
use crate::lab::{EVERYBODY, Lab, TWO_OFFICERS, ran};

/// What the people clear away before they begin anew: papers for a ceremony that will not be.
fn begin_anew(lab: &Lab) {
    for directory in ["plans", "approvals", "exchange"] {
        let _ = fs::remove_dir_all(lab.path(directory));
    }
}

/// An unfinished ceremony is what it is to the auditor and in nobody's way once an officer has ended it.
fn ends_truthfully(lab: &Lab, next: &str, said: &str) {
    lab.verify().ends(3, "VERDICT  INCOMPLETE");
    begin_anew(lab);
    let shown = lab.plan(next).ends(1, "anchorite abort");
    assert!(shown.contains("unfinished"), "{said}: {shown}");
    lab.abort("officer-b").ends(0, "aborted and sealed");
    let verdict = lab.verify().ends(0, "VERDICT  PASS");
    assert!(verdict.contains("aborted"), "{said}: {verdict}");
    lab.abort("officer-b").ends(1, "ended already");
}

/// Kills a genesis at that record, ends it, and holds it again on a new token.
fn a_killed_genesis_is_ended_and_held_again(records: &[&str]) {
    for said in records {
        let lab = Lab::blank();
        lab.plan("genesis").done();
        lab.approve("genesis", "blank.toml", &EVERYBODY);
        killed_at(&lab, "genesis", "blank.toml", "0001-genesis", said);
        ends_truthfully(&lab, "genesis", said);
        for officer in ["officer-a", "officer-b", "officer-c"] {
            let _ = fs::remove_file(lab.path(&format!("custody/{officer}.sheet.txt")));
        }
        lab.hold("genesis", "blank.toml", &TWO_OFFICERS).done();
        lab.verify().ends(0, "VERDICT  PASS");
        assert_eq!(lab.bundles(), ["0001-genesis", "0002-genesis"], "{said}");
    }
}

#[test]
fn a_genesis_killed_before_the_token_is_touched_is_ended_and_held_again() {
    a_killed_genesis_is_ended_and_held_again(&[
        "ceremony.open",
        "clock.attest",
        "\"confirm\"",
        "quorum.split",
        "share.verified",
        "pin.policy",
    ]);
}

#[test]
fn a_genesis_killed_while_the_token_is_set_up_is_ended_and_held_again() {
    a_killed_genesis_is_ended_and_held_again(&[
        "C_InitToken",
        "C_InitPIN",
        "C_Login",
        "C_GenerateKeyPair",
        "op.result",
    ]);
}

#[test]
fn a_genesis_killed_while_the_key_signs_is_ended_and_held_again() {
    a_killed_genesis_is_ended_and_held_again(&[
        "tbs.frozen",
        "seal.added",
        "sign.confirmed",
        "C_Sign",
        "artifact.out",
    ]);
}

#[test]
fn a_later_ceremony_that_was_killed_is_ended_and_the_next_one_runs() {
    for said in ["ceremony.open", "quorum.met", "C_Login", "C_Sign", "\"step\":\"crl\""] {
        let lab = Lab::after_genesis();
        lab.plan("sign-intermediates").done();
        lab.approve("sign-intermediates", "hsm.toml", &TWO_OFFICERS);
        killed_at(&lab, "sign-intermediates", "hsm.toml", "0002-sign-intermediates", said);
        ends_truthfully(&lab, "sign-intermediates", said);
        lab.hold("sign-intermediates", "hsm.toml", &TWO_OFFICERS).done();
        lab.verify().ends(0, "VERDICT  PASS");
        assert_eq!(lab.bundles().len(), 3, "{said}");
    }
}

#[test]
fn a_power_cut_after_the_last_record_costs_nothing_but_the_seals() {
    let lab = Lab::after_genesis();
    lab.plan("sign-intermediates").done();
    lab.approve("sign-intermediates", "hsm.toml", &TWO_OFFICERS);
    let bundle = "0002-sign-intermediates";
    killed_at(&lab, "sign-intermediates", "hsm.toml", bundle, "ceremony.close");
    lab.verify().ends(4, "VERDICT  UNSEALED");
    let closed = log(&lab, bundle);
    begin_anew(&lab);
    lab.plan("sign-intermediates").ends(1, "seals");
    // Half of a seal, which a crash between its two files leaves.
    lab.write(&format!("authority/{bundle}/seals/close.officer-b.txt"), "anchorite-");
    // And what a crash leaves of a file that was being written.
    lab.write(&format!("authority/{bundle}/seals/.close.officer-a.txt.4711.tmp"), "anch");
    lab.abort("officer-b").ends(1, "ended already");
    lab.seal().ends(0, "complete and sealed");
    assert_eq!(log(&lab, bundle), closed);
    lab.verify().ends(0, "VERDICT  PASS");
    lab.seal().ends(1, "is sealed; nothing is missing");
}

#[test]
fn a_power_cut_while_an_abort_is_sealed_costs_nothing_but_the_seals() {
    let lab = Lab::blank();
    let answers = lab.read("ceremonies/answers.toml");
    answers_that_abort(&lab, "room", "officer-b");
    lab.plan("genesis").done();
    lab.approve("genesis", "blank.toml", &EVERYBODY);
    killed_at(&lab, "genesis", "blank.toml", "0001-genesis", "ceremony.abort");
    lab.write("ceremonies/answers.toml", &answers);
    lab.verify().ends(4, "VERDICT  UNSEALED");
    lab.seal().ends(0, "aborted and sealed");
    assert_eq!(lab.record("ceremony.abort")["by"], "officer-b");
    lab.verify().ends(0, "VERDICT  PASS");
}

#[test]
fn seals_that_were_signed_elsewhere_are_put_beside_the_others_by_hand() {
    let lab = Lab::after_genesis();
    // Only one officer's key is at hand.
    let answers = lab.read("ceremonies/answers.toml");
    let (first, others) = answers.split_once("[[person]]\nname = \"officer-b\"").unwrap();
    let without_keys: String =
        others.lines().filter(|line| !line.starts_with("key")).map(|line| format!("{line}\n")).collect();
    lab.write("ceremonies/answers.toml", &format!("{first}[[person]]\nname = \"officer-b\"{without_keys}"));
    let shown = lab.hold("sign-intermediates", "hsm.toml", &TWO_OFFICERS).ends(4, "misses seals");
    assert!(shown.contains("close"), "{shown}");
    lab.verify().ends(4, "VERDICT  UNSEALED");
    for person in ["officer-a", "officer-c", "witness"] {
        let statement = format!("exchange/sign-intermediates/close.{person}.txt");
        if person != "officer-a" {
            lab.anchorite(&format!(
                "officer sign {statement} --key custody/{person}.key.pem \
                 --passphrase-file custody/{person}.passphrase --yes"
            ))
            .done();
        }
        for ending in ["txt", "sig"] {
            let name = format!("close.{person}.{ending}");
            let from = lab.path(&format!("exchange/sign-intermediates/{name}"));
            let to = lab.path(&format!("authority/0002-sign-intermediates/seals/{name}"));
            fs::copy(from, to).unwrap();
        }
    }
    lab.verify().ends(0, "VERDICT  PASS");
}

#[test]
fn a_line_that_a_power_cut_tore_is_set_aside_and_kept() {
    let lab = Lab::blank();
    lab.plan("genesis").done();
    lab.approve("genesis", "blank.toml", &EVERYBODY);
    killed_at(&lab, "genesis", "blank.toml", "0001-genesis", "share.verified");
    let path = lab.path("authority/0001-genesis/log.jsonl");
    let whole = fs::read(&path).unwrap();
    let last = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    fs::write(&path, &whole[..whole.len() - 20]).unwrap();
    let stray = lab.path("authority/0001-genesis/artifacts/root.crt.pem");
    fs::write(&stray, "half a certifi").unwrap();

    lab.verify().ends(3, "VERDICT  INCOMPLETE");
    lab.abort("officer-c").ends(0, "aborted and sealed");
    lab.verify().ends(0, "VERDICT  PASS");
    assert!(!stray.exists());
    let aside = lab.record("ceremony.abort")["set_aside"].clone();
    let names: Vec<String> =
        aside.as_array().unwrap().iter().map(|file| file["name"].as_str().unwrap().to_owned()).collect();
    let kept = |ending: &str| {
        let name = names.iter().find(|name| name.ends_with(ending));
        let name = name.unwrap_or_else(|| panic!("{ending}: {names:?}"));
        fs::read(lab.path(&format!("authority/0001-genesis/artifacts/{name}"))).unwrap()
    };
    assert_eq!(kept("log.torn"), whole[last..whole.len() - 20]);
    assert_eq!(kept("root.crt.pem"), b"half a certifi");
    assert!(fs::read(&path).unwrap().starts_with(&whole[..last]));
}

#[test]
fn what_an_attempt_left_that_never_became_a_ceremony_is_in_nobodys_way() {
    let lab = Lab::blank();
    fs::create_dir_all(lab.path("authority/.staging/artifacts")).unwrap();
    lab.write("authority/.staging/log.jsonl", "{\"v\":");
    lab.hold("genesis", "blank.toml", &EVERYBODY).done();
    lab.verify().ends(0, "VERDICT  PASS");
    assert!(!lab.path("authority/.staging").exists());
}

#[test]
fn a_ceremony_under_way_is_nobody_elses() {
    let lab = Lab::blank();
    lab.plan("genesis").done();
    lab.approve("genesis", "blank.toml", &EVERYBODY);
    let mut child = lab.start("genesis", "blank.toml");
    wait_for(&lab, "0001-genesis", "clock.attest", &mut child);
    let signal = |name: &str| {
        let id = child.id().to_string();
        let mut kill = std::process::Command::new("sh");
        ran(kill.args(["-c", &format!("kill -{name} {id}")])).done();
    };
    signal("STOP");
    let before = lab.consequences();
    lab.abort("officer-a").ends(1, "another process works on the authority");
    lab.run("genesis", "blank.toml").ends(1, "anchorite abort");
    assert!(lab.consequences() == before);
    signal("CONT");
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    lab.verify().ends(0, "VERDICT  PASS");
}

/// Ends the ceremony at the first question of a step.
fn answers_that_abort(lab: &Lab, step: &str, by: &str) {
    let answers = lab.read("ceremonies/answers.toml");
    let abort = format!("\n[abort]\nstep = \"{step}\"\nby = \"{by}\"\nreason = \"The wrong request\"\n");
    lab.write("ceremonies/answers.toml", &(answers + &abort));
}

#[test]
fn an_officer_ends_a_ceremony_at_any_prompt() {
    for step in ["clock", "room", "provision", "root", "crl"] {
        let lab = Lab::blank();
        let answers = lab.read("ceremonies/answers.toml");
        answers_that_abort(&lab, step, "officer-b");
        let shown = lab.hold("genesis", "blank.toml", &EVERYBODY).ends(4, "aborted and sealed");
        assert!(shown.contains("head"), "{shown}");
        lab.verify().ends(0, "VERDICT  PASS");
        let ended = lab.record("ceremony.abort");
        assert_eq!(
            (&ended["by"], &ended["reason"], &ended["step"]),
            (&"officer-b".into(), &"The wrong request".into(), &step.into())
        );
        let signed = if step == "crl" { vec!["root"] } else { vec![] };
        assert_eq!(ended["signed"], serde_json::json!(signed), "{step}");
        lab.write("ceremonies/answers.toml", &answers);
    }
}

#[test]
fn a_roster_cannot_change_behind_an_aborted_genesis() {
    let lab = Lab::blank();
    let answers = lab.read("ceremonies/answers.toml");
    answers_that_abort(&lab, "clock", "officer-b");
    lab.hold("genesis", "blank.toml", &EVERYBODY).ends(4, "aborted and sealed");
    lab.write("ceremonies/answers.toml", &answers);
    std::fs::remove_dir_all(lab.path("plans/genesis")).unwrap();

    // Not everybody approves the second attempt, so it runs under the roster whose every key the first one proved.
    let roster = lab.read("roster.toml");
    lab.write("roster.toml", &format!("{roster}# another roster\n"));
    lab.plan("genesis").ends(1, "error[P001]");
    assert!(!lab.path("plans/genesis").exists());
    lab.write("roster.toml", &roster);
    lab.plan("genesis").done();
}

#[test]
fn nobody_but_an_officer_ends_a_ceremony() {
    let lab = Lab::blank();
    answers_that_abort(&lab, "provision", "witness");
    lab.hold("genesis", "blank.toml", &EVERYBODY).ends(1, "`witness` is no officer");
    lab.abort("witness").ends(1, "`witness` is no officer");
    lab.abort("officer-z").ends(1, "`officer-z` is no officer");
    lab.verify().ends(3, "VERDICT  INCOMPLETE");
    lab.abort("officer-a").done();
    lab.verify().ends(0, "VERDICT  PASS");
}

/// A ceremony that asks something after its CRL.
const AFTERWARDS: &str = "
[[step]]
id = \"afterwards\"
do = \"confirm\"
by = \"witness\"
text = \"Everything was read aloud\"
";

#[test]
fn a_crl_that_an_aborted_ceremony_signed_keeps_its_number() {
    let lab = Lab::after_genesis();
    let ceremony = "ceremonies/sign-intermediates.toml";
    lab.write(ceremony, &(lab.read(ceremony) + AFTERWARDS));
    let answers = lab.read("ceremonies/answers.toml");
    answers_that_abort(&lab, "afterwards", "officer-a");
    lab.hold("sign-intermediates", "hsm.toml", &TWO_OFFICERS).ends(4, "aborted and sealed");
    let ended = lab.record("ceremony.abort");
    assert_eq!(ended["burnt_crl_numbers"], serde_json::json!([2]));
    assert_eq!(ended["signed"], serde_json::json!(["istio", "vault", "crl"]));
    let burnt: Vec<String> = ended["burnt_serials"]
        .as_array()
        .unwrap()
        .iter()
        .map(|serial| serial.as_str().unwrap().to_owned())
        .collect();
    assert_eq!(burnt.len(), 2, "of both intermediates: {burnt:?}");
    lab.verify().ends(0, "VERDICT  PASS");

    lab.write("ceremonies/answers.toml", &answers);
    begin_anew(&lab);
    lab.hold("sign-intermediates", "hsm.toml", &TWO_OFFICERS).done();
    lab.verify().ends(0, "VERDICT  PASS");
    let plan = lab.read("plans/sign-intermediates/plan.json");
    assert!(burnt.iter().all(|serial| !plan.contains(serial)), "no serial number is used again");
    for (bundle, number) in
        [("0001-genesis", 1), ("0002-sign-intermediates", 2), ("0003-sign-intermediates", 3)]
    {
        let crl = format!("authority/{bundle}/artifacts/crl.crl.pem");
        let arguments = ["crl", "-in", &crl, "-noout", "-crlnumber"];
        lab.tool("openssl", "openssl", &arguments).ends(0, &format!("crlNumber=0x{number:02}"));
    }
}

#[test]
fn an_authorisation_that_no_record_names_is_taken_if_it_is_good() {
    for good in [true, false] {
        let lab = Lab::blank();
        lab.plan("genesis").done();
        lab.approve("genesis", "blank.toml", &EVERYBODY);
        killed_at(&lab, "genesis", "blank.toml", "0001-genesis", "\"seal\":\"authorise\"");
        // The power failed after the first seal's files, before the record that names it.
        let path = "authority/0001-genesis/log.jsonl";
        let log = lab.read(path);
        let named = log.lines().position(|line| line.contains("\"seal\":\"authorise\"")).unwrap();
        lab.write(path, &log.split_inclusive('\n').take(named).collect::<String>());
        let seals = lab.path("authority/0001-genesis/seals");
        let names =
            || fs::read_dir(&seals).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let signature =
            names().find(|name| name.starts_with("authorise.") && name.ends_with(".sig")).unwrap();
        if !good {
            fs::write(seals.join(&signature), b"no signature").unwrap();
        }
        let orphan = fs::read(seals.join(&signature)).unwrap();

        let resumed = lab.anchorite(
            "resume authority/0001-genesis --exchange exchange/resume --answers ceremonies/answers.toml --custody custody",
        );
        resumed.ends(0, "complete and sealed");
        lab.verify().ends(0, "VERDICT  PASS");
        assert_eq!(fs::read(seals.join(&signature)).is_ok_and(|bytes| bytes == orphan), good);
        let records = lab.records();
        let of_interruption = records.iter().find(|record| record["type"] == "ceremony.resume").unwrap();
        let aside = of_interruption["body"]["set_aside"].to_string();
        assert_eq!(aside.contains(&signature), !good, "{aside}");
    }
}
