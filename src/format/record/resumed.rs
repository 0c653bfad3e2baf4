use serde::{Deserialize, Serialize};

use super::KeyEvidence;
use crate::format::{Digest, FileRef, HostState, Machine, Name, Present};

/// An interrupted ceremony goes on: what was left, and who is there now.
///
/// T officers approved that in resume statements over the log before this record; a `seal.added` record for each
/// follows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resumed {
    /// How the process that goes on keeps secrets in memory.
    pub host: HostState,
    /// Which machine it goes on on, and what runs there.
    pub machine: Machine,
    /// The people in the room from now on, in the order of the roster.
    pub present: Vec<Present>,
    /// Operations without an answer, by number. Whether they took effect is asked of the token before anything
    /// follows from them.
    pub unanswered: Vec<u64>,
    /// What the officers decided about keys of which nobody knows whether they were made, by operation.
    pub keys: Vec<KeyDecision>,
    /// How far the two copies of the record were apart; `None` where they were the same, or there is one.
    pub mirror: Option<MirrorFound>,
    /// What the interruption left half written, kept in `artifacts/`.
    pub set_aside: Vec<FileRef>,
}

/// What becomes of a key that a call without a usable answer may have left on a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyDecision {
    /// The number of its C_GenerateKeyPair.
    pub op: u64,
    /// What the officers want.
    pub fate: KeyFate,
}

/// What officers want with a key that nobody saw being made. Where the token has none, another one is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyFate {
    /// It is the key of its step, if it is whole and what was asked for.
    Adopt,
    /// It is removed from the token, and another one is made.
    Destroy,
}

/// What became of a key that a call without a usable answer may have left, as the token said after a login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeySettled {
    /// In which step.
    pub step: Name,
    /// The number of its C_GenerateKeyPair.
    pub op: u64,
    /// What was found and done.
    pub outcome: SettledKey,
    /// As it was read back; of an adopted key only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<KeyEvidence>,
}

/// What was found of a key and done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SettledKey {
    /// It was whole and is the key of its step.
    Adopted,
    /// What there was of it was removed.
    Destroyed,
    /// The token had nothing of it.
    Absent,
}

/// How far the shorter of two copies of a record had come before it was brought up to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MirrorFound {
    /// Which of the two was the shorter one.
    pub state: MirrorState,
    /// How many records it had.
    pub records: u64,
    /// Its head; [`Digest::ZERO`] without a record.
    pub head: Digest,
}

/// Which of two copies of a record was the shorter one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MirrorState {
    /// The mirror had no copy: its medium is a new one, or the interruption came first.
    Absent,
    /// The mirror.
    Behind,
    /// The record in the authority.
    Ahead,
    /// Nobody could reach the mirror, and the ceremony was ended without it.
    OutOfReach,
}
