use std::fmt;

use crate::format::{Digest, Name};

/// Something that a step made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// `NAME`: by an earlier step of this file.
    Step(Name),
    /// `ledger:NAME` or `ledger:ORDINAL/NAME`: by a step of an earlier ceremony of the authority.
    Ledger {
        /// Which ceremony; `None` leaves it to the ledger, where the name must then be the only one.
        ordinal: Option<u64>,
        /// The step.
        id: Name,
    },
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Step(id) => f.pad(id.as_str()),
            Self::Ledger { ordinal: None, id } => f.pad(&format!("ledger:{id}")),
            Self::Ledger { ordinal: Some(ordinal), id } => f.pad(&format!("ledger:{ordinal}/{id}")),
        }
    }
}

/// A root that is certified once more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Certified {
    /// One of this authority.
    Own(Reference),
    /// Another organisation's.
    Foreign(InputFile),
}

impl Certified {
    /// The reference, where it is a root of this authority.
    pub fn own(&self) -> Option<&Reference> {
        match self {
            Self::Own(reference) => Some(reference),
            Self::Foreign(_) => None,
        }
    }
}

impl fmt::Display for Certified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own(reference) => reference.fmt(f),
            Self::Foreign(file) => f.pad(&file.file),
        }
    }
}

/// A file that the ceremony takes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputFile {
    /// Below the ceremony file's directory, with `/`.
    pub file: String,
    /// SHA-256 of its bytes.
    pub sha256: Digest,
}
