use std::collections::BTreeMap;

use super::examination::Examination;
use super::facts::Facts;
use super::verdict::{Check, CheckId, Place};
use crate::format::{Action, Environment, HttpUrl, Instant, IssuerRef, Mode, Name};
use crate::ledger::CertificateRole;

/// A CRL that names its place names the one that the certificates do (RFC 5280 6.3.3 step b.2: else nobody may use it). One that is
/// signed ahead of its time has an embargo and takes over from the one before it. Where the plan says when the next ceremony
/// is, the lists of each issuer last until then.
pub(crate) fn crl_dates(facts: &Facts<'_>) -> Check {
    let mut examination = Examination::of(CheckId::CrlDates);
    let plan = facts.plan;
    // Of each issuer: when its last list so far runs out.
    let mut ends: BTreeMap<String, Instant> = BTreeMap::new();
    let mut embargoed = 0;
    for step in &plan.steps {
        let Action::IssueCrl {
            issuer, this_update, next_update, embargo, issuing_distribution_point, ..
        } = &step.action
        else {
            continue;
        };
        let place = || Place::file("artifacts/plan.json");
        let elsewhere = places(facts, &step.id, issuer, *this_update);
        let elsewhere = elsewhere.filter(|named| *named != issuing_distribution_point.as_slice()).count();
        examination.demand(issuing_distribution_point.is_empty() || elsewhere == 0, place(), || {
            format!("step {} names another place than {elsewhere} certificates", step.id)
        });
        let before = ends.insert(account(issuer), *next_update);
        match embargo {
            Some(embargo) => {
                embargoed += 1;
                examination.demand(embargo == this_update, place(), || {
                    format!("step {} may be published from {embargo}, and its date is {this_update}", step.id)
                });
                examination.demand(before.is_some_and(|before| *this_update < before), place(), || {
                    format!("step {} takes over from no list of this plan that is still valid then", step.id)
                });
            }
            None => {
                let early = plan.environment == Environment::Production && *this_update > plan.window.to;
                examination.demand(!early, place(), || {
                    format!("step {} is dated after the ceremony and has no embargo", step.id)
                });
            }
        }
    }
    if let Some(next) = plan.next_ceremony {
        let after = facts.opened.mode == Mode::Rehearsal || next > plan.window.to;
        examination.demand(after, Place::file("artifacts/plan.json"), || {
            format!("the next ceremony, {next}, is not after this one")
        });
        for (issuer, end) in &ends {
            examination.demand(*end > next, Place::file("artifacts/plan.json"), || {
                format!("the last list of {issuer} runs out at {end}, the next ceremony is {next}")
            });
        }
    }
    let lists = ends.len();
    examination.finish_if(lists > 0, "no CRL is issued", || {
        format!("{lists} issuers, {embargoed} lists with an embargo")
    })
}

fn account(issuer: &IssuerRef) -> String {
    match issuer {
        IssuerRef::Step { id } => id.to_string(),
        IssuerRef::Ledger { ordinal, id, .. } => format!("{ordinal}/{id}"),
    }
}

/// Where the certificates of an issuer that a list of that date and step is for say that it is published.
fn places<'a>(
    facts: &'a Facts<'_>,
    step: &'a Name,
    issuer: &'a IssuerRef,
    this_update: Instant,
) -> impl Iterator<Item = &'a [HttpUrl]> {
    let spki = facts.issuer_spki(issuer);
    let recorded = facts.before.into_iter().flat_map(|before| &before.certificates);
    let recorded = recorded.filter(move |entry| {
        Some(entry.issuer_spki_sha256) == spki
            && matches!(entry.role, CertificateRole::Intermediate | CertificateRole::EndEntity)
            && entry.validity.to >= this_update
    });
    let here = facts.plan.steps.iter().take_while(move |other| other.id != *step);
    let here = here.filter_map(move |other| match &other.action {
        Action::SignIntermediate { issuer: signer, extensions, .. } if signer == issuer => {
            Some(extensions.crl_distribution_points.as_slice())
        }
        _ => None,
    });
    recorded.map(|entry| entry.crl_distribution_points.as_slice()).chain(here)
}
