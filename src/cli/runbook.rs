use std::process::ExitCode;

use super::args::ScriptArguments;
use super::console::{Console, Mark};
use super::failure::Failure;
use crate::artifact::{self, Access};
use crate::format::Roster;
use crate::plan::PlanDirectory;
use crate::render::{hex_groups, runbook, words};

/// `anchorite script`
pub(crate) fn run(arguments: &ScriptArguments, console: &mut Console) -> Result<ExitCode, Failure> {
    let unreadable = |error| Failure::refused(error, "plan again, and print the new plan");
    // A rehearsal is followed on paper like a ceremony; its paper says what it is.
    let mode = PlanDirectory::announced_mode(&arguments.plan).map_err(unreadable)?;
    let directory = PlanDirectory::read_in(&arguments.plan, mode).map_err(unreadable)?;
    let roster =
        Roster::parse_in(&directory.roster, mode).map_err(|error| Failure::usage(error, "plan again"))?;
    let incoming = directory.plan.incoming_roster().and_then(|file| {
        let (_, bytes) = directory.inputs.iter().find(|(name, _)| *name == file.name)?;
        Some(Roster::parse_in(bytes, mode))
    });
    let incoming = incoming.transpose().map_err(|error| Failure::usage(error, "plan again"))?;
    let page = runbook(&directory, &roster, incoming.as_ref());
    write(&arguments.output, &page)?;
    console.line(format!("plan digest  {}", hex_groups(&directory.digest())));
    for row in words(&directory.digest()) {
        console.line(format!("             {row}"));
    }
    let good = console.marked(Mark::Good, format!("{}: written", arguments.output.display()));
    console.line(format!("\n{good}; print it from a browser, on A4 or Letter"));
    Ok(ExitCode::SUCCESS)
}

/// Writes a page that a person named; nothing is overwritten.
pub(super) fn write(path: &std::path::Path, page: &str) -> Result<(), Failure> {
    artifact::create_at(path, page.as_bytes(), Access::Everybody)
        .map_err(|error| Failure::usage(error, "choose a file that does not exist; nothing is overwritten"))
}
