use std::io::{self, IsTerminal as _, Write as _};

use super::failure::Failure;

/// Standard output and standard error, with colour only on a terminal and only when `NO_COLOR` is not set.
pub(crate) struct Console {
    colour_out: bool,
    colour_err: bool,
}

/// How a piece of text is marked on a terminal.
#[derive(Clone, Copy)]
pub(crate) enum Mark {
    Bold,
    Dim,
    Good,
    Bad,
    Warn,
}

impl Console {
    pub(crate) fn new() -> Self {
        let colour = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self {
            colour_out: colour && io::stdout().is_terminal(),
            colour_err: colour && io::stderr().is_terminal(),
        }
    }

    /// Whether standard output shows colour.
    pub(crate) fn colour(&self) -> bool {
        self.colour_out
    }

    /// Writes a line to standard output. A closed pipe is the reader's choice, no failure of ours.
    pub(crate) fn line(&mut self, text: impl AsRef<str>) {
        let _ = writeln!(io::stdout(), "{}", text.as_ref());
    }

    /// Writes a line to standard error: for what is not the answer.
    pub(crate) fn note(&mut self, text: impl AsRef<str>) {
        let _ = writeln!(io::stderr(), "{}", text.as_ref());
    }

    /// `text`, marked when standard output shows colour.
    pub(crate) fn marked(&self, mark: Mark, text: impl AsRef<str>) -> String {
        paint(self.colour_out, mark, text.as_ref())
    }

    /// Writes what happened and what to do to standard error.
    pub(crate) fn failure(&mut self, failure: &Failure) {
        let error = paint(self.colour_err, Mark::Bad, "error:");
        let remedy = paint(self.colour_err, Mark::Bold, "what to do:");
        self.note(format!("{error} {}\n{remedy} {}", failure.message, failure.remedy));
    }
}

fn paint(colour: bool, mark: Mark, text: &str) -> String {
    let code = match mark {
        Mark::Bold => "1",
        Mark::Dim => "2",
        Mark::Good => "32",
        Mark::Bad => "1;31",
        Mark::Warn => "33",
    };
    if colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
}
