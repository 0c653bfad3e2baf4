use serde::{Deserialize, Serialize};

use super::{Action, CrlEntry, PlannedStep, Subject};
use crate::format::{Digest, DutyKind, Instant, Name, SerialNumber, Window};

/// What the file of a certificate says that was issued elsewhere, before its authority was adopted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdoptedCertificate {
    /// serialNumber.
    pub serial: SerialNumber,
    /// subject.
    pub subject: Subject,
    /// SHA-256 of the DER SubjectPublicKeyInfo.
    pub spki_sha256: Digest,
    /// notBefore and notAfter.
    pub validity: Window,
    /// cA of basicConstraints.
    pub authority: bool,
    /// pathLenConstraint; absent means unlimited, or that it is no CA.
    pub path_length: Option<u8>,
    /// SHA-256 of the TBSCertificate.
    pub tbs_sha256: Digest,
}

/// What the file of a CRL says that was issued elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdoptedList {
    /// cRLNumber; absent where the list has none.
    pub number: Option<u64>,
    /// thisUpdate.
    pub this_update: Instant,
    /// nextUpdate.
    pub next_update: Instant,
    /// In order of serial number, as later CRLs carry them: an entry without a reason that a CRL of this program gives has
    /// the one of the step.
    pub entries: Vec<CrlEntry>,
    /// SHA-256 of the TBSCertList.
    pub tbs_sha256: Digest,
}

/// The name of an issued certificate that a step takes in, by its place from 0: `STEP-1` is the first. `None` where that is no
/// name.
pub fn adopted_name(step: &Name, place: usize) -> Option<Name> {
    format!("{step}-{}", place + 1).parse().ok()
}

impl PlannedStep {
    /// The duties that follow from adopting a root, in a ceremony whose window has that end: the root's end, that of each
    /// issued certificate that has not ended by then, and the next CRL. None for other kinds of steps.
    pub fn duties_of_adoption(&self, end: Instant) -> Vec<(Name, DutyKind, Instant)> {
        let Action::AdoptAuthority { root, below, list, .. } = &self.action else {
            return Vec::new();
        };
        let below = below.iter().enumerate().filter(|(_, certificate)| certificate.validity.to > end);
        let below = below.filter_map(|(place, one)| Some((adopted_name(&self.id, place)?, one.validity.to)));
        let ends = std::iter::once((self.id.clone(), root.validity.to)).chain(below);
        let next = list.as_ref().map(|list| (self.id.clone(), DutyKind::NextCrl, list.next_update));
        ends.map(|(name, end)| (name, DutyKind::CertificateExpiry, end)).chain(next).collect()
    }
}
