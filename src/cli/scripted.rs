mod answers;
mod drills;
mod shares;
mod signing;
mod witnessed;

use std::collections::{BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use answers::{AbortAnswer, Answers, ExceptionMoment, FORMAT, MovementAnswer, PersonAnswers, Planned};

use super::console::Console;
use super::failure::Failure;
use super::resumed::resumed;
use super::run::host_line;
use super::sheets;
use crate::artifact;
use crate::execute::{
    BagAsked, ExceptionAsked, ExceptionReport, Missing, Movement, Notice, Operator, Pause, Question, Stop,
    Waiting, WordsAsked,
};
use crate::format::{FileName, Instant, Mode, Name, OperatorKind, Person, PinOwner};
use crate::render::{escaped, watermarked};
use crate::secret::{Passphrase, Pin};
use crate::shares::Sheet;

/// An answers file in the place of a person. It holds references; the secrets lie in the custody directory.
pub(crate) struct Scripted<'a> {
    answers: Answers,
    custody: PathBuf,
    mode: Mode,
    /// Whether the next share has a wrong word, as a drill wants it.
    wrong_word: bool,
    console: &'a mut Console,
    step: Option<Name>,
    movements: VecDeque<Planned>,
    /// Who notes the movement that was made last.
    noted_by: Option<Name>,
    away: BTreeSet<Name>,
    /// Statements that somebody was asked to sign, and files that were asked for: each once.
    asked_to_sign: BTreeSet<PathBuf>,
    /// Steps whose paper was read.
    papers_read: BTreeSet<Name>,
    /// Who decided on the exception that was opened last.
    decided_by: Option<Name>,
}

impl<'a> Scripted<'a> {
    pub(crate) fn read(
        answers: &Path,
        custody: &Path,
        mode: Mode,
        console: &'a mut Console,
    ) -> Result<Self, Failure> {
        let bytes = super::plan::read(answers)?;
        let text = String::from_utf8_lossy(&bytes);
        let wrong = |reason: String| {
            Failure::usage(
                format!("`{}`: {reason}", answers.display()),
                "see docs/roster-and-binding.md, answers",
            )
        };
        let mut answers: Answers =
            toml::from_str(&text).map_err(|error| wrong(error.message().to_owned()))?;
        if answers.format != FORMAT {
            return Err(wrong(format!("the format is not `{FORMAT}`")));
        }
        let mut movements = VecDeque::new();
        let mut away = BTreeSet::new();
        for MovementAnswer { step, arrives, leaves, noted_by } in std::mem::take(&mut answers.movement) {
            let movement = match (arrives, leaves) {
                (Some(name), None) => Movement::Arrives(name),
                (None, Some(name)) => Movement::Leaves(name),
                _ => return Err(wrong("a movement `arrives` or `leaves`".to_owned())),
            };
            // Whoever comes first was not there at the beginning.
            if let Movement::Arrives(name) = &movement
                && !movements
                    .iter()
                    .any(|Planned { movement, .. }| *movement == Movement::Leaves(name.clone()))
            {
                away.insert(name.clone());
            }
            movements.push_back(Planned { step, movement, noted_by });
        }
        let custody = custody.to_owned();
        Ok(Self {
            answers,
            custody,
            mode,
            wrong_word: false,
            console,
            step: None,
            movements,
            noted_by: None,
            away,
            asked_to_sign: BTreeSet::new(),
            papers_read: BTreeSet::new(),
            decided_by: None,
        })
    }

    fn person(&self, name: &Name) -> Option<&PersonAnswers> {
        self.answers.person.iter().find(|person| person.name == *name)
    }

    fn custody_file(
        &self,
        name: Option<&FileName>,
        what: impl Fn() -> String,
    ) -> Result<Zeroizing<String>, Stop> {
        let text = self.whole_custody_file(name, what)?;
        Ok(Zeroizing::new(text.trim_end().to_owned()))
    }

    /// The text with the line feed at its end.
    fn whole_custody_file(
        &self,
        name: Option<&FileName>,
        what: impl Fn() -> String,
    ) -> Result<Zeroizing<String>, Stop> {
        let name = name.ok_or_else(|| Stop::NoAnswer { what: what() })?;
        let bytes = Zeroizing::new(artifact::read(&self.custody.join(name))?);
        let text = std::str::from_utf8(&bytes)
            .map_err(|_| Stop::NoAnswer { what: format!("{} is no text", what()) })?;
        Ok(Zeroizing::new(text.to_owned()))
    }

    fn sheet_passphrase(&self, holder: &Name) -> Result<Passphrase, Stop> {
        let what = || format!("the passphrase of the share file of {holder}");
        let file = self.person(holder).and_then(|person| person.sheet_passphrase.as_ref());
        self.custody_file(file, what).map(Passphrase::new)
    }

    /// The answers may end the ceremony at a step, once.
    fn ended(&mut self) -> Result<(), Stop> {
        match self.answers.abort.take_if(|abort| self.step.as_ref() == Some(&abort.step)) {
            Some(AbortAnswer { by, reason, .. }) => Err(Stop::Aborted { by, reason }),
            None => Ok(()),
        }
    }

    /// Every question passes here: the answers may end the ceremony at a step, open an exception, or have somebody come
    /// or go, each once.
    fn asked(&mut self) -> Result<(), Stop> {
        self.ended()?;
        if let Some(report) = self.next_exception(ExceptionMoment::Question) {
            return Err(Stop::Exception(report));
        }
        self.next_movement().map_or(Ok(()), |movement| Err(Stop::Moved(movement)))
    }

    fn next_movement(&mut self) -> Option<Movement> {
        self.movements.front().filter(|planned| self.step.as_ref() == Some(&planned.step))?;
        let Planned { movement, noted_by, .. } = self.movements.pop_front()?;
        match &movement {
            Movement::Arrives(name) => self.away.remove(name),
            Movement::Leaves(name) => self.away.insert(name.clone()),
        };
        self.noted_by = noted_by;
        Some(movement)
    }

    fn say(&mut self, text: &str) {
        for line in text.lines() {
            self.console.line(watermarked(self.mode, line));
        }
    }
}

impl Operator for Scripted<'_> {
    fn kind(&self) -> OperatorKind {
        OperatorKind::Scripted
    }

    fn show(&mut self, notice: &Notice<'_>) {
        let text = match notice {
            Notice::Host { state } => host_line(state),
            Notice::Opened { ceremony, directory } => {
                format!("record {}\nceremony {ceremony}", directory.display())
            }
            Notice::Resumed { done, under_way, unanswered } => resumed(*done, under_way.as_ref(), unanswered),
            Notice::Step { id, kind, number, of } => {
                self.step = Some((*id).clone());
                format!("step {number}/{of}  {id} ({kind})")
            }
            Notice::Drill { drill, text, leave } => {
                self.play(drill, leave);
                format!("          DRILL {}: {}", drill.kind, escaped(text))
            }
            Notice::Done { text } => format!("          {}", escaped(text)),
            Notice::Refused { text } => format!("          refused: {}", escaped(text)),
            Notice::Warning { text } => format!("          warning: {}", escaped(text)),
            Notice::Released { released } => format!("          {} written", released.file.name),
        };
        self.say(&text);
    }

    fn present(&mut self, person: &Person) -> Result<Option<String>, Stop> {
        let there = !self.away.contains(&person.name);
        Ok(self.person(&person.name).filter(|_| there).map(|answers| answers.typed.clone()))
    }

    fn entropy(&mut self, holder: &Name) -> Result<Passphrase, Stop> {
        self.asked()?;
        let what = || format!("entropy of {holder}");
        let file = self.person(holder).and_then(|person| person.entropy.as_ref());
        Ok(Passphrase::new(self.custody_file(file, what)?))
    }

    fn current_pin(&mut self, token: &Name, owner: PinOwner) -> Result<Pin, Stop> {
        self.asked()?;
        let what = || format!("the {owner} PIN of token `{token}`");
        let answers = self.answers.token.iter().find(|answers| answers.name == *token);
        let file = answers.and_then(|answers| match owner {
            PinOwner::User => answers.user.as_ref(),
            PinOwner::SecurityOfficer => answers.security_officer.as_ref(),
        });
        let text = self.custody_file(file, what)?;
        Ok(Pin::new(Zeroizing::new(text.as_bytes().to_vec())))
    }

    fn sheet(&mut self, sheet: &Sheet<'_>) -> Result<(), Stop> {
        let holder = sheet.holder();
        let file = self.person(holder).and_then(|person| person.sheet_of(sheet.set(), sheet.epoch()));
        let file =
            file.ok_or_else(|| Stop::NoAnswer { what: format!("where the sheet of {holder} goes") })?;
        let form = self.person(holder).map(|person| person.sheet_form).unwrap_or_default();
        let passphrase = || self.sheet_passphrase(holder);
        sheets::write(sheet, form, passphrase, &self.custody, &file)?;
        self.say(&format!("          sheet of {holder} put into custody"));
        Ok(())
    }

    fn confirm(&mut self, question: &Question<'_>, candidates: &[Name]) -> Result<Name, Stop> {
        self.asked()?;
        let answering = candidates.iter().find(|name| self.person(name).is_some());
        answering.cloned().ok_or_else(|| Stop::NoAnswer { what: question.what.clone() })
    }

    fn read_clock(
        &mut self,
        _step: &Name,
        candidates: &[Name],
        host: Instant,
    ) -> Result<(Name, Instant), Stop> {
        self.asked()?;
        // No person, no second clock: the record names the operator as scripted.
        let reader = candidates.iter().find(|name| self.person(name).is_some());
        let reader = reader.ok_or_else(|| Stop::NoAnswer { what: "who reads a clock".to_owned() })?;
        Ok((reader.clone(), host))
    }

    fn notes(&mut self, _movement: &Movement, candidates: &[Name]) -> Result<Name, Stop> {
        let planned = self.noted_by.take();
        let noted_by = planned.or_else(|| candidates.first().cloned());
        noted_by
            .filter(|name| candidates.contains(name))
            .ok_or_else(|| Stop::NoAnswer { what: "who notes it that somebody came or went".to_owned() })
    }

    fn gather(&mut self, missing: &Missing) -> Result<Movement, Stop> {
        self.next_movement().ok_or_else(|| Stop::NoAnswer { what: format!("{missing}, and nobody comes") })
    }

    fn pause(&mut self, _pause: &Pause<'_>) -> Result<(), Stop> {
        self.asked()
    }

    fn read_words(
        &mut self,
        asked: &WordsAsked<'_>,
        candidates: &[Name],
    ) -> Result<(Name, Vec<String>), Stop> {
        self.words_read(asked, candidates)
    }

    fn attest(&mut self, step: &Name, person: &Name, _text: &str) -> Result<Option<String>, Stop> {
        self.statement_of(step, person)
    }

    fn bag_number(&mut self, asked: &BagAsked<'_>, candidates: &[Name]) -> Result<(Name, String), Stop> {
        self.number_of_bag(asked, candidates)
    }

    fn beacon(&mut self, step: &Name, candidates: &[Name]) -> Result<(Name, String, String), Stop> {
        self.brought(step, candidates)
    }

    fn evidence(&mut self, _step: &Name, path: &Path) -> Result<(), Stop> {
        self.file_is_there(path)
    }

    fn exception(&mut self, asked: &ExceptionAsked<'_>) -> Result<ExceptionReport, Stop> {
        self.exception_needed(asked)
    }

    fn decides(&mut self, _report: &ExceptionReport, candidates: &[Name]) -> Result<Name, Stop> {
        self.decider(candidates)
    }

    fn wait(&mut self, waiting: &Waiting<'_>) -> Result<(), Stop> {
        self.ended()?;
        let mut asked = false;
        for (name, path) in waiting.missing {
            if self.asked_to_sign.insert(path.clone())
                && let Some(signer) =
                    self.person(name).filter(|person| person.key.is_some() || person.card.is_some())
            {
                self.sign(path, signer)?;
                asked = true;
            }
        }
        let what = || format!("signatures of the {} statement: {}", waiting.kind, waiting.needed);
        if asked { Ok(()) } else { Err(Stop::NoAnswer { what: what() }) }
    }
}
