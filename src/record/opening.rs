use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, FlockOperation, RenameFlags, flock, renameat_with};

use super::sink::Sink;
use super::{Bundle, Error, Stamp, reserve};
use crate::artifact::{self, Access, system};
use crate::format::{
    BundleDirectory, Digest, Event, Opened, Record, StagedFile, bundle_directory_name,
    parse_bundle_directory_name,
};

/// The one writer of an authority directory, as long as it lives (flock(2) on `.lock`).
pub struct AuthorityLock {
    directory: PathBuf,
    _file: File,
}

/// A file that lies in the bundle before the first act.
pub struct StagedContent {
    /// Path below the bundle, with `/`.
    pub path: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

const STAGING: &str = ".staging";

impl AuthorityLock {
    /// Locks the authority, and makes its directory when there is none yet.
    ///
    /// # Errors
    /// [`Error::Busy`] when another process holds it, or [`Error::File`].
    pub fn acquire(directory: &Path) -> Result<Self, Error> {
        if fs::symlink_metadata(directory).is_err() {
            artifact::create_directory(directory)?;
        }
        let path = directory.join(".lock");
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(system("opening", &path))?;
        flock(&file, FlockOperation::NonBlockingLockExclusive)
            .map_err(|_| Error::Busy { path: directory.to_owned() })?;
        Ok(Self { directory: directory.to_owned(), _file: file })
    }

    /// The bundle that has this ordinal, when there is one.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn bundle_with(&self, ordinal: u64) -> Result<Option<PathBuf>, Error> {
        let entries = fs::read_dir(&self.directory).map_err(system("listing", &self.directory))?;
        for entry in entries {
            let entry = entry.map_err(system("listing", &self.directory))?;
            let name = parse_bundle_directory_name(&entry.file_name().to_string_lossy());
            if name.is_some_and(|(found, _)| found == ordinal) {
                return Ok(Some(entry.path()));
            }
        }
        Ok(None)
    }

    /// Its directory.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// The name of each bundle and the bytes of its log.
    pub(super) fn bundles(&self) -> Result<Vec<(String, Vec<u8>)>, Error> {
        let entries = fs::read_dir(&self.directory).map_err(system("listing", &self.directory))?;
        let mut bundles = Vec::new();
        for entry in entries {
            let name =
                entry.map_err(system("listing", &self.directory))?.file_name().to_string_lossy().into_owned();
            if parse_bundle_directory_name(&name).is_some() {
                let log = artifact::read(&self.directory.join(&name).join(Bundle::LOG))?;
                bundles.push((name, log));
            }
        }
        Ok(bundles)
    }

    /// Opens the record: stages every file and record 0, makes all of it durable, and gives the directory its name; then the
    /// same in the mirror, where there is one.
    ///
    /// The first rename uses the approvals up. Until then nothing happened; what is left of an earlier attempt that
    /// did not get so far is cleared away.
    ///
    /// # Errors
    /// [`Error::OrdinalTaken`], [`Error::MirrorMissing`], [`Error::MirrorHasMore`], [`Error::Fork`], [`Error::File`] or
    /// [`Error::Append`]; the bundle then does not exist.
    pub fn open(
        self,
        mirror: Option<&Path>,
        staged: &[StagedContent],
        mut opened: Opened,
        stamp: Stamp,
    ) -> Result<Bundle, Error> {
        let ordinal = opened.ordinal;
        if let Some(path) = self.bundle_with(ordinal)? {
            return Err(Error::OrdinalTaken { ordinal, path });
        }
        let mirror = mirror.map(super::mirror::lock).transpose()?;
        if let Some(mirror) = &mirror {
            super::mirror::prepare(&self, mirror)?;
        }
        opened.staged = staged.iter().map(described).collect();
        opened.staged.sort_by(|one, other| one.path.cmp(&other.path));

        let (ceremony, mode) = (opened.ceremony_id(), opened.mode);
        let name = bundle_directory_name(ordinal, &opened.name);
        let record = Record {
            v: Record::FORMAT.of(mode).to_owned(),
            cer: ceremony,
            n: 0,
            prev: Digest::ZERO,
            t: stamp.t,
            mono: stamp.mono,
            event: Event::Opened(opened),
        };
        let line = record.encode()?;
        if line.len() > crate::format::MAX_LINE_BYTES {
            return Err(Error::TooLong { n: 0 });
        }
        let directory = self.directory.join(&name);
        // Everything lies in both places before the first of them counts.
        let mut staging = Vec::new();
        for lock in [Some(self), mirror].into_iter().flatten() {
            reserve::keep(&lock.directory)?;
            let (path, log) = stage(&lock.directory, staged, &line)?;
            staging.push((path, log, lock));
        }
        let mut sinks = Vec::new();
        for (staged, log, lock) in staging {
            let target = lock.directory.join(&name);
            rename_into_place(&staged, &target, &lock.directory)?;
            sinks.push(Sink::new(target, log, lock));
        }
        Ok(Bundle {
            directory,
            sinks,
            head: Digest::of(&line),
            written: line,
            ceremony,
            mode,
            next: 1,
            poisoned: false,
            ended: false,
        })
    }
}

/// Writes a bundle's files and record 0 beside the bundles.
fn stage(directory: &Path, staged: &[StagedContent], line: &[u8]) -> Result<(PathBuf, File), Error> {
    let staging = staging_directory(directory)?;
    for StagedContent { path, bytes } in staged {
        artifact::create_at(&staging.join(path), bytes, Access::Everybody)?;
    }
    let path = staging.join(Bundle::LOG);
    let log = OpenOptions::new().append(true).create_new(true).open(&path);
    let mut log = log.map_err(system("creating", &path))?;
    log.write_all(line).and_then(|()| log.sync_all()).map_err(|source| Error::Append {
        n: 0,
        head: Digest::ZERO,
        path: staging.clone(),
        source,
    })?;
    artifact::sync_directory(&staging)?;
    Ok((staging, log))
}

/// An empty bundle without a name yet; what an earlier attempt left in its place is cleared away.
pub(super) fn staging_directory(directory: &Path) -> Result<PathBuf, Error> {
    let staging = directory.join(STAGING);
    match fs::remove_dir_all(&staging) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(system("clearing", &staging)(error).into());
        }
        Ok(()) | Err(_) => {}
    }
    artifact::create_directory(&staging)?;
    for part in [BundleDirectory::Artifacts, BundleDirectory::Seals] {
        artifact::create_directory(&staging.join(part.prefix()))?;
    }
    Ok(staging)
}

/// Gives what was staged its name, which nothing has yet.
pub(super) fn rename_into_place(staging: &Path, target: &Path, directory: &Path) -> Result<(), Error> {
    artifact::sync_directory(staging)?;
    renameat_with(CWD, staging, CWD, target, RenameFlags::NOREPLACE)
        .map_err(|error| system("renaming to", target)(error.into()))?;
    Ok(artifact::sync_directory(directory)?)
}

fn described(content: &StagedContent) -> StagedFile {
    let StagedContent { path, bytes } = content;
    StagedFile { path: path.clone(), size: bytes.len() as u64, sha256: Digest::of(bytes) }
}
