use std::collections::BTreeMap;
use std::path::PathBuf;

use super::exchange::Exchange;
use super::operator::{Notice, Operator};
use super::preparation::{Ceremony, Ready, prepare};
use super::provision::TakeOver;
use super::{Error, Stop};
use crate::format::{
    Action, Call, Digest, Event, KeyEvidence, Log, Name, OperationIntent, OperationResult, Outcome, Plan,
    PlannedStep, Presence, SignatureMade,
};
use crate::host;
use crate::pki::Certificate;
use crate::record::{Bundle, Stamp};
use crate::roster::Authorised;
use crate::token::{self, Token};

/// How a ceremony ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// Complete or aborted.
    pub outcome: Outcome,
    /// Head of the record: what people copy by hand, and the next ceremony names.
    pub head: Digest,
    /// The bundle's directory.
    pub directory: PathBuf,
}

/// A ceremony whose record is open.
pub(super) struct Engine<'a> {
    pub(super) ceremony: &'a Ceremony<'a>,
    pub(super) operator: &'a mut dyn Operator,
    pub(super) exchange: &'a Exchange,
    pub(super) bundle: Bundle,
    pub(super) tokens: BTreeMap<Name, Token>,
    /// Names of the tokens that a user is logged in to.
    pub(super) unlocked: Vec<Name>,
    pub(super) module_sha256: Digest,
    /// Who is in the room.
    pub(super) present: Presence,
    /// Keys that this run made, by their step.
    pub(super) keys: BTreeMap<Name, super::material::SigningKey>,
    /// Certificates that this run issued, by their step.
    pub(super) certificates: BTreeMap<Name, Certificate>,
    pub(super) authorised: Option<Authorised>,
    /// The step that is being done.
    under_way: Option<Name>,
    /// How many shares were refused in it.
    pub(super) wrong_shares: u64,
    operations: u64,
}

/// What a call left that the record keeps.
#[derive(Default)]
pub(super) struct Evidence {
    pub(super) key: Option<KeyEvidence>,
    pub(super) signature: Option<SignatureMade>,
}

/// Runs an approved plan to its end, or to a sealed abort.
///
/// # Errors
/// [`Error::NotBegun`] when nothing happened; [`Error::Unfinished`] when the record is open and stays so.
pub fn run(
    ceremony: &Ceremony<'_>,
    operator: &mut dyn Operator,
    exchange: &Exchange,
) -> Result<Finished, Error> {
    let ready = prepare(ceremony, operator).map_err(Error::not_begun)?;
    let mut engine = Engine::of(ceremony, operator, exchange, ready);
    let (id, directory) = (engine.bundle.ceremony(), engine.bundle.directory().to_owned());
    engine.operator.show(&Notice::Opened { ceremony: &id, directory });
    engine.finish()
}

impl<'a> Engine<'a> {
    pub(super) fn of(
        ceremony: &'a Ceremony<'a>,
        operator: &'a mut dyn Operator,
        exchange: &'a Exchange,
        ready: Ready,
    ) -> Self {
        let Ready { bundle, tokens, module_sha256, present } = ready;
        Self {
            ceremony,
            operator,
            exchange,
            bundle,
            tokens,
            unlocked: Vec::new(),
            module_sha256,
            present,
            keys: BTreeMap::new(),
            certificates: BTreeMap::new(),
            authorised: None,
            under_way: None,
            wrong_shares: 0,
            operations: 0,
        }
    }

    /// To the end, or to a sealed abort.
    pub(super) fn finish(&mut self) -> Result<Finished, Error> {
        match self.carry_out() {
            Ok(()) => self.finished(Outcome::Complete),
            Err(Stop::Aborted { by, reason }) if !self.bundle.ended() => {
                let aborted = self.aborted_as_drilled().and_then(|()| self.abort(by, reason));
                aborted.map_err(|stop| self.unfinished(stop))?;
                self.finished(Outcome::Aborted)
            }
            Err(stop) => Err(self.unfinished(stop)),
        }
    }

    /// Every step that the record does not say is done, then the close.
    fn carry_out(&mut self) -> Result<(), Stop> {
        self.record_earlier_drills()?;
        self.describe_tokens()?;
        let log = self.log()?;
        let done = |id: &Name| {
            log.records().any(|record| matches!(&record.event, Event::StepDone { step } if step == id))
        };
        let started = |id: &Name| {
            log.records().any(|record| matches!(&record.event, Event::StepStarted { step, .. } if step == id))
        };
        let steps = &self.ceremony.approved.plan().steps;
        for (index, step) in steps.iter().enumerate().filter(|(_, step)| !done(&step.id)) {
            let kind = step.action.kind();
            self.operator.show(&Notice::Step { id: &step.id, kind, number: index + 1, of: steps.len() });
            self.under_way = Some(step.id.clone());
            if !started(&step.id) {
                self.record(Event::StepStarted { step: step.id.clone(), kind })?;
            }
            self.begin_drills(&step.id)?;
            self.step(step)?;
            self.under_way = None;
        }
        self.count_objects()?;
        self.log_out();
        self.close()
    }

    fn step(&mut self, step: &PlannedStep) -> Result<(), Stop> {
        let PlannedStep { id, action } = step;
        match action {
            Action::Provision { token, label, mode, wipe, shares, encoding } => self.provision(
                id,
                &TakeOver { token, label, mode: *mode, wipe: *wipe, shares: shares.as_ref(), encoding },
            ),
            Action::Reshare { set, from, to, tokens } => self.reshare(id, *set, from, to, tokens),
            Action::ChangeRoster { roster, .. } => self.change_roster(id, roster),
            Action::GenerateKey { token, algorithm, label } => {
                self.generate_key(id, token, *algorithm, label)
            }
            Action::SelfSign { .. }
            | Action::SignIntermediate { .. }
            | Action::CrossSign { .. }
            | Action::IssueCrl { .. } => self.issue(step),
            Action::DestroyKey { key, key_id } => self.destroy_key(id, key, key_id),
            Action::AdoptAuthority { .. } => self.adopt_authority(step),
            Action::Revoke { issuer, entry, .. } => self.revoke(id, issuer, entry),
            Action::Clock { readers, tolerance_seconds, beacon } => {
                self.read_clocks(id, *readers, *tolerance_seconds)?;
                if *beacon { self.beacon(id) } else { Ok(()) }
            }
            Action::ReadAloud { by, named } => self.read_aloud(id, *by, named),
            Action::Attest { by, text } => self.attest(id, by, text),
            Action::Custody { item, act, expected, place } => {
                self.custody(id, item, *act, expected.as_ref(), place.as_ref())
            }
            Action::ImportEvidence { token, form, file } => self.import_evidence(id, token, *form, file),
            Action::Break { reason, minutes, shares } => self.take_a_break(id, reason, *minutes, *shares),
            Action::Confirm { by, text, .. } => self.confirm_sentence(id, *by, text),
        }?;
        self.end_drills(id)?;
        self.record(Event::StepDone { step: id.clone() })
    }

    /// The record so far.
    pub(super) fn log(&self) -> Result<Log, Stop> {
        Ok(Log::parse_in(self.bundle.written(), self.bundle.mode()).map_err(crate::record::Error::from)?)
    }

    /// The operations that a resumed record has already.
    pub(super) fn continue_after(&mut self, operations: u64) {
        self.operations = operations;
    }

    pub(super) fn plan(&self) -> &Plan {
        self.ceremony.approved.plan()
    }

    /// Makes one record durable.
    pub(super) fn record(&mut self, event: Event) -> Result<(), Stop> {
        let stamp = Stamp { t: host::now(), mono: host::milliseconds_since_start() };
        Ok(self.bundle.append(event, stamp)?)
    }

    /// One call with a side effect: durable intent, the call, durable result.
    ///
    /// `call` learns the operation's number, because the identifier of a new key follows from it.
    pub(super) fn operation<T>(
        &mut self,
        step: &Name,
        token: &Name,
        call: impl FnOnce(u64) -> Call,
        act: impl FnOnce(&mut Token, &Call) -> Result<T, token::Error>,
        evidence: impl FnOnce(&T) -> Evidence,
    ) -> Result<T, Stop> {
        self.operations += 1;
        let op = self.operations;
        let call = call(op);
        let intent = OperationIntent { op, step: step.clone(), token: token.clone(), call: call.clone() };
        self.record(Event::OperationIntent(intent))?;
        let unbound = || Stop::UnboundToken { token: token.clone() };
        let result = act(self.tokens.get_mut(token).ok_or_else(unbound)?, &call);
        let rv = match &result {
            Ok(_) => "CKR_OK".to_owned(),
            Err(error) => error.rv().unwrap_or_else(|| "none".to_owned()),
        };
        let Evidence { key, signature } = result.as_ref().map(evidence).unwrap_or_default();
        self.record(Event::OperationResult(OperationResult { op, rv, key, signature }))?;
        Ok(result?)
    }

    pub(super) fn done(&mut self, text: String) {
        self.operator.show(&Notice::Done { text });
    }

    /// Logs out of every token. The module forgets a session in any case when the process ends.
    pub(super) fn log_out(&mut self) {
        for name in std::mem::take(&mut self.unlocked) {
            if let Some(Err(error)) = self.tokens.get_mut(&name).map(Token::logout) {
                self.operator.show(&Notice::Warning { text: format!("logging out of `{name}`: {error}") });
            }
        }
    }

    /// The step that is being done, if any.
    pub(super) fn step_under_way(&self) -> Option<Name> {
        self.under_way.clone()
    }

    pub(super) fn finished(&self, outcome: Outcome) -> Result<Finished, Error> {
        Ok(Finished { outcome, head: self.bundle.head(), directory: self.bundle.directory().to_owned() })
    }

    pub(super) fn unfinished(&mut self, stop: Stop) -> Error {
        self.log_out();
        Error::of(stop, &self.bundle)
    }
}
