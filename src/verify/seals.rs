use std::collections::BTreeMap;

use super::directory::BundleFiles;
use super::examination::Examination;
use super::facts::{Facts, place_of};
use super::verdict::{Check, CheckId, Place, Status};
use crate::format::{
    BundleDirectory, Covered, Event, Log, Name, Outcome, Presence, Roster, Seal, SealKind, Statement,
    seal_file_stem,
};
use crate::roster::{Refused, SealTemplate, SealTime, check_seal, check_signature, seal_quorum};

/// A pair of files in `seals/`.
pub(crate) struct SealFile<'a> {
    pub(crate) kind: SealKind,
    pub(crate) signer: Name,
    /// How many records it covers, where its name says so: a resumption's.
    pub(crate) covered: Option<u64>,
    /// Path without its ending.
    pub(crate) path: String,
    pub(crate) statement: Option<&'a [u8]>,
    pub(crate) signature: Option<&'a [u8]>,
}

impl<'a> SealFile<'a> {
    /// Both files.
    pub(crate) fn pair(&self) -> Option<(&'a [u8], &'a [u8])> {
        Some((self.statement?, self.signature?))
    }

    fn ends(&self) -> bool {
        matches!(self.kind, SealKind::Close | SealKind::Abort)
    }

    pub(crate) fn place(&self) -> Place {
        Place::file(format!("{}.txt", self.path))
    }

    /// The seal that the statement is, under the name that its file has.
    fn seal(&self) -> Option<Seal> {
        match Statement::parse(self.statement?).ok()? {
            Statement::Seal(seal) => Some(seal),
            Statement::Approval(_) | Statement::Field(_) => None,
        }
    }
}

/// Every seal, in order of its path, and the files in `seals/` whose names are no seal's.
pub(crate) fn seal_files(files: &BundleFiles) -> (Vec<SealFile<'_>>, Vec<&str>) {
    let mut seals: BTreeMap<String, SealFile<'_>> = BTreeMap::new();
    let mut others = Vec::new();
    for (path, bytes) in files.iter() {
        let Some(name) = path.strip_prefix(BundleDirectory::Seals.prefix()) else {
            continue;
        };
        let parts = name.rsplit_once('.').and_then(|(stem, ending)| {
            let (kind, signer) = stem.split_once('.')?;
            let (kind, covered) = match kind.split_once('-') {
                Some((kind, covered)) => (kind.parse().ok()?, Some(covered.parse().ok()?)),
                None => (kind.parse().ok()?, None),
            };
            let signer = signer.parse().ok()?;
            // One spelling a name: `resume-007` is no name of `resume-7`.
            let one = seal_file_stem(kind, covered.unwrap_or(0), &signer) == stem;
            one.then_some((kind, covered, signer, stem, ending))
        });
        let Some((kind, covered, signer, stem, ending @ ("txt" | "sig"))) = parts else {
            others.push(path);
            continue;
        };
        let seal = seals.entry(stem.to_owned()).or_insert_with(|| SealFile {
            kind,
            signer,
            covered,
            path: format!("{}{stem}", BundleDirectory::Seals.prefix()),
            statement: None,
            signature: None,
        });
        match ending {
            "txt" => seal.statement = Some(bytes),
            _ => seal.signature = Some(bytes),
        }
    }
    (seals.into_values().collect(), others)
}

/// Before anything of the log is read: every seal covers the log's very bytes.
pub(crate) fn coverage(log: &[u8], seals: &[SealFile<'_>]) -> Check {
    let mut examination = Examination::of(CheckId::Coverage);
    let mut covered = 0;
    for file in seals {
        let Some(seal) = file.seal() else { continue };
        covered += 1;
        let expected = seal.covered;
        let prefix = usize::try_from(expected.bytes).ok().and_then(|length| log.get(..length));
        let Some(prefix) = prefix else {
            let what = format!(
                "{} seals {} bytes of the log, which has {}: it was cut",
                file.signer,
                expected.bytes,
                log.len()
            );
            examination.fail(file.place(), what);
            continue;
        };
        let found = Covered::of(prefix);
        examination.demand(found == expected, file.place(), || {
            format!(
                "{} seals head {} and SHA-256 {} of {} records in {} bytes, the log has {} and {} in {} records",
                file.signer,
                expected.head,
                expected.sha256,
                expected.records,
                expected.bytes,
                found.head,
                found.sha256,
                found.records
            )
        });
        examination.demand(!file.ends() || prefix.len() == log.len(), file.place(), || {
            format!(
                "the {} seal of {} covers {} bytes of the log, which has {}",
                file.kind,
                file.signer,
                prefix.len(),
                log.len()
            )
        });
    }
    examination.finish_if(covered > 0, "no seal covers the log yet", || {
        format!("{covered} seals, SHA-256 and SHA-512 of {} bytes", log.len())
    })
}

/// The seals that end the ceremony. Before the log is readable only their signatures are judged.
pub(crate) fn end_seals(
    roster: &Roster,
    log: Option<(&Log, &[u8])>,
    seals: &[SealFile<'_>],
    others: &[&str],
) -> Check {
    let mut examination = Examination::of(CheckId::EndSeals);
    for path in others {
        examination.fail(Place::file(*path), "no seal has this file name");
    }
    let opened = log.and_then(|(log, _)| log.opened());
    let outcome = log.map(|(log, _)| log.outcome());
    let template = log.zip(opened).and_then(|((log, bytes), opened)| match log.outcome() {
        Outcome::Complete => Some(SealTemplate::close(opened, Covered::of(bytes))),
        Outcome::Aborted => Some(SealTemplate::abort(opened, Covered::of(bytes))),
        Outcome::InProgress => None,
    });
    let mut whole = Vec::new();
    for file in seals.iter().filter(|file| file.ends()) {
        let Some((statement, signature)) = file.pair() else {
            examination.found(
                Status::Unsealed,
                file.place(),
                format!("the {} seal of {} lacks its statement or its signature", file.kind, file.signer),
            );
            continue;
        };
        let checked = match &template {
            Some(template) => check_seal(roster, template, statement, signature),
            None => check_signature(roster, statement, signature),
        };
        match checked {
            Ok(signed) => {
                let named = signed.statement.kind_name() == file.kind.to_string()
                    && signed.statement.signer().name == file.signer;
                examination.demand(named, file.place(), || {
                    "the statement is another than the file's name says".to_owned()
                });
                whole.push((statement.to_vec(), signature.to_vec()));
            }
            Err(problem) => examination.fail(file.place(), problem.to_string()),
        }
        if outcome == Some(Outcome::InProgress) {
            examination.fail(file.place(), format!("a {} seal on a log that has not ended", file.kind));
        }
    }
    let Some(template) = template else {
        return examination.finish_if(false, "the ceremony has not ended", String::new);
    };
    if !examination.holds() {
        return examination.finish(String::new);
    }
    let mut evidence = String::new();
    match seal_quorum(roster, &template, &whole) {
        Ok(signed) => {
            let names: Vec<_> = signed
                .iter()
                .map(|one| format!("{} ({})", one.person.name, one.statement.signer().role))
                .collect();
            evidence = format!("{}: {}", template.kind(), names.join(", "));
            if let Some((log, _)) = log.filter(|_| template.kind() == SealKind::Close) {
                were_present(
                    &mut examination,
                    log,
                    &signed.iter().map(|one| &one.person.name).collect::<Vec<_>>(),
                );
            }
        }
        Err(refused @ (Refused::TooFew { .. } | Refused::CountedOnce { .. })) => {
            examination.found(Status::Unsealed, None, refused.to_string());
        }
        Err(refused) => examination.fail(None, refused.to_string()),
    }
    examination.finish(|| evidence)
}

/// The seals that end the ceremony were made after its end, and a close in time. A signer's clock proves nothing by itself;
/// what cannot be is noticed.
pub(crate) fn times(facts: &Facts<'_>, seals: &[SealFile<'_>]) -> Check {
    let mut examination = Examination::of(CheckId::SealTimes);
    let last = facts.records().next_back().map(|record| record.t);
    let mut made = Vec::new();
    for file in seals.iter().filter(|file| file.ends()) {
        let (Some(seal), Some(last)) = (file.seal(), last) else { continue };
        let time = seal.signer.time;
        if let Some(allowed) = SealTime::of(seal.kind, last, &facts.plan.window)
            && let Err(problem) = allowed.check(&Statement::Seal(seal))
        {
            examination.fail(file.place(), problem.to_string());
        }
        made.push(time);
    }
    let (first, latest) = (made.iter().min(), made.iter().max());
    let evidence = first.zip(latest).map(|(first, latest)| format!("{first} to {latest}"));
    examination
        .finish_if(evidence.is_some(), "no seal ends the ceremony yet", || evidence.unwrap_or_default())
}

/// A close seal says "I was present".
fn were_present(examination: &mut Examination, log: &Log, signers: &[&Name]) {
    let Some(mut presence) = log.opened().map(Presence::of) else { return };
    log.records().for_each(|record| presence.follow(&record.event));
    for signer in signers {
        examination.demand(presence.has(signer), None, || {
            format!(
                "{signer} seals that they were present, and the record does not have them there at its end"
            )
        });
    }
}

/// Each `seal.added` and the files whose digests it holds; each earlier seal and its `seal.added`.
pub(crate) fn committed(log: &Log, seals: &[SealFile<'_>]) -> Check {
    let mut examination = Examination::of(CheckId::SealsCommitted);
    let mut committed = Vec::new();
    for record in log.records() {
        let Event::SealAdded { seal, signer, statement_sha256, signature_sha256 } = &record.event else {
            continue;
        };
        let place = place_of(log, record.n);
        match seal {
            SealKind::Authorise | SealKind::Resume => {}
            SealKind::Close | SealKind::Abort => {
                examination.fail(place, format!("a {seal} seal cannot be inside the log that it covers"));
                continue;
            }
        }
        let resumed_at = log
            .records()
            .rev()
            .find(|before| before.n < record.n && matches!(before.event, Event::Resumed(_)))
            .map(|resumed| resumed.n)
            .filter(|_| *seal == SealKind::Resume);
        let is_it =
            |file: &&SealFile<'_>| file.kind == *seal && file.signer == *signer && file.covered == resumed_at;
        let pair = seals.iter().find(is_it).and_then(SealFile::pair);
        match pair {
            None => examination.fail(place.clone(), format!("the {seal} seal of {signer} is missing")),
            Some((statement, signature)) => {
                let same = crate::format::Digest::of(statement) == *statement_sha256
                    && crate::format::Digest::of(signature) == *signature_sha256;
                examination.demand(same, place.clone(), || {
                    format!("the {seal} seal of {signer} is not the one that the record names")
                });
            }
        }
        let key = (*seal, signer, resumed_at);
        examination.demand(!committed.contains(&key), place, || {
            format!("the {seal} seal of {signer} was added twice")
        });
        committed.push(key);
    }
    for file in seals.iter().filter(|file| !file.ends()) {
        if !committed.contains(&(file.kind, &file.signer, file.covered)) {
            let status = match log.outcome() {
                Outcome::InProgress => Status::Incomplete,
                Outcome::Complete | Outcome::Aborted => Status::Fail,
            };
            examination.found(status, file.place(), "no record names this seal");
        }
    }
    examination.finish_if(!committed.is_empty(), "no seal was added during the ceremony", || {
        format!("{} of {}", committed.len(), committed.len())
    })
}
