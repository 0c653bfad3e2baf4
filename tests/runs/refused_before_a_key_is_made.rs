use std::fs;
use std::path::Path;

use anchorite::format::Instant;

use crate::lab::{EVERYBODY, Lab, Ran, TWO_OFFICERS, module, sha256};
use crate::person::Person;

/// Insists that a slip is named and that nothing came of it: no token changed, no bundle, no file of one.
#[track_caller]
fn refused(lab: &Lab, what: &str, code: i32, told: &str, act: impl FnOnce(&Lab) -> Ran) {
    let before = lab.consequences();
    let Ran { code: found, shown } = act(lab);
    assert_eq!(found, code, "{what}: expected exit code {code} and `{told}`:\n{shown}");
    assert!(shown.contains(told), "{what}: expected `{told}`:\n{shown}");
    assert!(shown.contains("what to do:"), "{what}: nothing says what to do:\n{shown}");
    assert!(lab.consequences() == before, "{what}: something happened:\n{shown}");
}

/// A genesis that everybody approved, ready to run on a blank token.
fn approved_genesis() -> Lab {
    let lab = Lab::blank();
    lab.plan("genesis").done();
    lab.approve("genesis", "blank.toml", &EVERYBODY);
    lab
}

#[test]
fn a_mistake_in_the_ceremony_file_is_named_by_check_and_by_plan() {
    let lab = Lab::blank();
    let slips = [
        ("label = \"lab-root-g1\"", "label = \"lab-root-g1\"\ncolour = \"red\"", "`colour`"),
        ("label = \"lab-root-g1\"", "label = \"lab-root-g1\"\npin = \"123456\"", "`pin`"),
        ("label = \"lab-root-g1\"", "label = \"lab-root-g1\"\nslot = 0", "`slot`"),
        ("key = \"root-key\"", "key = \"rot-key\"", "`rot-key`"),
    ];
    for (from, to, told) in slips {
        let text = lab.read("ceremonies/genesis.toml");
        lab.edit("ceremonies/genesis.toml", from, to);
        let check = |lab: &Lab| lab.anchorite("check ceremonies/genesis.toml");
        let found = check(&lab);
        assert!(found.code == 1 && found.shown.contains(told), "{told}: {found:?}");
        refused(&lab, told, 1, told, |lab| lab.plan("genesis"));
        assert!(!lab.path("plans/genesis").exists(), "{told}");
        lab.write("ceremonies/genesis.toml", &text);
    }
}

#[test]
fn an_input_that_is_not_what_was_reviewed_is_not_planned() {
    let lab = Lab::after_genesis();
    let (csr, ceremony) = ("ceremonies/inputs/istio.csr.pem", "ceremonies/sign-intermediates.toml");
    let good = lab.read(csr);
    lab.write(csr, &format!("{good}\n"));
    refused(&lab, "another file", 1, "SHA-256", |lab| lab.plan("sign-intermediates"));

    // The last character of the signature, with its SHA-256 as if somebody had reviewed it.
    let (body, end) = good.split_once("\n-----END").unwrap();
    let padding = body.len() - body.trim_end_matches('=').len();
    let place = body.len() - padding - 4;
    let other = if &body[place..=place] == "A" { "B" } else { "A" };
    let broken = format!("{}{other}{}\n-----END{end}", &body[..place], &body[place + 1..]);
    lab.write(csr, &broken);
    lab.edit(ceremony, &sha256(good.as_bytes()), &sha256(broken.as_bytes()));
    refused(&lab, "broken signature", 1, "signature", |lab| lab.plan("sign-intermediates"));
    assert!(!lab.path("plans/sign-intermediates").exists());
}

#[test]
fn a_plan_is_never_written_over_another() {
    let lab = Lab::blank();
    lab.plan("genesis").done();
    let plan = lab.read("plans/genesis/plan.json");
    refused(&lab, "existing output", 2, "plans/genesis", |lab| lab.plan("genesis"));
    assert_eq!(lab.read("plans/genesis/plan.json"), plan);
}

#[test]
fn a_plan_that_was_changed_after_it_was_made_is_not_run() {
    let lab = approved_genesis();
    for (file, from, to, told) in [
        ("plan.json", "lab.example.org root G1", "lab.example.org root G2", "another run"),
        ("ceremony.toml", "root G1", "root G2", "ceremony.toml"),
        ("roster.toml", "approve = 2", "approve = 1", "roster.toml"),
    ] {
        let file = format!("plans/genesis/{file}");
        let text = lab.read(&file);
        lab.edit(&file, from, to);
        let told = if told == "another run" { "not for this run: its plan is" } else { told };
        refused(&lab, &file, 1, told, |lab| lab.run("genesis", "blank.toml"));
        lab.write(&file, &text);
    }
}

#[test]
fn an_approval_counts_for_one_plan_one_place_and_one_machine() {
    let lab = approved_genesis();
    let other = "0".repeat(63) + "1";
    let slips = [
        ("plan-sha256", other.as_str(), "its plan is"),
        ("authority", "example-other", "its authority is"),
        ("environment", "staging", "its environment is"),
        ("mode", "rehearsal", "its mode is"),
        ("ordinal", "2", "its ordinal is"),
        ("previous-head-sha256", other.as_str(), "its previous head is"),
        ("roster-sha256", other.as_str(), "its roster is"),
        ("binding-sha256", other.as_str(), "its binding is"),
        ("token", "primary serial=0123456789abcdef", "its tokens are"),
        ("window", "2026-01-01T00:00:00Z 2037-01-01T00:00:00Z", "its window is"),
        ("signer", "officer-d", "`officer-d` is not on the roster"),
        ("role", "witness", "role"),
        ("signer-spki-sha256", other.as_str(), "another key"),
    ];
    let statement = "approvals/genesis/approval.officer-a.txt";
    let good = lab.read(statement);
    for (line, value, told) in slips {
        let lines = good.lines().map(|found| match found.split_once(": ") {
            Some((key, _)) if key == line => format!("{key}: {value}\n"),
            _ => format!("{found}\n"),
        });
        let mut changed: String = lines.collect();
        assert_ne!(changed, good, "{line} is not in the statement");
        if line == "mode" {
            // What a statement is of stands in its first line too.
            changed = changed.replace("-approval/", "-rehearsal-approval/");
        }
        lab.write(statement, &changed);
        sign_with_openssl(&lab, statement, "officer-a");
        refused(&lab, line, 1, told, |lab| lab.run("genesis", "blank.toml"));
    }
    // Signed by openssl it counts as well as any: what was refused was what it said.
    lab.write(statement, &good);
    sign_with_openssl(&lab, statement, "officer-b");
    refused(&lab, "another key's signature", 1, "does not verify", |lab| lab.run("genesis", "blank.toml"));
    sign_with_openssl(&lab, statement, "officer-a");
    lab.run("genesis", "blank.toml").done();
}

/// Writes a statement with other lines, signed as well as the good one.
fn sign_changed(lab: &Lab, statement: &str, lines: &[(&str, &str)], officer: &str) {
    let text = lab.read(statement);
    let changed = text.lines().map(|found| match found.split_once(": ") {
        Some((key, _)) => match lines.iter().find(|(line, _)| *line == key) {
            Some((_, value)) => format!("{key}: {value}\n"),
            None => format!("{found}\n"),
        },
        // What a statement is of stands in its first line too.
        None if lines.contains(&("mode", "rehearsal")) => {
            found.replace("-approval/", "-rehearsal-approval/") + "\n"
        }
        None => format!("{found}\n"),
    });
    lab.write(statement, &changed.collect::<String>());
    sign_with_openssl(lab, statement, officer);
}

#[test]
fn a_later_ceremony_takes_enough_different_officers_who_approved_just_that() {
    let lab = Lab::blank();
    // Who stands in for officer-a is one with officer-a.
    let officer_c = "name = \"officer-c\"\n";
    lab.edit("roster.toml", officer_c, &format!("{officer_c}deputy-for = \"officer-a\"\n"));
    lab.hold("genesis", "blank.toml", &EVERYBODY).done();
    lab.bind_by_serial();
    lab.plan("sign-intermediates").done();
    let name = "sign-intermediates";
    let file = |officer: &str, ending: &str| format!("approvals/{name}/approval.{officer}.{ending}");
    let other = "0".repeat(63) + "1";
    let of_the_genesis = sha256(lab.read("plans/genesis/plan.json").as_bytes());
    let spki = |lab: &Lab, person: &str| {
        let approval = lab.read(&format!("approvals/genesis/approval.{person}.txt"));
        let line = approval.lines().find_map(|line| line.strip_prefix("signer-spki-sha256: "));
        line.unwrap().to_owned()
    };
    type Slip<'a> = (&'a str, &'a [&'a str], Box<dyn Fn(&Lab) + 'a>, &'a str);
    let changed = |line: &'static str, value: String| -> Box<dyn Fn(&Lab)> {
        Box::new(move |lab: &Lab| {
            sign_changed(lab, &file("officer-b", "txt"), &[(line, &value)], "officer-b")
        })
    };
    let slips: [Slip<'_>; 8] = [
        ("another plan", &["officer-a", "officer-b"], changed("plan-sha256", of_the_genesis), "its plan is"),
        ("a rehearsal", &["officer-a", "officer-b"], changed("mode", "rehearsal".to_owned()), "its mode is"),
        (
            "a stale head",
            &["officer-a", "officer-b"],
            changed("previous-head-sha256", other),
            "its previous head is",
        ),
        (
            "a role that officer-b has not",
            &["officer-a", "officer-b"],
            changed("role", "witness".to_owned()),
            "the roster gives no such role",
        ),
        (
            "a role that does not count",
            &["officer-a", "officer-b"],
            Box::new(|lab| {
                let key = spki(lab, "witness");
                let lines =
                    [("signer", "witness"), ("role", "witness"), ("signer-spki-sha256", key.as_str())];
                sign_changed(lab, &file("officer-b", "txt"), &lines, "witness");
            }),
            "`witness` signs as witness, whose signature does not count",
        ),
        (
            "one officer under two names",
            &["officer-a"],
            Box::new(|lab| {
                for ending in ["txt", "sig"] {
                    fs::copy(lab.path(&file("officer-a", ending)), lab.path(&file("officer-b", ending)))
                        .unwrap();
                }
            }),
            "`officer-a` signed twice",
        ),
        (
            "an officer and their deputy",
            &["officer-a", "officer-c"],
            Box::new(|_| ()),
            "`officer-a` and `officer-c` count once, as `officer-a`: 2 signatures in the role officer are needed and 1",
        ),
        (
            "one officer",
            &["officer-c"],
            Box::new(|_| ()),
            "2 signatures in the role officer are needed and 1 are",
        ),
    ];
    for (what, officers, change, told) in slips {
        let _ = fs::remove_dir_all(lab.path(&format!("approvals/{name}")));
        lab.approve(name, "hsm.toml", officers);
        change(&lab);
        refused(&lab, what, 1, told, |lab| lab.run(name, "hsm.toml"));
    }
    let _ = fs::remove_dir_all(lab.path(&format!("approvals/{name}")));
    lab.approve(name, "hsm.toml", &["officer-c", "officer-b"]);
    lab.run(name, "hsm.toml").done();
    lab.verify().ends(0, "VERDICT  PASS");
}

fn sign_with_openssl(lab: &Lab, statement: &str, officer: &str) {
    let (signature, key) = (statement.replace(".txt", ".sig"), format!("custody/{officer}.key.pem"));
    let passphrase = format!("file:custody/{officer}.passphrase");
    let arguments = ["dgst", "-sha256", "-sign", &key, "-passin", &passphrase, "-out", &signature, statement];
    lab.tool("openssl", "openssl", &arguments).done();
}

#[test]
fn a_genesis_that_one_person_did_not_approve_does_not_begin() {
    let lab = approved_genesis();
    for person in EVERYBODY {
        for ending in ["txt", "sig"] {
            let file = lab.path(&format!("approvals/genesis/approval.{person}.{ending}"));
            fs::rename(&file, file.with_extension(format!("{ending}.away"))).unwrap();
        }
        refused(&lab, person, 1, &format!("`{person}` did not"), |lab| lab.run("genesis", "blank.toml"));
        for ending in ["txt", "sig"] {
            let file = lab.path(&format!("approvals/genesis/approval.{person}.{ending}"));
            fs::rename(file.with_extension(format!("{ending}.away")), &file).unwrap();
        }
    }
}

#[test]
fn fewer_officers_than_the_roster_asks_for_are_too_few() {
    let lab = Lab::after_genesis();
    lab.plan("sign-intermediates").done();
    lab.approve("sign-intermediates", "hsm.toml", &["officer-b"]);
    refused(&lab, "one officer", 1, "2 signatures in the role officer are needed and 1", |lab| {
        lab.run("sign-intermediates", "hsm.toml")
    });
    let witness = lab.anchorite(
        "officer sign --plan plans/sign-intermediates --binding hsm.toml --roster roster.toml --as witness \
         --output approvals/sign-intermediates --key custody/witness.key.pem \
         --passphrase-file custody/witness.passphrase --yes",
    );
    witness.ends(1, "witness");
}

#[test]
fn an_approval_is_good_once() {
    let lab = Lab::after_genesis();
    // The same plan again, from where it lies and from a copy.
    refused(&lab, "again", 1, "its ordinal is 1, not 2", |lab| lab.run("genesis", "blank.toml"));
    crate::lab::copy(&lab.path("plans/genesis"), &lab.path("plans/copy"));
    crate::lab::copy(&lab.path("approvals/genesis"), &lab.path("approvals/copy"));
    refused(&lab, "copied", 1, "its ordinal is 1, not 2", |lab| lab.run("copy", "blank.toml"));

    // A plan and approvals from before the last ceremony.
    lab.plan("sign-intermediates").done();
    lab.approve("sign-intermediates", "hsm.toml", &TWO_OFFICERS);
    crate::lab::copy(&lab.path("plans/sign-intermediates"), &lab.path("plans/standby"));
    crate::lab::copy(&lab.path("approvals/sign-intermediates"), &lab.path("approvals/standby"));
    lab.run("sign-intermediates", "hsm.toml").done();
    refused(&lab, "standby", 1, "its ordinal is 2, not 3", |lab| lab.run("standby", "hsm.toml"));
}

#[test]
fn a_plan_made_on_another_record_does_not_run_on_this_one() {
    let (lab, other) = (Lab::blank(), Lab::after_genesis());
    lab.hold("genesis", "blank.toml", &EVERYBODY).done();
    lab.bind_by_serial();
    other.plan("sign-intermediates").done();
    crate::lab::copy(&other.path("plans"), &lab.path("plans"));
    lab.approve("sign-intermediates", "hsm.toml", &TWO_OFFICERS);
    refused(&lab, "another head", 1, "its previous head is", |lab| lab.run("sign-intermediates", "hsm.toml"));
}

#[test]
fn a_ceremony_outside_its_window_does_not_begin() {
    for (from, to) in
        [("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"), ("2035-12-30T00:00:00Z", "2035-12-31T00:00:00Z")]
    {
        let lab = Lab::blank();
        let wide = "from = 2026-01-01T00:00:00Z, to = 2036-01-01T00:00:00Z";
        lab.edit("ceremonies/genesis.toml", wide, &format!("from = {from}, to = {to}"));
        lab.plan("genesis").done();
        lab.approve("genesis", "blank.toml", &EVERYBODY);
        let told = format!("the plan may run from {from} to {to}");
        refused(&lab, from, 1, &told, |lab| lab.run("genesis", "blank.toml"));
    }
}

#[test]
fn a_machine_that_is_not_the_one_in_the_binding_gets_no_ceremony() {
    let lab = Lab::blank();
    lab.plan("genesis").done();
    let (module, hash) = (module(), sha256(&fs::read(module()).unwrap()));
    lab.tool(
        "softhsm2-util",
        "softhsm2",
        &["--init-token", "--free", "--label", "used", "--so-pin", "so-pin", "--pin", "user-pin"],
    )
    .done();
    let shown = lab.anchorite("token list --binding blank.toml --format json").done();
    let list: serde_json::Value = serde_json::from_str(&shown).unwrap();
    let used = list["tokens"]
        .as_array()
        .unwrap()
        .iter()
        .find(|token| token["initialised"] == true)
        .and_then(|token| token["serial"].as_str())
        .unwrap_or_else(|| panic!("{shown}"));

    lab.write_binding("hash.toml", &module, "blank = true");
    lab.edit("hash.toml", &hash, &sha256(b"another module"));
    lab.write_binding("nobody.toml", &module, "serial = \"0123456789abcdef\"");
    lab.write_binding("used.toml", &module, &format!("serial = \"{used}\""));
    lab.write_binding("name.toml", &module, "blank = true");
    lab.edit("name.toml", "\"primary\"", "\"secondary\"");
    lab.write_binding("loader.toml", &module, "blank = true");
    lab.edit("loader.toml", "SOFTHSM2_CONF", "LD_PRELOAD");
    lab.write_binding("relative.toml", &module, "blank = true");
    lab.edit("relative.toml", &module.display().to_string(), "libsofthsm2.so");
    lab.write_binding("profile.toml", &module, "blank = true");
    lab.edit("profile.toml", "profile = \"softhsm\"", "profile = \"softhsn\"");

    for (name, code, told) in [
        ("hash", 3, hash.as_str()),
        ("nobody", 3, "0123456789abcdef"),
        ("used", 1, "token `primary` is initialised, but the plan takes over a blank one"),
        ("profile", 3, "softhsn"),
    ] {
        let binding = format!("{name}.toml");
        let _ = fs::remove_dir_all(lab.path("approvals"));
        lab.approve("genesis", &binding, &EVERYBODY);
        refused(&lab, name, code, told, |lab| lab.run("genesis", &binding));
    }
    // These nobody could approve, for they are no bindings for this plan.
    for (name, code, told) in
        [("name", 1, "`primary`"), ("loader", 2, "`LD_PRELOAD`"), ("relative", 2, "not absolute")]
    {
        refused(&lab, name, code, told, |lab| lab.run("genesis", &format!("{name}.toml")));
    }
}

#[test]
fn a_token_that_cannot_be_told_from_another_is_not_guessed() {
    let lab = Lab::blank();
    lab.tool(
        "softhsm2-util",
        "softhsm2",
        &["--init-token", "--free", "--label", "used", "--so-pin", "so-pin", "--pin", "user-pin"],
    )
    .done();
    forget_initialisation(&lab);
    lab.plan("genesis").done();
    lab.approve("genesis", "blank.toml", &EVERYBODY);
    refused(&lab, "two blank tokens", 3, "2 ", |lab| lab.run("genesis", "blank.toml"));
}

/// Clears CKF_TOKEN_INITIALIZED of the one token in SoftHSM's store, which then has two blank ones.
///
/// A file of the store is a generation number, then attributes as type, kind and value, all big-endian.
fn forget_initialisation(lab: &Lab) {
    const FLAGS: [u8; 16] = [0, 0, 0, 0, 0x80, 0, 0x53, 0x4b, 0, 0, 0, 0, 0, 0, 0, 2];
    let store = fs::read_dir(lab.path("softhsm/tokens")).unwrap().next().unwrap();
    let file = store.unwrap().path().join("token.object");
    let mut bytes = fs::read(&file).unwrap();
    let place = bytes.windows(16).position(|window| window == FLAGS).unwrap() + 16;
    bytes[place + 6] &= !0x04;
    fs::write(file, bytes).unwrap();
}

#[test]
fn a_token_other_than_the_one_that_holds_the_key_is_not_used() {
    let lab = Lab::after_genesis();
    let other = Lab::blank();
    other.hold("genesis", "blank.toml", &EVERYBODY).done();
    crate::lab::copy(&other.path("softhsm/tokens"), &lab.path("softhsm/tokens"));
    let (right, wrong) = (lab.serial(), other.serial());
    lab.write_binding("hsm.toml", &module(), &format!("serial = \"{wrong}\""));
    lab.plan("sign-intermediates").done();
    lab.approve("sign-intermediates", "hsm.toml", &TWO_OFFICERS);
    let told =
        format!("bound to serial {wrong}, but the key of this authority is on the token with serial {right}");
    refused(&lab, "another token", 1, &told, |lab| lab.run("sign-intermediates", "hsm.toml"));
}

/// A second root on the token that has the first.
const SECOND_ROOT: &str = r#"
[[step]]
id = "second-key"
do = "generate-key"
token = "primary"
algorithm = "ecdsa-p384"
label = "LABEL"
backup = "none"

[[step]]
id = "second-root"
do = "self-sign"
key = "second-key"
profile = "root"
subject = [{ O = "Example" }, { CN = "lab.example.org root G2" }]
validity = { from = 2026-01-01T00:00:00Z, to = 2045-12-31T23:59:59Z }
"#;

#[test]
fn a_label_that_is_taken_is_not_given_twice() {
    let lab = Lab::after_genesis();
    let head = lab.read("ceremonies/sign-intermediates.toml");
    let head = head.split("[[step]]").next().unwrap();
    let second = |label: &str| format!("{head}{}", SECOND_ROOT.replace("LABEL", label));
    lab.write("ceremonies/second.toml", &second("lab-root-g1"));
    let told = "the key `root-key` of ceremony 1 has this label";
    refused(&lab, "a label of the record", 1, told, |lab| lab.plan("second"));

    // A label that no record knows: somebody put an object on the token.
    lab.write("ceremonies/second.toml", &second("lab-root-g2"));
    lab.plan("second").done();
    lab.approve("second", "hsm.toml", &TWO_OFFICERS);
    let away = lab.path("tokens-as-they-were");
    crate::lab::copy(&lab.path("softhsm/tokens"), &away);
    let module = module().display().to_string();
    let root = "authority/0001-genesis/artifacts/root.crt.pem";
    lab.tool("openssl", "openssl", &["x509", "-in", root, "-outform", "DER", "-out", "root.der"]).done();
    let put = [
        "--module",
        &module,
        "--token-label",
        "lab-root-g1",
        "--write-object",
        "root.der",
        "--type",
        "cert",
        "--label",
        "lab-root-g2",
    ];
    lab.tool("pkcs11-tool", "opensc", &put).done();
    let told = "token `primary` has 1 objects with the label `lab-root-g2` already";
    refused(&lab, "a label of the token", 1, told, |lab| lab.run("second", "hsm.toml"));

    // What stopped it was the label.
    fs::remove_dir_all(lab.path("softhsm/tokens")).unwrap();
    fs::rename(away, lab.path("softhsm/tokens")).unwrap();
    lab.run("second", "hsm.toml").done();
    lab.verify().ends(0, "VERDICT  PASS");
}

/// A ceremony file and a roster of production, with as many officers as production asks for.
fn production() -> Lab {
    let lab = Lab::blank();
    lab.edit("ceremonies/genesis.toml", "environment = \"lab\"", "environment = \"production\"");
    lab.edit("roster.toml", "environment = \"lab\"", "environment = \"production\"");
    fs::write(lab.path("custody/officer-d.passphrase"), "officer-d keeps passphrase 47291\n").unwrap();
    let permissions = fs::metadata(lab.path("custody/officer-a.passphrase")).unwrap().permissions();
    fs::set_permissions(lab.path("custody/officer-d.passphrase"), permissions).unwrap();
    let mut command = lab.command(
        "officer new officer-d --role officer --output custody/officer-d.key.pem \
         --passphrase-file custody/officer-d.passphrase",
    );
    let entry = String::from_utf8(command.output().unwrap().stdout).unwrap();
    lab.write("roster.toml", &(lab.read("roster.toml") + &entry));
    // Nobody can see from here that it is not so.
    lab.edit("roster.toml", "key-storage = \"file\"", "key-storage = \"hardware\"");
    let now = anchorite::host::now().unix_seconds();
    let [from, to] = [now - 3600, now + 3600].map(|at| Instant::from_unix_seconds(at).unwrap());
    let wide = "from = 2026-01-01T00:00:00Z, to = 2036-01-01T00:00:00Z";
    lab.edit("ceremonies/genesis.toml", wide, &format!("from = {from}, to = {to}"));
    // A certificate begins within the day before it is signed.
    lab.edit("ceremonies/genesis.toml", "2026-01-01T00:00:00Z", &from.to_string());
    lab.plan("genesis").done();
    lab.approve("genesis", "blank.toml", &EVERYBODY);
    lab.approve("genesis", "blank.toml", &["officer-d"]);
    lab
}

#[test]
fn production_takes_no_approval_of_a_rehearsal() {
    let lab = production();
    let statement = "approvals/genesis/approval.officer-a.txt";
    sign_changed(&lab, statement, &[("mode", "rehearsal")], "officer-a");
    let told = "its mode is rehearsal, not ceremony";
    refused(&lab, "one approval", 1, told, |lab| lab.run("genesis", "blank.toml"));

    // A rehearsal's plan, however much of it says so.
    lab.edit("plans/genesis/plan.json", "\"mode\":\"ceremony\"", "\"mode\":\"rehearsal\"");
    let told = "this is of a rehearsal, which is never a ceremony";
    refused(&lab, "a plan", 1, told, |lab| lab.run("genesis", "blank.toml"));
    lab.edit("plans/genesis/plan.json", "anchorite-plan/v1", "anchorite-rehearsal-plan/v1");
    let told = "this is of a ceremony, and only what is of a rehearsal is read here";
    refused(&lab, "its binding", 2, told, |lab| lab.run("genesis", "blank.toml"));
}

#[test]
fn a_rule_of_production_is_broken_only_under_a_waiver_that_officers_approved() {
    let lab = production();
    // Three holders where two are needed: officer-d gives the share back.
    let roster = lab.read("roster.toml");
    let (others, officer_d) = roster.split_once("name = \"officer-d\"").unwrap();
    let none = officer_d.replace("shares = [\"operate\"]", "shares = []");
    lab.write("roster.toml", &format!("{others}name = \"officer-d\"{none}"));
    let again = |lab: &Lab| {
        for directory in ["plans", "approvals"] {
            fs::remove_dir_all(lab.path(directory)).unwrap();
        }
        fs::create_dir_all(lab.path("approvals")).unwrap();
        let ran = lab.plan("genesis");
        fs::create_dir_all(lab.path("plans")).unwrap();
        ran
    };
    again(&lab).ends(1, "error[P002]");
    let waiver =
        "[[waiver]]\nrule = \"few-spare-shares\"\nreason = \"For a month.\"\nuntil = 2035-01-31T00:00:00Z\n";
    lab.write("ceremonies/genesis.toml", &format!("{}\n{waiver}", lab.read("ceremonies/genesis.toml")));
    again(&lab).ends(0, "WAIVED few-spare-shares");
    let everybody = [&EVERYBODY[..], &["officer-d"]].concat();
    lab.approve("genesis", "blank.toml", &everybody);
    // The waiver let it come as far as the next rule.
    refused(&lab, "waived", 1, "an answers file may not run", |lab| lab.run("genesis", "blank.toml"));

    let plan = lab.read("plans/genesis/plan.json");
    let told = "and the plan does not waive it: the set `operate` has 3 holders";
    for (what, from, to, told) in [
        ("no waiver", "\"few-spare-shares\"", "\"pin-strength\"", told),
        (
            "a short one",
            "\"until\":\"2035-01-31T00:00:00Z\"",
            "\"until\":\"2026-01-01T00:00:00Z\"",
            "the waiver of",
        ),
    ] {
        lab.write("plans/genesis/plan.json", &plan);
        lab.edit("plans/genesis/plan.json", from, to);
        fs::remove_dir_all(lab.path("approvals")).unwrap();
        lab.approve("genesis", "blank.toml", &everybody);
        refused(&lab, what, 1, told, |lab| lab.run("genesis", "blank.toml"));
    }
}

#[test]
fn production_takes_neither_an_answers_file_nor_a_token_of_software() {
    let lab = production();
    refused(&lab, "answers", 1, "an answers file may not run a production ceremony", |lab| {
        lab.run("genesis", "blank.toml")
    });
    let other_device = tempfile::tempdir_in("/dev/shm").unwrap();
    mirrored(&lab, other_device.path());
    refused(&lab, "a software token", 1, "token `primary` is a software token", by_a_person);
}

/// The genesis at a terminal, of which nobody answers a question.
fn by_a_person(lab: &Lab) -> Ran {
    let arguments = Lab::run_arguments("genesis", "blank.toml");
    let person = Person::at(lab.command(arguments.split(" --answers").next().unwrap()));
    let left = person.leaves();
    Ran { code: left.code, shown: left.shown }
}

/// Everybody approves the genesis anew, with a mirror there.
fn mirrored(lab: &Lab, mirror: &Path) {
    lab.write_binding("blank.toml", &module(), "blank = true");
    let format = "format = \"anchorite-binding/v1\"\n";
    lab.edit("blank.toml", format, &format!("{format}mirror = \"{}\"\n", mirror.display()));
    fs::remove_dir_all(lab.path("approvals")).unwrap();
    lab.approve("genesis", "blank.toml", &[&EVERYBODY[..], &["officer-d"]].concat());
}

#[test]
fn production_keeps_its_record_on_two_devices() {
    let lab = production();
    refused(&lab, "no mirror", 1, "the binding names no mirror", by_a_person);
    fs::create_dir_all(lab.path("mirror")).unwrap();
    mirrored(&lab, &lab.path("mirror"));
    refused(&lab, "the same device", 1, "is on the authority's own device", by_a_person);
    mirrored(&lab, &lab.path("not-there"));
    refused(&lab, "no medium", 1, "is not there", by_a_person);
    // A waiver lets it come as far as the next rule.
    let waiver = "[[waiver]]\nrule = \"no-mirror\"\nreason = \"The second reader broke.\"\nuntil = 2035-01-31T00:00:00Z\n";
    lab.write("ceremonies/genesis.toml", &format!("{}\n{waiver}", lab.read("ceremonies/genesis.toml")));
    fs::remove_dir_all(lab.path("plans")).unwrap();
    lab.plan("genesis").ends(0, "WAIVED no-mirror");
    mirrored(&lab, &lab.path("mirror"));
    refused(&lab, "waived", 1, "token `primary` is a software token", by_a_person);
}

#[test]
fn every_refusal_leaves_the_approvals_good() {
    let lab = Lab::blank();
    lab.plan("genesis").done();
    lab.approve("genesis", "blank.toml", &EVERYBODY);
    let away = |from: &str, to: &str| fs::rename(lab.path(from), lab.path(to)).unwrap();
    away("ceremonies/answers.toml", "ceremonies/away.toml");
    refused(&lab, "no answers", 2, "answers.toml", |lab| lab.run("genesis", "blank.toml"));
    away("ceremonies/away.toml", "ceremonies/answers.toml");
    let answers = lab.read("ceremonies/answers.toml");
    let without_witness = answers.split("[[person]]\nname = \"witness\"").next().unwrap();
    lab.write("ceremonies/answers.toml", without_witness);
    refused(&lab, "no witness", 1, "0 of the 1 witnesses", |lab| lab.run("genesis", "blank.toml"));
    lab.write("ceremonies/answers.toml", &answers);
    lab.run("genesis", "blank.toml").done();
    assert!(Path::new(&lab.path("authority/0001-genesis")).is_dir());
}
