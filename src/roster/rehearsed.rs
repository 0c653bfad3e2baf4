use super::refused::Refused;
use super::seal::{SealTemplate, seal_quorum};
use crate::format::{
    Covered, Digest, Drill, DrillKind, DrillOutcome, Drilled, Event, Instant, Log, Mode, Name, Outcome, Plan,
    Presence, Rehearsed, RehearsesSomethingElse, Roster, delta,
};

/// What is kept of a rehearsal: enough to judge it by, without the keys that were thrown away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RehearsalEvidence {
    /// Its `plan.json`.
    pub plan: Vec<u8>,
    /// Its `log.jsonl`.
    pub log: Vec<u8>,
    /// Its `roster.toml`.
    pub roster: Vec<u8>,
    /// The seals that close it, each a statement and its signature.
    pub seals: Vec<(Vec<u8>, Vec<u8>)>,
}

/// Why a rehearsal does not count for a ceremony.
#[derive(Debug, thiserror::Error)]
pub enum NotRehearsed {
    /// Nothing was brought.
    #[error("the plan asks for a rehearsal within {days} days before, and there is none")]
    Missing {
        /// How many days the plan gives.
        days: u32,
    },
    /// A file of it.
    #[error("the rehearsal's {what}: {reason}")]
    Unreadable {
        /// Which.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// Files of two rehearsals.
    #[error("the rehearsal's {what} is another than its record names")]
    OtherFile {
        /// Which.
        what: &'static str,
    },
    /// A rehearsal of another ceremony.
    #[error(transparent)]
    SomethingElse(#[from] RehearsesSomethingElse),
    /// It was not carried to its end.
    #[error("the rehearsal is {outcome}, not complete")]
    NotComplete {
        /// How it ended.
        outcome: Outcome,
    },
    /// Its people have not sealed it.
    #[error("the rehearsal is not sealed: {0}")]
    NotSealed(Refused),
    /// A drill.
    #[error(transparent)]
    Drill(#[from] DrillProblem),
    /// Too long ago, or not over yet.
    #[error("the rehearsal ended at {ended}, and the plan asks for one within {days} days before {at}")]
    OutOfTime {
        /// The last record of the rehearsal.
        ended: Instant,
        /// The first of the ceremony.
        at: Instant,
        /// How many days the plan gives.
        days: u32,
    },
}

/// What is wrong with the drills of a rehearsal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DrillProblem {
    /// None was planned.
    #[error("nothing was drilled in the rehearsal")]
    None,
    /// A drill that the record does not have, or has not once and passed.
    #[error("the drill {kind}{} was not passed", .step.as_ref().map_or_else(String::new, |step| format!(" of step {step}")))]
    NotPassed {
        /// Which.
        kind: DrillKind,
        /// In which step.
        step: Option<Name>,
    },
    /// A drill that the plan does not have.
    #[error("the drill {kind} was not planned")]
    NotPlanned {
        /// Which.
        kind: DrillKind,
    },
    /// A drill that is said to have been passed, where nothing of it stands.
    #[error("the drill {kind} is said to have been passed, and the record shows nothing of it")]
    NotShown {
        /// Which.
        kind: DrillKind,
    },
}

/// Checks that a rehearsal is one of this plan: the same but for what may differ, complete, sealed by its people, with
/// every drill passed, and over no longer ago than the plan says. `at` is when the ceremony begins.
///
/// # Errors
/// [`NotRehearsed`], the first that holds.
pub fn rehearsed(plan: &Plan, evidence: &RehearsalEvidence, at: Instant) -> Result<Rehearsed, NotRehearsed> {
    let days = plan.rehearsed_within_days.unwrap_or(u32::MAX);
    let unreadable = |what, reason: String| NotRehearsed::Unreadable { what, reason };
    let log = Log::parse_in(&evidence.log, Mode::Rehearsal)
        .map_err(|error| unreadable("log.jsonl", error.to_string()))?;
    let opened = log.opened().ok_or(NotRehearsed::OtherFile { what: "log.jsonl" })?;
    if Digest::of(&evidence.plan) != opened.plan_sha256 {
        return Err(NotRehearsed::OtherFile { what: "plan.json" });
    }
    if Digest::of(&evidence.roster) != opened.roster_sha256 {
        return Err(NotRehearsed::OtherFile { what: "roster.toml" });
    }
    let of_rehearsal = Plan::parse_in(&evidence.plan, Mode::Rehearsal)
        .map_err(|error| unreadable("plan.json", error.to_string()))?;
    let roster = Roster::parse_in(&evidence.roster, Mode::Rehearsal)
        .map_err(|error| unreadable("roster.toml", error.to_string()))?;
    delta(plan, &of_rehearsal)?;
    let outcome = log.outcome();
    if outcome != Outcome::Complete || !log.torn.is_empty() {
        return Err(NotRehearsed::NotComplete { outcome });
    }
    let template = SealTemplate::close(opened, Covered::of(&evidence.log));
    seal_quorum(&roster, &template, &evidence.seals).map_err(NotRehearsed::NotSealed)?;
    drills_passed(&of_rehearsal, &log, &roster)?;
    let ended = log.records().next_back().map_or(at, |record| record.t);
    let seconds = at.unix_seconds() - ended.unix_seconds();
    if !(0..=i64::from(days) * 86_400).contains(&seconds) {
        return Err(NotRehearsed::OutOfTime { ended, at, days });
    }
    Ok(Rehearsed { head: log.head(), plan_sha256: opened.plan_sha256 })
}

/// Checks that every drill of a rehearsal's plan was passed, once and in its step, and that the record shows what it can
/// show of it. In an attempt that was aborted the drills of steps that were not done are left out.
///
/// # Errors
/// [`DrillProblem`], the first that holds.
pub fn drills_passed(plan: &Plan, log: &Log, roster: &Roster) -> Result<usize, DrillProblem> {
    let planned = plan.rehearses.as_ref().map(|rehearses| rehearses.drills.as_slice()).unwrap_or_default();
    if planned.is_empty() {
        return Err(DrillProblem::None);
    }
    let mut recorded = Vec::new();
    let mut under_way = None;
    for record in log.records() {
        match &record.event {
            Event::StepStarted { step, .. } => under_way = Some(step),
            Event::StepDone { .. } => under_way = None,
            Event::Drilled(Drilled { kind, step, outcome }) => {
                let in_place = step.as_ref() == under_way;
                recorded.push((Drill { kind: *kind, step: step.clone() }, *outcome, in_place));
            }
            _ => {}
        }
    }
    if let Some((drill, ..)) = recorded.iter().find(|(drill, ..)| !planned.contains(drill)) {
        return Err(DrillProblem::NotPlanned { kind: drill.kind });
    }
    let done = |step: &Name| {
        log.records().any(|record| matches!(&record.event, Event::StepDone { step: done } if done == step))
    };
    let ended = log.outcome() == Outcome::Complete;
    let mut passed = 0;
    for drill in planned {
        let Drill { kind, step } = drill.clone();
        // An abort ends the attempt in its step, so that this one is complete only where nobody played it.
        let due = ended || kind == DrillKind::Abort || step.as_ref().is_none_or(done);
        let of_it: Vec<_> = recorded.iter().filter(|(found, ..)| found == drill).collect();
        match of_it.as_slice() {
            [] if !due => continue,
            [(_, DrillOutcome::Passed, true)] => {}
            _ => return Err(DrillProblem::NotPassed { kind, step }),
        }
        if !shown(drill, log, roster) {
            return Err(DrillProblem::NotShown { kind });
        }
        passed += 1;
    }
    Ok(passed)
}

/// Whether the record shows what it has to show of a drill. A wrong word and a wrong token leave nothing but the drill's
/// own record: they are refused before anything happens that is recorded. An attempt before is another record.
fn shown(drill: &Drill, log: &Log, roster: &Roster) -> bool {
    match drill.kind {
        DrillKind::PowerCut | DrillKind::MissingOfficer | DrillKind::Exception => {
            drill.step.as_ref().is_some_and(|step| played(drill.kind, step, log, roster))
        }
        DrillKind::Abort if drill.step.is_some() => log.outcome() == Outcome::Aborted,
        DrillKind::Abort | DrillKind::WrongWord | DrillKind::WrongToken => true,
    }
}

/// Whether the record shows that a drill was played in a step: a resumption, a departure that left too few officers,
/// or an exception between the step's beginning and its end.
pub fn played(kind: DrillKind, step: &Name, log: &Log, roster: &Roster) -> bool {
    let Some(opened) = log.opened() else { return false };
    let mut present = Presence::of(opened);
    let mut inside = false;
    for record in log.records() {
        match &record.event {
            Event::StepStarted { step: begun, .. } if begun == step => inside = true,
            Event::StepDone { step: done } if done == step => return false,
            _ => {}
        }
        present.follow(&record.event);
        let too_few = roster.officers_among(present.names()) < usize::from(roster.thresholds.unlock);
        let shows = match (&record.event, kind) {
            (Event::Resumed(_), DrillKind::PowerCut) => true,
            (Event::ExceptionNoted(_), DrillKind::Exception) => true,
            (Event::Left(_), DrillKind::MissingOfficer) => too_few,
            _ => false,
        };
        if inside && shows {
            return true;
        }
    }
    false
}
