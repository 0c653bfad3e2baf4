use std::fs;
use std::process::Command;

use crate::ceremonies_held::{committed, keep_sheets_by_epoch, papers};
use crate::lab::{EVERYBODY, Lab, TWO_OFFICERS, ran, repository};

#[test]
fn every_ceremony_of_this_repository_runs_and_verifies_and_openssl_accepts_what_it_issues() {
    let lab = Lab::blank();
    let found = committed(&lab);
    assert!(found.len() >= 2 && found[0] == "genesis", "{found:?}");
    for (place, name) in found.iter().enumerate() {
        let (binding, people) =
            if place == 0 { ("blank.toml", &EVERYBODY[..]) } else { ("hsm.toml", &TWO_OFFICERS[..]) };
        lab.anchorite(&format!("check ceremonies/{name}.toml")).done();
        lab.plan(name).done();
        let again = format!(
            "plan --verify ceremonies/{name}.toml --authority authority --roster roster.toml --output plans/{name}"
        );
        lab.anchorite(&again).ends(0, "rebuilt byte for byte");
        lab.approve(name, binding, people);
        papers(&lab, name);
        lab.run(name, binding).ends(0, "complete and sealed");
        lab.verify().ends(0, "VERDICT  PASS");
        openssl_accepts_all(&lab);
        if place == 0 {
            lab.bind_by_serial();
            keep_sheets_by_epoch(&lab);
        }
    }
    assert_eq!(lab.bundles().len(), found.len());
}

/// Every certificate and CRL of the last ceremony, under the root of the first.
fn openssl_accepts_all(lab: &Lab) {
    let root = "authority/0001-genesis/artifacts/root.crt.pem";
    let artifacts = format!("authority/{}/artifacts", lab.bundles().pop().unwrap());
    let mut judged = 0;
    for entry in fs::read_dir(lab.path(&artifacts)).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let file = format!("{artifacts}/{name}");
        if name.ends_with(".crt.pem") {
            let arguments = ["verify", "-x509_strict", "-check_ss_sig", "-CAfile", root, &file];
            lab.tool("openssl", "openssl", &arguments).ends(0, ": OK");
        } else if name.ends_with(".crl.pem") {
            let arguments = ["crl", "-in", &file, "-CAfile", root, "-noout"];
            lab.tool("openssl", "openssl", &arguments).ends(0, "verify OK");
        } else {
            continue;
        }
        judged += 1;
    }
    let entries = fs::read_dir(lab.path(&artifacts)).unwrap();
    let signed = entries
        .filter(|entry| entry.as_ref().unwrap().file_name().into_string().unwrap().ends_with(".tbs.der"));
    assert!(judged >= signed.count(), "{artifacts}: openssl judges everything that was signed");
}

#[test]
fn the_demo_ends_well_and_leaves_what_the_readme_promises() {
    let place = tempfile::tempdir().unwrap();
    let demo = place.path().join("demo");
    let mut command = Command::new(repository("scripts/demo"));
    command.arg(&demo).env("ANCHORITE", env!("CARGO_BIN_EXE_anchorite"));
    let shown = ran(&mut command).ends(0, "VERDICT  PASS");
    assert!(!shown.to_lowercase().contains("not here yet"), "{shown}");
    for name in [
        "roster.toml",
        "head.txt",
        "hsm.toml",
        "authority/0001-genesis/log.jsonl",
        "authority/0001-genesis/artifacts/root.crt.pem",
        "authority/0001-genesis/artifacts/root.tbs.der",
        "authority/0001-genesis/artifacts/crl.crl.pem",
        "authority/0001-genesis/artifacts/crl.tbs.der",
        "authority/0002-sign-intermediates/log.jsonl",
        "authority/0002-sign-intermediates/artifacts/istio.crt.pem",
        "authority/0002-sign-intermediates/artifacts/istio.csr.pem",
        "authority/0002-sign-intermediates/artifacts/istio.tbs.der",
        "authority/0002-sign-intermediates/artifacts/vault.crt.pem",
        "authority/0002-sign-intermediates/artifacts/vault.csr.pem",
        "authority/0002-sign-intermediates/artifacts/crl.crl.pem",
        "custody/officer-a.key.pem",
        "custody/officer-a.sheet.txt",
        "custody/WARNING.txt",
    ] {
        assert!(demo.join(name).is_file(), "{name} is missing");
    }
    for entry in fs::read_dir(demo.join("custody")).unwrap() {
        let path = entry.unwrap().path();
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600, "{}", path.display());
    }
    let head = fs::read_to_string(demo.join("head.txt")).unwrap();
    let (authority, roster) = (demo.join("authority"), demo.join("roster.toml"));
    for (anchors, code) in [
        (vec![], 5),
        (vec!["--expect-head", head.trim()], 5),
        (vec!["--roster", roster.to_str().unwrap()], 5),
        (vec!["--roster", roster.to_str().unwrap(), "--expect-head", head.trim()], 0),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_anchorite"));
        ran(command.arg("verify").arg(&authority).args(anchors)).ends(code, "VERDICT");
    }
    let again = ran(Command::new(repository("scripts/demo")).arg(&demo));
    again.ends(1, "exists already");
}
