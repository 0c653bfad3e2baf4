use std::fs;
use std::path::{Path, PathBuf};

use super::Error;
use super::sink::{Appended, Sink};
use crate::artifact;
use crate::format::{
    BundleDirectory, Covered, Digest, Event, FileName, FileRef, Instant, MAX_LINE_BYTES, Manifest, Mode,
    Record,
};

/// When a record is made, by the host's clocks.
#[derive(Clone, Copy, Debug)]
pub struct Stamp {
    /// Wall clock.
    pub t: Instant,
    /// Milliseconds of CLOCK_BOOTTIME since the process began.
    pub mono: u64,
}

/// Statement and signature, both as exact bytes.
pub type SignedBytes = (Vec<u8>, Vec<u8>);

/// An open bundle, and the only writer of its log.
pub struct Bundle {
    pub(super) directory: PathBuf,
    /// The authority, then the mirror where there is one.
    pub(super) sinks: Vec<Sink>,
    /// Every durable byte of the log.
    pub(super) written: Vec<u8>,
    pub(super) ceremony: Digest,
    pub(super) mode: Mode,
    pub(super) next: u64,
    pub(super) head: Digest,
    pub(super) poisoned: bool,
    pub(super) ended: bool,
}

impl Bundle {
    /// The file name of the log.
    pub const LOG: &'static str = "log.jsonl";

    /// The ceremony's identifier.
    pub fn ceremony(&self) -> Digest {
        self.ceremony
    }

    /// Whether this counts.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Where it lies.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The last durable head.
    pub fn head(&self) -> Digest {
        self.head
    }

    /// Whether the record that ends the ceremony is written.
    pub fn ended(&self) -> bool {
        self.ended
    }

    /// Every durable byte of the log.
    pub fn written(&self) -> &[u8] {
        &self.written
    }

    /// What a seal over everything durable covers.
    pub fn covered(&self) -> Covered {
        Covered::of(&self.written)
    }

    /// Makes one record durable: one write, then fdatasync(2), in the authority and then in the mirror.
    ///
    /// # Errors
    /// [`Error`]; after an error of the file system every later call is [`Error::Poisoned`], because a second
    /// fsync may report success for data that the first one lost. [`Error::Full`] when this record is durable, and is the
    /// last one that there was space for.
    pub fn append(&mut self, event: Event, stamp: Stamp) -> Result<(), Error> {
        self.sound()?;
        if self.ended {
            return Err(Error::Ended { path: self.directory.clone() });
        }
        let ends = matches!(event, Event::Closed(_) | Event::Aborted(_));
        let Stamp { t, mono } = stamp;
        let record = Record {
            v: Record::FORMAT.of(self.mode).to_owned(),
            cer: self.ceremony,
            n: self.next,
            prev: self.head,
            t,
            mono,
            event,
        };
        let line = record.encode()?;
        if line.len() > MAX_LINE_BYTES {
            return Err(Error::TooLong { n: self.next });
        }
        let mut full = None;
        for sink in &mut self.sinks {
            match sink.append(&line, self.written.len()) {
                Ok(Appended::Durable) => {}
                Ok(Appended::LastOne) => full = Some(sink.directory.clone()),
                Err(source) => {
                    self.poisoned = true;
                    let (n, head, path) = (self.next, self.head, sink.directory.clone());
                    return Err(Error::Append { n, head, path, source });
                }
            }
        }
        self.head = Digest::of(&line);
        self.ended = ends;
        self.next += 1;
        self.written.extend_from_slice(&line);
        match full {
            None => Ok(()),
            Some(path) => {
                self.poisoned = true;
                Err(Error::Full { head: self.head, path })
            }
        }
    }

    fn sound(&self) -> Result<(), Error> {
        if self.poisoned { Err(Error::Poisoned { head: self.head }) } else { Ok(()) }
    }

    /// Creates a file below the bundle, durable in every sink before this returns. A medium that fails stops everything,
    /// a name that is taken does not.
    fn create(&mut self, path: &str, bytes: &[u8]) -> Result<(), Error> {
        self.sound()?;
        for sink in &self.sinks {
            if let Err(error) = sink.create(path, bytes) {
                self.poisoned = !matches!(error, artifact::Error::Exists { .. });
                return Err(error.into());
            }
        }
        Ok(())
    }

    /// Writes a file of `artifacts/`, durable before this returns.
    ///
    /// # Errors
    /// [`Error::File`]; a name that is taken is one.
    pub fn create_artifact(&mut self, name: &FileName, bytes: &[u8]) -> Result<FileRef, Error> {
        self.create(&format!("{}{name}", BundleDirectory::Artifacts.prefix()), bytes)?;
        Ok(FileRef::of(name.clone(), bytes))
    }

    /// Reads a file of `artifacts/`.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn read_artifact(&self, name: &FileName) -> Result<Vec<u8>, Error> {
        Ok(artifact::read(&self.artifacts().join(name))?)
    }

    /// Writes `seals/KIND.SIGNER.txt` and `.sig`; answers with their digests.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn create_seal(
        &mut self,
        stem: &str,
        statement: &[u8],
        signature: &[u8],
    ) -> Result<(Digest, Digest), Error> {
        for (ending, bytes) in [("txt", statement), ("sig", signature)] {
            self.create(&format!("{}{stem}.{ending}", BundleDirectory::Seals.prefix()), bytes)?;
        }
        Ok((Digest::of(statement), Digest::of(signature)))
    }

    /// Reads `seals/KIND.SIGNER.txt` and `.sig`; `None` when there is no such seal.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn read_seal(&self, stem: &str) -> Result<Option<SignedBytes>, Error> {
        let directory = self.directory.join(BundleDirectory::Seals.prefix());
        let [statement, signature] = ["txt", "sig"].map(|ending| directory.join(format!("{stem}.{ending}")));
        if fs::symlink_metadata(&signature).is_err() {
            return Ok(None);
        }
        Ok(Some((artifact::read(&statement)?, artifact::read(&signature)?)))
    }

    /// Writes `MANIFEST.sha256` over every file but the log, the seals and itself; answers with its digest.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn create_manifest(&mut self) -> Result<Digest, Error> {
        let mut manifest = Manifest::default();
        for part in [BundleDirectory::Top, BundleDirectory::Artifacts] {
            let directory = self.directory.join(part.prefix());
            let entries = fs::read_dir(&directory).map_err(artifact::system("listing", &directory))?;
            for entry in entries {
                let entry = entry.map_err(artifact::system("listing", &directory))?;
                let name = entry.file_name().to_string_lossy().into_owned();
                let path = entry.path();
                let is_file = entry.file_type().map_err(artifact::system("reading", &path))?.is_file();
                if is_file && name != Self::LOG && name != Manifest::FILE {
                    manifest
                        .0
                        .insert(format!("{}{name}", part.prefix()), Digest::of(&artifact::read(&path)?));
                }
            }
        }
        let bytes = manifest.encode();
        self.create(Manifest::FILE, &bytes)?;
        Ok(Digest::of(&bytes))
    }

    pub(super) fn artifacts(&self) -> PathBuf {
        self.directory.join(BundleDirectory::Artifacts.prefix())
    }
}
