use serde::{Deserialize, Serialize};

use super::{KeyEvidence, MirrorFound};
use crate::format::{CrlEntry, Digest, Duty, FileRef, Hex, Name, SerialNumber};

/// A TBS that was fixed during the ceremony.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrozenTbs {
    /// Whose output it will be.
    pub step: Name,
    /// Certificate or CRL.
    pub kind: ArtifactKind,
    /// `artifacts/STEP.tbs.der`.
    pub file: FileRef,
    /// One line derived from the bytes (`docs/record-format.md`).
    pub summary: String,
}

/// What is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ArtifactKind {
    /// TBSCertificate (RFC 5280 4.1).
    Certificate,
    /// TBSCertList (RFC 5280 5.1).
    Crl,
}

/// A decided revocation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevocationEntry {
    /// In which step.
    pub step: Name,
    /// The officer who confirmed it.
    pub by: Name,
    /// SHA-256 of the issuer's DER SubjectPublicKeyInfo; `None` where the issuer is made in this ceremony.
    pub issuer_spki_sha256: Option<Digest>,
    /// What becomes an entry.
    pub entry: CrlEntry,
}

/// It was decided that a key is removed for good; the calls that do it follow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Destruction {
    /// In which step.
    pub step: Name,
    /// The officer who confirmed it.
    pub by: Name,
    /// The token that holds it.
    pub token: Name,
    /// SHA-256 of its DER SubjectPublicKeyInfo.
    pub spki_sha256: Digest,
}

/// A root that was made elsewhere was taken in: a witness stated what the plan has of it, and its token shows the public key.
///
/// It proves neither that the private key is the public one's nor that nothing else was issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adopted {
    /// In which step.
    pub step: Name,
    /// The witness who stated it.
    pub by: Name,
    /// The token that holds the key.
    pub token: Name,
    /// CKA_ID of both halves, as found.
    pub key_id: Hex,
    /// The public key of the token, and what the token says of the private one.
    pub key: KeyEvidence,
}

/// A signed object under its final name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Released {
    /// Whose output it is.
    pub step: Name,
    /// Certificate or CRL.
    pub kind: ArtifactKind,
    /// In `artifacts/`.
    pub file: FileRef,
    /// What was signed.
    pub tbs_sha256: Digest,
}

/// A signed object that failed its checks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quarantined {
    /// Whose output it would have been.
    pub step: Name,
    /// In `artifacts/`, as `STEP.quarantine.der`.
    pub file: FileRef,
    /// Which check it failed.
    pub reason: String,
}

/// The last record of a complete ceremony.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closed {
    /// What has to be done from now on, as the plan lists it.
    pub duties: Vec<Duty>,
    /// SHA-256 of `MANIFEST.sha256`.
    pub manifest_sha256: Digest,
}

/// The last record of an aborted ceremony.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aborted {
    /// Who decided.
    pub by: Name,
    /// In that person's words.
    pub reason: String,
    /// The step that was under way.
    pub step: Option<Name>,
    /// Steps whose signature was made; each counts as issued, released or not.
    pub signed: Vec<Name>,
    /// Operations without a result: nobody knows whether they happened.
    pub unknown: Vec<u64>,
    /// Serial numbers that no later ceremony may use.
    pub burnt_serials: Vec<SerialNumber>,
    /// CRL numbers that no later ceremony may use.
    pub burnt_crl_numbers: Vec<u64>,
    /// Files set aside after a crash: a torn last line, an unfinished write; in `artifacts/`.
    pub set_aside: Vec<FileRef>,
    /// How far the two copies of the record were apart; `None` where they were the same, there is one, or the
    /// ceremony was ended at a prompt.
    pub mirror: Option<MirrorFound>,
    /// SHA-256 of `MANIFEST.sha256`.
    pub manifest_sha256: Digest,
}
