//! Which module is loaded, and which token an address means.

use std::path::Path;

use anchorite::format::{Digest, TokenAddress};
use anchorite::token::{Error, Module};

use super::set_up::{change_flags, load, made_by_softhsm, profile, provisioned, serial};
use super::softhsm::SoftHsm;

#[test]
fn a_module_that_was_not_reviewed_is_not_loaded() {
    let hsm = SoftHsm::for_test("modules::a_module_that_was_not_reviewed_is_not_loaded");
    hsm.process("load", |_| {
        let path = SoftHsm::module();
        let mapped = || std::fs::read_to_string("/proc/self/maps").unwrap();
        let wanted = Digest::of(b"reviewed");
        let found = Digest::of(&std::fs::read(&path).unwrap());
        match Module::load(&path, Some(&wanted)) {
            Err(Error::ModuleDigest { path: named, expected, found: has }) => {
                assert_eq!((named, expected, has), (path.clone(), wanted, found));
            }
            other => panic!("{:?}", other.err()),
        }
        assert!(!mapped().contains("pkcs11-module") && !mapped().contains("libsofthsm2"));
        let _module = Module::load(&path, Some(&found)).unwrap();
        // The sealed copy is what is mapped, not the file.
        assert!(mapped().contains("memfd:pkcs11-module") && !mapped().contains("libsofthsm2"));
    });
}

#[test]
fn a_file_that_is_no_module_is_refused_with_its_path() {
    for (path, is_meant) in [
        ("/nonexistent/module.so", (|e| matches!(e, Error::ModuleFile { .. })) as fn(&Error) -> bool),
        ("/proc/self/environ", |e| matches!(e, Error::ModuleLoad { .. })),
        ("/proc/self/exe", |e| matches!(e, Error::ModuleLoad { .. })),
    ] {
        let error = Module::load(Path::new(path), None).map(|_| ()).unwrap_err();
        assert!(is_meant(&error) && error.to_string().contains(path), "{error}");
        assert!(!error.to_string().contains("/proc/self/fd"), "{error}");
    }
}

#[test]
fn a_process_has_one_module_at_a_time() {
    let hsm = SoftHsm::for_test("modules::a_process_has_one_module_at_a_time");
    hsm.process("load", |_| {
        let module = load();
        assert!(matches!(Module::load(&SoftHsm::module(), None), Err(Error::SecondModule)));
        let (token, serial_number) = provisioned(&module, "root");
        drop(module);
        // An open token keeps the module.
        assert!(matches!(Module::load(&SoftHsm::module(), None), Err(Error::SecondModule)));
        assert!(token.random(1).is_ok());
        drop(token);
        assert!(load().open(&serial(&serial_number), &profile("softhsm")).is_ok());
    });
}

#[test]
fn a_serial_that_no_token_has_names_the_tokens_that_are_there() {
    let hsm = SoftHsm::for_test("modules::a_serial_that_no_token_has_names_the_tokens_that_are_there");
    hsm.process("open", |hsm| {
        made_by_softhsm(hsm, "other");
        let error = load().open(&serial("0123456789abcdef"), &profile("softhsm")).map(|_| ()).unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("0123456789abcdef") && text.contains("`other`") && text.contains("blank"),
            "{text}"
        );
        assert!(matches!(error, Error::NoToken { candidates, .. } if candidates.len() == 2));
    });
}

#[test]
fn two_blank_tokens_are_no_choice() {
    let hsm = SoftHsm::for_test("modules::two_blank_tokens_are_no_choice");
    hsm.process("open", |hsm| {
        made_by_softhsm(hsm, "other");
        change_flags(hsm, 0, 0x400);
        let refused = load().open(&TokenAddress::Blank, &profile("softhsm"));
        assert!(matches!(refused, Err(Error::Ambiguous { count: 2, .. })));
    });
}

#[test]
fn tokens_of_one_label_are_told_apart_by_their_serials() {
    let hsm = SoftHsm::for_test("modules::tokens_of_one_label_are_told_apart_by_their_serials");
    hsm.process("open", |hsm| {
        made_by_softhsm(hsm, "twin");
        made_by_softhsm(hsm, "twin");
        let module = load();
        let twins: Vec<_> = module.tokens().unwrap().into_iter().filter(|token| token.initialised).collect();
        assert_eq!(twins.len(), 2);
        assert_eq!(twins[0].label, twins[1].label);
        for twin in &twins {
            let token = module.open(&serial(&twin.serial), &profile("softhsm")).unwrap();
            assert_eq!(token.describe().unwrap(), *twin);
        }
    });
}
