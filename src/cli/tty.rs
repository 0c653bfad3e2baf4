//! The terminal of the person who runs a ceremony: visible lines, hidden lines, a screen for one pair of eyes.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::termios::{QueueSelector, tcflush, tcgetwinsize};
use rustix::time::Timespec;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use zeroize::Zeroizing;

use super::passphrase::hidden_line;

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

const POLL: Timespec = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };
const MOMENT: Timespec = Timespec { tv_sec: 0, tv_nsec: 300_000_000 };
/// Lines that the question below a page takes, with the empty one before it.
const LINES_OF_QUESTION: usize = 3;
const REST: &str = "\nWritten down? Press Enter for the rest. ";
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
        tcflush(&self.file, QueueSelector::IFlush).map_err(|error| NoLine::Closed(error.into()))?;
        self.show(prompt)?;
        self.rest_of_line()
    }

    /// What is typed up to Enter.
    fn rest_of_line(&mut self) -> Result<String, NoLine> {
        let mut line = Vec::new();
        loop {
            if self.interrupted.load(Ordering::SeqCst) {
                self.show("\n")?;
                return Err(NoLine::Interrupted);
            }
            if !self.readable(&POLL)? {
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
        hidden_line(prompt).map_err(|error| match error.kind() {
            io::ErrorKind::Interrupted => NoLine::Interrupted,
            _ => NoLine::Closed(error),
        })
    }

    /// Shows a secret on the alternate screen, which leaves nothing to scroll back to, until Enter is pressed.
    pub(crate) fn alone(&mut self, before: &str, secret: &[u8], after: &str) -> Result<(), NoLine> {
        self.line(before)?;
        let shown = self.show("\x1b[?1049h").and_then(|()| self.pages(secret, after));
        // Cleared even when the line was interrupted: the words must not stay on the screen.
        self.show("\x1b[2J\x1b[3J\x1b[H\x1b[?1049l")?;
        shown
    }

    /// As many lines at a time as the screen has: what scrolls away on the alternate screen is lost.
    fn pages(&mut self, secret: &[u8], after: &str) -> Result<(), NoLine> {
        let rows = tcgetwinsize(&self.file).map_or(0, |size| usize::from(size.ws_row));
        let lines: Vec<&[u8]> = secret.split_inclusive(|byte| *byte == b'\n').collect();
        let a_page = match rows.checked_sub(LINES_OF_QUESTION) {
            Some(left) if left > 0 => left,
            // A terminal that does not say how big it is.
            _ => lines.len().max(1),
        };
        let mut pages = lines.chunks(a_page).peekable();
        while let Some(page) = pages.next() {
            self.show("\x1b[2J\x1b[H")?;
            for line in page {
                self.file.write_all(line).map_err(NoLine::Closed)?;
            }
            let question = if pages.peek().is_some() { REST } else { after };
            self.line(question)?;
        }
        Ok(())
    }

    /// Waits a moment, or less when a signal comes or somebody types a line, which is the answer then.
    pub(crate) fn pause(&mut self) -> Result<Option<String>, NoLine> {
        let ready = self.readable(&MOMENT)?;
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

    fn readable(&self, timeout: &Timespec) -> Result<bool, NoLine> {
        let mut descriptors = [PollFd::from_borrowed_fd(self.file.as_fd(), PollFlags::IN)];
        match poll(&mut descriptors, Some(timeout)) {
            Ok(ready) => Ok(ready > 0),
            Err(rustix::io::Errno::INTR) => Ok(false),
            Err(error) => Err(NoLine::Closed(error.into())),
        }
    }
}
