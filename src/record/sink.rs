use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::opening::AuthorityLock;
use super::{Bundle, Error, reserve};
use crate::artifact::{self, Access, system};

/// One of the places to which every byte of a bundle goes, and the lock of the directory that it lies in.
pub(super) struct Sink {
    /// The bundle's directory.
    pub(super) directory: PathBuf,
    log: File,
    lock: AuthorityLock,
}

/// How a line got to the disk.
pub(super) enum Appended {
    /// As it should.
    Durable,
    /// Only after the reserve was given up: nothing more fits.
    LastOne,
}

impl Sink {
    pub(super) fn new(directory: PathBuf, log: File, lock: AuthorityLock) -> Self {
        Self { directory, log, lock }
    }

    /// Opens the log that lies there to go on writing it.
    pub(super) fn open(directory: &Path, lock: AuthorityLock) -> Result<Self, Error> {
        let path = directory.join(Bundle::LOG);
        let log = OpenOptions::new().append(true).open(&path).map_err(system("opening", &path))?;
        Ok(Self::new(directory.to_owned(), log, lock))
    }

    /// Writes one line after the first `length` bytes, and syncs it. Where the medium is full, the piece that went
    /// through is cut off, the reserve is given up, and the line is written once more: no answer of a token is lost for
    /// want of space. A failed fdatasync(2) is never repeated, because the second may report success for data that the
    /// first one lost.
    pub(super) fn append(&mut self, line: &[u8], length: usize) -> io::Result<Appended> {
        match self.log.write_all(line) {
            Ok(()) => {
                self.log.sync_data()?;
                Ok(Appended::Durable)
            }
            Err(error) if error.kind() == io::ErrorKind::StorageFull => {
                self.log.set_len(length as u64)?;
                reserve::give_up(self.lock.directory())?;
                self.log.write_all(line)?;
                self.log.sync_data()?;
                Ok(Appended::LastOne)
            }
            Err(error) => Err(error),
        }
    }

    /// Writes lines after the first `length` bytes, each as [`Sink::append`] does.
    pub(super) fn append_all(&mut self, lines: &[u8], mut length: usize) -> Result<(), Error> {
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            self.append(line, length).map_err(system("writing", &self.directory))?;
            length += line.len();
        }
        Ok(())
    }

    /// Cuts everything after the first `length` bytes.
    pub(super) fn cut(&mut self, length: usize) -> Result<(), Error> {
        let path = self.directory.join(Bundle::LOG);
        let cut = self.log.set_len(length as u64).and_then(|()| self.log.sync_all());
        Ok(cut.map_err(system("cutting", &path))?)
    }

    /// Makes the reserve, where it was given up.
    pub(super) fn keep_reserve(&self) -> Result<(), Error> {
        reserve::keep(self.lock.directory())
    }

    /// Creates a file of the bundle; `path` is below it.
    pub(super) fn create(&self, path: &str, bytes: &[u8]) -> Result<(), artifact::Error> {
        let created = artifact::create_at(&self.directory.join(path), bytes, Access::Everybody);
        if let Err(artifact::Error::System { source, .. }) = &created
            && source.kind() == io::ErrorKind::StorageFull
        {
            // What ends the ceremony has to find space; that there may be none to give is not worth a second error.
            let _ = reserve::give_up(self.lock.directory());
        }
        created
    }
}
