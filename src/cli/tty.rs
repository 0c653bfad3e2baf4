//! The terminal of the person who runs a ceremony: visible lines, hidden lines, screens for one pair of eyes.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::termios::tcgetwinsize;
use rustix::time::Timespec;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use zeroize::Zeroizing;

use super::keys::{Key, Keys, RawMode, hidden_line, readable};
use super::passphrase::discard_typed;
use super::share_screen::{Screen, frame};
use super::word_entry::WordEntry;
use crate::secret::{ShareWords, wipe_stack};
use crate::shares::ShareRequest;

/// The controlling terminal, with Ctrl-C turned from a death into an answer.
pub(crate) struct Tty {
    file: File,
    interrupted: Arc<AtomicBool>,
}

/// What came instead of a line.
#[derive(Debug)]
pub(crate) enum NoLine {
    /// Ctrl-C, or a signal that asks the program to end.
    Interrupted,
    /// The terminal is gone.
    Closed(io::Error),
}

/// What a holder gave on the screen for words.
pub(crate) enum Entered {
    /// The words, typed or pasted.
    Words(ShareWords),
    /// `@`: they lie in a file that is named next.
    File,
}

const POLL: Timespec = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };
const MOMENT: Timespec = Timespec { tv_sec: 0, tv_nsec: 300_000_000 };
/// Lines that the question below a page takes, with the empty one before it.
const LINES_OF_QUESTION: usize = 3;
const SHOW: &str = "\nPress Enter to show it. ";
const REST: &str = "\nWritten down? Press Enter for the rest. ";
const HIDE: &str = "\nWritten down and compared? Press Enter to wipe it (Left: page before). ";
/// The alternate screen leaves nothing to scroll back to. It is wiped before it is left.
const ALTERNATE: &str = "\x1b[?1049h\x1b[2J\x1b[H";
const WIPED: &str = "\x1b[2J\x1b[3J\x1b[H\x1b[?1049l";
/// Longest line that is read, in bytes.
const LONGEST: usize = 4096;

impl Tty {
    /// Opens the terminal and takes over SIGINT, SIGTERM and SIGHUP for the rest of the process.
    pub(crate) fn open() -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).open("/dev/tty")?;
        let interrupted = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            signal_hook::flag::register(signal, Arc::clone(&interrupted))?;
        }
        Ok(Self { file, interrupted })
    }

    /// Shows text.
    pub(crate) fn show(&mut self, text: &str) -> Result<(), NoLine> {
        self.file.write_all(text.as_bytes()).and_then(|()| self.file.flush()).map_err(NoLine::Closed)
    }

    /// Asks for a line with echo; white space around it is cut off.
    pub(crate) fn line(&mut self, prompt: &str) -> Result<String, NoLine> {
        self.interrupted.store(false, Ordering::SeqCst);
        // What was typed before the question is no answer to it.
        discard_typed(&self.file).map_err(NoLine::Closed)?;
        self.show(prompt)?;
        self.rest_of_line()
    }

    /// What is typed up to Enter.
    fn rest_of_line(&mut self) -> Result<String, NoLine> {
        wipe_stack();
        let mut line = Vec::new();
        loop {
            if self.interrupted.load(Ordering::SeqCst) {
                self.show("\n")?;
                return Err(NoLine::Interrupted);
            }
            if !readable(&self.file, &POLL).map_err(NoLine::Closed)? {
                continue;
            }
            let mut byte = [0];
            if self.file.read(&mut byte).map_err(NoLine::Closed)? == 0 {
                return Err(NoLine::Closed(io::ErrorKind::UnexpectedEof.into()));
            }
            match byte {
                [b'\n'] => return Ok(String::from_utf8_lossy(&line).trim().to_owned()),
                [byte] if line.len() < LONGEST => line.push(byte),
                _ => {}
            }
        }
    }

    /// Asks for a line without echo.
    pub(crate) fn hidden(&mut self, prompt: &str) -> Result<Zeroizing<String>, NoLine> {
        self.interrupted.store(false, Ordering::SeqCst);
        wipe_stack();
        let stopped = || self.interrupted.load(Ordering::SeqCst);
        hidden_line(&self.file, prompt, &stopped).map_err(|error| match error.kind() {
            io::ErrorKind::Interrupted => NoLine::Interrupted,
            _ => NoLine::Closed(error),
        })
    }

    /// Shows a secret on a screen of its own, after a cover page that says who may look, until Enter is pressed.
    pub(crate) fn alone(&mut self, cover: &str, secret: &[u8]) -> Result<(), NoLine> {
        self.apart(|tty, keys| {
            tty.show(cover)?;
            tty.show(SHOW)?;
            while tty.key(keys)? != Key::Enter {}
            tty.pages(keys, secret)
        })
    }

    /// Takes the words of a share on a screen of its own, until all of them are there.
    pub(crate) fn words(
        &mut self,
        entry: &mut WordEntry,
        request: &ShareRequest<'_>,
        unicode: bool,
        colour: bool,
    ) -> Result<Entered, NoLine> {
        self.apart(|tty, keys| {
            loop {
                let (columns, rows) = tty.size();
                tty.show(&frame(entry, request, Screen { columns, rows, unicode, colour }))?;
                let key = tty.key(keys)?;
                let pasted = keys.more(&tty.file).map_err(NoLine::Closed)?;
                if key == Key::Text(b'@') {
                    return Ok(Entered::File);
                }
                if let Some(share) = entry.press(key, pasted) {
                    return Ok(Entered::Words(share));
                }
            }
        })
    }

    /// Runs `act` on the alternate screen with single keys and no echo; whatever happens, the screen is wiped, and
    /// the terminal is what it was before.
    fn apart<T>(&mut self, act: impl FnOnce(&mut Self, &mut Keys) -> Result<T, NoLine>) -> Result<T, NoLine> {
        self.interrupted.store(false, Ordering::SeqCst);
        wipe_stack();
        let raw = RawMode::on(&self.file).map_err(NoLine::Closed)?;
        let done = self.show(ALTERNATE).and_then(|()| act(self, &mut Keys::new()));
        self.show(WIPED)?;
        drop(raw);
        done
    }

    /// Waits for a key.
    fn key(&mut self, keys: &mut Keys) -> Result<Key, NoLine> {
        loop {
            if self.interrupted.load(Ordering::SeqCst) {
                return Err(NoLine::Interrupted);
            }
            match keys.next(&self.file).map_err(NoLine::Closed)? {
                Some(Key::Interrupt) => return Err(NoLine::Interrupted),
                Some(key) => return Ok(key),
                None => {}
            }
        }
    }

    /// As many lines at a time as the screen has: what scrolls away on the alternate screen is lost.
    fn pages(&mut self, keys: &mut Keys, secret: &[u8]) -> Result<(), NoLine> {
        let lines: Vec<&[u8]> = secret.split_inclusive(|byte| *byte == b'\n').collect();
        let a_page = self.size().1.saturating_sub(LINES_OF_QUESTION).max(1);
        let pages: Vec<&[&[u8]]> = lines.chunks(a_page).collect();
        let mut at = 0;
        while let Some(page) = pages.get(at) {
            self.show("\x1b[2J\x1b[H")?;
            for line in *page {
                self.file.write_all(line).map_err(NoLine::Closed)?;
            }
            self.show(if at + 1 < pages.len() { REST } else { HIDE })?;
            at = loop {
                match self.key(keys)? {
                    Key::Enter => break at + 1,
                    Key::Left => break at.saturating_sub(1),
                    _ => {}
                }
            };
        }
        Ok(())
    }

    /// Columns and rows; those of a small screen where the terminal does not say.
    pub(crate) fn size(&self) -> (usize, usize) {
        let size = tcgetwinsize(&self.file);
        let size = size.map_or((0, 0), |size| (usize::from(size.ws_col), usize::from(size.ws_row)));
        if size.0 == 0 || size.1 == 0 { (80, 24) } else { size }
    }

    /// Waits a moment, or less when a signal comes or somebody types a line, which is the answer then.
    pub(crate) fn pause(&mut self) -> Result<Option<String>, NoLine> {
        wipe_stack();
        let ready = readable(&self.file, &MOMENT).map_err(NoLine::Closed)?;
        if self.interrupted.swap(false, Ordering::SeqCst) {
            return Err(NoLine::Interrupted);
        }
        if ready { self.rest_of_line().map(Some) } else { Ok(None) }
    }

    /// Lets another program have the terminal until it ends. Its Ctrl-C is its own.
    pub(crate) fn lend<T>(&mut self, program: impl FnOnce() -> T) -> T {
        let result = program();
        self.interrupted.store(false, Ordering::SeqCst);
        result
    }
}
