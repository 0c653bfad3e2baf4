use std::path::Path;

use super::failure::Failure;
use super::plan::read;
use super::records::verified_ledger;
use super::run::authority_of;
use crate::format::{BundleDirectory, Mode, Plan, Rehearsed};
use crate::host;
use crate::roster::{NotRehearsed, RehearsalEvidence, rehearsed};

/// The rehearsal that a plan asks for, and the files of it that the ceremony's record keeps.
pub(super) struct Proof {
    pub(super) named: Option<Rehearsed>,
    pub(super) files: Vec<(String, Vec<u8>)>,
}

/// Proves that the ceremony was rehearsed, where its plan asks for that: the rehearsal's whole authority verifies, and its
/// record counts for this plan, now.
pub(super) fn proof(plan: &Plan, bundle: Option<&Path>) -> Result<Proof, Failure> {
    let bundle = match (plan.rehearsed_within_days, bundle) {
        (None, None) => return Ok(Proof { named: None, files: Vec::new() }),
        (None, Some(_)) => {
            return Err(Failure::usage("the plan asks for no rehearsal", "leave --rehearsal out"));
        }
        (Some(days), None) => return Err(refused(NotRehearsed::Missing { days })),
        (Some(_), Some(bundle)) => bundle,
    };
    verified_ledger(authority_of(bundle), Mode::Rehearsal)?;
    let artifacts = bundle.join(BundleDirectory::Artifacts.prefix());
    let seals = bundle.join(BundleDirectory::Seals.prefix());
    let unreadable = |error: std::io::Error| {
        Failure::usage(format!("`{}`: {error}", seals.display()), "name the bundle of a rehearsal")
    };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&seals).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name().to_string_lossy().into_owned();
        names.extend(name.strip_suffix(".txt").filter(|stem| stem.starts_with("close.")).map(str::to_owned));
    }
    names.sort();
    let mut evidence = RehearsalEvidence {
        plan: read(&artifacts.join("plan.json"))?,
        log: read(&bundle.join("log.jsonl"))?,
        roster: read(&artifacts.join("roster.toml"))?,
        seals: Vec::new(),
    };
    let mut files = vec![
        ("rehearsal.plan.json".to_owned(), evidence.plan.clone()),
        ("rehearsal.log.jsonl".to_owned(), evidence.log.clone()),
        ("rehearsal.roster.toml".to_owned(), evidence.roster.clone()),
    ];
    for stem in names {
        let statement = read(&seals.join(format!("{stem}.txt")))?;
        let signature = read(&seals.join(format!("{stem}.sig")))?;
        files.push((format!("rehearsal.{stem}.txt"), statement.clone()));
        files.push((format!("rehearsal.{stem}.sig"), signature.clone()));
        evidence.seals.push((statement, signature));
    }
    let named = rehearsed(plan, &evidence, host::now()).map_err(refused)?;
    Ok(Proof { named: Some(named), files })
}

fn refused(problem: NotRehearsed) -> Failure {
    Failure::refused(
        problem,
        "nothing happened; rehearse this plan (anchorite rehearse), then run it with --rehearsal BUNDLE",
    )
}
