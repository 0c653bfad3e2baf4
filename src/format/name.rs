use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A short identifier: a lower-case letter, then letters, digits and single hyphens, 40 characters at most.
///
/// Steps, people, tokens, ceremonies and authorities are named so: the same spelling is safe as a file name, as
/// a line of a statement and when it is read aloud.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

/// Why a text is no [`Name`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// No characters at all.
    #[error("a name needs at least one character")]
    Empty,
    /// Longer than 40 characters.
    #[error("a name has at most 40 characters, this one has {length}")]
    TooLong {
        /// How many characters it has.
        length: usize,
    },
    /// A character outside `a-z`, `0-9` and `-`, or one in a place where it may not stand.
    #[error(
        "`{found}` may not stand at place {place}: a name is a lower-case letter, then letters, digits and single hyphens"
    )]
    Character {
        /// Counted from 1.
        place: usize,
        /// The character, escaped.
        found: String,
    },
}

impl Name {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let length = text.chars().count();
        if length == 0 {
            return Err(NameError::Empty);
        }
        if length > 40 {
            return Err(NameError::TooLong { length });
        }
        let mut previous = None;
        for (place, character) in text.chars().enumerate() {
            let fits = match character {
                'a'..='z' => true,
                '0'..='9' => previous.is_some(),
                '-' => previous.is_some_and(|before| before != '-') && place + 1 < length,
                _ => false,
            };
            if !fits {
                return Err(NameError::Character {
                    place: place + 1,
                    found: character.escape_default().to_string(),
                });
            }
            previous = Some(character);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_safe_as_a_file_and_as_a_line() {
        for good in ["a", "root-g1", "officer-a", "x0"] {
            assert!(good.parse::<Name>().is_ok(), "{good}");
        }
        for bad in ["", "0a", "-a", "a-", "a--b", "A", "a b", "a/b", "..", "a\u{202e}", &"a".repeat(41)] {
            assert!(bad.parse::<Name>().is_err(), "{bad:?}");
        }
    }
}
