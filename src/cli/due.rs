//! `anchorite due`

mod icalendar;
mod prometheus;

use std::process::ExitCode;

use serde_json::json;

use super::args::{DueArguments, DueFormat};
use super::authority::verified;
use super::console::{Console, Mark};
use super::failure::Failure;
use super::wrap::wrapped;
use crate::format::Instant;
use crate::host;
use crate::ledger::{Due, Ledger, Urgency};
use crate::render::escaped;

/// What is due, and for which authority and time.
struct Agenda<'a> {
    authority: String,
    ledger: &'a Ledger,
    at: Instant,
    lead_days: u32,
    due: Vec<Due>,
}

/// `anchorite due`
///
/// Exit code 0: nothing is due within the lead time. 1: something is, or the records do not hold.
pub(crate) fn run(arguments: &DueArguments, console: &mut Console) -> Result<ExitCode, Failure> {
    let (verdict, ledger) = verified(&arguments.authority, arguments.roster.as_deref())?;
    if !super::authority::holds(&verdict) {
        let message = format!("the records do not hold: {}", verdict.conclusion);
        return Err(Failure::refused(message, "`anchorite verify` says why; what is due cannot be told"));
    }
    let at = arguments.at.unwrap_or_else(host::now);
    let authority =
        ledger.identity.as_ref().map_or_else(String::new, |identity| identity.authority.to_string());
    let agenda =
        Agenda { authority, ledger: &ledger, at, lead_days: arguments.lead_days, due: ledger.due(at) };
    match arguments.format {
        DueFormat::Text => text(&agenda, console),
        DueFormat::Json => console.line(as_json(&agenda)?),
        DueFormat::Icalendar => console.line(icalendar::calendar(&agenda).trim_end_matches('\n')),
        DueFormat::Prometheus => console.line(prometheus::metrics(&agenda).trim_end()),
    }
    let pressing = agenda.due.iter().any(|due| due.urgency(at, arguments.lead_days) != Urgency::Later);
    Ok(if pressing { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn text(agenda: &Agenda<'_>, console: &mut Console) {
    let Agenda { authority, at, lead_days, due, .. } = agenda;
    let title = format!("{authority}, what is due at {at}, {lead_days} days ahead");
    console.line(console.marked(Mark::Bold, title));
    for (urgency, heading, mark) in [
        (Urgency::Overdue, "overdue", Mark::Bad),
        (Urgency::Soon, "soon", Mark::Warn),
        (Urgency::Later, "later", Mark::Dim),
    ] {
        let mut these = due.iter().filter(|due| due.urgency(*at, *lead_days) == urgency).peekable();
        if these.peek().is_some() {
            console.line(format!("\n{}", console.marked(mark, heading)));
        }
        for Due { id, kind, what, from, by, owner } in these {
            let owner = owner.map_or_else(String::new, |owner| format!(", the {owner}"));
            console.line(format!("  {by}  {:<18} {id}{owner}", kind.word()));
            let from = from.map_or_else(String::new, |from| format!(" Not before {from}."));
            for line in wrapped(&format!("{}{from}", escaped(what)), 76, 0) {
                console.line(format!("{:24}{line}", ""));
            }
        }
    }
    if due.is_empty() {
        console.line("nothing");
    }
}

fn as_json(agenda: &Agenda<'_>) -> Result<String, Failure> {
    let Agenda { authority, at, lead_days, due, .. } = agenda;
    let items: Vec<_> = due
        .iter()
        .map(|due| {
            json!({
                "id": due.id, "kind": due.kind.word(), "what": due.what, "from": due.from, "by": due.by,
                "owner": due.owner, "urgency": urgency(due.urgency(*at, *lead_days)),
            })
        })
        .collect();
    let answer = json!({
        "schema": "anchorite-due/v1", "authority": authority, "head": agenda.ledger.head, "at": at,
        "lead_days": lead_days, "due": items,
    });
    serde_json::to_string_pretty(&answer).map_err(|error| {
        Failure::usage(format!("the answer cannot be written as JSON: {error}"), "use --format text")
    })
}

fn urgency(urgency: Urgency) -> &'static str {
    match urgency {
        Urgency::Overdue => "overdue",
        Urgency::Soon => "soon",
        Urgency::Later => "later",
    }
}
