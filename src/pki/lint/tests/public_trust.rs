//! Rules that only public trust has, and when the rules hold.

use super::extensions::*;
use super::lists::{after, entries};
use super::*;
use crate::pki::DistinguishedName;

const ANY_PURPOSE: &[u8] = b"\x06\x04\x55\x1d\x25\x00";

/// Whose CA a cross-certificate is for.
#[derive(Clone, Copy)]
enum Whose {
    Own,
    Foreign,
}
use Whose::{Foreign, Own};

/// A cross-certificate with these purposes.
fn crossed(whose: Whose, purposes: &[&[u8]]) -> Vec<Finding> {
    let tbs = changed_with(&sample::intermediate_tbs(), |tbs| {
        if !purposes.is_empty() {
            with(tbs, EXT_KEY_USAGE, &tlv(0x30, purposes));
        }
        if let Foreign = whose {
            tbs.subject = name(&[&[(O, UTF8, "Partner")], &[(CN, UTF8, "Partner Root")]]);
        }
    });
    let issuer = sample::root(None);
    let environment = Environment::Production;
    let context = CertificateContext { issuer: Some(&issuer), profile: Profile::Cross, environment };
    judge_certificate(&tbs, &context).of(Pack::PublicTrust, None)
}

fn subject(attributes: &[(&str, &str)]) -> Vec<Finding> {
    let name: DistinguishedName = sample::name(attributes);
    judged(Pack::PublicTrust, |tbs| tbs.subject = any(name.der()))
}

fn root_until(not_after: &str) -> Vec<Finding> {
    let tbs = changed_with(&sample::root_tbs(None), |tbs| tbs.validity.not_after = time(not_after));
    let context = CertificateContext { issuer: None, profile: Profile::Root, environment: Environment::Lab };
    judge_certificate(&tbs, &context).of(Pack::PublicTrust, None)
}

fn crl_until(next_update: &str) -> Vec<Finding> {
    let mut tbs: TbsCertList = decode(Part::TbsCertList, &sample::crl_tbs(&[])).unwrap();
    tbs.next_update = Some(time(next_update));
    let issuer = sample::root(None);
    let context = CrlContext { issuer: &issuer, environment: Environment::Lab, previous_number: None };
    judge_crl(&tbs.to_der().unwrap(), &context).of(Pack::PublicTrust, None)
}

/// What BR 7.1.2.5.2 asks for, but for one.
fn complete_but(left_out: usize) -> Vec<Finding> {
    let mut all = vec![
        directory(&[("O", "Example")]),
        dns("example.org"),
        ip(&[10, 0, 0, 0, 255, 0, 0, 0]),
        ip(&[[0x20].as_slice(), &[0; 15], &[0xff], &[0; 15]].concat()),
    ];
    if left_out < all.len() {
        all.remove(left_out);
    }
    constrained(&permitted(&all))
}

/// Rule, a mutant that it catches, a near-miss that it lets pass.
pub(super) const PUBLIC_TRUST_CASES: &[(&str, Judge, Judge)] = &[
    (
        "T01",
        || subject(&[("C", "DE"), ("CN", "Example Issuing")]),
        || subject(&[("C", "DE"), ("O", "Example"), ("CN", "Example Issuing")]),
    ),
    (
        "T02",
        || subject(&[("O", "Example"), ("OU", "lab"), ("CN", "Example Issuing")]),
        || subject(&[("O", "Example"), ("CN", "Example OU")]),
    ),
    ("T03", || policies(&[OWN_POLICY]), || policies(&[OWN_POLICY, DOMAIN_VALIDATED])),
    (
        "T04",
        || judged(Pack::PublicTrust, |_| {}),
        || judged(Pack::PublicTrust, |tbs| with(tbs, POINTS, &points(&[point(&uri(CRL))]))),
    ),
    ("T05", || purposes(&[CLIENT_AUTH]), || purposes(&[CLIENT_AUTH, SERVER_AUTH])),
    (
        "T06",
        || judged(Pack::PublicTrust, |_| {}),
        || judged(Pack::PublicTrust, |tbs| with(tbs, ACCESS, &access(&[CRL]))),
    ),
    ("T07", || complete_but(3), || complete_but(4)),
    (
        "T08",
        || constrained(&permitted(&[uri("example.org")])),
        || constrained(&permitted(&[dns("example.org")])),
    ),
    ("T09", || root_until("2051-12-03T00:00:00Z"), || root_until("2051-12-01T00:00:00Z")),
    ("T10", || crl_until("2028-02-03T00:00:00Z"), || crl_until("2028-02-02T00:00:00Z")),
    ("T11", || crossed(Own, &[]), || crossed(Own, &[ANY_PURPOSE])),
    ("T12", || crossed(Foreign, &[ANY_PURPOSE]), || crossed(Foreign, &[SERVER_AUTH, CLIENT_AUTH])),
    (
        "T13",
        || after(&entries(&[2, 3, 4], "2027-01-30T23:59:59Z"), "2027-02-01T00:00:00Z"),
        || after(&entries(&[2, 3, 4], "2027-01-31T00:00:00Z"), "2027-02-01T00:00:00Z"),
    ),
];

#[test]
fn each_form_of_names_needs_a_word_for_public_trust() {
    for left_out in 0..4 {
        let found = complete_but(left_out);
        assert_eq!(found.iter().filter(|finding| finding.rule.id == "T07").count(), 1, "{found:?}");
    }
    // Excluding a whole form says of it what is permitted: nothing.
    let permitted = subtrees(0xa0, &[directory(&[("O", "Example")]), dns("example.org")]);
    let excluded = subtrees(0xa1, &[ip(&[0; 8]), ip(&[0; 32])]);
    let found = constrained(&tlv(0x30, &[&permitted, &excluded]));
    assert!(!found.iter().any(|finding| finding.rule.id == "T07" || finding.rule.id == "M03"), "{found:?}");
}

/// Between two CAs of one organization a cross-certificate may say nothing or everything, for another's only what servers need.
#[test]
fn a_cross_certificate_says_for_what_it_is() {
    type Case = (Whose, &'static [&'static [u8]], &'static [&'static str]);
    let cases: [Case; 8] = [
        (Own, &[], &["T11"]),
        (Own, &[ANY_PURPOSE], &[]),
        (Own, &[SERVER_AUTH], &[]),
        (Own, &[ANY_PURPOSE, SERVER_AUTH], &["T05"]),
        (Own, &[CLIENT_AUTH], &["T05"]),
        (Foreign, &[], &["T12", "T11"]),
        (Foreign, &[SERVER_AUTH], &[]),
        (Foreign, &[SERVER_AUTH, CODE_SIGNING], &["T12"]),
    ];
    for (whose, purposes, expected) in cases {
        let found = crossed(whose, purposes);
        let found: Vec<&str> = found.iter().map(|finding| finding.rule.id).collect();
        let found: Vec<&str> = found.into_iter().filter(|id| ["T05", "T11", "T12"].contains(id)).collect();
        assert_eq!(found, expected);
    }
}

#[test]
fn a_rule_holds_from_its_day_on_and_in_its_pack() {
    let tbs = changed_with(&sample::intermediate_tbs(), |tbs| tbs.serial = Int::new(&[0x7f; 7]).unwrap());
    let issuer = sample::root(None);
    let context = CertificateContext {
        issuer: Some(&issuer),
        profile: Profile::Intermediate,
        environment: Environment::Production,
    };
    let at = |day: &str| {
        let findings = judge_certificate(&tbs, &context).of(Pack::Private, Some(sample::instant(day)));
        findings.iter().map(|finding| finding.rule.id).collect::<Vec<_>>()
    };
    assert_eq!(at("2016-09-29T23:59:59Z"), Vec::<&str>::new());
    assert_eq!(at("2016-09-30T00:00:00Z"), ["C03"]);
    assert_eq!(lint_certificate(&tbs, &context).len(), 1, "its own notBefore is later");
    let public = judge_certificate(&tbs, &context).of(Pack::PublicTrust, None);
    assert!(public.iter().any(|finding| finding.rule.pack == Pack::PublicTrust));
    let earlier = judge_certificate(&tbs, &context)
        .of(Pack::PublicTrust, Some(sample::instant("2023-09-14T00:00:00Z")));
    assert!(!earlier.iter().any(|finding| finding.rule.id.starts_with('T')), "{earlier:?}");
}
