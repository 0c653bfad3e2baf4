//! Share sheets as files: one name a holder, one of three forms.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::args::SheetForm;
use crate::artifact::{self, Access};
use crate::execute::Stop;
use crate::format::FileName;
use crate::host;
use crate::secret::{Passphrase, ShareWords};
use crate::shares::{self, ShareFileError, Sheet, is_share_file, open_share_file, words_from_sheet};

/// Where sheets go, and as what.
#[derive(Clone)]
pub(crate) struct Sheets {
    pub(crate) directory: PathBuf,
    pub(crate) form: SheetForm,
}

impl Sheets {
    /// The file of a holder's sheet.
    pub(crate) fn name(&self, sheet: &Sheet<'_>) -> FileName {
        let ending = match self.form {
            SheetForm::Text => "sheet.txt",
            SheetForm::Html => "sheet.html",
            SheetForm::Encrypted => "share",
        };
        FileName::of_step(sheet.holder(), &format!("{}-{}.{ending}", sheet.set(), sheet.epoch()))
    }
}

/// Writes a sheet for its holder alone; only an encrypted one asks for a passphrase.
pub(crate) fn write(
    sheet: &Sheet<'_>,
    form: SheetForm,
    passphrase: impl FnOnce() -> Result<Passphrase, Stop>,
    directory: &Path,
    name: &FileName,
) -> Result<(), Stop> {
    let holder = sheet.holder();
    let unwritten =
        |error: std::io::Error| Stop::NoAnswer { what: format!("the sheet of {holder}: {error}") };
    // Room for every form: a buffer that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(16 * 1024));
    match form {
        SheetForm::Text => sheet.write_to(&mut *bytes).map_err(unwritten)?,
        SheetForm::Html => sheet.write_html_to(&mut *bytes).map_err(unwritten)?,
        SheetForm::Encrypted => {
            let mut random = |buffer: &mut [u8]| host::fill_random(buffer).map_err(Unsealed::from);
            let sealed = sheet.seal(&passphrase()?, &mut random);
            *bytes = sealed
                .map_err(|error| Stop::NoAnswer { what: format!("a share file of {holder}: {error}") })?;
        }
    }
    artifact::create(directory, name, &bytes, Access::Owner)?;
    Ok(())
}

/// Why there is no share file.
#[derive(Debug, thiserror::Error)]
enum Unsealed {
    #[error(transparent)]
    File(#[from] ShareFileError),
    #[error(transparent)]
    Entropy(#[from] host::EntropyError),
}

/// Why a file has no words of a share.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoWords {
    /// Neither a sheet nor a share file.
    #[error("it is no sheet of {} numbered words and no share file", shares::WORDS_PER_SHARE)]
    NoSheet,
    /// A share file that stays closed.
    #[error(transparent)]
    File(#[from] ShareFileError),
}

/// The words on a sheet of any form; only an encrypted one asks for its passphrase.
pub(crate) fn words<E: From<NoWords>>(
    sheet: &str,
    passphrase: impl FnOnce() -> Result<Passphrase, E>,
) -> Result<ShareWords, E> {
    if is_share_file(sheet.as_bytes()) {
        return open_share_file(sheet.as_bytes(), &passphrase()?)
            .map_err(|error| NoWords::File(error).into());
    }
    words_from_sheet(sheet).ok_or_else(|| NoWords::NoSheet.into())
}

impl From<NoWords> for Stop {
    fn from(error: NoWords) -> Self {
        Self::NoAnswer { what: format!("the words of a share: {error}") }
    }
}
