//! Quorum secrets and their shares (SLIP-39). The only room with unwrapped shares or a rebuilt secret.
//!
//! A quorum secret is 256 random bits. [`deal`] splits one for T of N holders and keeps nothing but the public
//! side; [`verify_all`] has every holder enter the share again before a token depends on it; [`unlock`] rebuilds
//! the secret later. What is derived from it is in [`derive_pin`].
//!
//! Chance comes in as an argument, words through a [`ShareSource`], and sheets leave as [`Sheet`]s, so that this
//! room needs no terminal, file, clock or random number generator. Each of these callbacks fails with the
//! caller's own error type, which comes back unchanged.

mod dealer;
mod derive;
mod entry;
mod error;
mod pin;
mod sheet;
pub mod slip39;

pub use dealer::{Deal, deal};
pub use derive::{check_value, new_quorum_secret};
pub use entry::{
    ShareCheckError, ShareProblem, ShareRequest, ShareSource, Unlocked, check_share, unlock, verify_all,
};
pub use error::Error;
pub use pin::{PinPurpose, derive_pin, new_pin_length, new_pin_policy};
pub use sheet::{
    MIN_PASSPHRASE_CHARACTERS, ShareFileError, Sheet, is_share_file, open_share_file, words_from_sheet,
};
pub use slip39::{Completion, WORDS_PER_SHARE, Word};

#[cfg(test)]
mod tests;
