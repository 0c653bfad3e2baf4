//! Rules on CRLs.

use super::*;

/// IssuingDistributionPoint with the fullName `http://a.b`.
const POINT: &[u8] = b"\x30\x10\xa0\x0e\xa0\x0c\x86\x0ahttp://a.b";

/// A list beside the sample's, which revokes two certificates.
pub(super) fn after(entries: &[CrlEntry], this_update: &str) -> Vec<Finding> {
    let before = [sample::entry(2, ReasonCode::Superseded), sample::entry(3, ReasonCode::Superseded)];
    let before = RevocationList::from_der(&sample::sign(1, &sample::crl_tbs(&before))).unwrap();
    let mut tbs: TbsCertList = decode(Part::TbsCertList, &sample::crl_tbs(entries)).unwrap();
    tbs.this_update = time(this_update);
    judge_crl_after(&tbs.to_der().unwrap(), &before).of(Pack::PublicTrust, None)
}

/// Entries of these numbers, the last of them with that date.
pub(super) fn entries(numbers: &[u8], at: &str) -> Vec<CrlEntry> {
    let mut entries: Vec<_> =
        numbers.iter().map(|number| sample::entry(*number, ReasonCode::Superseded)).collect();
    entries.last_mut().unwrap().at = sample::instant(at);
    entries
}

const EARLIER: &str = "2027-01-01T00:00:00Z";

/// Rule, a mutant that it catches, a near-miss that it lets pass.
pub(super) const LIST_CASES: &[(&str, Judge, Judge)] = &[
    ("L01", || crl(|tbs| tbs.version = None), || crl(|tbs| tbs.version = Some(1))),
    (
        "L02",
        || crl(|tbs| tbs.next_update = Some(tbs.this_update)),
        || crl(|tbs| tbs.next_update = Some(time("2027-02-01T00:00:01Z"))),
    ),
    (
        "L03",
        || crl(|tbs| tbs.next_update = Some(time("2028-02-01T00:00:01Z"))),
        || crl(|tbs| tbs.next_update = Some(time("2028-02-01T00:00:00Z"))),
    ),
    ("L04", || crl(|tbs| tbs.revoked = Some(Vec::new())), || crl(|tbs| tbs.revoked = None)),
    (
        "L05",
        || crl(|tbs| revoked(tbs)[0].serial = Int::new(&[0]).unwrap()),
        || crl(|tbs| revoked(tbs)[0].serial = Int::new(&[1]).unwrap()),
    ),
    (
        "L06",
        || crl(|tbs| revoked(tbs)[0].serial = revoked(tbs)[1].serial.clone()),
        || crl(|tbs| revoked(tbs).reverse()),
    ),
    (
        "L07",
        || crl(|tbs| revoked(tbs)[0].date = time("2027-02-01T00:00:01Z")),
        || crl(|tbs| revoked(tbs)[0].date = tbs.this_update),
    ),
    (
        "L08", // certificateHold; cACompromise.
        || crl(|tbs| revoked(tbs)[0].extensions = Some(vec![extension("2.5.29.21", false, b"\x0a\x01\x06")])),
        || crl(|tbs| revoked(tbs)[0].extensions = Some(vec![extension("2.5.29.21", false, b"\x0a\x01\x02")])),
    ),
    (
        "L09",
        || crl(|tbs| tbs.extensions.as_mut().unwrap()[1].critical = true),
        || {
            crl(|tbs| {
                tbs.extensions.as_mut().unwrap()[1].value =
                    OctetString::new(b"\x02\x02\x00\xff".as_slice()).unwrap()
            })
        },
    ),
    (
        "L10",
        || {
            crl(|tbs| {
                tbs.extensions.as_mut().unwrap()[1].value =
                    OctetString::new(b"\x02\x01\x06".as_slice()).unwrap()
            })
        },
        || {
            crl(|tbs| {
                tbs.extensions.as_mut().unwrap()[1].value =
                    OctetString::new(b"\x02\x01\x07".as_slice()).unwrap()
            })
        },
    ),
    (
        "L11",
        || crl(|tbs| tbs.extensions.as_mut().unwrap().push(extension("2.5.29.28", false, POINT))),
        || crl(|tbs| tbs.extensions.as_mut().unwrap().push(extension("2.5.29.28", true, POINT))),
    ),
    (
        "L12", // onlyContainsCACerts beside the name: such a list does not cover everything.
        || {
            crl(|tbs| {
                let partial = [b"\x30\x13", &POINT[2..], b"\x82\x01\xff".as_slice()].concat();
                tbs.extensions.as_mut().unwrap().push(extension("2.5.29.28", true, &partial))
            })
        },
        || crl(|tbs| tbs.extensions.as_mut().unwrap().push(extension("2.5.29.28", true, POINT))),
    ),
    (
        "L13",
        || after(&entries(&[2, 3], EARLIER), "2028-02-01T00:00:01Z"),
        || after(&entries(&[2, 3], EARLIER), "2028-02-01T00:00:00Z"),
    ),
    (
        "L14",
        || after(&entries(&[2], EARLIER), "2027-03-01T00:00:00Z"),
        || after(&entries(&[2, 3], EARLIER), "2027-03-01T00:00:00Z"),
    ),
];
