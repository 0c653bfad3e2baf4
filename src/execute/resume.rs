use std::collections::BTreeMap;
use std::path::Path;

use super::engine::{Engine, Finished};
use super::exchange::Exchange;
use super::freeze::statement_signer;
use super::operator::{Notice, Operator};
use super::preparation::{Ceremony, Ready, keep_secrets_in_memory, people, refuse_scripted};
use super::settle::{InDoubt, in_doubt};
use super::{Error, Stop};
use crate::format::{
    Action, ArtifactKind, Call, Event, ExceptionClass, GREATEST_STEP_BACK, KeyDecision, KeyFate, Log, Name,
    Opened, Plan, Presence, Quarantined, Released, Resumed, Roster, SealKind, TokenAddress, seal_file_stem,
};
use crate::host;
use crate::ledger::{Operation, key_made};
use crate::pki::{Certificate, PublicKey};
use crate::record::{Bundle, Reopened, SignedBytes, Stamp, WithoutMirror};
use crate::roster::{SealTemplate, check_seal, seal_quorum};
use crate::token::{DeviceProfile, Module, Token, TokenDescription};

/// Goes on with an interrupted ceremony: the same plan, the same tokens, and the agreement of as many officers as
/// approved it.
///
/// What is done is not done again. A step that was under way goes on where the record and the token say that it
/// stopped. A signature without an answer is made again over the identical TBS. Of a key without an answer `keys` says
/// what becomes of it; the officers sign that with their agreement.
///
/// # Errors
/// [`Error::NotResumed`] when the ceremony stays as it was; [`Error::Unfinished`] or [`Error::Unsealed`] afterwards.
pub fn resume(
    ceremony: &Ceremony<'_>,
    directory: &Path,
    keys: Option<KeyFate>,
    operator: &mut dyn Operator,
    exchange: &Exchange,
) -> Result<Finished, Error> {
    let prepare = |operator: &mut dyn Operator| -> Result<(Ready, u64), Stop> {
        refuse_scripted(ceremony, operator)?;
        let state = keep_secrets_in_memory(ceremony.approved.plan().environment, operator)?;
        let roster = ceremony.approved.roster();
        let reopened = Bundle::reopen(directory, WithoutMirror::Refuse, |log, written, signer, pair| {
            authorises(roster, log, written, signer, pair)
        })?;
        let Reopened { mut bundle, log, set_aside, mirror } = reopened;
        let plan = ceremony.approved.plan();
        can_go_on(plan, &log)?;
        let module = Module::load(&ceremony.binding.module.path, Some(&ceremony.binding.module.sha256))?;
        let mut tokens = BTreeMap::new();
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
        let keys = decide(&in_doubt(&operations), &tokens, keys, operator)?;
        let present = people(ceremony, operator)?;
        let machine = host::machine();
        let resumed = Resumed { host: state, machine, present, unanswered, keys, mirror, set_aside };
        agree(ceremony, &mut bundle, &log, resumed, operator, exchange)?;
        let log = Log::parse_in(bundle.written(), bundle.mode()).map_err(crate::record::Error::from)?;
        let opened =
            log.opened().ok_or(crate::format::LogError::Empty).map_err(crate::record::Error::from)?;
        let mut present = Presence::of(opened);
        log.records().for_each(|record| present.follow(&record.event));
        let count = operations.iter().map(|one| one.intent.op).max().unwrap_or(0);
        Ok((Ready { bundle, tokens, module_sha256: module.sha256(), present }, count))
    };
    let (ready, operations) = prepare(operator)
        .map_err(|stop| Error::NotResumed { stop: Box::new(stop), directory: directory.to_owned() })?;
    let mut engine = Engine::of(ceremony, operator, exchange, ready);
    engine.continue_after(operations);
    if let Err(stop) = engine.know_again() {
        return Err(engine.unfinished(stop));
    }
    engine.finish()
}

/// What the record itself says against going on.
fn can_go_on(plan: &Plan, log: &Log) -> Result<(), Stop> {
    let refuse = |reason: String| Err(Stop::OnlyToEnd { reason });
    let compromise = log.records().find_map(|record| match &record.event {
        Event::ExceptionNoted(exception) if exception.class == ExceptionClass::Compromise => {
            Some(exception.number)
        }
        _ => None,
    });
    if let Some(number) = compromise {
        return refuse(format!("exception {number} says that something may be compromised"));
    }
    let now = host::now();
    if let Some(last) = log.records().map(|record| record.t).max()
        && now.unix_seconds() < last.unix_seconds() - GREATEST_STEP_BACK
    {
        let reason = format!(
            "this machine's clock says {now}, and the record has {last} already: set the clock right first"
        );
        return Err(Stop::NotResumable { reason });
    }
    for record in log.records() {
        if let Event::Quarantined(Quarantined { step, reason, .. }) = &record.event {
            return refuse(format!(
                "what step `{step}` signed was put into quarantine ({reason}); it is not signed again"
            ));
        }
    }
    let operations = Operation::all(log);
    for step in plan.steps.iter().filter(|step| matches!(step.action, Action::GenerateKey { .. })) {
        let findings = key_made(&operations, &step.id).map(|(_, evidence)| evidence.attributes.findings());
        if let Some(finding) = findings.unwrap_or_default().first() {
            return refuse(format!(
                "the key that step `{}` made is not what was asked for: {finding}",
                step.id
            ));
        }
    }
    Ok(())
}

/// What becomes of each key of which nobody knows whether it was made. Nothing is said of it before a login but whether
/// its public half is there.
fn decide(
    keys: &[InDoubt],
    tokens: &BTreeMap<Name, Token>,
    wanted: Option<KeyFate>,
    operator: &mut dyn Operator,
) -> Result<Vec<KeyDecision>, Stop> {
    let mut decisions = Vec::with_capacity(keys.len());
    for InDoubt { op, step, token, algorithm, label, key_id } in keys {
        let open = tokens.get(token).ok_or_else(|| Stop::UnboundToken { token: token.clone() })?;
        let found = open.remains(*algorithm, label, &key_id.0)?.public > 0;
        let Some(fate) = wanted else {
            return Err(Stop::KeyInDoubt { op: *op, step: step.clone(), token: token.clone(), found });
        };
        let seen = if found { "its public half is there" } else { "nothing of it is seen before a login" };
        let text = format!(
            "operation {op} may have made a key on token `{token}` ({seen}); what is found of it is to be {}",
            match fate {
                KeyFate::Adopt => "the key of the step",
                KeyFate::Destroy => "destroyed, and another one made",
            }
        );
        operator.show(&Notice::Done { text });
        decisions.push(KeyDecision { op: *op, fate });
    }
    Ok(decisions)
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
    let template = SealTemplate::resume(opened, bundle.covered(), resumed.keys.clone());
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

/// Whether a seal that no record names yet lets keys sign what this log froze: such a one is not lost.
pub(super) fn authorises(
    roster: &Roster,
    log: &Log,
    written: &[u8],
    signer: &Name,
    (statement, signature): &SignedBytes,
) -> bool {
    let frozen = log.records().find_map(|record| match &record.event {
        Event::TbsFrozen { tbs } => Some((record.n, tbs.clone())),
        _ => None,
    });
    let signed =
        Operation::all(log).iter().any(|operation| matches!(operation.intent.call, Call::Sign { .. }));
    let (Some((n, frozen)), Some(opened), false) = (frozen, log.opened(), signed) else {
        return false;
    };
    let template = SealTemplate::authorise(opened, log.covered_by(written, n), frozen);
    check_seal(roster, &template, statement, signature).is_ok_and(|signed| signed.person.name == *signer)
}

impl Engine<'_> {
    /// Keys that steps of this ceremony made and certificates that they released before the interruption.
    fn know_again(&mut self) -> Result<(), Stop> {
        let log = self.log()?;
        let operations = Operation::all(&log);
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
        for record in log.records() {
            if let Event::Released(Released { step, kind: ArtifactKind::Certificate, file, .. }) =
                &record.event
            {
                self.certificates.insert(step.clone(), Certificate::from_pem(&self.input(file)?)?);
            }
        }
        Ok(())
    }
}
