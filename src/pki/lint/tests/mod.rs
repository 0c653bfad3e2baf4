//! Each rule catches its mutant, and lets a near-miss pass.

mod cases;
mod cross;
mod extensions;
mod lists;
mod public_trust;
mod requests;

use std::collections::BTreeSet;

use der::asn1::{Any, BitString, Int, ObjectIdentifier, OctetString, SetOfVec};
use der::{Encode, Tag};
use x509_cert::attr::{Attribute, AttributeTypeAndValue};

use super::*;
use crate::format::{CrlEntry, ReasonCode};
use crate::pki::structure::{
    CertificationRequestInfo, Extension, RevokedCertificate, TbsCertList, TbsCertificate,
};
use crate::pki::time::to_time;
use crate::pki::{SignatureAlgorithm, assemble, sample};

use cases::CASES;
use cross::CROSS_CASES;
use extensions::EXTENSION_CASES;
use lists::LIST_CASES;
use public_trust::PUBLIC_TRUST_CASES;
use requests::REQUEST_CASES;

type Judge = fn() -> Vec<Finding>;

/// Rule, a mutant that it catches, a near-miss that it lets pass, in the order of the rules.
fn all_cases() -> impl Iterator<Item = &'static (&'static str, Judge, Judge)> {
    [CASES, LIST_CASES, REQUEST_CASES, EXTENSION_CASES, CROSS_CASES, PUBLIC_TRUST_CASES].into_iter().flatten()
}

fn root_of(environment: Environment, tbs: &[u8]) -> Vec<Finding> {
    lint_certificate(tbs, &CertificateContext { issuer: None, profile: Profile::Root, environment })
}

fn root(change: fn(&mut TbsCertificate)) -> Vec<Finding> {
    root_of(Environment::Production, &changed(&sample::root_tbs(None), change))
}

fn below(issuer: &Certificate, change: fn(&mut TbsCertificate)) -> Vec<Finding> {
    let tbs = changed(&sample::intermediate_tbs(), change);
    let context = CertificateContext {
        issuer: Some(issuer),
        profile: Profile::Intermediate,
        environment: Environment::Production,
    };
    lint_certificate(&tbs, &context)
}

fn intermediate(change: fn(&mut TbsCertificate)) -> Vec<Finding> {
    below(&sample::root(None), change)
}

fn crl_of(issuer: &Certificate, previous: Option<u64>, environment: Environment, tbs: &[u8]) -> Vec<Finding> {
    lint_crl(tbs, &CrlContext { issuer, environment, previous_number: previous })
}

fn crl(change: fn(&mut TbsCertList)) -> Vec<Finding> {
    let entries = [sample::entry(2, ReasonCode::Superseded), sample::entry(3, ReasonCode::KeyCompromise)];
    let mut tbs = decode(Part::TbsCertList, &sample::crl_tbs(&entries)).unwrap();
    change(&mut tbs);
    crl_of(&sample::root(None), Some(6), Environment::Production, &tbs.to_der().unwrap())
}

fn changed(tbs: &[u8], change: fn(&mut TbsCertificate)) -> Vec<u8> {
    let mut tbs = decode(Part::TbsCertificate, tbs).unwrap();
    change(&mut tbs);
    tbs.to_der().unwrap()
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = bytes.windows(from.len()).position(|window| window == from).unwrap();
    [&bytes[..at], to, &bytes[at + from.len()..]].concat()
}

fn algorithm(algorithm: SignatureAlgorithm) -> Any {
    algorithm.to_any().unwrap()
}

fn any(der: &[u8]) -> Any {
    decode(Part::Name, der).unwrap()
}

fn time(text: &str) -> x509_cert::time::Time {
    to_time(Part::TbsCertificate, sample::instant(text)).unwrap()
}

fn generalized(text: &str) -> x509_cert::time::Time {
    let seconds = u64::try_from(sample::instant(text).unix_seconds()).unwrap();
    let since_epoch = std::time::Duration::from_secs(seconds);
    x509_cert::time::Time::GeneralTime(der::asn1::GeneralizedTime::from_unix_duration(since_epoch).unwrap())
}

/// A name of attributes given as (object identifier, string type, value), one list for each RDN.
fn name(rdns: &[&[(&str, Tag, &str)]]) -> Any {
    let rdns: Vec<SetOfVec<AttributeTypeAndValue>> = rdns
        .iter()
        .map(|rdn| {
            let attribute = |(oid, tag, value): &(&str, Tag, &str)| AttributeTypeAndValue {
                oid: ObjectIdentifier::new_unwrap(oid),
                value: Any::new(*tag, value.as_bytes()).unwrap(),
            };
            SetOfVec::from_iter(rdn.iter().map(attribute)).unwrap()
        })
        .collect();
    any(&rdns.to_der().unwrap())
}

const C: &str = "2.5.4.6";
const O: &str = "2.5.4.10";
const OU: &str = "2.5.4.11";
const CN: &str = "2.5.4.3";
const DC: &str = "0.9.2342.19200300.100.1.25";
const EMAIL: &str = "1.2.840.113549.1.9.1";
const UTF8: Tag = Tag::Utf8String;
const PRINTABLE: Tag = Tag::PrintableString;

const BASIC_CONSTRAINTS: usize = 0;
const KEY_USAGE: usize = 1;
const SUBJECT_KEY_IDENTIFIER: usize = 2;
const AUTHORITY_KEY_IDENTIFIER: usize = 3;

fn extensions(tbs: &mut TbsCertificate) -> &mut Vec<Extension> {
    tbs.extensions.as_mut().unwrap()
}

fn set(tbs: &mut TbsCertificate, which: usize, value: &[u8]) {
    extensions(tbs)[which].value = OctetString::new(value).unwrap();
}

fn extension(id: &str, critical: bool, value: &[u8]) -> Extension {
    Extension { id: ObjectIdentifier::new_unwrap(id), critical, value: OctetString::new(value).unwrap() }
}

fn revoked(tbs: &mut TbsCertList) -> &mut Vec<RevokedCertificate> {
    tbs.revoked.as_mut().unwrap()
}

fn request(change: fn(&mut CertificationRequestInfo)) -> Vec<Finding> {
    let mut info = CertificationRequestInfo {
        version: 0,
        subject: any(sample::name(&[("O", "Example"), ("CN", "Example Issuing")]).der()),
        public_key: any(sample::public_key(1).spki()),
        attributes: Some(SetOfVec::new()),
    };
    change(&mut info);
    lint_request(&sample::sign(1, &info.to_der().unwrap()))
}

/// extensionRequest (RFC 2985 5.4.2).
fn ask_for(info: &mut CertificationRequestInfo, extensions: Vec<Extension>) {
    let values = SetOfVec::try_from([any(&extensions.to_der().unwrap())]).unwrap();
    let oid = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.14");
    info.attributes = Some(SetOfVec::try_from([Attribute { oid, values }]).unwrap());
}

fn signed(der: &[u8], tbs: &[u8], key: u8) -> Vec<Finding> {
    lint_signed(ArtifactKind::Certificate, der, tbs, &sample::public_key(key))
}

#[test]
fn each_rule_catches_its_mutant_and_lets_a_near_miss_pass() {
    for (id, mutant, near_miss) in all_cases() {
        let finds = |judge: &Judge| judge().into_iter().filter(|finding| finding.rule.id == *id).count();
        assert_eq!(finds(mutant), 1, "{id}: {:?}", mutant());
        assert_eq!(finds(near_miss), 0, "{id}: {:?}", near_miss());
    }
}

#[test]
fn each_rule_has_a_case_and_an_id_of_its_own() {
    let cases: Vec<&str> = all_cases().map(|(id, ..)| *id).collect();
    let rules: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(cases, rules);
    assert_eq!(rules.iter().collect::<BTreeSet<_>>().len(), rules.len());
}

/// K03, L13 and L14 compare with a file that only `anchorite lint` is given.
#[test]
fn officers_can_waive_every_warning_of_a_ceremony_and_nothing_else() {
    let warnings = RULES.iter().filter(|rule| {
        rule.severity == Severity::Warning
            && rule.pack == Pack::Private
            && !["K03", "L13", "L14"].contains(&rule.id)
    });
    let warnings: Vec<_> = warnings.map(|rule| rule.id).collect();
    let named = warnings.iter().filter_map(|id| serde_json::from_str(&format!("\"{id}\"")).ok());
    let named: Vec<crate::format::Rule> = named.collect();
    assert_eq!(named.iter().map(ToString::to_string).collect::<Vec<_>>(), warnings);
    for rule in RULES.iter().filter(|rule| !warnings.contains(&rule.id)) {
        assert!(
            serde_json::from_str::<crate::format::Rule>(&format!("\"{}\"", rule.id)).is_err(),
            "{}",
            rule.id
        );
    }
    for rule in named {
        assert_eq!(rule.broken_by(), crate::format::BrokenBy::Object, "{rule}");
        assert!(super::described(rule).starts_with(&format!("{rule} (")));
    }
}

#[test]
fn what_this_room_makes_breaks_no_rule() {
    assert_eq!(root(|_| {}), []);
    assert_eq!(intermediate(|_| {}), []);
    assert_eq!(crl(|_| {}), []);
    assert_eq!(request(|_| {}), []);
    let issuer = sample::root(None);
    assert_eq!(crl_of(&issuer, None, Environment::Production, &sample::crl_tbs(&[])), []);
    for (kind, tbs) in
        [(ArtifactKind::Certificate, sample::intermediate_tbs()), (ArtifactKind::Crl, sample::crl_tbs(&[]))]
    {
        assert_eq!(lint_signed(kind, &sample::sign(1, &tbs), &tbs, issuer.public_key()), []);
    }
}

#[test]
fn a_lab_may_last_as_short_or_long_as_it_likes() {
    let short = changed(&sample::root_tbs(None), |tbs| tbs.validity.not_after = time("2027-12-01T00:00:00Z"));
    assert_eq!(root_of(Environment::Lab, &short), []);
    assert_eq!(root_of(Environment::Staging, &short).len(), 1);
    let long: &[CrlEntry] = &[];
    let mut tbs: TbsCertList = decode(Part::TbsCertList, &sample::crl_tbs(long)).unwrap();
    tbs.next_update = Some(time("2040-01-01T00:00:00Z"));
    let (issuer, tbs) = (sample::root(None), tbs.to_der().unwrap());
    assert_eq!(crl_of(&issuer, None, Environment::Lab, &tbs), []);
    assert_eq!(crl_of(&issuer, None, Environment::Staging, &tbs).len(), 1);
}

#[test]
fn an_intermediate_without_its_issuer_is_refused() {
    let context =
        CertificateContext { issuer: None, profile: Profile::Intermediate, environment: Environment::Lab };
    let ids: Vec<&str> = lint_certificate(&sample::intermediate_tbs(), &context)
        .iter()
        .map(|finding| finding.rule.id)
        .collect();
    assert_eq!(ids, ["A10"]);
}

#[test]
fn findings_are_printable_whatever_was_found() {
    for (_, mutant, _) in all_cases() {
        for finding in mutant() {
            assert!(finding.to_string().bytes().all(|byte| matches!(byte, b' '..=b'~')), "{finding}");
        }
    }
}

#[test]
fn any_changed_bit_of_a_signed_object_is_noticed() {
    for (kind, tbs) in [
        (ArtifactKind::Certificate, sample::intermediate_tbs()),
        (ArtifactKind::Crl, sample::crl_tbs(&[sample::entry(2, ReasonCode::Superseded)])),
    ] {
        let der = sample::sign(1, &tbs);
        for bit in 0..der.len() * 8 {
            let mut changed = der.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let findings = lint_signed(kind, &changed, &tbs, &sample::public_key(1));
            assert!(!findings.is_empty(), "{kind}: bit {bit}");
        }
        for length in 0..der.len() {
            assert_eq!(
                lint_signed(kind, &der[..length], &tbs, &sample::public_key(1)).len(),
                1,
                "{kind}: {length}"
            );
        }
    }
}

#[test]
fn each_part_of_a_rule_counts() {
    let cases: [(&str, Vec<Finding>); 19] = [
        ("A02", crl(|tbs| tbs.signature = any(b"\x30\x09\x06\x07\x2a\x86\x48\xce\x3d\x04\x01"))),
        ("A03", root(|tbs| tbs.signature = algorithm(SignatureAlgorithm::EcdsaSha512))),
        ("A03", crl(|tbs| tbs.signature = algorithm(SignatureAlgorithm::Ed25519))),
        ("A04", crl(|tbs| tbs.issuer = name(&[&[(CN, UTF8, "Example Root G1")]]))),
        ("A05", crl(|tbs| tbs.this_update = generalized("2027-02-01T00:00:00Z"))),
        ("A05", crl(|tbs| revoked(tbs)[1].date = generalized("2027-01-01T00:00:00Z"))),
        (
            "A06",
            crl(|tbs| {
                let again = revoked(tbs)[0].extensions.as_ref().unwrap()[0].clone();
                revoked(tbs)[0].extensions.as_mut().unwrap().push(again);
            }),
        ),
        (
            "A07",
            crl(|tbs| tbs.extensions.as_mut().unwrap().push(extension("2.5.29.27", true, b"\x02\x01\x05"))),
        ),
        (
            "A07",
            crl(|tbs| {
                revoked(tbs)[0].extensions.as_mut().unwrap().push(extension("2.5.29.29", true, b"\x30\x00"));
            }),
        ),
        ("A08", intermediate(|tbs| drop(extensions(tbs).remove(AUTHORITY_KEY_IDENTIFIER)))),
        ("A08", root(|tbs| set(tbs, AUTHORITY_KEY_IDENTIFIER, b"\x30\x00"))),
        ("A10", {
            let issuer = changed(&sample::root_tbs(None), |tbs| set(tbs, KEY_USAGE, b"\x03\x02\x02\x04"));
            let issuer = Certificate::from_der(&sample::sign(1, &issuer)).unwrap();
            crl_of(&issuer, None, Environment::Production, &sample::crl_tbs(&[]))
        }),
        ("C05", root(|tbs| tbs.issuer_unique_id = Some(BitString::from_bytes(&[1]).unwrap()))),
        ("C07", root(|tbs| set(tbs, BASIC_CONSTRAINTS, b"\x30\x00"))),
        ("C08", root(|tbs| set(tbs, KEY_USAGE, b"\x03\x03\x01\x06\x00"))),
        ("C09", root(|tbs| set(tbs, SUBJECT_KEY_IDENTIFIER, b"\x04\x01\x07"))),
        ("L02", crl(|tbs| tbs.next_update = None)),
        ("L08", crl(|tbs| revoked(tbs)[0].extensions = None)),
        ("L09", crl(|tbs| drop(tbs.extensions.as_mut().unwrap().pop()))),
    ];
    for (id, findings) in cases {
        let ids: Vec<&str> = findings.iter().map(|finding| finding.rule.id).collect();
        assert_eq!(ids, [id], "{findings:?}");
    }
    for (which, id) in [(BASIC_CONSTRAINTS, "C07"), (KEY_USAGE, "C08"), (SUBJECT_KEY_IDENTIFIER, "C09")] {
        let mut tbs: TbsCertificate = decode(Part::TbsCertificate, &sample::root_tbs(None)).unwrap();
        set(&mut tbs, which, b"");
        let without_value = root_of(Environment::Lab, &tbs.to_der().unwrap());
        extensions(&mut tbs).remove(which);
        let without = root_of(Environment::Lab, &tbs.to_der().unwrap());
        for findings in [without_value, without] {
            assert!(
                findings.iter().all(|finding| finding.rule.id == id) && !findings.is_empty(),
                "{findings:?}"
            );
        }
    }
}
