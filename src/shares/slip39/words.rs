use std::sync::LazyLock;

use zeroize::{DefaultIsZeroes, Zeroizing};

use crate::secret::ShareWords;

/// The standard's English list: 1024 words in order, each told from the others by its first four letters.
static WORDS: LazyLock<Vec<&'static str>> = LazyLock::new(|| include_str!("english.txt").lines().collect());

/// A word of the SLIP-39 list: ten bits of a share.
///
/// Looking one up takes a time that depends on it: words are typed and printed here, they are not computed with.
#[derive(Clone, Copy, Default)]
pub struct Word(u16);

impl DefaultIsZeroes for Word {}

/// What letters can become.
#[derive(Clone, Copy)]
pub enum Completion {
    /// No word begins like this.
    None,
    /// More than one word begins like this.
    Several,
    /// Only this word does.
    One(Word),
}

impl Word {
    /// The word that `text` is, or begins with at least four letters; upper case counts as lower.
    ///
    /// A guess is never made: `None` for anything that is not the beginning of a word.
    pub fn complete(text: &str) -> Option<Self> {
        let text = Zeroizing::new(text.to_ascii_lowercase());
        let place = WORDS.partition_point(|word| *word < text.as_str());
        let word = WORDS.get(place)?;
        let fits = text.len() >= 4 && word.starts_with(text.as_str());
        fits.then_some(Self(u16::try_from(place).ok()?))
    }

    /// Which words begin with these letters, however few; upper case counts as lower.
    pub fn completion(letters: &str) -> Completion {
        let letters = Zeroizing::new(letters.to_ascii_lowercase());
        let place = WORDS.partition_point(|word| *word < letters.as_str());
        let mut beginning = WORDS.iter().skip(place).take_while(|word| word.starts_with(letters.as_str()));
        match (beginning.next(), beginning.next(), u16::try_from(place)) {
            (Some(_), None, Ok(place)) => Completion::One(Self(place)),
            (Some(_), Some(_), _) => Completion::Several,
            _ => Completion::None,
        }
    }

    /// The word in full.
    pub fn as_str(self) -> &'static str {
        WORDS.get(usize::from(self.0)).copied().unwrap_or_default()
    }
}

/// The ten bits of each word of `text`, words being separated by white space.
///
/// # Errors
/// The place, counted from 1, of the first word that is none.
pub(in crate::shares) fn parse(text: &str) -> Result<Zeroizing<Vec<u16>>, usize> {
    let mut words = Zeroizing::new(Vec::with_capacity(text.split_whitespace().count()));
    for (place, word) in text.split_whitespace().enumerate() {
        let word = Word::complete(word).ok_or(place + 1)?;
        words.push(word.0);
    }
    Ok(words)
}

/// The words of these bits, with single spaces.
pub(super) fn write(bits: &[u16]) -> ShareWords {
    // The longest word has eight letters: the text never grows, so no copy is left behind.
    let mut text = Zeroizing::new(String::with_capacity(bits.len() * 9));
    for &bits in bits {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(Word(bits & 0x03ff).as_str());
    }
    ShareWords::new(text)
}
