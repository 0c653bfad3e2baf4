use std::collections::BTreeSet;

use super::directory::artifact_path;
use super::examination::Examination;
use super::facts::Facts;
use super::verdict::{Check, CheckId, Place};
use crate::format::{
    Action, Adopted, AttributeState, Call, Event, FileName, FileRef, Mode, Name, PlannedStep, ProvisionMode,
    adopted_name,
};
use crate::ledger::KeyOrigin;
use crate::pki::{
    Body, Certificate, ForeignList, SignedObject, adopted_certificate, adopted_list, not_signed_by,
    unfit_to_be_adopted,
};

/// What was adopted verifies under its root's key, and the plan says of it what the files say. That it is everything, and that
/// the token has the private key, is asserted.
pub(crate) fn adopted(facts: &Facts<'_>) -> Check {
    let mut examination = Examination::of(CheckId::Adopted);
    let steps = || facts.plan.steps.iter();
    let adopting: Vec<&PlannedStep> =
        steps().filter(|step| matches!(step.action, Action::AdoptAuthority { .. })).collect();
    let plan = || Place::file("artifacts/plan.json");
    if !adopting.is_empty() {
        for step in steps().filter(|step| uses_keys(&step.action)) {
            examination
                .fail(plan(), format!("step {} makes or uses a key in a ceremony that adopts", step.id));
        }
        let has_keys = facts.before.is_some_and(|before| !before.keys.is_empty());
        examination.demand(!has_keys, plan(), || "the authority had a key before".to_owned());
    }
    let mut seen = Vec::new();
    for step in &adopting {
        match holds(facts, step) {
            Ok(evidence) => seen.push(evidence),
            Err((file, what)) => {
                let place = file.map_or_else(plan, |file| Place::file(artifact_path(&file)));
                examination.fail(place, format!("step {}: {what}", step.id));
            }
        }
    }
    examination.finish_if(!adopting.is_empty(), "nothing was adopted", || {
        format!("ASSERTED, not proven: {}", seen.join("; "))
    })
}

fn uses_keys(action: &Action) -> bool {
    matches!(action, Action::GenerateKey { .. } | Action::DestroyKey { .. } | Action::Revoke { .. })
        || action.tbs_sha256().is_some()
}

type Failure = (Option<FileName>, String);

fn holds(facts: &Facts<'_>, step: &PlannedStep) -> Result<String, Failure> {
    let Action::AdoptAuthority {
        token,
        certificate,
        issued,
        crl,
        without_crl,
        reason_where_none,
        algorithm,
        root,
        below,
        list,
        ..
    } = &step.action
    else {
        return Ok(String::new());
    };
    let demand = |holds: bool, what: &str| if holds { Ok(()) } else { Err((None, what.to_owned())) };
    let wipes = |action: &Action| matches!(action, Action::Provision { token: of, mode: ProvisionMode::Init, .. } if of == token);
    let wiped = facts.plan.steps.iter().any(|other| wipes(&other.action));
    demand(!wiped, "its token is initialised in the same ceremony")?;
    let read_root: Certificate = read(facts, certificate, Some(&step.id), "crt.pem")?;
    let fits = |file: &FileRef, broken: Vec<&str>| match broken.first() {
        Some(what) => Err((Some(file.name.clone()), (*what).to_owned())),
        None => Ok(()),
    };
    fits(certificate, unfit_to_be_adopted(&read_root))?;
    demand(adopted_certificate(&read_root) == *root, "the plan says otherwise of the root than its file")?;
    demand(
        read_root.public_key().key_algorithm() == Some(*algorithm),
        "the root's key is of another algorithm",
    )?;
    demand(issued.len() == below.len(), "the plan says nothing of a certificate, or something of none")?;
    let mut serials = BTreeSet::from([&root.serial]);
    for (place, (file, planned)) in issued.iter().zip(below).enumerate() {
        let certificate: Certificate = read(facts, file, adopted_name(&step.id, place).as_ref(), "crt.pem")?;
        fits(file, not_signed_by(&certificate, &read_root))?;
        demand(
            adopted_certificate(&certificate) == *planned,
            "the plan says otherwise of a certificate than its file",
        )?;
        demand(serials.insert(&planned.serial), "two certificates have one serial number")?;
    }
    let said = |reason: &String| !reason.is_empty();
    demand(
        crl.is_none() == without_crl.as_ref().is_some_and(said) && crl.is_some() == list.is_some(),
        "a CRL is there or the reason why not, and never both",
    )?;
    if let (Some(file), Some(planned)) = (crl, list) {
        let list: ForeignList = read(facts, file, Some(&step.id), "crl.pem")?;
        fits(file, not_signed_by(&list, &read_root))?;
        let found = adopted_list(&list, *reason_where_none)
            .map_err(|error| (Some(file.name.clone()), error.to_string()))?;
        demand(found == *planned, "the plan says otherwise of the CRL than its file")?;
        demand(found.this_update <= facts.plan.window.to, "the CRL is dated after the ceremony")?;
    }
    let revoked = list.as_ref().map_or(0, |list| list.entries.len());
    Ok(format!("{} with {} certificates and {revoked} revocations", root.subject.text, below.len()))
}

/// A file of the step under the name that later ceremonies know it by.
fn read<B: Body>(
    facts: &Facts<'_>,
    file: &FileRef,
    name: Option<&Name>,
    ending: &str,
) -> Result<SignedObject<B>, Failure> {
    let failure = |what: String| (Some(file.name.clone()), what);
    if name.map(|name| FileName::of_step(name, ending)).as_ref() != Some(&file.name) {
        return Err(failure("it has another name than what it is adopted as".to_owned()));
    }
    let bytes = facts.files.artifact(&file.name).unwrap_or_default();
    SignedObject::from_pem(bytes).map_err(|error| failure(error.to_string()))
}

/// What a reader has to know before the checks: what was taken on somebody's word, and when a signature proved a key.
pub(crate) fn remarks(facts: &Facts<'_>) -> Vec<String> {
    let asserted = facts.records().filter_map(|record| match &record.event {
        Event::Adopted(adopted) => Some(of_adopted(facts, adopted)),
        _ => None,
    });
    asserted.chain(proven_here(facts)).collect()
}

fn of_adopted(facts: &Facts<'_>, adopted: &Adopted) -> String {
    let root = match facts.plan.step(&adopted.step).map(|step| &step.action) {
        Some(Action::AdoptAuthority { root, .. }) => root.subject.text.as_str(),
        _ => "a root",
    };
    let attributes = &adopted.key.attributes;
    let mut findings = attributes.findings();
    if attributes.local != AttributeState::True {
        findings.push("it may have been imported, and copies of it may exist".to_owned());
    }
    let findings = if findings.is_empty() {
        String::new()
    } else {
        format!(" The token says of the key: {}.", findings.join("; "))
    };
    format!(
        "ASSERTED, not proven: {root} was made elsewhere. That it issued nothing but what is listed is the word of {}; that token \
         {} has its private key, the next signature shows.{findings}",
        adopted.by, adopted.token
    )
}

/// The adopted keys of which this ceremony shows for the first time that their token has them.
fn proven_here(facts: &Facts<'_>) -> Vec<String> {
    if facts.opened.mode == Mode::Rehearsal {
        return Vec::new();
    }
    let signed = |spki: &crate::format::Digest| {
        facts.operations.iter().any(|operation| {
            matches!(&operation.intent.call, Call::Sign { spki_sha256, .. } if spki_sha256 == spki)
                && operation.result.is_some_and(|(_, result)| {
                    result.signature.as_ref().is_some_and(|signature| signature.verified)
                })
        })
    };
    let keys = facts.before.into_iter().flat_map(|before| &before.keys);
    let first =
        keys.filter(|key| key.origin == KeyOrigin::Adopted { proven: None } && signed(&key.spki_sha256));
    first
        .map(|key| {
            format!(
                "the key {} of ceremony {}, adopted, signs here: its token has the private key",
                key.step, key.ordinal
            )
        })
        .collect()
}
