use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::format::{Digest, TokenAddress};

use super::description::TokenDescription;
use super::error::Error;
use super::image::Image;
use super::library::Library;
use super::mechanism::Mechanism;
use super::profile::DeviceProfile;
use super::session::Token;

/// A loaded and initialised PKCS#11 module: native code in this process, which will see PINs.
///
/// One at a time: what PKCS#11 keeps for an application, its logins above all, it keeps for a process.
pub struct Module {
    path: PathBuf,
    library: Arc<Library>,
}

impl Module {
    /// Hashes the module, compares the digest with what is expected, and only then loads and initialises it.
    ///
    /// What is loaded is a sealed copy in memory of the bytes that were hashed (memfd_create(2)), so nothing can
    /// be put in the file's place in between. Not covered are the libraries that the module needs itself. A
    /// module that finds those, or its configuration, relative to its own path does not find them this way.
    ///
    /// # Errors
    /// [`Error::ModuleFile`], [`Error::ModuleDigest`] and [`Error::SecondModule`] before anything is loaded;
    /// [`Error::ModuleLoad`]; [`Error::Pkcs11`] from C_GetFunctionList or C_Initialize.
    pub fn load(path: &Path, expected: Option<&Digest>) -> Result<Self, Error> {
        let image = Image::read(path, expected)?;
        Ok(Self { path: path.to_owned(), library: Arc::new(Library::load(path, image)?) })
    }

    /// SHA-256 of the file that was loaded.
    pub fn sha256(&self) -> Digest {
        self.library.sha256()
    }

    /// Where the file was read from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Every token that is present, in the module's order.
    ///
    /// # Errors
    /// [`Error::Pkcs11`].
    pub fn tokens(&self) -> Result<Vec<TokenDescription>, Error> {
        self.library
            .pkcs11
            .get_slots_with_token()?
            .into_iter()
            .map(|slot| self.library.describe(slot.id()))
            .collect()
    }

    /// The one token that the address means; nothing is opened.
    ///
    /// # Errors
    /// [`Error::NoToken`], [`Error::Ambiguous`], [`Error::Pkcs11`].
    pub fn find(&self, address: &TokenAddress) -> Result<TokenDescription, Error> {
        select(self.tokens()?, address)
    }

    /// The mechanisms of a token that [`Module::tokens`] gave, in ascending order.
    ///
    /// # Errors
    /// [`Error::Pkcs11`].
    pub fn mechanisms(&self, token: &TokenDescription) -> Result<Vec<Mechanism>, Error> {
        self.library.mechanisms(token.slot_id)
    }

    /// Opens the one token that the address means.
    ///
    /// # Errors
    /// [`Error::NoToken`], [`Error::Ambiguous`], [`Error::Pkcs11`].
    pub fn open(&self, address: &TokenAddress, profile: &DeviceProfile) -> Result<Token, Error> {
        Token::open(Arc::clone(&self.library), &self.find(address)?, profile.clone())
    }
}

fn select(tokens: Vec<TokenDescription>, address: &TokenAddress) -> Result<TokenDescription, Error> {
    let (mut meant, candidates): (Vec<_>, Vec<_>) = tokens.into_iter().partition(|token| token.has(address));
    let count = meant.len();
    match (meant.pop(), count) {
        (Some(token), 1) => Ok(token),
        (None, _) => Err(Error::NoToken { address: address.clone(), candidates }),
        (Some(_), count) => Err(Error::Ambiguous { address: address.clone(), count }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::PinState;

    fn token(serial: &str, initialised: bool) -> TokenDescription {
        TokenDescription {
            slot_id: 7,
            slot_description: String::new(),
            serial: serial.to_owned(),
            label: "root".to_owned(),
            manufacturer: "Kryoptic Project".to_owned(),
            model: "v1".to_owned(),
            hardware: "0.0".to_owned(),
            firmware: "0.0".to_owned(),
            initialised,
            user_pin_set: initialised,
            login_required: true,
            protected_authentication_path: false,
            write_protected: false,
            user_pin: PinState::Ok,
            so_pin: PinState::Ok,
            pin_min: 4,
            pin_max: 32,
        }
    }

    #[test]
    fn an_address_means_exactly_one_token_or_none() {
        let serial = |text: &str| TokenAddress::Serial(text.to_owned());
        let shelf = vec![token("1", true), token("2", true), token("2", true), token("", false)];
        assert_eq!(select(shelf.clone(), &serial("1")).unwrap(), token("1", true));
        assert_eq!(select(shelf.clone(), &TokenAddress::Blank).unwrap(), token("", false));
        assert!(matches!(select(shelf.clone(), &serial("2")), Err(Error::Ambiguous { count: 2, .. })));
        assert!(matches!(
            select(shelf, &serial("3")),
            Err(Error::NoToken { candidates, .. }) if candidates.len() == 4
        ));
        let blank = vec![token("", false), token("9", false)];
        assert!(matches!(select(blank, &TokenAddress::Blank), Err(Error::Ambiguous { count: 2, .. })));
        assert!(matches!(select(vec![token("1", true)], &TokenAddress::Blank), Err(Error::NoToken { .. })));
    }

    #[test]
    fn a_refused_address_is_told_in_one_sentence_and_escaped() {
        let none =
            select(vec![token("1\u{1b}[2J", true), token("", false)], &TokenAddress::Serial("3".to_owned()));
        assert_eq!(
            none.unwrap_err().to_string(),
            "no token has the serial `3`; the module shows `1\\u{1b}[2J` (label `root`), a blank one"
        );
        let two = select(vec![token("", false), token("", false)], &TokenAddress::Blank);
        assert_eq!(two.unwrap_err().to_string(), "2 tokens are blank, exactly one is expected");
    }
}
