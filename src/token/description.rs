use cryptoki_sys::*;
use serde::Serialize;

use crate::format::{PinOwner, PinState, TokenAddress};

use super::error::Error;
use super::raw::Functions;

/// What a token says of itself before anyone logs in (CK_TOKEN_INFO, and the slot's description).
///
/// Texts come from the token: trailing spaces and NULs are cut, nothing is escaped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TokenDescription {
    /// CK_SLOT_ID at this moment. Shown, never an address: slots are renumbered.
    pub slot_id: u64,
    /// CK_SLOT_INFO.slotDescription.
    pub slot_description: String,
    /// serialNumber; empty on most tokens that are not initialised.
    pub serial: String,
    /// label.
    pub label: String,
    /// manufacturerID.
    pub manufacturer: String,
    /// model.
    pub model: String,
    /// hardwareVersion, `major.minor`.
    pub hardware: String,
    /// firmwareVersion, `major.minor`.
    pub firmware: String,
    /// CKF_TOKEN_INITIALIZED.
    pub initialised: bool,
    /// CKF_USER_PIN_INITIALIZED.
    pub user_pin_set: bool,
    /// CKF_LOGIN_REQUIRED.
    pub login_required: bool,
    /// CKF_PROTECTED_AUTHENTICATION_PATH: the PIN is typed on the device.
    pub protected_authentication_path: bool,
    /// CKF_WRITE_PROTECTED.
    pub write_protected: bool,
    /// The user's PIN.
    pub user_pin: PinState,
    /// The security officer's PIN.
    pub so_pin: PinState,
    /// ulMinPinLen, in bytes.
    pub pin_min: u64,
    /// ulMaxPinLen, in bytes.
    pub pin_max: u64,
}

impl TokenDescription {
    /// Asks the token in `slot`.
    pub(super) fn read(functions: &Functions, slot: u64) -> Result<Self, Error> {
        let info = functions.token_info(slot)?;
        let slot_info = functions.slot_info(slot)?;
        let flag = |mask| info.flags & mask != 0;
        Ok(Self {
            slot_id: slot,
            slot_description: text(&slot_info.slotDescription),
            serial: text(&info.serialNumber),
            label: text(&info.label),
            manufacturer: text(&info.manufacturerID),
            model: text(&info.model),
            hardware: version(info.hardwareVersion),
            firmware: version(info.firmwareVersion),
            initialised: flag(CKF_TOKEN_INITIALIZED),
            user_pin_set: flag(CKF_USER_PIN_INITIALIZED),
            login_required: flag(CKF_LOGIN_REQUIRED),
            protected_authentication_path: flag(CKF_PROTECTED_AUTHENTICATION_PATH),
            write_protected: flag(CKF_WRITE_PROTECTED),
            user_pin: pin_state(
                flag(CKF_USER_PIN_LOCKED),
                flag(CKF_USER_PIN_FINAL_TRY),
                flag(CKF_USER_PIN_COUNT_LOW),
                flag(CKF_USER_PIN_TO_BE_CHANGED),
            ),
            so_pin: pin_state(
                flag(CKF_SO_PIN_LOCKED),
                flag(CKF_SO_PIN_FINAL_TRY),
                flag(CKF_SO_PIN_COUNT_LOW),
                flag(CKF_SO_PIN_TO_BE_CHANGED),
            ),
            pin_min: info.ulMinPinLen,
            pin_max: info.ulMaxPinLen,
        })
    }

    /// Whether the address means this token.
    pub fn has(&self, address: &TokenAddress) -> bool {
        match address {
            TokenAddress::Blank => !self.initialised,
            TokenAddress::Serial(serial) => self.serial == *serial,
        }
    }

    /// Whether a PIN may be tried: a wrong one would not be the last.
    ///
    /// # Errors
    /// [`Error::FinalTry`] and [`Error::Locked`].
    pub fn may_try(&self, owner: PinOwner) -> Result<(), Error> {
        let state = match owner {
            PinOwner::User => self.user_pin,
            PinOwner::SecurityOfficer => self.so_pin,
        };
        match state {
            PinState::FinalTry => Err(Error::FinalTry { owner }),
            PinState::Locked => Err(Error::Locked { owner }),
            PinState::Ok | PinState::CountLow | PinState::ToBeChanged => Ok(()),
        }
    }

    /// Whether the token is known to be software, whatever a binding calls it.
    ///
    /// Decided by what the token says of itself, so a `false` proves nothing: software can call itself anything.
    pub fn is_software(&self) -> bool {
        // manufacturerID, as the modules' own sources have it.
        const SOFTWARE: [&str; 3] = ["SoftHSM project", "Kryoptic Project", "Mozilla Foundation"];
        SOFTWARE.contains(&self.manufacturer.as_str())
    }
}

/// The worst that is said counts: a locked PIN has a low count, too.
fn pin_state(locked: bool, final_try: bool, count_low: bool, to_be_changed: bool) -> PinState {
    match (locked, final_try, count_low, to_be_changed) {
        (true, _, _, _) => PinState::Locked,
        (_, true, _, _) => PinState::FinalTry,
        (_, _, true, _) => PinState::CountLow,
        (_, _, _, true) => PinState::ToBeChanged,
        (false, false, false, false) => PinState::Ok,
    }
}

fn text(padded: &[u8]) -> String {
    String::from_utf8_lossy(padded).trim_end_matches([' ', '\0']).to_owned()
}

fn version(version: CK_VERSION) -> String {
    format!("{}.{}", version.major, version.minor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_that_a_token_says_of_a_pin_counts() {
        assert_eq!(pin_state(false, false, false, false), PinState::Ok);
        assert_eq!(pin_state(false, false, false, true), PinState::ToBeChanged);
        assert_eq!(pin_state(false, false, true, true), PinState::CountLow);
        assert_eq!(pin_state(false, true, true, false), PinState::FinalTry);
        assert_eq!(pin_state(true, true, true, true), PinState::Locked);
    }

    #[test]
    fn padding_is_cut_and_nothing_else() {
        assert_eq!(text(b" root g1   "), " root g1");
        assert_eq!(text(b"0123\0\0\0"), "0123");
        assert_eq!(text(b"\xff "), "\u{fffd}");
        assert_eq!(text(b"    "), "");
    }
}
