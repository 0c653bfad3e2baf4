use super::examination::{Examination, not_applicable};
use super::facts::Facts;
use super::verdict::{Check, CheckId};
use crate::format::{Aborted, Action, Event, Name, SerialNumber};

/// The lists of the abort record follow from the records before it.
pub(crate) fn abort(facts: &Facts<'_>) -> Check {
    let mut examination = Examination::of(CheckId::Abort);
    let Some((n, aborted)) = facts.records().next_back().and_then(|record| match &record.event {
        Event::Aborted(aborted) => Some((record.n, aborted)),
        _ => None,
    }) else {
        return not_applicable(CheckId::Abort, "the ceremony was not aborted");
    };
    let Aborted { step, signed, unknown, burnt_serials, burnt_crl_numbers, .. } = aborted;
    let begun = |step: &Name| facts.signatures().any(|(operation, ..)| operation.intent.step == *step);
    let numbers: Vec<u64> = facts
        .signing_steps()
        .filter(|step| begun(&step.id))
        .filter_map(|step| match &step.action {
            Action::IssueCrl { number, .. } => Some(*number),
            _ => None,
        })
        .collect();
    let serials: Vec<SerialNumber> =
        facts.signing_steps().filter_map(|step| step.action.serial().cloned()).collect();
    let made: Vec<Name> = facts
        .signing_steps()
        .map(|step| step.id.clone())
        .filter(|step| {
            facts.signatures().any(|(operation, ..)| operation.intent.step == *step && operation.succeeded())
        })
        .collect();
    let open: Vec<u64> = facts
        .operations
        .iter()
        .filter(|operation| operation.unknown())
        .map(|operation| operation.intent.op)
        .collect();
    let rules = [
        ("step under way", *step == under_way(facts)),
        ("steps with a signature", sorted(signed) == sorted(&made)),
        ("operations without an answer", sorted(unknown) == sorted(&open)),
        ("burnt serial numbers", sorted(burnt_serials) == sorted(&serials)),
        ("burnt CRL numbers", sorted(burnt_crl_numbers) == sorted(&numbers)),
    ];
    for (what, holds) in rules {
        examination.demand(holds, facts.record(n), || {
            format!("the {what} of the abort record are not those of the records before it")
        });
    }
    examination.finish(|| {
        format!(
            "by {}: {} signatures made, {} operations unknown, {} serial numbers burnt",
            aborted.by,
            made.len(),
            open.len(),
            serials.len()
        )
    })
}

fn under_way(facts: &Facts<'_>) -> Option<Name> {
    facts.records().fold(None, |under_way, record| match &record.event {
        Event::StepStarted { step, .. } => Some(step.clone()),
        Event::StepDone { .. } => None,
        _ => under_way,
    })
}

fn sorted<T: Ord + Clone>(values: &[T]) -> Vec<T> {
    let mut values = values.to_vec();
    values.sort();
    values
}
