use std::collections::BTreeMap;

use super::examination::Examination;
use super::facts::Facts;
use super::verdict::{Check, CheckId};
use crate::format::{
    Action, Attested, CustodyAct, CustodyNoted, Duty, DutyKind, Event, EvidenceImported, ExceptionClass,
    ExceptionNoted, FileName, Instant, MAX_EVIDENCE_BYTES, Name, PlannedStep, Presence, ReadAloud, Record,
    Role,
};

/// After how long new shares are looked after, in seconds: a year.
const SHARE_CHECK: i64 = 365 * 86_400;

/// What people read aloud, stated, took out of bags and noted as exceptions holds together, and so do the duties.
pub(crate) fn witnessed(facts: &Facts<'_>) -> Check {
    let mut examination = Examination::of(CheckId::Witnessed);
    let mut present = Presence::of(facts.opened);
    let mut bags: BTreeMap<&Name, Option<&String>> = BTreeMap::new();
    let (mut exceptions, mut acts, mut compromised) = (0, 0, None);
    for record in facts.records() {
        let place = || facts.record(record.n);
        if let Some(number) = compromised {
            let ends = matches!(
                record.event,
                Event::Arrived(_) | Event::Left(_) | Event::ExceptionNoted(_) | Event::Aborted(_)
            );
            examination.demand(ends, place(), || {
                format!("the ceremony goes on after exception {number}, which says that something may be compromised")
            });
        }
        let result = match &record.event {
            Event::ExceptionNoted(exception) => {
                exceptions += 1;
                if exception.class == ExceptionClass::Compromise {
                    compromised = Some(exception.number);
                }
                noted(facts, &present, exception, exceptions)
            }
            Event::ReadAloud(read) => read_aloud(facts, read),
            Event::Attested(attested) => stated(facts, attested, record),
            Event::StepDone { step } => everybody_stated(facts, &present, step, record),
            Event::CustodyNoted(custody) => bag(facts, &mut bags, custody),
            Event::Beacon(beacon) => {
                let says = !beacon.source.is_empty() && !beacon.value.is_empty();
                if says { Ok(()) } else { Err("a beacon that says nothing".to_owned()) }
            }
            Event::EvidenceImported(imported) => imported_as_planned(imported),
            Event::Closed(closed) if closed.duties != facts.plan.duties => {
                Err("the duties that the ceremony ended with are not the plan's".to_owned())
            }
            _ => Ok(()),
        };
        acts += usize::from(matches!(
            record.event,
            Event::ReadAloud(_) | Event::Attested(_) | Event::CustodyNoted(_) | Event::Beacon(_)
        ));
        if let Err(what) = result {
            examination.fail(place(), what);
        }
        present.follow(&record.event);
    }
    if let Err(what) = duties(facts) {
        examination.fail(super::verdict::Place::file("artifacts/plan.json"), what);
    }
    let duties = facts.plan.duties.len();
    examination.finish_if(exceptions > 0 || acts > 0 || duties > 0, "nothing of the kind", || {
        let refusals = facts
            .records()
            .filter(|record| matches!(&record.event, Event::Attested(Attested { refusal: Some(_), .. })));
        format!(
            "{exceptions} exceptions, {} refused to attest, {acts} acts witnessed, {duties} duties",
            refusals.count()
        )
    })
}

fn fail_unless(holds: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what()) }
}

fn noted(facts: &Facts<'_>, present: &Presence, exception: &ExceptionNoted, nth: u64) -> Result<(), String> {
    let ExceptionNoted { number, expected, happened, decided, by, .. } = exception;
    fail_unless(*number == nth, || format!("exception {number} is number {nth}"))?;
    let empty = [expected, happened, decided].into_iter().any(String::is_empty);
    fail_unless(!empty, || {
        format!("exception {number} does not say what was expected, happened or decided")
    })?;
    let there = |role: Role| present.names().iter().any(|name| has(facts, name, role));
    let may = [Role::Administrator, Role::Officer].into_iter().find(|role| there(*role));
    let right = present.has(by) && may.is_none_or(|role| has(facts, by, role));
    fail_unless(right, || format!("{by} decided on exception {number}, and was not there or may not"))
}

fn has(facts: &Facts<'_>, name: &Name, role: Role) -> bool {
    facts.roster.person(name).is_some_and(|person| person.roles.contains(&role))
}

fn read_aloud(facts: &Facts<'_>, read: &ReadAloud) -> Result<(), String> {
    let ReadAloud { named, digest, positions, attempts, .. } = read;
    let expected = facts.plan.digest_named(named, facts.opened.plan_sha256);
    fail_unless(*digest == expected, || format!("{digest} was read as {named}, which is {expected}"))?;
    let places = positions.len() == 3
        && positions.is_sorted_by(|one, next| one < next)
        && positions.iter().all(|position| (1..=32).contains(position));
    fail_unless(places && *attempts > 0, || "not three different words of 32 were asked for".to_owned())
}

fn stated(facts: &Facts<'_>, attested: &Attested, record: &Record) -> Result<(), String> {
    let Attested { step, by, text, refusal } = attested;
    let Some(Action::Attest { by: roles, text: planned }) = facts.plan.step(step).map(|step| &step.action)
    else {
        return Ok(());
    };
    fail_unless(text == planned, || format!("{by} states another sentence than the plan's"))?;
    fail_unless(roles.iter().any(|role| has(facts, by, *role)), || {
        format!("{by} states what other roles are asked for")
    })?;
    fail_unless(refusal.as_ref().is_none_or(|reason| !reason.is_empty()), || {
        format!("{by} refuses without a reason")
    })?;
    let again = facts.records().take_while(|earlier| earlier.n < record.n).any(
        |earlier| matches!(&earlier.event, Event::Attested(other) if other.step == *step && other.by == *by),
    );
    fail_unless(!again, || format!("{by} states it twice"))
}

/// Everybody who was there in one of the roles when the step ended.
fn everybody_stated(
    facts: &Facts<'_>,
    present: &Presence,
    step: &Name,
    record: &Record,
) -> Result<(), String> {
    let Some(Action::Attest { by: roles, .. }) = facts.plan.step(step).map(|step| &step.action) else {
        return Ok(());
    };
    let asked = present.names().iter().filter(|name| roles.iter().any(|role| has(facts, name, *role)));
    let silent: Vec<String> = asked
        .filter(|name| {
            !facts.records().take_while(|earlier| earlier.n < record.n).any(|earlier| {
                matches!(&earlier.event, Event::Attested(attested) if attested.step == *step && attested.by == **name)
            })
        })
        .map(ToString::to_string)
        .collect();
    fail_unless(silent.is_empty(), || format!("{} neither stated it nor refused", silent.join(", ")))
}

fn bag<'a>(
    facts: &Facts<'a>,
    bags: &mut BTreeMap<&'a Name, Option<&'a String>>,
    custody: &'a CustodyNoted,
) -> Result<(), String> {
    let CustodyNoted { step, item, act, number, expected, place, by, witness } = custody;
    let Some(Action::Custody { expected: planned, place: planned_place, .. }) =
        facts.plan.step(step).map(|step| &step.action)
    else {
        return Ok(());
    };
    let here = bags.insert(item, (*act != CustodyAct::Open).then_some(number));
    let recorded = facts.before.and_then(|before| before.bags.get(item)).map(|bag| bag.number.as_ref());
    let known = match (act.compares(), here) {
        (false, _) => None,
        (true, Some(here)) => here,
        (true, None) => planned.as_ref(),
    };
    fail_unless(expected.as_ref() == known && (known.is_some() || !act.compares()), || {
        format!("the bag of {item} is compared with another number than it was closed under")
    })?;
    fail_unless(here.is_some() || recorded.is_none() || recorded == Some(known), || {
        format!("the last record of the bag of {item} says otherwise than the plan")
    })?;
    fail_unless(place == planned_place, || format!("{item} goes elsewhere than planned"))?;
    fail_unless(by != witness && has(facts, witness, Role::Witness), || {
        format!("the number of the bag of {item} was not read by two people, the second a witness")
    })?;
    let mismatch = expected.as_ref().is_some_and(|expected| expected != number);
    let excepted = facts.records().any(|record| {
        matches!(&record.event, Event::ExceptionNoted(exception)
            if exception.step.as_ref() == Some(step) && exception.class >= ExceptionClass::Doubtful)
    });
    fail_unless(!mismatch || excepted, || {
        format!(
            "the bag of {item} has the number {number}, not {}, and no exception says so",
            expected.as_deref().unwrap_or("-")
        )
    })
}

fn imported_as_planned(imported: &EvidenceImported) -> Result<(), String> {
    let EvidenceImported { step, file, .. } = imported;
    fail_unless(file.name == FileName::of_step(step, "evidence"), || {
        format!("{} is no name of evidence", file.name)
    })?;
    fail_unless(file.size <= MAX_EVIDENCE_BYTES as u64, || format!("{} is too large", file.name))
}

/// The duties of a plan are the written ones, each due after its window, and those that follow from its steps; what it
/// says is done was open.
fn duties(facts: &Facts<'_>) -> Result<(), String> {
    let end = facts.plan.window.to;
    let mut written = facts.plan.duties.iter().take_while(|duty| duty.kind == DutyKind::Written);
    if let Some(Duty { id, due, .. }) = written.find(|duty| duty.due <= end) {
        return Err(format!("the duty {id} is due at {due}, before the window ends"));
    }
    let following: Vec<(Name, DutyKind, Instant)> = facts
        .plan
        .duties
        .iter()
        .skip_while(|duty| duty.kind == DutyKind::Written)
        .map(|duty| (duty.id.clone(), duty.kind, duty.due))
        .collect();
    let share_check = Instant::from_unix_seconds(end.unix_seconds() + SHARE_CHECK).unwrap_or(end);
    let of_other = |step: &PlannedStep| {
        let (kind, due) = match &step.action {
            Action::IssueCrl { next_update, .. } => (DutyKind::NextCrl, *next_update),
            Action::SelfSign { validity, .. }
            | Action::SignIntermediate { validity, .. }
            | Action::CrossSign { validity, .. } => (DutyKind::CertificateExpiry, validity.to),
            action => action.deals().map(|_| (DutyKind::ShareCheck, share_check))?,
        };
        Some((step.id.clone(), kind, due))
    };
    let steps = facts.plan.steps.iter();
    let expected: Vec<(Name, DutyKind, Instant)> =
        steps.flat_map(|step| step.duties_of_adoption(end).into_iter().chain(of_other(step))).collect();
    fail_unless(following == expected, || {
        format!("{} duties follow from the steps, the plan has others", expected.len())
    })?;
    let unique: std::collections::BTreeSet<_> =
        facts.plan.duties.iter().map(|duty| (duty.kind, &duty.id)).collect();
    fail_unless(unique.len() == facts.plan.duties.len(), || "a duty is there twice".to_owned())?;
    for step in &facts.plan.steps {
        if let (Action::Confirm { discharges: Some(done), .. }, Some(before)) = (&step.action, facts.before) {
            let open = before.dischargeable(Some(done.ordinal), &done.id).is_some();
            fail_unless(open, || {
                format!("step {} says that the duty {done} is done, which is not open", step.id)
            })?;
        }
    }
    Ok(())
}

/// What a reader has to know before the checks, one sentence each: exceptions, who would not attest, files from devices that
/// nobody read.
pub(crate) fn remarks(facts: &Facts<'_>) -> Vec<String> {
    let in_step =
        |step: &Option<Name>| step.as_ref().map_or_else(String::new, |step| format!(" in step {step}"));
    let mut exceptions = Vec::new();
    let mut others = Vec::new();
    for record in facts.records() {
        match &record.event {
            Event::ExceptionNoted(ExceptionNoted {
                number,
                step,
                class,
                expected,
                happened,
                decided,
                by,
            }) => {
                exceptions.push((
                    *class,
                    format!(
                        "exception {number} ({class}){}: expected: {expected} Happened: {happened} Decided by {by}: {decided}",
                        in_step(step)
                    ),
                ));
            }
            Event::Attested(Attested { by, refusal: Some(reason), .. }) => {
                others.push(format!("{by} does not attest: {reason}"));
            }
            Event::EvidenceImported(EvidenceImported {
                token,
                form: crate::format::EvidenceForm::Opaque,
                file,
                ..
            }) => {
                others.push(format!("{} about the token {token} was taken in and NOT CHECKED", file.name));
            }
            _ => {}
        }
    }
    // The gravest first.
    exceptions.sort_by_key(|(class, _)| std::cmp::Reverse(*class));
    exceptions.into_iter().map(|(_, text)| text).chain(others).collect()
}
