use super::Stop;
use super::engine::Engine;
use super::seal::seal_ended_record;
use crate::format::{Closed, Event, Log, Opened};
use crate::roster::SealTemplate;

impl Engine<'_> {
    /// Ends a complete ceremony: manifest, closing record, seals of officers and a witness over all of it.
    pub(super) fn close(&mut self) -> Result<(), Stop> {
        let manifest_sha256 = self.bundle.create_manifest()?;
        let duties = self.plan().duties.clone();
        self.record(Event::Closed(Closed { duties, manifest_sha256 }))?;
        let opened = self.opened()?;
        self.seal(&SealTemplate::close(&opened, self.bundle.covered()))
    }

    /// Collects the seals that end a record. They cannot be in the log that they cover; the roster says who must
    /// have signed.
    pub(super) fn seal(&mut self, template: &SealTemplate) -> Result<(), Stop> {
        let roster = self.ceremony.approved.roster();
        let window = &self.ceremony.approved.plan().window;
        seal_ended_record(&mut self.bundle, roster, window, template, self.operator, self.exchange)
    }

    /// Record 0.
    pub(super) fn opened(&self) -> Result<Opened, Stop> {
        let log =
            Log::parse_in(self.bundle.written(), self.bundle.mode()).map_err(crate::record::Error::from)?;
        log.opened()
            .cloned()
            .ok_or(Stop::Bundle { file: "log.jsonl", reason: "no opening record".to_owned() })
    }
}
