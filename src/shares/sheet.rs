use std::io::{self, Write};

use zeroize::Zeroizing;

use super::slip39::WORDS_PER_SHARE;
use crate::format::{Digest, Name, ShareCommitment, ShareSetName, SharesSplit};
use crate::secret::ShareWords;

const COLUMNS: usize = 3;
/// Enough for every sheet, so that its text never moves and leaves a copy behind.
const CAPACITY: usize = 4096;

const HOW_TO_CHECK: &str = "\
To check this sheet, give the words when anchorite asks for this share: it says
which word is wrong. The check words begin the SHA-256 of five lines, each ended
by a line feed: anchorite-share/v1; the ceremony; the set id; the number of the
share; the words in order with single spaces.
";

const TAMPER_BAG: &str = "                    +----------------------------------------+
tamper-bag number   |                                        |
                    +----------------------------------------+
";

/// The paper of one holder: the words of the share and what tells it from every other. Wiped when dropped.
pub struct Sheet<'a> {
    set: ShareSetName,
    epoch: u32,
    holder: &'a Name,
    index: u8,
    text: Zeroizing<String>,
}

impl<'a> Sheet<'a> {
    /// The sheet of one share of `split`.
    pub(super) fn new(
        authority: &Name,
        ceremony: &Digest,
        split: &'a SharesSplit,
        share: &'a ShareCommitment,
        words: &ShareWords,
    ) -> Self {
        let SharesSplit { step, set, set_id, epoch, threshold, shares, .. } = split;
        let ShareCommitment { index, holder, commitment } = share;
        let mut text = Zeroizing::new(String::with_capacity(CAPACITY));
        text.push_str(&format!(
            "SHARE OF A QUORUM SECRET\n\n\
             authority     {authority}\n\
             ceremony      {ceremony}\n\
             step          {step}\n\
             set           {set}, epoch {epoch}\n\
             set id        {set_id}\n\
             share         {index} of {count}, any {threshold} are needed\n\
             holder        {holder}\n\n",
            count = shares.len(),
        ));
        push_columns(&mut text, words);
        text.push_str(&format!("\ncheck words   {}\n\n{HOW_TO_CHECK}\n{TAMPER_BAG}", groups(commitment)));
        Self { set: *set, epoch: *epoch, holder, index: *index, text }
    }

    /// Of which set.
    pub fn set(&self) -> ShareSetName {
        self.set
    }

    /// The set's epoch.
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// For whose eyes only.
    pub fn holder(&self) -> &Name {
        self.holder
    }

    /// Of the share, counted from 1.
    pub fn index(&self) -> u8 {
        self.index
    }

    /// For the proof that what is printed works.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Writes the sheet: ASCII lines of at most 80 characters. [`words_from_sheet`] reads the words back.
    ///
    /// # Errors
    /// What `output` fails with.
    pub fn write_to(&self, output: &mut dyn Write) -> io::Result<()> {
        output.write_all(self.text.as_bytes())
    }
}

/// The words that stand on a sheet, in the order of their numbers; `None` unless each number is there once.
///
/// Whether they are words at all is judged where they are entered.
pub fn words_from_sheet(text: &str) -> Option<ShareWords> {
    let mut words = [None; WORDS_PER_SHARE];
    let mut tokens = text.split_whitespace();
    while let Some(token) = tokens.next() {
        let number = token.strip_suffix('.').and_then(|number| number.parse::<usize>().ok());
        if let Some(number) = number {
            let place = words.get_mut(number.checked_sub(1)?)?;
            if place.replace(tokens.next()?).is_some() {
                return None;
            }
        }
    }
    let mut joined = Zeroizing::new(String::with_capacity(text.len()));
    for word in words {
        if !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(word?);
    }
    Some(ShareWords::new(joined))
}

/// Numbered words, downwards in three columns.
fn push_columns(text: &mut String, words: &ShareWords) {
    let words = words.expose_words();
    let rows = words.split(' ').count().div_ceil(COLUMNS);
    for row in 0..rows {
        for (place, word) in words.split(' ').enumerate().skip(row).step_by(rows) {
            let number = place + 1;
            text.push_str("   ");
            text.push_str(&format!("{number:>2}. "));
            text.push_str(word);
            if place + rows < WORDS_PER_SHARE {
                text.extend(std::iter::repeat_n(' ', 10usize.saturating_sub(word.len())));
            }
        }
        text.push('\n');
    }
}

/// The first 16 octets of a commitment as eight groups of four digits.
fn groups(commitment: &Digest) -> String {
    let digits = commitment.to_string();
    let groups = (0..8).filter_map(|group| digits.get(group * 4..group * 4 + 4));
    groups.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(numbers: impl Iterator<Item = usize>) -> String {
        numbers.map(|number| format!("{number:>2}. word{number}\n")).collect()
    }

    #[test]
    fn words_are_read_by_their_numbers_in_any_layout() {
        let words = words_from_sheet(&numbered((1..=33).rev())).unwrap();
        let expected: Vec<String> = (1..=33).map(|number| format!("word{number}")).collect();
        assert_eq!(words.expose_words(), expected.join(" "));
    }

    #[test]
    fn a_sheet_with_a_number_missing_doubled_or_too_many_is_none() {
        for numbers in [(1..=32).collect::<Vec<_>>(), (0..=33).collect(), (1..=34).collect(), vec![]] {
            assert!(words_from_sheet(&numbered(numbers.into_iter())).is_none());
        }
        assert!(words_from_sheet(&(numbered(1..=33) + "7. word7")).is_none());
        assert!(words_from_sheet(&(numbered(1..=32) + "33.")).is_none());
    }
}
