use serde::{Deserialize, Serialize};

use crate::format::Name;

/// Something was not as expected, and somebody decided what follows from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExceptionNoted {
    /// 1 for the first of a ceremony, then one more each; the number of its sheet of paper.
    pub number: u64,
    /// The step under way, where there is one.
    pub step: Option<Name>,
    /// How grave it is.
    pub class: ExceptionClass,
    /// What was expected.
    pub expected: String,
    /// What happened.
    pub happened: String,
    /// What was decided.
    pub decided: String,
    /// Who decided it.
    pub by: Name,
}

/// How grave an exception is. A later one is graver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExceptionClass {
    /// Worth a line: a slip of the pen, a cable.
    Note,
    /// Something was done otherwise than written; what was made is not touched by it.
    Deviation,
    /// Something failed and was done again.
    Repeated,
    /// What was made may be wrong, and is held back until somebody has looked into it.
    Doubtful,
    /// Somebody may have had what nobody may have: the ceremony ends.
    Compromise,
}
