mod exception;
mod notices;
mod presence;
mod shares;
mod signing;
mod witnessed;

use std::collections::VecDeque;
use std::path::Path;

use zeroize::Zeroizing;

use presence::movement;
pub(super) use shares::unicode_locale;

use super::sheets::Sheets;
use super::tty::{NoLine, Tty};
use super::word_entry::WordEntry;
use super::wrap::wrapped;
use crate::execute::{
    BagAsked, ExceptionAsked, ExceptionReport, Missing, Movement, Notice, Operator, Pause, Question, Stop,
    Waiting, WordsAsked,
};
use crate::format::{Instant, Mode, Name, OperatorKind, Person, PinOwner};
use crate::render::{escaped, watermarked};
use crate::secret::{Passphrase, Pin};
use crate::shares::Sheet;

/// A person at a terminal: says who acts, what is expected and what will happen.
pub(crate) struct Terminal {
    tty: Tty,
    colour: bool,
    mode: Mode,
    /// What the waiting screen showed last, so that it is shown again only when it changed.
    waiting: String,
    /// Who may end the ceremony, as far as they were asked for.
    officers: Vec<Name>,
    /// Whether the question who is there was explained; once is enough.
    presence_explained: bool,
    /// Where sheets go instead of the screen.
    sheets: Option<Sheets>,
    /// Whether the terminal shows more than ASCII.
    unicode: bool,
    /// Words that are being entered: kept when they are refused, so that only the wrong one is typed again.
    entry: Option<WordEntry>,
    /// Whether the record is open, so that coming and going can be recorded.
    open: bool,
    /// Who came or went, and exceptions, while nothing was asked; recorded at the next question.
    pending: VecDeque<Stop>,
}

impl Terminal {
    pub(crate) fn open(colour: bool, sheets: Option<Sheets>, mode: Mode) -> std::io::Result<Self> {
        Ok(Self {
            tty: Tty::open()?,
            colour,
            mode,
            waiting: String::new(),
            officers: Vec::new(),
            presence_explained: false,
            sheets,
            unicode: unicode_locale(),
            entry: None,
            open: false,
            pending: VecDeque::new(),
        })
    }

    /// Shows lines of text, broken between words where they are too long.
    fn say(&mut self, text: &str) {
        for line in text.split('\n') {
            let hanging = line.len() - line.trim_start_matches(' ').len();
            self.say_hanging(line, hanging);
        }
    }

    /// Shows one line, its continuation that many columns from the left.
    fn say_hanging(&mut self, line: &str, hanging: usize) {
        let (columns, _) = self.tty.size();
        self.say_whole(&wrapped(line, columns, hanging).join("\n"));
    }

    /// Shows lines as they are: commands, which somebody may copy.
    fn say_whole(&mut self, text: &str) {
        // A terminal that is gone is noticed at the next question.
        let _ = self.tty.show(&format!("{text}\n"));
    }

    fn bold(&self, text: &str) -> String {
        if self.colour { format!("\x1b[1m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn warning(&self, text: &str) -> String {
        if self.colour { format!("\x1b[33m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn line(&mut self, prompt: &str) -> Result<String, Stop> {
        self.nothing_pending()?;
        loop {
            match self.tty.line(&watermarked(self.mode, prompt)) {
                // Before the record is open, people type what they like.
                Ok(line) if self.open && line.starts_with('!') => self.exception_opened()?,
                Ok(line) => return Ok(line),
                Err(no_line) => self.interrupted(no_line)?,
            }
        }
    }

    fn hidden(&mut self, prompt: &str) -> Result<Zeroizing<String>, Stop> {
        self.nothing_pending()?;
        loop {
            match self.tty.hidden(&watermarked(self.mode, prompt)) {
                Ok(line) => return Ok(line),
                Err(no_line) => self.interrupted(no_line)?,
            }
        }
    }

    /// After Ctrl-C: go on, note who comes or goes, end the ceremony with a record, or leave it unfinished.
    fn interrupted(&mut self, no_line: NoLine) -> Result<(), Stop> {
        if let NoLine::Closed(error) = no_line {
            return Err(Stop::TerminalGone { reason: error.to_string() });
        }
        let stopped = |_| Stop::Interrupted;
        self.say(&self.warning(
            "\nThe ceremony waits. Enter goes on with the last question. `arrive NAME` and `leave NAME` record who comes and \
             goes, `!` opens an exception. To end it for good, with a record that says so, type the name of the officer who decides that. \
             Ctrl-C again leaves everything as it is now.",
        ));
        let officer = self.tty.line("officer who ends it (or Enter): ").map_err(stopped)?;
        if officer.is_empty() {
            return Ok(());
        }
        if officer.starts_with('!') && self.open {
            return self.exception_opened();
        }
        if let Some(movement) = movement(&officer) {
            return self.moves(movement);
        }
        let Some(by) = self.officers.iter().find(|name| name.as_str() == officer).cloned() else {
            self.say(&self.warning("That is no officer of this ceremony. Going on."));
            return Ok(());
        };
        let reason = self.tty.line("why, in a sentence: ").map_err(stopped)?;
        let confirmed = self.tty.line("type abort to end the ceremony: ").map_err(stopped)?;
        if confirmed != "abort" {
            self.say("Not confirmed. Going on.");
            return Ok(());
        }
        Err(Stop::Aborted { by, reason })
    }

    /// Which of the candidates answers; asked only where there is a choice.
    fn who(&mut self, does: &str, candidates: &[Name]) -> Result<Name, Stop> {
        if let [only] = candidates {
            return Ok(only.clone());
        }
        let names = candidates.iter().map(Name::to_string).collect::<Vec<_>>().join(", ");
        loop {
            let answer = self.line(&format!("who {does} ({names}): "))?;
            match candidates.iter().find(|name| name.as_str() == answer) {
                Some(name) => return Ok(name.clone()),
                None => self.say(&self.warning("Not one of these names.")),
            }
        }
    }
}

impl Operator for Terminal {
    fn kind(&self) -> OperatorKind {
        OperatorKind::Terminal
    }

    fn show(&mut self, notice: &Notice<'_>) {
        self.notice(notice);
    }

    fn present(&mut self, person: &Person) -> Result<Option<String>, Stop> {
        self.is_present(person)
    }

    fn entropy(&mut self, holder: &Name) -> Result<Passphrase, Stop> {
        self.say(&format!(
            "\n{}: type characters that nobody sees and nobody needs again; they go into the new secret.",
            self.bold(holder.as_str())
        ));
        Ok(Passphrase::new(self.hidden("  (hidden) > ")?))
    }

    fn current_pin(&mut self, token: &Name, owner: PinOwner) -> Result<Pin, Stop> {
        self.say(&format!("\nThe {owner} PIN that token `{token}` has now, which it will lose."));
        let typed = self.hidden("  (hidden) > ")?;
        Ok(Pin::new(Zeroizing::new(typed.as_bytes().to_vec())))
    }

    fn sheet(&mut self, sheet: &Sheet<'_>) -> Result<(), Stop> {
        if let Some(sheets) = self.sheets.clone() {
            return self.sheet_to_file(sheet, &sheets);
        }
        self.sheet_on_screen(sheet)
    }

    fn confirm(&mut self, question: &Question<'_>, candidates: &[Name]) -> Result<Name, Stop> {
        let Question { what, compare, word, found, .. } = question;
        self.say(&format!("\n{}", self.bold(what)));
        let width = compare.iter().map(|(label, _)| label.len()).max().unwrap_or(0);
        for (label, value) in compare {
            self.say_hanging(&format!("  {label:<width$}  {}", escaped(value)), width + 4);
        }
        let by = self.who("confirms", candidates)?;
        loop {
            let typed = self.line(&format!("{by}: type {found} to go on: "))?;
            if typed == *word {
                return Ok(by);
            }
            self.say(&self.warning("Not that word. Compare again; Ctrl-C stops."));
        }
    }

    fn read_clock(
        &mut self,
        _step: &Name,
        candidates: &[Name],
        _host: Instant,
    ) -> Result<(Name, Instant), Stop> {
        self.say("\nRead a clock that is not this machine's, in UTC.");
        let reader = self.who("reads it", candidates)?;
        loop {
            let typed = self.line(&format!("{reader}: what does it show (2026-12-01T09:00:00Z)? "))?;
            match Instant::parse(&typed) {
                Some(reading) => return Ok((reader, reading)),
                None => self.say(&self.warning("Year-month-day, T, hours:minutes:seconds, Z.")),
            }
        }
    }

    fn notes(&mut self, movement: &Movement, candidates: &[Name]) -> Result<Name, Stop> {
        self.who_notes(movement, candidates)
    }

    fn gather(&mut self, missing: &Missing) -> Result<Movement, Stop> {
        self.who_comes(missing)
    }

    fn pause(&mut self, pause: &Pause<'_>) -> Result<(), Stop> {
        self.until_back(pause)
    }

    fn read_words(
        &mut self,
        asked: &WordsAsked<'_>,
        candidates: &[Name],
    ) -> Result<(Name, Vec<String>), Stop> {
        self.words_read(asked, candidates)
    }

    fn attest(&mut self, _step: &Name, person: &Name, text: &str) -> Result<Option<String>, Stop> {
        self.statement_of(person, text)
    }

    fn bag_number(&mut self, asked: &BagAsked<'_>, candidates: &[Name]) -> Result<(Name, String), Stop> {
        self.number_of_bag(asked, candidates)
    }

    fn beacon(&mut self, _step: &Name, candidates: &[Name]) -> Result<(Name, String, String), Stop> {
        self.brought(candidates)
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
        self.await_signatures(waiting)
    }
}
