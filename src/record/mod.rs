//! Writes the record: one durable line at a time.
//!
//! A line is on disk before anything that depends on it happens. Any error poisons the bundle: nothing more is
//! written, and the last durable head can still be copied by hand.

mod bundle;
mod mirror;
mod opening;
mod reserve;
mod sink;
mod unfinished;

use std::path::PathBuf;

pub use bundle::{Bundle, SignedBytes, Stamp};
pub use mirror::are_apart;
pub use opening::{AuthorityLock, StagedContent};
pub use unfinished::{Reopened, WithoutMirror};

use crate::artifact;
use crate::format::{Digest, JsonError, LogError};

/// The record cannot be written or continued.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file of the bundle.
    #[error(transparent)]
    File(#[from] artifact::Error),
    /// A line of the log could not be made durable. The head before it is the last that counts.
    #[error("record {n} could not be made durable in `{}`: {source}", path.display())]
    Append {
        /// The record's number.
        n: u64,
        /// Head of the record before.
        head: Digest,
        /// In which copy of the bundle.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// A medium is full. This record is durable: the reserve was given up for it.
    #[error("the medium of `{}` is full; the last record found its place in the reserve", path.display())]
    Full {
        /// Head of the record that is the last one.
        head: Digest,
        /// The copy of the bundle that is full.
        path: PathBuf,
    },
    /// The mirror that the binding names is not there.
    #[error("the mirror `{}` is not there", path.display())]
    MirrorMissing {
        /// Its directory.
        path: PathBuf,
    },
    /// The mirror would break together with the authority.
    #[error("the mirror `{}` is on the authority's own device", path.display())]
    MirrorOnSameDevice {
        /// As the binding says.
        path: PathBuf,
    },
    /// The mirror has a ceremony that the authority has not.
    #[error("the mirror has `{}`, and the authority has not: it is an older copy", path.display())]
    MirrorHasMore {
        /// The ceremony's bundle in the mirror.
        path: PathBuf,
    },
    /// Neither copy of a record is a beginning of the other.
    #[error("the record and its mirror `{}` tell different stories: the head here is {ours}, the mirror's is {theirs}", mirror.display())]
    Fork {
        /// Head of the copy in the authority.
        ours: Digest,
        /// Head of the mirror's.
        theirs: Digest,
        /// The mirror's copy of the bundle.
        mirror: PathBuf,
    },
    /// A seal covers more than the log has.
    #[error("`{}` seals {sealed} bytes of the log, which has {found}: it was cut", path.display())]
    CutBelowSeal {
        /// The statement.
        path: PathBuf,
        /// How much it covers.
        sealed: u64,
        /// How much is there.
        found: u64,
    },
    /// A file is not the one that a record names.
    #[error("`{}` is not the file that the record names", path.display())]
    Changed {
        /// Which.
        path: PathBuf,
    },
    /// An error came before; nothing more is written.
    #[error("the record stopped at an earlier error; its last durable head is {head}")]
    Poisoned {
        /// The last durable head.
        head: Digest,
    },
    /// A record has no encoding; no event of this program has none.
    #[error("a record cannot be encoded: {0}")]
    Encoding(#[from] JsonError),
    /// A record longer than a line may be.
    #[error("record {n} would be longer than a line may be")]
    TooLong {
        /// The record's number.
        n: u64,
    },
    /// Another process holds the authority.
    #[error("another process works on the authority `{}`", path.display())]
    Busy {
        /// The authority directory.
        path: PathBuf,
    },
    /// The authority has this ordinal already: the approvals are used up.
    #[error("`{}` exists: ceremony {ordinal} was run already, its approvals are used up", path.display())]
    OrdinalTaken {
        /// The ordinal.
        ordinal: u64,
        /// The bundle that has it.
        path: PathBuf,
    },
    /// The log of an unfinished ceremony does not hold.
    #[error("the log cannot be continued: {0}")]
    Log(#[from] LogError),
    /// The ceremony has not ended, or something stands after its end.
    #[error("`{}` has not ended; there is nothing to seal yet", path.display())]
    NotEnded {
        /// The bundle.
        path: PathBuf,
    },
    /// The quorum has sealed it.
    #[error("`{}` has ended and is sealed; nothing is missing", path.display())]
    Sealed {
        /// The bundle.
        path: PathBuf,
    },
    /// The ceremony ended already.
    #[error("`{}` ended already; only an unfinished ceremony can be continued", path.display())]
    Ended {
        /// The bundle.
        path: PathBuf,
    },
}
