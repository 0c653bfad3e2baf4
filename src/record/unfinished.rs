use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::path::Path;

use super::{AuthorityLock, Bundle, Error, SignedBytes};
use crate::artifact::{self, Access, system};
use crate::format::{
    BundleDirectory, Digest, Event, FileName, FileRef, Log, LogError, Mode, Name, Opened, Outcome, SealKind,
    seal_file_stem,
};

/// What the names of files begin with that a crash left and no record knows.
const SET_ASIDE: &str = "set-aside.";

impl Bundle {
    /// Opens the bundle of a ceremony that did not end, to go on writing.
    ///
    /// What a crash left is set aside in `artifacts/`, never dropped: bytes after the log's last line feed, which
    /// are then cut from it, and every file that no record knows. Answers with the log and those files; doing it
    /// again after another crash finds the same ones.
    ///
    /// # Errors
    /// [`Error::Ended`], [`Error::Log`] for a complete line that is wrong, [`Error::Busy`] or [`Error::File`].
    pub fn reopen(
        directory: &Path,
        is_valid: impl Fn(&Log, &[u8], &Name, &SignedBytes) -> bool,
    ) -> Result<(Self, Log, Vec<FileRef>), Error> {
        let (mut bundle, log) = Self::open_again(directory)?;
        if bundle.ended {
            return Err(Error::Ended { path: directory.to_owned() });
        }
        if !log.torn.is_empty() {
            keep(directory, "log.torn", &log.torn)?;
        }
        let path = directory.join(Self::LOG);
        let whole = bundle.written.len().saturating_sub(log.torn.len());
        bundle.written.truncate(whole);
        let cut = bundle.log.set_len(whole as u64);
        cut.and_then(|()| bundle.log.sync_all()).map_err(system("cutting", &path))?;
        // What an earlier resumption named is no news.
        let known = known_paths(&log);
        let mut kept = known.clone();
        kept.extend(
            bundle.authorisations_without_a_record(|signer, pair| {
                is_valid(&log, &bundle.written, signer, pair)
            })?,
        );
        set_unknown_files_aside(directory, &kept)?;
        let mut set_aside = files_set_aside(directory)?;
        set_aside
            .retain(|file| !known.contains(&format!("{}{}", BundleDirectory::Artifacts.prefix(), file.name)));
        Ok((bundle, log, set_aside))
    }

    /// Opens the bundle of a ceremony that ended, to put seals into it that are still missing.
    ///
    /// A statement without its signature, which a crash between the two leaves, is taken away: it is no evidence.
    ///
    /// # Errors
    /// [`Error::NotEnded`], [`Error::Log`] for a log that is not whole, [`Error::Busy`] or [`Error::File`].
    pub fn reopen_ended(directory: &Path) -> Result<(Self, Log), Error> {
        let (bundle, log) = Self::open_again(directory)?;
        if !bundle.ended || !log.torn.is_empty() {
            return Err(Error::NotEnded { path: directory.to_owned() });
        }
        let seals = directory.join(BundleDirectory::Seals.prefix());
        for name in file_names(&seals)? {
            let path = seals.join(&name);
            if name.ends_with(".txt") && !path.with_extension("sig").exists() {
                fs::remove_file(&path).map_err(system("removing", &path))?;
            }
        }
        artifact::sync_directory(&seals)?;
        Ok((bundle, log))
    }

    /// The files of authorisations that an interruption kept from being recorded and that are good ones.
    fn authorisations_without_a_record(
        &self,
        is_valid: impl Fn(&Name, &SignedBytes) -> bool,
    ) -> Result<Vec<String>, Error> {
        let mut paths = Vec::new();
        let (prefix, kind) = (BundleDirectory::Seals.prefix(), format!("{}.", SealKind::Authorise));
        for name in file_names(&self.directory.join(prefix))? {
            let stem = name.strip_suffix(".sig").filter(|stem| stem.starts_with(&kind));
            let Some((stem, signer)) =
                stem.and_then(|stem| Some((stem, stem.strip_prefix(&kind)?.parse().ok()?)))
            else {
                continue;
            };
            let statement = self.directory.join(prefix).join(format!("{stem}.txt"));
            if statement.exists() && self.read_seal(stem)?.is_some_and(|pair| is_valid(&signer, &pair)) {
                paths.extend(["txt", "sig"].map(|ending| format!("{prefix}{stem}.{ending}")));
            }
        }
        Ok(paths)
    }

    /// `written` is everything in the log, a torn line included.
    fn open_again(directory: &Path) -> Result<(Self, Log), Error> {
        let authority =
            directory.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let lock = AuthorityLock::acquire(authority)?;
        let path = directory.join(Self::LOG);
        let written = artifact::read(&path)?;
        let mode = Mode::announced(&written);
        let log = Log::parse_in(&written, mode)?;
        let ceremony = log.opened().map(Opened::ceremony_id).ok_or(LogError::Empty)?;
        let file = OpenOptions::new().append(true).open(&path);
        let bundle = Self {
            directory: directory.to_owned(),
            log: file.map_err(system("opening", &path))?,
            written,
            ceremony,
            mode,
            next: log.lines.len() as u64,
            head: log.head(),
            poisoned: false,
            ended: log.outcome() != Outcome::InProgress,
            _lock: lock,
        };
        Ok((bundle, log))
    }
}

/// The paths below the bundle that records know.
fn known_paths(log: &Log) -> BTreeSet<String> {
    let mut known = BTreeSet::from([Bundle::LOG.to_owned()]);
    let artifact = |file: &FileRef| format!("{}{}", BundleDirectory::Artifacts.prefix(), file.name);
    let mut resumed_at = 0;
    for record in log.records() {
        if matches!(record.event, Event::Resumed(_)) {
            resumed_at = record.n;
        }
        match &record.event {
            Event::Resumed(resumed) => known.extend(resumed.set_aside.iter().map(artifact)),
            Event::Opened(opened) => known.extend(opened.staged.iter().map(|file| file.path.clone())),
            Event::TbsFrozen { tbs } => known.extend(tbs.iter().map(|tbs| artifact(&tbs.file))),
            Event::Released(released) => drop(known.insert(artifact(&released.file))),
            Event::Quarantined(quarantined) => drop(known.insert(artifact(&quarantined.file))),
            Event::SealAdded { seal, signer, .. } => {
                let stem = seal_file_stem(*seal, resumed_at, signer);
                let path = |ending| format!("{}{stem}.{ending}", BundleDirectory::Seals.prefix());
                known.extend(["txt", "sig"].map(path));
            }
            _ => {}
        }
    }
    known
}

fn set_unknown_files_aside(directory: &Path, known: &BTreeSet<String>) -> Result<(), Error> {
    for part in [BundleDirectory::Top, BundleDirectory::Artifacts, BundleDirectory::Seals] {
        let below = directory.join(part.prefix());
        for name in file_names(&below)? {
            if known.contains(&format!("{}{name}", part.prefix())) || name.starts_with(SET_ASIDE) {
                continue;
            }
            let path = below.join(&name);
            keep(directory, &name, &artifact::read(&path)?)?;
            fs::remove_file(&path).map_err(system("removing", &path))?;
        }
        artifact::sync_directory(&below)?;
    }
    Ok(())
}

fn files_set_aside(directory: &Path) -> Result<Vec<FileRef>, Error> {
    let artifacts = directory.join(BundleDirectory::Artifacts.prefix());
    let mut files = Vec::new();
    for name in file_names(&artifacts)?.iter().filter(|name| name.starts_with(SET_ASIDE)) {
        let bytes = artifact::read(&artifacts.join(name))?;
        files.extend(FileName::parse(name).map(|name| FileRef::of(name, &bytes)));
    }
    Ok(files)
}

/// Writes what is set aside under a name that its content and old name give; a copy that is there is as good.
fn keep(directory: &Path, old_name: &str, bytes: &[u8]) -> Result<(), Error> {
    let artifacts = directory.join(BundleDirectory::Artifacts.prefix());
    let digest: String = Digest::of(bytes).to_string().chars().take(8).collect();
    let plain = old_name.trim_start_matches('.').to_ascii_lowercase();
    let name = FileName::parse(&format!("{SET_ASIDE}{digest}.{plain}"));
    let name = name.or_else(|| FileName::parse(&format!("{SET_ASIDE}{digest}.bin")));
    let name = name.ok_or_else(|| artifact::Error::NotRegular { path: directory.join(old_name) })?;
    match artifact::create(&artifacts, &name, bytes, Access::Everybody) {
        Err(artifact::Error::Exists { path }) if artifact::read(&path)? == bytes => Ok(()),
        created => Ok(created.map(drop)?),
    }
}

/// The names of a directory's regular files, sorted.
fn file_names(directory: &Path) -> Result<Vec<String>, Error> {
    let mut names = Vec::new();
    for entry in fs::read_dir(directory).map_err(system("listing", directory))? {
        let entry = entry.map_err(system("listing", directory))?;
        if entry.file_type().map_err(system("listing", directory))?.is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}
