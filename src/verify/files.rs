use std::collections::BTreeMap;

use super::directory::{BundleFiles, artifact_path};
use super::examination::{Examination, not_applicable};
use super::facts::place_of;
use super::verdict::{Check, CheckId, Place, Status};
use crate::format::{BundleDirectory, Digest, Event, FileRef, Log, Manifest, Outcome};

/// Only the files that a bundle may have, each of them read.
pub(crate) fn layout(files: &BundleFiles) -> Check {
    let mut examination = Examination::of(CheckId::Layout);
    for stray in &files.strays {
        examination.found(stray.status, Place::file(&stray.path), format!("{}: {}", stray.path, stray.what));
    }
    examination
        .demand(files.get(BundleFiles::LOG).is_some(), None, || format!("{} is missing", BundleFiles::LOG));
    examination.finish(|| format!("{} files", files.iter().count()))
}

/// Every file that a record names is there and is what the record says; every file is named by a record.
pub(crate) fn named_files(files: &BundleFiles, log: &Log) -> Check {
    let mut examination = Examination::of(CheckId::Files);
    let mut named: BTreeMap<String, (u64, u64, Digest)> = BTreeMap::new();
    for record in log.records() {
        let artifact = |file: &FileRef| (artifact_path(&file.name), file.size, file.sha256);
        let of_record = match &record.event {
            Event::Opened(opened) => {
                let paths = opened.staged.iter().map(|file| &file.path);
                examination.demand(
                    paths.is_sorted_by(|one, next| one < next),
                    place_of(log, record.n),
                    || "the staged files are not sorted by path, each once".to_owned(),
                );
                opened.staged.iter().map(|file| (file.path.clone(), file.size, file.sha256)).collect()
            }
            Event::TbsFrozen { tbs } => tbs.iter().map(|tbs| artifact(&tbs.file)).collect(),
            Event::Released(released) => vec![artifact(&released.file)],
            Event::Quarantined(quarantined) => vec![artifact(&quarantined.file)],
            Event::EvidenceImported(imported) => vec![artifact(&imported.file)],
            Event::Resumed(resumed) => resumed.set_aside.iter().map(artifact).collect(),
            Event::Aborted(aborted) => aborted.set_aside.iter().map(artifact).collect(),
            _ => Vec::new(),
        };
        for (path, size, sha256) in of_record {
            if named.insert(path.clone(), (record.n, size, sha256)).is_some() {
                examination.fail(place_of(log, record.n), format!("{path} is named twice"));
            }
        }
    }
    for (path, (n, size, sha256)) in &named {
        let place = Place { file: path.clone(), ..place_of(log, *n) };
        let below = path.starts_with(BundleDirectory::Seals.prefix())
            || path == BundleFiles::LOG
            || path == Manifest::FILE;
        examination.demand(!below, place.clone(), || format!("{path} cannot be named by a record"));
        match files.get(path) {
            None => examination.fail(place, format!("{path} is missing")),
            Some(bytes) => {
                examination.demand(bytes.len() as u64 == *size && Digest::of(bytes) == *sha256, place, || {
                    format!("{path} has SHA-256 {}, the record says {sha256}", Digest::of(bytes))
                })
            }
        }
    }
    for (path, _) in files.iter() {
        let ending = path == Manifest::FILE && log.outcome() != Outcome::InProgress;
        if path == BundleFiles::LOG || ending || path.starts_with(BundleDirectory::Seals.prefix()) {
            continue;
        }
        if !named.contains_key(path) {
            // A crash leaves a file that is whole before the record that names it is durable.
            let status = match log.outcome() {
                Outcome::InProgress => Status::Incomplete,
                Outcome::Complete | Outcome::Aborted => Status::Fail,
            };
            examination.found(status, Place::file(path), format!("no record names {path}"));
        }
    }
    examination.finish(|| format!("{} files", named.len()))
}

/// `MANIFEST.sha256` names every file and its digest is in the record that ends the ceremony.
pub(crate) fn manifest(files: &BundleFiles, log: &Log) -> Check {
    let mut examination = Examination::of(CheckId::Manifest);
    let ending = log.records().next_back().and_then(|record| match &record.event {
        Event::Closed(closed) => Some((record.n, closed.manifest_sha256)),
        Event::Aborted(aborted) => Some((record.n, aborted.manifest_sha256)),
        _ => None,
    });
    let Some((n, expected)) = ending else {
        return not_applicable(CheckId::Manifest, "the ceremony has not ended");
    };
    let place = || Place::file(Manifest::FILE);
    let Some(bytes) = files.get(Manifest::FILE) else {
        examination.fail(place(), format!("{} is missing", Manifest::FILE));
        return examination.finish(String::new);
    };
    let found = Digest::of(bytes);
    examination.demand(found == expected, place_of(log, n), || {
        format!("{} has SHA-256 {found}, the last record says {expected}", Manifest::FILE)
    });
    let whole = files.manifest();
    match Manifest::parse(bytes) {
        Err(error) => examination.fail(place(), error.to_string()),
        Ok(manifest) => {
            for (path, digest) in &whole.0 {
                match manifest.0.get(path) {
                    Some(named) if named == digest => {}
                    Some(named) => examination.fail(
                        Place::file(path),
                        format!("{path} has SHA-256 {digest}, the manifest says {named}"),
                    ),
                    None => examination.fail(Place::file(path), format!("{path} is not in the manifest")),
                }
            }
            for path in manifest.0.keys().filter(|path| !whole.0.contains_key(*path)) {
                examination.fail(place(), format!("{path} is in the manifest and not in the bundle"));
            }
        }
    }
    examination.finish(|| format!("{} files", whole.0.len()))
}
