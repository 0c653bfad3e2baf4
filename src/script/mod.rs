//! `ceremony.toml` to `Script`: strict, every value with its place, every mistake in one go.
//!
//! `docs/ceremony-file.md` is the same for the person who writes the file.

mod diagnostic;
mod everywhere;
mod extensions;
mod fields;
mod model;
mod reference;
mod render;
mod schema;
mod shape;
mod steps;
mod suggest;
mod value;
mod vocabulary;
mod walk;
mod word;

#[cfg(test)]
mod tests;

pub use diagnostic::{Code, Diagnostic};
pub use extensions::{Extensions, NameConstraints, Subtrees};
pub use model::{Ceremony, Script, Series, Spanned, Step, StepBody, Waiver, WrittenDuty};
pub use reference::{Certified, InputFile, Reference};
pub use render::render;
pub use schema::json_schema;
pub use vocabulary::{
    AttributeKind, Backup, BeaconWanted, DigestWord, Onto, PinSymbols, QuorumHolder, RelyingSystem,
    TokenContent,
};

use fields::Report;
use toml::de::DeTable;

/// Reads a ceremony file.
///
/// What is returned keeps every rule that one value, or one step by itself, can keep or break.
/// Rules about the order of steps are [`crate::plan::room`]'s.
///
/// # Errors
/// Every mistake, sorted by place; never an empty list.
pub fn parse(text: &str) -> Result<Script, Vec<Diagnostic>> {
    let (document, syntax_errors) = DeTable::parse_recoverable(text);
    let mut report = Report::new(text);
    everywhere::check(document.get_ref(), &mut report);
    let script = walk::script(document.get_ref(), &mut report);
    let diagnostics = report.finish(&syntax_errors);
    match script {
        Ok(script) if diagnostics.is_empty() => Ok(script),
        Ok(_) | Err(_) => Err(diagnostics),
    }
}
