use std::path::Path;

use crate::artifact::{self, Access, Error};
use crate::cli::failure::Failure;

/// The bytes of a file that the person named.
pub(super) fn read(path: &Path, what: &str) -> Result<Vec<u8>, Failure> {
    artifact::read(path)
        .map_err(|error| Failure::usage(format!("{what} cannot be read: {error}"), "check the path"))
}

/// Refuses a path where something is already, before the person is asked for anything.
pub(super) fn must_not_exist(path: &Path) -> Result<(), Failure> {
    if path.symlink_metadata().is_ok() {
        Err(unwritable(&Error::Exists { path: path.to_owned() }))
    } else {
        Ok(())
    }
}

/// Writes a new file whole or not at all.
pub(super) fn write_new(path: &Path, bytes: &[u8], access: Access) -> Result<(), Failure> {
    artifact::create_at(path, bytes, access).map_err(|error| unwritable(&error))
}

fn unwritable(error: &Error) -> Failure {
    let remedy = match error {
        Error::Exists { .. } => "choose another name; nothing that exists is overwritten",
        _ => "check the directory, its permissions and the space that is left",
    };
    Failure::usage(error, remedy)
}
