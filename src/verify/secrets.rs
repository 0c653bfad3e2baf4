use std::collections::BTreeSet;

use super::directory::BundleFiles;
use super::examination::Examination;
use super::verdict::{Check, CheckId, Place};
use crate::format::PinAlphabet;

/// The end of every PEM label of a private key (RFC 7468 sections 10 and 11, and older forms).
const PRIVATE_KEY: &[u8] = b"PRIVATE KEY-----";

/// So many words of a share's shape in a row are no English: prose has short words between long ones.
const WORDS_IN_A_ROW: usize = 16;

/// The beginning of a share in an encrypted file (`docs/share-file.md`).
const SHARE_FILE: &[u8] = b"anchorite-share-file/";

/// What a PIN of full length has at least of different symbols: fewer is a pattern, as zeros are in base64. A random one has
/// fewer with a probability below 2^-40.
const DIFFERENT_SYMBOLS: usize = 10;

/// No file holds a private key, an encrypted share, a run of words like a share's, or a PIN of full length in letters.
///
/// SLIP-39's words have 4 to 8 lower-case letters, 33 of them make a share. Numbers, punctuation and tags between them,
/// as on a printed sheet or its page, do not end a run.
pub(crate) fn secrets(files: &BundleFiles) -> Check {
    let mut examination = Examination::of(CheckId::Secrets);
    for (path, bytes) in files.iter() {
        if bytes.windows(PRIVATE_KEY.len()).any(|window| window == PRIVATE_KEY) {
            examination.fail(Place::file(path), format!("{path} holds a private key"));
        }
        if bytes.starts_with(SHARE_FILE) {
            examination.fail(Place::file(path), format!("{path} is a share file"));
        }
        if has_pin(bytes) {
            examination.fail(Place::file(path), format!("{path} holds what looks like a PIN"));
        }
        if has_run_of_words(bytes) || has_run_of_words(&without_tags(bytes)) {
            examination.fail(Place::file(path), format!("{path} holds a run of words like a share's"));
        }
    }
    examination.finish(|| format!("{} files searched", files.iter().count()))
}

/// Whether 32 symbols or more of [`PinAlphabet::Letters`] stand in a row that are not the alphabet itself, not hexadecimal
/// and no pattern. A PIN of digits or of fewer symbols is like other text, and nobody could tell.
fn has_pin(bytes: &[u8]) -> bool {
    let alphabet = PinAlphabet::Letters.symbols().as_bytes();
    let length = usize::from(PinAlphabet::Letters.most_symbols());
    bytes.split(|byte| !alphabet.contains(byte)).filter(|run| run.len() >= length && *run != alphabet).any(
        |run| {
            let different: BTreeSet<&u8> = run.iter().collect();
            let letter = different.iter().any(|symbol| matches!(symbol, b'G'..=b'Z'));
            let digit = different.iter().any(|symbol| symbol.is_ascii_digit());
            letter && digit && different.len() >= DIFFERENT_SYMBOLS
        },
    )
}

fn has_run_of_words(bytes: &[u8]) -> bool {
    let mut run = 0;
    for token in bytes.split(|byte| byte.is_ascii_whitespace()) {
        if !token.iter().any(u8::is_ascii_alphabetic) && token.is_ascii() {
            continue;
        }
        let word = token.trim_ascii();
        let fits = (4..=8).contains(&word.len()) && word.iter().all(u8::is_ascii_lowercase);
        run = if fits { run + 1 } else { 0 };
        if run >= WORDS_IN_A_ROW {
            return true;
        }
    }
    false
}

/// Bytes with a space in the place of each tag; empty where there is no tag.
fn without_tags(bytes: &[u8]) -> Vec<u8> {
    let mut pieces = bytes.split(|byte| *byte == b'<');
    let mut text = pieces.next().unwrap_or_default().to_vec();
    if text.len() == bytes.len() {
        return Vec::new();
    }
    for piece in pieces {
        // What is opened and never closed is no tag.
        let end = piece.iter().position(|byte| *byte == b'>').map_or(0, |end| end + 1);
        text.push(b' ');
        text.extend_from_slice(piece.get(end..).unwrap_or_default());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_found_and_what_only_resembles_one_is_not() {
        let pin = "7QXK2M9RBVTWHC4ZP8GDJ6NYSLA3F5EU";
        for text in [pin.to_owned(), format!("pin={pin}\n"), format!("\"ceremony:{pin}\""), format!("A{pin}")]
        {
            assert!(has_pin(text.as_bytes()), "{text}");
        }
        let shorter = &pin[1..];
        for text in [
            shorter.to_owned(),
            PinAlphabet::Letters.symbols().to_owned(),
            format!("{shorter}0{shorter}"),
            "A".repeat(64),
            "AB2".repeat(16),
            "DEADBEEF23456789".repeat(2),
            "SOMELETTERSANDNOTHINGBUTLETTERSANDMORE".replace(['I', 'O'], "E"),
            pin.to_lowercase(),
        ] {
            assert!(!has_pin(text.as_bytes()), "{text}");
        }
        for document in [
            &include_bytes!("../../docs/record-format.md")[..],
            include_bytes!("../../scripts/verify.py"),
            include_bytes!("../../scripts/recover-pin.py"),
        ] {
            assert!(!has_pin(document));
        }
    }

    #[test]
    fn a_share_is_found_in_a_line_and_on_a_sheet_and_prose_is_not() {
        let words = ["academic", "acid", "acne", "acquire", "acrobat", "activity", "actress", "adapt"];
        let share: Vec<&str> = words.into_iter().cycle().take(33).collect();
        assert!(has_run_of_words(share.join(" ").as_bytes()));
        let sheet: Vec<String> =
            (1..).zip(&share).map(|(number, word)| format!("{number:2}. {word}")).collect();
        assert!(has_run_of_words(sheet.join("\n").as_bytes()));
        let page: String =
            (1..).zip(&share).map(|(n, word)| format!("<li><i>{n}.</i> <b>{word}</b></li>")).collect();
        assert!(has_run_of_words(&without_tags(page.as_bytes())) && !has_run_of_words(page.as_bytes()));
        assert!(has_run_of_words(&without_tags(format!("1 < 2 {}", share.join("<br>")).as_bytes())));
        let prose = include_bytes!("../../docs/record-format.md");
        assert!(!has_run_of_words(prose));
    }
}
