use std::fmt;

use cryptoki::error::{Rv, RvError};
use cryptoki_sys::*;

/// What a PKCS#11 function returned (CK_RV).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReturnValue(pub u64);

/// What a return value means for the ceremony.
///
/// Modules answer one and the same mishap with different codes, so nothing is decided by a single code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// The PIN is wrong; a try is gone.
    PinIncorrect,
    /// Too many wrong PINs: the token no longer takes this one.
    PinLocked,
    /// The PIN's length or characters are not what the token takes, or it wants a new one.
    PinRefused,
    /// The token or its slot is gone or broken.
    DeviceRemoved,
    /// The call needs a login.
    NotLoggedIn,
    /// Somebody is logged in already who is not this login.
    AlreadyLoggedIn,
    /// The session or an object handle is no longer valid: the login ended.
    SessionGone,
    /// The token refuses an attribute of a new key, or the key's kind.
    TemplateRefused,
    /// The token does not offer the mechanism, the curve or the function.
    MechanismInvalid,
    /// The token is full or the host is out of memory.
    NoRoom,
    /// The token takes no changes.
    WriteProtected,
    /// Anything else, vendors' own codes among them.
    Other,
}

impl ReturnValue {
    /// The code behind `cryptoki`'s reading of it.
    pub(super) fn of(error: RvError) -> Self {
        match error {
            RvError::VendorDefined(code) | RvError::UnknownErrorCode(code) => Self(code),
            // `cryptoki` keeps no codes, so the one is looked for that it reads in this way.
            known => NAMES
                .iter()
                .find(|(code, _)| Rv::from(*code) == Rv::Error(known))
                .map_or(Self(CKR_GENERAL_ERROR), |(code, _)| Self(*code)),
        }
    }

    /// What it means for the ceremony.
    pub fn category(self) -> Category {
        match self.0 {
            CKR_PIN_INCORRECT => Category::PinIncorrect,
            CKR_PIN_LOCKED => Category::PinLocked,
            CKR_PIN_INVALID
            | CKR_PIN_LEN_RANGE
            | CKR_PIN_EXPIRED
            | CKR_PIN_TOO_WEAK
            | CKR_USER_PIN_NOT_INITIALIZED => Category::PinRefused,
            CKR_DEVICE_REMOVED
            | CKR_DEVICE_ERROR
            | CKR_TOKEN_NOT_PRESENT
            | CKR_TOKEN_NOT_RECOGNIZED
            | CKR_SLOT_ID_INVALID => Category::DeviceRemoved,
            CKR_USER_NOT_LOGGED_IN => Category::NotLoggedIn,
            CKR_USER_ALREADY_LOGGED_IN | CKR_USER_ANOTHER_ALREADY_LOGGED_IN | CKR_USER_TOO_MANY_TYPES => {
                Category::AlreadyLoggedIn
            }
            CKR_SESSION_CLOSED
            | CKR_SESSION_HANDLE_INVALID
            | CKR_OBJECT_HANDLE_INVALID
            | CKR_KEY_HANDLE_INVALID => Category::SessionGone,
            CKR_ATTRIBUTE_READ_ONLY
            | CKR_ATTRIBUTE_TYPE_INVALID
            | CKR_ATTRIBUTE_VALUE_INVALID
            | CKR_TEMPLATE_INCOMPLETE
            | CKR_TEMPLATE_INCONSISTENT
            | CKR_KEY_FUNCTION_NOT_PERMITTED
            | CKR_KEY_TYPE_INCONSISTENT => Category::TemplateRefused,
            CKR_MECHANISM_INVALID
            | CKR_MECHANISM_PARAM_INVALID
            | CKR_FUNCTION_NOT_SUPPORTED
            | CKR_CURVE_NOT_SUPPORTED
            | CKR_DOMAIN_PARAMS_INVALID => Category::MechanismInvalid,
            CKR_DEVICE_MEMORY | CKR_HOST_MEMORY | CKR_SESSION_COUNT | CKR_TOKEN_RESOURCE_EXCEEDED => {
                Category::NoRoom
            }
            CKR_TOKEN_WRITE_PROTECTED | CKR_SESSION_READ_ONLY => Category::WriteProtected,
            _ => Category::Other,
        }
    }
}

impl Category {
    /// What happened, as half a sentence.
    pub(super) fn meaning(self) -> &'static str {
        match self {
            Self::PinIncorrect => "the PIN is wrong, and a try is gone",
            Self::PinLocked => "the PIN is locked",
            Self::PinRefused => "the token does not take such a PIN, or has none yet",
            Self::DeviceRemoved => "the token or its slot is gone",
            Self::NotLoggedIn => "nobody is logged in",
            Self::AlreadyLoggedIn => "somebody is logged in already, and not through this session",
            Self::SessionGone => "the session, or an object it knew, is gone",
            Self::TemplateRefused => "the token refuses an attribute that the key must have",
            Self::MechanismInvalid => "the token does not offer this",
            Self::NoRoom => "the token or the host has no room left",
            Self::WriteProtected => "the token takes no changes",
            Self::Other => "the call failed",
        }
    }

    /// What a person does about it.
    pub(super) fn remedy(self) -> &'static str {
        match self {
            Self::PinIncorrect => "check that the shares are this token's; the same PIN is not tried again",
            Self::PinLocked => "the security officer of the token sets a new user PIN",
            Self::PinRefused => "compare the PIN's length with `anchorite token inspect`",
            Self::DeviceRemoved => {
                "connect the token, see that `anchorite token list` shows it, and go on from there"
            }
            Self::NotLoggedIn | Self::SessionGone => {
                "see that `anchorite token list` shows the token, then log in anew"
            }
            Self::AlreadyLoggedIn => "end every other program that uses the token",
            Self::TemplateRefused => "use the token's own device profile, or `generic`",
            Self::MechanismInvalid => {
                "choose an algorithm that `anchorite token inspect` shows for this token"
            }
            Self::NoRoom => "make room on the token with its maker's tools",
            Self::WriteProtected => "take the write protection off the token",
            Self::Other => {
                "look into the module's own log; its configuration may need a variable in the binding"
            }
        }
    }
}

/// The CKR name, or `CKR_0x...` where the headers of PKCS#11 3.2 have none: the spelling that records use.
impl fmt::Display for ReturnValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match NAMES.iter().find(|(code, _)| *code == self.0) {
            Some((_, name)) => f.write_str(name),
            None => write!(f, "CKR_{:#x}", self.0),
        }
    }
}

macro_rules! names {
    ($($name:ident),* $(,)?) => {
        const NAMES: &[(u64, &str)] = &[$(($name, stringify!($name)),)*];
    };
}

names! {
    CKR_OK, CKR_CANCEL, CKR_HOST_MEMORY, CKR_SLOT_ID_INVALID, CKR_GENERAL_ERROR, CKR_FUNCTION_FAILED,
    CKR_ARGUMENTS_BAD, CKR_NO_EVENT, CKR_NEED_TO_CREATE_THREADS, CKR_CANT_LOCK, CKR_ATTRIBUTE_READ_ONLY,
    CKR_ATTRIBUTE_SENSITIVE, CKR_ATTRIBUTE_TYPE_INVALID, CKR_ATTRIBUTE_VALUE_INVALID,
    CKR_ACTION_PROHIBITED, CKR_DATA_INVALID, CKR_DATA_LEN_RANGE, CKR_DEVICE_ERROR, CKR_DEVICE_MEMORY,
    CKR_DEVICE_REMOVED, CKR_ENCRYPTED_DATA_INVALID, CKR_ENCRYPTED_DATA_LEN_RANGE, CKR_AEAD_DECRYPT_FAILED,
    CKR_FUNCTION_CANCELED, CKR_FUNCTION_NOT_PARALLEL, CKR_FUNCTION_NOT_SUPPORTED, CKR_KEY_HANDLE_INVALID,
    CKR_KEY_SIZE_RANGE, CKR_KEY_TYPE_INCONSISTENT, CKR_KEY_NOT_NEEDED, CKR_KEY_CHANGED, CKR_KEY_NEEDED,
    CKR_KEY_INDIGESTIBLE, CKR_KEY_FUNCTION_NOT_PERMITTED, CKR_KEY_NOT_WRAPPABLE, CKR_KEY_UNEXTRACTABLE,
    CKR_MECHANISM_INVALID, CKR_MECHANISM_PARAM_INVALID, CKR_OBJECT_HANDLE_INVALID, CKR_OPERATION_ACTIVE,
    CKR_OPERATION_NOT_INITIALIZED, CKR_PIN_INCORRECT, CKR_PIN_INVALID, CKR_PIN_LEN_RANGE, CKR_PIN_EXPIRED,
    CKR_PIN_LOCKED, CKR_SESSION_CLOSED, CKR_SESSION_COUNT, CKR_SESSION_HANDLE_INVALID,
    CKR_SESSION_PARALLEL_NOT_SUPPORTED, CKR_SESSION_READ_ONLY, CKR_SESSION_EXISTS,
    CKR_SESSION_READ_ONLY_EXISTS, CKR_SESSION_READ_WRITE_SO_EXISTS, CKR_SIGNATURE_INVALID,
    CKR_SIGNATURE_LEN_RANGE, CKR_TEMPLATE_INCOMPLETE, CKR_TEMPLATE_INCONSISTENT, CKR_TOKEN_NOT_PRESENT,
    CKR_TOKEN_NOT_RECOGNIZED, CKR_TOKEN_WRITE_PROTECTED, CKR_UNWRAPPING_KEY_HANDLE_INVALID,
    CKR_UNWRAPPING_KEY_SIZE_RANGE, CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT, CKR_USER_ALREADY_LOGGED_IN,
    CKR_USER_NOT_LOGGED_IN, CKR_USER_PIN_NOT_INITIALIZED, CKR_USER_TYPE_INVALID,
    CKR_USER_ANOTHER_ALREADY_LOGGED_IN, CKR_USER_TOO_MANY_TYPES, CKR_WRAPPED_KEY_INVALID,
    CKR_WRAPPED_KEY_LEN_RANGE, CKR_WRAPPING_KEY_HANDLE_INVALID, CKR_WRAPPING_KEY_SIZE_RANGE,
    CKR_WRAPPING_KEY_TYPE_INCONSISTENT, CKR_RANDOM_SEED_NOT_SUPPORTED, CKR_RANDOM_NO_RNG,
    CKR_DOMAIN_PARAMS_INVALID, CKR_CURVE_NOT_SUPPORTED, CKR_BUFFER_TOO_SMALL, CKR_SAVED_STATE_INVALID,
    CKR_INFORMATION_SENSITIVE, CKR_STATE_UNSAVEABLE, CKR_CRYPTOKI_NOT_INITIALIZED,
    CKR_CRYPTOKI_ALREADY_INITIALIZED, CKR_MUTEX_BAD, CKR_MUTEX_NOT_LOCKED, CKR_NEW_PIN_MODE, CKR_NEXT_OTP,
    CKR_EXCEEDED_MAX_ITERATIONS, CKR_FIPS_SELF_TEST_FAILED, CKR_LIBRARY_LOAD_FAILED, CKR_PIN_TOO_WEAK,
    CKR_PUBLIC_KEY_INVALID, CKR_FUNCTION_REJECTED, CKR_TOKEN_RESOURCE_EXCEEDED,
    CKR_OPERATION_CANCEL_FAILED, CKR_KEY_EXHAUSTED, CKR_PENDING, CKR_SESSION_ASYNC_NOT_SUPPORTED,
    CKR_SEED_RANDOM_REQUIRED, CKR_OPERATION_NOT_VALIDATED, CKR_TOKEN_NOT_INITIALIZED,
    CKR_PARAMETER_SET_NOT_SUPPORTED,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_keeps_its_name_through_the_crate() {
        for (code, name) in NAMES.iter().filter(|(code, _)| *code != CKR_OK) {
            let Rv::Error(error) = Rv::from(*code) else {
                panic!("{name} counts as success");
            };
            assert_eq!(ReturnValue::of(error).to_string(), *name);
        }
        assert_eq!(ReturnValue::of(RvError::VendorDefined(0x8000_002f)).to_string(), "CKR_0x8000002f");
        assert_eq!(ReturnValue::of(RvError::UnknownErrorCode(0x7fff)).to_string(), "CKR_0x7fff");
    }
}
