//! Strings for people: digests in groups and as words, text from outside escaped, pages for paper. No I/O.

mod digest;
mod escape;
mod html;
mod qr;
mod report;
mod runbook;
mod watermark;

pub use digest::{hex_groups, words, words_of};
pub use escape::escaped;
pub use report::report;
pub use runbook::runbook;
pub use watermark::watermarked;
