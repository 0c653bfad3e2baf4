//! Who comes and goes, as it is typed and asked.

use super::Terminal;
use crate::execute::{Missing, Movement, Pause, Stop};
use crate::format::Name;
use crate::render::escaped;

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
    /// What was typed at a question is recorded at once, and the question asked again.
    pub(super) fn moves(&mut self, movement: Movement) -> Result<(), Stop> {
        if self.open {
            return Err(Stop::Moved(movement));
        }
        self.say(&self.warning("The record is not open yet: answer for that person when they are asked."));
        Ok(())
    }

    /// What was typed while signatures are awaited has to wait too, or comes too late.
    pub(super) fn moves_later(&mut self, movement: Movement, goes_on: bool) {
        if goes_on {
            self.say("That is recorded when all have signed.");
            self.moved.push_back(movement);
        } else {
            self.say(&self.warning("The record has ended: who comes or goes now is not in it."));
        }
    }

    /// Has the engine record who moved while nothing was asked.
    pub(super) fn nobody_moved(&mut self) -> Result<(), Stop> {
        self.moved.pop_front().map_or(Ok(()), |movement| Err(Stop::Moved(movement)))
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
