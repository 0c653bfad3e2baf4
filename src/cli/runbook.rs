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
    let directory = PlanDirectory::read(&arguments.plan)
        .map_err(|error| Failure::refused(error, "plan again, and print the new plan"))?;
    let roster = Roster::parse(&directory.roster).map_err(|error| Failure::usage(error, "plan again"))?;
    let incoming = directory.plan.incoming_roster().and_then(|file| {
        let (_, bytes) = directory.inputs.iter().find(|(name, _)| *name == file.name)?;
        Some(Roster::parse(bytes))
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
