//! The queries that `cryptoki` does not answer faithfully, made on `cryptoki-sys`.
//!
//! `cryptoki` gives no token information at all when the token's clock is not made of digits, and its mechanism
//! list leaves out every mechanism it has no name for. It also signs in one go, which leaves no place for the login that
//! a key with CKA_ALWAYS_AUTHENTICATE wants between C_SignInit and C_Sign.

// The one file with `unsafe`: calls through the module's function list cannot be made without it.
#![allow(unsafe_code)]

use std::path::Path;
use std::ptr;

use cryptoki_sys::{
    CK_FUNCTION_LIST, CK_MECHANISM, CK_RSA_PKCS_PSS_PARAMS, CK_RV, CK_SLOT_INFO, CK_TOKEN_INFO,
    CKG_MGF1_SHA256, CKM_ECDSA, CKM_EDDSA, CKM_RSA_PKCS_PSS, CKM_SHA256, CKR_BUFFER_TOO_SMALL, CKR_OK,
};

use super::error::Error;
use super::return_value::ReturnValue;

/// How a card signs a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signing {
    /// CKM_ECDSA over a digest.
    Ecdsa,
    /// CKM_RSA_PKCS_PSS over a SHA-256, with MGF1 over SHA-256 and a salt of 32 octets.
    PssSha256,
    /// CKM_EDDSA over the message, without parameters: Ed25519 itself (PKCS#11 3.0, 2.3.14).
    Eddsa,
}

/// The module's function list (C_GetFunctionList).
pub(super) struct Functions {
    list: CK_FUNCTION_LIST,
    // Keeps the module mapped while `list` points into it.
    _library: cryptoki_sys::Pkcs11,
}

impl Functions {
    /// Takes the function list of the module at `image`, which must be loaded in this process already.
    pub(super) fn of(image: &Path) -> Result<Self, Error> {
        // SAFETY: the module is loaded, so that opening it once more runs no code of its own.
        let library = unsafe { cryptoki_sys::Pkcs11::new(image) }
            .map_err(|error| Error::Answer { reason: error.to_string() })?;
        if library.C_GetFunctionList.is_err() {
            return Err(missing("C_GetFunctionList"));
        }
        let mut list = ptr::null_mut();
        // SAFETY: the symbol is there, and `list` is a place for one pointer (PKCS#11 5.4).
        checked("C_GetFunctionList", unsafe { library.C_GetFunctionList(&mut list) })?;
        if list.is_null() {
            return Err(missing("C_GetFunctionList"));
        }
        Ok(Self {
            // SAFETY: not null, and the module gives a list that lives as long as it is loaded.
            list: unsafe { *list },
            _library: library,
        })
    }

    /// C_GetTokenInfo.
    pub(super) fn token_info(&self, slot: u64) -> Result<CK_TOKEN_INFO, Error> {
        let call = self.list.C_GetTokenInfo.ok_or_else(|| missing("C_GetTokenInfo"))?;
        let mut info = CK_TOKEN_INFO::default();
        // SAFETY: `info` is a whole CK_TOKEN_INFO that the module fills.
        checked("C_GetTokenInfo", unsafe { call(slot, &mut info) })?;
        Ok(info)
    }

    /// C_GetSlotInfo.
    pub(super) fn slot_info(&self, slot: u64) -> Result<CK_SLOT_INFO, Error> {
        let call = self.list.C_GetSlotInfo.ok_or_else(|| missing("C_GetSlotInfo"))?;
        let mut info = CK_SLOT_INFO::default();
        // SAFETY: `info` is a whole CK_SLOT_INFO that the module fills.
        checked("C_GetSlotInfo", unsafe { call(slot, &mut info) })?;
        Ok(info)
    }

    /// C_SignInit.
    pub(super) fn sign_init(&self, session: u64, signing: Signing, key: u64) -> Result<(), Error> {
        let call = self.list.C_SignInit.ok_or_else(|| missing("C_SignInit"))?;
        let mut pss = CK_RSA_PKCS_PSS_PARAMS { hashAlg: CKM_SHA256, mgf: CKG_MGF1_SHA256, sLen: 32 };
        let mut mechanism = match signing {
            Signing::Ecdsa => without_parameter(CKM_ECDSA),
            Signing::Eddsa => without_parameter(CKM_EDDSA),
            Signing::PssSha256 => CK_MECHANISM {
                mechanism: CKM_RSA_PKCS_PSS,
                pParameter: (&raw mut pss).cast(),
                ulParameterLen: length(size_of::<CK_RSA_PKCS_PSS_PARAMS>())?,
            },
        };
        // SAFETY: `mechanism` and the parameters it points to live until the call returns, and the module keeps neither
        // (PKCS#11 5.2).
        checked("C_SignInit", unsafe { call(session, &mut mechanism, key) })
    }

    /// C_Sign in one call, for signatures of at most `longest` octets.
    pub(super) fn sign(&self, session: u64, input: &[u8], longest: usize) -> Result<Vec<u8>, Error> {
        const NAME: &str = "C_Sign";
        let call = self.list.C_Sign.ok_or_else(|| missing(NAME))?;
        let (input_length, mut count) = (length(input.len())?, length(longest)?);
        let mut signature = vec![0; longest];
        // SAFETY: both lengths are those of the slices; the module reads the first, which the standard declares without
        // `const`, and writes no more than `count` octets to the second.
        let rv = unsafe {
            call(session, input.as_ptr().cast_mut(), input_length, signature.as_mut_ptr(), &mut count)
        };
        checked(NAME, rv)?;
        let count = usize::try_from(count).ok().filter(|count| *count <= longest);
        let count =
            count.ok_or_else(|| Error::Answer { reason: format!("{NAME} says it wrote too much") })?;
        signature.truncate(count);
        Ok(signature)
    }

    /// C_GetMechanismList, every number that the token gives.
    pub(super) fn mechanisms(&self, slot: u64) -> Result<Vec<u64>, Error> {
        const NAME: &str = "C_GetMechanismList";
        let call = self.list.C_GetMechanismList.ok_or_else(|| missing(NAME))?;
        let mut count = 0;
        // SAFETY: a null list asks for the number of entries only (PKCS#11 5.2).
        checked(NAME, unsafe { call(slot, ptr::null_mut(), &mut count) })?;
        let wanted = usize::try_from(count)
            .map_err(|_| Error::Answer { reason: format!("{NAME} counts {count} mechanisms") })?;
        let mut mechanisms = vec![0; wanted];
        // SAFETY: `count` is the length of `mechanisms`; the module writes no more than that.
        let rv = unsafe { call(slot, mechanisms.as_mut_ptr(), &mut count) };
        if rv == CKR_BUFFER_TOO_SMALL {
            return Err(Error::Answer { reason: format!("{NAME} counts {wanted} mechanisms, then more") });
        }
        checked(NAME, rv)?;
        mechanisms.truncate(usize::try_from(count).unwrap_or(wanted));
        Ok(mechanisms)
    }
}

fn checked(function: &str, rv: CK_RV) -> Result<(), Error> {
    if rv == CKR_OK {
        return Ok(());
    }
    Err(Error::Pkcs11 { function: function.to_owned(), rv: ReturnValue(rv) })
}

fn without_parameter(mechanism: u64) -> CK_MECHANISM {
    CK_MECHANISM { mechanism, pParameter: ptr::null_mut(), ulParameterLen: 0 }
}

fn length(octets: usize) -> Result<u64, Error> {
    u64::try_from(octets).map_err(|_| Error::Answer { reason: format!("{octets} octets are too many") })
}

fn missing(function: &str) -> Error {
    Error::Answer { reason: format!("it has no {function}") }
}
