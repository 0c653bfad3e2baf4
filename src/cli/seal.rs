use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::args::SealArguments;
use super::console::Console;
use super::failure::Failure;
use super::plan::read;
use super::run::{authority_of, mode_of, open_exchange, report, with_operator};
use crate::execute;

/// `anchorite seal`
pub(crate) fn run(arguments: &SealArguments, console: &mut Console) -> Result<ExitCode, Failure> {
    let ready_made = arguments.seals.iter().map(PathBuf::as_path).map(pair).collect::<Result<Vec<_>, _>>()?;
    let mode = mode_of(&arguments.record)?;
    let exchange = open_exchange(&arguments.exchange)?;
    let finished = with_operator(&arguments.exchange, mode, console, |operator| {
        execute::seal(&arguments.record, &ready_made, operator, &exchange)
    })?;
    report(&finished, authority_of(&arguments.record), mode, console);
    Ok(ExitCode::SUCCESS)
}

/// A statement and the signature beside it.
fn pair(statement: &Path) -> Result<(Vec<u8>, Vec<u8>), Failure> {
    if statement.extension().is_none_or(|extension| extension != "txt") {
        return Err(Failure::usage(
            format!("{} does not end in `.txt`", statement.display()),
            "name the statement; its signature lies beside it with `.sig` in place of `.txt`",
        ));
    }
    Ok((read(statement)?, read(&statement.with_extension("sig"))?))
}
