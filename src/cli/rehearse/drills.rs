use super::place::Place;
use crate::cli::args::ChosenDrill;
use crate::cli::failure::Failure;
use crate::format::{Action, Drill, DrillKind, Name, Outcome, Plan};
use crate::ledger::Ledger;

/// The drills of a rehearsal, each in a step: the one that was named, or the first in which it can be played.
pub(super) fn chosen(drills: &[ChosenDrill], plan: &Plan) -> Result<Vec<Drill>, Failure> {
    let mut all = Vec::new();
    for ChosenDrill { kind, step } in drills {
        let step = match step {
            Some(step) if plan.step(step).is_none() => {
                return Err(Failure::refused(
                    format!("the plan has no step `{step}`"),
                    "name a step of the ceremony file after the `@`",
                ));
            }
            Some(step) => Some(step.clone()),
            None if *kind == DrillKind::WrongToken => None,
            None => Some(first_fit(*kind, plan).ok_or_else(|| {
                Failure::refused(
                    format!("no step of this plan can be drilled with `{kind}`"),
                    "choose another drill, or name the step after an `@`",
                )
            })?),
        };
        let drill = Drill { kind: *kind, step };
        if all.contains(&drill) {
            return Err(Failure::usage(format!("`{kind}` is chosen twice"), "name each drill once a step"));
        }
        all.push(drill);
    }
    Ok(all)
}

/// The first step in which people can play that.
fn first_fit(kind: DrillKind, plan: &Plan) -> Option<Name> {
    let makes_key = |action: &Action| matches!(action, Action::GenerateKey { .. });
    let signs = |action: &Action| action.tbs_sha256().is_some();
    let deals = |action: &Action| action.deals().is_some();
    let asks = |action: &Action| matches!(action, Action::Confirm { .. } | Action::Clock { .. });
    let opens = |action: &Action| makes_key(action) || signs(action);
    let first = |fits: &dyn Fn(&Action) -> bool| {
        plan.steps.iter().find(|step| fits(&step.action)).map(|step| step.id.clone())
    };
    match kind {
        DrillKind::PowerCut => first(&makes_key).or_else(|| first(&signs)).or_else(|| first(&|_| true)),
        DrillKind::WrongWord => first(&deals).or_else(|| first(&opens)),
        DrillKind::MissingOfficer | DrillKind::Exception | DrillKind::Abort => {
            first(&signs).or_else(|| first(&deals)).or_else(|| first(&asks))
        }
        DrillKind::WrongToken => None,
    }
}

/// Where an earlier attempt in this directory was aborted for the drill, this one has that drill behind it.
pub(super) fn with_an_attempt_before(
    mut drills: Vec<Drill>,
    place: &Place,
    ledger: &Ledger,
) -> Result<Vec<Drill>, Failure> {
    let before = place.attempt(ledger.ordinal)?;
    let aborted = before.is_some_and(|(plan, outcome)| {
        let drilled = plan.rehearses.iter().flat_map(|rehearses| &rehearses.drills);
        outcome == Outcome::Aborted && drilled.into_iter().any(|drill| drill.kind == DrillKind::Abort)
    });
    if aborted {
        drills.insert(0, Drill { kind: DrillKind::Abort, step: None });
    }
    Ok(drills)
}
