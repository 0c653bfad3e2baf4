mod presence;
mod shares;
mod signing;

use std::collections::VecDeque;
use std::path::Path;

use zeroize::Zeroizing;

use presence::movement;
pub(super) use shares::unicode_locale;

use super::resumed::resumed;
use super::run::host_line;
use super::sheets::Sheets;
use super::tty::{NoLine, Tty};
use super::word_entry::WordEntry;
use super::wrap::wrapped;
use crate::execute::{Missing, Movement, Notice, Operator, Pause, Question, Stop, Waiting};
use crate::format::{Instant, Mode, Name, OperatorKind, Person, PinOwner, Role};
use crate::render::{escaped, watermarked, words_of};
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
    /// Who came or went while nothing was asked; recorded at the next question.
    moved: VecDeque<Movement>,
}

/// Fewest characters that say "I am here" and add to the ceremony's identifier.
const FEWEST_TYPED: usize = 8;

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
            moved: VecDeque::new(),
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
        self.nobody_moved()?;
        loop {
            match self.tty.line(&watermarked(self.mode, prompt)) {
                Ok(line) => return Ok(line),
                Err(no_line) => self.interrupted(no_line)?,
            }
        }
    }

    fn hidden(&mut self, prompt: &str) -> Result<Zeroizing<String>, Stop> {
        self.nobody_moved()?;
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
             goes. To end it for good, with a record that says so, type the name of the officer who decides that. \
             Ctrl-C again leaves everything as it is now.",
        ));
        let officer = self.tty.line("officer who ends it (or Enter): ").map_err(stopped)?;
        if officer.is_empty() {
            return Ok(());
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
        let text = match notice {
            Notice::Host { state } => {
                let line = host_line(state);
                if state.exposure().is_some() { self.warning(&line) } else { line }
            }
            Notice::Opened { ceremony, directory } => {
                self.open = true;
                let start = ceremony.as_bytes().get(..4).unwrap_or_default();
                format!(
                    "\nThe record is open: {}\nceremony {ceremony}\n         ({} ...)",
                    directory.display(),
                    words_of(start).join(" ")
                )
            }
            Notice::Resumed { done, under_way, unanswered } => {
                format!("\n{}", resumed(*done, under_way.as_ref(), unanswered))
            }
            Notice::Step { id, kind, number, of } => {
                format!(
                    "\n{}",
                    self.bold(&watermarked(self.mode, &format!("Step {number} of {of}: {id} ({kind})")))
                )
            }
            Notice::Drill { drill, text, .. } => {
                format!("\n{}", self.warning(&format!("DRILL {}: {}", drill.kind, escaped(text))))
            }
            Notice::Done { text } => format!("  {}", escaped(text)),
            Notice::Refused { text } => format!("  {}", self.warning(&escaped(text))),
            Notice::Released { released } => {
                format!("  {} written, SHA-256 {}", released.file.name, released.file.sha256)
            }
        };
        self.say(&text);
    }

    fn present(&mut self, person: &Person) -> Result<Option<String>, Stop> {
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

    fn wait(&mut self, waiting: &Waiting<'_>) -> Result<(), Stop> {
        let Waiting { kind, missing, signed, needed } = waiting;
        let mut text = format!(
            "\n{}\n",
            self.bold(&format!("Waiting for signatures of the {kind} statement: {needed}"))
        );
        for name in *signed {
            text.push_str(&format!("  {name}: signed\n"));
        }
        for (name, path) in *missing {
            text.push_str(&format!("  {name}: anchorite officer sign {} --key KEY\n", shown(path)));
        }
        text.push_str(
            "  Each signs on a machine of their own, or here: type the name and press Enter. Ctrl-C stops.",
        );
        if text != self.waiting {
            self.say_whole(&text);
            self.waiting = text;
        }
        match self.tty.pause() {
            Ok(None) => Ok(()),
            Ok(Some(typed)) => {
                // Whatever comes of it, the waiting screen is shown again.
                self.waiting.clear();
                match missing.iter().find(|(name, _)| name.as_str() == typed) {
                    Some((name, statement)) => self.sign_here(name, statement),
                    None if typed.is_empty() => Ok(()),
                    None => {
                        self.say(&self.warning("Nobody of that name has still to sign."));
                        Ok(())
                    }
                }
            }
            Err(no_line) => match self.interrupted(no_line) {
                Err(Stop::Moved(movement)) => {
                    self.moves_later(movement, kind == "authorise");
                    Ok(())
                }
                other => other,
            },
        }
    }
}

fn shown(path: &Path) -> String {
    escaped(&path.display().to_string())
}
