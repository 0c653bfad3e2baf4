//! `Script` to `Plan`: every choice made, everything that can fail before people meet.

mod crls;
mod directory;
mod extensions;
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
pub use resolve::{Resolved, Sources, resolve};
pub use to_be_signed::{TbsError, to_be_signed};
