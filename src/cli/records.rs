use std::fs;
use std::path::Path;

use super::failure::Failure;
use super::plan::read;
use crate::format::{Mode, Plan, parse_bundle_directory_name};
use crate::ledger::{Identity, Ledger};
use crate::verify::{self, Anchors, Conclusion};

/// What an authority's records say, after every one of them was verified: PASS but for the checkpoint, which is
/// the previous head of the approvals. They begin with the first ceremony's own roster: the head that officers
/// approve has it in it.
pub(crate) fn verified_ledger(authority: &Path, mode: Mode) -> Result<Ledger, Failure> {
    ledger_before(authority, u64::MAX, mode)
}

/// What the records before a ceremony say.
pub(crate) fn ledger_before(authority: &Path, ordinal: u64, mode: Mode) -> Result<Ledger, Failure> {
    let Some(first) = first_bundle(authority, ordinal)? else {
        return Ok(Ledger::empty());
    };
    let roster = read(&authority.join(first).join("artifacts/roster.toml"))?;
    let anchors = Anchors { mode, roster: Some(roster), ..Anchors::default() };
    let unreadable = |error: std::io::Error| {
        Failure::usage(format!("`{}`: {error}", authority.display()), "check the authority directory")
    };
    let (verdict, ledger) = verify::authority_before(authority, &anchors, ordinal).map_err(unreadable)?;
    if verdict.passes_without_checkpoint() {
        return Ok(ledger);
    }
    let remedy = match verdict.conclusion {
        Conclusion::Incomplete => {
            "go on with the unfinished ceremony: anchorite resume RECORD --exchange DIR; \
             or end it: anchorite abort RECORD --by OFFICER --reason TEXT --exchange DIR"
        }
        Conclusion::Unsealed => "have its missing seals made first: anchorite seal RECORD --exchange DIR",
        _ => {
            "read `anchorite verify AUTHORITY --roster ROSTER`, and restore the directory from a copy that verifies"
        }
    };
    let message = format!("the records in `{}` do not hold: {}", authority.display(), verdict.conclusion);
    Err(Failure::refused(message, remedy))
}

/// What the authorities say they are whose directories lie beside this one. Nothing is verified: a name that somebody only
/// claims is better left alone too.
pub(crate) fn neighbours(authority: &Path) -> Vec<Identity> {
    let Ok(own) = authority.canonicalize() else {
        return Vec::new();
    };
    let beside = own.parent().and_then(|parent| fs::read_dir(parent).ok());
    let others = beside.into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    others
        .filter(|other| *other != own)
        .filter_map(|other| {
            let first = other.join(first_bundle(&other, u64::MAX).ok()??);
            let plan = Plan::parse(&read(&first.join("artifacts/plan.json")).ok()?).ok()?;
            let Plan { authority, environment, trust_domain, .. } = plan;
            Some(Identity { authority, environment, trust_domain })
        })
        .collect()
}

/// The directory of the first ceremony before that ordinal.
fn first_bundle(authority: &Path, before: u64) -> Result<Option<String>, Failure> {
    let entries = match fs::read_dir(authority) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        entries => entries.map_err(|error| {
            Failure::usage(format!("`{}`: {error}", authority.display()), "check the authority directory")
        })?,
    };
    let names = entries.filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()));
    let bundles = names
        .filter_map(|name| parse_bundle_directory_name(&name).map(|(ordinal, _)| (ordinal, name.clone())));
    Ok(bundles.filter(|(ordinal, _)| *ordinal < before).min().map(|(_, name)| name))
}
