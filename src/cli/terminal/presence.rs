//! Who comes and goes, as it is typed and asked.

use super::Terminal;
use crate::execute::{Missing, Movement, Pause, Stop};
use crate::format::{Name, Person, Role};
use crate::render::escaped;

/// Fewest characters that say "I am here" and add to the ceremony's identifier.
const FEWEST_TYPED: usize = 8;

/// `arrive NAME` or `leave NAME`.
pub(super) fn movement(typed: &str) -> Option<Movement> {
    let (does, name) = typed.split_once(' ')?;
    let name = name.trim().parse().ok()?;
    match does {
        "arrive" => Some(Movement::Arrives(name)),
        "leave" => Some(Movement::Leaves(name)),
        _ => None,
    }
}

impl Terminal {
    /// Asks whether somebody is there, and for characters of their own.
    pub(super) fn is_present(&mut self, person: &Person) -> Result<Option<String>, Stop> {
        if person.roles.contains(&Role::Officer) {
            self.officers.push(person.name.clone());
        }
        let roles = person.roles.iter().map(Role::to_string).collect::<Vec<_>>().join(", ");
        self.say(&format!("\n{} ({roles})", self.bold(person.name.as_str())));
        let first = !std::mem::replace(&mut self.presence_explained, true);
        if first {
            self.say(
                "  If you are here, type 8 or more characters of your own: dice, a newspaper, your mood. They become \
                 part of this ceremony's name and are public. Press Enter alone for somebody who is not here.",
            );
        }
        loop {
            let typed = self.line("  > ")?;
            let printable = typed.bytes().all(|byte| matches!(byte, b' '..=b'~'));
            if typed.is_empty() {
                return Ok(None);
            }
            if printable && typed.len() >= FEWEST_TYPED {
                return Ok(Some(typed));
            }
            self.say(&self.warning("  At least 8 characters, letters and signs of a plain keyboard."));
        }
    }

    /// What was typed at a question is recorded at once, and the question asked again.
    pub(super) fn moves(&mut self, movement: Movement) -> Result<(), Stop> {
        if self.open {
            return Err(Stop::Moved(movement));
        }
        self.say(&self.warning("The record is not open yet: answer for that person when they are asked."));
        Ok(())
    }

    /// What was typed while signatures are awaited has to wait too, or comes too late.
    pub(super) fn later(&mut self, stop: Stop, goes_on: bool) {
        if goes_on {
            self.say("That is recorded when all have signed.");
            self.pending.push_back(stop);
        } else {
            self.say(&self.warning("The record has ended: what happens now is not in it."));
        }
    }

    /// Has the engine record what was typed while nothing was asked.
    pub(super) fn nothing_pending(&mut self) -> Result<(), Stop> {
        self.pending.pop_front().map_or(Ok(()), Err)
    }

    /// Asks who stays and has seen it.
    pub(super) fn who_notes(&mut self, movement: &Movement, candidates: &[Name]) -> Result<Name, Stop> {
        let (name, does) = match movement {
            Movement::Arrives(name) => (name, "arrives"),
            Movement::Leaves(name) => (name, "leaves"),
        };
        self.say(&format!("\n{name} {does}. Somebody who stays notes it; it goes into the record."));
        self.who("notes it", candidates)
    }

    /// Asks nothing but who is here again.
    pub(super) fn who_comes(&mut self, missing: &Missing) -> Result<Movement, Stop> {
        self.say(&format!("\n{}", self.warning(&format!("The ceremony waits: {missing}."))));
        loop {
            let typed = self.line("who comes (arrive NAME): ")?;
            match movement(&typed) {
                Some(movement) => return Ok(movement),
                None => {
                    self.say(&self.warning("Type `arrive` and the name of who is here now; Ctrl-C stops."))
                }
            }
        }
    }

    /// Asks nothing until people are back.
    pub(super) fn until_back(&mut self, pause: &Pause<'_>) -> Result<(), Stop> {
        let Pause { reason, minutes, .. } = pause;
        self.say(&format!(
            "\n{}\n  The record is durable. Everybody leaves; the machine stays as it is, or may lose power without harm.",
            self.bold(&format!("Break of about {minutes} minutes: {}", escaped(reason)))
        ));
        loop {
            let typed = self.line("Press Enter when everybody is back (leave NAME for each who is not): ")?;
            match movement(&typed) {
                Some(movement) => return Err(Stop::Moved(movement)),
                None if typed.is_empty() => return Ok(()),
                None => self.say(&self.warning("Enter, or `leave` and a name.")),
            }
        }
    }
}
