//! The engine: carries an approved plan out on a token, one file per kind of step.
//!
//! Nothing is signed but an [`ApprovedTbs`](crate::roster::ApprovedTbs), nothing that was signed is lost, and
//! every call with a side effect has a durable intent before it and a durable result after it.

mod abort;
mod adopt_authority;
mod attendance;
mod change_roster;
mod close;
mod describe;
mod destroy_key;
mod drill;
mod engine;
mod error;
mod exception;
mod exchange;
mod freeze;
mod generate_key;
mod issue;
mod material;
mod operator;
mod pause;
mod people;
mod pins;
mod preparation;
mod provision;
mod reshare;
mod resume;
mod seal;
mod settle;
mod share_sets;
mod signer;
mod unlock;
mod witnessed;

pub use abort::{AbortRequest, abort};
pub use engine::{Finished, run};
pub use error::{Error, Stop};
pub use exchange::Exchange;
pub use operator::{
    BagAsked, ExceptionAsked, ExceptionReport, Missing, Movement, Notice, Operator, Pause, Question, Waiting,
    WordsAsked,
};
pub use preparation::Ceremony;
pub use resume::resume;
pub use seal::seal;
