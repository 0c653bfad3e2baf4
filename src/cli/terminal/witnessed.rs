//! What people read, state and bring, as it is asked.

use std::path::Path;

use super::Terminal;
use crate::execute::{BagAsked, Stop, WordsAsked};
use crate::format::{CustodyAct, Name};
use crate::render::escaped;

impl Terminal {
    /// Asks for the words by their places. None of them is on this screen.
    pub(super) fn words_read(
        &mut self,
        asked: &WordsAsked<'_>,
        candidates: &[Name],
    ) -> Result<(Name, Vec<String>), Stop> {
        let WordsAsked { named, positions, .. } = asked;
        self.say(&format!(
            "\n{}\n  From paper that did not come from this machine. Each of the {} words is counted from 1.",
            self.bold(&format!("Words of {named} are read aloud.")),
            32
        ));
        let by = self.who("reads", candidates)?;
        let mut words = Vec::new();
        for position in *positions {
            words.push(self.line(&format!("{by}: word {position}: "))?);
        }
        Ok((by, words))
    }

    /// Asks one person for the sentence, or a reason.
    pub(super) fn statement_of(&mut self, person: &Name, text: &str) -> Result<Option<String>, Stop> {
        self.say(&format!(
            "\n{}\n  \"{}\"",
            self.bold(&format!("{person} states, or says why not:")),
            escaped(text)
        ));
        loop {
            let typed = self.line(&format!("{person}: type `true`, or why you do not state it: "))?;
            match typed.as_str() {
                "true" => return Ok(None),
                "" => self.say(&self.warning("  `true`, or a reason.")),
                reason => {
                    let sure = self.line("  That is a refusal, and stands first in every verdict. Type `refuse` to record it: ")?;
                    if sure == "refuse" {
                        return Ok(Some(reason.to_owned()));
                    }
                }
            }
        }
    }

    /// Asks for the number on a bag; what it should be is not shown.
    pub(super) fn number_of_bag(
        &mut self,
        asked: &BagAsked<'_>,
        candidates: &[Name],
    ) -> Result<(Name, String), Stop> {
        let BagAsked { item, act, again, .. } = asked;
        if *again {
            self.say("  A witness reads it again, without hearing it first.");
        } else {
            let what = match act {
                CustodyAct::Open => format!("The bag of {item} is opened. Its number is read first."),
                CustodyAct::Seal => format!("{item} is put into a new bag. Its number is read."),
                CustodyAct::Inspect => format!("The bag of {item} is looked at and stays closed."),
            };
            self.say(&format!("\n{}", self.bold(&what)));
        }
        let by = self.who("reads it", candidates)?;
        loop {
            let number = self.line(&format!("{by}: the number: "))?;
            if !number.is_empty() && number.chars().count() <= 64 {
                return Ok((by, number));
            }
            self.say(&self.warning("  The number as it is printed on the bag, 64 characters at most."));
        }
    }

    /// Asks for something that nobody could know earlier.
    pub(super) fn brought(&mut self, candidates: &[Name]) -> Result<(Name, String, String), Stop> {
        self.say(&format!(
            "\n{}\n  A round of drand, a block, a headline of today: the ceremony was not held before it was known.",
            self.bold("Somebody brings what nobody could know earlier.")
        ));
        let by = self.who("brings it", candidates)?;
        let source = self.something(&format!("{by}: where can everybody look it up? "))?;
        let value = self.something(&format!("{by}: what does it say? "))?;
        Ok((by, source, value))
    }

    /// Asks that a file be put where it is taken from.
    pub(super) fn file_is_there(&mut self, path: &Path) -> Result<(), Stop> {
        self.say_whole(&format!(
            "\nA file from a device is taken in: {}",
            escaped(&path.display().to_string())
        ));
        self.line("Press Enter when it is there: ").map(drop)
    }

    fn something(&mut self, prompt: &str) -> Result<String, Stop> {
        loop {
            let typed = self.line(prompt)?;
            if !typed.is_empty() {
                return Ok(typed);
            }
        }
    }
}
