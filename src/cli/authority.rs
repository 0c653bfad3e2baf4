//! `anchorite authority`

mod history;
mod json;
mod publish;
mod status;
mod words;

use std::path::Path;
use std::process::ExitCode;

use super::args::{AuthorityArguments, AuthorityVerb, AuthorityViewArguments, OutputFormat};
use super::console::{Console, Mark};
use super::failure::Failure;
use super::verify::{read_roster, unreadable};
use crate::host;
use crate::ledger::Ledger;
use crate::verify::{self, Anchors, Conclusion, Verdict};

/// `anchorite authority`
pub(crate) fn run(arguments: &AuthorityArguments, console: &mut Console) -> Result<ExitCode, Failure> {
    match &arguments.verb {
        AuthorityVerb::Status(arguments) => view(arguments, console, status::page, json::status),
        AuthorityVerb::Ledger(arguments) => view(arguments, console, history::page, json::ledger),
        AuthorityVerb::MayPublish(arguments) => publish::run(arguments, console),
    }
}

/// What the records say, and how they were judged.
pub(super) fn verified(authority: &Path, roster: Option<&Path>) -> Result<(Verdict, Ledger), Failure> {
    let anchors = Anchors { roster: roster.map(read_roster).transpose()?, ..Anchors::default() };
    verify::authority(authority, &anchors).map_err(|error| unreadable(authority, &error))
}

/// Whether what the ledger says can be built on. Nobody gives a checkpoint to ask what is there, so its absence alone is no
/// reason to fail.
pub(super) fn holds(verdict: &Verdict) -> bool {
    verdict.conclusion <= Conclusion::Unanchored
}

/// What is shown: the verdict, the ledger, and for which time.
struct Shown<'a> {
    verdict: &'a Verdict,
    ledger: &'a Ledger,
    at: crate::format::Instant,
}

fn view(
    arguments: &AuthorityViewArguments,
    console: &mut Console,
    page: fn(&Shown<'_>, &mut Console),
    json: fn(&Shown<'_>) -> serde_json::Value,
) -> Result<ExitCode, Failure> {
    let (verdict, ledger) = verified(&arguments.authority, arguments.roster.as_deref())?;
    let at = arguments.at.unwrap_or_else(host::now);
    let shown = Shown { verdict: &verdict, ledger: &ledger, at };
    match arguments.format {
        OutputFormat::Table => page(&shown, console),
        OutputFormat::Json => {
            let text = serde_json::to_string_pretty(&json(&shown)).map_err(|error| {
                Failure::usage(format!("the answer cannot be written as JSON: {error}"), "use --format table")
            })?;
            console.line(text);
        }
    }
    Ok(if holds(&verdict) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub(super) fn standing(verdict: &Verdict, console: &Console) -> String {
    if verdict.conclusion == Conclusion::Unanchored && verdict.passes_without_checkpoint() {
        console.marked(Mark::Good, "consistent, under the given roster")
    } else if verdict.conclusion == Conclusion::Unanchored {
        console.marked(Mark::Warn, "consistent in themselves; give --roster to say whose they are")
    } else {
        let text = format!(
            "{}; `anchorite verify` says why, and the rest of this page may be wrong",
            verdict.conclusion
        );
        console.marked(Mark::Bad, text)
    }
}
