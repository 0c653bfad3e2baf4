use std::fs;
use std::process::Output;

use anchorite::format::{Statement, StatementAlgorithm};
use anchorite::render::{hex_groups, words};
use anchorite::roster::check_signature;

use super::card::{Card, PIN, module};
use super::set_up::{ALGORITHMS, Algorithm, Lab, text};

impl Card {
    /// OpenSC's tool, logged in to this card.
    fn pkcs11_tool(&self, arguments: &[&str]) -> String {
        let module = module();
        let module = module.to_str().unwrap();
        let first = ["--module", module, "--token-label", &self.label, "--login", "--pin", PIN];
        self.tool("pkcs11-tool", "opensc", &[&first[..], arguments].concat())
    }

    /// Sets and clears CKF flags of the card's only token.
    ///
    /// A file of the store is a generation number, then attributes as type, kind and value, all big-endian.
    fn change_flags(&self, set: u64, clear: u64) {
        // SoftHSM's own attribute that holds CK_TOKEN_INFO.flags, and the kind of a number.
        const TOKEN_FLAGS: [u8; 16] = [0, 0, 0, 0, 0x80, 0, 0x53, 0x4b, 0, 0, 0, 0, 0, 0, 0, 2];
        let mut tokens = fs::read_dir(self.path("tokens")).unwrap();
        let path = tokens.next().unwrap().unwrap().path().join("token.object");
        assert!(tokens.next().is_none());
        let mut bytes = fs::read(&path).unwrap();
        let places: Vec<usize> =
            (0..bytes.len()).filter(|at| bytes[*at..].starts_with(&TOKEN_FLAGS)).collect();
        assert_eq!(places.len(), 1);
        let value = &mut bytes[places[0] + 16..places[0] + 24];
        let flags = u64::from_be_bytes((&*value).try_into().unwrap());
        value.copy_from_slice(&((flags | set) & !clear).to_be_bytes());
        fs::write(path, bytes).unwrap();
    }
}

fn card(lab: &Lab) -> Card {
    Card::new(&lab.path("card"), "card of officer-a")
}

/// `officer new officer-a --role officer` with the card's PIN in its file.
fn new_on(lab: &Lab, card: &Card, more: &[&str]) -> Output {
    let mut arguments: Vec<String> =
        ["officer", "new", "officer-a", "--role", "officer", "--passphrase-file", "card/pin"]
            .map(str::to_owned)
            .to_vec();
    arguments.extend(card.arguments());
    let mut arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    arguments.extend(more);
    lab.anchorite(&arguments)
}

/// `officer sign s.txt` without a terminal.
fn sign_with(lab: &Lab, card: &Card, more: &[&str]) -> Output {
    let card = card.arguments();
    let mut arguments = vec!["officer", "sign", "s.txt", "--passphrase-file", "card/pin", "--yes"];
    arguments.extend(card.iter().map(String::as_str));
    arguments.extend(more);
    lab.anchorite(&arguments)
}

/// Makes the key of the printed entry the first person's, and writes `s.txt` for them to sign.
fn enrol(lab: &Lab, printed: &Output) -> StatementAlgorithm {
    assert_eq!(printed.status.code(), Some(0), "{}", text(&printed.stderr));
    let entry = text(&printed.stdout);
    let value = |key: &str| {
        let line = entry.lines().find_map(|line| line.strip_prefix(&format!("{key} = \"")));
        line.unwrap().trim_end_matches('"').to_owned()
    };
    let der = anchorite::format::Base64::parse(&value("public-key")).unwrap();
    lab.write("public.der", &der.0, 0o644);
    lab.openssl_ok("pkey -pubin -inform DER -in public.der -out public.pem");
    lab.first_person_has(&value("algorithm"));
    value("algorithm").parse().unwrap()
}

#[test]
fn a_key_made_on_a_card_never_leaves_it_and_signs_what_openssl_verifies() {
    for algorithm in ALGORITHMS {
        let lab = Lab::new();
        let card = card(&lab);
        let more = ["--generate", "--card-key", "signing key", "--algorithm", algorithm.name];
        let made = new_on(&lab, &card, &more);
        assert_eq!(enrol(&lab, &made).to_string(), algorithm.name);
        let objects = card.pkcs11_tool(&["--list-objects", "--type", "privkey"]);
        assert!(objects.contains("sensitive, always sensitive, never extractable, local"), "{objects}");
        assert!(text(&made.stdout).contains("key-storage = \"file\""), "SoftHSM is known for software");

        // The entry of a key that is there already is the same, whether it is named or not.
        for more in [&[][..], &["--card-key", "signing key"]] {
            let shown = new_on(&lab, &card, more);
            assert_eq!(text(&shown.stdout), text(&made.stdout), "{}", text(&shown.stderr));
        }

        let signed = sign_with(&lab, &card, &[]);
        assert_eq!(signed.status.code(), Some(0), "{}: {}", algorithm.name, text(&signed.stderr));
        lab.openssl_ok(&Algorithm::command(algorithm.verify));
        let (statement, signature) = (lab.read("s.txt"), lab.read("s.sig"));
        assert!(check_signature(&lab.roster(), &statement, &signature).is_ok());
        for output in [&signed.stdout, &signed.stderr, &made.stdout, &made.stderr] {
            assert!(!text(output).contains(PIN));
        }
    }
}

#[test]
fn a_key_that_wants_its_pin_for_each_signature_gets_it_twice() {
    let lab = Lab::new();
    let card = card(&lab);
    for (label, id, kind) in
        [("piv 9c", "9c", "EC:secp256r1"), ("piv 9a", "9a", "EC:secp384r1"), ("rsa", "03", "rsa:3072")]
    {
        card.pkcs11_tool(&[
            "--keypairgen",
            "--key-type",
            kind,
            "--label",
            label,
            "--id",
            id,
            "--always-auth",
            "--usage-sign",
        ]);
        let key = if id == "9a" { "9A" } else { label };
        enrol(&lab, &new_on(&lab, &card, &["--card-key", key]));
        // Which of the keys is meant, the statement says.
        let signed = sign_with(&lab, &card, &[]);
        assert_eq!(signed.status.code(), Some(0), "{label}: {}", text(&signed.stderr));
        assert!(check_signature(&lab.roster(), &lab.read("s.txt"), &lab.read("s.sig")).is_ok());
        std::fs::remove_file(lab.path("s.sig")).unwrap();
    }
    let several = new_on(&lab, &card, &[]);
    assert_eq!(several.status.code(), Some(2));
    let error = text(&several.stderr);
    assert!(error.contains("`piv 9c` (ID 9c)") && error.contains("--card-key"), "{error}");
}

#[test]
fn a_key_that_only_a_certificate_shows_is_found_in_it() {
    let lab = Lab::new();
    let card = card(&lab);
    lab.openssl_ok("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k.pem -out c.pem -subj /CN=card");
    lab.openssl_ok("x509 -in c.pem -outform DER -out c.der");
    lab.openssl_ok("pkey -in k.pem -outform DER -out k.der");
    for (file, kind) in [("c.der", "cert"), ("k.der", "privkey")] {
        let path = lab.path(file);
        let path = path.to_str().unwrap();
        card.pkcs11_tool(&[
            "--write-object",
            path,
            "--type",
            kind,
            "--id",
            "01",
            "--label",
            "by certificate",
        ]);
    }
    enrol(&lab, &new_on(&lab, &card, &[]));
    let signed = sign_with(&lab, &card, &[]);
    assert_eq!(signed.status.code(), Some(0), "{}", text(&signed.stderr));
    lab.openssl_ok(&Algorithm::command(ALGORITHMS[0].verify));
}

#[test]
fn a_pin_is_tried_once_and_the_final_try_only_when_the_person_insists() {
    let lab = Lab::new();
    let card = card(&lab);
    enrol(&lab, &new_on(&lab, &card, &["--generate", "--card-key", "signing"]));
    let signs = |more: &[&str], code: i32, told: &[&str]| {
        let _ = std::fs::remove_file(lab.path("s.sig"));
        let ran = sign_with(&lab, &card, more);
        let error = text(&ran.stderr);
        assert_eq!(ran.status.code(), Some(code), "{error}");
        assert!(told.iter().all(|told| error.contains(told)), "{told:?}:\n{error}");
        assert_eq!(lab.path("s.sig").exists(), code == 0);
    };
    card.write_pin("pin", "another pin");
    signs(&[], 1, &["C_Login answered CKR_PIN_INCORRECT", "nothing was signed", "each wrong PIN is counted"]);
    card.write_pin("pin", PIN);
    signs(&[], 0, &["Careful: a wrong PIN was given since the last right one."]);

    // CKF_USER_PIN_FINAL_TRY and CKF_USER_PIN_LOCKED; SoftHSM itself sets neither.
    let (final_try, locked) = (0x2_0000, 0x4_0000);
    card.change_flags(final_try, 0);
    signs(&[], 1, &["one more wrong PIN locks the user PIN; it was not tried", "--final-try"]);
    signs(&["--final-try"], 0, &["Careful: the next wrong PIN locks the card."]);
    card.change_flags(locked, final_try);
    signs(&["--final-try"], 1, &["the user PIN is locked; it was not tried", "PUK"]);
    card.change_flags(0, locked);
    // CKF_PROTECTED_AUTHENTICATION_PATH: no PIN is asked for here, and SoftHSM has no keys to type one on.
    card.change_flags(0x100, 0);
    signs(&[], 3, &["Type the PIN on the reader's own keys", "C_Login answered CKR_"]);
}

#[test]
fn a_card_that_is_not_the_one_that_is_meant_is_named() {
    let lab = Lab::new();
    let card = card(&lab);
    enrol(&lab, &new_on(&lab, &card, &["--generate", "--card-key", "signing"]));
    let configuration = format!("SOFTHSM2_CONF={}", card.configuration().display());
    let module = module().display().to_string();
    let sign = |more: &[&str]| {
        let first = ["officer", "sign", "s.txt", "--passphrase-file", "card/pin", "--yes", "--card", &module];
        lab.anchorite(&[&first[..], more].concat())
    };
    card.make("card of officer-b");
    let variable = ["--card-variable", configuration.as_str()];
    for (more, code, expected) in [
        (&["--card-label", "no such card"][..], 3, "no card in a reader is the one that is meant"),
        (&["--card-serial", "0000"], 3, "(label `card of officer-b`)"),
        (&[], 2, "several cards could be meant"),
        (&["--card-label", "card of officer-b"], 1, "none of the 0 keys that the card shows"),
        (&["--card-label", "card of officer-a", "--card-key", "other"], 1, "none of the 0 keys"),
    ] {
        let refused = sign(&[&variable[..], more].concat());
        let error = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(code), "{error}");
        assert!(error.contains(expected) && error.contains("what to do:"), "{expected}:\n{error}");
    }
    let refused = sign(&["--card-variable", "LD_PRELOAD=/tmp/x.so"]);
    assert_eq!(refused.status.code(), Some(2));
    let both = sign(&["--key", "officer-a.pem"]);
    assert_eq!(both.status.code(), Some(2), "a key file and a card are two keys");
    let no_module = lab.anchorite(&["officer", "sign", "s.txt", "--card", "roster.toml"]);
    assert_eq!(no_module.status.code(), Some(3), "{}", text(&no_module.stderr));
    assert!(!lab.path("s.sig").exists());
}

#[test]
fn a_statement_is_shown_in_full_and_confirmed_before_the_pin_is_asked_for() {
    let lab = Lab::new();
    let card = card(&lab);
    enrol(&lab, &new_on(&lab, &card, &["--generate", "--card-key", "signing"]));
    let statement = Statement::parse(&lab.read("s.txt")).unwrap();
    let Statement::Approval(approval) = &statement else { panic!("an approval") };
    let digits = approval.plan_sha256.to_string()[..8].to_owned() + "\r";
    let pin = format!("{PIN}\r");
    let question = "To sign, type its first 8 digits: ";
    let card_arguments = card.arguments();
    let mut arguments = vec!["officer", "sign", "s.txt"];
    arguments.extend(card_arguments.iter().map(String::as_str));

    let played = lab.on_terminal(&[(question, "yes\r", "shown")], &arguments);
    assert_eq!(played.exit, 4, "{}", played.shown);
    assert!(!played.shown.contains("PIN of the card"), "{}", played.shown);
    let steps = [
        (question, digits.as_str(), "shown"),
        ("PIN of the card `card of officer-a`: ", pin.as_str(), "hidden"),
    ];
    let played = lab.on_terminal(&steps, &arguments);
    assert_eq!((played.exit, played.echo), (0, true), "{}", played.shown);
    assert!(!played.shown.contains(PIN), "{}", played.shown);
    let (before, _) = played.shown.split_once(question).unwrap();
    let mut promised: Vec<String> = statement.to_string().lines().map(str::to_owned).collect();
    promised.push(hex_groups(&approval.plan_sha256));
    promised.extend(words(&approval.plan_sha256));
    for line in promised {
        assert!(before.contains(&line), "`{line}` was not shown before the question:\n{before}");
    }
    assert!(check_signature(&lab.roster(), &lab.read("s.txt"), &lab.read("s.sig")).is_ok());
}
