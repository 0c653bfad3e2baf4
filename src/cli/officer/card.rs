use std::collections::BTreeMap;
use std::path::Path;

use crate::cli::args::CardArguments;
use crate::cli::console::{Console, Mark};
use crate::cli::failure::Failure;
use crate::cli::{passphrase, reexec};
use crate::format::{PinOwner, PinState};
use crate::officer::{Card, CardAddress, CardError, KeyError};
use crate::secret::Pin;
use crate::token::{Category, Error, Module, PinEntry};

/// How the person gave the PIN, kept for a key that wants it once more.
pub(super) enum GivenPin {
    Typed(Pin),
    OnDevice,
}

impl GivenPin {
    pub(super) fn entry(&self) -> PinEntry<'_> {
        match self {
            Self::Typed(pin) => PinEntry::Typed(pin),
            Self::OnDevice => PinEntry::OnDevice,
        }
    }
}

/// Opens the card that the arguments mean; `None` where they mean none.
///
/// Comes before any question: a module sees only the variables that it was given, so the program starts anew here when
/// there are others.
pub(super) fn open(arguments: &CardArguments, console: &mut Console) -> Result<Option<Card>, Failure> {
    let Some(path) = &arguments.card else { return Ok(None) };
    reexec::with_only(&arguments.card_variables.iter().cloned().collect::<BTreeMap<_, _>>())?;
    let module = Module::load(path, None)?;
    let address = match (&arguments.card_serial, &arguments.card_label) {
        (Some(serial), _) => CardAddress::Serial(serial.clone()),
        (None, Some(label)) => CardAddress::Label(label.clone()),
        (None, None) => CardAddress::Only,
    };
    let card = Card::open(&module, &address).map_err(failure)?;
    let found = card.describe().map_err(failure)?;
    console.note(format!(
        "card    `{}`, serial `{}`, {} {}\nmodule  {}, SHA-256 {}",
        found.label.escape_debug(),
        found.serial.escape_debug(),
        found.manufacturer.escape_debug(),
        found.model.escape_debug(),
        path.display().to_string().escape_debug(),
        module.sha256(),
    ));
    Ok(Some(card))
}

/// Says how the PIN stands, asks for it and logs in, once.
pub(super) fn log_in(
    card: &mut Card,
    arguments: &CardArguments,
    pin_file: Option<&Path>,
    console: &mut Console,
) -> Result<GivenPin, Failure> {
    let found = card.describe().map_err(failure)?;
    let insists = arguments.final_try;
    let warning = match found.user_pin {
        PinState::Ok => None,
        PinState::CountLow => Some("a wrong PIN was given since the last right one"),
        PinState::ToBeChanged => Some("the card asks for its PIN to be changed"),
        PinState::FinalTry if insists => Some("the next wrong PIN locks the card"),
        // Before anything is typed for nothing.
        PinState::FinalTry => {
            return Err(failure(Error::FinalTry { owner: PinOwner::User }.into()));
        }
        PinState::Locked => {
            return Err(failure(Error::Locked { owner: PinOwner::User }.into()));
        }
    };
    if let Some(warning) = warning {
        console.note(console.marked(Mark::Warn, format!("Careful: {warning}.")));
    }
    let pin = if found.protected_authentication_path {
        console
            .note("Type the PIN on the reader's own keys. Some keys want it twice: to log in and to sign.");
        GivenPin::OnDevice
    } else {
        let typed = match pin_file {
            Some(file) => passphrase::read(file)?,
            None => passphrase::ask(&format!("PIN of the card `{}`: ", found.label.escape_debug()))?,
        };
        GivenPin::Typed(typed.into())
    };
    card.log_in(pin.entry(), insists).map_err(|error| refused_login(error, card))?;
    Ok(pin)
}

/// After a wrong PIN the person learns what is left.
fn refused_login(error: CardError, card: &Card) -> Failure {
    let wrong = matches!(&error, CardError::Token(error) if error.category() == Some(Category::PinIncorrect));
    if !wrong {
        return failure(error);
    }
    let left = match card.describe().map(|found| found.user_pin) {
        Ok(PinState::Locked) => "the card is locked now: its PUK or security officer sets a new PIN",
        Ok(PinState::FinalTry) => {
            "one more wrong PIN locks the card; it is not tried again without --final-try"
        }
        Ok(_) | Err(_) => "check that this is your card and try again; each wrong PIN is counted",
    };
    Failure::refused(format!("{error}; nothing was signed"), left)
}

/// What happened and what to do.
pub(super) fn failure(error: CardError) -> Failure {
    let remedy = match &error {
        CardError::Token(Error::FinalTry { .. }) => {
            "find the right PIN first; only then insist with --final-try, because a wrong one locks the card".to_owned()
        }
        CardError::Token(Error::Locked { .. }) => {
            "the card's PUK or security officer sets a new PIN".to_owned()
        }
        CardError::Token(Error::Pkcs11 { .. } | Error::NoKey { .. } | Error::AmbiguousKey { .. }) => {
            "see with `anchorite token list` and the card maker's tools what the card holds and allows".to_owned()
        }
        CardError::Token(error) => error.remedy().to_owned(),
        CardError::Key(KeyError::OtherKey { .. } | KeyError::OtherAlgorithm { .. })
        | CardError::OtherKeys { .. } => {
            "put in the card that holds the key which the statement names, or find out whose statement this is".to_owned()
        }
        CardError::Key(_) | CardError::BadSignature | CardError::Profile => {
            "sign with another card, or on another machine".to_owned()
        }
        CardError::NoCard { .. } | CardError::SeveralCards { .. } => {
            "put the card in and name it with --card-serial or --card-label; the module may need --card-variable".to_owned()
        }
        CardError::NoKey => {
            "name the key with --card-key, or make one with `anchorite officer new --card MODULE --generate`".to_owned()
        }
        CardError::SeveralKeys { .. } => "name one of them with --card-key".to_owned(),
    };
    match &error {
        CardError::Token(Error::FinalTry { .. } | Error::Locked { .. })
        | CardError::Key(_)
        | CardError::OtherKeys { .. } => Failure::refused(error, remedy),
        CardError::SeveralCards { .. } | CardError::SeveralKeys { .. } => Failure::usage(error, remedy),
        _ => Failure::token(error, remedy),
    }
}
