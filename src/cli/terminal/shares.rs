use std::path::Path;

use zeroize::Zeroizing;

use super::Terminal;
use crate::artifact;
use crate::cli::share_screen::{who_enters, who_is_done};
use crate::cli::sheets::{self, NoWords, Sheets};
use crate::cli::tty::Entered;
use crate::cli::word_entry::WordEntry;
use crate::execute::Stop;
use crate::format::ShareCommitment;
use crate::render::watermarked;
use crate::secret::{Passphrase, ShareWords};
use crate::shares::{MIN_PASSPHRASE_CHARACTERS, ShareProblem, ShareRequest, ShareSource, Sheet};

impl Terminal {
    /// Writes a sheet where the command line says, once its holder is there.
    pub(super) fn sheet_to_file(&mut self, sheet: &Sheet<'_>, sheets: &Sheets) -> Result<(), Stop> {
        let holder = sheet.holder();
        self.line(&format!(
            "\n{}: your share is written to a file next. Press Enter. ",
            self.bold(holder.as_str())
        ))?;
        let name = sheets.name(sheet);
        sheets::write(sheet, sheets.form, || self.new_passphrase(), &sheets.directory, &name)?;
        self.say(&format!("  {} is written. Take it out of this machine before you go on.", name));
        self.line("  Done? Press Enter. ").map(drop)
    }

    /// Shows a sheet to its holder alone.
    pub(super) fn sheet_on_screen(&mut self, sheet: &Sheet<'_>) -> Result<(), Stop> {
        let holder = sheet.holder();
        let cover = format!(
            "{}: your share is shown next. Everybody but {holder} looks away.\n\n\
             Have pen and paper ready. Nothing of it is kept: what is not written down is lost.\n",
            self.bold(holder.as_str())
        );
        self.say(&format!("\n{holder} sees a share and writes it down. Everybody else looks away."));
        let mut text = Zeroizing::new(Vec::with_capacity(8192));
        let written = sheet.write_to(&mut *text);
        written.map_err(|error| Stop::TerminalGone { reason: error.to_string() })?;
        loop {
            match self.tty.alone(&watermarked(self.mode, &cover), &text) {
                Ok(()) => return Ok(()),
                Err(no_line) => self.interrupted(no_line)?,
            }
        }
    }

    /// The words of a share file, which its passphrase opens, or what is wrong with it.
    fn words_from_file(&mut self) -> Result<Result<ShareWords, String>, Stop> {
        let path = self.line("  path of your share file: ")?;
        let bytes = match artifact::read(Path::new(&path)) {
            Ok(bytes) => Zeroizing::new(bytes),
            Err(error) => return Ok(Err(error.to_string())),
        };
        let text = String::from_utf8_lossy(&bytes);
        let opened = sheets::words(&text, || {
            Ok::<_, Unopened>(Passphrase::new(self.hidden("  its passphrase: ").map_err(Unopened::Stop)?))
        });
        match opened {
            Ok(words) => Ok(Ok(words)),
            Err(Unopened::NoWords(error)) => Ok(Err(error.to_string())),
            Err(Unopened::Stop(stop)) => Err(stop),
        }
    }

    /// Asks for the passphrase of a new share file until it was typed twice.
    fn new_passphrase(&mut self) -> Result<Passphrase, Stop> {
        loop {
            let first =
                self.hidden(&format!("  new passphrase, {MIN_PASSPHRASE_CHARACTERS} characters or more: "))?;
            if first.chars().count() < MIN_PASSPHRASE_CHARACTERS {
                self.say(&self.warning("  That is too short."));
            } else if *self.hidden("  the same again: ")? == *first {
                return Ok(Passphrase::new(first));
            } else {
                self.say(&self.warning("  The two differ."));
            }
        }
    }
}

/// Why a share file gave no words: something that is asked again, or something that ends the entry.
enum Unopened {
    NoWords(NoWords),
    Stop(Stop),
}

impl From<NoWords> for Unopened {
    fn from(error: NoWords) -> Self {
        Self::NoWords(error)
    }
}

impl ShareSource for Terminal {
    type Error = Stop;

    fn share(&mut self, request: &ShareRequest<'_>) -> Result<ShareWords, Stop> {
        let (unicode, colour) = (self.unicode, self.colour);
        let mut entry = match self.entry.take() {
            Some(entry) => entry,
            None => {
                let done = who_is_done(request, unicode);
                self.say(&format!(
                    "\nShares of set {}. {done}\n{}",
                    request.split.set_id,
                    who_enters(request)
                ));
                WordEntry::new(None)
            }
        };
        loop {
            match self.tty.words(&mut entry, request, unicode, colour) {
                Ok(Entered::Words(words)) => {
                    self.entry = Some(entry);
                    return Ok(words);
                }
                Ok(Entered::File) => match self.words_from_file()? {
                    Ok(words) => return Ok(words),
                    Err(problem) => entry = WordEntry::new(Some(problem)),
                },
                Err(no_line) => self.interrupted(no_line)?,
            }
        }
    }

    fn refused(&mut self, _request: &ShareRequest<'_>, problem: &ShareProblem) -> Result<(), Stop> {
        let message = format!("{problem}. The token was not tried.");
        self.say(&self.warning(&format!("  {message}")));
        let entry = match (problem, self.entry.take()) {
            // A word is wrong, or two changed places: all of them are kept, and the person goes back to that one.
            (ShareProblem::Checksum { suspect }, Some(mut entry)) => {
                entry.look_again(*suspect, message);
                entry
            }
            // Another share altogether.
            _ => WordEntry::new(Some(message)),
        };
        self.entry = Some(entry);
        Ok(())
    }

    fn accepted(&mut self, _request: &ShareRequest<'_>, share: &ShareCommitment) -> Result<(), Stop> {
        self.entry = None;
        self.say(&format!("  The share of {} is right.", share.holder));
        Ok(())
    }
}

/// Whether the locale's characters are UTF-8 (POSIX: the first of these variables that is set and not empty).
pub(crate) fn unicode_locale() -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(std::env::var_os);
    let locale =
        set.filter(|value| !value.is_empty()).map(|value| value.to_string_lossy().to_lowercase()).next();
    locale.is_some_and(|locale| locale.contains("utf-8") || locale.contains("utf8"))
}
