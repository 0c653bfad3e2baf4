//! People, roles, thresholds: whose signature counts for what.
//!
//! [`approve()`] and [`authorise()`] are the only ways to an [`ApprovedTbs`], which is the only thing that a token is
//! asked to sign. The run and the auditor ask the same functions here, so that they cannot judge differently.

mod approve;
mod change;
mod policy;
mod problem;
mod public_key;
mod quorum;
mod refused;
mod rehearsed;
mod seal;
mod seal_time;
mod signature;

pub use approve::{Approved, ApprovedTbs, Context, approve};
pub use change::{RosterChange, people_are_told};
pub use policy::{PolicyFinding, can_need, is_binding, policy, unwaived};
pub use problem::{Differs, Mismatch, StatementProblem};
pub use public_key::{
    KeyProblem, PSS_SALT_BYTES, RosterKeyProblem, SignatureProblem, StatementKey, key_problems,
};
pub use refused::Refused;
pub use rehearsed::{DrillProblem, NotRehearsed, RehearsalEvidence, drills_passed, played, rehearsed};
pub use seal::{Authorised, SealTemplate, authorise, check_seal, seal_quorum};
pub use seal_time::SealTime;
pub use signature::{Signed, check_signature};

#[cfg(test)]
mod tests;
