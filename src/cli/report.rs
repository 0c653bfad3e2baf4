use std::path::Path;
use std::process::ExitCode;

use super::args::ReportArguments;
use super::console::{Console, Mark};
use super::failure::Failure;
use super::runbook::write;
use super::verify::{read_roster, unreadable};
use crate::format::{Digest, Mode};
use crate::render::{hex_groups, report};
use crate::verify::{self, Anchors, BundleFiles, Check, Conclusion};

/// `anchorite report`
pub(crate) fn run(arguments: &ReportArguments, console: &mut Console) -> Result<ExitCode, Failure> {
    let files = read_bundle(&arguments.record)?;
    let anchors = Anchors {
        mode: if arguments.rehearsal { Mode::Rehearsal } else { Mode::Ceremony },
        roster: arguments.roster.as_deref().map(read_roster).transpose()?,
        head: arguments.expect_head,
        ..Anchors::default()
    };
    let verdict = verify::bundle_files(&files, &anchors);
    write(&arguments.output, &report(&files, &verdict))?;
    let mark = match verdict.conclusion {
        Conclusion::Pass => Mark::Good,
        Conclusion::Fail => Mark::Bad,
        _ => Mark::Warn,
    };
    let conclusion = console.marked(mark, verdict.conclusion.to_string());
    console.line(format!("{}: written, verdict {conclusion}", arguments.output.display()));
    if let Some(head) = verdict.head {
        console.line(format!("head  {}", hex_groups(&head)));
    }
    Ok(ExitCode::SUCCESS)
}

/// The files of a bundle. An authority's reports are those of its bundles.
pub(super) fn read_bundle(path: &Path) -> Result<BundleFiles, Failure> {
    let files = BundleFiles::read(path).map_err(|error| unreadable(path, &error))?;
    if files.get(BundleFiles::LOG).is_none() {
        let message = format!("`{}` is no bundle: it has no {}", path.display(), BundleFiles::LOG);
        return Err(Failure::usage(
            message,
            "a report is of one ceremony: give its directory, as 0001-genesis",
        ));
    }
    Ok(files)
}

/// Whether a report is one that these files give.
///
/// Whoever wrote it may have had fewer anchors than the auditor or none, and it says so on its face. What it may not be is
/// anything else: it is compared with what these files give with and without roster and head.
pub(super) fn compared(files: &BundleFiles, anchors: &Anchors, given: &[u8]) -> Check {
    let roster = anchors.roster.clone().or_else(|| files.get("artifacts/roster.toml").map(<[u8]>::to_vec));
    let last = files.log().split_inclusive(|byte| *byte == b'\n').rfind(|line| line.ends_with(b"\n"));
    let head = anchors.head.or_else(|| last.map(Digest::of));
    let mut rendered: Vec<String> = Vec::new();
    for (roster, head) in [(&roster, head), (&roster, None), (&None, head), (&None, None)] {
        let anchors = Anchors { mode: anchors.mode, roster: roster.clone(), head, ..Anchors::default() };
        rendered.push(report(files, &verify::bundle_files(files, &anchors)));
    }
    verify::report(given, &rendered)
}
