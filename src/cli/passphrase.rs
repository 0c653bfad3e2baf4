//! What a person types: passphrases without echo, confirming words with it; or a passphrase from a file.
//!
//! The terminal is `/dev/tty`, so that neither a pipe nor a script answers in a person's place by accident.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::OFlags;
use rustix::termios::{QueueSelector, tcflush};
use signal_hook::consts::SIGINT;
use signal_hook::flag::register_conditional_default;
use zeroize::Zeroizing;

use super::failure::Failure;
use crate::secret::Passphrase;

/// The longest passphrase in bytes: what OpenSSL's `-passin` still takes whole.
const MAX_BYTES: usize = 1023;

/// Asks for a passphrase without echo.
///
/// Ctrl-C restores the terminal and is a failure here; elsewhere it ends the program as it always does.
pub(crate) fn ask(prompt: &str) -> Result<Passphrase, Failure> {
    static INSTALLED: Once = Once::new();
    static ENDS_THE_PROGRAM: AtomicBool = AtomicBool::new(true);
    // Without a handler, rpassword's own SIGINT ends the program before it turns the echo on again.
    INSTALLED.call_once(|| {
        let _ = register_conditional_default(SIGINT, &ENDS_THE_PROGRAM);
    });
    ENDS_THE_PROGRAM.store(false, Ordering::SeqCst);
    let line = terminal().and_then(|_| rpassword::prompt_password(prompt).map(Zeroizing::new));
    ENDS_THE_PROGRAM.store(true, Ordering::SeqCst);
    let line = line.map_err(|error| no_answer(&error))?;
    checked(&line).map_err(|problem| Failure::usage(problem, "type another one"))
}

/// Reads one line from the terminal with echo, without the white space around it.
pub(crate) fn visible_line(prompt: &str) -> Result<String, Failure> {
    let read = || {
        let mut terminal = terminal()?;
        terminal.write_all(prompt.as_bytes())?;
        let mut line = String::new();
        if BufReader::new(terminal).read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim().to_owned())
    };
    read().map_err(|error: io::Error| no_answer(&error))
}

/// Reads a passphrase from a file: one line, a regular file that nobody but its owner may read or write.
pub(crate) fn read(path: &Path) -> Result<Passphrase, Failure> {
    let place = path.display();
    let unreadable = |error: io::Error| {
        Failure::usage(
            format!("the passphrase file {place} cannot be read: {error}"),
            "check the path and that you are its owner",
        )
    };
    // O_NONBLOCK: a FIFO in its place is refused below instead of waited for.
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(Failure::usage(
            format!("the passphrase file {place} is not a regular file"),
            "write the passphrase to a file that only you can read, or leave the option out and type it",
        ));
    }
    let mode = metadata.mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(Failure::refused(
            format!("the passphrase file {place} is open to others than its owner (mode {mode:04o})"),
            format!("chmod 600 {place}, and choose another passphrase if somebody may have read it"),
        ));
    }
    let mut text = Zeroizing::new(String::with_capacity(2 * MAX_BYTES));
    let limit = u64::try_from(MAX_BYTES + 3).unwrap_or(u64::MAX);
    file.take(limit).read_to_string(&mut text).map_err(unreadable)?;
    let line = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    checked(line).map_err(|problem| {
        Failure::usage(
            format!("the passphrase file {place} cannot be used: {problem}"),
            "write the passphrase on the file's only line",
        )
    })
}

fn checked(line: &str) -> Result<Passphrase, &'static str> {
    if line.is_empty() {
        return Err("the passphrase is empty");
    }
    if line.len() > MAX_BYTES {
        return Err("the passphrase is longer than 1023 bytes");
    }
    if line.chars().any(char::is_control) {
        return Err("a passphrase has no control characters and no second line");
    }
    Ok(Passphrase::new(Zeroizing::new(line.to_owned())))
}

/// The terminal, with what was typed before the question thrown away.
fn terminal() -> io::Result<File> {
    let terminal = OpenOptions::new().read(true).write(true).open("/dev/tty")?;
    discard_typed(&terminal)?;
    Ok(terminal)
}

fn no_answer(error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::InvalidData => {
            Failure::usage("what was typed is no UTF-8 text", "set the terminal to UTF-8 and type it again")
        }
        io::ErrorKind::Interrupted | io::ErrorKind::UnexpectedEof => {
            Failure::stopped("stopped at the prompt; nothing was written", "run the command again")
        }
        _ => Failure::usage(
            format!("there is no terminal to ask at: {error}"),
            "run it in a terminal, or use --passphrase-file (and --yes where a word is asked for)",
        ),
    }
}

/// Throws away what was typed before a question: it is no answer to it.
pub(crate) fn discard_typed(terminal: &File) -> io::Result<()> {
    Ok(tcflush(terminal, QueueSelector::IFlush)?)
}
