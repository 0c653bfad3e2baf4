use std::fs;

use crate::derivation::{pin, secret, words};
use crate::lab::{EVERYBODY, Lab, Ran, TWO_OFFICERS, module};
use crate::proxy::Proxy;
use crate::python::ReferenceTool;
use crate::reshare::{lab_with_sheets_by_epoch, secret_of};

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

/// The sheet that is spoilt: of the newest epoch, and first to be read.
const SHEET: &str = "custody/officer-a.operate-2.txt";

#[test]
fn wrong_words_are_named_and_never_cost_a_try_of_the_pin() {
    let slips: [Slip; 11] = [
        ("an unknown word", "word 5 is not in the SLIP-39 word list;", |lab| {
            change_words(lab, |words| words[4] = "anchorite".to_owned());
        }),
        ("a wrong word", "the words do not fit together: check word 7;", |lab| wrong_words(lab, &[6])),
        (
            "two wrong words",
            "the words do not fit together: more than one is wrong, or two changed places;",
            |lab| wrong_words(lab, &[6, 22]),
        ),
        // By chance three wrong words can look like one.
        ("three wrong words", "the words do not fit together: ", |lab| wrong_words(lab, &[6, 15, 22])),
        (
            "two words swapped",
            "the words do not fit together: more than one is wrong, or two changed places;",
            |lab| {
                change_words(lab, |words| {
                    let other = (11..33).find(|place| words[*place] != words[9]).unwrap();
                    words.swap(9, other);
                });
            },
        ),
        ("another officer's sheet", "the share of `officer-b` was entered already;", |lab| {
            fs::copy(lab.path("custody/officer-b.operate-2.txt"), lab.path(SHEET)).unwrap();
        }),
        (
            "a sheet of another authority",
            "these words fit together, but they are not the share that was dealt to `officer-a`;",
            |lab| {
                let other = Lab::blank();
                other.hold("genesis", "blank.toml", &EVERYBODY).done();
                fs::copy(other.path("custody/officer-a.sheet.txt"), lab.path(SHEET)).unwrap();
            },
        ),
        (
            "a share that somebody made of the same secret",
            "these words fit together, but they are not the share that was dealt to `officer-a`;",
            |lab| {
                let made =
                    ReferenceTool::start().split(2, 3, &secret_of(lab, 2, ["officer-a", "officer-b"]), true);
                change_words(lab, |words| *words = made[0].split(' ').map(str::to_owned).collect());
            },
        ),
        ("a share of another size of quorum", "these are the words of a share of another set;", |lab| {
            let made =
                ReferenceTool::start().split(3, 5, &secret_of(lab, 2, ["officer-a", "officer-b"]), true);
            change_words(lab, |words| *words = made[0].split(' ').map(str::to_owned).collect());
        }),
        (
            "a sheet of the epoch before",
            "this is the share of `officer-a` of the set operate, epoch 1; epoch 2 of operate is wanted;",
            |lab| {
                fs::copy(lab.path("custody/officer-a.operate-1.txt"), lab.path(SHEET)).unwrap();
            },
        ),
        (
            "another officer's sheet of the epoch before",
            "this is the share of `officer-c` of the set operate, epoch 1; epoch 2 of operate is wanted;",
            |lab| {
                fs::copy(lab.path("custody/officer-c.operate-1.txt"), lab.path(SHEET)).unwrap();
            },
        ),
    ];
    let lab = lab_with_sheets_by_epoch();
    lab.hold("reshare", "hsm.toml", &TWO_OFFICERS).done();
    let proxy = Proxy::of(&lab);
    proxy.bind(&lab, "proxy.toml", &format!("serial = \"{}\"", lab.serial()));
    lab.plan("sign-intermediates").done();
    lab.approve("sign-intermediates", "proxy.toml", &TWO_OFFICERS);
    let sheet = lab.read(SHEET);
    let bundle = "authority/0003-sign-intermediates";
    for (slip, told, spoil) in slips {
        if lab.path(bundle).exists() {
            for written in [bundle, "exchange/sign-intermediates"] {
                fs::remove_dir_all(lab.path(written)).unwrap();
            }
        }
        spoil(&lab);
        let spoilt = lab.read(SHEET);
        let shown = lab.run("sign-intermediates", "proxy.toml").ends(4, told);
        assert!(shown.contains("the token was not tried"), "{slip}: {shown}");
        // One word alone may be one of the screen's own.
        let line = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        for two in [&sheet, &spoilt].iter().flat_map(|sheet| pairs(sheet)) {
            assert!(!line.contains(&two), "{slip}: {two:?} is shown: {shown}");
        }
        assert_eq!(proxy.calls(), Vec::<String>::new(), "{slip}");
        let log = lab.read(&format!("{bundle}/log.jsonl"));
        assert!(!log.contains("C_Login") && !log.contains("quorum.met"), "{slip}: {log}");
        assert!(!user_pin_count_is_low(&lab), "{slip}");
        lab.write(SHEET, &sheet);
    }
    lab.verify().ends(3, "VERDICT  INCOMPLETE");
    lab.abort("officer-b").ends(0, "aborted and sealed");
    lab.verify().ends(0, "VERDICT  PASS");

    // The right words log in once, with the right PIN.
    for directory in ["plans", "approvals"] {
        fs::remove_dir_all(lab.path(&format!("{directory}/sign-intermediates"))).unwrap();
    }
    lab.hold("sign-intermediates", "proxy.toml", &TWO_OFFICERS).done();
    let logins = proxy.calls().iter().filter(|call| *call == "C_Login").count();
    assert_eq!(logins, 1);
}

/// Every two words in a row of a sheet.
fn pairs(sheet: &str) -> Vec<String> {
    words(sheet).windows(2).map(|two| two.join(" ")).collect()
}

/// Writes other words of the list in these places of officer A's sheet.
fn wrong_words(lab: &Lab, places: &[usize]) {
    change_words(lab, |words| {
        for place in places {
            words[*place] = if words[*place] == "academic" { "acid" } else { "academic" }.to_owned();
        }
    });
}

/// Changes the words of officer A's sheet and keeps their numbers.
fn change_words(lab: &Lab, change: impl FnOnce(&mut Vec<String>)) {
    let mut found = words(&lab.read(SHEET));
    let before = found.clone();
    change(&mut found);
    assert_ne!(found, before);
    let numbered = (1..).zip(&found).map(|(number, word)| format!("{number}. {word}\n"));
    lab.write(SHEET, &numbered.collect::<String>());
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
