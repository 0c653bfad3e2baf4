//! What the screen shows while a holder enters a share: who is done, which word is typed, what to press.

use zeroize::Zeroizing;

use super::word_entry::{Mark, WordEntry};
use super::wrap::wrapped;
use crate::format::Name;
use crate::shares::{Completion, ShareRequest, WORDS_PER_SHARE};

/// Wider lines are hard to read.
const WIDEST: usize = 80;
/// Enough for every screen of this form, so that no copy is left when it grows.
const BYTES: usize = 16 << 10;
/// Words in a group of the row of marks.
const GROUP: usize = 11;

/// What the terminal can show.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Screen {
    pub(crate) columns: usize,
    pub(crate) rows: usize,
    /// Characters outside ASCII.
    pub(crate) unicode: bool,
    pub(crate) colour: bool,
}

/// One line, and how much the screen loses without it: on a small screen the greatest go first.
struct Line {
    text: Zeroizing<String>,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Prompt,
    State,
    Message,
    Marks,
    Heading,
    Help,
    Blank,
}

/// The whole screen as bytes for a terminal (ECMA-48), with the cursor behind the letters.
pub(crate) fn frame(entry: &WordEntry, request: &ShareRequest<'_>, screen: Screen) -> Zeroizing<String> {
    let mut lines = lines(entry, request, screen);
    while lines.len() > screen.rows.max(1) {
        let Some(place) =
            lines.iter().rposition(|line| Some(line.kind) == lines.iter().map(|line| line.kind).max())
        else {
            break;
        };
        lines.remove(place);
    }
    let mut frame = Zeroizing::new(String::with_capacity(BYTES));
    frame.push_str("\x1b[H");
    let mut cursor = (1, 1);
    for (row, line) in (1..).zip(&lines) {
        if row > 1 {
            frame.push('\n');
        }
        let marked = match line.kind {
            Kind::Heading if row == 1 => "\x1b[1m",
            Kind::Message => "\x1b[33m",
            _ => "",
        };
        if screen.colour {
            frame.push_str(marked);
        }
        frame.push_str(&line.text);
        if screen.colour && !marked.is_empty() {
            frame.push_str("\x1b[0m");
        }
        frame.push_str("\x1b[K");
        if line.kind == Kind::Prompt {
            cursor = (row, prompt(entry).chars().count() + entry.letters().len() + 1);
        }
    }
    frame.push_str("\x1b[J");
    let (row, column) = cursor;
    frame.push_str(&format!("\x1b[{row};{column}H"));
    frame
}

/// `2 of 3: officer-a, officer-c`, each with a tick.
pub(crate) fn who_is_done(request: &ShareRequest<'_>, unicode: bool) -> String {
    let ShareRequest { done, needed, .. } = request;
    let tick = if unicode { "\u{2713}" } else { "ok" };
    let names: Vec<String> = done.iter().map(|name| format!("{name} {tick}")).collect();
    let names = if names.is_empty() { "nobody yet".to_owned() } else { names.join(" ") };
    format!("{} of {needed}: {names}", done.len())
}

/// Who may enter this share.
pub(crate) fn who_enters(request: &ShareRequest<'_>) -> String {
    match request.wanted {
        Some(holder) => format!("{holder} enters {WORDS_PER_SHARE} words. Everybody else looks away."),
        None => {
            let holders = request.split.shares.iter().map(|share| &share.holder);
            let open: Vec<_> =
                holders.filter(|holder| !request.done.contains(holder)).map(Name::to_string).collect();
            format!("One of {} enters {WORDS_PER_SHARE} words. Everybody else looks away.", open.join(", "))
        }
    }
}

fn lines(entry: &WordEntry, request: &ShareRequest<'_>, screen: Screen) -> Vec<Line> {
    let ShareRequest { split, done, needed, .. } = request;
    let width = screen.columns.clamp(1, WIDEST);
    let mut lines = Vec::new();
    let mut text = |kind, text: &str| {
        lines.extend(wrapped(text, width, 0).into_iter().map(|text| Line { text: cut(text, width), kind }));
    };
    text(Kind::Heading, &format!("Share {} of {needed}, set {}", done.len() + 1, split.set_id));
    text(Kind::Heading, &who_is_done(request, screen.unicode));
    text(Kind::Blank, "");
    text(Kind::Heading, &who_enters(request));
    text(Kind::Blank, "");
    text(Kind::Marks, &row_of_marks(entry, screen, width));
    text(Kind::Blank, "");
    lines.push(Line { text: letters(entry, screen), kind: Kind::Prompt });
    let mut text = |kind, text: &str| {
        lines.extend(wrapped(text, width, 0).into_iter().map(|text| Line { text: cut(text, width), kind }));
    };
    text(Kind::State, state(entry));
    text(Kind::Blank, "");
    if let Some(message) = entry.message() {
        text(Kind::Message, message);
        text(Kind::Blank, "");
    }
    text(Kind::Help, "Space: next word   Left: word before   Tab: show or hide   Ctrl-C: stop");
    text(Kind::Help, "First letters are enough. Paste all words at once, or @ for a share file.");
    lines
}

fn prompt(entry: &WordEntry) -> String {
    format!("word {} of {WORDS_PER_SHARE}: ", entry.position())
}

/// The prompt with a dot for each letter, or with the letters.
fn letters(entry: &WordEntry, screen: Screen) -> Zeroizing<String> {
    let dot = if screen.unicode { '\u{2022}' } else { '*' };
    let mut line = Zeroizing::new(String::with_capacity(256));
    line.push_str(&prompt(entry));
    match entry.word() {
        Some(word) if entry.shown() => line.push_str(word.as_str()),
        // As many for every word: how long it is says something of it.
        Some(_) => line.extend([dot; 4]),
        None if entry.shown() => {
            line.push_str(entry.letters());
            if let Completion::One(word) = entry.completion() {
                line.push_str(word.as_str().get(entry.letters().len()..).unwrap_or_default());
            }
        }
        None => line.extend(entry.letters().chars().map(|_| dot)),
    }
    line
}

fn state(entry: &WordEntry) -> &'static str {
    if entry.word().is_some() {
        return "entered; Space goes on, letters replace it, Enter hands all over";
    }
    match (entry.letters().is_empty(), entry.completion()) {
        (true, _) => "",
        (false, Completion::One(_)) => "complete; Space goes on",
        (false, Completion::Several) => "type on",
        (false, Completion::None) => "no word of the list begins so",
    }
}

/// A longer line is cut: the screen must not wrap it itself.
fn cut(text: String, width: usize) -> Zeroizing<String> {
    Zeroizing::new(text.chars().take(width).collect())
}

/// One sign for each word, the one that is typed marked.
fn row_of_marks(entry: &WordEntry, screen: Screen, width: usize) -> String {
    let mut row = String::new();
    for (place, mark) in (1..).zip(entry.marks()) {
        row.push(match (mark, screen.unicode) {
            _ if place == entry.position() => '>',
            (Mark::Word, true) => '\u{2713}',
            (Mark::Word, false) => '#',
            (Mark::Wrong, _) => '?',
            (Mark::Empty, true) => '\u{b7}',
            (Mark::Empty, false) => '.',
        });
        if place % GROUP == 0 && place < WORDS_PER_SHARE && width > GROUP {
            row.push(' ');
        }
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::keys::Key;
    use crate::format::{Digest, Hex, ShareCommitment, ShareSetName, SharesSplit};

    const PLAIN: Screen = Screen { columns: 80, rows: 24, unicode: false, colour: false };

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    fn split() -> SharesSplit {
        let shares = (1..)
            .zip(["officer-a", "officer-b", "officer-c"])
            .map(|(index, holder)| ShareCommitment { index, holder: name(holder), commitment: Digest::ZERO });
        SharesSplit {
            step: name("provision"),
            set: ShareSetName::Operate,
            set_id: Hex(vec![0xa1, 0xb2, 0xc3, 0xd4]),
            epoch: 1,
            threshold: 2,
            shares: shares.collect(),
            check: Digest::ZERO,
        }
    }

    /// The rows of a screen, without what moves the cursor.
    fn rows(entry: &WordEntry, wanted: Option<&Name>, done: &[Name], screen: Screen) -> Vec<String> {
        let split = split();
        let request = ShareRequest { split: &split, wanted, done, needed: 3 };
        let frame = frame(entry, &request, screen);
        assert_eq!(frame.capacity(), BYTES, "the frame grew");
        let shown = frame.strip_prefix("\x1b[H").unwrap().split("\x1b[J").next().unwrap();
        shown.split('\n').map(|row| row.strip_suffix("\x1b[K").unwrap().to_owned()).collect()
    }

    fn typed(text: &str) -> WordEntry {
        let mut entry = WordEntry::new(None);
        for byte in text.bytes() {
            entry.press(Key::Text(byte), false);
        }
        entry
    }

    #[test]
    fn the_screen_says_who_acts_and_hides_what_is_typed() {
        let (wanted, done) = (name("officer-b"), [name("officer-a"), name("officer-c")]);
        let entry = typed("academic acid acn");
        assert_eq!(
            rows(&entry, Some(&wanted), &done, PLAIN),
            [
                "Share 3 of 3, set a1b2c3d4",
                "2 of 3: officer-a ok officer-c ok",
                "",
                "officer-b enters 33 words. Everybody else looks away.",
                "",
                "##>........ ........... ...........",
                "",
                "word 3 of 33: ***",
                "complete; Space goes on",
                "",
                "Space: next word   Left: word before   Tab: show or hide   Ctrl-C: stop",
                "First letters are enough. Paste all words at once, or @ for a share file.",
            ]
        );
        let unicode = rows(&entry, None, &done[..1], Screen { unicode: true, ..PLAIN });
        assert_eq!(unicode[1], "1 of 3: officer-a \u{2713}");
        assert_eq!(unicode[3], "One of officer-b, officer-c enters 33 words. Everybody else looks away.");
        assert!(unicode[5].starts_with("\u{2713}\u{2713}>\u{b7}"), "{}", unicode[5]);
        assert_eq!(unicode[7], "word 3 of 33: \u{2022}\u{2022}\u{2022}");
    }

    #[test]
    fn tab_shows_the_word_that_is_typed_and_no_other() {
        let mut entry = typed("academic acid acn");
        entry.press(Key::Tab, false);
        let wanted = name("officer-b");
        let shown = rows(&entry, Some(&wanted), &[], PLAIN);
        assert_eq!(shown[7], "word 3 of 33: acne");
        assert!(!shown.concat().contains("acid"), "{shown:?}");
        entry.press(Key::Left, false);
        assert_eq!(rows(&entry, Some(&wanted), &[], PLAIN)[7], "word 2 of 33: acid");
        entry.press(Key::Tab, false);
        let hidden = rows(&entry, Some(&wanted), &[], PLAIN);
        assert_eq!(hidden[7], "word 2 of 33: ****");
        assert_eq!(hidden[8], "entered; Space goes on, letters replace it, Enter hands all over");
    }

    #[test]
    fn every_screen_however_small_keeps_the_prompt_and_no_line_is_too_long() {
        let mut entry = typed("academic acad");
        entry.look_again(
            Some(2),
            "the words do not fit together: check word 2. The token was not tried.".to_owned(),
        );
        for columns in [1, 12, 20, 40, 79, 80, 300] {
            for rows_of_screen in [1, 3, 8, 24] {
                let screen = Screen { columns, rows: rows_of_screen, ..PLAIN };
                let shown = rows(&entry, None, &[name("officer-a")], screen);
                assert!(shown.len() <= rows_of_screen, "{screen:?}: {shown:#?}");
                assert!(shown.iter().any(|row| row.starts_with("word 2 of 33: ")), "{screen:?}: {shown:#?}");
                let others = shown.iter().filter(|row| !row.starts_with("word 2 of 33: "));
                assert!(others.clone().all(|row| row.len() <= columns.min(WIDEST)), "{screen:?}: {shown:#?}");
            }
        }
        let narrow = rows(&entry, None, &[], Screen { columns: 40, ..PLAIN });
        assert!(narrow.contains(&"the words do not fit together: check".to_owned()), "{narrow:#?}");
    }

    #[test]
    fn colour_is_for_terminals_that_want_it() {
        let split = split();
        let request = ShareRequest { split: &split, wanted: None, done: &[], needed: 3 };
        let entry = WordEntry::new(Some("check word 2".to_owned()));
        assert!(!frame(&entry, &request, PLAIN).contains("\x1b[1m"));
        let coloured = frame(&entry, &request, Screen { colour: true, ..PLAIN });
        assert!(coloured.contains("\x1b[1mShare 1 of 3"), "{coloured:?}");
        assert!(coloured.contains("\x1b[33mcheck word 2\x1b[0m"), "{coloured:?}");
    }
}
