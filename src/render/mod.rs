//! Strings for people: digests in groups and as words, text from outside escaped. No I/O.

mod digest;
mod escape;

pub use digest::{hex_groups, words, words_of};
pub use escape::escaped;
