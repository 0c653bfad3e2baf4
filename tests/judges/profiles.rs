//! A certificate of every other profile with what it usually says, and roots that certify each other.

use rcgen::KeyPair;

use crate::docket::{Docket, Expected, Question};
use crate::estate::{BEFORE, DAY, ROOT, authority, ceremony, issue_crl, sign};
use crate::lab::{Lab, TWO_OFFICERS};

/// Name, profile, what its step says beside. A leaf with a host name and a SPIFFE ID of the lab stands below each.
#[rustfmt::skip]
pub(crate) const PROFILES: [(&str, &str, &str); 13] = [
    ("devices", "device-issuing", "extended-key-usage = [\"client-auth\"]"),
    ("gateway", "gateway-mtls", "extended-key-usage = [\"server-auth\", \"client-auth\"]\n\
        name-constraints = { permitted = { dns = [\"lab.example.org\"] }, excluded = { ip = [\"0.0.0.0/0\", \"::/0\"] } }"),
    ("spire", "spire-upstream-disk", "spiffe-id = \"spiffe://lab.example.org\""),
    ("vault", "vault-issuing", "crl-distribution-points = [\"http://pki.example.org/root.crl\"]\n\
        authority-information-access = [\"http://pki.example.org/root.cer\"]"),
    ("vault-subca", "vault-subca", "name-constraints = { permitted = { dns = [\"example.org\"], ip = [\"10.0.0.0/8\"] } }"),
    ("cert-manager", "cert-manager-ca", "policies = [\"1.3.6.1.4.1.32473.1\"]"),
    ("istio", "istio-cacerts", "name-constraints = { permitted = { uri = [\"lab.example.org\"] } }"),
    ("linkerd", "linkerd-issuer", ""),
    ("consul-connect", "consul-connect-root", "spiffe-id = \"spiffe://7f42b5c1-0a63-4d4e-9a0b-3c7e7a2f9d10.consul\""),
    ("consul-vault", "consul-vault-root", ""),
    ("step", "step-ca", "extended-key-usage = [\"server-auth\", \"client-auth\"]"),
    ("cfssl", "cfssl", ""),
    ("aws", "aws-pca-sub", "name-constraints = { critical = false, permitted = { directory = [[{ CN = \"workload\" }], [{ O = \"Example\" }]] } }"),
];

/// A second root, the first one under it and it under the first one, and an intermediate of its own.
pub(crate) fn cross(lab: &Lab, newer: &KeyPair) {
    let certified = |id: &str, issuer: &str, certificate: &str| {
        format!(
            "\n[[step]]\nid = \"{id}\"\ndo = \"cross-sign\"\nissuer = \"{issuer}\"\ncertificate = \"{certificate}\"\n\
             validity = {{ from = 2026-01-01T00:00:00Z, to = 2035-12-31T23:59:59Z }}\n"
        )
    };
    let steps = [
        "\n[[step]]\nid = \"key-g2\"\ndo = \"generate-key\"\ntoken = \"primary\"\nalgorithm = \"ecdsa-p256\"\n\
         label = \"lab-root-g2\"\nbackup = \"none\"\n\n[[step]]\nid = \"root-g2\"\ndo = \"self-sign\"\nkey = \"key-g2\"\n\
         profile = \"root\"\nsubject = [{ O = \"Example\" }, { OU = \"lab\" }, { CN = \"lab.example.org root G2\" }]\n\
         validity = { from = 2026-01-01T00:00:00Z, to = 2045-12-31T23:59:59Z }\n"
            .to_owned(),
        certified("new-with-old", "ledger:root", "root-g2"),
        certified("old-with-new", "root-g2", "ledger:root"),
        sign(lab, "newer", newer, "root-g2", "profile = \"intermediate\"\npath-length = 0"),
        issue_crl("ledger:root", "2026-04-15T00:00:00Z", "2027-04-15T00:00:00Z"),
        issue_crl("root-g2", "2026-04-15T00:00:00Z", "2027-04-15T00:00:00Z"),
    ];
    lab.write("ceremonies/crossing.toml", &ceremony("crossing", &steps.concat()));
    lab.hold("crossing", "hsm.toml", &TWO_OFFICERS).ends(0, "complete and sealed");
}

/// A leaf below an intermediate of that name. Linkerd's constrains itself to Linkerd's names.
pub(crate) fn leaf(docket: &mut Docket, name: &str, key: KeyPair) {
    let issuer = format!("chains.0002-issuing.{name}.pem");
    let own = authority(docket, &issuer, key);
    let crl = docket.keep(&format!("{name}.crl.pem"), &own.crl());
    let mut ask = |place: &str, file: &str, text: &str, expected| {
        let certificate = docket.keep(&format!("{name}.{file}.pem"), text);
        let (above, crls) = (vec![issuer.clone()], vec![crl.clone(), BEFORE.to_owned()]);
        let anchor = ROOT.to_owned();
        let question = Question::Path { to_leaf: true, at: DAY, anchor, certificate, above, crls };
        docket.add(&format!("{place} {name}"), &format!("{place} {name}"), expected, question);
    };
    let leaf = if name == "linkerd" {
        ask("a leaf of another name below", "stranger", &own.leaf(), Expected::Refused);
        own.leaf_called("workload.identity.linkerd.lab.example.org")
    } else {
        own.leaf()
    };
    ask("a leaf below", "leaf", &leaf, Expected::Good);
}

/// Leaves of each root's intermediates for those who trust the other root alone.
pub(crate) fn across(docket: &mut Docket, newer: KeyPair) {
    let made = |id: &str| format!("chains.0004-crossing.{id}.pem");
    let own = authority(docket, &made("newer"), newer);
    let leaf = docket.keep("newer.leaf.pem", &own.leaf());
    let crl = docket.keep("newer.crl.pem", &own.crl());
    let of_g2 = made("crl-of-root-g2");
    let old = |file: &str| format!("open.{file}.pem");
    for (place, anchor, certificate, above, crls) in [
        (
            "an old leaf under the new root",
            made("root-g2"),
            old("leaf"),
            vec!["chains.0002-issuing.open.pem".to_owned(), made("old-with-new")],
            vec![old("crl"), BEFORE.to_owned(), of_g2.clone()],
        ),
        (
            "a new leaf under the old root",
            ROOT.to_owned(),
            leaf,
            vec![made("newer"), made("new-with-old")],
            vec![crl, of_g2, made("crl")],
        ),
    ] {
        let question = Question::Path { to_leaf: true, at: DAY, anchor, certificate, above, crls };
        docket.add(place, place, Expected::Good, question);
    }
}
