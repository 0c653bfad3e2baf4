use std::fmt;

use super::error::KeyError;
use crate::format::{Digest, Hex};
use crate::token;

/// Why a card does not sign.
#[derive(Debug, thiserror::Error)]
pub enum CardError {
    /// PKCS#11, or the card itself.
    #[error(transparent)]
    Token(#[from] token::Error),
    /// The statement is not for the card's key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// No initialised token is the one that was meant.
    #[error("no card in a reader is the one that is meant; the module shows {}", Cards(shown))]
    NoCard {
        /// Serial number and label of each card.
        shown: Vec<(String, String)>,
    },
    /// Several initialised tokens could be meant.
    #[error("several cards could be meant; the module shows {}", Cards(shown))]
    SeveralCards {
        /// Serial number and label of each card.
        shown: Vec<(String, String)>,
    },
    /// Nothing that could stand on a roster: no such label or ID, another kind of key, or a weak one.
    #[error("the card shows no key that could sign statements")]
    NoKey,
    /// It is not said which key is meant.
    #[error("the card shows several keys: {}", Keys(keys))]
    SeveralKeys {
        /// CKA_LABEL and CKA_ID of each.
        keys: Vec<(String, Hex)>,
    },
    /// The statement names a key that is not here.
    #[error(
        "the statement is for the key with SHA-256 {statement}, which is none of the {shown} keys that the card shows"
    )]
    OtherKeys {
        /// SHA-256 of the SubjectPublicKeyInfo that the statement names.
        statement: Digest,
        /// How many keys the card shows that could sign statements.
        shown: usize,
    },
    /// What the card gave does not verify.
    #[error("the signature that the card made does not verify")]
    BadSignature,
    /// The built-in profile for any device is missing.
    #[error("the device profile `generic` is missing")]
    Profile,
}

struct Cards<'c>(&'c [(String, String)]);

impl fmt::Display for Cards<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("none");
        }
        for (place, (serial, label)) in self.0.iter().enumerate() {
            let separator = if place == 0 { "" } else { ", " };
            write!(f, "{separator}`{}` (label `{}`)", serial.escape_debug(), label.escape_debug())?;
        }
        Ok(())
    }
}

struct Keys<'k>(&'k [(String, Hex)]);

impl fmt::Display for Keys<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (label, id)) in self.0.iter().enumerate() {
            let separator = if place == 0 { "" } else { ", " };
            write!(f, "{separator}`{}` (ID {id})", label.escape_debug())?;
        }
        Ok(())
    }
}
