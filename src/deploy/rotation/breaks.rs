use crate::format::{Instant, Name, RotationPhase};

/// Why a rotation would break something.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Break {
    /// The records are not of the authority that the file names.
    #[error("the records are not of the authority `{authority}`")]
    OtherAuthority {
        /// Which the file names.
        authority: Name,
    },
    /// No such root.
    #[error("the authority's records have no root `{id}`")]
    NoRoot {
        /// Its step.
        id: Name,
    },
    /// A date before it is safe.
    #[error("{phase} on {chosen} is too early, it is safe from {earliest} on: {reason}")]
    TooEarly {
        /// Which phase.
        phase: RotationPhase,
        /// What the file says.
        chosen: Instant,
        /// What would be safe.
        earliest: Instant,
        /// Why.
        reason: String,
    },
    /// Anchors that reach a consumer in a way that it does not survive.
    #[error("consumer `{consumer}` would break in the phase {phase}: {reason}")]
    Consumer {
        /// Which.
        consumer: Name,
        /// When.
        phase: RotationPhase,
        /// Why.
        reason: String,
    },
    /// The old root ends before what it vouches for is gone.
    #[error(
        "the old root ends on {ends}, and what was issued under it may be in use until {until}: begin earlier, or shorten what is \
         issued in the consumers"
    )]
    OldRootEnds {
        /// notAfter.
        ends: Instant,
        /// When the last leaf is gone.
        until: Instant,
    },
    /// The new root does not hold for the time in which it is needed.
    #[error("the new root is valid {validity}, and is needed from {from} on")]
    NewRootNotValid {
        /// Its validity.
        validity: crate::format::Window,
        /// From when.
        from: Instant,
    },
    /// No such intermediate.
    #[error("consumer `{consumer}` runs on `{id}`, which the authority's records do not have")]
    NoIntermediate {
        /// Which.
        consumer: Name,
        /// Its step.
        id: Name,
    },
}
