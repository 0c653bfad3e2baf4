use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::AsRawFd as _;
use std::path::{Path, PathBuf};

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};

use crate::format::Digest;

use super::error::Error;

/// A module's bytes in memory that nobody can change any more, and their digest.
///
/// The loader is given this copy and never the file, so that what is loaded is what was hashed: neither a
/// renamed nor an overwritten file gets between the two. The libraries that the module itself needs are found by
/// the loader in its own ways and are not covered.
pub(super) struct Image {
    memory: File,
    pub(super) sha256: Digest,
}

impl Image {
    /// Reads the module's file; refuses it, with nothing loaded, when it is not what was expected.
    pub(super) fn read(path: &Path, expected: Option<&Digest>) -> Result<Self, Error> {
        let unreadable = |source| Error::ModuleFile { path: path.to_owned(), source };
        let bytes = std::fs::read(path).map_err(unreadable)?;
        let found = Digest::of(&bytes);
        if let Some(expected) = expected
            && *expected != found
        {
            return Err(Error::ModuleDigest { path: path.to_owned(), expected: *expected, found });
        }
        let memory = sealed(&bytes).map_err(unreadable)?;
        Ok(Self { memory, sha256: found })
    }

    /// The name under which the loader finds the copy, for as long as `self` lives.
    pub(super) fn path(&self) -> PathBuf {
        PathBuf::from(format!("/proc/self/fd/{}", self.memory.as_raw_fd()))
    }
}

fn sealed(bytes: &[u8]) -> io::Result<File> {
    let memory = memfd_create("pkcs11-module", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
    let mut memory = File::from(memory);
    memory.write_all(bytes)?;
    fcntl_add_seals(&memory, SealFlags::WRITE | SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL)?;
    Ok(memory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_hashed_cannot_be_changed_before_it_is_loaded() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("module.so");
        std::fs::write(&path, b"reviewed").unwrap();
        let image = Image::read(&path, Some(&Digest::of(b"reviewed"))).unwrap();
        std::fs::write(&path, b"replaced").unwrap();
        assert_eq!(std::fs::read(image.path()).unwrap(), b"reviewed");
        assert!(std::fs::write(image.path(), b"replaced").is_err());
        assert!((&image.memory).write_all(b"more").is_err());
    }

    #[test]
    fn a_module_that_is_not_the_expected_one_is_named_with_both_digests() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("module.so");
        std::fs::write(&path, b"other").unwrap();
        let wanted = Digest::of(b"reviewed");
        assert!(matches!(
            Image::read(&path, Some(&wanted)),
            Err(Error::ModuleDigest { expected, found, .. }) if expected == wanted && found == Digest::of(b"other")
        ));
    }
}
