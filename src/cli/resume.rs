use std::path::Path;
use std::process::ExitCode;

use super::args::ResumeArguments;
use super::console::Console;
use super::failure::{Exit, Failure};
use super::plan::{TOOL, read, summary_of_run};
use super::records::ledger_before;
use super::reexec;
use super::run::{incoming, open_exchange, read_approvals, report, with_operator};
use crate::execute::{self, Ceremony};
use crate::format::{Binding, Digest, Mode, Outcome, Plan, Roster};
use crate::host;
use crate::roster::{Context, approve};

/// `anchorite resume`
///
/// Everything comes from the record itself: plan, roster, binding and approvals lie in it since it was opened.
pub(crate) fn run(arguments: &ResumeArguments, console: &mut Console) -> Result<ExitCode, Failure> {
    let artifacts = arguments.record.join("artifacts");
    let plan_json = read(&artifacts.join("plan.json"))?;
    let mode = Mode::announced(&plan_json);
    let binding = Binding::parse_in(&read(&artifacts.join("binding.toml"))?, mode).map_err(|error| {
        Failure::usage(error, "the record is damaged; look at it with `anchorite verify`")
    })?;
    reexec::with_only(&binding.variables)?;
    // Before anything is read; what came of it is shown and recorded when people are asked.
    host::harden();
    let damaged = |error: String| Failure::refused(error, "look at the record with `anchorite verify`");
    let plan = Plan::parse_in(&plan_json, mode).map_err(|error| damaged(error.to_string()))?;
    let roster = Roster::parse_in(&read(&artifacts.join("roster.toml"))?, mode)
        .map_err(|error| damaged(error.to_string()))?;
    let authority =
        arguments.record.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let ledger = ledger_before(authority, plan.ordinal, mode)?;
    let incoming = incoming(&plan, |name| read(&artifacts.join(name)).ok())?;
    let approvals: Vec<_> = read_approvals(&artifacts)?
        .into_iter()
        .map(|approval| (approval.statement, approval.signature))
        .collect();
    let context = Context {
        mode,
        roster: ledger.roster.as_ref().unwrap_or(&roster),
        incoming: incoming.as_ref(),
        plan_bytes: &plan_json,
        binding: &binding,
        ordinal: plan.ordinal,
        previous_head: ledger.head,
    };
    let approved = approve(&context, &approvals, host::now()).map_err(|refused| {
        let remedy = format!(
            "nothing happened; where the ceremony cannot go on, end it: anchorite abort {} --by OFFICER --reason TEXT \
             --exchange DIR",
            arguments.record.display()
        );
        Failure::refused(refused, remedy)
    })?;
    summary_of_run(approved.plan(), &Digest::of(&plan_json), console);
    let ceremony = Ceremony {
        approved,
        binding: &binding,
        authority,
        rehearsal: None,
        ledger: &ledger,
        staged: Vec::new(),
        tool: TOOL.to_owned(),
    };
    let exchange = open_exchange(&arguments.exchange)?;
    let finished = with_operator(&arguments.exchange, mode, console, |operator| {
        execute::resume(&ceremony, &arguments.record, arguments.unanswered_key, operator, &exchange)
    })?;
    report(&finished, authority, mode, console);
    Ok(match finished.outcome {
        Outcome::Complete => ExitCode::SUCCESS,
        Outcome::Aborted | Outcome::InProgress => Exit::Stopped.into(),
    })
}
