//! `Script` to `Plan`: every choice made, everything that can fail before people meet.

mod adopt_authority;
mod crls;
mod cross_sign;
mod destroy_key;
mod directory;
mod extensions;
mod identity;
mod judgement;
mod ledger_references;
mod objects;
mod people;
mod profiles;
pub mod rehearsal;
mod relying;
mod resolve;
mod to_be_signed;
mod witnessed;

pub mod room;

pub use directory::{DirectoryError, PlanDirectory};
pub use judgement::broken_rules;
pub use resolve::{Resolved, Sources, resolve};
pub use to_be_signed::{TbsError, cross_to_be_signed, to_be_signed};
