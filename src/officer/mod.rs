//! An officer's own private key, in a file or on a card: make it, unlock it, sign a statement. Never in the process that
//! runs a ceremony.

mod approval;
#[cfg(feature = "ceremony")]
mod card;
#[cfg(feature = "ceremony")]
mod card_error;
#[cfg(feature = "ceremony")]
mod certificate;
mod error;
mod key;
mod random;

pub use approval::approval;
#[cfg(feature = "ceremony")]
pub use card::{Card, CardAddress, CardKey};
#[cfg(feature = "ceremony")]
pub use card_error::CardError;
pub use error::{ApprovalError, KeyError};
pub use key::{KeySeed, MIN_PASSPHRASE_CHARACTERS, NewKey, OfficerKey, check_passphrase, new_key};
pub use random::Draw;
