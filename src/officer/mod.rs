//! An officer's own private key: make it, unlock it, sign a statement. Never in the process that runs a ceremony.

mod approval;
mod error;
mod key;
mod random;

pub use approval::approval;
pub use error::{ApprovalError, KeyError};
pub use key::{KeySeed, MIN_PASSPHRASE_CHARACTERS, NewKey, OfficerKey, check_passphrase, new_key};
pub use random::Draw;
