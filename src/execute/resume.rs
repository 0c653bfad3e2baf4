use std::path::Path;

use super::engine::{Engine, Finished};
use super::exchange::Exchange;
use super::freeze::statement_signer;
use super::operator::{Notice, Operator};
use super::preparation::{Ceremony, Ready, keep_secrets_in_memory, people, refuse_scripted};
use super::{Error, Stop};
use crate::format::{
    Action, Call, Event, Log, Name, Opened, Plan, Presence, Resumed, SealKind, TokenAddress, seal_file_stem,
};
use crate::host;
use crate::ledger::{Operation, key_made};
use crate::pki::PublicKey;
use crate::record::{Bundle, SignedBytes, Stamp};
use crate::roster::{SealTemplate, check_seal, seal_quorum};
use crate::token::{DeviceProfile, Module, Token, TokenDescription};

/// Goes on with an interrupted ceremony: the same plan, the same tokens, and the agreement of as many officers as
/// approved it.
///
/// What is done is not done again. A step that was under way goes on where the record and the token say that it
/// stopped; where neither can say so, the ceremony is not resumed.
///
/// # Errors
/// [`Error::NotBegun`] when the ceremony stays as it was; [`Error::Unfinished`] or [`Error::Unsealed`] afterwards.
pub fn resume(
    ceremony: &Ceremony<'_>,
    directory: &Path,
    operator: &mut dyn Operator,
    exchange: &Exchange,
) -> Result<Finished, Error> {
    let prepare = |operator: &mut dyn Operator| -> Result<(Ready, u64), Stop> {
        refuse_scripted(ceremony, operator)?;
        let state = keep_secrets_in_memory(ceremony.approved.plan().environment, operator)?;
        let (mut bundle, log, set_aside) = Bundle::reopen(directory)?;
        let plan = ceremony.approved.plan();
        can_go_on(plan, &log)?;
        let module = Module::load(&ceremony.binding.module.path, Some(&ceremony.binding.module.sha256))?;
        let mut tokens = std::collections::BTreeMap::new();
        for name in &plan.tokens {
            tokens.insert(name.clone(), find_again(ceremony, &module, &log, name)?);
        }
        let operations = Operation::all(&log);
        let unanswered: Vec<u64> =
            operations.iter().filter(|one| one.unknown()).map(|one| one.intent.op).collect();
        operator.show(&Notice::Resumed {
            done: log.records().filter(|record| matches!(record.event, Event::StepDone { .. })).count(),
            under_way: under_way(&log).cloned(),
            unanswered: &unanswered,
        });
        let present = people(ceremony, operator)?;
        let machine = host::machine();
        let resumed = Resumed { host: state, machine, present, unanswered, set_aside };
        agree(ceremony, &mut bundle, &log, resumed, operator, exchange)?;
        let log = Log::parse_in(bundle.written(), bundle.mode()).map_err(crate::record::Error::from)?;
        let opened =
            log.opened().ok_or(crate::format::LogError::Empty).map_err(crate::record::Error::from)?;
        let mut present = Presence::of(opened);
        log.records().for_each(|record| present.follow(&record.event));
        let count = operations.iter().map(|one| one.intent.op).max().unwrap_or(0);
        Ok((Ready { bundle, tokens, module_sha256: module.sha256(), present }, count))
    };
    let (ready, operations) = prepare(operator).map_err(Error::not_begun)?;
    let log = Log::parse_in(ready.bundle.written(), ready.bundle.mode())
        .map_err(crate::record::Error::from)
        .map_err(Error::not_begun)?;
    let mut engine = Engine::of(ceremony, operator, exchange, ready);
    engine.continue_after(operations);
    if let Err(stop) = engine.know_keys_again(&log) {
        return Err(engine.unfinished(stop));
    }
    engine.finish()
}

/// What cannot be told from the record and the token is not guessed.
fn can_go_on(plan: &Plan, log: &Log) -> Result<(), Stop> {
    let refuse = |reason: String| Err(Stop::NotResumable { reason });
    for record in log.records() {
        match &record.event {
            Event::TbsFrozen { .. } => {
                return refuse(
                    "its signatures were being authorised or made; end it with `abort`".to_owned(),
                );
            }
            Event::OperationIntent(intent) if matches!(intent.call, Call::Sign { .. }) => {
                return refuse("a signature was begun; end it with `abort`".to_owned());
            }
            _ => {}
        }
    }
    for operation in Operation::all(log) {
        if operation.unknown() && matches!(operation.intent.call, Call::GenerateKeyPair { .. }) {
            return refuse(format!(
                "operation {} was to make a key and has no answer: whether there is one must be looked into first",
                operation.intent.op
            ));
        }
    }
    let done = |id: &Name| {
        log.records().any(|record| matches!(&record.event, Event::StepDone { step } if step == id))
    };
    let half_made = plan.steps.iter().find(|step| {
        matches!(step.action, Action::GenerateKey { .. })
            && !done(&step.id)
            && key_made(&Operation::all(log), &step.id).is_some()
    });
    match half_made {
        Some(step) => refuse(format!("step `{}` made a key that was not accepted", step.id)),
        None => Ok(()),
    }
}

fn under_way(log: &Log) -> Option<&Name> {
    log.records().rev().find_map(|record| match &record.event {
        Event::StepStarted { step, .. } => Some(Some(step)),
        Event::StepDone { .. } => Some(None),
        _ => None,
    })?
}

/// The token that the ceremony worked on: by the serial number that it said, or, where it had none yet, by the label
/// that it was being given.
fn find_again(ceremony: &Ceremony<'_>, module: &Module, log: &Log, name: &Name) -> Result<Token, Stop> {
    let bound = ceremony.binding.token(name).ok_or_else(|| Stop::UnboundToken { token: name.clone() })?;
    let found = log.records().rev().find_map(|record| match &record.event {
        Event::TokenFound(found) if found.token == *name => Some(found),
        _ => None,
    });
    let address = match found {
        Some(found) if found.initialised => TokenAddress::Serial(found.serial.clone()),
        _ => match initialised_since(ceremony.approved.plan(), module, log, name)? {
            Some(description) => TokenAddress::Serial(description.serial),
            None => bound.address.clone(),
        },
    };
    Ok(module.open(&address, &DeviceProfile::named(&bound.profile)?)?)
}

/// The token on which C_InitToken took effect before anybody could ask its serial number.
fn initialised_since(
    plan: &Plan,
    module: &Module,
    log: &Log,
    name: &Name,
) -> Result<Option<TokenDescription>, Stop> {
    let begun = Operation::all(log).into_iter().any(|operation| {
        operation.intent.token == *name && matches!(operation.intent.call, Call::InitToken { .. })
    });
    let label = plan.steps.iter().find_map(|step| match &step.action {
        Action::Provision { token, label, .. } if token == name => Some(label),
        _ => None,
    });
    let (true, Some(label)) = (begun, label) else {
        return Ok(None);
    };
    let mut labelled: Vec<TokenDescription> =
        module.tokens()?.into_iter().filter(|token| token.initialised && token.label == *label).collect();
    match labelled.len() {
        0 | 1 => Ok(labelled.pop()),
        count => {
            let reason = format!(
                "{count} tokens have the label `{label}`; leave only the one of this ceremony connected"
            );
            Err(Stop::NotResumable { reason })
        }
    }
}

/// As many officers as approve a plan agree to go on from this very record; then the record says so.
fn agree(
    ceremony: &Ceremony<'_>,
    bundle: &mut Bundle,
    log: &Log,
    resumed: Resumed,
    operator: &mut dyn Operator,
    exchange: &Exchange,
) -> Result<(), Stop> {
    let missing = || Stop::Bundle { file: "log.jsonl", reason: "no opening record".to_owned() };
    let opened: &Opened = log.opened().ok_or_else(missing)?;
    let roster = ceremony.approved.roster();
    let template = SealTemplate::resume(opened, bundle.covered());
    let now = host::now();
    let statements: Vec<_> = template
        .signers(roster)
        .into_iter()
        .map(|(person, role)| template.for_signer(person, role, now))
        .collect();
    let enough = |signed: &[(Vec<u8>, Vec<u8>)]| seal_quorum(roster, &template, signed).map(drop);
    let check = |(statement, signature): &SignedBytes| {
        let signed = check_seal(roster, &template, statement, signature)?;
        Ok(signed.person.name.clone())
    };
    let ((), signed) = exchange.collect(operator, &statements, check, enough)?;
    let covered = bundle.covered().records;
    let stamp = || Stamp { t: host::now(), mono: host::milliseconds_since_start() };
    bundle.append(Event::Resumed(resumed), stamp())?;
    for (statement, signature) in &signed {
        let signer = statement_signer(statement)?;
        let stem = seal_file_stem(SealKind::Resume, covered, &signer);
        let (statement_sha256, signature_sha256) = bundle.create_seal(&stem, statement, signature)?;
        let seal = SealKind::Resume;
        bundle.append(Event::SealAdded { seal, signer, statement_sha256, signature_sha256 }, stamp())?;
    }
    Ok(())
}

impl Engine<'_> {
    /// Keys that steps of this ceremony made before the interruption, from what was read back then.
    fn know_keys_again(&mut self, log: &Log) -> Result<(), Stop> {
        let operations = Operation::all(log);
        for step in &self.ceremony.approved.plan().steps {
            let Action::GenerateKey { token, algorithm, label } = &step.action else {
                continue;
            };
            if let Some((_, evidence)) = key_made(&operations, &step.id) {
                let public = PublicKey::from_spki(&evidence.spki.0)?;
                let (token, algorithm, label) = (token.clone(), *algorithm, label.clone());
                let key = super::material::SigningKey { token, algorithm, label, public };
                self.keys.insert(step.id.clone(), key);
            }
        }
        Ok(())
    }
}
