use std::collections::BTreeSet;
use std::path::Path;

use super::abort::{opening_record, plan_and_roster};
use super::engine::Finished;
use super::exchange::Exchange;
use super::freeze::statement_signer;
use super::operator::{Notice, Operator};
use super::{Error, Stop};
use crate::format::{Log, LogError, Name, Outcome, Presence, Roster, SealKind, Window};
use crate::host;
use crate::record::{self, Bundle, SignedBytes};
use crate::roster::{Refused, SealTemplate, SealTime, StatementProblem, check_seal, seal_quorum};

/// Collects the seals that an ended record misses: those in `ready_made`, each a statement and its signature that somebody
/// made elsewhere, those that lie in the exchange directory already, and then what is signed there.
///
/// Without this, a power cut after the last record would block an authority for good. The record stays what it was.
///
/// # Errors
/// [`Error::NotBegun`] when the record has not ended, is sealed and nothing is added, or one of `ready_made` does not
/// count; [`Error::Unsealed`] afterwards.
pub fn seal(
    directory: &Path,
    ready_made: &[SignedBytes],
    operator: &mut dyn Operator,
    exchange: &Exchange,
) -> Result<Finished, Error> {
    let (mut bundle, log) = Bundle::reopen_ended(directory).map_err(Error::not_begun)?;
    let opened = opening_record(&log).map_err(Error::not_begun)?;
    let (plan, roster) = plan_and_roster(&bundle, opened).map_err(Error::not_begun)?;
    let outcome = log.outcome();
    let template = match outcome {
        Outcome::Complete => SealTemplate::close(opened, bundle.covered()),
        Outcome::Aborted | Outcome::InProgress => SealTemplate::abort(opened, bundle.covered()),
    };
    let rules = EndSeals::of(&bundle, &roster, &plan.window, &template).map_err(Error::not_begun)?;
    let mut pairs = Vec::new();
    for (number, pair) in (1..).zip(ready_made) {
        let refused = |problem| Error::not_begun(Refused::Statement { number, problem });
        pairs.push((rules.check(pair).map_err(refused)?, pair.clone()));
    }
    let text = format!("the ceremony ended already, as {outcome}; only its seals are collected");
    operator.show(&Notice::Done { text });
    for (name, pair) in exchange.ready_made(template.kind(), &roster).map_err(Error::not_begun)? {
        match rules.check(&pair) {
            Ok(signer) if signer == name => pairs.push((signer, pair)),
            Ok(signer) => {
                let text = format!("what lies in the exchange directory for {name} is signed by {signer}");
                operator.show(&Notice::Refused { text });
            }
            Err(problem) => operator.show(&Notice::Refused { text: problem.to_string() }),
        }
    }
    let put =
        |bundle: &mut Bundle, signer: &Name, (statement, signature): &SignedBytes| -> Result<bool, Stop> {
            let stem = format!("{}.{signer}", template.kind());
            let new = bundle.read_seal(&stem)?.is_none();
            if new {
                bundle.create_seal(&stem, statement, signature)?;
            }
            Ok(new)
        };
    let mut added = false;
    for (signer, pair) in &pairs {
        if put(&mut bundle, signer, pair).map_err(|stop| Error::of(stop, &bundle))? {
            operator.show(&Notice::Done { text: format!("the seal of {signer} is in the record now") });
            added = true;
        }
    }
    let there = in_bundle(&bundle, &roster, &template).map_err(|stop| Error::of(stop, &bundle))?;
    match (seal_quorum(&roster, &template, &there).is_ok(), added) {
        (true, false) => {
            return Err(Error::not_begun(record::Error::Sealed { path: directory.to_owned() }));
        }
        (true, true) => {}
        (false, _) => {
            rules.collect(&mut bundle, operator, exchange).map_err(|stop| Error::of(stop, &bundle))?
        }
    }
    Ok(Finished { outcome, head: bundle.head(), directory: directory.to_owned() })
}

/// Writes the statements of a template, waits for enough signatures and puts them into the bundle. What an earlier
/// attempt put there counts, and is not asked for again.
pub(super) fn seal_ended_record(
    bundle: &mut Bundle,
    roster: &Roster,
    window: &Window,
    template: &SealTemplate,
    operator: &mut dyn Operator,
    exchange: &Exchange,
) -> Result<(), Stop> {
    EndSeals::of(bundle, roster, window, template)?.collect(bundle, operator, exchange)
}

/// Which seals on an ended record the auditor will accept.
struct EndSeals<'a> {
    roster: &'a Roster,
    template: &'a SealTemplate,
    time: Option<SealTime>,
    /// Who was in the room: a close says "I was present". An abort does not.
    present: Option<BTreeSet<Name>>,
}

impl<'a> EndSeals<'a> {
    fn of(
        bundle: &Bundle,
        roster: &'a Roster,
        window: &Window,
        template: &'a SealTemplate,
    ) -> Result<Self, Stop> {
        let log = Log::parse_in(bundle.written(), bundle.mode()).map_err(record::Error::from)?;
        let last = log.records().next_back().ok_or(LogError::Empty).map_err(record::Error::from)?;
        let present = match template.kind() {
            SealKind::Close => {
                let mut present = Presence::of(opening_record(&log)?);
                log.records().for_each(|record| present.follow(&record.event));
                Some(present.names().iter().cloned().collect())
            }
            SealKind::Authorise | SealKind::Resume | SealKind::Abort => None,
        };
        let time = SealTime::of(template.kind(), last.t, window);
        Ok(Self { roster, template, time, present })
    }

    /// Whose seal it is, where it counts.
    fn check(&self, (statement, signature): &SignedBytes) -> Result<Name, StatementProblem> {
        let signed = check_seal(self.roster, self.template, statement, signature)?;
        if let Some(time) = self.time {
            time.check(&signed.statement)?;
        }
        let name = signed.person.name.clone();
        if self.was_absent(&name) {
            return Err(StatementProblem::NotPresent { name });
        }
        Ok(name)
    }

    fn was_absent(&self, name: &Name) -> bool {
        self.present.as_ref().is_some_and(|present| !present.contains(name))
    }

    fn collect(
        &self,
        bundle: &mut Bundle,
        operator: &mut dyn Operator,
        exchange: &Exchange,
    ) -> Result<(), Stop> {
        let Self { roster, template, time, .. } = *self;
        // The clock may have been set back a little since the last record.
        let now = time.map_or_else(host::now, |time| time.from().max(host::now()));
        let there = in_bundle(bundle, roster, template)?;
        let mut statements = Vec::new();
        for (person, role) in template.signers(roster) {
            let stem = format!("{}.{}", template.kind(), person.name);
            if !self.was_absent(&person.name) && bundle.read_seal(&stem)?.is_none() {
                statements.push(template.for_signer(person, role, now));
            }
        }
        let enough =
            |signed: &[SignedBytes]| seal_quorum(roster, template, &[&there, signed].concat()).map(drop);
        // Too late is said before anybody is asked to sign.
        if let (Some(time), Some(statement), Err(_)) = (time, statements.first(), enough(&[])) {
            time.check(statement).map_err(|problem| Refused::Statement { number: 1, problem })?;
        }
        let ((), signed) = exchange.collect(operator, &statements, |pair| self.check(pair), enough)?;
        for (statement, signature) in &signed {
            let stem = format!("{}.{}", template.kind(), statement_signer(statement)?);
            bundle.create_seal(&stem, statement, signature)?;
        }
        Ok(())
    }
}

/// The seals of that kind that are in the bundle.
fn in_bundle(bundle: &Bundle, roster: &Roster, template: &SealTemplate) -> Result<Vec<SignedBytes>, Stop> {
    let mut there = Vec::new();
    for person in &roster.people {
        there.extend(bundle.read_seal(&format!("{}.{}", template.kind(), person.name))?);
    }
    Ok(there)
}
