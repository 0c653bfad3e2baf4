use super::examination::Examination;
use super::facts::Facts;
use super::verdict::{Check, CheckId, Status};
use crate::format::{
    Action, Call, Digest, Event, LoginPath, Name, OperationIntent, Outcome, PinOwner, PlannedStep,
    ProvisionMode, Record, SealKind, Shares,
};
use crate::ledger::Operation;

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
        let waits = matches!(
            &record.event,
            Event::Arrived(_) | Event::Left(_) | Event::BreakEnded(_) | Event::Aborted(_)
        );
        if self.paused && !waits {
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
            Event::ClockRead { step, .. } => {
                self.in_kind(step, |action| matches!(action, Action::Clock { .. }))
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

fn may_call(action: &Action, call: &Call) -> Result<(), String> {
    let fits = match (call, action) {
        (Call::InitToken { .. } | Call::InitPin {}, Action::Provision { mode, .. }) => {
            *mode == ProvisionMode::Init
        }
        (Call::SetPin { of }, Action::Provision { mode, wipe, .. }) => {
            *mode == ProvisionMode::SetPin || *wipe && *of == PinOwner::SecurityOfficer
        }
        (Call::SetPin { .. }, Action::Reshare { .. }) => true,
        (Call::GenerateKeyPair { .. }, Action::GenerateKey { .. }) => true,
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

/// What a step that is done must have left in the log, each once.
fn outcome_of(facts: &Facts<'_>, step: &PlannedStep) -> Result<(), String> {
    let id = &step.id;
    let calls = |wanted: &dyn Fn(&OperationIntent) -> bool| {
        let made = facts.operations.iter().filter(|operation| operation.succeeded());
        made.filter(|operation| operation.intent.step == *id && wanted(operation.intent)).count()
    };
    let events =
        |wanted: &dyn Fn(&Event) -> bool| facts.records().filter(|record| wanted(&record.event)).count();
    let left: Vec<(&str, usize)> = match &step.action {
        Action::Provision { .. } => of_provision(facts, step),
        Action::Reshare { .. } => of_reshare(facts, step),
        Action::ChangeRoster { roster, .. } => {
            let changed = |event: &Event| {
                matches!(event, Event::RosterChanged { step, from, to, .. }
                    if step == id && *from == facts.roster.sha256 && *to == roster.sha256)
            };
            vec![("roster.changed", events(&changed))]
        }
        Action::GenerateKey { .. } => {
            vec![("C_GenerateKeyPair", calls(&|intent| matches!(intent.call, Call::GenerateKeyPair { .. })))]
        }
        Action::SelfSign { .. } | Action::SignIntermediate { .. } | Action::IssueCrl { .. } => vec![
            ("C_Sign", calls(&|intent| matches!(intent.call, Call::Sign { .. }))),
            (
                "artifact.out",
                events(&|event| matches!(event, Event::Released(released) if released.step == *id)),
            ),
        ],
        Action::Revoke { issuer, entry, .. } => {
            let of_issuer = |named: Option<Digest>| named.is_none() || named == facts.issuer_spki(issuer);
            let decided = |event: &Event| {
                matches!(event, Event::Revoked(revoked) if revoked.step == *id
                    && revoked.entry == *entry && of_issuer(revoked.issuer_spki_sha256))
            };
            vec![("revocation", events(&decided))]
        }
        Action::Break { .. } => vec![
            ("break.begun", events(&|event| matches!(event, Event::BreakBegun(begun) if begun.step == *id))),
            ("break.ended", events(&|event| matches!(event, Event::BreakEnded(ended) if ended.step == *id))),
        ],
        Action::Confirm { text, .. } => {
            let confirmed = |event: &Event| matches!(event, Event::Confirmed { step, text: said, .. } if step == id && said == text);
            vec![("confirm", events(&confirmed))]
        }
        Action::Clock { readers, .. } => {
            let read = events(&|event| matches!(event, Event::ClockRead { step, .. } if step == id));
            // One more than asked for is no harm.
            vec![("clock.attest", usize::from(read >= usize::from(*readers)))]
        }
    };
    match left.into_iter().find(|(_, count)| *count != 1) {
        None => Ok(()),
        Some((what, 0)) => Err(format!("step {id} is done and the log lacks its {what}")),
        Some((what, count)) => Err(format!("step {id} is done with {what} {count} times, not once")),
    }
}

/// What a token that was taken over left in the log.
fn of_provision(facts: &Facts<'_>, step: &PlannedStep) -> Vec<(&'static str, usize)> {
    let (id, n) = (&step.id, u64::MAX);
    let Action::Provision { token, mode, wipe, shares, .. } = &step.action else {
        return Vec::new();
    };
    let made = |wanted: &dyn Fn(&Call) -> bool, or_unanswered: bool| {
        let answered =
            |operation: &&Operation<'_>| operation.succeeded() || or_unanswered && operation.unknown();
        usize::from(facts.operations.iter().filter(answered).any(|operation| {
            operation.intent.step == *id && operation.intent.token == *token && wanted(&operation.intent.call)
        }))
    };
    let replaced = |owner| usize::from(facts.pin_replaced(id, token, owner, n));
    let mut left = match (mode, wipe) {
        (ProvisionMode::Init, false) => vec![
            // Where the answer is missing, the token's own word after it says that it was initialised.
            ("C_InitToken", made(&|call| matches!(call, Call::InitToken { wipes: None, .. }), true)),
            ("C_InitPIN", made(&|call| matches!(call, Call::InitPin {}), false)),
        ],
        (ProvisionMode::Init, true) => vec![
            ("C_InitToken", made(&|call| matches!(call, Call::InitToken { wipes: Some(_), .. }), true)),
            ("C_SetPIN", replaced(PinOwner::SecurityOfficer)),
            ("C_InitPIN", made(&|call| matches!(call, Call::InitPin {}), false)),
        ],
        (ProvisionMode::SetPin, _) => vec![
            ("C_SetPIN of the security officer", replaced(PinOwner::SecurityOfficer)),
            ("C_SetPIN of the user", replaced(PinOwner::User)),
        ],
        (ProvisionMode::Adopt, _) => Vec::new(),
    };
    let path = if shares.is_some() { LoginPath::Pin } else { LoginPath::Device };
    left.push(("C_Login", made(&|call| *call == Call::Login { of: PinOwner::User, path }, false)));
    left.extend(dealt_and_policies(facts, step));
    left
}

/// What a reshare left in the log.
fn of_reshare(facts: &Facts<'_>, step: &PlannedStep) -> Vec<(&'static str, usize)> {
    let Action::Reshare { set, from, tokens, .. } = &step.action else {
        return Vec::new();
    };
    let count =
        |wanted: &dyn Fn(&Event) -> bool| facts.records().filter(|record| wanted(&record.event)).count();
    let mut left = dealt_and_policies(facts, step);
    for token in tokens {
        let moved = |event: &Event| matches!(event, Event::TokenMoved { step: of, token: named, .. } if *of == step.id && named == token);
        left.push(("token.moved", count(&moved)));
    }
    for entry in from.iter().filter_map(|epoch| facts.before?.share_set_of(*set, *epoch)) {
        let set_id = &entry.split.set_id;
        let depends = facts.before.into_iter().flat_map(|before| before.opened_by_set(set_id));
        if depends.into_iter().all(|token| tokens.contains(&token.name)) {
            let retired =
                |event: &Event| matches!(event, Event::SharesRetired { set_id: of, .. } if of == set_id);
            left.push(("shares.retired", count(&retired)));
        }
    }
    left
}

fn dealt_and_policies(facts: &Facts<'_>, step: &PlannedStep) -> Vec<(&'static str, usize)> {
    let count =
        |wanted: &dyn Fn(&Event) -> bool| facts.records().filter(|record| wanted(&record.event)).count();
    let mut left = Vec::new();
    if let Some(Shares::New { holders, .. }) = step.action.deals() {
        left.push((
            "quorum.split",
            count(&|event| matches!(event, Event::SharesSplit(split) if split.step == step.id)),
        ));
        let verified =
            count(&|event| matches!(event, Event::ShareVerified { step: of, .. } if *of == step.id));
        left.push(("share.verified of every holder", usize::from(verified == holders.len())));
    }
    for token in step.action.sets_pins_of() {
        let policy = |event: &Event| matches!(event, Event::PinPolicy(policy) if policy.step == step.id && policy.token == *token);
        left.push(("pin.policy", count(&policy)));
    }
    left
}
