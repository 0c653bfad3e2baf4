use std::fs;
use std::path::Path;

use super::failure::Failure;
use super::plan::read;
use crate::format::parse_bundle_directory_name;
use crate::ledger::Ledger;
use crate::verify::{self, Anchors, Conclusion};

/// What an authority's records say, after every one of them was verified: PASS but for the checkpoint, which is
/// the previous head of the approvals.
pub(crate) fn verified_ledger(authority: &Path, first_roster: &Path) -> Result<Ledger, Failure> {
    if !has_bundles(authority)? {
        return Ok(Ledger::empty());
    }
    let anchors = Anchors { roster: Some(read(first_roster)?), ..Anchors::default() };
    let unreadable = |error: std::io::Error| {
        Failure::usage(format!("`{}`: {error}", authority.display()), "check the authority directory")
    };
    let (verdict, ledger) = verify::authority(authority, &anchors).map_err(unreadable)?;
    if verdict.passes_without_checkpoint() {
        return Ok(ledger);
    }
    let remedy = match verdict.conclusion {
        Conclusion::Incomplete => {
            "end the unfinished ceremony first: anchorite abort RECORD --by OFFICER --reason TEXT"
        }
        Conclusion::Unsealed => "have its missing seals made first: anchorite seal RECORD --exchange DIR",
        _ => {
            "read `anchorite verify AUTHORITY --roster ROSTER`, and restore the directory from a copy that verifies"
        }
    };
    let message = format!("the records in `{}` do not hold: {}", authority.display(), verdict.conclusion);
    Err(Failure::refused(message, remedy))
}

fn has_bundles(authority: &Path) -> Result<bool, Failure> {
    let entries = match fs::read_dir(authority) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        entries => entries.map_err(|error| {
            Failure::usage(format!("`{}`: {error}", authority.display()), "check the authority directory")
        })?,
    };
    let mut names = entries.filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()));
    Ok(names.any(|name| parse_bundle_directory_name(&name).is_some()))
}
