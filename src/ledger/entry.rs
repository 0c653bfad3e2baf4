use super::KeyOrigin;
use crate::format::{
    CrlEntry, Digest, FileRef, Hex, HttpUrl, Instant, KeyAlgorithm, Name, Outcome, PinOwner, PinPolicy,
    SerialNumber, SharesSplit, Subject, Window,
};

/// Where in the chain of trust a certificate stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateRole {
    /// Self-signed: a trust anchor.
    Root,
    /// Issued by a root.
    Intermediate,
    /// Issued by a root for a key that has another certificate under the same subject.
    Cross,
    /// No CA: a root that was made elsewhere issued it.
    EndEntity,
}

/// How far an object came after its signature was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Issuance {
    /// It lies under its final name in the bundle's `artifacts/`.
    Released(FileRef),
    /// The token returned a signature; the object was not released. It counts as issued.
    Signed,
    /// The record ends before the token answered: nobody knows. It counts as issued.
    Unknown,
}

/// A ceremony.
#[derive(Clone, Debug)]
pub struct CeremonyEntry {
    /// Its ordinal.
    pub ordinal: u64,
    /// Its bundle's directory, `NNNN-name`.
    pub directory: String,
    /// For people.
    pub title: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether it was complete and its verdict PASS.
    pub granted: bool,
    /// The host's clock at its first record.
    pub begun: Instant,
    /// The host's clock at its last record.
    pub ended: Instant,
    /// SHA-256 of the roster that it ran under.
    pub roster_sha256: Digest,
    /// SHA-256 of its plan.
    pub plan_sha256: Digest,
    /// SHA-256 of its last record.
    pub head: Digest,
}

/// A certificate whose signature was begun.
#[derive(Clone, Debug)]
pub struct CertificateEntry {
    /// Of its ceremony.
    pub ordinal: u64,
    /// Of its ceremony's bundle, `NNNN-name`.
    pub directory: String,
    /// The step that issued it.
    pub step: Name,
    /// Root or intermediate.
    pub role: CertificateRole,
    /// Its serial number.
    pub serial: SerialNumber,
    /// Its subject.
    pub subject: Subject,
    /// SHA-256 of the certified key's DER SubjectPublicKeyInfo.
    pub spki_sha256: Digest,
    /// SHA-256 of the issuing key's DER SubjectPublicKeyInfo.
    pub issuer_spki_sha256: Digest,
    /// notBefore and notAfter.
    pub validity: Window,
    /// basicConstraints pathLenConstraint; absent means unlimited.
    pub path_length: Option<u8>,
    /// Where it says that its issuer's CRL is published (cRLDistributionPoints).
    pub crl_distribution_points: Vec<HttpUrl>,
    /// SHA-256 of the TBSCertificate.
    pub tbs_sha256: Digest,
    /// How far it came; what was adopted lies in the bundle too.
    pub issuance: Issuance,
    /// Whether it was issued elsewhere, and a witness brought it.
    pub adopted: bool,
    /// Whether its ceremony was complete and its verdict PASS.
    pub granted: bool,
}

/// A CRL whose signature was begun.
#[derive(Clone, Debug)]
pub struct CrlIssued {
    /// Of its ceremony.
    pub ordinal: u64,
    /// Of its ceremony's bundle, `NNNN-name`.
    pub directory: String,
    /// The step that issued it.
    pub step: Name,
    /// SHA-256 of the issuing key's DER SubjectPublicKeyInfo.
    pub issuer_spki_sha256: Digest,
    /// cRLNumber.
    pub number: u64,
    /// thisUpdate.
    pub this_update: Instant,
    /// nextUpdate.
    pub next_update: Instant,
    /// Nobody publishes it before, where it was signed ahead of its time.
    pub embargo: Option<Instant>,
    /// In order of serial number.
    pub entries: Vec<CrlEntry>,
    /// SHA-256 of the TBSCertList.
    pub tbs_sha256: Digest,
    /// How far it came; what was adopted lies in the bundle too.
    pub issuance: Issuance,
    /// Whether it was issued elsewhere, and a witness brought it.
    pub adopted: bool,
    /// Whether its ceremony was complete and its verdict PASS.
    pub granted: bool,
}

/// A key that a granted ceremony made or adopted.
#[derive(Clone, Debug)]
pub struct KeyEntry {
    /// Of its ceremony.
    pub ordinal: u64,
    /// The `generate-key` or `adopt-authority` step.
    pub step: Name,
    /// Name of the token that holds it.
    pub token: Name,
    /// That token's serial number, as it said in that ceremony.
    pub token_serial: String,
    /// CKA_LABEL.
    pub label: String,
    /// CKA_ID.
    pub key_id: Hex,
    /// Curve and hash.
    pub algorithm: KeyAlgorithm,
    /// DER SubjectPublicKeyInfo.
    pub spki: Vec<u8>,
    /// SHA-256 of it.
    pub spki_sha256: Digest,
    /// Where it comes from.
    pub origin: KeyOrigin,
    /// Ordinal of the ceremony that removed it from its token.
    pub destroyed: Option<u64>,
}

/// A decided revocation.
#[derive(Clone, Debug)]
pub struct CrlEntryDecided {
    /// Of the ceremony that decided it.
    pub ordinal: u64,
    /// The `revoke` step.
    pub step: Name,
    /// SHA-256 of the issuer's DER SubjectPublicKeyInfo.
    pub issuer_spki_sha256: Digest,
    /// What every later CRL of that issuer carries.
    pub entry: CrlEntry,
}

/// A share set and the ceremony that split it.
#[derive(Clone, Debug)]
pub struct ShareSetEntry {
    /// Of that ceremony.
    pub ordinal: u64,
    /// That ceremony's identifier; the shares' commitments contain it.
    pub ceremony: Digest,
    /// The public side.
    pub split: SharesSplit,
    /// Whether its ceremony was complete and its verdict PASS. Shares of an aborted one may open a token all the
    /// same.
    pub granted: bool,
    /// Whether a record says that nothing depends on it any more.
    pub retired: bool,
}

/// A provisioned token.
#[derive(Clone, Debug)]
pub struct TokenEntry {
    /// Of the ceremony that provisioned it.
    pub ordinal: u64,
    /// The name that ceremony files use.
    pub name: Name,
    /// CK_TOKEN_INFO.serialNumber.
    pub serial: String,
    /// CKA label of the token.
    pub label: String,
    /// What opens it.
    pub opened_by: OpenedBy,
}

/// What opens a token.
#[derive(Clone, Debug)]
pub enum OpenedBy {
    /// PINs that follow from shares.
    Shares {
        /// The user's PIN.
        user: PinSource,
        /// The security officer's.
        security_officer: PinSource,
    },
    /// The device's own quorum; no PIN is known here.
    Device,
}

/// From which policy a PIN follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinSource {
    /// The PIN follows from one of these, newest last. More than one after a ceremony that stopped between a call
    /// and its answer.
    pub candidates: Vec<PinPolicy>,
}

impl PinSource {
    /// The policy, where there is no doubt.
    pub fn known(&self) -> Option<&PinPolicy> {
        match self.candidates.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }
}

impl TokenEntry {
    /// Where the PIN of that owner comes from; `None` for a token with its own quorum.
    pub fn pin_source(&self, owner: PinOwner) -> Option<&PinSource> {
        match (&self.opened_by, owner) {
            (OpenedBy::Shares { user, .. }, PinOwner::User) => Some(user),
            (OpenedBy::Shares { security_officer, .. }, PinOwner::SecurityOfficer) => Some(security_officer),
            (OpenedBy::Device, _) => None,
        }
    }

    /// Every policy that a PIN of this token may follow from, each once, oldest epoch first.
    pub fn policies(&self) -> Vec<&PinPolicy> {
        let owners = [PinOwner::User, PinOwner::SecurityOfficer];
        let sources = owners.into_iter().filter_map(|owner| self.pin_source(owner));
        let mut policies: Vec<&PinPolicy> = Vec::new();
        for policy in sources.flat_map(|source| &source.candidates) {
            if !policies.iter().any(|known| known.set_id == policy.set_id) {
                policies.push(policy);
            }
        }
        policies.sort_by_key(|policy| policy.epoch);
        policies
    }

    /// Whether both PINs follow from one known share set.
    pub fn settled(&self) -> bool {
        match &self.opened_by {
            OpenedBy::Device => true,
            OpenedBy::Shares { user, security_officer } => {
                user.known().is_some_and(|user| security_officer.known() == Some(user))
            }
        }
    }
}
