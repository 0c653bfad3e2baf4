//! Rules on requests and on what was signed.

use super::*;

/// Rule, a mutant that it catches, a near-miss that it lets pass.
pub(super) const REQUEST_CASES: &[(&str, Judge, Judge)] = &[
    (
        "Q01",
        || request(|info| info.version = 1),
        || request(|info| info.subject = any(b"\x30\x00")), // The ceremony gives it a subject.
    ),
    (
        "Q02", // The key of RFC 8032 7.1 TEST 1.
        || {
            request(|info| {
                info.public_key = any(b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00\
                    \xd7\x5a\x98\x01\x82\xb1\x0a\xb7\xd5\x4b\xfe\xd3\xc9\x64\x07\x3a\
                    \x0e\xe1\x72\xf3\xda\xa6\x23\x25\xaf\x02\x1a\x68\xf7\x07\x51\x1a");
            })
        },
        || request(|info| info.public_key = any(sample::public_key(2).spki())), // It breaks Q03.
    ),
    (
        "Q03",
        || request(|info| info.public_key = any(sample::public_key(2).spki())),
        || request(|info| info.public_key = any(sample::public_key(1).spki())),
    ),
    (
        "Q04",
        || {
            request(|info| {
                let asked = extension("2.5.29.19", true, b"\x30\x03\x01\x01\xff");
                ask_for(info, vec![asked.clone(), asked]);
            })
        },
        || {
            request(|info| {
                let value = b"\x30\x03\x01\x01\xff";
                ask_for(info, vec![extension("2.5.29.19", true, value), extension("1.2.3.4", true, value)]);
            })
        },
    ),
    (
        "S01", // Another algorithm outside than inside.
        || {
            let tbs = sample::root_tbs(None);
            let outside =
                assemble(&tbs, SignatureAlgorithm::EcdsaSha384, b"\x30\x06\x02\x01\x01\x02\x01\x01").unwrap();
            signed(&outside, &tbs, 1)
        },
        || {
            let tbs = sample::root_tbs(None);
            let unsigned =
                assemble(&tbs, SignatureAlgorithm::EcdsaSha256, b"\x30\x06\x02\x01\x01\x02\x01\x01").unwrap();
            signed(&unsigned, &tbs, 1)
        },
    ),
    (
        "S02",
        || signed(&sample::sign(1, &sample::root_tbs(Some(1))), &sample::root_tbs(None), 1),
        || signed(&sample::sign(1, &sample::root_tbs(Some(1))), &sample::root_tbs(Some(1)), 1),
    ),
    (
        "S03",
        || signed(&sample::sign(2, &sample::root_tbs(None)), &sample::root_tbs(None), 1),
        || signed(&sample::sign(2, &sample::root_tbs(None)), &sample::root_tbs(None), 2),
    ),
];
