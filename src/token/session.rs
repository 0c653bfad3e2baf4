use std::sync::Arc;

use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;

use crate::format::PinOwner;
use crate::secret::Pin;

use super::description::TokenDescription;
use super::error::Error;
use super::library::Library;
use super::mechanism::Mechanism;
use super::profile::DeviceProfile;

/// One token, through one read-write session.
///
/// Logged out and closed when dropped. The slot is kept while the token is open only; a later process finds the
/// token by its serial again.
pub struct Token {
    // Dropped, and so closed, before the library.
    session: Option<Session>,
    logged_in: bool,
    slot: Slot,
    pub(super) profile: DeviceProfile,
    library: Arc<Library>,
}

impl Token {
    /// Opens a session, unless the token is blank: then there is nothing that a session could be opened with.
    pub(super) fn open(
        library: Arc<Library>,
        description: &TokenDescription,
        profile: DeviceProfile,
    ) -> Result<Self, Error> {
        let slot = Slot::try_from(description.slot_id)?;
        let session =
            if description.initialised { Some(library.pkcs11.open_rw_session(slot)?) } else { None };
        Ok(Self { session, logged_in: false, slot, profile, library })
    }

    /// What the token says of itself now.
    ///
    /// # Errors
    /// [`Error::Pkcs11`].
    pub fn describe(&self) -> Result<TokenDescription, Error> {
        self.library.describe(self.slot.id())
    }

    /// Whether a few wrong PINs lock it, as its device profile says.
    pub fn locks_out(&self) -> bool {
        self.profile.locks_out
    }

    /// What the token can do, in ascending order.
    ///
    /// # Errors
    /// [`Error::Pkcs11`].
    pub fn mechanisms(&self) -> Result<Vec<Mechanism>, Error> {
        self.library.mechanisms(self.slot.id())
    }

    /// Initialises a blank token (C_InitToken) with its security officer's PIN and its label.
    ///
    /// # Errors
    /// [`Error::NotBlank`]: C_InitToken would wipe the token without a question. [`Error::InitialiseForbidden`],
    /// [`Error::Label`], [`Error::PinNotUtf8`], [`Error::Pkcs11`].
    pub fn initialise(&mut self, so: &Pin, label: &str) -> Result<(), Error> {
        let TokenDescription { initialised, serial, label: present, .. } = self.describe()?;
        if initialised || self.session.is_some() {
            return Err(Error::NotBlank { serial, label: present });
        }
        self.initialise_now(so, label)
    }

    /// Destroys what is on the token with that serial number and initialises it anew. `present` is the security
    /// officer's PIN that it has: C_InitToken keeps it.
    ///
    /// # Errors
    /// [`Error::OtherSerial`], [`Error::FinalTry`] and [`Error::Locked`] before anything is tried; otherwise as
    /// [`Token::initialise`].
    pub fn wipe(&mut self, present: &Pin, label: &str, serial: &str) -> Result<(), Error> {
        let description = self.describe()?;
        if description.serial != serial {
            return Err(Error::OtherSerial { expected: serial.to_owned(), found: description.serial });
        }
        description.may_try(PinOwner::SecurityOfficer)?;
        let logged_out = self.logout();
        // C_InitToken is refused while a session is open (CKR_SESSION_EXISTS).
        self.session = None;
        logged_out?;
        self.initialise_now(present, label)
    }

    fn initialise_now(&mut self, so: &Pin, label: &str) -> Result<(), Error> {
        if !self.profile.initialise {
            return Err(Error::InitialiseForbidden { profile: self.profile.name.clone() });
        }
        if !(1..=32).contains(&label.len()) {
            return Err(Error::Label { bytes: label.len() });
        }
        self.library.pkcs11.init_token(self.slot, &auth_pin(so)?, label)?;
        self.session = Some(self.library.pkcs11.open_rw_session(self.slot)?);
        Ok(())
    }

    /// Replaces a PIN: logs in with the old one, C_SetPIN, logs out.
    ///
    /// # Errors
    /// [`Error::FinalTry`] and [`Error::Locked`] before anything is tried; [`Error::Blank`],
    /// [`Error::PinNotUtf8`], [`Error::Pkcs11`].
    pub fn set_pin(&mut self, owner: PinOwner, old: &Pin, new: &Pin) -> Result<(), Error> {
        self.logout()?;
        let (old, new) = (auth_pin(old)?, auth_pin(new)?);
        self.may_try(owner)?;
        let session = self.session()?;
        session.login(user_type(owner), Some(&old))?;
        let set = session.set_pin(&old, &new);
        let out = session.logout();
        set?;
        out?;
        Ok(())
    }

    /// Logs in and out again, which proves a PIN. Tries once.
    ///
    /// # Errors
    /// As [`Token::login`].
    pub fn prove_pin(&mut self, owner: PinOwner, pin: &Pin) -> Result<(), Error> {
        self.logout()?;
        let pin = auth_pin(pin)?;
        self.may_try(owner)?;
        let session = self.session()?;
        session.login(user_type(owner), Some(&pin))?;
        Ok(session.logout()?)
    }

    /// Logs in as the user on the device itself: C_Login without a PIN, on a token with
    /// CKF_PROTECTED_AUTHENTICATION_PATH. Waits for people at the device, as long as the device does.
    ///
    /// # Errors
    /// [`Error::NoProtectedPath`]; [`Error::FinalTry`] and [`Error::Locked`] before anything is tried;
    /// [`Error::Blank`], [`Error::Pkcs11`].
    pub fn login_on_device(&mut self) -> Result<(), Error> {
        if self.logged_in {
            return Ok(());
        }
        if !self.describe()?.protected_authentication_path {
            return Err(Error::NoProtectedPath);
        }
        self.may_try(PinOwner::User)?;
        self.session()?.login(UserType::User, None)?;
        self.logged_in = true;
        Ok(())
    }

    /// Sets the user's PIN: logs in as security officer, C_InitPIN, logs out.
    ///
    /// # Errors
    /// [`Error::Blank`], [`Error::FinalTry`], [`Error::Locked`], [`Error::PinNotUtf8`], [`Error::Pkcs11`].
    pub fn set_user_pin(&mut self, so: &Pin, user: &Pin) -> Result<(), Error> {
        let (so, user) = (auth_pin(so)?, auth_pin(user)?);
        self.may_try(PinOwner::SecurityOfficer)?;
        let session = self.session()?;
        session.login(UserType::So, Some(&so))?;
        let set = session.init_pin(&user);
        // Nobody stays logged in as security officer, whatever C_InitPIN said; its answer counts first.
        let out = session.logout();
        set?;
        out?;
        Ok(())
    }

    /// Logs in as the user. Tries once: a wrong PIN costs one of the token's tries and is never tried again here.
    ///
    /// When this `Token` has logged in already, nothing is called and the PIN is not looked at.
    ///
    /// # Errors
    /// [`Error::FinalTry`] and [`Error::Locked`] before anything is tried; [`Error::Blank`],
    /// [`Error::PinNotUtf8`], [`Error::Pkcs11`], also when somebody else is logged in.
    pub fn login(&mut self, user: &Pin) -> Result<(), Error> {
        if self.logged_in {
            return Ok(());
        }
        let pin = auth_pin(user)?;
        self.may_try(PinOwner::User)?;
        self.session()?.login(UserType::User, Some(&pin))?;
        self.logged_in = true;
        Ok(())
    }

    /// Logs out; without effect when this `Token` is not logged in.
    ///
    /// # Errors
    /// [`Error::Pkcs11`]; the token counts as logged out even then.
    pub fn logout(&mut self) -> Result<(), Error> {
        if !std::mem::take(&mut self.logged_in) {
            return Ok(());
        }
        Ok(self.session()?.logout()?)
    }

    /// `count` bytes from the token's random number generator (C_GenerateRandom); needs no login on most tokens.
    ///
    /// Where a secret is made of them, the caller wipes them.
    ///
    /// # Errors
    /// [`Error::Blank`], [`Error::Pkcs11`].
    pub fn random(&self, count: usize) -> Result<Vec<u8>, Error> {
        let mut bytes = vec![0; count];
        self.session()?.generate_random_slice(&mut bytes)?;
        Ok(bytes)
    }

    fn may_try(&self, owner: PinOwner) -> Result<(), Error> {
        self.describe()?.may_try(owner)
    }

    /// The module.
    pub(super) fn library(&self) -> &Library {
        &self.library
    }

    /// From here on the token is logged out when this goes.
    pub(super) fn is_logged_in(&mut self) {
        self.logged_in = true;
    }

    /// The open session.
    pub(super) fn session(&self) -> Result<&Session, Error> {
        self.session.as_ref().ok_or(Error::Blank)
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        // The login belongs to the process, so another open session would keep it alive.
        let _ = self.logout();
    }
}

/// A copy of the PIN for one call, wiped when it goes.
pub(super) fn auth_pin(pin: &Pin) -> Result<AuthPin, Error> {
    let text = std::str::from_utf8(pin.expose_pin()).map_err(|_| Error::PinNotUtf8)?;
    Ok(AuthPin::from(text))
}

fn user_type(owner: PinOwner) -> UserType {
    match owner {
        PinOwner::User => UserType::User,
        PinOwner::SecurityOfficer => UserType::So,
    }
}
