//! Keys of a terminal, one by one and without echo, and hidden lines made of them.
//!
//! What is typed here is secret: it goes through buffers of a fixed size that are wiped, and through no reader of the
//! standard library, which would keep copies.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::AsFd as _;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use rustix::time::Timespec;
use zeroize::{Zeroize as _, Zeroizing};

/// Longest hidden line in bytes; what is typed beyond it is not taken.
const LONGEST_LINE: usize = 4096;
/// How long one look at the terminal waits, so that a signal is noticed soon.
const POLL: Timespec = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };

/// A key, as far as this program knows keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// One byte of text: printable ASCII, or a part of a UTF-8 sequence.
    Text(u8),
    /// Enter, and every line of what is pasted.
    Enter,
    /// Backspace.
    Erase,
    /// Ctrl-U.
    EraseLine,
    /// To the left.
    Left,
    /// To the right.
    Right,
    /// Tab.
    Tab,
    /// Ctrl-C.
    Interrupt,
    /// Ctrl-D.
    End,
}

/// A terminal that hands over single keys and shows none, until this is dropped.
pub(crate) struct RawMode {
    terminal: File,
    before: Termios,
}

impl RawMode {
    /// Turns echo, lines and the keys that signal off, and throws away what was typed before.
    pub(crate) fn on(terminal: &File) -> io::Result<Self> {
        let before = tcgetattr(terminal)?;
        let mut raw = before.clone();
        // Without ISIG, Ctrl-C, Ctrl-Z and Ctrl-\ are keys like others and leave no terminal without echo.
        raw.local_modes -= LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG | LocalModes::IEXTEN;
        raw.special_codes[SpecialCodeIndex::VMIN] = 1;
        raw.special_codes[SpecialCodeIndex::VTIME] = 0;
        let terminal = terminal.try_clone()?;
        tcsetattr(&terminal, OptionalActions::Flush, &raw)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        // Nothing helps a terminal that does not take its own settings back.
        let _ = tcsetattr(&self.terminal, OptionalActions::Flush, &self.before);
    }
}

/// Reads keys from a terminal in [`RawMode`].
pub(crate) struct Keys {
    bytes: Zeroizing<[u8; 256]>,
    next: usize,
    end: usize,
    decoder: Decoder,
}

impl Keys {
    pub(crate) fn new() -> Self {
        Self { bytes: Zeroizing::new([0; 256]), next: 0, end: 0, decoder: Decoder::default() }
    }

    /// The next key; `None` when none came for a moment.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub(crate) fn next(&mut self, mut terminal: &File) -> io::Result<Option<Key>> {
        if self.next == self.end {
            if !readable(terminal, &POLL)? {
                return Ok(None);
            }
            self.bytes.zeroize();
            self.next = 0;
            self.end = terminal.read(self.bytes.as_mut_slice())?;
            if self.end == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let byte = self.bytes.get(self.next).copied();
        self.next += 1;
        Ok(byte.and_then(|byte| self.decoder.key(byte)))
    }

    /// Whether more keys came together with the last one: something was pasted.
    ///
    /// # Errors
    /// When the terminal is gone.
    #[cfg(feature = "ceremony")]
    pub(crate) fn more(&self, terminal: &File) -> io::Result<bool> {
        Ok(self.next < self.end || readable(terminal, &Timespec { tv_sec: 0, tv_nsec: 0 })?)
    }
}

/// Whether there is something to read; `false` also when a signal came first.
pub(crate) fn readable(terminal: &File, timeout: &Timespec) -> io::Result<bool> {
    let mut descriptors = [PollFd::from_borrowed_fd(terminal.as_fd(), PollFlags::IN)];
    match poll(&mut descriptors, Some(timeout)) {
        Ok(ready) => Ok(ready > 0),
        Err(rustix::io::Errno::INTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Reads one line without echo. `stopped` is asked now and then whether a signal ended the question.
///
/// # Errors
/// `Interrupted` after Ctrl-C or when stopped, `UnexpectedEof` after Ctrl-D, `InvalidData` for what is no UTF-8, or
/// what the terminal says.
pub(crate) fn hidden_line(
    mut terminal: &File,
    prompt: &str,
    stopped: &dyn Fn() -> bool,
) -> io::Result<Zeroizing<String>> {
    let raw = RawMode::on(terminal)?;
    terminal.write_all(prompt.as_bytes())?;
    let line = hidden_keys(terminal, stopped);
    terminal.write_all(b"\n")?;
    drop(raw);
    let mut line = line?;
    match String::from_utf8(std::mem::take(&mut *line)) {
        Ok(text) => Ok(Zeroizing::new(text)),
        Err(error) => {
            error.into_bytes().zeroize();
            Err(io::ErrorKind::InvalidData.into())
        }
    }
}

fn hidden_keys(terminal: &File, stopped: &dyn Fn() -> bool) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut keys = Keys::new();
    let mut line = Zeroizing::new(Vec::with_capacity(LONGEST_LINE));
    loop {
        if stopped() {
            return Err(io::ErrorKind::Interrupted.into());
        }
        match keys.next(terminal)? {
            Some(Key::Enter) => return Ok(line),
            Some(Key::Text(byte)) if line.len() < LONGEST_LINE => line.push(byte),
            Some(Key::Tab) if line.len() < LONGEST_LINE => line.push(b'\t'),
            Some(Key::Erase) => {
                // A character of UTF-8 is one byte, or several of which all but the first begin with the bits 10.
                while line.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {}
            }
            Some(Key::EraseLine) => line.clear(),
            Some(Key::Interrupt) => return Err(io::ErrorKind::Interrupted.into()),
            Some(Key::End) => return Err(io::ErrorKind::UnexpectedEof.into()),
            _ => {}
        }
    }
}

/// Bytes to keys. Sequences of function keys (ECMA-48 5.4) that mean nothing here are swallowed whole.
#[derive(Clone, Copy, Default)]
enum Decoder {
    #[default]
    Plain,
    /// After ESC.
    Escape,
    /// After ESC [ or ESC O.
    Sequence,
}

impl Decoder {
    fn key(&mut self, byte: u8) -> Option<Key> {
        match (*self, byte) {
            (_, 0x1b) => {
                *self = Self::Escape;
                return None;
            }
            (Self::Escape, b'[' | b'O') => {
                *self = Self::Sequence;
                return None;
            }
            // Parameters and intermediate bytes; the final one follows.
            (Self::Sequence, 0x20..=0x3f) => return None,
            (Self::Sequence, 0x40..=0x7e) => {
                *self = Self::Plain;
                return match byte {
                    b'C' => Some(Key::Right),
                    b'D' => Some(Key::Left),
                    _ => None,
                };
            }
            _ => *self = Self::Plain,
        }
        match byte {
            0x03 => Some(Key::Interrupt),
            0x04 => Some(Key::End),
            0x08 | 0x7f => Some(Key::Erase),
            b'\t' => Some(Key::Tab),
            b'\n' | b'\r' => Some(Key::Enter),
            0x15 => Some(Key::EraseLine),
            0x00..=0x1f => None,
            _ => Some(Key::Text(byte)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(bytes: &[u8]) -> Vec<Key> {
        let mut decoder = Decoder::default();
        bytes.iter().filter_map(|&byte| decoder.key(byte)).collect()
    }

    #[test]
    fn keys_are_known_and_what_is_not_known_swallows_no_key_after_it() {
        use Key::*;
        for (bytes, expected) in [
            (&b"a\r"[..], &[Text(b'a'), Enter][..]),
            (b"\x1b[Da\x1bOCb", &[Left, Text(b'a'), Right, Text(b'b')]),
            (b"\x1b[200~acid\n\x1b[201~", &[Text(b'a'), Text(b'c'), Text(b'i'), Text(b'd'), Enter]),
            (b"\x1b[1;5Aa", &[Text(b'a')]),
            (b"\x1ba\x1b\x1b[Db", &[Text(b'a'), Left, Text(b'b')]),
            (b"\x03\x04\x08\x7f\t\x15\x1a\x1c", &[Interrupt, End, Erase, Erase, Tab, EraseLine]),
            ("\u{e9}".as_bytes(), &[Text(0xc3), Text(0xa9)]),
        ] {
            assert_eq!(keys(bytes), expected, "{bytes:?}");
        }
    }
}
