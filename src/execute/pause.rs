use super::Stop;
use super::engine::Engine;
use super::operator::{Pause, Question};
use crate::format::{BreakBegun, BreakEnded, Digest, Event, Name, Role, SharesAfterBreak};
use crate::render;

impl Engine<'_> {
    /// Break step: people copy the head by hand before they go, and compare bags, seals and that copy when they are
    /// back. What could be changed in between is the record and what lies in the bags.
    pub(super) fn take_a_break(
        &mut self,
        step: &Name,
        reason: &str,
        minutes: u32,
        shares: SharesAfterBreak,
    ) -> Result<(), Stop> {
        if shares == SharesAfterBreak::EnteredAgain {
            self.log_out();
        }
        // A break in which the power failed goes on: people compare with the paper from its beginning.
        let word = match self.break_in_log(step)? {
            (_, true) => return Ok(()),
            (Some(word), false) => word,
            (None, false) => self.begin_break(step, reason, minutes)?,
        };
        self.attended().pause(&Pause { step, reason, minutes })?;
        let question = Question {
            step,
            what: "The number of each bag and seal is compared with the paper, and each is whole.".to_owned(),
            compare: Vec::new(),
            word: word.clone(),
            found: "the first word of the head, from the paper",
            by: Role::Witness,
        };
        let by = self.attended().confirm(&question)?;
        let present = self.in_the_room();
        self.record(Event::BreakEnded(BreakEnded { step: step.clone(), present, by, word }))
    }

    /// The word of the break that the record has for the step, and whether it ended.
    fn break_in_log(&self, of: &Name) -> Result<(Option<String>, bool), Stop> {
        let log = self.log()?;
        let word = log.records().find_map(|record| match &record.event {
            Event::BreakBegun(begun) if begun.step == *of => Some(begun.word.clone()),
            _ => None,
        });
        let ended = |event: &Event| matches!(event, Event::BreakEnded(ended) if ended.step == *of);
        Ok((word, log.records().any(|record| ended(&record.event))))
    }

    /// Has the head of the record read aloud; answers with its first word.
    fn begin_break(&mut self, step: &Name, reason: &str, minutes: u32) -> Result<String, Stop> {
        let question = |head: &Digest| {
            let [first, second, third, fourth] = render::words(head);
            Question {
                step,
                what: format!(
                    "A break of about {minutes} minutes ({reason}): the head is copied by hand, bags are sealed."
                ),
                compare: vec![
                    ("head", render::hex_groups(head)),
                    ("in words", first),
                    ("", second),
                    ("", third),
                    ("", fourth),
                ],
                word: first_word(head),
                found: "the first of the words",
                by: Role::Witness,
            }
        };
        let (by, head) = self.attended().confirm_head(question)?;
        let (step, present, word) = (step.clone(), self.in_the_room(), first_word(&head));
        self.record(Event::BreakBegun(BreakBegun { step, present, head, by, word: word.clone() }))?;
        Ok(word)
    }

    /// Everybody who is there, in the order of the roster.
    fn in_the_room(&self) -> Vec<Name> {
        let people = self.ceremony.approved.roster().people.iter();
        people.filter(|person| self.present.has(&person.name)).map(|person| person.name.clone()).collect()
    }
}

fn first_word(head: &Digest) -> String {
    render::words_of(head.as_bytes()).first().copied().unwrap_or_default().to_owned()
}
