use super::examination::Examination;
use super::facts::Facts;
use super::verdict::{Check, CheckId};
use crate::format::{Action, Digest, KeyAlgorithm, KeyEvidence};
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
    examination.finish_if(!seen.is_empty(), "no key was made", || seen.join("; "))
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
