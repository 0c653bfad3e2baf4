//! PKCS#11 tokens: which module is loaded, which token is meant, and the few calls that a ceremony may make.
//!
//! A token can also be the card that an officer's own key lives on; that is `card.rs`, for another process.
//!
//! One process has one module, because C_Initialize is global to a process. A token is addressed by its serial
//! number or by being the only blank one, never by slot: slots are renumbered. `unsafe` stands only in `raw.rs`;
//! a PIN is exposed only where C_Login, C_InitToken, C_InitPIN and C_SetPIN are called.

mod attributes;
mod card;
mod curve;
mod description;
mod error;
mod image;
mod key;
mod library;
mod mechanism;
mod module;
mod profile;
mod raw;
mod remains;
mod return_value;
mod session;
#[cfg(test)]
#[path = "../../tests/support/softhsm.rs"]
mod softhsm;

pub use card::{PinEntry, PublicHalf, PublicValue};
pub use description::TokenDescription;
pub use error::Error;
pub use key::{ExistingKey, GeneratedKey, KeyHandle};
pub use mechanism::Mechanism;
pub use module::Module;
pub use profile::{DeviceProfile, WantedFalse};
pub use remains::Remains;
pub use return_value::{Category, ReturnValue};
pub use session::Token;
