use std::fs;

use super::lab::{Lab, TWO_OFFICERS, sha256};
use crate::killed::killed_at;

pub(crate) const BUNDLE: &str = "authority/0002-sign-intermediates";

/// A ceremony that ended, in which the power failed before anybody sealed it.
pub(crate) fn killed_before_the_seals() -> Lab {
    let lab = Lab::after_genesis();
    lab.plan("sign-intermediates").done();
    lab.approve("sign-intermediates", "hsm.toml", &TWO_OFFICERS);
    killed_at(&lab, "sign-intermediates", "hsm.toml", "0002-sign-intermediates", "ceremony.close");
    lab
}

/// The same, and the witness's key is not in this room.
fn unsealed() -> Lab {
    let lab = killed_before_the_seals();
    let answers = lab.read("ceremonies/answers.toml");
    let (before, witness) = answers.split_at(answers.find("name = \"witness\"").unwrap());
    let away = witness.lines().filter(|line| !line.starts_with("key") && !line.starts_with("passphrase"));
    lab.write("ceremonies/answers.toml", &format!("{before}{}\n", away.collect::<Vec<_>>().join("\n")));
    fs::create_dir(lab.path("elsewhere")).unwrap();
    lab
}

/// `anchorite seal` by the answers' people.
fn seal(lab: &Lab, more: &str) -> super::lab::Ran {
    let arguments = format!(
        "seal {BUNDLE}{more} --exchange exchange/late --answers ceremonies/answers.toml --custody custody"
    );
    lab.anchorite(&arguments)
}

/// Signs a statement on a machine that has openssl and nothing else.
fn sign_by_openssl(lab: &Lab, person: &str, statement: &str) {
    let (key, pass) = (format!("custody/{person}.key.pem"), format!("file:custody/{person}.passphrase"));
    let signature = statement.replace(".txt", ".sig");
    let arguments = ["dgst", "-sha256", "-sign", &key, "-passin", &pass, "-out", &signature, statement];
    lab.tool("openssl", "openssl", &arguments).done();
}

fn seals(lab: &Lab) -> Vec<String> {
    let names = fs::read_dir(lab.path(BUNDLE).join("seals")).unwrap();
    let mut names: Vec<String> =
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_witness_seals_from_another_machine_with_openssl_alone() {
    let lab = unsealed();
    lab.verify().ends(4, "VERDICT  UNSEALED");
    lab.abort("officer-b").ends(1, "anchorite seal");
    seal(&lab, "").ends(4, "signatures of the close statement");
    assert!(seals(&lab).is_empty(), "nothing is in the record before it is enough");

    // The witness takes the statement home and brings it back signed.
    fs::copy(lab.path("exchange/late/close.witness.txt"), lab.path("elsewhere/close.witness.txt")).unwrap();
    sign_by_openssl(&lab, "witness", "elsewhere/close.witness.txt");
    let shown = seal(&lab, " elsewhere/close.witness.txt").ends(0, "complete and sealed");
    assert!(shown.contains("the seal of witness is in the record now"), "{shown}");
    assert!(shown.contains("the seal of officer-a is in the record now"), "what lay there counts: {shown}");
    lab.verify().ends(0, "VERDICT  PASS");
    seal(&lab, "").ends(1, "has ended and is sealed; nothing is missing");
}

#[test]
fn a_signed_pair_that_is_dropped_into_the_exchange_directory_counts() {
    let lab = unsealed();
    seal(&lab, "").ends(4, "signatures of the close statement");
    sign_by_openssl(&lab, "witness", "exchange/late/close.witness.txt");
    seal(&lab, "").ends(0, "complete and sealed");
    lab.verify().ends(0, "VERDICT  PASS");
}

#[test]
fn a_late_seal_that_the_auditor_would_refuse_does_not_get_into_the_record() {
    let lab = unsealed();
    seal(&lab, "").ends(4, "signatures of the close statement");
    let good = lab.read("exchange/late/close.witness.txt");
    let time = good.lines().find(|line| line.starts_with("time: ")).unwrap();
    let officer = lab.read("exchange/late/close.officer-b.txt");
    type Change<'a> = (&'a str, &'a str, String, &'a str);
    let cases: [Change<'_>; 5] = [
        ("witness", "witness", good.replace(time, "time: 2026-01-01T00:00:01Z"), "it counts from"),
        ("witness", "witness", good.replace(time, "time: 2036-01-03T00:00:00Z"), "it counts from"),
        ("witness", "witness", good.replace("outcome: complete", "outcome: aborted"), "its outcome is"),
        ("witness", "officer-b", good.clone(), "does not verify"),
        ("officer-b", "officer-b", officer.replace("role: officer", "role: witness"), "gives no such role"),
    ];
    for (person, signer, text, told) in cases {
        let file = format!("elsewhere/close.{person}.txt");
        lab.write(&file, &text);
        sign_by_openssl(&lab, signer, &file);
        seal(&lab, &format!(" {file}")).ends(1, told);
        assert!(seals(&lab).is_empty(), "{told}");
    }
    lab.verify().ends(4, "VERDICT  UNSEALED");
}

#[test]
fn whoever_was_not_in_the_room_is_not_asked_to_seal_that_they_were() {
    let lab = Lab::after_genesis();
    let answers = lab.read("ceremonies/answers.toml");
    let begin = answers.find("[[person]]\nname = \"officer-b\"").unwrap();
    let end = begin + answers[begin + 1..].find("[[person]]").unwrap() + 1;
    lab.write("ceremonies/answers.toml", &format!("{}{}", &answers[..begin], &answers[end..]));
    lab.plan("sign-intermediates").done();
    lab.approve("sign-intermediates", "hsm.toml", &TWO_OFFICERS);
    killed_at(&lab, "sign-intermediates", "hsm.toml", "0002-sign-intermediates", "ceremony.close");
    lab.write("ceremonies/answers.toml", &answers);
    fs::create_dir(lab.path("elsewhere")).unwrap();
    let first = seal(&lab, "");
    assert!(!lab.path("exchange/late/close.officer-b.txt").exists(), "{}", first.shown);
    first.ends(0, "complete and sealed");
    // Although officer-b makes such a statement and signs it.
    let of = |person: &str| {
        let roster = lab.read("roster.toml");
        let entry = &roster[roster.find(&format!("name = \"{person}\"")).unwrap()..];
        let key = entry.split("public-key = \"").nth(1).unwrap().split('"').next().unwrap();
        sha256(&anchorite::format::Base64::parse(key).unwrap().0)
    };
    let text = lab.read(&format!("{BUNDLE}/seals/close.officer-a.txt"));
    let text =
        text.replace("signer: officer-a", "signer: officer-b").replace(&of("officer-a"), &of("officer-b"));
    lab.write("elsewhere/close.officer-b.txt", &text);
    sign_by_openssl(&lab, "officer-b", "elsewhere/close.officer-b.txt");
    seal(&lab, " elsewhere/close.officer-b.txt").ends(1, "seals that they were present");
    lab.verify().ends(0, "VERDICT  PASS");
}
