use std::process::ExitCode;

use serde_json::json;

use crate::cli::args::{OutputFormat, ShareStatusArguments};
use crate::cli::authority::standing;
use crate::cli::console::{Console, Mark};
use crate::cli::failure::Failure;
use crate::cli::verify::{read_roster, unreadable};
use crate::format::{Name, PinOwner};
use crate::ledger::{Ledger, OpenedBy, ShareSetEntry, TokenEntry};
use crate::verify::{self, Anchors, Conclusion, Verdict};

/// `anchorite share status`
pub(super) fn run(arguments: &ShareStatusArguments, console: &mut Console) -> Result<ExitCode, Failure> {
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

/// What became of a set, in a word or two.
fn standing_of(ledger: &Ledger, entry: &ShareSetEntry) -> (&'static str, Mark) {
    match (ledger.is_live(entry), entry.granted) {
        (true, true) => ("live", Mark::Good),
        (true, false) => ("LIVE, though its ceremony was aborted", Mark::Warn),
        (false, true) => ("retired: destroy its sheets", Mark::Dim),
        (false, false) => ("of an aborted ceremony: it opens no token of the authority", Mark::Dim),
    }
}

/// The tokens whose PINs follow from the set, or may.
fn opens<'a>(ledger: &'a Ledger, entry: &'a ShareSetEntry) -> Vec<&'a Name> {
    ledger.opened_by_set(&entry.split.set_id).map(|token| &token.name).collect()
}

/// A token of which nobody can say which shares give its PINs, and what a ceremony does about it.
fn doubt(token: &TokenEntry) -> String {
    let of = |owner: PinOwner| {
        let source = token.pin_source(owner);
        let epochs = source.into_iter().flat_map(|source| &source.candidates);
        let epochs: Vec<String> = epochs.map(|policy| policy.epoch.to_string()).collect();
        format!("{owner} PIN: epoch {}", epochs.join(" or "))
    };
    format!(
        "token {} stands between two sets ({}; {}): hold a ceremony with a `reshare` step for it, with both quorums",
        token.name,
        of(PinOwner::SecurityOfficer),
        of(PinOwner::User)
    )
}

fn table(verdict: &Verdict, ledger: &Ledger, console: &mut Console) {
    console.line(format!("records   {}", standing(verdict, console)));
    for entry in &ledger.share_sets {
        let split = &entry.split;
        let (standing, mark) = standing_of(ledger, entry);
        let live = console.marked(mark, standing);
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
    for token in ledger.tokens.iter().filter(|token| !token.settled()) {
        console.line(format!("\n{}", console.marked(Mark::Bad, doubt(token))));
    }
    for token in ledger.tokens.iter().filter(|token| matches!(token.opened_by, OpenedBy::Device)) {
        console.line(format!("\ntoken {} holds its own quorum: no share opens it", token.name));
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
                "set": split.set, "set_id": split.set_id, "epoch": split.epoch, "live": ledger.is_live(entry), "granted": entry.granted,
                "ordinal": entry.ordinal, "step": split.step, "opens": opens(ledger, entry),
                "threshold": split.threshold, "shares": shares,
            })
        })
        .collect();
    let in_doubt = ledger.tokens.iter().filter(|token| !token.settled()).map(|token| &token.name);
    let answer = json!({
        "schema": "anchorite-shares/v1", "verdict": verdict.conclusion.to_string(), "share_sets": sets,
        "tokens_in_doubt": in_doubt.collect::<Vec<_>>(),
    });
    serde_json::to_string_pretty(&answer).map_err(|error| {
        Failure::usage(format!("the status cannot be written as JSON: {error}"), "use --format table")
    })
}
