mod delta;

use serde::{Deserialize, Serialize};

pub use delta::{Difference, RehearsesSomethingElse, delta};

use super::{Digest, Name};

/// What the plan of a rehearsal was derived from, and what is drilled in it. Only a rehearsal's plan has one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rehearses {
    /// SHA-256 of the `plan.json` of the ceremony.
    pub plan_sha256: Digest,
    /// SHA-256 of that plan's roster, whose people have throw-away keys in the rehearsal.
    pub roster_sha256: Digest,
    /// Serial numbers of the ceremony's tokens, which the rehearsal never opens.
    pub forbidden_tokens: Vec<String>,
    /// What is drilled, in this order; never empty, no kind twice in one step.
    pub drills: Vec<Drill>,
}

/// Something that goes wrong on purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drill {
    /// What.
    pub kind: DrillKind,
    /// In which step; absent where it comes before the record is open.
    pub step: Option<Name>,
}

/// What goes wrong in a drill. Closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DrillKind {
    /// The machine stops in the middle of a step, and people go on with `resume`.
    PowerCut,
    /// A holder enters a share with a wrong word.
    WrongWord,
    /// So many officers leave that the ceremony has to wait for one to come back.
    MissingOfficer,
    /// Another token is connected than the one that was approved.
    WrongToken,
    /// Something happens that the plan does not foresee, and people record it.
    Exception,
    /// A first attempt is ended by an officer, and a second one begins from the start.
    Abort,
}

/// A drill that was due, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drilled {
    /// As the plan has it.
    pub kind: DrillKind,
    /// As the plan has it.
    pub step: Option<Name>,
    /// What came of it.
    pub outcome: DrillOutcome,
}

/// What came of a drill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DrillOutcome {
    /// It was played, and what should stop or catch it did.
    Passed,
    /// Nobody played it: the step ended as if nothing had been planned.
    NotPlayed,
}

/// The rehearsal that a ceremony was rehearsed in, as its record 0 names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rehearsed {
    /// Head of the rehearsal's record.
    pub head: Digest,
    /// SHA-256 of the rehearsal's `plan.json`.
    pub plan_sha256: Digest,
}
