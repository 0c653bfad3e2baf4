use std::collections::BTreeSet;

use super::examination::Examination;
use super::facts::Facts;
use super::verdict::{Check, CheckId};
use crate::format::{Action, Event, GREATEST_STEP_BACK, Name};

/// How far a reading's stated difference may be from the one that follows from its record, in seconds: a person
/// reads, then types, then the record is made.
pub(crate) const READING_SLACK: i64 = 30;

/// The clocks run forward, and what people read on other clocks is within the plan's tolerance.
pub(crate) fn time(facts: &Facts<'_>) -> Check {
    let mut examination = Examination::of(CheckId::Time);
    let (mut latest, mut uptime) = (i64::MIN, 0);
    for record in facts.records() {
        let t = record.t.unix_seconds();
        examination.demand(t >= latest.saturating_sub(GREATEST_STEP_BACK), facts.record(record.n), || {
            format!("the wall clock goes back by {} seconds", latest.saturating_sub(t))
        });
        latest = latest.max(t);
        // Ending an interrupted ceremony, or going on with it, is another process, whose clock begins again.
        let restarted = matches!(record.event, Event::Aborted(_) | Event::Resumed(_));
        examination.demand(record.mono >= uptime || restarted, facts.record(record.n), || {
            format!("the monotonic clock goes back from {uptime} to {} milliseconds", record.mono)
        });
        uptime = record.mono;
    }
    let readings = readings(facts, &mut examination);
    let last = facts.records().next_back().map(|record| record.t.to_string());
    examination.finish(|| {
        format!(
            "{} to {}, {readings} readings of other clocks",
            facts.log.lines.first().map(|line| line.record.t.to_string()).unwrap_or_default(),
            last.unwrap_or_default()
        )
    })
}

fn readings(facts: &Facts<'_>, examination: &mut Examination) -> usize {
    let mut readers: BTreeSet<(&Name, &Name)> = BTreeSet::new();
    for record in facts.records() {
        let Event::ClockRead { step, reader, reading, difference_seconds } = &record.event else {
            continue;
        };
        let place = || facts.record(record.n);
        examination.demand(readers.insert((step, reader)), place(), || {
            format!("{reader} read a clock twice in step {step}")
        });
        let tolerance = match facts.plan.step(step).map(|step| &step.action) {
            Some(Action::Clock { tolerance_seconds, .. }) => u64::from(*tolerance_seconds),
            _ => 0,
        };
        examination.demand(
            difference_seconds.unsigned_abs() <= tolerance || !facts.done(step),
            place(),
            || format!("{reader}'s clock differs by {difference_seconds} seconds, {tolerance} are allowed"),
        );
        let follows = reading.unix_seconds() - record.t.unix_seconds();
        examination.demand(
            follows.saturating_sub(*difference_seconds).unsigned_abs() <= READING_SLACK.unsigned_abs(),
            place(),
            || format!("{reader}'s reading differs from the record by {follows} seconds, not {difference_seconds}"),
        );
    }
    readers.len()
}
