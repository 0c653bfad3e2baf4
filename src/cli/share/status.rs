use std::process::ExitCode;

use serde_json::json;

use crate::cli::args::{AuthorityStatusArguments, OutputFormat};
use crate::cli::authority::standing;
use crate::cli::console::{Console, Mark};
use crate::cli::failure::Failure;
use crate::cli::verify::{read_roster, unreadable};
use crate::format::Name;
use crate::ledger::{Ledger, ShareSetEntry};
use crate::verify::{self, Anchors, Conclusion, Verdict};

/// `anchorite share status`
pub(super) fn run(arguments: &AuthorityStatusArguments, console: &mut Console) -> Result<ExitCode, Failure> {
    let roster = arguments.roster.as_deref().map(read_roster).transpose()?;
    let (verdict, ledger) =
        verify::authority(&arguments.authority, &Anchors { roster, ..Anchors::default() })
            .map_err(|error| unreadable(&arguments.authority, &error))?;
    match arguments.format {
        OutputFormat::Table => table(&verdict, &ledger, console),
        OutputFormat::Json => console.line(as_json(&verdict, &ledger)?),
    }
    // Nobody gives a checkpoint to ask for a status, so its absence alone is no reason to fail.
    Ok(if verdict.conclusion <= Conclusion::Unanchored { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whether shares of that set still open anything.
pub(super) fn is_live(ledger: &Ledger, entry: &ShareSetEntry) -> bool {
    ledger.share_set(entry.split.set).is_some_and(|live| live.split.set_id == entry.split.set_id)
}

/// The tokens whose PINs follow from the set, as far as the newest policies say.
fn opens<'a>(ledger: &'a Ledger, entry: &ShareSetEntry) -> Vec<&'a Name> {
    let tokens = ledger.tokens.iter().map(|token| &token.name);
    let newest = tokens.filter_map(|token| ledger.pin_policy(token));
    let mut opened: Vec<&Name> = newest
        .filter(|policy| policy.policy.set_id == entry.split.set_id)
        .map(|policy| &policy.policy.token)
        .collect();
    opened.sort();
    opened.dedup();
    opened
}

fn table(verdict: &Verdict, ledger: &Ledger, console: &mut Console) {
    console.line(format!("records   {}", standing(verdict, console)));
    for entry in &ledger.share_sets {
        let split = &entry.split;
        let live = if is_live(ledger, entry) {
            console.marked(Mark::Good, "live")
        } else {
            console.marked(Mark::Dim, "replaced")
        };
        let title = format!("{}, epoch {}", split.set, split.epoch);
        console.line(format!("\n{}  {live}", console.marked(Mark::Bold, title)));
        console.line(format!("  set id    {}", split.set_id));
        console.line(format!("  dealt in  ceremony {}, step {}", entry.ordinal, split.step));
        console.line(format!("  opens     {}", listed(opens(ledger, entry).into_iter())));
        console.line(format!("  needs     any {} of {} shares", split.threshold, split.shares.len()));
        for share in &split.shares {
            console.line(format!("  share {:>2}  {}", share.index, share.holder));
        }
    }
    if ledger.share_sets.is_empty() {
        console.line("no share set");
    }
}

fn listed<'a>(names: impl Iterator<Item = &'a Name>) -> String {
    let names: Vec<String> = names.map(|name| format!("token {name}")).collect();
    if names.is_empty() { "no token".to_owned() } else { names.join(", ") }
}

fn as_json(verdict: &Verdict, ledger: &Ledger) -> Result<String, Failure> {
    let sets: Vec<_> = ledger
        .share_sets
        .iter()
        .map(|entry| {
            let split = &entry.split;
            let shares: Vec<_> = (split.shares.iter())
                .map(|share| json!({"index": share.index, "holder": share.holder}))
                .collect();
            json!({
                "set": split.set, "set_id": split.set_id, "epoch": split.epoch, "live": is_live(ledger, entry),
                "ordinal": entry.ordinal, "step": split.step, "opens": opens(ledger, entry),
                "threshold": split.threshold, "shares": shares,
            })
        })
        .collect();
    let answer = json!({
        "schema": "anchorite-shares/v1", "verdict": verdict.conclusion.to_string(), "share_sets": sets,
    });
    serde_json::to_string_pretty(&answer).map_err(|error| {
        Failure::usage(format!("the status cannot be written as JSON: {error}"), "use --format table")
    })
}
