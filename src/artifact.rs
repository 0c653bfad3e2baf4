//! Confined, create-new, fsynced files: a name that exists is never overwritten, a file that is there is whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use crate::format::{Digest, FileName, FileRef, MAX_FILE_BYTES};

/// Who may read a new file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Mode 0644: public evidence.
    Everybody,
    /// Mode 0600: keys, sheets and shares.
    Owner,
}

/// A file or directory could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is there already, and nothing is overwritten.
    #[error("`{}` exists already", path.display())]
    Exists {
        /// Which.
        path: PathBuf,
    },
    /// A link, directory or device where a regular file belongs.
    #[error("`{}` is not a regular file", path.display())]
    NotRegular {
        /// Which.
        path: PathBuf,
    },
    /// Larger than [`MAX_FILE_BYTES`].
    #[error("`{}` has {size} bytes, more than the {MAX_FILE_BYTES} that are read", path.display())]
    TooLarge {
        /// Which.
        path: PathBuf,
        /// In bytes.
        size: u64,
    },
    /// The operating system refused.
    #[error("{doing} `{}`: {source}", path.display())]
    System {
        /// What was attempted.
        doing: &'static str,
        /// On which path.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
}

/// Wraps the system's answer with what was attempted.
pub fn system<'a>(doing: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> Error + 'a {
    move |source| Error::System { doing, path: path.to_owned(), source }
}

/// Creates `directory/name` with those bytes: written beside it, synced, renamed without replacing, directory synced.
///
/// After a crash the file is either absent or whole; what may be left is `.NAME.PID.tmp`.
///
/// # Errors
/// [`Error::Exists`], or what the system says; the file is then not there.
pub fn create(directory: &Path, name: &FileName, bytes: &[u8], access: Access) -> Result<FileRef, Error> {
    let path = directory.join(name);
    create_at(&path, bytes, access)?;
    Ok(FileRef::of(name.clone(), bytes))
}

/// [`create`] for a path that a person named.
///
/// # Errors
/// As [`create`].
pub fn create_at(path: &Path, bytes: &[u8], access: Access) -> Result<(), Error> {
    let exists = || Error::Exists { path: path.to_owned() };
    // Asked before anything is written; the rename below asks again, and that answer counts.
    if fs::symlink_metadata(path).is_ok() {
        return Err(exists());
    }
    let directory = parent(path);
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    // The process id keeps what a crash left from blocking the next attempt.
    let temporary = directory.join(format!(".{name}.{}.tmp", std::process::id()));
    write_new(&temporary, bytes, access)?.sync_all().map_err(system("syncing", &temporary))?;
    match renameat_with(CWD, &temporary, CWD, path, RenameFlags::NOREPLACE) {
        Ok(()) => sync_directory(directory),
        Err(refused) => {
            // The copy under the temporary name is of no use to anybody; that it may stay is not worth a second error.
            let _ = fs::remove_file(&temporary);
            if refused == rustix::io::Errno::EXIST {
                Err(exists())
            } else {
                Err(system("renaming to", path)(refused.into()))
            }
        }
    }
}

/// Creates many files in a directory, synced together (syncfs(2)), which costs as much as one.
///
/// After a crash any of them may be absent or cut short: only for files that count once another, written after them by [`create`],
/// names each with its digest.
///
/// # Errors
/// [`Error::Exists`], or what the system says.
pub fn create_together<'a>(
    directory: &Path,
    files: impl IntoIterator<Item = &'a (FileName, Vec<u8>)>,
) -> Result<(), Error> {
    for (name, bytes) in files {
        write_new(&directory.join(name), bytes, Access::Everybody)?;
    }
    let opened = File::open(directory).map_err(system("syncing", directory))?;
    rustix::fs::syncfs(opened).map_err(|error| system("syncing", directory)(error.into()))
}

fn write_new(path: &Path, bytes: &[u8], access: Access) -> Result<File, Error> {
    let mode = match access {
        Access::Everybody => 0o644,
        Access::Owner => 0o600,
    };
    let open = OpenOptions::new().write(true).create_new(true).mode(mode).open(path);
    let mut file = open.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Error::Exists { path: path.to_owned() },
        _ => system("creating", path)(error),
    })?;
    file.write_all(bytes).map_err(system("writing", path))?;
    Ok(file)
}

/// Makes a directory that is not there yet, and its name durable.
///
/// # Errors
/// [`Error::Exists`], or what the system says.
pub fn create_directory(path: &Path) -> Result<(), Error> {
    match fs::create_dir(path) {
        Ok(()) => sync_directory(parent(path)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(Error::Exists { path: path.to_owned() })
        }
        Err(error) => Err(system("creating", path)(error)),
    }
}

/// Makes the names in a directory durable (fsync(2) on the directory).
///
/// # Errors
/// What the system says.
pub fn sync_directory(path: &Path) -> Result<(), Error> {
    File::open(path).and_then(|directory| directory.sync_all()).map_err(system("syncing", path))
}

/// Reads a regular file of at most [`MAX_FILE_BYTES`]; a link is none.
///
/// # Errors
/// [`Error::NotRegular`], [`Error::TooLarge`], or what the system says.
pub fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let metadata = fs::symlink_metadata(path).map_err(system("reading", path))?;
    if !metadata.is_file() {
        return Err(Error::NotRegular { path: path.to_owned() });
    }
    // Room for all of it at once: a vector that grows leaves copies behind, and some files are sheets.
    let expected = metadata.len().min(MAX_FILE_BYTES) + 1;
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or_default());
    let file = File::open(path).map_err(system("reading", path))?;
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(system("reading", path))?;
    let size = bytes.len() as u64;
    if size > MAX_FILE_BYTES { Err(Error::TooLarge { path: path.to_owned(), size }) } else { Ok(bytes) }
}

/// Reads a regular file and compares it with what is known of it.
///
/// # Errors
/// As [`read`]. `Ok(None)` when its SHA-256 is another.
pub fn read_known(path: &Path, sha256: &Digest) -> Result<Option<Vec<u8>>, Error> {
    let bytes = read(path)?;
    Ok((Digest::of(&bytes) == *sha256).then_some(bytes))
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_overwritten_and_no_link_is_followed() {
        let directory = tempfile::tempdir().unwrap();
        let name = FileName::parse("root.crt.pem").unwrap();
        let file = create(directory.path(), &name, b"one", Access::Everybody).unwrap();
        assert!(file.matches(b"one"));
        assert!(matches!(
            create(directory.path(), &name, b"two", Access::Everybody),
            Err(Error::Exists { .. })
        ));
        assert_eq!(read(&directory.path().join(&name)).unwrap(), b"one");
        let link = directory.path().join("link");
        std::os::unix::fs::symlink(directory.path().join(&name), &link).unwrap();
        assert!(matches!(read(&link), Err(Error::NotRegular { .. })));
        assert!(matches!(create_at(&link, b"two", Access::Owner), Err(Error::Exists { .. })));
        assert!(create_at(&directory.path().join("none/a"), b"x", Access::Owner).is_err());
        let names: Vec<_> =
            fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names.len(), 2, "no temporary file is left: {names:?}");
    }

    #[test]
    fn files_that_are_made_together_overwrite_nothing_either() {
        let directory = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: &[u8]| (FileName::parse(name).unwrap(), bytes.to_vec());
        create_together(directory.path(), &[file("a", b"one"), file("b", b"two")]).unwrap();
        assert_eq!(read(&directory.path().join("b")).unwrap(), b"two");
        let again = create_together(directory.path(), &[file("c", b"three"), file("a", b"four")]);
        assert!(matches!(again, Err(Error::Exists { path }) if path.ends_with("a")));
        assert_eq!(read(&directory.path().join("a")).unwrap(), b"one");
    }

    #[test]
    fn a_secret_is_readable_by_its_owner_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("officer-a.key.pem");
        create_at(&path, b"key", Access::Owner).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
