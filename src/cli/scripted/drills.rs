//! What people do in a drill, when an answers file stands in for them.

use std::collections::VecDeque;

use zeroize::Zeroizing;

use super::Scripted;
use super::answers::{AbortAnswer, ExceptionAnswer, ExceptionMoment, Planned};
use crate::execute::Movement;
use crate::format::{Drill, DrillKind, ExceptionClass, Name};

impl Scripted<'_> {
    /// Does what a drill wants of people.
    pub(super) fn play(&mut self, drill: &Drill, leave: &[Name]) {
        let Some(step) = &drill.step else { return };
        let moves = |movement: fn(Name) -> Movement| {
            leave.iter().map(move |name| Planned {
                step: step.clone(),
                movement: movement(name.clone()),
                noted_by: None,
            })
        };
        match drill.kind {
            DrillKind::WrongWord => self.wrong_word = true,
            DrillKind::MissingOfficer => {
                let mut movements: VecDeque<_> =
                    moves(Movement::Leaves).chain(moves(Movement::Arrives)).collect();
                movements.append(&mut self.movements);
                self.movements = movements;
            }
            DrillKind::Abort => {
                let by = self.answers.person.iter().find(|person| person.sheet.is_some());
                let by = by.map(|person| person.name.clone());
                self.answers.abort = by.map(|by| AbortAnswer {
                    step: step.clone(),
                    by,
                    reason: "The drill wants it.".to_owned(),
                });
            }
            DrillKind::Exception => self.answers.exception.push(ExceptionAnswer {
                step: step.clone(),
                moment: ExceptionMoment::Question,
                class: ExceptionClass::Note,
                expected: Some("The plan foresees everything.".to_owned()),
                happened: Some("The drill wants an exception.".to_owned()),
                decided: "The rehearsal goes on.".to_owned(),
                by: None,
            }),
            DrillKind::PowerCut | DrillKind::WrongToken => {}
        }
    }
}

/// A sheet with another word of the list in the place of the fifth.
pub(super) fn with_a_wrong_word(sheet: &str) -> Zeroizing<String> {
    let place = " 5. ";
    let Some((before, rest)) = sheet.split_once(place) else {
        return Zeroizing::new(sheet.to_owned());
    };
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    let (word, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let other = if word == "academic" { "acid" } else { "academic" };
    let mut text = Zeroizing::new(String::with_capacity(sheet.len() + other.len()));
    for part in [before, place, other, after] {
        text.push_str(part);
    }
    text
}
