use std::process::ExitCode;

use super::args::AbortArguments;
use super::console::Console;
use super::failure::Failure;
use super::run::{authority_of, mode_of, open_exchange, report, with_operator};
use crate::execute::{self, AbortRequest};
use crate::host;

/// `anchorite abort`
pub(crate) fn run(arguments: &AbortArguments, console: &mut Console) -> Result<ExitCode, Failure> {
    host::harden();
    let mode = mode_of(&arguments.record)?;
    let exchange = open_exchange(&arguments.exchange)?;
    let request = AbortRequest { by: arguments.by.clone(), reason: arguments.reason.clone() };
    let finished = with_operator(&arguments.exchange, mode, console, |operator| {
        execute::abort(&arguments.record, &request, operator, &exchange)
    })?;
    report(&finished, authority_of(&arguments.record), mode, console);
    Ok(ExitCode::SUCCESS)
}
