use crate::format::Name;

use super::slip39;

/// Why a secret was not split, not rebuilt, or nothing was derived from it. Says nothing about any word.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not 2 <= T <= N <= 16 (SLIP-39 allows 16 members; one share alone must open nothing).
    #[error("{threshold} of {holders} is no quorum: at least 2 are needed, and at most 16 can hold a share")]
    Quorum {
        /// T.
        threshold: u8,
        /// N.
        holders: usize,
    },
    /// One person would hold two shares of a set.
    #[error("`{holder}` would hold two shares of one set")]
    HolderTwice {
        /// Who.
        holder: Name,
    },
    /// The shares of a recorded split are not numbered 1 to N.
    #[error("the record of the split does not number its shares from 1 upwards")]
    Numbering,
    /// What stands on the sheets did not rebuild the secret. Nothing was shown.
    #[error("the sheets of {} do not rebuild the secret", .holders.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "))]
    SelfTest {
        /// Whose sheets were combined.
        holders: Vec<Name>,
    },
    /// Every share matched its commitment, yet the rebuilt secret does not match the recorded check value.
    #[error("the secret that these shares rebuild is not the one that the record's check value names")]
    CheckValue,
    /// No PIN of the encoding has a length that the token takes.
    #[error(
        "the token takes PINs of {pin_min} to {pin_max} bytes: the template leaves no room for symbols, or \
         {symbols} symbols, the most that are derived, are too few"
    )]
    PinDoesNotFit {
        /// ulMinPinLen (CK_TOKEN_INFO).
        pin_min: u64,
        /// ulMaxPinLen.
        pin_max: u64,
        /// The alphabet's longest PIN.
        symbols: u8,
    },
    /// A recorded policy is none that PINs can follow from.
    #[error("the record's PIN policy is not one that anchorite wrote: its {member} is wrong")]
    PinPolicy {
        /// Which member of the record's body.
        member: &'static str,
    },
    /// An input is longer than its length prefix can say, or the output longer than RFC 5869 allows.
    #[error("an input of the key derivation is too long")]
    Derivation,
    /// The share arithmetic refused.
    #[error(transparent)]
    Slip39(#[from] slip39::Error),
}
