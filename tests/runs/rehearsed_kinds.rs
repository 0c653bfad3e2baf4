//! Every kind of ceremony can be rehearsed: what it takes from earlier ones has a stand-in, and it comes to its end.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::change_roster::d_for_c;
use crate::lab::{Lab, TWO_OFFICERS, sha256};
use crate::rehearsal::Rehearsal;
use crate::reshare::{ceremony, lab_with_sheets_by_epoch};

const REVOCATION: &str = "[[step]]\nid = \"gone\"\ndo = \"revoke\"\nissuer = \"ledger:root\"\ncertificate = \"ledger:istio\"\n\
    reason = \"superseded\"\nat = 2026-03-01T00:00:00Z\n\n\
    [[step]]\nid = \"list\"\ndo = \"issue-crl\"\nissuer = \"ledger:root\"\n\
    this-update = 2026-03-01T00:00:00Z\nnext-update = 2027-02-28T23:59:59Z\n";

const NEW_ROOT: &str = "[[step]]\nid = \"new-key\"\ndo = \"generate-key\"\ntoken = \"primary\"\nlabel = \"lab-root-g2\"\n\
    algorithm = \"ecdsa-p256\"\nbackup = \"none\"\n\n\
    [[step]]\nid = \"new-root\"\ndo = \"self-sign\"\nkey = \"new-key\"\n\
    subject = [{ O = \"Example\" }, { CN = \"lab.example.org root G2\" }]\nprofile = \"root\"\n\
    validity = { from = 2026-12-01T00:00:00Z, to = 2046-11-30T23:59:59Z }\n\n\
    [[step]]\nid = \"new-with-old\"\ndo = \"cross-sign\"\nissuer = \"ledger:root\"\ncertificate = \"new-root\"\n\
    validity = { from = 2026-12-01T00:00:00Z, to = 2045-12-31T23:59:59Z }\n\n\
    [[step]]\nid = \"old-with-new\"\ndo = \"cross-sign\"\nissuer = \"new-root\"\ncertificate = \"ledger:root\"\n\
    validity = { from = 2026-01-01T00:00:00Z, to = 2045-12-31T23:59:59Z }\n\n\
    [[step]]\nid = \"destroyed\"\ndo = \"destroy-key\"\nkey = \"ledger:root-key\"\n";

/// Derives the rehearsal of a ceremony that is planned, and holds it.
fn is_rehearsed(lab: &Lab, name: &str, drill: &str) {
    let before = lab.consequences();
    let (rehearsal, derived) = Rehearsal::derive(lab, name, "hsm.toml", &[drill]);
    derived.done();
    is_held(lab, &rehearsal, name, &before);
}

/// Holds a rehearsal, verifies it, and sees that of the ceremony nothing was touched.
fn is_held(lab: &Lab, rehearsal: &Rehearsal<'_>, name: &str, before: &BTreeMap<PathBuf, Vec<u8>>) {
    rehearsal.approve(2, &TWO_OFFICERS);
    rehearsal.run(2).ends(0, "complete and sealed");
    let verdict = rehearsal.verify(&format!("0002-{name}")).ends(0, "VERDICT  PASS");
    assert!(verdict.contains("1 drills passed"), "{name}: {verdict}");
    assert_eq!(lab.consequences(), *before, "{name}: the ceremony's token and authority are untouched");
}

#[test]
fn a_revocation_is_rehearsed_with_a_certificate_that_stands_in() {
    let lab = Lab::after_genesis();
    lab.hold("sign-intermediates", "hsm.toml", &TWO_OFFICERS).done();
    ceremony(&lab, "revocation", REVOCATION);
    lab.plan("revocation").done();
    is_rehearsed(&lab, "revocation", "wrong-word");
}

#[test]
fn new_roots_and_the_end_of_old_keys_are_rehearsed() {
    let lab = Lab::after_genesis();
    ceremony(&lab, "new-root", NEW_ROOT);
    lab.plan("new-root").done();
    is_rehearsed(&lab, "new-root", "wrong-word");
}

#[test]
fn new_shares_are_rehearsed() {
    let lab = lab_with_sheets_by_epoch();
    lab.plan("reshare").done();
    is_rehearsed(&lab, "reshare", "wrong-word");
}

#[test]
fn an_inspection_is_rehearsed() {
    let lab = Lab::after_genesis();
    lab.plan("inspection").done();
    let before = lab.consequences();
    let (rehearsal, derived) = Rehearsal::derive(&lab, "inspection", "hsm.toml", &["exception@clocks"]);
    derived.done();
    // What people have on paper in the rehearsal, and what its device gave.
    let answers = lab.read("ceremonies/answers.toml");
    let (_, papers) = answers.split_once("# What is read").unwrap();
    let answers = format!("{}\n# {papers}", lab.read("rehearsal/answers.toml"));
    lab.write("rehearsal/answers.toml", &answers);
    let first =
        std::fs::read_dir(lab.path("rehearsal/authority")).unwrap().map(|entry| entry.unwrap().file_name());
    let stand_in =
        first.map(|name| name.into_string().unwrap()).find(|name| name.starts_with("0001-")).unwrap();
    let plan = sha256(lab.read("rehearsal/2/plan/plan.json").as_bytes());
    for (name, digest) in [("plan", plan), ("head", rehearsal.head(&stand_in))] {
        lab.write(&format!("rehearsal/custody/{name}.digest"), &format!("{digest}\n"));
    }
    std::fs::create_dir_all(lab.path("rehearsal/2/exchange")).unwrap();
    lab.write("rehearsal/2/exchange/slots.txt", "Slot 0: primary\n");
    is_held(&lab, &rehearsal, "inspection", &before);
}

#[test]
fn people_who_come_and_go_are_rehearsed_with_keys_of_their_own() {
    let lab = lab_with_sheets_by_epoch();
    d_for_c(&lab);
    let before = lab.consequences();
    let (rehearsal, derived) = Rehearsal::derive(&lab, "people", "hsm.toml", &["wrong-word@shares"]);
    derived.done();
    rehearsal.approve(2, &["officer-d"]);
    is_held(&lab, &rehearsal, "people", &before);
}
