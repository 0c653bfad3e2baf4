//! The second copy of a bundle, on another medium: how the two are compared when a bundle is opened again, and how the
//! shorter one is brought up to the longer one.
//!
//! A line goes to the authority first, then to the mirror, each followed by fdatasync(2). So one log is always a
//! beginning of the other; where it is not, somebody or something wrote past this program, and nothing here decides which
//! of the two is true.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::opening::{AuthorityLock, rename_into_place, staging_directory};
use super::sink::Sink;
use super::unfinished::{file_names, keep};
use super::{Bundle, Error};
use crate::artifact::{self, Access, system};
use crate::format::{Binding, BundleDirectory, Digest, MirrorFound, MirrorState, Opened};

/// The mirror's copy of a bundle, before it is brought up.
pub(super) struct Copy {
    lock: AuthorityLock,
    /// Where the copy is or will be.
    directory: PathBuf,
    /// Its whole lines, and what is torn after them; `None` where there is no copy.
    log: Option<(Vec<u8>, Vec<u8>)>,
}

impl Copy {
    /// The mirror of the bundle at `primary`, where its binding names one.
    ///
    /// # Errors
    /// [`Error::MirrorMissing`] when its medium is not there.
    pub(super) fn of(primary: &Path, opened: &Opened) -> Result<Option<Self>, Error> {
        let path = primary.join(BundleDirectory::Artifacts.prefix()).join("binding.toml");
        let known = artifact::read_known(&path, &opened.binding_sha256)?;
        let binding = known.and_then(|bytes| Binding::parse_in(&bytes, opened.mode).ok());
        let binding = binding.ok_or(Error::Changed { path })?;
        let (Some(mirror), Some(name)) = (binding.mirror, primary.file_name()) else {
            return Ok(None);
        };
        let lock = lock(&mirror)?;
        let directory = mirror.join(name);
        let log = match fs::symlink_metadata(&directory) {
            Err(_) => None,
            Ok(_) => {
                let bytes = artifact::read(&directory.join(Bundle::LOG))?;
                let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
                let (lines, torn) = bytes.split_at_checked(whole).unwrap_or_default();
                Some((lines.to_vec(), torn.to_vec()))
            }
        };
        Ok(Some(Self { lock, directory, log }))
    }

    /// Compares the two logs; `written` are the primary's whole lines. Nothing is changed.
    ///
    /// # Errors
    /// [`Error::Fork`] with both heads.
    pub(super) fn compare(&self, written: &[u8]) -> Result<Option<MirrorFound>, Error> {
        let Some((lines, _)) = &self.log else {
            return Ok(Some(MirrorFound { state: MirrorState::Absent, records: 0, head: Digest::ZERO }));
        };
        if lines == written {
            Ok(None)
        } else if written.starts_with(lines) {
            Ok(Some(end_of(MirrorState::Behind, lines)))
        } else if lines.starts_with(written) {
            Ok(Some(end_of(MirrorState::Ahead, written)))
        } else {
            Err(Error::Fork {
                ours: end_of(MirrorState::Ahead, written).head,
                theirs: end_of(MirrorState::Behind, lines).head,
                mirror: self.directory.clone(),
            })
        }
    }

    /// The mirror's whole lines after the first `length` bytes.
    pub(super) fn more_than(&self, length: usize) -> &[u8] {
        self.log.as_ref().and_then(|(lines, _)| lines.get(length..)).unwrap_or_default()
    }

    /// Takes from the mirror each file that a record names and the primary has not, or has otherwise.
    pub(super) fn give(&self, primary: &Path, known: &BTreeMap<String, Digest>) -> Result<(), Error> {
        if self.log.is_none() {
            return Ok(());
        }
        for (path, sha256) in known {
            let own = primary.join(path);
            if own.exists() && artifact::read_known(&own, sha256)?.is_some() {
                continue;
            }
            let theirs = self.directory.join(path);
            let Some(bytes) =
                theirs.exists().then(|| artifact::read_known(&theirs, sha256)).transpose()?.flatten()
            else {
                continue;
            };
            if own.exists() {
                keep(primary, path.rsplit('/').next().unwrap_or(path), &artifact::read(&own)?)?;
                fs::remove_file(&own).map_err(system("removing", &own))?;
            }
            artifact::create_at(&own, &bytes, Access::Everybody)?;
        }
        Ok(())
    }

    /// Keeps in the primary what only the mirror has and no record names.
    pub(super) fn hand_over(&self, primary: &Path, known: &BTreeMap<String, Digest>) -> Result<(), Error> {
        let Some((_, torn)) = &self.log else {
            return Ok(());
        };
        if !torn.is_empty() {
            keep(primary, "log.torn", torn)?;
        }
        for (path, bytes) in self.files()? {
            let own = primary.join(&path);
            let same = own.exists() && artifact::read(&own)? == bytes;
            if !known.contains_key(&path) && !same {
                keep(primary, path.rsplit('/').next().unwrap_or(&path), &bytes)?;
            }
        }
        Ok(())
    }

    /// Makes the copy what the primary is: files first, then the lines that name them.
    pub(super) fn bring_up(self, primary: &Path, written: &[u8]) -> Result<Sink, Error> {
        let Self { lock, directory, log } = self;
        let Some((lines, _)) = log else {
            copy_bundle(primary, &lock, &directory)?;
            return Sink::open(&directory, lock);
        };
        let (own, theirs) = (files_of(primary)?, files_of(&directory)?);
        for (path, bytes) in &theirs {
            if own.get(path) != Some(bytes) {
                let path = directory.join(path);
                fs::remove_file(&path).map_err(system("removing", &path))?;
            }
        }
        for (path, bytes) in &own {
            if theirs.get(path) != Some(bytes) {
                artifact::create_at(&directory.join(path), bytes, Access::Everybody)?;
            }
        }
        let mut sink = Sink::open(&directory, lock)?;
        sink.cut(lines.len())?;
        sink.append_all(written.get(lines.len()..).unwrap_or_default(), lines.len())?;
        Ok(sink)
    }

    fn files(&self) -> Result<BTreeMap<String, Vec<u8>>, Error> {
        files_of(&self.directory)
    }
}

/// Locks a mirror. Its directory is not made: an empty mount point would be taken for the medium.
pub(super) fn lock(mirror: &Path) -> Result<AuthorityLock, Error> {
    if !mirror.is_dir() {
        return Err(Error::MirrorMissing { path: mirror.to_owned() });
    }
    AuthorityLock::acquire(mirror)
}

/// The two lie in different file systems (`st_dev`, stat(2)); that those are on different disks only people see. An
/// authority that is not there yet lies where its nearest directory does.
///
/// # Errors
/// [`Error::MirrorOnSameDevice`], [`Error::MirrorMissing`] or [`Error::File`].
pub fn are_apart(authority: &Path, mirror: &Path) -> Result<(), Error> {
    let theirs = fs::metadata(mirror).map_err(|_| Error::MirrorMissing { path: mirror.to_owned() })?;
    let absolute = std::path::absolute(authority).map_err(system("finding", authority))?;
    let ours = absolute.ancestors().find_map(|directory| fs::metadata(directory).ok());
    if ours.is_some_and(|ours| ours.dev() == theirs.dev()) {
        return Err(Error::MirrorOnSameDevice { path: mirror.to_owned() });
    }
    Ok(())
}

/// Before a new ceremony: no ceremony that both have is another one there, and each that only the authority has is copied.
pub(super) fn prepare(authority: &AuthorityLock, mirror: &AuthorityLock) -> Result<(), Error> {
    for (name, log) in authority.bundles()? {
        let copy = mirror.directory().join(&name);
        if fs::symlink_metadata(&copy).is_err() {
            copy_bundle(&authority.directory().join(&name), mirror, &copy)?;
            continue;
        }
        let theirs = artifact::read(&copy.join(Bundle::LOG))?;
        if theirs != log {
            let (ours, theirs) =
                (end_of(MirrorState::Ahead, &log).head, end_of(MirrorState::Behind, &theirs).head);
            return Err(Error::Fork { ours, theirs, mirror: copy });
        }
    }
    for (name, _) in mirror.bundles()? {
        if fs::symlink_metadata(authority.directory().join(&name)).is_err() {
            return Err(Error::MirrorHasMore { path: mirror.directory().join(name) });
        }
    }
    Ok(())
}

fn copy_bundle(from: &Path, lock: &AuthorityLock, to: &Path) -> Result<(), Error> {
    let staging = staging_directory(lock.directory())?;
    for (path, bytes) in files_of(from)? {
        artifact::create_at(&staging.join(path), &bytes, Access::Everybody)?;
    }
    let log = artifact::read(&from.join(Bundle::LOG))?;
    artifact::create_at(&staging.join(Bundle::LOG), &log, Access::Everybody)?;
    rename_into_place(&staging, to, lock.directory())
}

/// Every file of a bundle but its log, by the path below it.
fn files_of(bundle: &Path) -> Result<BTreeMap<String, Vec<u8>>, Error> {
    let mut files = BTreeMap::new();
    for part in [BundleDirectory::Top, BundleDirectory::Artifacts, BundleDirectory::Seals] {
        for name in file_names(&bundle.join(part.prefix()))? {
            if name != Bundle::LOG {
                let path = format!("{}{name}", part.prefix());
                let bytes = artifact::read(&bundle.join(&path))?;
                files.insert(path, bytes);
            }
        }
    }
    Ok(files)
}

fn end_of(state: MirrorState, lines: &[u8]) -> MirrorFound {
    let last = lines.split_inclusive(|byte| *byte == b'\n').next_back();
    let records = lines.iter().filter(|byte| **byte == b'\n').count() as u64;
    MirrorFound { state, records, head: last.map_or(Digest::ZERO, Digest::of) }
}
