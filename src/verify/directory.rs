use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use rustix::fs::{Mode, OFlags};

use super::verdict::Status;
use crate::format::{
    BundleDirectory, Digest, FileName, MAX_FILE_BYTES, Manifest, parse_bundle_directory_name,
};

/// A bundle's files in memory: what is judged is what was read once, whatever happens to the directory meanwhile.
pub struct BundleFiles {
    /// Name of the directory.
    pub name: String,
    files: BTreeMap<String, Vec<u8>>,
    /// What may not lie in a bundle, or cannot be read.
    pub(crate) strays: Vec<Stray>,
}

/// An entry that is no file of a bundle.
pub(crate) struct Stray {
    pub(crate) path: String,
    pub(crate) what: String,
    pub(crate) status: Status,
}

/// More files than any ceremony leaves.
const MAX_FILES: usize = 4096;
/// More bytes than any ceremony leaves.
const MAX_BYTES: u64 = 4 * MAX_FILE_BYTES;

impl BundleFiles {
    /// The record.
    pub const LOG: &'static str = "log.jsonl";

    /// A bundle whose files are in memory already: paths below it, and bytes.
    pub fn of(name: String, files: BTreeMap<String, Vec<u8>>) -> Self {
        Self { name, files, strays: Vec::new() }
    }

    /// Reads a bundle.
    ///
    /// # Errors
    /// When the directory cannot be listed. A file that cannot be read is a stray.
    pub fn read(directory: &Path) -> io::Result<Self> {
        let name = directory
            .canonicalize()?
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let mut bundle = Self { name, files: BTreeMap::new(), strays: Vec::new() };
        let mut left = MAX_BYTES;
        bundle.read_part(directory, BundleDirectory::Top, &mut left)?;
        Ok(bundle)
    }

    /// The bytes of the file at that path below the bundle.
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// The bytes of that file of `artifacts/`.
    pub(crate) fn artifact(&self, name: &FileName) -> Option<&[u8]> {
        self.get(&artifact_path(name))
    }

    /// The log; empty when there is none.
    pub fn log(&self) -> &[u8] {
        self.get(Self::LOG).unwrap_or_default()
    }

    /// Paths and bytes, sorted by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// What `MANIFEST.sha256` has to be.
    pub(crate) fn manifest(&self) -> Manifest {
        let covered = self.iter().filter(|(path, _)| {
            *path != Self::LOG
                && *path != Manifest::FILE
                && !path.starts_with(BundleDirectory::Seals.prefix())
        });
        Manifest(covered.map(|(path, bytes)| (path.to_owned(), Digest::of(bytes))).collect())
    }

    fn read_part(&mut self, directory: &Path, part: BundleDirectory, left: &mut u64) -> io::Result<()> {
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            let path = format!("{}{}", part.prefix(), entry.file_name().to_string_lossy());
            if self.files.len() + self.strays.len() >= MAX_FILES {
                self.stray(path, format!("more than {MAX_FILES} files"), Status::Fail);
                return Ok(());
            }
            let kind = entry.file_type()?;
            if kind.is_dir() && part == BundleDirectory::Top {
                let below = [BundleDirectory::Artifacts, BundleDirectory::Seals]
                    .into_iter()
                    .find(|part| part.prefix().strip_suffix('/') == Some(path.as_str()));
                if let Some(below) = below {
                    self.read_part(&entry.path(), below, left)?;
                    continue;
                }
            }
            if !kind.is_file() {
                self.stray(path, "not a regular file".to_owned(), Status::Fail);
            } else if is_unfinished(&path) {
                // The writer's name for a file that is not whole yet; the log cannot know of it.
                self.stray(path, "a file that was being written".to_owned(), Status::Incomplete);
            } else if !may_lie_in(part, &path) {
                self.stray(path, "no file of a bundle has this name".to_owned(), Status::Fail);
            } else {
                match read_file(&entry.path(), (*left).min(MAX_FILE_BYTES)) {
                    Ok(bytes) => {
                        *left = left.saturating_sub(bytes.len() as u64);
                        self.files.insert(path, bytes);
                    }
                    Err(error) => self.stray(path, error.to_string(), Status::Fail),
                }
            }
        }
        Ok(())
    }

    fn stray(&mut self, path: String, what: String, status: Status) {
        self.strays.push(Stray { path, what, status });
    }
}

/// The path below the bundle of a file of `artifacts/`.
pub(crate) fn artifact_path(name: &FileName) -> String {
    format!("{}{name}", BundleDirectory::Artifacts.prefix())
}

fn is_unfinished(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.starts_with('.') && name.ends_with(".tmp")
}

fn may_lie_in(part: BundleDirectory, path: &str) -> bool {
    let name = path.strip_prefix(part.prefix()).unwrap_or(path);
    let top = part == BundleDirectory::Top;
    FileName::parse(name).is_some()
        || top && (name == Manifest::FILE || Manifest::EXPLAINING_FILES.contains(&name))
}

/// Reads a regular file of at most `limit` bytes; never follows a link, never waits for a pipe.
fn read_file(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::other("larger than a bundle's files may be"));
    }
    Ok(bytes)
}

/// The entries of an authority directory.
pub(crate) struct AuthorityEntries {
    /// Bundles, in order of their ordinals.
    pub(crate) bundles: Vec<(u64, String)>,
    /// Names that no entry of an authority has.
    pub(crate) strays: Vec<String>,
    /// Whether a run was being prepared that never opened.
    pub(crate) staging: bool,
}

impl AuthorityEntries {
    const LOCK: &'static str = ".lock";
    const RESERVE: &'static str = ".reserve";
    const STAGING: &'static str = ".staging";

    /// Lists an authority.
    ///
    /// # Errors
    /// When the directory cannot be listed.
    pub(crate) fn read(directory: &Path) -> io::Result<Self> {
        let mut entries = Self { bundles: Vec::new(), strays: Vec::new(), staging: false };
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_directory = entry.file_type()?.is_dir();
            match parse_bundle_directory_name(&name) {
                Some((ordinal, _)) if is_directory => entries.bundles.push((ordinal, name)),
                None if name == Self::LOCK || name == Self::RESERVE => {}
                None if name == Self::STAGING => entries.staging = true,
                _ => entries.strays.push(name),
            }
        }
        entries.bundles.sort();
        entries.strays.sort();
        Ok(entries)
    }
}
