//! Initialising, PINs and logins.

use std::path::Path;

use anchorite::format::{KeyAlgorithm, KeyHalf, PinOwner, PinState, TokenAddress};
use anchorite::token::{Category, Error, Module};

use super::set_up::{
    SO, USER, calls, change_flags, load, made_by_softhsm, pin, profile, provisioned, serial, spy,
};
use super::softhsm::SoftHsm;

#[test]
fn an_initialised_token_is_not_initialised_again() {
    let hsm = SoftHsm::for_test("logins::an_initialised_token_is_not_initialised_again");
    hsm.process("initialise", |_| {
        let module = load();
        let (mut token, serial_number) = provisioned(&module, "root");
        token.generate(KeyAlgorithm::EcdsaP256, "root", b"id").unwrap();
        let again = token.initialise(&pin(SO), "new");
        assert!(matches!(&again, Err(Error::NotBlank { serial, label }) if *serial == serial_number && label == "root"));
        drop(token);
        let mut token = module.open(&serial(&serial_number), &profile("softhsm")).unwrap();
        assert!(matches!(token.initialise(&pin(SO), "new"), Err(Error::NotBlank { .. })));
        token.login(&pin(USER)).unwrap();
        assert_eq!(token.labelled("root").unwrap(), 2);
    });
}

#[test]
fn nothing_is_initialised_under_a_label_that_would_be_cut_or_against_the_profile() {
    let hsm = SoftHsm::for_test(
        "logins::nothing_is_initialised_under_a_label_that_would_be_cut_or_against_the_profile",
    );
    hsm.process("initialise", |_| {
        let module = load();
        let mut token = module.open(&TokenAddress::Blank, &profile("softhsm")).unwrap();
        for (label, length) in [("", 0), (&*"a".repeat(33), 33), (&*"\u{fc}".repeat(17), 34)] {
            let refused = token.initialise(&pin(SO), label);
            assert!(matches!(refused, Err(Error::Label { bytes }) if bytes == length));
        }
        drop(token);
        let mut forbidden = profile("softhsm");
        forbidden.initialise = false;
        let mut token = module.open(&TokenAddress::Blank, &forbidden).unwrap();
        assert!(matches!(token.initialise(&pin(SO), "root"), Err(Error::InitialiseForbidden { .. })));
        assert!(!token.describe().unwrap().initialised);
        drop(token);
        let mut token = module.open(&TokenAddress::Blank, &profile("softhsm")).unwrap();
        token.initialise(&pin(SO), &"a".repeat(32)).unwrap();
        assert_eq!(token.describe().unwrap().label, "a".repeat(32));
    });
}

#[test]
fn a_wrong_pin_costs_one_try_and_no_more() {
    let hsm = SoftHsm::for_test("logins::a_wrong_pin_costs_one_try_and_no_more");
    hsm.process("make", |hsm| made_by_softhsm(hsm, "root"));
    let (module, log) = (SoftHsm::module(), hsm.path("spy.log"));
    hsm.process_with("log-in", &[("PKCS11SPY", &module), ("PKCS11SPY_OUTPUT", &log)], |hsm| {
        let module = Module::load(&spy(), None).unwrap();
        let token = module.tokens().unwrap().into_iter().find(|token| token.initialised).unwrap();
        let mut token = module.open(&serial(&token.serial), &profile("softhsm")).unwrap();
        let error = token.login(&pin("wrong-pin")).unwrap_err();
        assert_eq!(error.rv().unwrap(), "CKR_PIN_INCORRECT");
        assert_eq!(error.category(), Some(Category::PinIncorrect));
        assert!(error.to_string().starts_with("C_Login answered CKR_PIN_INCORRECT"), "{error}");
        assert_eq!(calls(&hsm.path("spy.log"), "C_Login"), 1);
        assert_eq!(token.describe().unwrap().user_pin, PinState::CountLow);
        token.login(&pin(USER)).unwrap();
        assert_eq!(calls(&hsm.path("spy.log"), "C_Login"), 2);
        assert_eq!(token.describe().unwrap().user_pin, PinState::Ok);
        // Logged in through this token already: nothing is called.
        token.login(&pin(USER)).unwrap();
        assert_eq!(calls(&hsm.path("spy.log"), "C_Login"), 2);
    });
}

#[test]
fn the_final_try_and_a_locked_pin_are_not_tried() {
    let hsm = SoftHsm::for_test("logins::the_final_try_and_a_locked_pin_are_not_tried");
    hsm.process("make", |hsm| made_by_softhsm(hsm, "root"));
    let (module, log) = (SoftHsm::module(), hsm.path("spy.log"));
    let variables: [(&str, &Path); 2] = [("PKCS11SPY", &module), ("PKCS11SPY_OUTPUT", &log)];
    let cases: [(&str, u64, PinOwner, bool); 4] = [
        ("user-final", 0x2_0000, PinOwner::User, false),
        ("user-locked", 0x4_0000, PinOwner::User, true),
        ("so-final", 0x20_0000, PinOwner::SecurityOfficer, false),
        ("so-locked", 0x40_0000, PinOwner::SecurityOfficer, true),
    ];
    for (part, flag, owner, locked) in cases {
        hsm.process_with(part, &variables, |hsm| {
            change_flags(hsm, flag, 0x66_0000 & !flag);
            let module = Module::load(&spy(), None).unwrap();
            let token = module.tokens().unwrap().into_iter().find(|token| token.initialised).unwrap();
            let mut token = module.open(&serial(&token.serial), &profile("softhsm")).unwrap();
            let refused = match owner {
                PinOwner::User => token.login(&pin(USER)),
                PinOwner::SecurityOfficer => token.set_user_pin(&pin(SO), &pin(USER)),
            };
            match refused {
                Err(Error::Locked { owner: named }) => assert!(locked && named == owner),
                Err(Error::FinalTry { owner: named }) => assert!(!locked && named == owner),
                other => panic!("{other:?}"),
            }
            assert_eq!(calls(&hsm.path("spy.log"), "C_Login"), 0);
        });
    }
}

#[test]
fn a_login_that_is_not_this_tokens_own_is_an_error() {
    let hsm = SoftHsm::for_test("logins::a_login_that_is_not_this_tokens_own_is_an_error");
    hsm.process("log-in", |_| {
        let module = load();
        let (mut first, serial_number) = provisioned(&module, "root");
        let made = first.generate(KeyAlgorithm::EcdsaP256, "root", b"id").unwrap();
        let mut second = module.open(&serial(&serial_number), &profile("softhsm")).unwrap();
        let error = second.login(&pin(USER)).unwrap_err();
        assert_eq!(error.category(), Some(Category::AlreadyLoggedIn));
        assert_eq!(error.rv().unwrap(), "CKR_USER_ALREADY_LOGGED_IN");
        // Once the first is gone, its login is gone too: only the public half is to be seen.
        assert_eq!(second.labelled("root").unwrap(), 2);
        drop(first);
        assert_eq!(second.labelled("root").unwrap(), 1);
        let hidden = second.private_key(KeyAlgorithm::EcdsaP256, &made.point, "root");
        assert!(matches!(hidden, Err(Error::NoKey { half: KeyHalf::PrivateKey, .. })));
        second.login(&pin(USER)).unwrap();
        let key = second.private_key(KeyAlgorithm::EcdsaP256, &made.point, "root").unwrap();
        second.logout().unwrap();
        let error = second.sign_digest(&key, KeyAlgorithm::EcdsaP256, &[1; 32]).unwrap_err();
        assert!(matches!(error.category(), Some(Category::SessionGone | Category::NotLoggedIn)), "{error}");
        second.logout().unwrap();
    });
}

#[test]
fn a_token_without_the_login_or_the_pin_says_which_rule_it_broke() {
    let hsm = SoftHsm::for_test("logins::a_token_without_the_login_or_the_pin_says_which_rule_it_broke");
    hsm.process("ask", |_| {
        let module = load();
        let mut token = module.open(&TokenAddress::Blank, &profile("softhsm")).unwrap();
        token.initialise(&pin(SO), "root").unwrap();
        let no_pin = token.login(&pin(USER)).unwrap_err();
        assert_eq!(no_pin.rv().unwrap(), "CKR_USER_PIN_NOT_INITIALIZED");
        assert_eq!(no_pin.category(), Some(Category::PinRefused));
        let short = token.set_user_pin(&pin(SO), &pin("1")).unwrap_err();
        assert_eq!(
            (short.rv().unwrap().as_str(), short.category()),
            ("CKR_PIN_LEN_RANGE", Some(Category::PinRefused))
        );
        let wrong = token.set_user_pin(&pin("not the so pin"), &pin(USER)).unwrap_err();
        assert_eq!(wrong.category(), Some(Category::PinIncorrect));
        // Neither failure left the security officer logged in.
        token.set_user_pin(&pin(SO), &pin(USER)).unwrap();
        let no_login = token.generate(KeyAlgorithm::EcdsaP256, "root", b"id").unwrap_err();
        assert_eq!(no_login.rv().unwrap(), "CKR_USER_NOT_LOGGED_IN");
        assert_eq!(no_login.category(), Some(Category::NotLoggedIn));
    });
}
