//! Records of ceremonies that a SoftHSM token held, and what people without keys make of them, for whoever writes a verifier or
//! wants to try one: every verifier there is judges every one of them.
//!
//! `ANCHORITE_WRITE_CORPUS=DIRECTORY cargo test --test corpus` leaves them in that directory (`docs/auditor-guide.md`).
#![cfg(feature = "ceremony")]

#[cfg(test)]
#[allow(dead_code, reason = "each test uses a part of it")]
#[path = "../support/browser.rs"]
mod browser;
#[cfg(test)]
#[allow(dead_code, reason = "each test uses a part of it")]
#[path = "../support/ceremonies.rs"]
mod ceremonies_held;
#[cfg(test)]
mod judged;
#[cfg(test)]
#[path = "../support/keys.rs"]
mod keys;
#[cfg(test)]
#[path = "../support/killed.rs"]
mod killed;
#[cfg(test)]
#[allow(dead_code, reason = "each test uses a part of it")]
#[path = "../support/lab.rs"]
mod lab;
#[cfg(test)]
mod mutants;
#[cfg(test)]
#[path = "../support/packages.rs"]
mod packages;
#[cfg(test)]
mod sound;
#[cfg(test)]
#[path = "../support/verifiers.rs"]
mod verifiers;
