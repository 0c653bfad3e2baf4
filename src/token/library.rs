use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::Error as CryptokiError;

use crate::format::Digest;

use super::description::TokenDescription;
use super::error::Error;
use super::image::Image;
use super::mechanism::Mechanism;
use super::raw::Functions;

/// The module while anything uses it. C_Finalize is called when the [`Module`](super::Module) and its last
/// [`Token`](super::Token) are gone.
pub(super) struct Library {
    pub(super) pkcs11: Pkcs11,
    pub(super) functions: Functions,
    // The loader knows the module by this file's name, so the name must not go to another file.
    image: Image,
    // Dropped last: the next module is not loaded before this one is gone.
    _only: Only,
}

impl Library {
    /// Loads the image and initialises it; `path` is what messages call it.
    pub(super) fn load(path: &Path, image: Image) -> Result<Self, Error> {
        let only = Only::claim()?;
        let pkcs11 = Pkcs11::new(image.path()).map_err(|error| {
            let reason = match error {
                CryptokiError::LibraryLoading(reason) => reason.to_string(),
                CryptokiError::MissingSymbol(symbol) => format!("it has no {symbol}"),
                other => return other.into(),
            };
            Error::ModuleLoad {
                path: path.to_owned(),
                reason: reason.replace(&*image.path().to_string_lossy(), "the file"),
            }
        })?;
        let functions = Functions::of(&image.path())?;
        pkcs11.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK))?;
        Ok(Self { pkcs11, functions, image, _only: only })
    }

    pub(super) fn sha256(&self) -> Digest {
        self.image.sha256
    }

    pub(super) fn describe(&self, slot: u64) -> Result<TokenDescription, Error> {
        TokenDescription::read(&self.functions, slot)
    }

    pub(super) fn mechanisms(&self, slot: u64) -> Result<Vec<Mechanism>, Error> {
        let mut mechanisms: Vec<Mechanism> =
            self.functions.mechanisms(slot)?.into_iter().map(Mechanism).collect();
        mechanisms.sort_unstable();
        Ok(mechanisms)
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        // The process is done with the module either way.
        let _ = self.pkcs11.clone().finalize();
    }
}

/// The right to have a module loaded, which one [`Library`] at a time has.
struct Only;

static CLAIMED: AtomicBool = AtomicBool::new(false);

impl Only {
    fn claim() -> Result<Self, Error> {
        if CLAIMED.swap(true, Ordering::AcqRel) {
            return Err(Error::SecondModule);
        }
        Ok(Self)
    }
}

impl Drop for Only {
    fn drop(&mut self) {
        CLAIMED.store(false, Ordering::Release);
    }
}
