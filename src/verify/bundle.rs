use super::directory::BundleFiles;
use super::examination::{Examination, not_reached, printable};
use super::facts::Facts;
use super::opening::Inputs;
use super::seals::{SealFile, seal_files};
use super::verdict::{BundleVerdict, Check, CheckId, Conclusion, Place, Status};
use super::{
    abort, adopted, approvals, artifacts, ceremony_file, clock, crl_dates, device, files as of_files, fresh,
    keys, lint, opening, people, rehearsal, repetitions, resumptions, seals, secrets, shares, signing, steps,
    tokens, waivers, witnessed,
};
use crate::format::{Digest, Log, Mode, Plan, Record, Roster, RosterError};
use crate::ledger::{BundleFacts, Ledger, Operation};
use crate::pki::Certificate;

/// A bundle's verdict, and what the ledger takes in.
pub(crate) struct Judged {
    pub(crate) verdict: BundleVerdict,
    pub(crate) log: Option<Log>,
    /// SHA-256 of the DER of each root certificate in it: released here, or an issuer from an earlier ceremony.
    pub(crate) roots: Vec<Digest>,
    plan: Option<Plan>,
    roster: Option<Roster>,
    incoming: Option<Roster>,
}

impl Judged {
    /// What the ledger takes in; `None` when the chain does not hold or the plan is not the one of record 0.
    pub(crate) fn facts(&self) -> Option<BundleFacts<'_>> {
        Some(BundleFacts {
            directory: &self.verdict.directory,
            log: self.log.as_ref()?,
            plan: self.plan.as_ref()?,
            roster: self.roster.as_ref()?,
            incoming: self.incoming.as_ref(),
        })
    }
}

const ROSTER: &str = "artifacts/roster.toml";

/// Judges one bundle: what is hashed or signed first, what it says only when that holds.
pub(crate) fn judge(
    files: &BundleFiles,
    mode: Mode,
    pinned: Option<&[u8]>,
    before: Option<&Ledger>,
) -> Judged {
    let mut checks = vec![of_files::layout(files)];
    let (roster_check, roster) = roster(files, mode, pinned, before);
    checks.push(roster_check);
    let (seal_files, others) = seal_files(files);
    checks.push(seals::coverage(files.log(), &seal_files));

    let (chain, log) = chain(files.log(), mode);
    checks.push(chain);
    if let Some(log) = &log {
        checks.push(ended(log));
        checks.push(of_files::named_files(files, log));
        checks.push(of_files::manifest(files, log));
        checks.push(seals::committed(log, &seal_files));
    }
    if let Some(roster) = &roster {
        let log = log.as_ref().map(|log| (log, files.log()));
        checks.push(seals::end_seals(roster, log, &seal_files, &others));
    }

    let mut plan = None;
    let mut incoming = None;
    let mut roots = Vec::new();
    let mut remarks = Vec::new();
    if let (Some(log), Some(roster)) = (&log, &roster)
        && let Some(opened) = log.opened()
    {
        let evidence_holds = Conclusion::of(&checks) < Conclusion::Unsupported;
        match opening::inputs(files, log, opened) {
            Err(check) => checks.push(check),
            Ok(Inputs { plan: read, binding, incoming: brought_in }) => {
                let facts = Facts {
                    files,
                    log,
                    opened,
                    plan: &read,
                    roster,
                    incoming: brought_in.as_ref(),
                    binding: &binding,
                    operations: Operation::all(log),
                    before,
                };
                if evidence_holds {
                    checks.extend(judge_contents(&facts, &seal_files));
                    roots = root_digests(&facts);
                    let asserted = adopted::remarks(&facts).into_iter().chain(witnessed::remarks(&facts));
                    remarks = asserted.map(|remark| printable(&remark)).collect();
                }
                plan = Some(read);
                incoming = brought_in;
            }
        }
    }
    for id in CheckId::ALL.iter().filter(|id| id.is_of_bundle()) {
        if !checks.iter().any(|check| check.id == *id) {
            checks.push(not_reached(*id, "an earlier check failed"));
        }
    }
    checks.sort_by_key(|check| check.id);
    let verdict = BundleVerdict {
        directory: files.name.clone(),
        ordinal: log.as_ref().and_then(|log| log.opened()).map(|opened| opened.ordinal),
        outcome: log.as_ref().map(Log::outcome),
        records: log.as_ref().map_or(0, |log| log.lines.len() as u64),
        conclusion: Conclusion::of(&checks),
        remarks,
        checks,
    };
    Judged { verdict, log, roots, plan, roster, incoming }
}

/// The checks of what the files say; their digests hold.
fn judge_contents(facts: &Facts<'_>, seal_files: &[SealFile<'_>]) -> Vec<Check> {
    let mut checks = vec![
        waivers::waivers(facts),
        opening::agrees(facts),
        steps::in_order(facts),
        people::present(facts),
        clock::time(facts),
        witnessed::witnessed(facts),
        ceremony_file::agrees(facts),
        tokens::tokens(facts),
        tokens::operations(facts),
        shares::shares(facts),
        keys::keys(facts),
        device::reconciled(facts),
        signing::verify(facts),
        fresh::fresh(facts),
        crl_dates::crl_dates(facts),
        adopted::adopted(facts),
        abort::abort(facts),
        seals::times(facts, seal_files),
        secrets::secrets(facts.files),
        rehearsal::rehearsal(facts),
    ];
    let (check, approved) = approvals::approvals(facts);
    checks.push(check);
    checks.push(resumptions::resumptions(facts, seal_files));
    checks.push(repetitions::repetitions(facts));
    if let Some(approved) = &approved {
        let (check, authorised) = approvals::authorisations(facts, approved, seal_files);
        checks.push(check);
        checks.push(signing::authorised(facts, approved, authorised));
    }
    let (check, issued) = artifacts::artifacts(facts);
    checks.push(check);
    checks.push(artifacts::as_planned(facts, &issued));
    checks.push(lint::lint(facts, &issued));
    checks
}

/// The roster that every statement is judged by. The first ceremony's is the pinned one, or for want of it the
/// bundle's own; every later one follows from the ceremonies before. A bundle that is judged by itself has to be of
/// the pinned roster.
fn roster(
    files: &BundleFiles,
    mode: Mode,
    pinned: Option<&[u8]>,
    before: Option<&Ledger>,
) -> (Check, Option<Roster>) {
    let mut examination = Examination::of(CheckId::Roster);
    let own = files.get(ROSTER).unwrap_or_default();
    let place = || Place::file(ROSTER);
    if pinned.is_none() {
        let what = format!("no roster was given to compare with {}", Digest::of(own));
        examination.found(Status::Unanchored, place(), what);
    }
    let inherited = before.filter(|before| before.ordinal > 0);
    if let Some(before) = inherited {
        let expected = before.roster.as_ref().map(|roster| roster.sha256).or(before.first_roster_sha256);
        examination.demand(expected == Some(Digest::of(own)), place(), || {
            format!(
                "the bundle's has SHA-256 {}, the ceremonies before it lead to {}",
                Digest::of(own),
                expected.map_or_else(|| "none".to_owned(), |expected| expected.to_string())
            )
        });
    }
    let judged_by = match (inherited.and_then(|before| before.roster.clone()), pinned) {
        (Some(roster), _) => Ok(roster),
        (None, Some(pinned)) => {
            examination.demand(pinned == own, place(), || {
                format!("the bundle's has SHA-256 {}, the pinned one {}", Digest::of(own), Digest::of(pinned))
            });
            Roster::parse_in(pinned, mode)
        }
        (None, None) => Roster::parse_in(own, mode),
    };
    match judged_by {
        Ok(roster) => {
            let digest = roster.sha256;
            (examination.finish(|| digest.to_string()), Some(roster))
        }
        Err(error) => {
            let newer =
                matches!(&error, RosterError::Format { found } if found.starts_with("anchorite-roster/v"));
            let status = if newer { Status::Unsupported } else { Status::Fail };
            examination.found(status, place(), error.to_string());
            (examination.finish(String::new), None)
        }
    }
}

fn chain(bytes: &[u8], mode: Mode) -> (Check, Option<Log>) {
    let mut examination = Examination::of(CheckId::Chain);
    let format = Record::FORMAT.of(mode);
    let newer = bytes.starts_with(format!("{{\"v\":\"{}", format.trim_end_matches('1')).as_bytes())
        && !bytes.starts_with(format!("{{\"v\":\"{format}\"").as_bytes());
    match Log::parse_in(bytes, mode) {
        Ok(log) => {
            let last = log.lines.len().saturating_sub(1);
            (examination.finish(|| format!("records 0 to {last}")), Some(log))
        }
        Err(error) => {
            let status = if newer { Status::Unsupported } else { Status::Fail };
            examination.found(status, Place::file(BundleFiles::LOG), error.to_string());
            (examination.finish(String::new), None)
        }
    }
}

fn ended(log: &Log) -> Check {
    use crate::format::Outcome;
    let mut examination = Examination::of(CheckId::Ended);
    let torn = log.torn.len();
    match log.outcome() {
        Outcome::InProgress => {
            let torn = if torn > 0 { format!(", then {torn} bytes of a torn line") } else { String::new() };
            let what = format!("the log stops after {} records{torn}", log.lines.len());
            examination.found(Status::Incomplete, Place::file(BundleFiles::LOG), what);
        }
        Outcome::Complete | Outcome::Aborted => {
            examination.demand(torn == 0, Place::file(BundleFiles::LOG), || {
                format!("{torn} bytes follow the record that ended the ceremony")
            });
        }
    }
    examination.finish(|| format!("{}, head {}", log.outcome(), log.head()))
}

fn root_digests(facts: &Facts<'_>) -> Vec<Digest> {
    let is_root = |certificate: &Certificate| certificate.subject().der() == certificate.issuer().der();
    signing::certificates(facts)
        .filter(|(_, certificate)| is_root(certificate))
        .map(|(_, certificate)| Digest::of(certificate.der()))
        .collect()
}
