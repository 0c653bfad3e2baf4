use super::Stop;
use super::attendance::Wanted;
use super::engine::Engine;
use super::operator::{BagAsked, Notice, Question, WordsAsked};
use crate::format::{
    Attested, Beacon, CustodyAct, CustodyNoted, Event, EvidenceForm, EvidenceImported, ExceptionClass,
    FileName, FileRef, Name, NamedDigest, ReadAloud, Role,
};
use crate::host;
use crate::render::{hex_groups, words_of};

/// How many of the 32 words of a digest are asked for.
const WORDS_ASKED: usize = 3;

impl Engine<'_> {
    /// Read-aloud step: who reads has the digest on paper from somewhere else, so that a word that is right says that both
    /// are the same. Which words are asked for nobody knows before.
    pub(super) fn read_aloud(&mut self, step: &Name, by: Role, named: &NamedDigest) -> Result<(), Stop> {
        if self.is_recorded(|event| matches!(event, Event::ReadAloud(read) if read.step == *step))? {
            return Ok(());
        }
        let digest = self.plan().digest_named(named, self.ceremony.approved.plan_sha256());
        let words = words_of(digest.as_bytes());
        let mut attempts = 0;
        loop {
            attempts += 1;
            let positions = positions()?;
            let asked = WordsAsked { step, named, positions: &positions };
            let (by, read) = self.attended().read_words(by, &asked)?;
            let right: Vec<&str> = positions
                .iter()
                .filter_map(|position| words.get(usize::from(*position).checked_sub(1)?).copied())
                .collect();
            if read
                .iter()
                .map(|word| word.trim().to_lowercase())
                .eq(right.iter().map(|word| (*word).to_owned()))
            {
                self.done(format!("{by} read three words of {named}, and they are right"));
                let (step, named) = (step.clone(), named.clone());
                return self.record(Event::ReadAloud(ReadAloud {
                    step,
                    named,
                    digest,
                    by,
                    positions,
                    attempts,
                }));
            }
            let text = format!(
                "those are not the words of {named}: either the paper is of something else, or it was misread"
            );
            self.operator.show(&Notice::Refused { text });
        }
    }

    /// Attest step: everybody who is there in one of the roles, in the order of the roster.
    pub(super) fn attest(&mut self, step: &Name, roles: &[Role], text: &str) -> Result<(), Stop> {
        loop {
            let log = self.log()?;
            let stated = log.records().filter_map(|record| match &record.event {
                Event::Attested(attested) if attested.step == *step => Some(attested.by.clone()),
                _ => None,
            });
            let stated: Vec<Name> = stated.collect();
            let Some((by, refusal)) = self.attended().attest(step, text, roles, &stated)? else {
                return Ok(());
            };
            match &refusal {
                None => self.done(format!("{by} states it")),
                Some(reason) => {
                    let text = format!(
                        "{by} does not state it: {reason}. That goes into the record, and the ceremony goes on"
                    );
                    self.operator.show(&Notice::Refused { text });
                }
            }
            let (step, text) = (step.clone(), text.to_owned());
            self.record(Event::Attested(Attested { step, by, text, refusal }))?;
        }
    }

    /// Custody step: two people read the number, neither is shown what it should be.
    pub(super) fn custody(
        &mut self,
        step: &Name,
        item: &Name,
        act: CustodyAct,
        planned: Option<&String>,
        place: Option<&String>,
    ) -> Result<(), Stop> {
        if self.is_recorded(|event| matches!(event, Event::CustodyNoted(noted) if noted.step == *step))? {
            return Ok(());
        }
        let expected = match planned {
            Some(number) => Some(number.clone()),
            None if act.compares() => self.number_of_this_ceremony(item)?,
            None => None,
        };
        let (by, witness, number) = loop {
            let asked = BagAsked { step, item, act, again: false };
            let (by, first) = self.attended().bag_number(Wanted::AnybodyBut(&[]), &asked)?;
            let asked = BagAsked { again: true, ..asked };
            let (witness, second) =
                self.attended().bag_number(Wanted::RoleBut(Role::Witness, &by), &asked)?;
            if first == second {
                break (by, witness, first);
            }
            let text = format!("{by} reads {first}, {witness} reads {second}: both read it again");
            self.operator.show(&Notice::Refused { text });
        };
        if let Some(expected) = expected.as_ref().filter(|expected| **expected != number) {
            let text = format!("the bag has the number {number}, and {item} was sealed under {expected}");
            self.operator.show(&Notice::Refused { text });
            let what = format!("{item} in the bag with the number {expected}.");
            let happened = format!("The bag has the number {number}.");
            // Nothing of lesser weight: a bag with another number was not closed by those who say so.
            let least = ExceptionClass::Doubtful;
            self.exception_about(&what, &happened, least)?;
        }
        let noted = CustodyNoted {
            step: step.clone(),
            item: item.clone(),
            act,
            number,
            expected,
            place: place.cloned(),
            by,
            witness,
        };
        self.record(Event::CustodyNoted(noted))
    }

    /// The number under which this ceremony closed the bag.
    fn number_of_this_ceremony(&self, item: &Name) -> Result<Option<String>, Stop> {
        let log = self.log()?;
        let last = log.records().rev().find_map(|record| match &record.event {
            Event::CustodyNoted(noted) if noted.item == *item => Some(noted.number.clone()),
            _ => None,
        });
        Ok(last)
    }

    /// Somebody brings what nobody could know earlier.
    pub(super) fn beacon(&mut self, step: &Name) -> Result<(), Stop> {
        if self.is_recorded(|event| matches!(event, Event::Beacon(beacon) if beacon.step == *step))? {
            return Ok(());
        }
        let (by, source, value) = self.attended().beacon(step)?;
        self.record(Event::Beacon(Beacon { step: step.clone(), by, source, value }))
    }

    /// Import step: a file from the exchange directory, once a witness compared its digest.
    pub(super) fn import_evidence(
        &mut self,
        step: &Name,
        token: &Name,
        form: EvidenceForm,
        file: &FileName,
    ) -> Result<(), Stop> {
        if self.is_recorded(|event| matches!(event, Event::EvidenceImported(of) if of.step == *step))? {
            return Ok(());
        }
        let bytes = loop {
            let path = self.exchange.path_of(file);
            self.attended().evidence(step, &path)?;
            match self.exchange.evidence(file) {
                Ok(bytes) => break bytes,
                Err(text) => self.operator.show(&Notice::Refused { text }),
            }
        };
        let name = FileName::of_step(step, "evidence");
        let file = FileRef::of(name.clone(), &bytes);
        let word: String = file.sha256.to_string().chars().take(8).collect();
        let question = Question {
            step,
            what: format!("A file from token `{token}` ({form}) becomes part of the record."),
            compare: vec![("size", format!("{} bytes", file.size)), ("SHA-256", hex_groups(&file.sha256))],
            word,
            found: "the first eight digits of its SHA-256, from the machine that it comes from",
            by: Role::Witness,
        };
        let by = self.attended().confirm(&question)?;
        self.bundle.create_artifact(&name, &bytes)?;
        let (step, token) = (step.clone(), token.clone());
        self.record(Event::EvidenceImported(EvidenceImported { step, token, form, file, by }))
    }
}

/// Three different places of a word, ascending, each equally likely.
fn positions() -> Result<Vec<u8>, Stop> {
    let mut drawn: Vec<u8> = Vec::new();
    while drawn.len() < WORDS_ASKED {
        let mut octet = [0];
        host::fill_random(&mut octet)?;
        // 256 is a multiple of the 32 words.
        let position = octet.iter().fold(0, |_, octet| octet % 32) + 1;
        if !drawn.contains(&position) {
            drawn.push(position);
        }
    }
    drawn.sort_unstable();
    Ok(drawn)
}
