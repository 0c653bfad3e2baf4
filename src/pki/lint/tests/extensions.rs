//! Rules on purposes, places, name constraints, SPIFFE IDs and cross-certificates, and those of public trust.

use super::*;
use crate::pki::DistinguishedName;

const EXT_KEY_USAGE: &str = "2.5.29.37";
const POLICIES: &str = "2.5.29.32";
const POINTS: &str = "2.5.29.31";
const ACCESS: &str = "1.3.6.1.5.5.7.1.1";
const CONSTRAINTS: &str = "2.5.29.30";
const ALTERNATIVE: &str = "2.5.29.17";

const SERVER_AUTH: &[u8] = b"\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01";
const CLIENT_AUTH: &[u8] = b"\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x02";
const CODE_SIGNING: &[u8] = b"\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x03";
const OCSP_SIGNING: &[u8] = b"\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x09";
const ANY_POLICY: &[u8] = b"\x30\x06\x06\x04\x55\x1d\x20\x00";
const DOMAIN_VALIDATED: &[u8] = b"\x30\x08\x06\x06\x67\x81\x0c\x01\x02\x01";
const OWN_POLICY: &[u8] = b"\x30\x05\x06\x03\x2a\x03\x04";
const CA_ISSUERS: &[u8] = b"\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x02";

/// DER of one value.
fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = u8::try_from(content.len()).unwrap();
    let length = if length < 128 { vec![length] } else { vec![0x81, length] };
    [&[tag], length.as_slice(), &content].concat()
}

fn uri(text: &str) -> Vec<u8> {
    tlv(0x86, &[text.as_bytes()])
}

fn dns(text: &str) -> Vec<u8> {
    tlv(0x82, &[text.as_bytes()])
}

fn ip(octets: &[u8]) -> Vec<u8> {
    tlv(0x87, &[octets])
}

fn directory(attributes: &[(&str, &str)]) -> Vec<u8> {
    tlv(0xa4, &[sample::name(attributes).der()])
}

fn with(tbs: &mut TbsCertificate, id: &str, value: &[u8]) {
    extensions(tbs).push(extension(id, id == CONSTRAINTS, value));
}

fn purposes(values: &[&[u8]]) -> Vec<Finding> {
    judged(Pack::PublicTrust, |tbs| with(tbs, EXT_KEY_USAGE, &tlv(0x30, values)))
}

fn policies(values: &[&[u8]]) -> Vec<Finding> {
    judged(Pack::PublicTrust, |tbs| with(tbs, POLICIES, &tlv(0x30, values)))
}

fn point(name: &[u8]) -> Vec<u8> {
    tlv(0x30, &[&tlv(0xa0, &[&tlv(0xa0, &[name])])])
}

fn points(all: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &[&all.concat()])
}

fn access(places: &[&str]) -> Vec<u8> {
    let place = |place: &&str| tlv(0x30, &[CA_ISSUERS, &uri(place)]);
    tlv(0x30, &[&places.iter().flat_map(place).collect::<Vec<u8>>()])
}

fn subtrees(tag: u8, bases: &[Vec<u8>]) -> Vec<u8> {
    let each: Vec<u8> = bases.iter().flat_map(|base| tlv(0x30, &[base])).collect();
    tlv(tag, &[&each])
}

fn permitted(bases: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &[&subtrees(0xa0, bases)])
}

fn constrained(value: &[u8]) -> Vec<Finding> {
    judged(Pack::PublicTrust, |tbs| with(tbs, CONSTRAINTS, value))
}

fn named(names: &[Vec<u8>]) -> Vec<Finding> {
    judged(Pack::Private, |tbs| with(tbs, ALTERNATIVE, &tlv(0x30, &[&names.concat()])))
}

/// The sample's intermediate, changed, by a pack.
fn judged(pack: Pack, change: impl FnOnce(&mut TbsCertificate)) -> Vec<Finding> {
    judged_below(&sample::root(None), pack, change)
}

fn judged_below(issuer: &Certificate, pack: Pack, change: impl FnOnce(&mut TbsCertificate)) -> Vec<Finding> {
    let mut tbs: TbsCertificate = decode(Part::TbsCertificate, &sample::intermediate_tbs()).unwrap();
    change(&mut tbs);
    let context = CertificateContext {
        issuer: Some(issuer),
        profile: Profile::Intermediate,
        environment: Environment::Production,
    };
    judge_certificate(&tbs.to_der().unwrap(), &context).of(pack, None)
}

/// An intermediate with an extension, as the issuer of what is judged.
fn issuer_with(id: &str, value: &[u8]) -> Certificate {
    let tbs = changed_with(&sample::intermediate_tbs(), |tbs| with(tbs, id, value));
    Certificate::from_der(&sample::sign(1, &tbs)).unwrap()
}

fn changed_with(tbs: &[u8], change: impl FnOnce(&mut TbsCertificate)) -> Vec<u8> {
    let mut tbs = decode(Part::TbsCertificate, tbs).unwrap();
    change(&mut tbs);
    tbs.to_der().unwrap()
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

/// The sample's intermediate, changed, beside itself.
fn beside(change: impl FnOnce(&mut TbsCertificate)) -> Vec<Finding> {
    let there = Certificate::from_der(&sample::sign(1, &sample::intermediate_tbs())).unwrap();
    lint_cross(&changed_with(&sample::intermediate_tbs(), change), &there)
}

const CRL: &str = "http://crl.example.org/root.crl";
const OTHER: &str = "http://crl.example.org/other.crl";

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
pub(super) const EXTENSION_CASES: &[(&str, Judge, Judge)] = &[
    ("E01", || purposes(&[SERVER_AUTH, SERVER_AUTH]), || purposes(&[SERVER_AUTH, CLIENT_AUTH])),
    ("E02", || purposes(&[SERVER_AUTH, OCSP_SIGNING]), || purposes(&[SERVER_AUTH, CODE_SIGNING])),
    ("E03", || policies(&[OWN_POLICY, OWN_POLICY]), || policies(&[OWN_POLICY, DOMAIN_VALIDATED])),
    ("E04", || policies(&[ANY_POLICY, OWN_POLICY]), || policies(&[ANY_POLICY])),
    (
        "D01",
        || judged(Pack::Private, |tbs| with(tbs, POINTS, &points(&[point(&uri("https://example.org/crl"))]))),
        || judged(Pack::Private, |tbs| with(tbs, POINTS, &points(&[point(&uri(CRL))]))),
    ),
    (
        "D02", // Two points; the near-miss is one with two names.
        || judged(Pack::Private, |tbs| with(tbs, POINTS, &points(&[point(&uri(CRL)), point(&uri(OTHER))]))),
        || {
            let names = [uri(CRL), uri(OTHER)].concat();
            judged(Pack::Private, |tbs| with(tbs, POINTS, &points(&[point(&names)])))
        },
    ),
    (
        "D03",
        || judged(Pack::Private, |tbs| with(tbs, ACCESS, &access(&[CRL, CRL]))),
        || judged(Pack::Private, |tbs| with(tbs, ACCESS, &access(&[CRL, OTHER]))),
    ),
    (
        "D04",
        || judged(Pack::Private, |tbs| extensions(tbs).push(extension(ACCESS, true, &access(&[CRL])))),
        || judged(Pack::Private, |tbs| extensions(tbs).push(extension(ACCESS, false, &access(&[CRL])))),
    ),
    (
        "D05",
        || {
            let issuer = issuer_with(POINTS, &points(&[point(&uri(CRL))]));
            judged_below(&issuer, Pack::Private, |tbs| with(tbs, POINTS, &points(&[point(&uri(CRL))])))
        },
        || {
            let issuer = issuer_with(POINTS, &points(&[point(&uri(CRL))]));
            judged_below(&issuer, Pack::Private, |tbs| with(tbs, POINTS, &points(&[point(&uri(OTHER))])))
        },
    ),
    ("M01", || constrained(b"\x30\x00"), || constrained(&permitted(&[dns("example.org")]))),
    (
        "M02",
        || {
            let subtree = tlv(0x30, &[&dns("example.org"), b"\x80\x01\x01"]);
            constrained(&tlv(0x30, &[&tlv(0xa0, &[&subtree])]))
        },
        || {
            let subtree = tlv(0x30, &[&dns("example.org")]);
            constrained(&tlv(0x30, &[&tlv(0xa0, &[&subtree])]))
        },
    ),
    (
        "M03",
        || constrained(&permitted(&[dns(".example.org")])),
        || constrained(&permitted(&[uri(".example.org")])),
    ),
    (
        "M04",
        || {
            judged(Pack::Private, |tbs| {
                extensions(tbs).push(extension(CONSTRAINTS, false, &permitted(&[dns("example.org")])));
            })
        },
        || judged(Pack::Private, |tbs| with(tbs, CONSTRAINTS, &permitted(&[dns("example.org")]))),
    ),
    (
        "M05", // A name that only ends in the same letters.
        || {
            let issuer = issuer_with(CONSTRAINTS, &permitted(&[dns("example.org")]));
            let own = permitted(&[dns("myexample.org")]);
            judged_below(&issuer, Pack::Private, |tbs| with(tbs, CONSTRAINTS, &own))
        },
        || {
            let issuer = issuer_with(CONSTRAINTS, &permitted(&[dns("example.org")]));
            let own = permitted(&[dns("my.example.org"), ip(&[10, 0, 0, 0, 255, 0, 0, 0])]);
            judged_below(&issuer, Pack::Private, |tbs| with(tbs, CONSTRAINTS, &own))
        },
    ),
    (
        "M06",
        || constrained(&permitted(&[directory(&[("O", "Example")])])),
        || {
            let value = permitted(&[directory(&[("O", "Example")])]);
            judged(Pack::Private, |tbs| extensions(tbs).push(extension(CONSTRAINTS, false, &value)))
        },
    ),
    (
        "M07",
        || constrained(&permitted(&[uri("example.org")])),
        || constrained(&permitted(&[dns("example.org")])),
    ),
    (
        "M08",
        || constrained(&permitted(&[tlv(0x81, &[b"example.org"])])),
        || constrained(&permitted(&[dns("example.org")])),
    ),
    (
        "U01",
        || named(&[uri("spiffe://one.example.org"), uri("spiffe://two.example.org")]),
        || named(&[uri("spiffe://one.example.org"), dns("two.example.org")]),
    ),
    (
        "U02", // An upper-case trust domain.
        || named(&[uri("spiffe://Example.org")]),
        || named(&[uri("spiffe://example.org")]),
    ),
    ("U03", || named(&[uri("spiffe://example.org/ca")]), || named(&[uri("spiffe://example.org")])),
    (
        "U04",
        || {
            let value = tlv(0x30, &[&uri("spiffe://example.org")]);
            judged(Pack::Private, |tbs| extensions(tbs).push(extension(ALTERNATIVE, true, &value)))
        },
        || named(&[uri("spiffe://example.org")]),
    ),
    ("U05", || named(&[uri("spiffe://my_domain.org")]), || named(&[uri("spiffe://my-domain.org")])),
    (
        "U06",
        || {
            let issuer = issuer_with(CONSTRAINTS, &permitted(&[uri("example.org")]));
            let own = tlv(0x30, &[&uri("spiffe://my.example.org")]);
            judged_below(&issuer, Pack::Private, |tbs| with(tbs, ALTERNATIVE, &own))
        },
        || {
            let issuer = issuer_with(CONSTRAINTS, &permitted(&[uri("example.org")]));
            let own = tlv(0x30, &[&uri("spiffe://example.org")]);
            judged_below(&issuer, Pack::Private, |tbs| with(tbs, ALTERNATIVE, &own))
        },
    ),
    (
        "U07",
        || {
            judged(Pack::Private, |tbs| {
                with(tbs, CONSTRAINTS, &permitted(&[uri("example.com")]));
                with(tbs, ALTERNATIVE, &tlv(0x30, &[&uri("spiffe://example.org")]));
            })
        },
        || {
            judged(Pack::Private, |tbs| {
                with(tbs, CONSTRAINTS, &permitted(&[uri("example.org")]));
                with(tbs, ALTERNATIVE, &tlv(0x30, &[&uri("spiffe://example.org")]));
            })
        },
    ),
    (
        "K01", // The same text as PrintableString.
        || {
            beside(|tbs| {
                tbs.subject = name(&[&[(O, PRINTABLE, "Example")], &[(CN, UTF8, "Example Issuing")]]);
            })
        },
        || beside(|tbs| tbs.serial = Int::new(&[0x7f; 8]).unwrap()),
    ),
    (
        "K02",
        || beside(|tbs| tbs.validity.not_before = time("2026-11-30T23:59:59Z")),
        || beside(|tbs| tbs.validity.not_before = time("2026-12-01T00:00:00Z")),
    ),
    (
        "K03",
        || beside(|tbs| tbs.validity.not_after = time("2028-12-01T00:00:00Z")),
        || beside(|tbs| tbs.validity.not_after = time("2028-11-30T23:59:59Z")),
    ),
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

#[test]
fn each_form_of_names_has_its_syntax_and_its_way_of_lying_inside() {
    for (base, right) in [
        (dns("a.example.org"), true),
        (dns("*.example.org"), false),
        (dns("my_host.example.org"), false),
        (ip(&[10, 1, 0, 0, 255, 255, 0, 0]), true),
        (ip(&[10, 1, 0, 1, 255, 255, 0, 0]), false),
        (ip(&[10, 0, 0, 0, 255, 0, 255, 0]), false),
        (ip(&[10, 1, 2, 3]), false),
        (uri("example.org"), true),
        (uri("spiffe://example.org"), false),
        (uri("10.0.0.1"), false),
    ] {
        let found = constrained(&permitted(std::slice::from_ref(&base)));
        assert_eq!(!found.iter().any(|finding| finding.rule.id == "M03"), right, "{base:x?}: {found:?}");
    }
    for (outer, inner, inside) in [
        (dns("example.org"), dns("example.org"), true),
        (dns("a.example.org"), dns("example.org"), false),
        (ip(&[10, 0, 0, 0, 255, 0, 0, 0]), ip(&[10, 1, 0, 0, 255, 255, 0, 0]), true),
        (ip(&[10, 1, 0, 0, 255, 255, 0, 0]), ip(&[10, 0, 0, 0, 255, 0, 0, 0]), false),
        (ip(&[10, 0, 0, 0, 255, 0, 0, 0]), ip(&[11, 0, 0, 0, 255, 0, 0, 0]), false),
        (uri(".example.org"), uri("a.example.org"), true),
        (uri(".example.org"), uri("example.org"), false),
        (uri("example.org"), uri("a.example.org"), false),
        (directory(&[("O", "Example")]), directory(&[("O", "Example"), ("CN", "x")]), true),
        (directory(&[("O", "Example"), ("CN", "x")]), directory(&[("O", "Example")]), false),
        (directory(&[("O", "Example")]), directory(&[("O", "Other")]), false),
    ] {
        let issuer = issuer_with(CONSTRAINTS, &permitted(std::slice::from_ref(&outer)));
        let own = permitted(std::slice::from_ref(&inner));
        let found = judged_below(&issuer, Pack::Private, |tbs| with(tbs, CONSTRAINTS, &own));
        let rules = found.iter().filter(|finding| finding.rule.id == "M05").count();
        assert_eq!(rules, usize::from(!inside), "{outer:x?} {inner:x?}: {found:?}");
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
