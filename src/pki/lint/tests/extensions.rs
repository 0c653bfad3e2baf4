//! Rules on purposes, places, name constraints and SPIFFE IDs.

use super::*;

pub(super) const EXT_KEY_USAGE: &str = "2.5.29.37";
pub(super) const POLICIES: &str = "2.5.29.32";
pub(super) const POINTS: &str = "2.5.29.31";
pub(super) const ACCESS: &str = "1.3.6.1.5.5.7.1.1";
pub(super) const CONSTRAINTS: &str = "2.5.29.30";
pub(super) const ALTERNATIVE: &str = "2.5.29.17";

pub(super) const SERVER_AUTH: &[u8] = b"\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01";
pub(super) const CLIENT_AUTH: &[u8] = b"\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x02";
pub(super) const CODE_SIGNING: &[u8] = b"\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x03";
pub(super) const OCSP_SIGNING: &[u8] = b"\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x09";
pub(super) const ANY_POLICY: &[u8] = b"\x30\x06\x06\x04\x55\x1d\x20\x00";
pub(super) const DOMAIN_VALIDATED: &[u8] = b"\x30\x08\x06\x06\x67\x81\x0c\x01\x02\x01";
pub(super) const OWN_POLICY: &[u8] = b"\x30\x05\x06\x03\x2a\x03\x04";
pub(super) const ANY_POLICY_ID: &[u8] = b"\x06\x04\x55\x1d\x20\x00";
pub(super) const OWN_POLICY_ID: &[u8] = b"\x06\x03\x2a\x03\x04";
pub(super) const CA_ISSUERS: &[u8] = b"\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x02";

/// DER of one value.
pub(super) fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = u8::try_from(content.len()).unwrap();
    let length = if length < 128 { vec![length] } else { vec![0x81, length] };
    [&[tag], length.as_slice(), &content].concat()
}

pub(super) fn uri(text: &str) -> Vec<u8> {
    tlv(0x86, &[text.as_bytes()])
}

pub(super) fn dns(text: &str) -> Vec<u8> {
    tlv(0x82, &[text.as_bytes()])
}

pub(super) fn ip(octets: &[u8]) -> Vec<u8> {
    tlv(0x87, &[octets])
}

pub(super) fn directory(attributes: &[(&str, &str)]) -> Vec<u8> {
    tlv(0xa4, &[sample::name(attributes).der()])
}

pub(super) fn with(tbs: &mut TbsCertificate, id: &str, value: &[u8]) {
    extensions(tbs).push(extension(id, id == CONSTRAINTS, value));
}

pub(super) fn purposes(values: &[&[u8]]) -> Vec<Finding> {
    judged(Pack::PublicTrust, |tbs| with(tbs, EXT_KEY_USAGE, &tlv(0x30, values)))
}

/// With a critical extension.
pub(super) fn extended(id: &str, value: &[u8]) -> Vec<Finding> {
    judged(Pack::Private, |tbs| extensions(tbs).push(extension(id, true, value)))
}

pub(super) fn policies(values: &[&[u8]]) -> Vec<Finding> {
    judged(Pack::PublicTrust, |tbs| with(tbs, POLICIES, &tlv(0x30, values)))
}

pub(super) fn point(name: &[u8]) -> Vec<u8> {
    tlv(0x30, &[&tlv(0xa0, &[&tlv(0xa0, &[name])])])
}

pub(super) fn points(all: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &[&all.concat()])
}

pub(super) fn access(places: &[&str]) -> Vec<u8> {
    let place = |place: &&str| tlv(0x30, &[CA_ISSUERS, &uri(place)]);
    tlv(0x30, &[&places.iter().flat_map(place).collect::<Vec<u8>>()])
}

pub(super) fn subtrees(tag: u8, bases: &[Vec<u8>]) -> Vec<u8> {
    let each: Vec<u8> = bases.iter().flat_map(|base| tlv(0x30, &[base])).collect();
    tlv(tag, &[&each])
}

pub(super) fn permitted(bases: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &[&subtrees(0xa0, bases)])
}

pub(super) fn constrained(value: &[u8]) -> Vec<Finding> {
    judged(Pack::PublicTrust, |tbs| with(tbs, CONSTRAINTS, value))
}

pub(super) fn named(names: &[Vec<u8>]) -> Vec<Finding> {
    judged(Pack::Private, |tbs| with(tbs, ALTERNATIVE, &tlv(0x30, &[&names.concat()])))
}

/// The sample's intermediate, changed, by a pack.
pub(super) fn judged(pack: Pack, change: impl FnOnce(&mut TbsCertificate)) -> Vec<Finding> {
    judged_below(&sample::root(None), pack, change)
}

pub(super) fn judged_below(
    issuer: &Certificate,
    pack: Pack,
    change: impl FnOnce(&mut TbsCertificate),
) -> Vec<Finding> {
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
pub(super) fn issuer_with(id: &str, value: &[u8]) -> Certificate {
    let tbs = changed_with(&sample::intermediate_tbs(), |tbs| with(tbs, id, value));
    Certificate::from_der(&sample::sign(1, &tbs)).unwrap()
}

pub(super) fn changed_with(tbs: &[u8], change: impl FnOnce(&mut TbsCertificate)) -> Vec<u8> {
    let mut tbs = decode(Part::TbsCertificate, tbs).unwrap();
    change(&mut tbs);
    tbs.to_der().unwrap()
}

pub(super) const CRL: &str = "http://crl.example.org/root.crl";
pub(super) const OTHER: &str = "http://crl.example.org/other.crl";

/// Rule, a mutant that it catches, a near-miss that it lets pass.
pub(super) const EXTENSION_CASES: &[(&str, Judge, Judge)] = &[
    ("E01", || purposes(&[SERVER_AUTH, SERVER_AUTH]), || purposes(&[SERVER_AUTH, CLIENT_AUTH])),
    ("E02", || purposes(&[SERVER_AUTH, OCSP_SIGNING]), || purposes(&[SERVER_AUTH, CODE_SIGNING])),
    ("E03", || policies(&[OWN_POLICY, OWN_POLICY]), || policies(&[OWN_POLICY, DOMAIN_VALIDATED])),
    ("E04", || policies(&[ANY_POLICY, OWN_POLICY]), || policies(&[ANY_POLICY])),
    (
        "E05", // anyPolicy is mapped; the near-miss maps a policy of one's own.
        || extended("2.5.29.33", &tlv(0x30, &[&tlv(0x30, &[ANY_POLICY_ID, OWN_POLICY_ID])])),
        || extended("2.5.29.33", &tlv(0x30, &[&tlv(0x30, &[OWN_POLICY_ID, OWN_POLICY_ID])])),
    ),
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
];

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
fn what_steers_the_processing_of_policies_says_something_and_is_critical() {
    let once = b"\x30\x03\x80\x01\x00";
    for (id, critical, value, right) in [
        ("2.5.29.36", true, once.as_slice(), true),
        ("2.5.29.36", false, once, false),
        ("2.5.29.36", true, b"\x30\x00", false),
        ("2.5.29.36", true, b"\x30\x03\x80\x01\xff", false),
        ("2.5.29.54", true, b"\x02\x01\x00", true),
        ("2.5.29.54", false, b"\x02\x01\x00", false),
        ("2.5.29.54", true, b"\x02\x01\xff", false),
        ("2.5.29.33", true, b"\x30\x00", false),
    ] {
        let found = judged(Pack::Private, |tbs| extensions(tbs).push(extension(id, critical, value)));
        assert!(found.iter().any(|finding| finding.rule.id == "A07"), "no profile has {id}");
        assert_eq!(
            !found.iter().any(|finding| finding.rule.id == "E05"),
            right,
            "{id} {value:x?}: {found:?}"
        );
    }
}
