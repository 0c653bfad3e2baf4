use std::process::ExitCode;

use super::args::{ShareArguments, ShareVerb};
use super::console::Console;
use super::failure::Failure;

#[cfg(feature = "ceremony")]
mod check;
mod status;

/// `anchorite share`
pub(crate) fn run(arguments: &ShareArguments, console: &mut Console) -> Result<ExitCode, Failure> {
    match &arguments.verb {
        #[cfg(feature = "ceremony")]
        ShareVerb::Check(arguments) => check::run(arguments, console),
        ShareVerb::Status(arguments) => status::run(arguments, console),
    }
}
