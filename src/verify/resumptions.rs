use super::examination::Examination;
use super::facts::Facts;
use super::seals::SealFile;
use super::verdict::{Check, CheckId};
use crate::format::{Covered, Environment, Event, Name, Present, SealKind};
use crate::roster::{Refused, SealTemplate, seal_quorum};

/// Each time an interrupted ceremony went on, as many officers as approve a plan agreed, over the log until then.
pub(crate) fn resumptions(facts: &Facts<'_>, seals: &[SealFile<'_>]) -> Check {
    let mut examination = Examination::of(CheckId::Resumptions);
    let mut seen = Vec::new();
    for record in facts.records() {
        let Event::Resumed(resumed) = &record.event else { continue };
        let place = || facts.record(record.n);
        let template =
            SealTemplate::resume(facts.opened, covered_before(facts, record.n), resumed.keys.clone());
        let of_this =
            seals.iter().filter(|file| file.kind == SealKind::Resume && file.covered == Some(record.n));
        // Who agrees after something was done agrees to nothing.
        let next =
            facts.records().filter(|next| next.n > record.n).take_while(|next| next.event.is_about_seals());
        let in_time: Vec<&Name> = next
            .filter_map(|next| match &next.event {
                Event::SealAdded { seal: SealKind::Resume, signer, .. } => Some(signer),
                _ => None,
            })
            .collect();
        let of_this = of_this.filter(|file| in_time.contains(&&file.signer));
        let pairs: Vec<(Vec<u8>, Vec<u8>)> = of_this
            .filter_map(|file| {
                file.pair().map(|(statement, signature)| (statement.to_vec(), signature.to_vec()))
            })
            .collect();
        match seal_quorum(facts.roster, &template, &pairs) {
            Ok(signed) => {
                seen.extend(signed.iter().map(|one| format!("{} at {}", one.person.name, record.n)))
            }
            // A second interruption, between the record and its seals, leaves too few; nothing was done in between.
            Err(refused @ Refused::TooFew { .. }) => {
                let acted = facts.records().find(|next| next.n > record.n && !next.event.is_about_seals());
                let again =
                    acted.is_none_or(|next| matches!(next.event, Event::Resumed(_) | Event::Aborted(_)));
                examination.demand(again, place(), || refused.to_string());
            }
            Err(refused) => examination.fail(place(), refused.to_string()),
        }
        let unanswered: Vec<u64> = facts
            .operations
            .iter()
            .filter(|operation| operation.record < record.n && operation.unknown())
            .map(|operation| operation.intent.op)
            .collect();
        examination.demand(unanswered == resumed.unanswered, place(), || {
            format!("the record names {:?} as unanswered, the log leaves {unanswered:?}", resumed.unanswered)
        });
        if facts.opened.environment == Environment::Production
            && let Some(exposure) = resumed.host.exposure()
        {
            examination.fail(place(), format!("secrets could have reached a disk: {exposure}"));
        }
        for Present { name, roles, .. } in &resumed.present {
            let known = facts.person(name).is_some_and(|person| person.roles == *roles);
            examination.demand(known, place(), || {
                format!("{name} was present, and the roster does not have {name} with these roles")
            });
        }
    }
    examination.finish_if(!seen.is_empty(), "the ceremony was not interrupted", || seen.join(", "))
}

/// The log before record `n`.
fn covered_before(facts: &Facts<'_>, n: u64) -> Covered {
    let log = facts.files.log();
    let end = facts.log.lines.iter().find(|line| line.record.n == n).map_or(log.len(), |line| line.offset);
    Covered::of(log.get(..end).unwrap_or(log))
}
