//! `anchorite token list` and `inspect`, without a login.

use std::path::Path;
use std::process::Output;

use anchorite::format::{Binding, Digest};

use super::set_up::{calls, made_by_softhsm, serial, spy, succeeded};
use super::softhsm::SoftHsm;

#[test]
fn the_lines_that_list_prints_are_a_binding_that_finds_the_token() {
    let hsm = SoftHsm::for_test("cli::the_lines_that_list_prints_are_a_binding_that_finds_the_token");
    made_by_softhsm(&hsm, "root \u{1b}[31m");
    let module = SoftHsm::module();
    let module = module.to_str().unwrap();
    let listed = printed(&anchorite(&hsm, &["list", "--module", module]));
    assert!(listed.contains("software") && listed.contains(r"\u{1b}[31m"), "{listed}");
    assert!(!listed.contains('\u{1b}'), "{listed}");

    let (_, lines) = listed.split_once("For a binding\n").unwrap();
    let binding = Binding::parse(lines.as_bytes()).unwrap();
    assert_eq!(binding.module.sha256, Digest::of(&std::fs::read(module).unwrap()));
    assert_eq!(binding.tokens.len(), 2);
    let path = hsm.path("binding.toml");
    std::fs::write(&path, lines).unwrap();

    // The binding's variable counts, not the one in the caller's environment.
    let empty = SoftHsm::for_test("another");
    let path = path.to_str().unwrap();
    let inspected = printed(&anchorite(&empty, &["inspect", "--binding", path]));
    for expected in ["Token token-1", "the binding's", "CKM_ECDSA\n", "CKM_EC_KEY_PAIR_GEN", "4 to 255 bytes"]
    {
        assert!(inspected.contains(expected), "{expected}: {inspected}");
    }
    let json = printed(&anchorite(&empty, &["list", "--binding", path, "--format", "json"]));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let token = &json["tokens"][0];
    assert_eq!(serial(token["serial"].as_str().unwrap()), binding.tokens[0].address);
    assert_eq!((&token["software"], &token["user_pin"]), (&true.into(), &"ok".into()));
    assert_eq!(token["name"], "token-1");

    // Without it, the caller's is not there either.
    let without = lines.replace(&format!("SOFTHSM2_CONF = \"{}\"", hsm.configuration().display()), "");
    assert_ne!(without, lines);
    std::fs::write(path, without).unwrap();
    let blind = anchorite(&hsm, &["list", "--binding", path]);
    assert!(!String::from_utf8_lossy(&blind.stdout).contains("token-1"), "{blind:?}");
}

#[test]
fn a_binding_for_another_module_or_profile_is_refused_with_what_to_do() {
    let hsm = SoftHsm::for_test("cli::a_binding_for_another_module_or_profile_is_refused_with_what_to_do");
    let module = SoftHsm::module();
    let right = Digest::of(&std::fs::read(&module).unwrap()).to_string();
    let binding = |sha256: &str, profile: &str| {
        format!(
            "format = \"anchorite-binding/v1\"\n[module]\npath = \"{}\"\nsha256 = \"{sha256}\"\n[variables]\n\
             SOFTHSM2_CONF = \"{}\"\n[[token]]\nname = \"primary\"\nblank = true\nprofile = \"{profile}\"\n",
            module.display(),
            hsm.configuration().display()
        )
    };
    let path = hsm.path("binding.toml");
    for (text, code, says) in [
        (binding(&"0".repeat(64), "softhsm"), 3, "it was not loaded"),
        (binding(&right, "nobodys"), 2, "is no device profile"),
        ("nothing".to_owned(), 2, "binding"),
    ] {
        std::fs::write(&path, text).unwrap();
        let refused = anchorite(&hsm, &["inspect", "--binding", path.to_str().unwrap()]);
        let error = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(code), "{error}");
        assert!(error.contains(says) && error.contains("what to do:"), "{error}");
        assert!(refused.stdout.is_empty());
    }
}

#[test]
fn looking_at_a_token_logs_in_nowhere() {
    let hsm = SoftHsm::for_test("cli::looking_at_a_token_logs_in_nowhere");
    made_by_softhsm(&hsm, "root");
    let spied = spy();
    for arguments in [["list", "--module"], ["inspect", "--module"]] {
        let output = hsm
            .tool(Path::new(env!("CARGO_BIN_EXE_anchorite")))
            .arg("token")
            .args(arguments)
            .arg(&spied)
            .env("PKCS11SPY", SoftHsm::module())
            .env("PKCS11SPY_OUTPUT", hsm.path("spy.log"))
            .output()
            .unwrap();
        succeeded(&output);
    }
    assert_eq!(calls(&hsm.path("spy.log"), "C_Initialize"), 2);
    assert_eq!(calls(&hsm.path("spy.log"), "C_Finalize"), 2);
    for function in ["C_Login", "C_OpenSession", "C_InitToken"] {
        assert_eq!(calls(&hsm.path("spy.log"), function), 0, "{function}");
    }
}

fn anchorite(hsm: &SoftHsm, arguments: &[&str]) -> Output {
    hsm.tool(Path::new(env!("CARGO_BIN_EXE_anchorite"))).arg("token").args(arguments).output().unwrap()
}

fn printed(output: &Output) -> String {
    succeeded(output);
    String::from_utf8(output.stdout.clone()).unwrap()
}
