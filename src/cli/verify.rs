use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;

use super::args::{OutputFormat, VerifyArguments};
use super::console::{Console, Mark};
use super::failure::Failure;
use super::plan::read;
use super::report;
use crate::format::{Digest, Mode};
use crate::render::hex_groups;
use crate::verify::{self, Anchors, Check, CheckId, Conclusion, Status, Verdict};

/// `anchorite verify`
pub(crate) fn run(arguments: &VerifyArguments, console: &mut Console) -> Result<ExitCode, Failure> {
    let anchors = Anchors {
        mode: if arguments.rehearsal { Mode::Rehearsal } else { Mode::Ceremony },
        roster: arguments.roster.as_deref().map(read_roster).transpose()?,
        head: arguments.expect_head,
        root: arguments.expect_root,
        ordinal: arguments.expect_ordinal,
    };
    let verdict = match &arguments.report {
        None => judge(&arguments.path, &anchors)?,
        Some(report) => {
            let files = report::read_bundle(&arguments.path)?;
            let compared = report::compared(&files, &anchors, &read(report)?);
            verify::bundle_files(&files, &anchors).with(compared)
        }
    };
    match arguments.format {
        OutputFormat::Table => {
            if arguments.rehearsal {
                let text = "REHEARSAL: whatever the verdict, this is no evidence of a ceremony";
                console.line(console.marked(Mark::Warn, text));
            } else if of_a_rehearsal(&arguments.path) {
                console.note("This is the record of a rehearsal, which is no evidence of a ceremony; `--rehearsal` judges it.");
            }
            table(&verdict, console);
        }
        OutputFormat::Json => console.line(json(&verdict)?),
    }
    Ok(ExitCode::from(verdict.conclusion.exit_code()))
}

/// Whether a bundle says in its first line that it is of a rehearsal.
fn of_a_rehearsal(path: &Path) -> bool {
    let bundles = std::fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path());
    let logs = bundles.chain([path.to_owned()]).map(|bundle| bundle.join("log.jsonl"));
    logs.into_iter()
        .any(|log| crate::artifact::read(&log).is_ok_and(|bytes| Mode::announced(&bytes) == Mode::Rehearsal))
}

/// Reads the roster that the auditor trusts.
pub(crate) fn read_roster(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| {
        Failure::usage(
            format!("the roster `{}` cannot be read: {error}", path.display()),
            "give the roster of the first ceremony, from a place you trust",
        )
    })
}

/// What is said when a record's directory cannot be read.
pub(crate) fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(
        format!("`{}` cannot be read: {error}", path.display()),
        "give a bundle (the directory with log.jsonl) or an authority (the directory with 0001-...)",
    )
}

fn judge(path: &Path, anchors: &Anchors) -> Result<Verdict, Failure> {
    // A directory with a log is a bundle; an authority's entries are directories.
    let is_bundle = std::fs::symlink_metadata(path.join("log.jsonl")).is_ok();
    let verdict = if is_bundle {
        verify::bundle(path, anchors)
    } else {
        verify::authority(path, anchors).map(|(verdict, _)| verdict)
    };
    verdict.map_err(|error| unreadable(path, &error))
}

fn table(verdict: &Verdict, console: &mut Console) {
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

fn escaped(text: &str) -> String {
    crate::render::escaped(text)
}

#[derive(Serialize)]
struct JsonVerdict<'a> {
    schema: &'static str,
    verdict: String,
    exit: u8,
    authority: Option<String>,
    ordinal: Option<u64>,
    head: Option<Digest>,
    bundles: Vec<JsonBundle<'a>>,
    checks: Vec<JsonCheck<'a>>,
    not_checked: &'static [&'static str],
}

#[derive(Serialize)]
struct JsonBundle<'a> {
    directory: &'a str,
    ordinal: Option<u64>,
    outcome: Option<String>,
    records: u64,
    verdict: String,
    remarks: &'a [String],
    checks: Vec<JsonCheck<'a>>,
}

#[derive(Serialize)]
struct JsonCheck<'a> {
    id: &'static str,
    title: &'static str,
    status: String,
    evidence: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<BTreeMap<&'static str, serde_json::Value>>,
}

fn json(verdict: &Verdict) -> Result<String, Failure> {
    let answer = JsonVerdict {
        schema: "anchorite-verify/v1",
        verdict: verdict.conclusion.to_string(),
        exit: verdict.conclusion.exit_code(),
        authority: verdict.authority.as_ref().map(ToString::to_string),
        ordinal: verdict.ordinal,
        head: verdict.head,
        bundles: verdict
            .bundles
            .iter()
            .map(|bundle| JsonBundle {
                directory: &bundle.directory,
                ordinal: bundle.ordinal,
                outcome: bundle.outcome.map(|outcome| outcome.to_string()),
                records: bundle.records,
                verdict: bundle.conclusion.to_string(),
                remarks: &bundle.remarks,
                checks: bundle.checks.iter().map(json_check).collect(),
            })
            .collect(),
        checks: verdict.checks.iter().map(json_check).collect(),
        not_checked: &Verdict::NOT_CHECKED,
    };
    serde_json::to_string_pretty(&answer).map_err(|error| {
        Failure::usage(format!("the verdict cannot be written as JSON: {error}"), "use --format table")
    })
}

fn json_check(check: &Check) -> JsonCheck<'_> {
    JsonCheck {
        id: check.id.id(),
        title: check.id.title(),
        status: check.status.to_string().to_ascii_lowercase(),
        evidence: &check.evidence,
        place: check.place.as_ref().map(|place| {
            let mut members = BTreeMap::from([("file", serde_json::Value::from(place.file.as_str()))]);
            members.extend(place.record.map(|record| ("record", record.into())));
            members.extend(place.offset.map(|offset| ("offset", offset.into())));
            members
        }),
    }
}
