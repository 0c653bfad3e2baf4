use crate::cli::console::{Console, Mark};
use crate::render::{escaped, hex_groups};
use crate::verify::{Check, CheckId, Conclusion, Status, Verdict};

/// The verdict for people: it stands first and last.
pub(super) fn print(verdict: &Verdict, console: &mut Console) {
    headline(verdict, console);
    for bundle in &verdict.bundles {
        for remark in &bundle.remarks {
            let remark = format!("  !  {}: {remark}", escaped(&bundle.directory));
            console.line(console.marked(Mark::Warn, remark));
        }
    }
    for bundle in &verdict.bundles {
        let outcome = bundle.outcome.map_or_else(|| "unreadable".to_owned(), |outcome| outcome.to_string());
        let title = format!("{}  {outcome}, {} records", escaped(&bundle.directory), bundle.records);
        console.line(format!("\n{}", console.marked(Mark::Bold, title)));
        rows(&bundle.checks, console);
    }
    let of_authority = verdict.checks.iter().any(|check| check.id == CheckId::Sequence);
    let title = if of_authority { "authority" } else { "anchors" };
    console.line(format!("\n{}", console.marked(Mark::Bold, title)));
    rows(&verdict.checks, console);
    console.line(format!("\n{}", console.marked(Mark::Bold, "NOT CHECKED, because no record can show it")));
    for line in Verdict::NOT_CHECKED {
        console.line(format!("  - {line}"));
    }
    if let Some(head) = verdict.head {
        console.line(format!("\nhead  {}", hex_groups(&head)));
    }
    headline(verdict, console);
}

fn headline(verdict: &Verdict, console: &mut Console) {
    let mark = match verdict.conclusion {
        Conclusion::Pass => Mark::Good,
        Conclusion::Fail => Mark::Bad,
        _ => Mark::Warn,
    };
    let what = match (&verdict.authority, verdict.ordinal) {
        (Some(authority), Some(ordinal)) => format!("  {authority}, up to ceremony {ordinal}"),
        _ => String::new(),
    };
    let conclusion = console.marked(mark, verdict.conclusion.to_string());
    console.line(format!("VERDICT  {conclusion}{what}{}", explained(verdict)));
}

/// What keeps the verdict from being PASS, in a few words.
fn explained(verdict: &Verdict) -> String {
    let worst = verdict.all_checks().find(|check| {
        check.status.conclusion() == verdict.conclusion && verdict.conclusion != Conclusion::Pass
    });
    worst.map_or_else(String::new, |check| format!("  ({}: {})", check.id, check.id.title()))
}

fn rows(checks: &[Check], console: &mut Console) {
    for check in checks {
        let mark = match check.status {
            Status::Pass => Mark::Good,
            Status::NotApplicable => Mark::Dim,
            Status::Fail => Mark::Bad,
            Status::Unanchored
            | Status::Unsealed
            | Status::Incomplete
            | Status::Unsupported
            | Status::NotReached => Mark::Warn,
        };
        let status = console.marked(mark, format!("{:<11}", check.status.to_string()));
        let place = match &check.place {
            Some(place) => match (place.record, place.offset) {
                (Some(record), Some(offset)) => {
                    format!("  [{} record {record} at byte {offset}]", place.file)
                }
                _ => format!("  [{}]", place.file),
            },
            None => String::new(),
        };
        console.line(format!(" {:<3} {:<45} {status} {}{place}", check.id, check.id.title(), check.evidence));
    }
}
