//! Exceptions: `!` at a prompt, or something that the program saw itself.

use super::Terminal;
use crate::cli::tty::NoLine;
use crate::execute::{ExceptionAsked, ExceptionReport, Stop};
use crate::format::{ExceptionClass, Name};
use crate::render::escaped;

/// Each class with what it means.
const CLASSES: [(ExceptionClass, &str); 5] = [
    (ExceptionClass::Note, "worth a line"),
    (ExceptionClass::Deviation, "done otherwise than written; what was made is not touched by it"),
    (ExceptionClass::Repeated, "something failed and was done again"),
    (ExceptionClass::Doubtful, "what was made may be wrong"),
    (ExceptionClass::Compromise, "somebody may have had what nobody may have: the ceremony ends"),
];

impl Terminal {
    /// `!` in the place of an answer. Ctrl-C in the form takes it back, and the question is asked again.
    pub(super) fn exception_opened(&mut self) -> Result<(), Stop> {
        match self.form(None)? {
            Some(report) => Err(Stop::Exception(report)),
            None => Ok(()),
        }
    }

    /// What the program saw itself is not taken back.
    pub(super) fn exception_needed(&mut self, asked: &ExceptionAsked<'_>) -> Result<ExceptionReport, Stop> {
        loop {
            if let Some(report) = self.form(Some(asked))? {
                return Ok(report);
            }
            self.interrupted(NoLine::Interrupted)?;
        }
    }

    /// Asks who decided it.
    pub(super) fn decider(&mut self, candidates: &[Name]) -> Result<Name, Stop> {
        self.who("decided it", candidates)
    }

    fn form(&mut self, asked: Option<&ExceptionAsked<'_>>) -> Result<Option<ExceptionReport>, Stop> {
        self.say(&format!("\n{}", self.bold("Exception. Nothing goes on before it is written down.")));
        for (class, meaning) in CLASSES {
            if asked.is_none_or(|asked| class >= asked.least) {
                self.say(&format!("  {class}: {meaning}"));
            }
        }
        let class = loop {
            let Some(typed) = self.entry("class: ")? else { return Ok(None) };
            match typed.parse() {
                Ok(class) => break class,
                Err(_) => self.say(&self.warning("  One of these words.")),
            }
        };
        let (expected, happened) = match asked {
            Some(asked) => {
                self.say(&format!("  expected: {}", escaped(asked.expected)));
                self.say(&format!("  happened: {}", escaped(asked.happened)));
                (asked.expected.to_owned(), asked.happened.to_owned())
            }
            None => {
                let Some(expected) = self.entry("what was expected: ")? else { return Ok(None) };
                let Some(happened) = self.entry("what happened: ")? else { return Ok(None) };
                (expected, happened)
            }
        };
        let Some(decided) = self.entry("what was decided: ")? else { return Ok(None) };
        Ok(Some(ExceptionReport { class, expected, happened, decided }))
    }

    /// A line of the form that is not empty; `None` after Ctrl-C.
    fn entry(&mut self, prompt: &str) -> Result<Option<String>, Stop> {
        loop {
            match self.tty.line(&format!("  {prompt}")) {
                Ok(typed) if typed.is_empty() => {}
                Ok(typed) => return Ok(Some(typed)),
                Err(NoLine::Interrupted) => return Ok(None),
                Err(NoLine::Closed(error)) => return Err(Stop::TerminalGone { reason: error.to_string() }),
            }
        }
    }
}
