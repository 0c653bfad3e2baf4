//! Keys: made, read back, found again, signed with.

use anchorite::format::{AttributeState, Digest, KeyAlgorithm, KeyHalf, TokenAddress};
use anchorite::token::{Error, Module};

use super::set_up::{
    SO, USER, calls, digest, load, openssl_accepts, pin, pkcs11_tool, profile, provisioned, serial, spy,
};
use super::softhsm::SoftHsm;

const BOTH: [KeyAlgorithm; 2] = [KeyAlgorithm::EcdsaP256, KeyAlgorithm::EcdsaP384];

#[test]
fn a_blank_token_becomes_one_that_signs_what_openssl_accepts() {
    let hsm = SoftHsm::for_test("keys::a_blank_token_becomes_one_that_signs_what_openssl_accepts");
    hsm.process("sign", |_| {
        let module = load();
        assert_eq!(module.sha256(), Digest::of(&std::fs::read(SoftHsm::module()).unwrap()));
        let mut token = module.open(&TokenAddress::Blank, &profile("softhsm")).unwrap();
        assert!(!token.describe().unwrap().initialised);
        assert!(matches!(token.random(8), Err(Error::Blank)));

        token.initialise(&pin(SO), "root g1 \u{fc}").unwrap();
        let after = token.describe().unwrap();
        assert!(after.initialised && !after.user_pin_set && after.is_software());
        assert_eq!((after.label.as_str(), after.serial.len()), ("root g1 \u{fc}", 16));
        token.set_user_pin(&pin(SO), &pin(USER)).unwrap();
        assert!(token.describe().unwrap().user_pin_set);
        assert_ne!(token.random(32).unwrap(), token.random(32).unwrap());

        token.login(&pin(USER)).unwrap();
        for algorithm in BOTH {
            let label = algorithm.to_string();
            let made = token.generate(algorithm, &label, label.as_bytes()).unwrap();
            let key = token.private_key(algorithm, &made.point, &label).unwrap();
            let digest = digest(algorithm);
            let signature = token.sign_digest(&key, algorithm, &digest).unwrap();
            assert!(openssl_accepts(algorithm, &made.point, &digest, &signature));
            let mut other = digest.clone();
            other[0] ^= 1;
            assert!(!openssl_accepts(algorithm, &made.point, &other, &signature));
        }
    });
}

#[test]
fn a_later_process_finds_the_token_by_its_serial_and_the_key_by_its_point() {
    let hsm =
        SoftHsm::for_test("keys::a_later_process_finds_the_token_by_its_serial_and_the_key_by_its_point");
    let algorithm = KeyAlgorithm::EcdsaP384;
    hsm.process("make", |hsm| {
        let (mut token, serial) = provisioned(&load(), "root");
        let made = token.generate(algorithm, "root", b"id").unwrap();
        std::fs::write(hsm.path("serial"), serial).unwrap();
        std::fs::write(hsm.path("point"), made.point).unwrap();
    });
    hsm.process("sign", |hsm| {
        let address = serial(&std::fs::read_to_string(hsm.path("serial")).unwrap());
        let point = std::fs::read(hsm.path("point")).unwrap();
        let mut token = load().open(&address, &profile("softhsm")).unwrap();
        token.login(&pin(USER)).unwrap();
        let key = token.private_key(algorithm, &point, "root").unwrap();
        let signature = token.sign_digest(&key, algorithm, &digest(algorithm)).unwrap();
        assert!(openssl_accepts(algorithm, &point, &digest(algorithm), &signature));
    });
}

#[test]
fn a_new_key_is_what_was_asked_for_and_opensc_says_so_too() {
    let hsm = SoftHsm::for_test("keys::a_new_key_is_what_was_asked_for_and_opensc_says_so_too");
    hsm.process("make", |hsm| {
        use AttributeState::{False, True};
        let module = load();
        let (mut token, serial_number) = provisioned(&module, "root");
        let mut expected = token.generate(KeyAlgorithm::EcdsaP256, "strict", b"\x01").unwrap();
        let key = token.private_key(KeyAlgorithm::EcdsaP256, &expected.point, "strict").unwrap();
        assert_eq!(token.attributes(&key).unwrap(), expected.attributes);
        let found = &mut expected.attributes;
        for state in [
            found.token,
            found.private,
            found.sensitive,
            found.always_sensitive,
            found.never_extractable,
            found.local,
            found.sign,
        ] {
            assert_eq!(state, True, "{found:?}");
        }
        for state in
            [found.extractable, found.decrypt, found.unwrap, found.derive, found.modifiable, found.copyable]
        {
            assert_eq!(state, False, "{found:?}");
        }
        assert!(found.contradictions().is_empty());
        drop(token);

        // The generic profile leaves out what old tokens refuse, and what is left out reads as the token has it.
        let mut token = module.open(&serial(&serial_number), &profile("generic")).unwrap();
        token.login(&pin(USER)).unwrap();
        let plain = token.generate(KeyAlgorithm::EcdsaP256, "plain", b"\x02").unwrap().attributes;
        assert_eq!((plain.modifiable, plain.copyable, plain.decrypt), (True, True, False));

        let objects = pkcs11_tool(hsm, &["--list-objects", "--type", "privkey"]);
        assert_eq!(
            objects.matches("sensitive, always sensitive, never extractable, local").count(),
            2,
            "{objects}"
        );
        assert_eq!(objects.matches("Usage:      sign\n").count(), 2, "{objects}");
    });
}

#[test]
fn a_label_that_is_taken_gets_no_second_key() {
    let hsm = SoftHsm::for_test("keys::a_label_that_is_taken_gets_no_second_key");
    hsm.process("make", |_| {
        let (mut token, _) = provisioned(&load(), "root");
        assert_eq!(token.labelled("root").unwrap(), 0);
        token.generate(KeyAlgorithm::EcdsaP256, "root", b"\x01").unwrap();
        assert_eq!(token.labelled("root").unwrap(), 2);
        let again = token.generate(KeyAlgorithm::EcdsaP384, "root", b"\x02");
        assert!(matches!(again, Err(Error::LabelTaken { count: 2, .. })));
        assert_eq!(token.labelled("root").unwrap(), 2);
    });
}

#[test]
fn a_key_that_is_missing_or_not_the_only_one_is_never_guessed() {
    let hsm = SoftHsm::for_test("keys::a_key_that_is_missing_or_not_the_only_one_is_never_guessed");
    let algorithm = KeyAlgorithm::EcdsaP256;
    hsm.process("make", |hsm| {
        let (mut token, serial) = provisioned(&load(), "root");
        let twin = token.generate(algorithm, "twin", b"\x01").unwrap();
        let copied = token.generate(algorithm, "copied", b"\x02").unwrap();
        let lone = token.generate(algorithm, "lone", b"\x03").unwrap();
        for (name, bytes) in [
            ("serial", serial.as_bytes()),
            ("twin", &twin.point),
            ("copied", &copied.point),
            ("lone", &lone.point),
        ] {
            std::fs::write(hsm.path(name), bytes).unwrap();
        }
    });
    hsm.process("spoil", |hsm| {
        // A second pair under the label and identifier of the first.
        pkcs11_tool(hsm, &["--keypairgen", "--key-type", "EC:prime256v1", "--label", "twin", "--id", "01"]);
        // A second public key object with the point of the first.
        let key = hsm.path("copied.der");
        let key = key.to_str().unwrap();
        pkcs11_tool(hsm, &["--read-object", "--type", "pubkey", "--label", "copied", "--output-file", key]);
        pkcs11_tool(hsm, &["--write-object", key, "--type", "pubkey", "--label", "other", "--id", "09"]);
    });
    hsm.process("ask", |hsm| {
        let read = |name: &str| std::fs::read(hsm.path(name)).unwrap();
        let address = serial(&String::from_utf8(read("serial")).unwrap());
        let mut token = load().open(&address, &profile("softhsm")).unwrap();
        token.login(&pin(USER)).unwrap();
        let key = |point: &[u8], label: &str| token.private_key(algorithm, point, label).map(|_| ());
        assert!(key(&read("lone"), "lone").is_ok());
        assert!(matches!(
            key(&read("twin"), "twin"),
            Err(Error::AmbiguousKey { half: KeyHalf::PrivateKey, count: 2, .. })
        ));
        assert!(matches!(
            key(&read("copied"), "copied"),
            Err(Error::AmbiguousKey { half: KeyHalf::PublicKey, count: 2, .. })
        ));
        // The point of one key, the label of another.
        assert!(matches!(key(&read("lone"), "copied"), Err(Error::NoKey { half: KeyHalf::PrivateKey, .. })));
        let mut unknown = read("lone");
        unknown[1] ^= 1;
        assert!(matches!(key(&unknown, "lone"), Err(Error::NoKey { half: KeyHalf::PublicKey, .. })));
        let other_curve = token.private_key(KeyAlgorithm::EcdsaP384, &read("lone"), "lone");
        assert!(matches!(other_curve, Err(Error::NoKey { half: KeyHalf::PublicKey, .. })));
    });
}

#[test]
fn a_digest_of_another_length_never_reaches_the_token() {
    let hsm = SoftHsm::for_test("keys::a_digest_of_another_length_never_reaches_the_token");
    let (module, log) = (SoftHsm::module(), hsm.path("spy.log"));
    hsm.process_with("sign", &[("PKCS11SPY", &module), ("PKCS11SPY_OUTPUT", &log)], |hsm| {
        let module = Module::load(&spy(), None).unwrap();
        let (mut token, _) = provisioned(&module, "root");
        for algorithm in BOTH {
            let label = algorithm.to_string();
            let made = token.generate(algorithm, &label, label.as_bytes()).unwrap();
            let key = token.private_key(algorithm, &made.point, &label).unwrap();
            let right = digest(algorithm).len();
            for length in [0, 20, 31, 32, 33, 47, 48, 49, 64, 100_000] {
                if length != right {
                    let refused = token.sign_digest(&key, algorithm, &vec![7; length]);
                    assert!(matches!(refused, Err(Error::DigestLength { found, .. }) if found == length));
                }
            }
            assert_eq!(calls(&hsm.path("spy.log"), "C_SignInit"), 0);
        }
    });
}
