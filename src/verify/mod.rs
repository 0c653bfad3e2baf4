//! Named checks over a bundle or an authority, and one verdict. Reads only.
//!
//! The input is hostile: sizes are bounded, links are refused, nothing is run and nothing is written. What is
//! hashed is compared before what it says is read (`docs/record-format.md`, order of verification).

mod abort;
mod adopted;
mod approvals;
mod artifacts;
mod authority;
mod bundle;
mod ceremony_file;
mod clock;
mod crl_dates;
mod device;
mod directory;
mod examination;
mod facts;
mod files;
mod fresh;
mod keys;
mod lint;
mod opening;
mod outcome;
mod people;
mod rehearsal;
mod repetitions;
mod report;
mod reshare;
mod resumptions;
mod seals;
mod secrets;
mod shares;
mod signing;
mod steps;
mod tokens;
mod verdict;
mod waivers;
mod witnessed;
mod yubihsm;

use std::io;
use std::path::Path;

use crate::format::{Digest, Log, Mode, Outcome};
use crate::ledger::Ledger;
use authority::Continuity;
use directory::AuthorityEntries;

pub use directory::BundleFiles;
pub use report::report;
pub use verdict::{BundleVerdict, Check, CheckId, Conclusion, Place, Status, Verdict};

/// What the auditor knows from a place that is not the bundle.
#[derive(Clone, Debug, Default)]
pub struct Anchors {
    /// What it asks for: a record of the other mode is [`Conclusion::Fail`], whatever it holds.
    pub mode: Mode,
    /// Bytes of the roster that the first ceremony ran under.
    pub roster: Option<Vec<u8>>,
    /// SHA-256 of the last line of the last log.
    pub head: Option<Digest>,
    /// SHA-256 of the root certificate's DER.
    pub root: Option<Digest>,
    /// Ordinal of the last ceremony.
    pub ordinal: Option<u64>,
}

/// Judges every bundle of an authority, and folds them into its ledger.
///
/// The ledger is as good as the verdict: what a bundle that is not consistent would give is not in it, what it takes
/// away is. An authority without a bundle is [`Conclusion::Incomplete`]; before the genesis there is nothing to judge.
///
/// # Errors
/// When a directory cannot be listed. What is wrong with what it holds is in the verdict.
pub fn authority(directory: &Path, anchors: &Anchors) -> io::Result<(Verdict, Ledger)> {
    judge_authority(directory, anchors, u64::MAX)
}

/// Judges the ceremonies of an authority that came before one of them.
///
/// # Errors
/// As [`authority()`].
pub fn authority_before(directory: &Path, anchors: &Anchors, ordinal: u64) -> io::Result<(Verdict, Ledger)> {
    judge_authority(directory, anchors, ordinal)
}

fn judge_authority(directory: &Path, anchors: &Anchors, before: u64) -> io::Result<(Verdict, Ledger)> {
    let mut entries = AuthorityEntries::read(directory)?;
    entries.bundles.retain(|(ordinal, _)| *ordinal < before);
    let mut continuity = Continuity::of(&entries);
    let mut ledger = Ledger::empty();
    let (mut bundles, mut roots) = (Vec::new(), Vec::new());
    let (mut head, mut ordinal) = (Some(ledger.head), Some(ledger.ordinal));
    for (number, name) in &entries.bundles {
        let files = BundleFiles::read(&directory.join(name))?;
        let judged = bundle::judge(&files, anchors.mode, anchors.roster.as_deref(), Some(&ledger));
        continuity.next(*number, &judged, &ledger);
        if let Some(facts) = judged.facts() {
            let consistent = judged.verdict.conclusion <= Conclusion::Unanchored;
            ledger.absorb(&facts, consistent && judged.verdict.outcome == Some(Outcome::Complete));
        }
        head = judged.log.as_ref().map(Log::head);
        ordinal = judged.verdict.ordinal;
        roots.extend(judged.roots);
        bundles.push(judged.verdict);
    }
    let mut checks = continuity.finish();
    checks.extend(authority::anchored(anchors, head, ordinal, &roots));
    let authority = ledger.identity.as_ref().map(|identity| identity.authority.clone());
    let verdict = Verdict::of(authority, bundles, checks, head, ordinal);
    Ok((verdict, ledger))
}

/// Judges one bundle by itself. What follows only from earlier ceremonies, as that a serial number is new, is not
/// checked; each check that this concerns says so.
///
/// # Errors
/// When the directory cannot be listed. What is wrong with what it holds is in the verdict.
pub fn bundle(directory: &Path, anchors: &Anchors) -> io::Result<Verdict> {
    Ok(bundle_files(&BundleFiles::read(directory)?, anchors))
}

/// As [`bundle()`], for files that were read before.
pub fn bundle_files(files: &BundleFiles, anchors: &Anchors) -> Verdict {
    let judged = bundle::judge(files, anchors.mode, anchors.roster.as_deref(), None);
    let head = judged.log.as_ref().map(Log::head);
    let ordinal = judged.verdict.ordinal;
    let checks = authority::anchored(anchors, head, ordinal, &judged.roots);
    let authority = judged.log.as_ref().and_then(|log| log.opened()).map(|opened| opened.authority.clone());
    Verdict::of(authority, vec![judged.verdict], checks, head, ordinal)
}
