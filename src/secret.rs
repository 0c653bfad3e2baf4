//! Secrets: no `Debug`, `Display`, `Clone` or `Serialize`; wiped when dropped.
//!
//! Each type has its own word for reading it, so that `tests/boundaries.rs` can say where each may be read.

use std::hint::black_box;

use zeroize::{Zeroize as _, Zeroizing};

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
///
/// On the heap, where it stays when this is moved: a moved array would leave its bytes behind.
pub struct QuorumSecret(Box<Zeroizing<[u8; 32]>>);

impl QuorumSecret {
    /// Takes the bytes over.
    pub fn new(bytes: Zeroizing<[u8; 32]>) -> Self {
        let mut own = Box::new(Zeroizing::new([0; 32]));
        own.copy_from_slice(bytes.as_slice());
        Self(own)
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

/// Deeper than any computation with a secret goes, in bytes.
const STACK_OF_A_COMPUTATION: usize = 128 << 10;

/// Overwrites what finished calls left on the stack below the caller.
///
/// Hash functions, moved values and a token's module leave copies of secrets there that no destructor reaches. The
/// terminal calls this before it waits for a person: from then on nobody knows how long the memory stays as it is.
#[inline(never)]
pub fn wipe_stack() {
    let mut below = [0u8; STACK_OF_A_COMPUTATION];
    below.zeroize();
    black_box(&below);
}
