//! The words of one share as they are typed: what each key does, and nothing about the screen.

use zeroize::{Zeroize as _, Zeroizing};

use super::keys::Key;
use crate::secret::ShareWords;
use crate::shares::{Completion, WORDS_PER_SHARE, Word};

/// More letters than the longest word has, so that one too many is seen as a mistake.
const MOST_LETTERS: usize = 12;
/// Letters of the longest word, and a space.
const BYTES_PER_WORD: usize = 9;

/// 33 places for words, and the letters of the one that is being typed. Wiped when dropped; grows nowhere.
pub(crate) struct WordEntry {
    words: Zeroizing<Vec<Option<Word>>>,
    /// Places where something was pasted that is no word.
    wrong: Vec<bool>,
    /// The place that is being typed, from 0.
    at: usize,
    /// The place that was asked for again: when it is right, the person need not walk through the others.
    suspect: Option<usize>,
    letters: Zeroizing<String>,
    /// Whether the letters are shown instead of dots.
    shown: bool,
    /// Said to the person until the next word.
    message: Option<String>,
}

/// What stands in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// A word of the list.
    Word,
    /// Something that is no word.
    Wrong,
    /// Nothing.
    Empty,
}

impl WordEntry {
    /// No word yet; `message` is what the person is told first.
    pub(crate) fn new(message: Option<String>) -> Self {
        let mut words = Zeroizing::new(Vec::with_capacity(WORDS_PER_SHARE));
        words.resize(WORDS_PER_SHARE, None);
        Self {
            words,
            wrong: vec![false; WORDS_PER_SHARE],
            at: 0,
            suspect: None,
            letters: Zeroizing::new(String::with_capacity(MOST_LETTERS)),
            shown: false,
            message,
        }
    }

    /// Goes back to a word, counted from 1, with every word kept: the words do not fit together.
    pub(crate) fn look_again(&mut self, position: Option<usize>, message: String) {
        self.suspect = position.and_then(|position| position.checked_sub(1));
        self.go(self.suspect.unwrap_or(0));
        self.shown = false;
        self.message = Some(message);
    }

    /// What a key does; answers with the words when all of them are there. `pasted` says that more keys came with this one: then nobody watches word by word, and what
    /// is no word is marked and passed over instead of waited for.
    pub(crate) fn press(&mut self, key: Key, pasted: bool) -> Option<ShareWords> {
        match key {
            Key::Text(b' ') => return self.next_word(pasted, false),
            // In what is pasted, a line's end is a space.
            Key::Enter => return self.next_word(pasted, !pasted),
            Key::Text(letter) if letter.is_ascii_alphabetic() => self.letter(letter),
            Key::Erase => self.erase(),
            Key::EraseLine => self.letters.zeroize(),
            Key::Left => self.go(self.at.saturating_sub(1)),
            Key::Right if self.mark(self.at) != Mark::Empty && self.letters.is_empty() => {
                self.go(self.at + 1)
            }
            Key::Tab => self.shown = !self.shown,
            Key::Text(_) | Key::Right | Key::Interrupt | Key::End => {}
        }
        None
    }

    fn share(&self) -> Option<ShareWords> {
        let mut text = Zeroizing::new(String::with_capacity(WORDS_PER_SHARE * BYTES_PER_WORD));
        for word in self.words.iter() {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str((*word)?.as_str());
        }
        Some(ShareWords::new(text))
    }

    /// The place that is being typed, counted from 1.
    pub(crate) fn position(&self) -> usize {
        self.at + 1
    }

    /// What stands in each place.
    pub(crate) fn marks(&self) -> impl Iterator<Item = Mark> {
        (0..WORDS_PER_SHARE).map(|place| self.mark(place))
    }

    /// The word in this place, unless letters replace it.
    pub(crate) fn word(&self) -> Option<Word> {
        self.words.get(self.at).copied().flatten().filter(|_| self.letters.is_empty())
    }

    /// The letters typed so far.
    pub(crate) fn letters(&self) -> &str {
        &self.letters
    }

    /// What these letters can become.
    pub(crate) fn completion(&self) -> Completion {
        Word::completion(&self.letters)
    }

    /// Whether this place is shown in letters.
    pub(crate) fn shown(&self) -> bool {
        self.shown
    }

    /// What the person has to be told.
    pub(crate) fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    fn letter(&mut self, letter: u8) {
        if self.letters.len() < MOST_LETTERS {
            self.letters.push(char::from(letter.to_ascii_lowercase()));
        }
    }

    fn erase(&mut self) {
        if let Some(last) = self.letters.len().checked_sub(1) {
            self.letters.truncate(last);
        } else if self.mark(self.at) == Mark::Empty {
            self.go(self.at.saturating_sub(1));
        } else {
            self.set(None, false);
        }
    }

    /// `hand_over` asks for the words as soon as all of them are there, wherever the person is.
    fn next_word(&mut self, pasted: bool, hand_over: bool) -> Option<ShareWords> {
        let position = self.position();
        if !self.letters.is_empty() {
            match self.completion() {
                Completion::One(word) => self.set(Some(word), false),
                Completion::None | Completion::Several if pasted => self.set(None, true),
                Completion::None => {
                    self.message =
                        Some(format!("word {position} is not in the list; Backspace, and try again"));
                    return None;
                }
                Completion::Several => {
                    self.message = Some(format!("word {position}: more than one word begins so; type on"));
                    return None;
                }
            }
        } else if self.mark(self.at) == Mark::Empty {
            // Space between words, or a key pressed twice.
            return None;
        }
        let asked_for = self.suspect == Some(self.at) || position == WORDS_PER_SHARE;
        let open = self.marks().position(|mark| mark != Mark::Word);
        match open {
            None if hand_over || asked_for => {
                self.letters.zeroize();
                self.message = None;
                return self.share();
            }
            Some(open) if asked_for => {
                self.suspect = Some(open);
                self.go(open);
                let what = if self.mark(open) == Mark::Wrong { "is not in the list" } else { "is missing" };
                self.message = Some(format!("word {} {what}", self.position()));
            }
            None | Some(_) => self.go(self.at + 1),
        }
        None
    }

    fn mark(&self, place: usize) -> Mark {
        match (self.words.get(place), self.wrong.get(place)) {
            (Some(Some(_)), _) => Mark::Word,
            (_, Some(true)) => Mark::Wrong,
            _ => Mark::Empty,
        }
    }

    fn set(&mut self, word: Option<Word>, wrong: bool) {
        if let (Some(place), Some(mark)) = (self.words.get_mut(self.at), self.wrong.get_mut(self.at)) {
            place.zeroize();
            (*place, *mark) = (word, wrong);
        }
    }

    /// Leaves the letters of this place behind.
    fn go(&mut self, place: usize) {
        self.letters.zeroize();
        self.at = place.min(WORDS_PER_SHARE - 1);
        self.message = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [&str; WORDS_PER_SHARE] = ["academic"; WORDS_PER_SHARE];

    fn type_in(entry: &mut WordEntry, text: &str, pasted: bool) -> Option<ShareWords> {
        let mut progress = None;
        for byte in text.bytes() {
            progress = entry.press(if byte == b'\n' { Key::Enter } else { Key::Text(byte) }, pasted);
        }
        progress
    }

    fn words(entry: &WordEntry) -> String {
        entry.share().unwrap().expose_words().to_owned()
    }

    #[test]
    fn first_letters_are_enough_as_soon_as_they_are_one_words() {
        let mut entry = WordEntry::new(None);
        assert!(type_in(&mut entry, "acad ACID acn\n", false).is_none());
        assert_eq!(entry.position(), 4);
        assert_eq!(
            entry.words.iter().flatten().map(|word| word.as_str()).collect::<Vec<_>>(),
            ["academic", "acid", "acne"]
        );
        type_in(&mut entry, "ac ", false);
        assert_eq!(
            (entry.position(), entry.message()),
            (4, Some("word 4: more than one word begins so; type on"))
        );
        type_in(&mut entry, "rob ", false);
        assert_eq!((entry.position(), entry.message()), (5, None));
    }

    #[test]
    fn what_is_no_word_is_said_at_once_and_the_letters_can_be_changed() {
        let mut entry = WordEntry::new(None);
        type_in(&mut entry, "acadz ", false);
        assert_eq!(entry.message(), Some("word 1 is not in the list; Backspace, and try again"));
        entry.press(Key::Erase, false);
        type_in(&mut entry, " ", false);
        assert_eq!((entry.position(), entry.message()), (2, None));
    }

    #[test]
    fn thirty_three_words_are_complete_however_they_are_pasted() {
        for text in [
            ALL.join(" ") + "\n",
            ALL.join("\n") + "\n",
            format!("  {}  ", ALL.join("   ")),
            "acad ".repeat(33),
        ] {
            let mut entry = WordEntry::new(None);
            let complete = text.bytes().any(|byte| {
                entry.press(if byte == b'\n' { Key::Enter } else { Key::Text(byte) }, true).is_some()
            });
            assert!(complete, "{text:?}");
            assert_eq!(words(&entry), ALL.join(" "));
        }
    }

    #[test]
    fn a_pasted_mistake_is_marked_and_only_that_word_is_typed_again() {
        let mut text = ALL;
        text[4] = "anchorite";
        let mut entry = WordEntry::new(None);
        assert!(type_in(&mut entry, &(text.join(" ") + "\n"), true).is_none());
        assert_eq!((entry.position(), entry.message()), (5, Some("word 5 is not in the list")));
        assert_eq!(entry.marks().filter(|mark| *mark == Mark::Word).count(), 32);
        assert!(type_in(&mut entry, "acid ", false).is_some());
        assert_eq!(words(&entry).split(' ').nth(4), Some("acid"));
    }

    #[test]
    fn a_word_that_does_not_fit_is_typed_again_and_no_other() {
        let mut entry = WordEntry::new(None);
        assert!(type_in(&mut entry, &(ALL.join(" ") + " "), false).is_some());
        entry.look_again(Some(17), "check word 17".to_owned());
        assert_eq!((entry.position(), entry.message()), (17, Some("check word 17")));
        assert_eq!(entry.word().unwrap().as_str(), "academic");
        assert!(type_in(&mut entry, "acid ", false).is_some());
        assert_eq!(words(&entry).matches("acid").count(), 1);
        // Where nobody knows which word it is, Enter hands all of them over, and another paste replaces them.
        entry.look_again(None, String::new());
        assert_eq!(entry.position(), 1);
        assert!(type_in(&mut entry, "acid ", false).is_none());
        assert_eq!(entry.position(), 2);
        assert_eq!(entry.press(Key::Enter, false).unwrap().expose_words().matches("acid").count(), 2);
        entry.look_again(None, String::new());
        assert!(type_in(&mut entry, &ALL.join("\n"), true).is_none());
        assert_eq!(entry.press(Key::Enter, false).unwrap().expose_words(), ALL.join(" "));
    }

    #[test]
    fn backspace_and_the_arrows_go_back_and_forth() {
        let mut entry = WordEntry::new(None);
        type_in(&mut entry, "acad acid acn", false);
        for (key, position, letters, word) in [
            (Key::Erase, 3, "ac", None),
            (Key::EraseLine, 3, "", None),
            // From an empty place to the word before it, which stays until Backspace is pressed once more.
            (Key::Erase, 2, "", Some("acid")),
            (Key::Erase, 2, "", None),
            (Key::Left, 1, "", Some("academic")),
            (Key::Left, 1, "", Some("academic")),
            (Key::Right, 2, "", None),
            // Nothing stands there.
            (Key::Right, 2, "", None),
            (Key::Tab, 2, "", None),
        ] {
            entry.press(key, false);
            assert_eq!((entry.position(), entry.letters()), (position, letters), "{key:?}");
            assert_eq!(entry.word().map(Word::as_str), word, "{key:?}");
        }
        assert!(entry.shown());
    }

    #[test]
    fn a_hole_is_found_at_the_end() {
        let mut entry = WordEntry::new(None);
        type_in(&mut entry, &ALL[..32].join(" "), false);
        type_in(&mut entry, " ", false);
        for _ in 0..2 {
            entry.press(Key::Left, false);
        }
        entry.press(Key::Erase, false);
        entry.go(32);
        assert!(type_in(&mut entry, "acad ", false).is_none());
        assert_eq!((entry.position(), entry.message()), (31, Some("word 31 is missing")));
    }

    #[test]
    fn no_letter_makes_the_buffer_grow() {
        let mut entry = WordEntry::new(None);
        let capacity = entry.letters.capacity();
        type_in(&mut entry, &"a".repeat(100), false);
        assert_eq!((entry.letters.len(), entry.letters.capacity()), (MOST_LETTERS, capacity));
    }
}
