use std::io;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter, Serializer};

use super::{Magic, Mode, OtherMode};

/// Why bytes are not the one JSON encoding of a value.
#[derive(Debug, thiserror::Error)]
pub enum JsonError {
    /// Not JSON, or not of this type: an unknown or missing member, a wrong word, a number out of range.
    #[error("{reason} (line {line}, column {column})")]
    Shape {
        /// What the parser says.
        reason: String,
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// A value that JSON cannot hold; no type of this crate has one.
    #[error("this value has no JSON form")]
    Unwritable,
    /// Of a rehearsal where a ceremony is read, or the other way round.
    #[error(transparent)]
    OtherMode(#[from] OtherMode),
    /// Right in meaning, but spelled in another way than the one that is written.
    #[error("byte {offset} is not what the encoding of the same value has there")]
    NotCanonical {
        /// The first byte that differs, counted from 0.
        offset: usize,
    },
}

/// The one encoding of `value`: members in the order of declaration, no white space, bytes 0x20 to 0x7e only.
///
/// serde_json leaves characters above 0x7e as they are; here each is `\uXXXX`, so that a record can be read
/// on any terminal and carries no bidirectional or invisible character.
///
/// # Errors
/// [`JsonError::Unwritable`] for a map with keys that are no strings, or a float that is no number.
pub fn to_json<T: Serialize>(value: &T) -> Result<Vec<u8>, JsonError> {
    let mut bytes = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut bytes, Ascii(CompactFormatter));
    value.serialize(&mut serializer).map_err(|_| JsonError::Unwritable)?;
    Ok(bytes)
}

/// Demands that `found` is what a format is called in that mode.
///
/// # Errors
/// [`JsonError::OtherMode`], or [`JsonError::Shape`] for another format or version.
pub(super) fn demand_format(what: &str, magic: Magic, found: &str, mode: Mode) -> Result<(), JsonError> {
    match magic.mode(found) {
        Some(found) => Ok(mode.demand(found)?),
        None => {
            let reason = format!("the format of {what} is not `{}`", magic.of(mode));
            Err(JsonError::Shape { reason, line: 1, column: 1 })
        }
    }
}

/// Reads a value from its one encoding; any other spelling, a duplicate member among them, is refused.
///
/// # Errors
/// [`JsonError::Shape`] or [`JsonError::NotCanonical`].
pub fn from_json<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonError> {
    let value: T = serde_json::from_slice(bytes).map_err(|error| JsonError::Shape {
        reason: error.to_string().split(" at line ").next().unwrap_or_default().to_owned(),
        line: error.line(),
        column: error.column(),
    })?;
    let encoded = to_json(&value)?;
    if encoded != bytes {
        let offset = encoded.iter().zip(bytes).take_while(|(ours, theirs)| ours == theirs).count();
        return Err(JsonError::NotCanonical { offset });
    }
    Ok(value)
}

struct Ascii(CompactFormatter);

impl Formatter for Ascii {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        for character in fragment.chars() {
            if matches!(character, ' '..='~') {
                writer.write_all(&[character as u8])?;
            } else {
                let mut units = [0; 2];
                for unit in character.encode_utf16(&mut units) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
        }
        Ok(())
    }

    fn write_char_escape<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        self.0.write_char_escape(writer, escape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_printable_ascii_leaves() {
        let text = "a\u{7f}\u{202e}ä\u{1f511}\n\"\\";
        let bytes = to_json(&text).unwrap();
        assert_eq!(bytes, br#""a\u007f\u202e\u00e4\ud83d\udd11\n\"\\""#);
        assert_eq!(from_json::<String>(&bytes).unwrap(), text);
    }

    #[test]
    fn a_second_spelling_is_refused() {
        for other in [r#""\u0061""#, " \"a\"", "\"ä\"", "\"a\"\n"] {
            assert!(from_json::<String>(other.as_bytes()).is_err(), "{other}");
        }
        assert!(matches!(from_json::<u64>(b"1.0"), Err(JsonError::Shape { .. })));
    }
}
