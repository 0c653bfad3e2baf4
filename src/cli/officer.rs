#[cfg(feature = "ceremony")]
mod card;
mod files;
mod key;
mod new;
mod sign;
mod summary;

use std::process::ExitCode;

use super::args::{OfficerArguments, OfficerVerb};
use super::console::Console;
use super::failure::Failure;
use crate::host;

/// `anchorite officer`
pub(crate) fn run(arguments: &OfficerArguments, console: &mut Console) -> Result<ExitCode, Failure> {
    host::harden();
    match &arguments.verb {
        OfficerVerb::New(arguments) => new::run(arguments, console),
        OfficerVerb::Sign(arguments) => sign::run(arguments, console),
    }
}
