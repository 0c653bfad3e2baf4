use super::examination::Examination;
use super::facts::Facts;
use super::verdict::{Check, CheckId};
use crate::format::{Action, Adopted, Digest, Event, KeyAlgorithm, KeyEvidence};
use crate::pki::PublicKey;

/// Keys of steps that are done: of the planned algorithm, and bound to their token as far as it says.
///
/// A key that was read back otherwise stops the run, and a record that says so and ends is truthful.
pub(crate) fn keys(facts: &Facts<'_>) -> Check {
    let mut examination = Examination::of(CheckId::Keys);
    let mut seen = Vec::new();
    for step in &facts.plan.steps {
        let Action::GenerateKey { algorithm, .. } = &step.action else {
            continue;
        };
        let Some((operation, evidence)) = crate::ledger::key_made(&facts.operations, &step.id) else {
            continue;
        };
        if !facts.done(&step.id) {
            continue;
        }
        let place = || facts.record(operation.key().map_or(operation.record, |(n, _)| n));
        if let Err(what) = judge(evidence, *algorithm) {
            examination.fail(place(), format!("the key of step {}: {what}", step.id));
        }
        let absent = evidence.attributes.unsaid();
        let unsaid = if absent.is_empty() {
            String::new()
        } else {
            format!(", the token does not say {}", absent.join(", "))
        };
        seen.push(format!("{} {algorithm} sensitive, not extractable{unsaid}", step.id));
    }
    for record in facts.records() {
        let Event::Adopted(adopted) = &record.event else { continue };
        if let Err(what) = judge_adopted(facts, adopted) {
            examination.fail(facts.record(record.n), format!("the key of step {}: {what}", adopted.step));
        }
        seen.push(format!("{} adopted as it is", adopted.step));
    }
    examination.finish_if(!seen.is_empty(), "no key was made or adopted", || seen.join("; "))
}

/// An adopted key is the root's, and on its token after a login; what the token says of it is recorded, and nothing is
/// demanded: it is there, and nobody can make it another.
fn judge_adopted(facts: &Facts<'_>, adopted: &Adopted) -> Result<(), String> {
    let Adopted { step, key, .. } = adopted;
    let found = Digest::of(&key.spki.0);
    if found != key.spki_sha256 {
        return Err(format!("its SubjectPublicKeyInfo has SHA-256 {found}, not {}", key.spki_sha256));
    }
    let root = match facts.plan.step(step).map(|step| &step.action) {
        Some(Action::AdoptAuthority { root, .. }) => root.spki_sha256,
        _ => return Err("nobody planned to adopt it".to_owned()),
    };
    if found != root {
        return Err(format!("it is {found}, the root certificate has {root}"));
    }
    Ok(())
}

fn judge(evidence: &KeyEvidence, algorithm: KeyAlgorithm) -> Result<(), String> {
    let found = Digest::of(&evidence.spki.0);
    if found != evidence.spki_sha256 {
        return Err(format!("its SubjectPublicKeyInfo has SHA-256 {found}, not {}", evidence.spki_sha256));
    }
    let key = PublicKey::from_spki(&evidence.spki.0).map_err(|error| error.to_string())?;
    if key.key_algorithm() != Some(algorithm) {
        return Err(format!("it is {}, the plan says {algorithm}", key.describe()));
    }
    if let Some(sentence) = evidence.contradictions.first() {
        return Err(format!("what the token says of it cannot be true: {sentence}"));
    }
    match evidence.attributes.findings().into_iter().next() {
        Some(finding) => Err(finding),
        None => Ok(()),
    }
}
