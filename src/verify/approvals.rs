use super::examination::Examination;
use super::facts::Facts;
use super::seals::SealFile;
use super::verdict::{Check, CheckId, Place};
use crate::format::{BundleDirectory, Event, FrozenTbs, SealKind, Statement};
use crate::roster::{
    Approved, Authorised, Context, Refused, SealTemplate, approve, authorise, check_seal, check_signature,
};

const PREFIX: &str = "approval.";

/// The approvals: each counts for exactly this run, and there are enough.
pub(crate) fn approvals(facts: &Facts<'_>) -> (Check, Option<Approved>) {
    let mut examination = Examination::of(CheckId::Approvals);
    let pairs = approval_files(facts, &mut examination);
    let context = Context {
        mode: facts.opened.mode,
        roster: facts.roster,
        incoming: facts.incoming,
        plan_bytes: facts.files.get("artifacts/plan.json").unwrap_or_default(),
        binding: facts.binding,
        ordinal: facts.opened.ordinal,
        previous_head: facts.opened.previous_head,
    };
    let opened_at = facts.log.lines.first().map(|line| line.record.t);
    let approved = opened_at.and_then(|opened_at| match approve(&context, &pairs, opened_at) {
        Ok(approved) => Some(approved),
        Err(refused) => {
            examination.fail(Place::file("artifacts/plan.json"), refused.to_string());
            None
        }
    });
    let evidence = approved.as_ref().map(|approved| {
        let names: Vec<_> = approved.signers().iter().map(ToString::to_string).collect();
        format!("{} (needs {} officers)", names.join(", "), facts.roster.thresholds.approve)
    });
    (examination.finish(|| evidence.unwrap_or_default()), approved)
}

/// Statement and signature of every approval in `artifacts/`, each under its signer's name.
fn approval_files(facts: &Facts<'_>, examination: &mut Examination) -> Vec<(Vec<u8>, Vec<u8>)> {
    let prefix = format!("{}{PREFIX}", BundleDirectory::Artifacts.prefix());
    let mut pairs = Vec::new();
    for (path, bytes) in facts.files.iter().filter(|(path, _)| path.starts_with(&prefix)) {
        let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
        if path.ends_with(".sig") {
            let statement = facts.files.get(&format!("{stem}.txt"));
            examination.demand(statement.is_some(), Place::file(path), || {
                "a signature without its statement".to_owned()
            });
            continue;
        }
        let Some(signature) = facts.files.get(&format!("{stem}.sig")) else {
            examination.fail(Place::file(path), "a statement without its signature");
            continue;
        };
        let signer = Statement::parse(bytes).map(|statement| statement.signer().name.clone());
        let new_key = signer.is_ok_and(|name| facts.plan.new_key_holders().contains(&name));
        let roster = facts.incoming.filter(|_| new_key).unwrap_or(facts.roster);
        match check_signature(roster, bytes, signature) {
            Ok(signed) => {
                let named = *path == format!("{prefix}{}.txt", signed.person.name)
                    && matches!(signed.statement, Statement::Approval(_));
                examination.demand(named, Place::file(path), || {
                    "the statement is another than the file's name says".to_owned()
                });
            }
            Err(problem) => examination.fail(Place::file(path), problem.to_string()),
        }
        pairs.push((bytes.to_vec(), signature.to_vec()));
    }
    pairs
}

/// The statements that let new keys sign what was frozen during the ceremony.
pub(crate) fn authorisations(
    facts: &Facts<'_>,
    approved: &Approved,
    seals: &[SealFile<'_>],
) -> (Check, Option<Authorised>) {
    let mut examination = Examination::of(CheckId::Authorisations);
    let Some((n, tbs)) = frozen(facts) else {
        let stray = seals.iter().find(|file| file.kind == SealKind::Authorise);
        if let Some(file) = stray {
            examination.fail(file.place(), "an authorisation, and nothing was frozen");
        }
        let check = examination.finish_if(false, "the plan fixed every TBS", String::new);
        return (check, None);
    };
    summaries_are_derived(facts, n, tbs, &mut examination);
    let template =
        SealTemplate::authorise(facts.opened, facts.log.covered_by(facts.files.log(), n), tbs.to_vec());
    let mut whole = Vec::new();
    for file in seals.iter().filter(|file| file.kind == SealKind::Authorise) {
        let Some((statement, signature)) = file.pair() else {
            examination.fail(file.place(), "a statement or a signature alone");
            continue;
        };
        match check_seal(facts.roster, &template, statement, signature) {
            Ok(signed) => examination.demand(signed.person.name == file.signer, file.place(), || {
                "the statement is another than the file's name says".to_owned()
            }),
            Err(problem) => examination.fail(file.place(), problem.to_string()),
        }
        if added_before_first_signature(facts, n, file) {
            whole.push((statement.to_vec(), signature.to_vec()));
        }
    }
    if !examination.holds() {
        return (examination.finish(String::new), None);
    }
    match authorise(approved, &template, &whole) {
        Ok(authorised) => {
            let names: Vec<_> = authorised.signers().iter().map(ToString::to_string).collect();
            let evidence = format!("{} over {} TBS", names.join(", "), tbs.len());
            (examination.finish(|| evidence), Some(authorised))
        }
        // Without a quorum nothing was signed, which the check of each signature demands.
        Err(refused @ (Refused::TooFew { .. } | Refused::CountedOnce { .. })) if !facts.complete() => {
            (examination.finish(|| format!("none in force: {refused}")), None)
        }
        Err(refused) => {
            examination.fail(facts.record(n), refused.to_string());
            (examination.finish(String::new), None)
        }
    }
}

/// The record that froze every TBS that was unknown at plan time.
fn frozen<'a>(facts: &Facts<'a>) -> Option<(u64, &'a [FrozenTbs])> {
    facts.records().find_map(|record| match &record.event {
        Event::TbsFrozen { tbs } => Some((record.n, tbs.as_slice())),
        _ => None,
    })
}

/// What officers read of a TBS follows from its bytes and nothing else.
fn summaries_are_derived(facts: &Facts<'_>, n: u64, tbs: &[FrozenTbs], examination: &mut Examination) {
    for frozen in tbs {
        let bytes = facts.files.artifact(&frozen.file.name).unwrap_or_default();
        match crate::pki::summary(frozen.kind, bytes) {
            Ok(summary) => examination.demand(summary == frozen.summary, facts.record(n), || {
                format!("the TBS of step {} is `{summary}`, officers read `{}`", frozen.step, frozen.summary)
            }),
            Err(error) => {
                examination.fail(facts.record(n), format!("the TBS of step {}: {error}", frozen.step))
            }
        }
        let own = frozen.file.name.as_str() == format!("{}.tbs.der", frozen.step);
        examination.demand(own, facts.record(n), || {
            format!("{} is not the TBS file of step {}", frozen.file.name, frozen.step)
        });
    }
}

/// Only an authorisation that the log names before a new key signs anything counts.
fn added_before_first_signature(facts: &Facts<'_>, frozen: u64, file: &SealFile<'_>) -> bool {
    let first = facts.signatures().map(|(operation, ..)| operation.record).find(|n| *n > frozen);
    facts.records().any(|record| {
        matches!(&record.event, Event::SealAdded { seal: SealKind::Authorise, signer, .. } if *signer == file.signer)
            && record.n > frozen
            && first.is_none_or(|first| record.n < first)
    })
}
