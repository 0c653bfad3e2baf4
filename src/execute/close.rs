use super::Stop;
use super::engine::Engine;
use super::freeze::statement_signer;
use crate::format::{Closed, Event, Log, Opened, Person, Presence, SealKind};
use crate::host;
use crate::roster::{SealTemplate, seal_quorum};

impl Engine<'_> {
    /// Ends a complete ceremony: manifest, closing record, seals of officers and a witness over all of it.
    pub(super) fn close(&mut self) -> Result<(), Stop> {
        let manifest_sha256 = self.bundle.create_manifest()?;
        self.record(Event::Closed(Closed { manifest_sha256 }))?;
        let opened = self.opened()?;
        self.seal(&SealTemplate::close(&opened, self.bundle.covered()))
    }

    /// Collects the seals that end a record. They cannot be in the log that they cover; the roster says who must
    /// have signed.
    pub(super) fn seal(&mut self, template: &SealTemplate) -> Result<(), Stop> {
        let roster = self.ceremony.approved.roster();
        seal_ended_record(&self.bundle, roster, template, self.operator, self.exchange)
    }

    /// Record 0.
    pub(super) fn opened(&self) -> Result<Opened, Stop> {
        let log = Log::parse(self.bundle.written()).map_err(crate::record::Error::from)?;
        log.opened()
            .cloned()
            .ok_or(Stop::Bundle { file: "log.jsonl", reason: "no opening record".to_owned() })
    }
}

/// Who was in the room at the last record.
fn present_at_the_end(bundle: &crate::record::Bundle) -> Result<Presence, Stop> {
    let log = Log::parse(bundle.written()).map_err(crate::record::Error::from)?;
    let no_opening = Stop::Bundle { file: "log.jsonl", reason: "no opening record".to_owned() };
    let mut present = log.opened().map(Presence::of).ok_or(no_opening)?;
    log.records().for_each(|record| present.follow(&record.event));
    Ok(present)
}

/// Writes the statements of a template, waits for enough signatures and puts them into the bundle. What an earlier
/// attempt put there counts, and is not asked for again.
pub(super) fn seal_ended_record(
    bundle: &crate::record::Bundle,
    roster: &crate::format::Roster,
    template: &SealTemplate,
    operator: &mut dyn super::Operator,
    exchange: &super::Exchange,
) -> Result<(), Stop> {
    let now = host::now();
    let mut statements = Vec::new();
    let mut there = Vec::new();
    let present = present_at_the_end(bundle)?;
    // A close says "I was present": of whoever was not, it would be a lie that the auditor finds.
    let may_say = |person: &Person| template.kind() != SealKind::Close || present.has(&person.name);
    for (person, role) in template.signers(roster).into_iter().filter(|(person, _)| may_say(person)) {
        match bundle.read_seal(&format!("{}.{}", template.kind(), person.name))? {
            Some(seal) => there.push(seal),
            None => statements.push(template.for_signer(person, role, now)),
        }
    }
    let enough =
        |signed: &[(Vec<u8>, Vec<u8>)]| seal_quorum(roster, template, &[&there, signed].concat()).map(drop);
    let ((), signed) = exchange.collect(operator, roster, &statements, enough)?;
    for (statement, signature) in &signed {
        let stem = format!("{}.{}", template.kind(), statement_signer(statement)?);
        bundle.create_seal(&stem, statement, signature)?;
    }
    Ok(())
}
