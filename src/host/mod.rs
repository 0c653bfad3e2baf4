//! The machine: which it is, its clocks, its random number generator, and what keeps secrets in its memory. No other room asks
//! for the time or for chance.

mod clock;
mod entropy;
mod hardening;
mod machine;
mod power;

pub use clock::{milliseconds_since_start, now};
pub use entropy::{EntropyError, fill_random};
pub use hardening::harden;
pub use machine::machine;
pub use power::cut_power;
