use std::fmt;

use serde::{Deserialize, Serialize};

use crate::format::{Digest, FileRef, Name};

/// A digest that everybody has on paper before the day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "kebab-case", deny_unknown_fields)]
pub enum NamedDigest {
    /// The plan digest.
    Plan {},
    /// SHA-256 of the roster file.
    Roster {},
    /// SHA-256 of the ceremony file.
    Script {},
    /// Head of the record before: the checkpoint.
    PreviousHead {},
    /// SHA-256 of an input of the plan.
    Input {
        /// Which.
        file: FileRef,
    },
}

impl fmt::Display for NamedDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plan {} => f.write_str("the plan digest"),
            Self::Roster {} => f.write_str("the SHA-256 of the roster"),
            Self::Script {} => f.write_str("the SHA-256 of the ceremony file"),
            Self::PreviousHead {} => f.write_str("the head of the ceremony before"),
            Self::Input { file } => write!(f, "the SHA-256 of {}", file.name),
        }
    }
}

/// A digest was read aloud from somebody's own paper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadAloud {
    /// In which step.
    pub step: Name,
    /// What the digest is of.
    pub named: NamedDigest,
    /// The digest.
    pub digest: Digest,
    /// Who read.
    pub by: Name,
    /// Which of its 32 words were asked for and right, counted from 1: drawn by the program, ascending.
    pub positions: Vec<u8>,
    /// How often words were asked for until all were right.
    pub attempts: u32,
}

/// Somebody stated what the plan says, or would not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attested {
    /// In which step.
    pub step: Name,
    /// Who.
    pub by: Name,
    /// The statement.
    pub text: String,
    /// Why this person will not state it, in their words; `None` for who does.
    pub refusal: Option<String>,
}

/// What is done with something that lies in a numbered bag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CustodyAct {
    /// The bag is compared and opened.
    Open,
    /// The thing is put into a new bag.
    Seal,
    /// The bag is compared and stays closed.
    Inspect,
}

impl CustodyAct {
    /// Whether a bag that was closed before is compared.
    pub fn compares(self) -> bool {
        matches!(self, Self::Open | Self::Inspect)
    }
}

/// Two people read the number of a bag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustodyNoted {
    /// In which step.
    pub step: Name,
    /// What lies in the bag.
    pub item: Name,
    /// What was done.
    pub act: CustodyAct,
    /// The number of the bag, as both read it.
    pub number: String,
    /// The number that it was sealed under; `None` where a new bag is closed.
    pub expected: Option<String>,
    /// Where it is from then on.
    pub place: Option<String>,
    /// Who read it first.
    pub by: Name,
    /// Who read it again.
    pub witness: Name,
}

/// The form of a file that comes from a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EvidenceForm {
    /// The log of a YubiHSM 2 as `yubihsm-shell` prints it (`audit get`).
    #[serde(rename = "yubihsm2-log")]
    YubiHsm2Log,
    /// Any other: kept and not read.
    Opaque,
}

/// The largest file that is taken in from a device, in bytes.
pub const MAX_EVIDENCE_BYTES: usize = 16 * 1024 * 1024;

/// A file from a device was taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceImported {
    /// In which step.
    pub step: Name,
    /// Which device it is about.
    pub token: Name,
    /// Its form.
    pub form: EvidenceForm,
    /// `artifacts/STEP.evidence`.
    pub file: FileRef,
    /// Who compared its digest with where it came from.
    pub by: Name,
}

/// Something that nobody could know earlier: the ceremony was not held before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beacon {
    /// In which step.
    pub step: Name,
    /// Who brought it.
    pub by: Name,
    /// Where everybody can look it up.
    pub source: String,
    /// What it says.
    pub value: String,
}
