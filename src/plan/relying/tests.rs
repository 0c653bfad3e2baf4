//! Each row rejects what it names, and lets a near-miss pass.

use super::*;
use crate::format::NameConstraints;

type Change = fn(&mut CertificateExtensions);
type Keys = (Option<KeyKind>, Option<KeyKind>);

const P256: Keys = (Some(KeyKind::P256), Some(KeyKind::P256));

fn constrained(said: &mut CertificateExtensions) -> &mut NameConstraints {
    let none =
        NameConstraints { critical: true, permitted: Subtrees::default(), excluded: Subtrees::default() };
    said.name_constraints.get_or_insert(none)
}

fn directory(said: &mut CertificateExtensions) -> &mut NameConstraints {
    let name = crate::pki::DistinguishedName::from_attributes(&[(
        crate::pki::AttributeKind::O,
        "Example".to_owned(),
    )]);
    let name = name.unwrap();
    let subject =
        crate::format::Subject { der: crate::format::Hex(name.der().to_vec()), text: name.to_string() };
    constrained(said).permitted.directory.push(subject);
    constrained(said)
}

fn nothing(_: &mut CertificateExtensions) {}

fn client_only(said: &mut CertificateExtensions) {
    said.extended_key_usage = vec![KeyPurpose::ClientAuth];
}

fn server_only(said: &mut CertificateExtensions) {
    said.extended_key_usage = vec![KeyPurpose::ServerAuth];
}

fn both(said: &mut CertificateExtensions) {
    said.extended_key_usage = vec![KeyPurpose::ServerAuth, KeyPurpose::ClientAuth];
}

fn uri(said: &mut CertificateExtensions) {
    constrained(said).excluded.uri.push(".example.org".parse().unwrap());
}

fn host(said: &mut CertificateExtensions) {
    constrained(said).permitted.dns.push("example.org".parse().unwrap());
}

fn address(said: &mut CertificateExtensions) {
    constrained(said).permitted.ip.push("10.0.0.0/8".parse().unwrap());
}

/// Row; profile, extensions and keys that it rejects; then those of its near-miss.
type Case = (&'static str, (Profile, Change, Keys), (Profile, Change, Keys));

const CASES: &[Case] = &[
    ("go-key-usage", (Profile::Intermediate, client_only, P256), (Profile::Intermediate, both, P256)),
    (
        "device-key-usage",
        (Profile::DeviceIssuing, server_only, P256),
        (Profile::DeviceIssuing, client_only, P256),
    ),
    ("uri-constraint-refused", (Profile::Intermediate, uri, P256), (Profile::Intermediate, host, P256)),
    ("uri-constraint-ignored", (Profile::IstioCacerts, uri, P256), (Profile::IstioCacerts, host, P256)),
    (
        "critical-directory-constraint",
        (Profile::Intermediate, |said| directory(said).critical = true, P256),
        (Profile::Intermediate, |said| directory(said).critical = false, P256),
    ),
    (
        "directory-constraint",
        (Profile::Intermediate, |said| directory(said).critical = false, P256),
        (Profile::Intermediate, address, P256),
    ),
    ("consul-dns-constraint", (Profile::Intermediate, host, P256), (Profile::Intermediate, address, P256)),
    ("cert-manager-cross", (Profile::Cross, nothing, P256), (Profile::CertManagerCa, nothing, P256)),
    (
        "linkerd-anchor-key",
        (Profile::Root, nothing, (Some(KeyKind::Rsa(3072)), Some(KeyKind::Rsa(3072)))),
        (Profile::Root, nothing, (Some(KeyKind::Rsa(4096)), Some(KeyKind::Rsa(4096)))),
    ),
    (
        "linkerd-issuer-signature",
        (Profile::LinkerdIssuer, nothing, (Some(KeyKind::P256), Some(KeyKind::P384))),
        (Profile::LinkerdIssuer, nothing, (Some(KeyKind::P256), Some(KeyKind::Rsa(2048)))),
    ),
    (
        "consul-algorithm-family",
        (Profile::Intermediate, nothing, (Some(KeyKind::Rsa(2048)), Some(KeyKind::P256))),
        (Profile::Intermediate, nothing, (Some(KeyKind::P384), Some(KeyKind::P256))),
    ),
    (
        "istio-key",
        (Profile::Intermediate, nothing, (Some(KeyKind::P521), Some(KeyKind::P256))),
        (Profile::Intermediate, nothing, (Some(KeyKind::P384), Some(KeyKind::P256))),
    ),
    (
        "ed25519",
        (Profile::Intermediate, nothing, (Some(KeyKind::Ed25519), Some(KeyKind::P256))),
        (Profile::Intermediate, nothing, (Some(KeyKind::P521), Some(KeyKind::P256))),
    ),
    (
        "aws-rsa-size",
        (Profile::AwsPcaSub, nothing, (Some(KeyKind::Rsa(8192)), Some(KeyKind::P256))),
        (Profile::AwsPcaSub, nothing, (Some(KeyKind::Rsa(3072)), Some(KeyKind::P256))),
    ),
];

fn rows(
    system: RelyingSystem,
    (profile, change, (key, signs)): (Profile, Change, Keys),
) -> Vec<&'static str> {
    let mut extensions = CertificateExtensions::default();
    change(&mut extensions);
    refused(system, &Facts { profile, extensions: &extensions, key, signs })
        .iter()
        .map(|row| row.id)
        .collect()
}

#[test]
fn each_row_rejects_its_case_for_each_of_its_systems_and_lets_a_near_miss_pass() {
    let ids: Vec<_> = ROWS.iter().map(|row| row.id).collect();
    assert_eq!(CASES.iter().map(|(id, ..)| *id).collect::<Vec<_>>(), ids);
    for (row, (id, rejected, passed)) in ROWS.iter().zip(CASES) {
        let met = row.systems.iter().filter(|system| concerns(**system, rejected.0));
        assert!(met.clone().count() > 0, "{id}");
        for system in met {
            assert!(rows(*system, *rejected).contains(id), "{id} {system}");
        }
        for system in row.systems {
            assert!(!rows(*system, *passed).contains(id), "{id} {system}");
        }
        let sentence = row.sentence(row.systems[0]);
        assert!(sentence.contains(row.reason) && sentence.contains(row.source), "{sentence}");
    }
}

#[test]
fn what_is_for_one_system_is_not_held_against_anothers_rules() {
    let devices = (Profile::DeviceIssuing, client_only as Change, P256);
    assert_eq!(rows(Istio, devices), Vec::<&str>::new());
    assert_eq!(rows(Go, devices), ["go-key-usage"]);
    let unknown = (Profile::Root, nothing as Change, (None, None));
    assert!(ROWS.iter().flat_map(|row| row.systems).all(|system| rows(*system, unknown).is_empty()));
}
