//! Runs the key ceremonies of an offline root CA.
//!
//! `docs/architecture.md` shows the rooms, who may touch what, and the flow that the types follow:
//! `Script -> Plan -> Approved -> Outcome -> Sealed -> Verdict`.

pub mod artifact;
pub mod cli;
pub mod deploy;
#[cfg(feature = "ceremony")]
pub mod execute;
pub mod format;
pub mod host;
pub mod ledger;
pub mod officer;
pub mod pki;
pub mod plan;
#[cfg(feature = "ceremony")]
pub mod record;
pub mod render;
pub mod roster;
pub mod script;
pub mod secret;
#[cfg(feature = "ceremony")]
pub mod shares;
#[cfg(feature = "ceremony")]
pub mod token;
pub mod verify;
pub mod weak_key;
