use super::Stop;
use super::engine::Engine;
use super::operator::Question;
use crate::format::{Event, FileRef, KeyStorage, Name, Person, Role, Roster, ShareSetName, Thresholds};
use crate::render::hex_groups;

impl Engine<'_> {
    /// Other people run the authority from the next ceremony on. This one is sealed by those who began it.
    pub(super) fn change_roster(&mut self, step: &Name, file: &FileRef) -> Result<(), Stop> {
        let recorded = self
            .log()?
            .records()
            .any(|record| matches!(&record.event, Event::RosterChanged { step: of, .. } if of == step));
        if recorded {
            return Ok(());
        }
        let present = self.ceremony.approved.roster().clone();
        let incoming = self.ceremony.approved.incoming();
        let incoming =
            incoming.ok_or(Stop::Plan { step: step.clone(), what: "its roster is missing" })?.clone();
        let names = |roster: &Roster, other: &Roster| {
            let gone = roster.people.iter().filter(|person| other.person(&person.name).is_none());
            listed(gone.map(|person| person.name.to_string()).collect())
        };
        let thresholds = |Thresholds { approve, unlock, recovery, close }: Thresholds| {
            let recovery = recovery.map_or_else(String::new, |recovery| format!(", recovery {recovery}"));
            format!("approve {approve}, unlock {unlock}{recovery}, close {close}")
        };
        // Whoever stays, and is not as before.
        let differ = |wanted: &dyn Fn(&Person, &Person) -> bool| {
            let stay = incoming
                .people
                .iter()
                .filter(|person| present.person(&person.name).is_some_and(|before| wanted(before, person)));
            listed(stay.map(|person| person.name.to_string()).collect())
        };
        let digest = file.sha256.to_string();
        let word: String = digest.chars().take(8).collect();
        let question = Question {
            step,
            what: "Other people will run the authority from the next ceremony on.".to_owned(),
            compare: vec![
                ("join", names(&incoming, &present)),
                ("leave", names(&present, &incoming)),
                ("get a new key", differ(&|before, after| before.public_key != after.public_key)),
                ("change their part", differ(&|before, after| part(before) != part(after))),
                ("thresholds until now", thresholds(present.thresholds)),
                ("thresholds afterwards", thresholds(incoming.thresholds)),
                ("SHA-256 of the new roster", hex_groups(&file.sha256)),
            ],
            word,
            found: "the first eight digits of the new roster's SHA-256",
            by: Role::Officer,
        };
        let by = self.attended().confirm(&question)?;
        let (from, to) = (present.sha256, incoming.sha256);
        self.record(Event::RosterChanged { step: step.clone(), from, to, by })
    }
}

fn listed(names: Vec<String>) -> String {
    if names.is_empty() { "nobody".to_owned() } else { names.join(", ") }
}

/// What a person may do, and where the private key is said to be.
fn part(person: &Person) -> (&[Role], &[ShareSetName], Option<&Name>, KeyStorage) {
    let Person { roles, shares, deputy_for, key_storage, .. } = person;
    (roles, shares, deputy_for.as_ref(), *key_storage)
}
