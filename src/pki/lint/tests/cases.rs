//! Rules on any object, certificates, names, roots and intermediates.

use super::*;

/// Rule, a mutant that it catches, a near-miss that it lets pass.
pub(super) const CASES: &[(&str, Judge, Judge)] = &[
    (
        "A01", // The DEFAULT version, written out (X.690 11.5); v2 must be.
        || {
            let tbs = replaced(&sample::root_tbs(None), b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x00");
            root_of(Environment::Production, &tbs)
        },
        || {
            let tbs = replaced(&sample::root_tbs(None), b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x01");
            root_of(Environment::Production, &tbs)
        },
    ),
    (
        "A02", // A NULL parameter, which RFC 5758 3.2 forbids.
        || root(|tbs| tbs.signature = any(b"\x30\x0c\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02\x05\x00")),
        || root(|tbs| tbs.signature = any(b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02")),
    ),
    (
        "A03",
        || intermediate(|tbs| tbs.signature = algorithm(SignatureAlgorithm::EcdsaSha384)),
        || intermediate(|tbs| tbs.signature = algorithm(SignatureAlgorithm::EcdsaSha256)),
    ),
    (
        "A04", // The same text as PrintableString: equal in meaning, not in bytes.
        || {
            intermediate(|tbs| {
                tbs.issuer = name(&[&[(O, PRINTABLE, "Example")], &[(CN, PRINTABLE, "Example Root G1")]])
            })
        },
        || {
            intermediate(|tbs| {
                tbs.issuer = name(&[&[(O, UTF8, "Example")], &[(CN, UTF8, "Example Root G1")]])
            })
        },
    ),
    (
        "A05",
        || root(|tbs| tbs.validity.not_after = generalized("2046-11-30T23:59:59Z")),
        || root(|tbs| tbs.validity.not_after = generalized("2050-01-01T00:00:00Z")),
    ),
    (
        "A06",
        || {
            root(|tbs| {
                let again = extensions(tbs)[KEY_USAGE].clone();
                extensions(tbs).push(again);
            })
        },
        || root(|tbs| extensions(tbs).reverse()),
    ),
    (
        "A07", // inhibitAnyPolicy, then the same value under the identifier of one that belongs there.
        || intermediate(|tbs| extensions(tbs).push(extension("2.5.29.54", false, b"\x30\x00"))),
        || intermediate(|tbs| extensions(tbs).push(extension("2.5.29.14", false, b"\x30\x00"))),
    ),
    (
        "A08", // With authorityCertSerialNumber; the near-miss is another key identifier alone.
        || {
            intermediate(|tbs| {
                let value = [
                    b"\x30\x19\x80\x14".as_slice(),
                    &sample::public_key(1).key_identifier().0,
                    b"\x82\x01\x01",
                ];
                set(tbs, AUTHORITY_KEY_IDENTIFIER, &value.concat());
            })
        },
        || {
            intermediate(|tbs| {
                set(tbs, AUTHORITY_KEY_IDENTIFIER, &[b"\x30\x16\x80\x14".as_slice(), &[7; 20]].concat())
            })
        },
    ),
    (
        "A09",
        || {
            intermediate(|tbs| {
                set(tbs, AUTHORITY_KEY_IDENTIFIER, &[b"\x30\x16\x80\x14".as_slice(), &[7; 20]].concat())
            })
        },
        || intermediate(|tbs| extensions(tbs)[AUTHORITY_KEY_IDENTIFIER].critical = true),
    ),
    (
        "A10", // Under a certificate without keyCertSign; the near-miss has it beside digitalSignature.
        || {
            let issuer = changed(&sample::root_tbs(None), |tbs| set(tbs, KEY_USAGE, b"\x03\x02\x01\x02"));
            below(&Certificate::from_der(&sample::sign(1, &issuer)).unwrap(), |_| {})
        },
        || {
            let issuer = changed(&sample::root_tbs(None), |tbs| set(tbs, KEY_USAGE, b"\x03\x02\x01\x86"));
            below(&Certificate::from_der(&sample::sign(1, &issuer)).unwrap(), |_| {})
        },
    ),
    ("C01", || root(|tbs| tbs.version = 1), || root(|tbs| tbs.version = 2)),
    (
        "C02",
        || root(|tbs| tbs.serial = Int::new(&[0xff; 9]).unwrap()),
        || root(|tbs| tbs.serial = Int::new(&[&[0], [0xff; 19].as_slice()].concat()).unwrap()),
    ),
    (
        "C03",
        || root(|tbs| tbs.serial = Int::new(&[0x7f; 7]).unwrap()),
        || root(|tbs| tbs.serial = Int::new(&[0x7f; 8]).unwrap()),
    ),
    (
        "C04", // The curve is named, the point lies beside it; the near-miss is a good point of another key.
        || {
            intermediate(|tbs| {
                let mut der = tbs.public_key.to_der().unwrap();
                *der.last_mut().unwrap() ^= 1;
                tbs.public_key = any(&der);
            })
        },
        || intermediate(|tbs| tbs.public_key = any(sample::public_key(3).spki())),
    ),
    (
        "C05",
        || root(|tbs| tbs.subject_unique_id = Some(BitString::from_bytes(&[1]).unwrap())),
        || root(|tbs| tbs.subject_unique_id = None),
    ),
    (
        "C06",
        || intermediate(|tbs| tbs.validity.not_after = tbs.validity.not_before),
        || intermediate(|tbs| tbs.validity.not_after = time("2026-12-01T00:00:01Z")),
    ),
    (
        "C07",
        || intermediate(|tbs| extensions(tbs)[BASIC_CONSTRAINTS].critical = false),
        || intermediate(|tbs| set(tbs, BASIC_CONSTRAINTS, b"\x30\x03\x01\x01\xff")),
    ),
    (
        "C08", // digitalSignature as well; the near-miss is written with the unused bits that DER wants.
        || intermediate(|tbs| set(tbs, KEY_USAGE, b"\x03\x02\x01\x86")),
        || intermediate(|tbs| set(tbs, KEY_USAGE, b"\x03\x02\x01\x06")),
    ),
    (
        "C09",
        || intermediate(|tbs| set(tbs, SUBJECT_KEY_IDENTIFIER, &[b"\x04\x14".as_slice(), &[7; 20]].concat())),
        || {
            intermediate(|tbs| {
                let value = [b"\x04\x14".as_slice(), &sample::public_key(2).sha1_key_identifier().0].concat();
                set(tbs, SUBJECT_KEY_IDENTIFIER, &value);
            })
        },
    ),
    (
        "N01",
        || intermediate(|tbs| tbs.subject = name(&[])),
        || intermediate(|tbs| tbs.subject = name(&[&[(CN, UTF8, "x")]])),
    ),
    (
        "N02",
        || intermediate(|tbs| tbs.subject = name(&[&[(O, UTF8, "x"), (CN, UTF8, "y")]])),
        || intermediate(|tbs| tbs.subject = name(&[&[(O, UTF8, "x")], &[(CN, UTF8, "y")]])),
    ),
    (
        "N03",
        || intermediate(|tbs| tbs.subject = name(&[&[(CN, UTF8, "x")], &[(O, UTF8, "y")]])),
        || {
            intermediate(|tbs| {
                tbs.subject = name(&[&[(C, PRINTABLE, "DE")], &[(O, UTF8, "y")], &[(CN, UTF8, "x")]])
            })
        },
    ),
    (
        "N04",
        || intermediate(|tbs| tbs.subject = name(&[&[(OU, UTF8, "x")], &[(OU, UTF8, "y")]])),
        || {
            intermediate(|tbs| {
                tbs.subject = name(&[&[(DC, Tag::Ia5String, "x")], &[(DC, Tag::Ia5String, "y")]])
            })
        },
    ),
    (
        "N05",
        || intermediate(|tbs| tbs.subject = name(&[&[(CN, Tag::TeletexString, "x")]])),
        || intermediate(|tbs| tbs.subject = name(&[&[(CN, PRINTABLE, "x")]])),
    ),
    (
        "N06",
        || intermediate(|tbs| tbs.subject = name(&[&[(CN, UTF8, &"\u{fc}".repeat(65))]])),
        || intermediate(|tbs| tbs.subject = name(&[&[(CN, UTF8, &"\u{fc}".repeat(64))]])),
    ),
    (
        "N07",
        || intermediate(|tbs| tbs.subject = name(&[&[(CN, UTF8, "Example \u{202e}tooR")]])),
        || intermediate(|tbs| tbs.subject = name(&[&[(CN, UTF8, "- \u{5e9}\u{5d5}\u{5e8}\u{5e9} -")]])),
    ),
    (
        "N08",
        || intermediate(|tbs| tbs.subject = name(&[&[(C, PRINTABLE, "UK")], &[(CN, UTF8, "x")]])),
        || intermediate(|tbs| tbs.subject = name(&[&[(C, PRINTABLE, "GB")], &[(CN, UTF8, "x")]])),
    ),
    (
        "N09",
        || {
            intermediate(|tbs| {
                tbs.subject = name(&[&[(CN, UTF8, "x")], &[(EMAIL, Tag::Ia5String, "ca@example.org")]])
            })
        },
        || intermediate(|tbs| tbs.subject = name(&[&[(CN, UTF8, "ca@example.org")]])),
    ),
    (
        "R01",
        || root(|tbs| tbs.issuer = name(&[&[(O, UTF8, "Example")], &[(CN, UTF8, "Example Root G2")]])),
        || {
            root(|tbs| {
                tbs.issuer = name(&[&[(CN, UTF8, "x")]]);
                tbs.subject = name(&[&[(CN, UTF8, "x")]]);
            })
        },
    ),
    (
        "R02", // One second beyond 9132 days; exactly 9132 days.
        || root(|tbs| tbs.validity.not_after = time("2051-12-02T00:00:00Z")),
        || root(|tbs| tbs.validity.not_after = time("2051-12-01T23:59:59Z")),
    ),
    (
        "R03",
        || root(|tbs| set(tbs, BASIC_CONSTRAINTS, b"\x30\x06\x01\x01\xff\x02\x01\x01")),
        || root(|tbs| set(tbs, BASIC_CONSTRAINTS, b"\x30\x03\x01\x01\xff")),
    ),
    (
        "R04", // An intermediate without one breaks A08.
        || root(|tbs| drop(extensions(tbs).remove(AUTHORITY_KEY_IDENTIFIER))),
        || intermediate(|tbs| drop(extensions(tbs).remove(AUTHORITY_KEY_IDENTIFIER))),
    ),
    (
        "I01",
        || intermediate(|tbs| tbs.public_key = any(sample::public_key(1).spki())),
        || intermediate(|tbs| tbs.public_key = any(sample::public_key(2).spki())),
    ),
    (
        "I02",
        || intermediate(|tbs| tbs.subject = tbs.issuer.clone()),
        || {
            intermediate(|tbs| {
                tbs.subject = name(&[&[(O, UTF8, "Example")], &[(CN, UTF8, "Example Root G2")]])
            })
        },
    ),
    (
        "I03",
        || intermediate(|tbs| tbs.validity.not_after = time("2046-12-01T00:00:00Z")),
        || intermediate(|tbs| tbs.validity.not_after = time("2046-11-30T23:59:59Z")),
    ),
    ("I04", || below(&sample::root(Some(0)), |_| {}), || below(&sample::root(Some(1)), |_| {})),
];
