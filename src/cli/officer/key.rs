use std::path::PathBuf;

#[cfg(feature = "ceremony")]
use super::card;
use super::files::read;
use crate::cli::args::OfficerSignArguments;
use crate::cli::console::Console;
use crate::cli::failure::Failure;
use crate::cli::passphrase;
use crate::format::Statement;
use crate::host;
#[cfg(feature = "ceremony")]
use crate::officer::Card;
use crate::officer::{KeyError, OfficerKey};

/// The key that signs, still locked.
pub(super) struct Key<'a> {
    arguments: &'a OfficerSignArguments,
    place: Place,
}

enum Place {
    File {
        path: PathBuf,
        pem: Vec<u8>,
    },
    #[cfg(feature = "ceremony")]
    Card(Card),
}

impl<'a> Key<'a> {
    /// What the arguments name. Comes first: for a card's module the program may have to start anew.
    pub(super) fn open(arguments: &'a OfficerSignArguments, console: &mut Console) -> Result<Self, Failure> {
        #[cfg(feature = "ceremony")]
        if let Some(card) = card::open(&arguments.card, console)? {
            return Ok(Self { arguments, place: Place::Card(card) });
        }
        #[cfg(not(feature = "ceremony"))]
        let _ = console;
        let path = arguments.key.clone().ok_or_else(|| {
            Failure::usage("no key is named", "give --key FILE with your key file, or --card MODULE")
        })?;
        let pem = read(&path, "the key file")?;
        Ok(Self { arguments, place: Place::File { path, pem } })
    }

    /// Refuses a statement that no key on the card could sign, before the person is asked for anything. A key file says
    /// only after it is unlocked which key it has.
    #[cfg(feature = "ceremony")]
    pub(super) fn must_fit(&self, statement: &Statement) -> Result<(), Failure> {
        match &self.place {
            Place::File { .. } => Ok(()),
            Place::Card(card) => {
                let wanted = self.arguments.card.card_key.as_deref();
                card.key_for(statement, wanted).map(drop).map_err(card::failure)
            }
        }
    }

    /// Asks for the passphrase or the PIN, and signs.
    pub(super) fn sign(self, statement: &Statement, console: &mut Console) -> Result<Vec<u8>, Failure> {
        #[cfg(not(feature = "ceremony"))]
        let _ = console;
        let file = self.arguments.passphrase_file.as_deref();
        match self.place {
            Place::File { path, pem } => {
                let passphrase = match file {
                    Some(file) => passphrase::read(file)?,
                    None => passphrase::ask(&format!("Passphrase of {}: ", path.display()))?,
                };
                let key = OfficerKey::unlock(&pem, &passphrase).map_err(cannot_sign)?;
                key.sign(statement, &mut |bytes| host::fill_random(bytes).is_ok()).map_err(cannot_sign)
            }
            #[cfg(feature = "ceremony")]
            Place::Card(mut card) => {
                let wanted = self.arguments.card.card_key.as_deref();
                let key = card.key_for(statement, wanted).map_err(card::failure)?;
                let pin = card::log_in(&mut card, &self.arguments.card, file, console)?;
                card.sign(&key, statement, pin.entry()).map_err(card::failure)
            }
        }
    }
}

fn cannot_sign(error: KeyError) -> Failure {
    match error {
        KeyError::NotPem | KeyError::Label { .. } | KeyError::UnknownEncryption | KeyError::UnknownKey => {
            Failure::usage(error, "use the file that `anchorite officer new` wrote")
        }
        KeyError::WrongPassphrase => Failure::refused(error, "try again; nothing was written"),
        KeyError::OtherKey { .. } | KeyError::OtherAlgorithm { .. } => Failure::refused(
            error,
            "use the key that the statement names, or find out whose statement this is",
        ),
        KeyError::BadSignature | KeyError::NoRandomness => Failure::token(error, "sign on another machine"),
        KeyError::ShortPassphrase { .. }
        | KeyError::UnusableScalar
        | KeyError::Public(_)
        | KeyError::MadeElsewhere { .. }
        | KeyError::Encoding => Failure::refused(error, "make a new key"),
    }
}
