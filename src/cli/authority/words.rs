//! How entries of the ledger are said, here and in JSON.

use crate::format::{Digest, FileName, Name};
use crate::ledger::{CertificateRole, Issuance, KeyOrigin, Publication, Withdrawal};
use crate::render::hex_groups;

/// `ORDINAL/STEP`, as a ceremony file refers to it behind `ledger:`.
pub(super) fn reference(ordinal: u64, step: &Name) -> String {
    format!("{ordinal}/{step}")
}

/// The first octets of a digest, for people to tell two apart.
pub(super) fn short(digest: &Digest) -> String {
    hex_groups(digest).chars().take(19).collect()
}

pub(super) fn role(role: CertificateRole) -> &'static str {
    match role {
        CertificateRole::Root => "root",
        CertificateRole::Intermediate => "intermediate",
        CertificateRole::Cross => "cross-certificate",
        CertificateRole::EndEntity => "end entity",
    }
}

/// Whether anything shows that the token has the key; empty for one that a ceremony made.
pub(super) fn possession(origin: KeyOrigin) -> String {
    match origin {
        KeyOrigin::Made => String::new(),
        KeyOrigin::Adopted { proven: None } => {
            ", adopted: ASSERTED, NOT PROVEN, until a ceremony signs with it".to_owned()
        }
        KeyOrigin::Adopted { proven: Some(ordinal) } => format!(", adopted, proven in ceremony {ordinal}"),
    }
}

/// The same in one word, for programs.
pub(super) fn possession_word(origin: KeyOrigin) -> &'static str {
    match origin {
        KeyOrigin::Made => "made-here",
        KeyOrigin::Adopted { proven: None } => "asserted",
        KeyOrigin::Adopted { proven: Some(_) } => "proven",
    }
}

/// The ceremony that showed it, for an adopted key.
pub(super) fn proven_in(origin: KeyOrigin) -> Option<u64> {
    match origin {
        KeyOrigin::Made => None,
        KeyOrigin::Adopted { proven } => proven,
    }
}

/// What is said of something that was issued elsewhere.
pub(super) fn adopted(adopted: bool) -> &'static str {
    if adopted { ", adopted: issued elsewhere" } else { "" }
}

/// Empty for what went as planned.
pub(super) fn how_far(issuance: &Issuance, granted: bool) -> &'static str {
    match (issuance, granted) {
        (Issuance::Released(_), true) => "",
        (Issuance::Released(_), false) => ", released in a ceremony that was not completed",
        (Issuance::Signed, _) => ", signed and not released",
        (Issuance::Unknown, _) => ", perhaps signed: the token never answered",
    }
}

/// Whether a CRL may be published.
pub(super) fn publication(publication: Publication) -> String {
    match publication {
        Publication::Unfinished => "NOT TO BE PUBLISHED".to_owned(),
        Publication::Withdrawn(Withdrawal::Outranked { by }) => format!("WITHDRAWN by CRL {by}"),
        Publication::Withdrawn(Withdrawal::Incomplete { ordinal }) => {
            format!("WITHDRAWN by a revocation in ceremony {ordinal}")
        }
        Publication::Embargoed { until } => format!("under embargo until {until}"),
        Publication::Superseded { by } => format!("superseded by CRL {by}"),
        Publication::Expired => "EXPIRED".to_owned(),
        Publication::Current => "current".to_owned(),
    }
}

/// The same in one word, for programs.
pub(super) fn publication_word(publication: Publication) -> &'static str {
    match publication {
        Publication::Unfinished => "unfinished",
        Publication::Withdrawn(_) => "withdrawn",
        Publication::Embargoed { .. } => "embargoed",
        Publication::Superseded { .. } => "superseded",
        Publication::Expired => "expired",
        Publication::Current => "current",
    }
}

pub(super) fn file(issuance: &Issuance) -> Option<&FileName> {
    match issuance {
        Issuance::Released(file) => Some(&file.name),
        Issuance::Signed | Issuance::Unknown => None,
    }
}

pub(super) fn issuance(issuance: &Issuance) -> &'static str {
    match issuance {
        Issuance::Released(_) => "released",
        Issuance::Signed => "signed",
        Issuance::Unknown => "unknown",
    }
}
