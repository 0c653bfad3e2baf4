//! What `plan` refuses: each rule that needs the roster, the inputs or the records is broken once, and named.

use std::collections::BTreeSet;

use anchorite::script::Code;

use crate::lab::{Lab, sha256};

const REASON: &str = "The fourth officer joins in January.";

const CEREMONY: &str = "ceremonies/sign-intermediates.toml";

/// Rule, the text of the second ceremony that is changed, and into what.
const CHANGED: [(&str, &str, &str); 10] = [
    ("P001", "authority = \"example-lab\"", "authority = \"another-lab\""),
    ("P001", "environment = \"lab\"", "environment = \"staging\""),
    ("P001", "trust-domain = \"lab.example.org\"", "trust-domain = \"other.example.org\""),
    ("P003", "issuer = \"ledger:root\"", "issuer = \"ledger:rot\""),
    ("P003", "issuer = \"ledger:root\"", "issuer = \"ledger:7/root\""),
    ("P003", "issuer = \"ledger:root\"", "issuer = \"ledger:root-key\""),
    ("P004", "id = \"istio\"", "id = \"root\""),
    ("P005", "inputs/istio.csr.pem", "inputs/none.csr.pem"),
    ("P008", "to = 2030-12-31T23:59:59Z", "to = 2049-12-31T23:59:59Z"),
    ("P008", "from = 2026-01-01T00:00:00Z, to = 2030", "from = 2025-01-01T00:00:00Z, to = 2030"),
];

#[test]
fn every_rule_of_the_plan_is_named_with_its_place_and_nothing_is_written() {
    let mut seen = BTreeSet::new();
    for (code, from, to) in CHANGED {
        let lab = Lab::after_genesis();
        lab.edit(CEREMONY, from, to);
        refused(&lab, code, &mut seen);
    }

    let lab = Lab::after_genesis();
    lab.write("ceremonies/inputs/istio.csr.pem", "another file\n");
    refused(&lab, "P006", &mut seen);

    let lab = Lab::after_genesis();
    let request = lab.read("ceremonies/inputs/istio.csr.pem");
    let no_request = "not a request\n";
    lab.edit(CEREMONY, &sha256(request.as_bytes()), &sha256(no_request.as_bytes()));
    lab.write("ceremonies/inputs/istio.csr.pem", no_request);
    refused(&lab, "P007", &mut seen);

    let lab = production();
    seen.insert("P002".to_owned());
    lab.plan("genesis").ends(1, "waiver of `few-spare-shares`");

    let genesis = lab.read("ceremonies/genesis.toml");
    let waived = |rule: &str| {
        let waiver =
            format!("[[waiver]]\nrule = \"{rule}\"\nreason = \"{REASON}\"\nuntil = 2027-01-31T00:00:00Z\n");
        lab.write("ceremonies/genesis.toml", &format!("{genesis}\n{waiver}"));
        lab.plan("genesis")
    };
    seen.insert("P011".to_owned());
    let shown = waived("witness-is-officer").ends(1, "error[P011]");
    assert!(shown.contains("error[P002]"), "{shown}");
    let shown = waived("few-spare-shares").done();
    let (before, after) =
        shown.split_once("WAIVED few-spare-shares until 2027-01-31T00:00:00Z: ").expect("shown");
    assert!(after.starts_with(REASON) && !before.contains("window"), "{shown}");
    let shown = lab
        .anchorite(
            "officer sign --plan plans/genesis --binding blank.toml --roster roster.toml --as officer-a \
             --output approvals --key custody/officer-a.key.pem \
             --passphrase-file custody/officer-a.passphrase --yes",
        )
        .done();
    assert!(shown.starts_with("WAIVED        few-spare-shares until 2027-01-31T00:00:00Z: "), "{shown}");

    let lab = Lab::after_genesis();
    lab.plan("sign-intermediates").done();
    lab.edit(CEREMONY, "id = \"vault\"", "id = \"vault-again\"");
    seen.insert("P009".to_owned());
    verify_plan(&lab).ends(1, "error[P009]");

    let lab = Lab::after_genesis();
    let confirmed = "\n[[step]]\nid = \"sure\"\ndo = \"confirm\"\nby = \"auditor\"\ntext = \"I saw it.\"\n";
    let read = "\n[[step]]\nid = \"clocks\"\ndo = \"clock\"\nreaders = 5\n";
    lab.write(CEREMONY, &(lab.read(CEREMONY) + confirmed + read));
    refused(&lab, "P012", &mut seen);
    let shown =
        lab.plan("sign-intermediates").ends(1, "it takes 1 to confirm as auditor, and the roster has 0");
    assert!(shown.contains("it takes 5 to read a clock, and the roster has 4"), "{shown}");

    // P010 stands for encoders that refuse what the rules before them let through: no file is known to reach it.
    let rules = Code::ALL.iter().map(|code| code.id()).filter(|id| id.starts_with('P') && *id != "P010");
    assert_eq!(seen, rules.map(str::to_owned).collect());
}

#[test]
fn a_plan_is_rebuilt_byte_for_byte_and_a_changed_one_is_not() {
    let lab = Lab::after_genesis();
    lab.plan("sign-intermediates").done();
    verify_plan(&lab).ends(0, "rebuilt byte for byte");
    lab.plan("sign-intermediates").ends(2, "exists already");

    lab.edit(CEREMONY, "path-length = 1", "path-length = 0");
    verify_plan(&lab).ends(1, "differs from byte");
    lab.edit(CEREMONY, "path-length = 0\nvalidity = { from = 2026-01-01T00:00:00Z, to = 2030-12-31T23:59:59Z }\n\n[[step]]\nid = \"crl\"", "path-length = 1\nvalidity = { from = 2026-01-01T00:00:00Z, to = 2030-12-31T23:59:59Z }\n\n[[step]]\nid = \"crl\"");
    verify_plan(&lab).done();
    lab.edit("plans/sign-intermediates/plan.json", "\"ordinal\":2", "\"ordinal\":3");
    verify_plan(&lab).ends(1, "differs from byte");
}

fn verify_plan(lab: &Lab) -> crate::lab::Ran {
    lab.anchorite(&format!(
        "plan {CEREMONY} --authority authority --roster roster.toml --output plans/sign-intermediates --verify"
    ))
}

#[track_caller]
fn refused(lab: &Lab, code: &str, seen: &mut BTreeSet<String>) {
    lab.plan("sign-intermediates").ends(1, &format!("error[{code}]"));
    assert!(!lab.path("plans/sign-intermediates").exists(), "{code}: a plan was written");
    seen.insert(code.to_owned());
}

/// A genesis for production, with the laboratory's roster of three holders, which has too few to spare.
fn production() -> Lab {
    let lab = Lab::blank();
    lab.edit("roster.toml", "environment = \"lab\"", "environment = \"production\"");
    let genesis = "ceremonies/genesis.toml";
    lab.edit(genesis, "environment = \"lab\"", "environment = \"production\"");
    lab.edit(
        genesis,
        "window = { from = 2026-01-01T00:00:00Z, to = 2036-01-01T00:00:00Z }",
        "window = { from = 2026-12-01T09:00:00Z, to = 2026-12-01T17:00:00Z }",
    );
    lab.edit(genesis, "from = 2026-01-01T00:00:00Z, to = 2045", "from = 2026-12-01T00:00:00Z, to = 2045");
    lab.edit(genesis, "this-update = 2026-01-01T00:00:00Z", "this-update = 2026-12-01T00:00:00Z");
    lab.edit(genesis, "next-update = 2026-12-31T23:59:59Z", "next-update = 2027-11-30T23:59:59Z");
    lab
}
