use serde::{Deserialize, Serialize};

use super::{Event, Opened};
use crate::format::{Digest, Name, Role};

/// Somebody came into the room after the record was opened, or came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arrived {
    /// As the roster has it.
    pub name: Name,
    /// The roles the roster gives this person.
    pub roles: Vec<Role>,
    /// Who was there and says so.
    pub noted_by: Name,
}

/// Somebody left the room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Left {
    /// Who.
    pub name: Name,
    /// Who stays and says so.
    pub noted_by: Name,
}

/// The ceremony pauses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BreakBegun {
    /// In which step.
    pub step: Name,
    /// Who is there, in the order of the roster.
    pub present: Vec<Name>,
    /// The head that was read aloud: `prev` of this record.
    pub head: Digest,
    /// The witness who compared it.
    pub by: Name,
    /// The word that was asked for and typed.
    pub word: String,
}

/// The ceremony goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BreakEnded {
    /// In which step.
    pub step: Name,
    /// Who is back, in the order of the roster.
    pub present: Vec<Name>,
    /// The witness who compared each bag and seal.
    pub by: Name,
    /// The word, copied by hand before the break, that was asked for and typed.
    pub word: String,
}

/// Who is in the room, as the records so far say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presence(Vec<Name>);

impl Presence {
    /// Those who were there when the record was opened.
    pub fn of(opened: &Opened) -> Self {
        Self(opened.present.iter().map(|present| present.name.clone()).collect())
    }

    /// Takes in the next record.
    pub fn follow(&mut self, event: &Event) {
        match event {
            Event::Arrived(Arrived { name, .. }) if !self.has(name) => self.0.push(name.clone()),
            Event::Resumed(resumed) => {
                self.0 = resumed.present.iter().map(|present| present.name.clone()).collect();
            }
            Event::Left(Left { name, .. }) => self.0.retain(|present| present != name),
            _ => {}
        }
    }

    /// Whether that person is there.
    pub fn has(&self, name: &Name) -> bool {
        self.0.contains(name)
    }

    /// Everybody, in no order that means anything.
    pub fn names(&self) -> &[Name] {
        &self.0
    }
}
