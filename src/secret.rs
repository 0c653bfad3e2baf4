//! Secrets: no `Debug`, `Display`, `Clone` or `Serialize`; wiped when dropped.
//!
//! Each type has its own word for reading it, so that `tests/boundaries.rs` can say where each may be read.

use zeroize::Zeroizing;

/// A token PIN as the bytes that C_Login takes.
pub struct Pin(Zeroizing<Vec<u8>>);

impl Pin {
    /// Takes the bytes over.
    pub fn new(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(bytes)
    }

    /// The bytes, for the call that needs them.
    pub fn expose_pin(&self) -> &[u8] {
        &self.0
    }
}

impl From<Passphrase> for Pin {
    /// What a person typed, or keeps in a file, as the PIN of a card of their own.
    fn from(typed: Passphrase) -> Self {
        Self(Zeroizing::new(typed.0.as_bytes().to_vec()))
    }
}

/// The words of one share, separated by single spaces.
pub struct ShareWords(Zeroizing<String>);

impl ShareWords {
    /// Takes the text over.
    pub fn new(words: Zeroizing<String>) -> Self {
        Self(words)
    }

    /// The words.
    pub fn expose_words(&self) -> &str {
        &self.0
    }
}

/// The 256-bit secret that a quorum of shares rebuilds.
pub struct QuorumSecret(Zeroizing<[u8; 32]>);

impl QuorumSecret {
    /// Takes the bytes over.
    pub fn new(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub fn expose_secret(&self) -> &[u8; 32] {
        &self.0
    }
}

/// What unlocks an officer's key file, or what a holder adds to a quorum secret.
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes the text over.
    pub fn new(text: Zeroizing<String>) -> Self {
        Self(text)
    }

    /// The text.
    pub fn expose_passphrase(&self) -> &str {
        &self.0
    }
}
