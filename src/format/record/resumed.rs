use serde::{Deserialize, Serialize};

use crate::format::{FileRef, HostState, Machine, Present};

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
    /// What the interruption left half written, kept in `artifacts/`.
    pub set_aside: Vec<FileRef>,
}
