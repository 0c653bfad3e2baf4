use std::collections::BTreeSet;
use std::path::Path;

use super::engine::{Engine, Finished};
use super::exchange::Exchange;
use super::operator::Operator;
use super::seal::seal_ended_record;
use super::{Error, Stop};
use crate::format::{
    Aborted, Action, Call, Event, FileName, FileRef, Log, MirrorFound, Name, Opened, Outcome, Plan, Role,
    Roster,
};
use crate::host;
use crate::record::{Bundle, Reopened, Stamp, WithoutMirror};
use crate::roster::SealTemplate;

/// Who ends a ceremony that cannot go on, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AbortRequest {
    /// An officer of the ceremony's roster.
    pub by: Name,
    /// In that person's words.
    pub reason: String,
}

/// Ends an unfinished ceremony of which only the bundle is left, truthfully: what was signed, what nobody knows,
/// which serial and CRL numbers are burnt.
///
/// A ceremony that ended stays what it was, complete or aborted; seals that it misses are for [`seal`](super::seal()).
///
/// # Errors
/// [`Error::NotBegun`] when the bundle cannot be continued; [`Error::Unfinished`] or [`Error::Unsealed`] afterwards.
pub fn abort(
    directory: &Path,
    request: &AbortRequest,
    operator: &mut dyn Operator,
    exchange: &Exchange,
) -> Result<Finished, Error> {
    let Reopened { mut bundle, log, set_aside, mirror } =
        Bundle::reopen(directory, WithoutMirror::GoOn, |_, _, _, _| false).map_err(Error::not_begun)?;
    let ended = end(&mut bundle, &log, (&set_aside, mirror), request, None, operator, exchange);
    ended.map_err(|stop| Error::of(stop, &bundle))?;
    Ok(Finished { outcome: Outcome::Aborted, head: bundle.head(), directory: directory.to_owned() })
}

impl Engine<'_> {
    /// Ends the ceremony at a prompt.
    pub(super) fn abort(&mut self, by: Name, reason: String) -> Result<(), Stop> {
        self.log_out();
        let step = self.step_under_way();
        let log =
            Log::parse_in(self.bundle.written(), self.bundle.mode()).map_err(crate::record::Error::from)?;
        let request = AbortRequest { by, reason };
        end(&mut self.bundle, &log, (&[], None), &request, step, self.operator, self.exchange)
    }
}

fn end(
    bundle: &mut Bundle,
    log: &Log,
    (set_aside, mirror): (&[FileRef], Option<MirrorFound>),
    request: &AbortRequest,
    step: Option<Name>,
    operator: &mut dyn Operator,
    exchange: &Exchange,
) -> Result<(), Stop> {
    let opened = opening_record(log)?;
    let (plan, roster) = plan_and_roster(bundle, opened)?;
    let officer = roster.person(&request.by).is_some_and(|person| person.roles.contains(&Role::Officer));
    if !officer {
        return Err(Stop::NoOfficer { name: request.by.clone() });
    }
    let AbortRequest { by, reason } = request.clone();
    let step = step.or_else(|| step_under_way(log));
    let Done { signed, unknown, burnt_crl_numbers } = done(log, &plan);
    let burnt_serials = plan.steps.iter().filter_map(|step| step.action.serial().cloned()).collect();
    let manifest_sha256 = bundle.create_manifest()?;
    let aborted = Aborted {
        by,
        reason,
        step,
        signed,
        unknown,
        burnt_serials,
        burnt_crl_numbers,
        set_aside: set_aside.to_vec(),
        mirror,
        manifest_sha256,
    };
    bundle
        .append(Event::Aborted(aborted), Stamp { t: host::now(), mono: host::milliseconds_since_start() })?;
    let template = SealTemplate::abort(opened, bundle.covered());
    seal_ended_record(bundle, &roster, &plan.window, &template, operator, exchange)
}

pub(super) fn opening_record(log: &Log) -> Result<&Opened, Stop> {
    log.opened().ok_or(Stop::Bundle { file: "log.jsonl", reason: "no opening record".to_owned() })
}

/// Plan and roster of the bundle itself: the machine that aborts may have nothing else left.
pub(super) fn plan_and_roster(bundle: &Bundle, opened: &Opened) -> Result<(Plan, Roster), Stop> {
    let read = |file: &'static str, sha256| -> Result<Vec<u8>, Stop> {
        let missing = |reason: &str| Stop::Bundle { file, reason: reason.to_owned() };
        let name = FileName::parse(file).ok_or_else(|| missing("no file name"))?;
        let bytes = bundle.read_artifact(&name)?;
        let known = crate::format::Digest::of(&bytes) == sha256;
        known.then_some(bytes).ok_or_else(|| missing("its SHA-256 is not the one of record 0"))
    };
    let plan = Plan::parse_in(&read("plan.json", opened.plan_sha256)?, opened.mode)
        .map_err(|error| Stop::Bundle { file: "plan.json", reason: error.to_string() })?;
    let roster = Roster::parse_in(&read("roster.toml", opened.roster_sha256)?, opened.mode)
        .map_err(|error| Stop::Bundle { file: "roster.toml", reason: error.to_string() })?;
    Ok((plan, roster))
}

fn step_under_way(log: &Log) -> Option<Name> {
    log.records().rev().find_map(|record| match &record.event {
        Event::StepStarted { step, .. } => Some(Some(step.clone())),
        Event::StepDone { .. } => Some(None),
        _ => None,
    })?
}

struct Done {
    signed: Vec<Name>,
    unknown: Vec<u64>,
    burnt_crl_numbers: Vec<u64>,
}

/// What the log says of signatures: a signature that may have been made counts as made.
fn done(log: &Log, plan: &Plan) -> Done {
    let mut unknown = BTreeSet::new();
    let (mut signed, mut attempted) = (Vec::new(), Vec::new());
    for record in log.records() {
        match &record.event {
            Event::OperationIntent(intent) => {
                unknown.insert(intent.op);
                if matches!(intent.call, Call::Sign { .. }) {
                    attempted.push((intent.op, intent.step.clone()));
                }
            }
            Event::OperationResult(result) => {
                unknown.remove(&result.op);
                let step = attempted.iter().find(|(op, _)| *op == result.op).map(|(_, step)| step.clone());
                signed.extend(step.filter(|_| result.signature.is_some()));
            }
            _ => {}
        }
    }
    let number = |step: &Name| match plan.step(step).map(|step| &step.action) {
        Some(Action::IssueCrl { number, .. }) => Some(*number),
        _ => None,
    };
    let burnt_crl_numbers = attempted.iter().filter_map(|(_, step)| number(step)).collect();
    Done { signed, unknown: unknown.into_iter().collect(), burnt_crl_numbers }
}
