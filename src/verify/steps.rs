use super::examination::Examination;
use super::facts::Facts;
use super::outcome::outcome_of;
use super::verdict::{Check, CheckId, Status};
use crate::format::{
    Action, Call, Event, Mode, Name, Outcome, PinOwner, PlannedStep, ProvisionMode, Record, SealKind,
};

/// Where in the plan the log stands.
struct Position<'a> {
    /// Steps that are done.
    done: usize,
    /// The step under way.
    under_way: Option<&'a PlannedStep>,
    /// Whether a TBS was frozen, and whether a key signed.
    frozen: bool,
    signed: bool,
    /// Whether a break has begun and not ended.
    paused: bool,
}

/// Steps begin and end in the plan's order, each once, and every record stands in its step.
pub(crate) fn in_order(facts: &Facts<'_>) -> Check {
    let mut examination = Examination::of(CheckId::Steps);
    let mut position = Position { done: 0, under_way: None, frozen: false, signed: false, paused: false };
    for record in facts.records() {
        if let Err(what) = position.advance(facts, record) {
            examination.fail(facts.record(record.n), what);
            // Everything after a step out of order would be reported too and say nothing new.
            break;
        }
    }
    let steps = facts.plan.steps.len();
    if examination.holds() && facts.complete() {
        examination.demand(position.done == steps && position.under_way.is_none(), None, || {
            format!("the ceremony closed with {} of {steps} steps done", position.done)
        });
    }
    if examination.holds() && facts.outcome() == Outcome::InProgress {
        let under_way =
            position.under_way.map_or_else(String::new, |step| format!(", {} under way", step.id));
        examination.found(
            Status::Incomplete,
            None,
            format!("{} of {steps} steps done{under_way}", position.done),
        );
    }
    let aborted = if facts.complete() { "" } else { ", then aborted" };
    examination.finish(|| format!("{} of {steps}{aborted}", position.done))
}

impl<'a> Position<'a> {
    fn advance(&mut self, facts: &Facts<'a>, record: &Record) -> Result<(), String> {
        if self.paused && !waits(&record.event) {
            return Err("something happens in the middle of a break".to_owned());
        }
        match &record.event {
            Event::Opened(_) | Event::Aborted(_) | Event::Resumed(_) => Ok(()),
            Event::Closed(_) => self.between_steps("the ceremony closes"),
            Event::StepStarted { step, kind } => {
                self.between_steps(&format!("step {step} begins"))?;
                let next = facts.plan.steps.get(self.done);
                let fits = next.filter(|next| next.id == *step && next.action.kind() == *kind);
                self.under_way = Some(fits.ok_or_else(|| match next {
                    Some(next) => format!(
                        "step {step} ({kind}) begins, the plan has {} ({}) here",
                        next.id,
                        next.action.kind()
                    ),
                    None => format!("step {step} begins, the plan has no step left"),
                })?);
                Ok(())
            }
            Event::StepDone { step } => {
                let under_way = self.in_step(step)?;
                outcome_of(facts, under_way)?;
                self.under_way = None;
                self.done += 1;
                Ok(())
            }
            Event::TokenFound(_) | Event::Arrived(_) | Event::Left(_) => Ok(()),
            Event::Drilled(_) if facts.opened.mode == Mode::Rehearsal => Ok(()),
            Event::Drilled(_) => Err("a drill stands in a ceremony".to_owned()),
            Event::BreakBegun(begun) => {
                self.paused = true;
                self.in_kind(&begun.step, |action| matches!(action, Action::Break { .. }))?;
                if begun.head == record.prev {
                    Ok(())
                } else {
                    Err(format!(
                        "the head {} was read aloud, the record before has {}",
                        begun.head, record.prev
                    ))
                }
            }
            Event::BreakEnded(ended) => {
                if !std::mem::take(&mut self.paused) {
                    return Err("a break ends that did not begin".to_owned());
                }
                self.in_kind(&ended.step, |action| matches!(action, Action::Break { .. }))
            }
            Event::TbsFrozen { .. } => {
                let open = facts.plan.steps.iter().skip(self.done);
                let key_missing = open.clone().any(|step| matches!(step.action, Action::GenerateKey { .. }));
                if self.frozen || self.signed || key_missing {
                    return Err(
                        "TBS are frozen once, after the last key was made and before a key signs".to_owned()
                    );
                }
                self.frozen = true;
                Ok(())
            }
            Event::SealAdded { seal: SealKind::Resume, .. } => Ok(()),
            Event::SealAdded { seal, .. } => {
                if self.frozen && !self.signed {
                    Ok(())
                } else {
                    Err(format!("the {seal} seal was added where nothing waits for it"))
                }
            }
            Event::OperationIntent(intent) => {
                let signs = matches!(intent.call, Call::Sign { .. });
                self.signed |= signs;
                let under_way = self.in_step(&intent.step)?;
                may_call(&under_way.action, &intent.call)
            }
            Event::OperationResult(_) => Ok(()),
            Event::KeySettled(settled) => {
                self.in_kind(&settled.step, |action| matches!(action, Action::GenerateKey { .. }))
            }
            Event::ClockRead { step, .. } => {
                self.in_kind(step, |action| matches!(action, Action::Clock { .. }))
            }
            // Anywhere, in a break too: what nobody expected does not wait for a step.
            Event::ExceptionNoted(exception) => match &exception.step {
                Some(step) => self.in_step(step).map(drop),
                None => self.between_steps("an exception outside every step is noted"),
            },
            Event::Beacon(beacon) => {
                self.in_kind(&beacon.step, |action| matches!(action, Action::Clock { beacon: true, .. }))
            }
            Event::ReadAloud(read) => {
                self.in_kind(&read.step, |action| matches!(action, Action::ReadAloud { .. }))
            }
            Event::Attested(attested) => {
                self.in_kind(&attested.step, |action| matches!(action, Action::Attest { .. }))
            }
            Event::CustodyNoted(noted) => {
                self.in_kind(&noted.step, |action| matches!(action, Action::Custody { .. }))
            }
            Event::EvidenceImported(imported) => {
                self.in_kind(&imported.step, |action| matches!(action, Action::ImportEvidence { .. }))
            }
            Event::Confirmed { step, .. } => {
                self.in_kind(step, |action| matches!(action, Action::Confirm { .. }))
            }
            Event::SharesSplit(split) => self.in_kind(&split.step, |action| action.deals().is_some()),
            Event::ShareVerified { step, .. } => self.in_kind(step, |action| action.deals().is_some()),
            Event::PinPolicy(policy) => {
                self.in_kind(&policy.step, |action| !action.sets_pins_of().is_empty())
            }
            Event::QuorumMet { step, .. } => self.in_step(step).map(drop),
            Event::TokenMoved { step, .. } | Event::SharesRetired { step, .. } => {
                self.in_kind(step, |action| matches!(action, Action::Reshare { .. }))
            }
            Event::RosterChanged { step, .. } => {
                self.in_kind(step, |action| matches!(action, Action::ChangeRoster { .. }))
            }
            Event::SignConfirmed { step, .. } => self.in_kind(step, |action| action.tbs_sha256().is_some()),
            Event::Released(released) => self.in_kind(&released.step, |action| action.tbs_sha256().is_some()),
            Event::Quarantined(quarantined) => {
                self.in_kind(&quarantined.step, |action| action.tbs_sha256().is_some())
            }
            Event::Destroyed(decided) => {
                self.in_kind(&decided.step, |action| matches!(action, Action::DestroyKey { .. }))
            }
            Event::Adopted(adopted) => {
                self.in_kind(&adopted.step, |action| matches!(action, Action::AdoptAuthority { .. }))
            }
            Event::Revoked(revoked) => {
                self.in_kind(&revoked.step, |action| matches!(action, Action::Revoke { .. }))
            }
        }
    }

    fn between_steps(&self, what: &str) -> Result<(), String> {
        match self.under_way {
            None => Ok(()),
            Some(step) => Err(format!("{what} while step {} is under way", step.id)),
        }
    }

    fn in_step(&self, step: &Name) -> Result<&'a PlannedStep, String> {
        self.under_way
            .filter(|under_way| under_way.id == *step)
            .ok_or_else(|| format!("a record of step {step}, which is not under way"))
    }

    fn in_kind(&self, step: &Name, fits: fn(&Action) -> bool) -> Result<(), String> {
        let under_way = self.in_step(step)?;
        if fits(&under_way.action) {
            Ok(())
        } else {
            Err(format!("no record of this type belongs to step {step} ({})", under_way.action.kind()))
        }
    }
}

/// Whether an event may stand in a break. The power may fail in it: whoever goes on finds the token as it is.
fn waits(event: &Event) -> bool {
    match event {
        Event::SealAdded { seal, .. } => *seal == SealKind::Resume,
        Event::Arrived(_) | Event::Left(_) | Event::BreakEnded(_) | Event::ExceptionNoted(_) => true,
        Event::Aborted(_) | Event::Resumed(_) | Event::TokenFound(_) => true,
        _ => false,
    }
}

fn may_call(action: &Action, call: &Call) -> Result<(), String> {
    let fits = match (call, action) {
        (Call::InitToken { .. } | Call::InitPin {}, Action::Provision { mode, .. }) => {
            *mode == ProvisionMode::Init
        }
        (Call::SetPin { of }, Action::Provision { mode, wipe, .. }) => {
            *mode == ProvisionMode::SetPin || *wipe && *of == PinOwner::SecurityOfficer
        }
        (Call::SetPin { .. }, Action::Reshare { .. }) => true,
        (Call::GenerateKeyPair { .. } | Call::DestroyObject { .. }, Action::GenerateKey { .. }) => true,
        (Call::DestroyObject { .. }, Action::DestroyKey { .. }) => true,
        (Call::Sign { .. }, action) => action.tbs_sha256().is_some(),
        (Call::Login { .. }, _) => true,
        _ => false,
    };
    if fits {
        Ok(())
    } else {
        Err(format!("this token operation does not belong to a step of the kind {}", action.kind()))
    }
}
