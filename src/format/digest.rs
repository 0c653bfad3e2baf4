use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::Digest as _;

use super::hex::serde_by_text;

/// A SHA-256 digest (FIPS 180-4), written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// 32 zero bytes: the `prev` of record 0 and the previous head of the first ceremony.
    pub const ZERO: Self = Self([0; 32]);

    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(sha2::Sha256::digest(bytes).into())
    }

    /// The digest of everything that is left to read.
    ///
    /// # Errors
    /// What the reader says.
    pub fn of_all(mut bytes: impl std::io::Read) -> std::io::Result<Self> {
        let mut hash = sha2::Sha256::new();
        let mut part = [0; 16_384];
        loop {
            match bytes.read(&mut part)? {
                0 => return Ok(Self(hash.finalize().into())),
                length => hash.update(part.get(..length).unwrap_or_default()),
            }
        }
    }

    /// The digest that these 32 bytes are.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads exactly 64 lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let decoded = base16ct::lower::decode(text, &mut bytes).ok()?.len();
        (decoded == 32 && text.len() == 64).then_some(Self(bytes))
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&base16ct::lower::encode_string(&self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A SHA-512 digest, written as 128 lower-case hexadecimal digits.
///
/// Seals carry one beside the SHA-256 digest of the log, so that a break of one construction does not reopen
/// old records.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Digest512([u8; 64]);

impl Digest512 {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(sha2::Sha512::digest(bytes).into())
    }

    /// Reads exactly 128 lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 64];
        let decoded = base16ct::lower::decode(text, &mut bytes).ok()?.len();
        (decoded == 64 && text.len() == 128).then_some(Self(bytes))
    }
}

impl fmt::Display for Digest512 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base16ct::lower::encode_string(&self.0))
    }
}

impl fmt::Debug for Digest512 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

serde_by_text!(Digest, Digest::parse, "64 lower-case hexadecimal digits");
serde_by_text!(Digest512, Digest512::parse, "128 lower-case hexadecimal digits");
