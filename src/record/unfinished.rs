use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::mirror::Copy;
use super::sink::Sink;
use super::{AuthorityLock, Bundle, Error, SignedBytes};
use crate::artifact::{self, Access, system};
use crate::format::{
    BundleDirectory, Digest, Event, FileName, FileRef, Log, LogError, MirrorFound, MirrorState, Mode, Name,
    Opened, Outcome, SealKind, Statement, seal_file_stem,
};

/// What the names of files begin with that a crash left and no record knows.
const SET_ASIDE: &str = "set-aside.";

/// An unfinished bundle that is open again.
pub struct Reopened {
    /// Open for writing.
    pub bundle: Bundle,
    /// Its log.
    pub log: Log,
    /// What the interruption left, in `artifacts/`.
    pub set_aside: Vec<FileRef>,
    /// How far its two copies were apart.
    pub mirror: Option<MirrorFound>,
}

/// What to do where the mirror that the binding names is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WithoutMirror {
    /// Nothing is written.
    Refuse,
    /// The record is ended without it, and says so.
    GoOn,
}

impl Bundle {
    /// Opens the bundle of a ceremony that did not end, to go on writing.
    ///
    /// What a crash left is set aside in `artifacts/`, never dropped: bytes after the log's last line feed, which
    /// are then cut from it, and every file that no record knows but seals for which `is_valid` holds. The mirror's copy and
    /// this one are compared and brought up to the longer of the two. Doing it again after another crash finds the same.
    ///
    /// # Errors
    /// [`Error::Ended`], [`Error::Log`] for a complete line that is wrong, [`Error::Fork`], [`Error::CutBelowSeal`],
    /// [`Error::Changed`], [`Error::MirrorMissing`], [`Error::Busy`] or [`Error::File`].
    pub fn reopen(
        directory: &Path,
        without: WithoutMirror,
        is_valid: impl Fn(&Log, &[u8], &Name, &SignedBytes) -> bool,
    ) -> Result<Reopened, Error> {
        let Opening { lock, torn, mut written, mirror } = Opening::of(directory, without)?;
        let (copy, found) = match mirror {
            Ok(Some(copy)) => {
                let found = copy.compare(&written)?;
                (Some(copy), found)
            }
            Ok(None) => (None, None),
            Err(out_of_reach) => (None, Some(out_of_reach)),
        };
        let own = written.len();
        written.extend_from_slice(copy.as_ref().map(|copy| copy.more_than(own)).unwrap_or_default());
        let log = Log::parse_in(&written, Mode::announced(&written))?;
        not_below_a_seal(directory, written.len())?;
        if !torn.is_empty() {
            keep(directory, "log.torn", &torn)?;
        }
        let mut sink = Sink::open(directory, lock)?;
        sink.cut(own)?;
        sink.append_all(written.get(own..).unwrap_or_default(), own)?;
        if log.outcome() != Outcome::InProgress {
            return Err(Error::Ended { path: directory.to_owned() });
        }
        sink.keep_reserve()?;
        let known = known_files(&log);
        if let Some(copy) = &copy {
            copy.give(directory, &known)?;
        }
        for (path, sha256) in &known {
            let path = directory.join(path);
            if artifact::read_known(&path, sha256)?.is_none() {
                return Err(Error::Changed { path });
            }
        }
        let mut bundle = Self::of(directory, vec![sink], written, &log)?;
        let mut kept: BTreeSet<String> = known.keys().cloned().collect();
        kept.extend(
            bundle.authorisations_without_a_record(|signer, pair| {
                is_valid(&log, &bundle.written, signer, pair)
            })?,
        );
        set_unknown_files_aside(directory, &kept)?;
        if let Some(copy) = copy {
            copy.hand_over(directory, &known)?;
            let sink = copy.bring_up(directory, &bundle.written)?;
            sink.keep_reserve()?;
            bundle.sinks.push(sink);
        }
        // What an earlier resumption named is no news.
        let mut set_aside = files_set_aside(directory)?;
        set_aside.retain(|file| {
            !known.contains_key(&format!("{}{}", BundleDirectory::Artifacts.prefix(), file.name))
        });
        Ok(Reopened { bundle, log, set_aside, mirror: found })
    }

    /// Opens the bundle of a ceremony that ended, to put seals into it that are still missing.
    ///
    /// A statement without its signature, which a crash between the two leaves, is taken away: it is no evidence. A mirror
    /// that is there is brought up; one that is not gets the seals when it is copied.
    ///
    /// # Errors
    /// [`Error::NotEnded`], [`Error::Fork`], [`Error::Log`] for a log that is not whole, [`Error::Busy`] or [`Error::File`].
    pub fn reopen_ended(directory: &Path) -> Result<(Self, Log), Error> {
        let Opening { lock, torn, written, mirror } = Opening::of(directory, WithoutMirror::GoOn)?;
        let log = Log::parse_in(&written, Mode::announced(&written))?;
        if log.outcome() == Outcome::InProgress || !torn.is_empty() {
            return Err(Error::NotEnded { path: directory.to_owned() });
        }
        let seals = directory.join(BundleDirectory::Seals.prefix());
        for name in file_names(&seals)? {
            let path = seals.join(&name);
            let alone = name.ends_with(".txt") && !path.with_extension("sig").exists();
            // What a crash left of a seal that was being written: no file of a bundle has such a name.
            let unfinished = name.starts_with('.') && name.ends_with(".tmp");
            if alone || unfinished {
                fs::remove_file(&path).map_err(system("removing", &path))?;
            }
        }
        artifact::sync_directory(&seals)?;
        let mut sinks = vec![Sink::open(directory, lock)?];
        if let Ok(Some(copy)) = mirror {
            copy.compare(&written)?;
            sinks.push(copy.bring_up(directory, &written)?);
        }
        Ok((Self::of(directory, sinks, written, &log)?, log))
    }

    fn of(directory: &Path, sinks: Vec<Sink>, written: Vec<u8>, log: &Log) -> Result<Self, Error> {
        Ok(Self {
            directory: directory.to_owned(),
            sinks,
            mode: Mode::announced(&written),
            written,
            ceremony: log.opened().map(Opened::ceremony_id).ok_or(LogError::Empty)?,
            next: log.lines.len() as u64,
            head: log.head(),
            poisoned: false,
            ended: log.outcome() != Outcome::InProgress,
        })
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
}

/// A bundle that is about to be opened again, with nothing changed yet.
struct Opening {
    lock: AuthorityLock,
    /// Bytes after the last line feed.
    torn: Vec<u8>,
    /// The whole lines.
    written: Vec<u8>,
    /// The mirror's copy, or that the mirror is not there and nobody needs it.
    mirror: Result<Option<Copy>, MirrorFound>,
}

impl Opening {
    fn of(directory: &Path, without: WithoutMirror) -> Result<Self, Error> {
        let authority =
            directory.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let lock = AuthorityLock::acquire(authority)?;
        let mut written = artifact::read(&directory.join(Bundle::LOG))?;
        let log = Log::parse_in(&written, Mode::announced(&written))?;
        written.truncate(written.len().saturating_sub(log.torn.len()));
        let mirror = match Copy::of(directory, log.opened().ok_or(LogError::Empty)?) {
            Err(Error::MirrorMissing { .. }) if without == WithoutMirror::GoOn => {
                Err(MirrorFound { state: MirrorState::OutOfReach, records: 0, head: Digest::ZERO })
            }
            copy => Ok(copy?),
        };
        Ok(Self { lock, torn: log.torn, written, mirror })
    }
}

/// No seal covers more than the log has: such a log was cut, and going on would hide it.
fn not_below_a_seal(directory: &Path, found: usize) -> Result<(), Error> {
    let seals = directory.join(BundleDirectory::Seals.prefix());
    for name in file_names(&seals)?.iter().filter(|name| name.ends_with(".txt")) {
        let path = seals.join(name);
        if let Ok(Statement::Seal(seal)) = Statement::parse(&artifact::read(&path)?)
            && seal.covered.bytes > found as u64
        {
            return Err(Error::CutBelowSeal { path, sealed: seal.covered.bytes, found: found as u64 });
        }
    }
    Ok(())
}

/// The paths below the bundle that records know, and what lies there.
fn known_files(log: &Log) -> BTreeMap<String, Digest> {
    let mut known = BTreeMap::new();
    let artifact =
        |file: &FileRef| (format!("{}{}", BundleDirectory::Artifacts.prefix(), file.name), file.sha256);
    let mut resumed_at = 0;
    for record in log.records() {
        if matches!(record.event, Event::Resumed(_)) {
            resumed_at = record.n;
        }
        match &record.event {
            Event::Resumed(resumed) => known.extend(resumed.set_aside.iter().map(artifact)),
            Event::Opened(opened) => {
                known.extend(opened.staged.iter().map(|file| (file.path.clone(), file.sha256)))
            }
            Event::TbsFrozen { tbs } => known.extend(tbs.iter().map(|tbs| artifact(&tbs.file))),
            Event::Released(released) => known.extend([artifact(&released.file)]),
            Event::Quarantined(quarantined) => known.extend([artifact(&quarantined.file)]),
            Event::EvidenceImported(imported) => known.extend([artifact(&imported.file)]),
            Event::SealAdded { seal, signer, statement_sha256, signature_sha256 } => {
                let stem = seal_file_stem(*seal, resumed_at, signer);
                let path = |ending| format!("{}{stem}.{ending}", BundleDirectory::Seals.prefix());
                known.extend([(path("txt"), *statement_sha256), (path("sig"), *signature_sha256)]);
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
            let path = format!("{}{name}", part.prefix());
            if path == Bundle::LOG || known.contains(&path) || name.starts_with(SET_ASIDE) {
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
pub(super) fn keep(directory: &Path, old_name: &str, bytes: &[u8]) -> Result<(), Error> {
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
pub(super) fn file_names(directory: &Path) -> Result<Vec<String>, Error> {
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
