//! Rules on cross-certificates.

use super::extensions::changed_with;
use super::*;

/// The sample's intermediate, changed, beside itself.
fn beside(change: impl FnOnce(&mut TbsCertificate)) -> Vec<Finding> {
    let there = Certificate::from_der(&sample::sign(1, &sample::intermediate_tbs())).unwrap();
    lint_cross(&changed_with(&sample::intermediate_tbs(), change), &there)
}

/// Rule, a mutant that it catches, a near-miss that it lets pass.
pub(super) const CROSS_CASES: &[(&str, Judge, Judge)] = &[
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
];
