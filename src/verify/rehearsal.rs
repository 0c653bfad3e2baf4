use super::directory::artifact_path;
use super::examination::{Examination, not_applicable};
use super::facts::Facts;
use super::verdict::{Check, CheckId, Place};
use crate::format::{FileName, Mode, Outcome};
use crate::roster::{DrillProblem, NotRehearsed, RehearsalEvidence, drills_passed, rehearsed};

/// A rehearsal played its drills; a ceremony whose plan asks for a rehearsal was rehearsed.
pub(crate) fn rehearsal(facts: &Facts<'_>) -> Check {
    match facts.opened.mode {
        Mode::Rehearsal => drilled(facts),
        Mode::Ceremony => was_rehearsed(facts),
    }
}

fn drilled(facts: &Facts<'_>) -> Check {
    let mut examination = Examination::of(CheckId::Rehearsal);
    let log = || Place::file("log.jsonl");
    match drills_passed(facts.plan, facts.log, facts.roster) {
        Ok(passed) => {
            let more = if facts.outcome() == Outcome::InProgress { " so far" } else { "" };
            examination.finish(|| format!("{passed} drills passed{more}"))
        }
        Err(DrillProblem::None) => not_applicable(CheckId::Rehearsal, "stand-ins, without a drill"),
        Err(problem) => {
            examination.fail(log(), problem.to_string());
            examination.finish(String::new)
        }
    }
}

fn was_rehearsed(facts: &Facts<'_>) -> Check {
    let mut examination = Examination::of(CheckId::Rehearsal);
    let place = || facts.record(0);
    let named = facts.opened.rehearsal.as_deref();
    let Some(days) = facts.plan.rehearsed_within_days else {
        examination.demand(named.is_none(), place(), || {
            "record 0 names a rehearsal that the plan does not ask for".to_owned()
        });
        return examination.finish_if(named.is_some(), "the plan asks for no rehearsal", String::new);
    };
    let begun = facts.records().next().map(|record| record.t);
    let found = match (named, begun) {
        (Some(_), Some(begun)) => rehearsed(facts.plan, &evidence(facts), begun),
        _ => Err(NotRehearsed::Missing { days }),
    };
    match found {
        Ok(found) => {
            examination.demand(Some(&found) == named, place(), || {
                format!(
                    "record 0 names another rehearsal than the one in artifacts/, whose head is {}",
                    found.head
                )
            });
            examination.finish(|| format!("within {days} days, head {}", found.head))
        }
        Err(problem) => {
            examination.fail(place(), problem.to_string());
            examination.finish(String::new)
        }
    }
}

/// What the bundle keeps of the rehearsal. What is not there is empty, and no plan, log or roster.
fn evidence(facts: &Facts<'_>) -> RehearsalEvidence {
    let file = |name: &str| {
        let path = FileName::parse(name).map(|name| artifact_path(&name));
        path.and_then(|path| facts.files.get(&path)).unwrap_or_default().to_vec()
    };
    let close = "artifacts/rehearsal.close.";
    let statements = facts.files.iter().filter(|(path, _)| path.starts_with(close) && path.ends_with(".txt"));
    let seals = statements.map(|(path, statement)| {
        let signature = format!("{}.sig", path.trim_end_matches(".txt"));
        (statement.to_vec(), facts.files.get(&signature).unwrap_or_default().to_vec())
    });
    RehearsalEvidence {
        plan: file("rehearsal.plan.json"),
        log: file("rehearsal.log.jsonl"),
        roster: file("rehearsal.roster.toml"),
        seals: seals.collect(),
    }
}
