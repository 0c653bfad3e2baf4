use std::collections::BTreeMap;

use super::examination::Examination;
use super::facts::Facts;
use super::verdict::{Check, CheckId};
use crate::format::{
    Action, Call, Digest, Event, Hex, KeyDecision, KeyFate, KeySettled, MirrorFound, MirrorState, Name,
    PinOwner, Record, Resumed, SettledKey,
};
use crate::ledger::Operation;

/// What an interruption left open was not done twice: one signature over a TBS, one artifact of it, and no second key
/// beside one that nobody saw being made.
pub(crate) fn repetitions(facts: &Facts<'_>) -> Check {
    let mut examination = Examination::of(CheckId::Repetitions);
    signatures(facts, &mut examination);
    artifacts(facts, &mut examination);
    let mut resumed: Option<&Record> = None;
    let mut settled = 0;
    for record in facts.records() {
        let judged = match &record.event {
            Event::Resumed(now) => {
                resumed = Some(record);
                decided(facts, record, now).and_then(|()| mirror(facts, record, now.mirror.as_ref()))
            }
            Event::Aborted(aborted) => mirror(facts, record, aborted.mirror.as_ref()),
            Event::KeySettled(of_key) => {
                settled += 1;
                settles(facts, record, of_key, resumed)
            }
            Event::OperationIntent(intent) => match &intent.call {
                Call::GenerateKeyPair { .. } => nothing_in_doubt(facts, record, &intent.step),
                Call::DestroyObject { key_id, .. } if !is_planned_destruction(facts, &intent.step) => {
                    destroys(facts, record, key_id, resumed)
                }
                _ => Ok(()),
            },
            Event::StepDone { step } => nothing_in_doubt(facts, record, step),
            _ => Ok(()),
        };
        if let Err(what) = judged {
            examination.fail(facts.record(record.n), what);
        }
    }
    let resumptions = facts.records().filter(|record| matches!(record.event, Event::Resumed(_))).count();
    let again = facts.signatures().count() - by_step(facts).len();
    examination.finish_if(resumptions > 0, "the ceremony was not interrupted", || {
        format!("{resumptions} resumptions, {again} signatures begun again, {settled} keys settled")
    })
}

fn by_step<'f, 'a>(facts: &'f Facts<'a>) -> BTreeMap<&'a Name, Vec<&'f Operation<'a>>> {
    let mut attempts: BTreeMap<&Name, Vec<&Operation<'_>>> = BTreeMap::new();
    for (operation, ..) in facts.signatures() {
        attempts.entry(&operation.intent.step).or_default().push(operation);
    }
    attempts
}

/// A signature is begun again only after one that the token refused, or whose answer an interruption swallowed, with the
/// same key over the same TBS.
fn signatures(facts: &Facts<'_>, examination: &mut Examination) {
    let mut signed: BTreeMap<Digest, &Name> = BTreeMap::new();
    for (step, attempts) in by_step(facts) {
        for pair in attempts.windows(2) {
            let [earlier, later] = pair else { continue };
            let place = || facts.record(later.record);
            examination.demand(!earlier.succeeded(), place(), || {
                format!("step {step} signs again, and operation {} made its signature", earlier.intent.op)
            });
            examination.demand(
                !earlier.unknown() || named_between(facts, earlier, later.record),
                place(),
                || {
                    format!(
                        "step {step} signs again, and no resumption says that operation {} has no answer",
                        earlier.intent.op
                    )
                },
            );
            let same = earlier.intent.call == later.intent.call && earlier.intent.token == later.intent.token;
            examination.demand(same, place(), || {
                format!("step {step} signs again, and not the same as in operation {}", earlier.intent.op)
            });
        }
    }
    for (operation, tbs_sha256, _) in facts.signatures().filter(|(operation, ..)| operation.succeeded()) {
        let step = &operation.intent.step;
        let other = signed.insert(tbs_sha256, step).filter(|other| *other != step);
        examination.demand(other.is_none(), facts.record(operation.record), || {
            format!("the TBS {tbs_sha256} was signed for two steps")
        });
    }
}

/// Whether a resumption between the two says that the operation has no answer.
fn named_between(facts: &Facts<'_>, operation: &Operation<'_>, before: u64) -> bool {
    facts.records().filter(|record| record.n > operation.record && record.n < before).any(|record| {
        matches!(&record.event, Event::Resumed(resumed) if resumed.unanswered.contains(&operation.intent.op))
    })
}

fn artifacts(facts: &Facts<'_>, examination: &mut Examination) {
    let mut released: BTreeMap<Digest, u64> = BTreeMap::new();
    for (n, one) in facts.released() {
        if let Some(first) = released.insert(one.tbs_sha256, n) {
            examination.fail(
                facts.record(n),
                format!("the TBS {} was released in record {first} already", one.tbs_sha256),
            );
        }
    }
}

/// Whether nobody knew at record `n` whether this operation had made a key.
fn in_doubt_at(operation: &Operation<'_>, n: u64) -> bool {
    let makes = matches!(operation.intent.call, Call::GenerateKeyPair { .. });
    let answered = operation.result.is_some_and(|(_, result)| operation.succeeded() && result.key.is_some());
    makes && operation.record < n && !answered && operation.settled.is_none_or(|(at, _)| at >= n)
}

/// The officers decided about each key that was in doubt then, and about nothing else.
fn decided(facts: &Facts<'_>, record: &Record, resumed: &Resumed) -> Result<(), String> {
    let in_doubt: Vec<u64> = facts
        .operations
        .iter()
        .filter(|operation| in_doubt_at(operation, record.n))
        .map(|operation| operation.intent.op)
        .collect();
    let decided: Vec<u64> = resumed.keys.iter().map(|key| key.op).collect();
    if in_doubt == decided {
        return Ok(());
    }
    Err(format!("the officers decide about the keys of {decided:?}, in doubt are those of {in_doubt:?}"))
}

/// Before another key is made, and before the step is done, every earlier one is settled.
fn nothing_in_doubt(facts: &Facts<'_>, record: &Record, step: &Name) -> Result<(), String> {
    let mut of_step = facts.operations.iter().filter(|operation| operation.intent.step == *step);
    match of_step.find(|operation| in_doubt_at(operation, record.n)) {
        Some(operation) => Err(format!(
            "step {step} goes on, and nobody knows what became of the key of operation {}",
            operation.intent.op
        )),
        None => Ok(()),
    }
}

fn fate(resumed: Option<&Record>, op: u64) -> Option<KeyFate> {
    match resumed.map(|record| &record.event) {
        Some(Event::Resumed(resumed)) => {
            resumed.keys.iter().find(|key: &&KeyDecision| key.op == op).map(|key| key.fate)
        }
        _ => None,
    }
}

fn settles(
    facts: &Facts<'_>,
    record: &Record,
    settled: &KeySettled,
    resumed: Option<&Record>,
) -> Result<(), String> {
    let KeySettled { step, op, outcome, key } = settled;
    let operation = facts.operations.iter().find(|operation| operation.intent.op == *op);
    let operation = operation
        .filter(|operation| operation.intent.step == *step && in_doubt_at(operation, record.n))
        .ok_or_else(|| format!("operation {op} left no key of step {step} in doubt"))?;
    let since = resumed.map_or(u64::MAX, |resumed| resumed.n);
    let of_token = |other: &&Operation<'_>| {
        other.intent.token == operation.intent.token && other.record < record.n && other.succeeded()
    };
    let seen = facts.operations.iter().filter(of_token).any(|other| {
        other.record > since && matches!(other.intent.call, Call::Login { of: PinOwner::User, .. })
    });
    if !seen {
        return Err(format!("what became of the key of operation {op} was not seen by a user who logged in"));
    }
    let removed = match &operation.intent.call {
        Call::GenerateKeyPair { key_id: made, .. } => facts.operations.iter().any(|other| {
            other.record < record.n
                && matches!(&other.intent.call, Call::DestroyObject { key_id, .. } if key_id == made)
        }),
        _ => false,
    };
    let holds = match (outcome, fate(resumed, *op)) {
        (SettledKey::Adopted, Some(KeyFate::Adopt)) => key.is_some(),
        (SettledKey::Destroyed, Some(KeyFate::Destroy)) => key.is_none() && removed,
        (SettledKey::Absent, Some(_)) => key.is_none() && !removed,
        _ => false,
    };
    if holds {
        Ok(())
    } else {
        Err(format!(
            "the key of operation {op} is {outcome}, which is not what the officers decided and the log shows"
        ))
    }
}

/// Whether the plan has the key destroyed; E2 holds the call against it.
fn is_planned_destruction(facts: &Facts<'_>, step: &Name) -> bool {
    matches!(facts.plan.step(step).map(|step| &step.action), Some(Action::DestroyKey { .. }))
}

fn destroys(
    facts: &Facts<'_>,
    record: &Record,
    key_id: &Hex,
    resumed: Option<&Record>,
) -> Result<(), String> {
    let made = |operation: &&Operation<'_>| matches!(&operation.intent.call, Call::GenerateKeyPair { key_id: made, .. } if made == key_id);
    let wanted = facts.operations.iter().filter(made).any(|operation| {
        in_doubt_at(operation, record.n) && fate(resumed, operation.intent.op) == Some(KeyFate::Destroy)
    });
    if wanted {
        Ok(())
    } else {
        Err("a key is removed that the officers did not decide to remove".to_owned())
    }
}

/// How far the shorter copy of the record had come is a place in this log.
fn mirror(facts: &Facts<'_>, record: &Record, found: Option<&MirrorFound>) -> Result<(), String> {
    let Some(MirrorFound { state, records, head }) = found else {
        return Ok(());
    };
    let there = match state {
        MirrorState::Absent | MirrorState::OutOfReach => *records == 0 && *head == Digest::ZERO,
        MirrorState::Behind | MirrorState::Ahead => {
            let last = records.checked_sub(1).and_then(|last| usize::try_from(last).ok());
            let line = last.and_then(|last| facts.log.lines.get(last));
            *records < record.n && line.is_some_and(|line| line.head == *head)
        }
    };
    let ended = matches!(record.event, Event::Aborted(_)) || *state != MirrorState::OutOfReach;
    if there && ended {
        Ok(())
    } else {
        Err(format!(
            "the shorter copy of the record is said to end after {records} records with the head {head}, which is no place in it"
        ))
    }
}
