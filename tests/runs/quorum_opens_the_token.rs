use std::fs;

use crate::derivation::{pin, secret, words};
use crate::lab::{EVERYBODY, Lab, Ran, TWO_OFFICERS, module};
use crate::python::ReferenceTool;

/// The words on an officer's sheet, as one line.
fn share(lab: &Lab, officer: &str) -> String {
    words(&lab.read(&format!("custody/{officer}.sheet.txt"))).join(" ")
}

/// OpenSC's tool on the laboratory's token.
fn pkcs11_tool(lab: &Lab, arguments: &[&str]) -> Ran {
    let module = module().display().to_string();
    let mut all = vec!["--module", &module, "--token-label", "lab-root-g1"];
    all.extend(arguments);
    lab.tool("pkcs11-tool", "opensc", &all)
}

#[test]
fn any_two_sheets_and_a_page_of_python_open_the_token_and_the_key_never_left_it() {
    let lab = Lab::after_genesis();
    let policy = lab.record("pin.policy");
    let shares = ["officer-a", "officer-b", "officer-c"].map(|officer| share(&lab, officer));
    let [a, b, c] = &shares;
    let secrets = [[a, b], [b, c], [c, a]].map(|two| secret(&two.map(String::clone)));
    assert!(secrets.iter().all(|found| *found == secrets[0]));
    let user = pin(&secrets[0], "example-lab", &policy, "user-pin");
    let officer = pin(&secrets[0], "example-lab", &policy, "so-pin");
    assert_ne!(user, officer);
    assert_eq!(user.len(), 32);

    let keys = pkcs11_tool(&lab, &["--login", "--pin", &user, "--list-objects", "--type", "privkey"]).done();
    assert!(keys.contains("Access:     sensitive, always sensitive, never extractable, local"), "{keys}");
    assert_eq!(keys.matches("Private Key Object").count(), 1, "{keys}");
    assert!(keys.contains("lab-root-g1") && keys.contains("Usage:      sign"), "{keys}");
    for refused in ["decrypt", "unwrap", "derive"] {
        let usage = keys.lines().find(|line| line.contains("Usage:")).unwrap();
        assert!(!usage.contains(refused), "{usage}");
    }
    let so = ["--login", "--login-type", "so", "--so-pin", &officer, "--init-pin", "--new-pin", "another"];
    pkcs11_tool(&lab, &so).done();
    pkcs11_tool(&lab, &["--login", "--pin", "another", "--list-objects"]).done();
    assert!(!user_pin_count_is_low(&lab));
    let swapped = pkcs11_tool(&lab, &["--login", "--pin", &officer, "--list-objects"]);
    swapped.ends(1, "CKR_PIN_INCORRECT");
    assert!(user_pin_count_is_low(&lab));
}

/// CKF_USER_PIN_COUNT_LOW: a wrong PIN was tried since the last login.
fn user_pin_count_is_low(lab: &Lab) -> bool {
    pkcs11_tool(lab, &["--list-slots"]).done().contains("user PIN count low")
}

/// Text, told, and what is done to an officer's sheet.
type Slip = (&'static str, &'static str, fn(&Lab));

#[test]
fn wrong_words_are_named_and_never_cost_a_try_of_the_pin() {
    let slips: [Slip; 6] = [
        ("an unknown word", "word 5 is not in the SLIP-39 word list", |lab| {
            change_words(lab, |words| words[4] = "anchorite".to_owned());
        }),
        ("a wrong word", "the words do not fit together: check word 7", |lab| {
            change_words(lab, |words| {
                words[6] = if words[6] == "academic" { "acid" } else { "academic" }.to_owned();
            });
        }),
        ("two words swapped", "the words do not fit together", |lab| {
            change_words(lab, |words| {
                let other = (11..33).find(|place| words[*place] != words[9]).unwrap();
                words.swap(9, other);
            });
        }),
        ("another officer's sheet", "the share of `officer-b` was entered already", |lab| {
            fs::copy(lab.path("custody/officer-b.sheet.txt"), lab.path("custody/officer-a.sheet.txt"))
                .unwrap();
        }),
        ("a sheet of another authority", "not the share that was dealt to `officer-a`", |lab| {
            let other = Lab::blank();
            other.hold("genesis", "blank.toml", &EVERYBODY).done();
            fs::copy(other.path("custody/officer-a.sheet.txt"), lab.path("custody/officer-a.sheet.txt"))
                .unwrap();
        }),
        ("a share that somebody made of the same secret", "not the share that was dealt to", |lab| {
            let shares = ["officer-a", "officer-b"].map(|officer| share(lab, officer));
            let made = ReferenceTool::start().split(2, 3, &secret(&shares), true);
            let made: Vec<String> = made[0].split(' ').map(str::to_owned).collect();
            change_words(lab, |words| *words = made);
        }),
    ];
    for (slip, told, spoil) in slips {
        let lab = Lab::after_genesis();
        lab.plan("sign-intermediates").done();
        lab.approve("sign-intermediates", "hsm.toml", &TWO_OFFICERS);
        let sheet = lab.read("custody/officer-a.sheet.txt");
        spoil(&lab);
        let shown = lab.run("sign-intermediates", "hsm.toml").ends(4, told);
        assert!(shown.contains("the token was not tried"), "{slip}: {shown}");
        // One word alone may be one of the screen's own.
        let line = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        for two in words(&sheet).windows(2) {
            assert!(!line.contains(&two.join(" ")), "{slip}: {two:?} is shown: {shown}");
        }
        let log = lab.read("authority/0002-sign-intermediates/log.jsonl");
        assert!(!log.contains("C_Login") && !log.contains("quorum.met"), "{slip}: {log}");
        assert!(!user_pin_count_is_low(&lab), "{slip}");

        lab.verify().ends(3, "VERDICT  INCOMPLETE");
        lab.write("custody/officer-a.sheet.txt", &sheet);
        lab.abort("officer-b").ends(0, "aborted and sealed");
        lab.verify().ends(0, "VERDICT  PASS");
    }
}

/// Changes the words of officer A's sheet and keeps their numbers.
fn change_words(lab: &Lab, change: impl FnOnce(&mut Vec<String>)) {
    let file = "custody/officer-a.sheet.txt";
    let mut found = words(&lab.read(file));
    let before = found.clone();
    change(&mut found);
    assert_ne!(found, before);
    let numbered = (1..).zip(&found).map(|(number, word)| format!("{number}. {word}\n"));
    lab.write(file, &numbered.collect::<String>());
}

#[test]
fn a_key_that_cannot_be_told_from_another_signs_nothing() {
    let lab = Lab::after_genesis();
    let policy = lab.record("pin.policy");
    let shares = ["officer-a", "officer-b"].map(|officer| share(&lab, officer));
    let user = pin(&secret(&shares), "example-lab", &policy, "user-pin");
    let listed =
        pkcs11_tool(&lab, &["--login", "--pin", &user, "--list-objects", "--type", "privkey"]).done();
    let id = listed.lines().find_map(|line| line.trim().strip_prefix("ID:")).unwrap().trim();
    let twin = [
        "--login",
        "--pin",
        &user,
        "--keypairgen",
        "--key-type",
        "EC:prime256v1",
        "--label",
        "lab-root-g1",
        "--id",
        id,
    ];
    pkcs11_tool(&lab, &twin).done();
    let ran = lab.hold("sign-intermediates", "hsm.toml", &TWO_OFFICERS);
    let shown = ran.ends(3, "2 objects on the token could be the private half of `lab-root-g1`");
    assert!(!lab.path("authority/0002-sign-intermediates/artifacts/istio.crt.pem").exists(), "{shown}");
    let log = lab.read("authority/0002-sign-intermediates/log.jsonl");
    assert!(!log.contains("C_Sign"), "{log}");
}
