use std::fmt;

use base64ct::{Base64 as Codec, Encoding};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Bytes written as lower-case hexadecimal.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hex(pub Vec<u8>);

/// Bytes written as padded standard base64 on one line (RFC 4648 section 4).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Base64(pub Vec<u8>);

impl Hex {
    /// Reads lower-case hexadecimal of any even length.
    pub fn parse(text: &str) -> Option<Self> {
        base16ct::lower::decode_vec(text).ok().map(Self)
    }
}

impl fmt::Display for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base16ct::lower::encode_string(&self.0))
    }
}

impl fmt::Debug for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Base64 {
    /// Reads padded standard base64 without line breaks.
    pub fn parse(text: &str) -> Option<Self> {
        Codec::decode_vec(text).ok().map(Self)
    }
}

impl fmt::Display for Base64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Codec::encode_string(&self.0))
    }
}

impl fmt::Debug for Base64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Serialises through `Display` and reads through a `parse` that answers `None` on a wrong spelling.
macro_rules! serde_by_text {
    ($type:ty, $parse:expr, $expected:literal) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                $parse(&text).ok_or_else(|| de::Error::custom(concat!("expected ", $expected)))
            }
        }
    };
}
pub(super) use serde_by_text;

serde_by_text!(Hex, Hex::parse, "lower-case hexadecimal");
serde_by_text!(Base64, Base64::parse, "padded base64 on one line");
