//! Each profile has a file that keeps it, and files that break it, each named with its place.

use crate::plan::room;
use crate::script::{Code, parse};

/// A ceremony with one root, and one certificate with these lines below it.
fn ceremony(profile: &str, lines: &str, more: &str) -> String {
    format!(
        r#"[ceremony]
title = "Genesis of the laboratory's root"
name = "genesis"
authority = "example-lab"
environment = "lab"
trust-domain = "lab.example.org"
window = {{ from = 2026-01-01T00:00:00Z, to = 2035-12-31T23:59:59Z }}
{more}
[[step]]
id = "certificate"
do = "sign-intermediate"
issuer = "ledger:root"
csr = {{ file = "inputs/issuing.csr", sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" }}
profile = "{profile}"
validity = {{ from = 2026-12-01T00:00:00Z, to = 2028-11-30T23:59:59Z }}
{lines}
"#
    )
}

fn mistakes(text: &str) -> Vec<(Code, String)> {
    let script = parse(text).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"));
    let found = room::check(&script);
    found.into_iter().map(|mistake| (mistake.code, text[mistake.span].to_owned())).collect()
}

const EVERYTHING: &str = r#"path-length = 2
extended-key-usage = ["server-auth", "client-auth"]
name-constraints = { permitted = { dns = ["example.org"], ip = ["10.0.0.0/8"], uri = ["example.org"], directory = [[{ O = "Example" }]] } }
policies = ["1.3.6.1.4.1.32473.1"]
crl-distribution-points = ["http://pki.example.org/root.crl"]
authority-information-access = ["http://pki.example.org/root.cer"]
spiffe-id = "spiffe://lab.example.org""#;

const CLUSTER: &str = r#"spiffe-id = "spiffe://11111111-2222-3333-4444-555555555555.consul""#;
const SERVER: &str = r#"extended-key-usage = ["server-auth", "client-auth"]"#;
const HOSTS: &str = r#"name-constraints = { permitted = { dns = ["example.org"], ip = ["10.0.0.0/8"] } }"#;
const URI: &str = r#"name-constraints = { excluded = { uri = ["example.org"] } }"#;
const CLIENT: &str = r#"extended-key-usage = ["client-auth"]"#;
const OWN_ID: &str = r#"spiffe-id = "spiffe://lab.example.org""#;

/// A profile, keys of a step that keep it, and keys that break it with the value that is to blame.
type Case = (&'static str, Vec<String>, Vec<(String, &'static str)>);

fn profiles() -> Vec<Case> {
    let of = |lines: &[&str]| lines.join("\n");
    let zero = "path-length = 0";
    let one = "path-length = 1";
    let issuing = vec![
        (of(&[CLIENT]), r#"["client-auth"]"#),
        (of(&[URI]), r#"{ excluded = { uri = ["example.org"] } }"#),
        (of(&[OWN_ID]), r#""spiffe://lab.example.org""#),
    ];
    let leaf_only = [issuing.clone(), vec![(of(&[one]), "1")]].concat();
    let above = [issuing.clone(), vec![(of(&[zero]), "0")]].concat();
    let path = (of(&[r#"spiffe-id = "spiffe://lab.example.org/ca""#]), r#""spiffe://lab.example.org/ca""#);
    let other = (of(&[r#"spiffe-id = "spiffe://other.example.org""#]), r#""spiffe://other.example.org""#);
    vec![
        ("intermediate", vec![of(&[]), of(&[EVERYTHING])], vec![path.clone(), other.clone()]),
        (
            "device-issuing",
            vec![of(&[]), of(&[CLIENT, URI])],
            vec![(of(&[r#"extended-key-usage = ["server-auth"]"#]), r#"["server-auth"]"#), (of(&[one]), "1")],
        ),
        ("gateway-mtls", vec![of(&[]), of(&[SERVER, HOSTS])], leaf_only.clone()),
        (
            "spire-upstream-disk",
            vec![of(&[]), of(&[one, OWN_ID, SERVER]), of(&["path-length = 2", URI])],
            vec![(of(&[zero]), "0"), (of(&[CLIENT]), r#"["client-auth"]"#), path, other],
        ),
        ("vault-issuing", vec![of(&[]), of(&[zero, SERVER, HOSTS])], leaf_only.clone()),
        ("vault-subca", vec![of(&[]), of(&[one, HOSTS])], above.clone()),
        ("cert-manager-ca", vec![of(&[]), of(&[one, HOSTS])], issuing.clone()),
        ("istio-cacerts", vec![of(&[]), of(&[URI])], vec![issuing[0].clone(), issuing[2].clone()]),
        ("linkerd-issuer", vec![of(&[]), of(&[SERVER, HOSTS])], leaf_only),
        (
            "consul-connect-root",
            vec![of(&[CLUSTER]), of(&[CLUSTER, "path-length = 2", URI])],
            vec![
                (of(&[]), r#""consul-connect-root""#),
                (of(&[OWN_ID]), r#""spiffe://lab.example.org""#),
                (
                    of(&[r#"spiffe-id = "spiffe://1111111-12222-3333-4444-555555555555.consul""#]),
                    r#""spiffe://1111111-12222-3333-4444-555555555555.consul""#,
                ),
                (of(&[CLUSTER, zero]), "0"),
                (of(&[CLUSTER, HOSTS]), r#"{ permitted = { dns = ["example.org"], ip = ["10.0.0.0/8"] } }"#),
            ],
        ),
        (
            "consul-vault-root",
            vec![of(&[]), of(&[URI])],
            vec![
                (of(&[zero]), "0"),
                (of(&[HOSTS]), r#"{ permitted = { dns = ["example.org"], ip = ["10.0.0.0/8"] } }"#),
            ],
        ),
        ("step-ca", vec![of(&[]), of(&[one, HOSTS])], issuing.clone()),
        ("cfssl", vec![of(&[]), of(&[HOSTS])], issuing.clone()),
        (
            "aws-pca-sub",
            vec![of(&[]), of(&[CLIENT, URI])],
            vec![
                (of(&[OWN_ID]), r#""spiffe://lab.example.org""#),
                (of(&[r#"subject = [{ CN = "x" }]"#]), r#"[{ CN = "x" }]"#),
            ],
        ),
    ]
}

#[test]
fn each_profile_takes_what_keeps_it_and_names_what_breaks_it() {
    for (profile, good, bad) in profiles() {
        for lines in good {
            assert_eq!(mistakes(&ceremony(profile, &lines, "")), [], "{profile}\n{lines}");
        }
        for (lines, place) in bad {
            let found = mistakes(&ceremony(profile, &lines, ""));
            assert_eq!(found, [(Code::ProfileMismatch, place.to_owned())], "{profile}\n{lines}");
        }
    }
}

#[test]
fn a_cross_certificate_is_held_against_its_profile_and_against_who_relies_on_it() {
    let cross = |lines: &str, relying: &str| {
        let text = ceremony("intermediate", lines, relying);
        let (head, step) = text.split_once("do = \"sign-intermediate\"").unwrap();
        let (_, validity) = step.split_once("profile = \"intermediate\"").unwrap();
        format!(
            "{head}do = \"cross-sign\"\nissuer = \"ledger:root\"\ncertificate = \"ledger:root-2\"{validity}"
        )
    };
    for (lines, relying, expected) in [
        ("", "", None),
        ("", "relying = [\"istio\", \"rustls\"]", None),
        (URI, "relying = [\"istio\"]", None),
        ("", "relying = [\"cert-manager\"]", Some((Code::RelyingRefusal, "\"certificate\""))),
        (
            URI,
            "relying = [\"rustls\"]",
            Some((Code::RelyingRefusal, "{ excluded = { uri = [\"example.org\"] } }")),
        ),
        (CLIENT, "relying = [\"go\"]", Some((Code::RelyingRefusal, "[\"client-auth\"]"))),
        (
            "spiffe-id = \"spiffe://other.example.org\"",
            "",
            Some((Code::ProfileMismatch, "\"spiffe://other.example.org\"")),
        ),
    ] {
        let expected: Vec<_> = expected.into_iter().map(|(code, place)| (code, place.to_owned())).collect();
        assert_eq!(mistakes(&cross(lines, relying)), expected, "{lines} {relying}");
    }
}

#[test]
fn a_root_says_nothing_but_its_trust_domain() {
    let root = |lines: &str| {
        let text = ceremony("intermediate", "", "");
        let (head, _) = text.split_once("[[step]]").unwrap();
        format!(
            r#"{head}[[step]]
id = "root"
do = "self-sign"
key = "ledger:root-key"
profile = "root"
subject = [{{ CN = "Lab Root G1" }}]
validity = {{ from = 2026-12-01T00:00:00Z, to = 2036-11-30T23:59:59Z }}
{lines}
"#
        )
    };
    for lines in ["", "path-length = 2", OWN_ID] {
        assert_eq!(mistakes(&root(lines)), [], "{lines}");
    }
    for line in
        EVERYTHING.lines().filter(|line| !line.starts_with("path-length") && !line.starts_with("spiffe"))
    {
        let value = line.split_once(" = ").unwrap().1.to_owned();
        assert_eq!(mistakes(&root(line)), [(Code::ProfileMismatch, value)], "{line}");
    }
}

#[test]
fn what_a_relying_system_would_reject_is_refused_where_it_is_written() {
    let linkerd = "relying = [\"linkerd\"]";
    let found = mistakes(&ceremony("intermediate", URI, linkerd));
    assert_eq!(found, [(Code::RelyingRefusal, r#"{ excluded = { uri = ["example.org"] } }"#.to_owned())]);
    assert_eq!(mistakes(&ceremony("intermediate", URI, "relying = [\"go\", \"openssl\", \"java\"]")), []);
    assert_eq!(mistakes(&ceremony("istio-cacerts", URI, linkerd)), []);
    let text = ceremony("intermediate", CLIENT, "relying = [\"spire\"]");
    let found = room::check(&parse(&text).unwrap()).remove(0);
    assert!(
        found.message.contains("`spire` would reject this")
            && found.message.contains("VerifyOptions.KeyUsages")
    );
}
