use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Instant, Name, Role};

/// Something that has to be done after a ceremony.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Duty {
    /// From the ceremony file, or the step that it follows from. With the kind unique in a plan.
    pub id: Name,
    /// What it follows from.
    pub kind: DutyKind,
    /// What has to be done.
    pub what: String,
    /// By when.
    pub due: Instant,
    /// Who sees to it.
    pub owner: Role,
}

/// What a duty follows from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DutyKind {
    /// The ceremony file has it.
    Written,
    /// A CRL says by when there is another (nextUpdate).
    NextCrl,
    /// Shares were dealt; whoever holds one looks whether it is still there and right.
    ShareCheck,
    /// A certificate ends (notAfter).
    CertificateExpiry,
}

/// A duty of an earlier ceremony.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DutyRef {
    /// Of that ceremony.
    pub ordinal: u64,
    /// As its ceremony file names it.
    pub id: Name,
}

impl fmt::Display for DutyRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.ordinal, self.id)
    }
}
