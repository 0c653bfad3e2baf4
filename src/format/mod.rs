//! The persisted types and their exact bytes: records, statements, roster, binding, plan, bundle layout.
//!
//! Everything that is hashed or signed has one encoding, written here. Readers re-encode what they parsed
//! and refuse input that differs, so no second spelling of any file exists. This room is a leaf: it uses no
//! other room, so that the auditor's reader and the ceremony's writer meet only here.

mod binding;
mod bundle;
mod ceremony_file;
mod digest;
mod duty;
mod hex;
mod instant;
mod json;
mod log;
mod mode;
mod name;
mod pin;
mod plan;
mod record;
mod rehearsal;
mod roster;
mod rotation;
mod serial;
mod statement;
mod waiver;

pub use binding::{Binding, BindingError, ModuleBinding, TokenAddress, TokenBinding};
pub use bundle::{
    BundleDirectory, BundleError, FileName, FileRef, MAX_FILE_BYTES, Manifest, bundle_directory_name,
    parse_bundle_directory_name,
};
pub use ceremony_file::CeremonyFile;
pub use digest::{Digest, Digest512};
pub use duty::{Duty, DutyKind, DutyRef};
pub use hex::{Base64, Hex};
pub use instant::{Instant, Window};
pub use json::{JsonError, from_json, to_json};
pub use log::{Covered, Log, LogError, LogLine, MAX_LINE_BYTES};
pub use mode::{Magic, Mode, OtherMode};
pub use name::{Name, NameError};
pub use pin::{PinAlphabet, PinEncoding, PinPolicy, PinTemplate, PinWeakness};
pub use plan::{
    Action, AdoptedCertificate, AdoptedList, Asked, AskedDecision, CertificateExtensions, CertifiedRef,
    CrlEntry, DnsConstraint, HttpUrl, IpConstraint, IssuerRef, KeyPurpose, KeyRef, MalformedValue,
    NameConstraints, Plan, PlannedStep, PolicyId, Profile, ProvisionMode, ReasonCode, Shares,
    SharesAfterBreak, SpiffeId, Subject, Subtrees, UriConstraint, adopted_name,
};
pub use record::{
    Aborted, Adopted, Arrived, ArtifactKind, Attested, AttributeState, Beacon, BreakBegun, BreakEnded, Call,
    Closed, CustodyAct, CustodyNoted, Destruction, Event, EvidenceForm, EvidenceImported, ExceptionClass,
    ExceptionNoted, Exposure, FrozenTbs, GREATEST_STEP_BACK, HostState, KeyAttributes, KeyDecision,
    KeyEvidence, KeyFate, KeyHalf, KeySettled, Left, LoginPath, MAX_EVIDENCE_BYTES, Machine, MirrorFound,
    MirrorState, NamedDigest, ObjectCounts, Opened, OperationIntent, OperationResult, OperatorKind, PinOwner,
    PinState, Presence, Present, Protection, Quarantined, ReadAloud, Record, Released, Resumed,
    RevocationEntry, SettledKey, ShareCommitment, ShareSetName, SharesSplit, SignatureMade, StagedFile,
    TokenFound,
};
pub use rehearsal::{
    Difference, Drill, DrillKind, DrillOutcome, Drilled, Rehearsed, Rehearses, RehearsesSomethingElse, delta,
};
pub use roster::{KeyStorage, Person, Roster, RosterError, Thresholds};
pub use rotation::{
    AnchorDelivery, ChosenDates, Consumer, NewRoot, Rotation, RotationError, RotationPhase, Successor, System,
};
pub use serial::{SerialNumber, SerialNumberError};
pub use statement::{
    Approval, FieldEvidence, MEANINGS, Seal, SealKind, Signer, Statement, StatementError, TbsLine,
    seal_file_stem,
};
pub use waiver::{BrokenBy, Rule, Waiver};

use serde::{Deserialize, Serialize};

/// What an authority's certificates are for. Never mixed within one authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Environment {
    /// People rely on it: every rule holds.
    Production,
    /// Rehearses production with the same people.
    Staging,
    /// Throw-away: scripted operators and soft tokens are allowed.
    Lab,
}

/// What a person may do (`docs/roster-and-binding.md`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Leads the ceremony and decides on exceptions.
    Administrator,
    /// The only hands on the keyboard.
    Operator,
    /// Sees independently and seals the close.
    Witness,
    /// Approves plans, authorises signatures, holds shares.
    Officer,
    /// Verifies afterwards.
    Auditor,
}

/// How a ceremony ended, or that it has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Neither a close nor an abort record is there.
    InProgress,
    /// Every step of the plan was done.
    Complete,
    /// Ended early, truthfully.
    Aborted,
}

/// The kind of a step, as a ceremony file names it. Closed: a new kind is a new format version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepKind {
    /// Reads and records what a token is.
    InspectToken,
    /// Takes a token over: its PINs follow from shares, or it holds its own quorum.
    Provision,
    /// Makes a key pair on a token.
    GenerateKey,
    /// Copies a key to a second device or a wrapped blob.
    BackUpKey,
    /// Brings a key back from a backup.
    RestoreKey,
    /// Removes a key for good.
    DestroyKey,
    /// Issues a root certificate.
    SelfSign,
    /// Issues an intermediate certificate from a CSR.
    SignIntermediate,
    /// Issues a certificate for another CA's existing key.
    CrossSign,
    /// Decides that a certificate is revoked; the next CRL says so.
    Revoke,
    /// Issues a certificate revocation list.
    IssueCrl,
    /// Replaces the shares that open tokens.
    Reshare,
    /// Replaces the roster.
    ChangeRoster,
    /// Takes in a root made elsewhere.
    AdoptAuthority,
    /// Takes in a device log or attestation.
    ImportEvidence,
    /// Two people read independent clocks.
    Clock,
    /// Bags, cards and seals change hands.
    Custody,
    /// A digest is read aloud and compared.
    ReadAloud,
    /// People state what they saw, or why they will not.
    Attest,
    /// A named person confirms a sentence.
    Confirm,
    /// The ceremony pauses.
    Break,
}

/// The algorithm of a CA key, as a ceremony file names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyAlgorithm {
    /// ECDSA on NIST P-256 with SHA-256 (FIPS 186-5, RFC 5758).
    #[serde(rename = "ecdsa-p256")]
    EcdsaP256,
    /// ECDSA on NIST P-384 with SHA-384 (FIPS 186-5, RFC 5758).
    #[serde(rename = "ecdsa-p384")]
    EcdsaP384,
}

/// The algorithm of a statement's signature; fixed by the roster's key, never negotiated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StatementAlgorithm {
    /// ECDSA P-256 over SHA-256, DER `Ecdsa-Sig-Value` (RFC 3279 2.2.3).
    #[serde(rename = "ecdsa-p256-sha256")]
    EcdsaP256Sha256,
    /// ECDSA P-384 over SHA-384, DER `Ecdsa-Sig-Value`.
    #[serde(rename = "ecdsa-p384-sha384")]
    EcdsaP384Sha384,
    /// RSASSA-PSS over SHA-256 with MGF1 over SHA-256 and a salt of 32 octets (RFC 8017 8.1), as many octets as the
    /// modulus has.
    #[serde(rename = "rsa-pss-sha256")]
    RsaPssSha256,
    /// Ed25519 over the statement itself (RFC 8032 5.1), 64 octets.
    #[serde(rename = "ed25519")]
    Ed25519,
}

/// The name an enum's variant has in files: the string serde writes for it.
///
/// One spelling serves JSON, TOML and statements, so it is derived, never written twice.
pub(crate) fn spelling<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        Ok(_) | Err(_) => String::new(),
    }
}

macro_rules! display_by_spelling {
    ($($type:ty),* $(,)?) => {$(
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&spelling(self))
            }
        }
        impl std::str::FromStr for $type {
            type Err = UnknownSpelling;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                serde_json::from_value(serde_json::Value::String(text.to_owned()))
                    .map_err(|_| UnknownSpelling { found: text.to_owned() })
            }
        }
    )*};
}
display_by_spelling!(
    Environment,
    Mode,
    Role,
    Outcome,
    StepKind,
    KeyAlgorithm,
    StatementAlgorithm,
    KeyStorage,
    Profile,
    KeyPurpose,
    ProvisionMode,
    ReasonCode,
    ShareSetName,
    SealKind,
    ArtifactKind,
    OperatorKind,
    AskedDecision,
    KeyFate,
    SettledKey,
    MirrorState,
    PinOwner,
    PinState,
    LoginPath,
    Rule,
    SharesAfterBreak,
    CustodyAct,
    EvidenceForm,
    ExceptionClass,
    DutyKind,
    DrillKind,
    DrillOutcome,
    System,
    AnchorDelivery,
    RotationPhase,
);

/// A word that none of a closed enum's variants has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is none of the known words")]
pub struct UnknownSpelling {
    /// What was found.
    pub found: String,
}
