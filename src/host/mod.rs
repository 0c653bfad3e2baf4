//! The machine: its clocks and its random number generator. No other room asks for the time or for chance.

mod clock;
mod entropy;

pub use clock::{milliseconds_since_start, now};
pub use entropy::{EntropyError, fill_random};
