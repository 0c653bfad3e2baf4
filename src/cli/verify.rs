mod json;
mod junit;
mod table;

use std::path::Path;
use std::process::ExitCode;

use super::args::{VerdictFormat, VerifyArguments};
use super::console::{Console, Mark};
use super::failure::Failure;
use super::plan::read;
use super::report;
use crate::format::Mode;
use crate::verify::{self, Anchors, Verdict};

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
        VerdictFormat::Table => {
            if arguments.rehearsal {
                let text = "REHEARSAL: whatever the verdict, this is no evidence of a ceremony";
                console.line(console.marked(Mark::Warn, text));
            } else if of_a_rehearsal(&arguments.path) {
                console.note("This is the record of a rehearsal, which is no evidence of a ceremony; `--rehearsal` judges it.");
            }
            table::print(&verdict, console);
        }
        VerdictFormat::Json => console.line(json::of(&verdict)?),
        VerdictFormat::Junit => console.line(junit::of(&verdict)),
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
