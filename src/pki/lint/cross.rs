//! A certificate for a key that another CA certificate certifies already.

use super::{Findings, rules};
use crate::pki::structure::{TbsCertificate, encode};
use crate::pki::time::to_instant;
use crate::pki::{Certificate, Part, extension};

/// K01 to K03.
pub(super) fn judge(tbs: &TbsCertificate, beside: &Certificate, findings: &mut Findings) {
    let same_subject = encode(Part::Name, &tbs.subject).as_deref() == Ok(beside.subject().der());
    findings.check(&rules::K01, same_subject, || "the subject is another".to_owned());
    let same_key = encode(Part::PublicKey, &tbs.public_key).as_deref() == Ok(beside.public_key().spki());
    findings.check(&rules::K01, same_key, || "the key is another".to_owned());
    let present = tbs.extensions.as_deref().unwrap_or_default();
    let identifier = findings.take(&rules::K01, extension::read_subject_key_identifier(present)).flatten();
    findings.check(&rules::K01, identifier == beside.subject_key_identifier(), || {
        "the subjectKeyIdentifier is another".to_owned()
    });
    let instant = |time| to_instant(Part::TbsCertificate, time).ok();
    let theirs = beside.validity();
    if let Some(from) = instant(tbs.validity.not_before) {
        findings.check(&rules::K02, from >= theirs.from, || format!("{from}, and there {}", theirs.from));
    }
    if let Some(to) = instant(tbs.validity.not_after) {
        findings.check(&rules::K03, to <= theirs.to, || format!("{to}, and there {}", theirs.to));
    }
}
