use super::Stop;
use super::engine::Engine;
use super::operator::{Notice, Question};
use crate::format::{CrlEntry, KeyRef};
use crate::format::{Event, IssuerRef, Name, RevocationEntry, Role};
use crate::host;

impl Engine<'_> {
    /// Clock step: so many different people read a clock that is not the host's.
    pub(super) fn read_clocks(
        &mut self,
        step: &Name,
        readers: u8,
        tolerance_seconds: u32,
    ) -> Result<(), Stop> {
        // Who read one before an interruption does not read again.
        let mut have_read = self.clock_readers(step)?;
        for _ in have_read.len()..usize::from(readers) {
            loop {
                let (reader, reading) = self.attended().read_clock(step, &have_read)?;
                let difference_seconds = reading.unix_seconds() - host::now().unix_seconds();
                if difference_seconds.unsigned_abs() > u64::from(tolerance_seconds) {
                    let text = format!(
                        "{reader} reads {reading}, {difference_seconds} s from the host's clock; \
                         {tolerance_seconds} s are allowed"
                    );
                    self.operator.show(&Notice::Refused { text });
                    continue;
                }
                have_read.push(reader.clone());
                self.record(Event::ClockRead { step: step.clone(), reader, reading, difference_seconds })?;
                break;
            }
        }
        Ok(())
    }

    fn clock_readers(&self, of: &Name) -> Result<Vec<Name>, Stop> {
        let log = self.log()?;
        let readers = log.records().filter_map(|record| match &record.event {
            Event::ClockRead { step, reader, .. } if step == of => Some(reader.clone()),
            _ => None,
        });
        Ok(readers.collect())
    }

    /// Whether the record says so already, from before an interruption.
    pub(super) fn is_recorded(&self, wanted: impl Fn(&Event) -> bool) -> Result<bool, Stop> {
        Ok(self.log()?.records().any(|record| wanted(&record.event)))
    }

    /// Confirm step: a person with the role types the last word of the sentence.
    pub(super) fn confirm_sentence(&mut self, step: &Name, by: Role, text: &str) -> Result<(), Stop> {
        if self.is_recorded(|event| matches!(event, Event::Confirmed { step: of, .. } if of == step))? {
            return Ok(());
        }
        let word =
            text.split(|c: char| !c.is_alphanumeric()).rfind(|word| !word.is_empty()).unwrap_or("confirmed");
        let question = Question {
            step,
            what: format!("A person with the role {by} confirms this sentence."),
            compare: vec![("sentence", text.to_owned())],
            word: word.to_owned(),
            found: "the last word of the sentence",
            by,
        };
        let by = self.attended().confirm(&question)?;
        self.record(Event::Confirmed { step: step.clone(), by, text: text.to_owned() })
    }

    /// Revoke step: the decision; the next CRL of that issuer publishes it.
    pub(super) fn revoke(&mut self, step: &Name, issuer: &IssuerRef, entry: &CrlEntry) -> Result<(), Stop> {
        if self.is_recorded(|event| matches!(event, Event::Revoked(revoked) if revoked.step == *step))? {
            return Ok(());
        }
        let question = Question {
            step,
            what: "A certificate is revoked. This cannot be undone.".to_owned(),
            compare: vec![
                ("serial number", entry.serial.to_string()),
                ("reason", entry.reason.to_string()),
                ("revoked at", entry.at.to_string()),
            ],
            word: entry.reason.to_string(),
            found: "the reason",
            by: Role::Officer,
        };
        let by = self.attended().confirm(&question)?;
        let issuer_spki_sha256 = match issuer {
            IssuerRef::Ledger { key: KeyRef::Ledger { spki_sha256, .. }, .. } => Some(*spki_sha256),
            IssuerRef::Ledger { .. } | IssuerRef::Step { .. } => None,
        };
        let entry = entry.clone();
        self.record(Event::Revoked(RevocationEntry { step: step.clone(), by, issuer_spki_sha256, entry }))
    }
}
