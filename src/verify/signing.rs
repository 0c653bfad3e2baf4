use std::collections::BTreeMap;

use super::directory::artifact_path;
use super::examination::Examination;
use super::facts::Facts;
use super::verdict::{Check, CheckId};
use crate::format::{Action, CertifiedRef, Digest, Event, FileName, Name, PlannedStep, Record};
use crate::ledger::Operation;
use crate::pki::{Certificate, PublicKey, SignatureAlgorithm};
use crate::roster::{Approved, Authorised};

/// Each C_Sign is over a TBS that the approved plan fixed or that a quorum authorised, once, with the key of its
/// step, after a person confirmed that very TBS.
pub(crate) fn authorised(
    facts: &Facts<'_>,
    approved: &Approved,
    mut authorised: Option<Authorised>,
) -> Check {
    let mut examination = Examination::of(CheckId::Authorised);
    let mut attempts: BTreeMap<&Name, &Operation<'_>> = BTreeMap::new();
    for (operation, tbs_sha256, spki_sha256) in facts.signatures() {
        let step = &operation.intent.step;
        let mut refuse = |what: String| examination.fail(facts.record(operation.record), what);
        let Some(action) = facts.plan.step(step).map(|step| &step.action) else {
            continue;
        };
        let bytes = facts.files.artifact(&FileName::of_step(step, "tbs.der")).unwrap_or_default();
        if Digest::of(bytes) != tbs_sha256 {
            refuse(format!("step {step} signs the TBS {tbs_sha256}, its file has {}", Digest::of(bytes)));
        }
        // Begun again, over the same bytes, what the token refused or never answered; whether that was allowed is
        // another check's question.
        let again = attempts
            .get(step)
            .is_some_and(|earlier| !earlier.succeeded() && earlier.intent.call == operation.intent.call);
        let allowed = if again {
            Ok(())
        } else {
            match (action.tbs_sha256(), &mut authorised) {
                (Some(None), Some(authorised)) => authorised.tbs(step, bytes).map(drop),
                _ => approved.tbs(step, bytes).map(drop),
            }
        };
        if let Err(refused) = allowed {
            refuse(refused.to_string());
        }
        attempts.insert(step, operation);
        let key = facts.signing_key(action);
        if key.and_then(|key| crate::ledger::key_spki_sha256(&facts.operations, key)) != Some(spki_sha256) {
            refuse(format!("step {step} signs with the key {spki_sha256}, which is not its key"));
        }
        if !confirmed(facts, operation, tbs_sha256) {
            refuse(format!("nobody confirmed the TBS that step {step} signs"));
        }
    }
    examination.finish_if(!attempts.is_empty(), "nothing was signed", || {
        format!("{} of {}", attempts.len(), attempts.len())
    })
}

/// Whether a person typed the word for exactly this TBS, before the call and since the last interruption.
fn confirmed(facts: &Facts<'_>, operation: &Operation<'_>, wanted: Digest) -> bool {
    let resumed = |record: &&Record| matches!(record.event, Event::Resumed(_)) && record.n < operation.record;
    let since = facts.records().rev().find(resumed).map_or(0, |record| record.n);
    facts.records().filter(|record| record.n > since && record.n < operation.record).any(|record| {
        matches!(&record.event, Event::SignConfirmed { step, tbs_sha256, word, .. }
                if *step == operation.intent.step && *tbs_sha256 == wanted && !word.is_empty())
    })
}

/// Each signature that the log says verified does so, over the TBS in its file and under the key of its step; one
/// that the log says did not, does not, and its step is not done.
pub(crate) fn verify(facts: &Facts<'_>) -> Check {
    let mut examination = Examination::of(CheckId::Signatures);
    let (mut good, mut bad) = (0, 0);
    for (operation, _, spki_sha256) in facts.signatures() {
        let Some((n, made)) = operation.result.and_then(|(n, result)| Some((n, result.signature.as_ref()?)))
        else {
            continue;
        };
        let step = &operation.intent.step;
        let bytes = facts.files.artifact(&FileName::of_step(step, "tbs.der")).unwrap_or_default();
        let Some(key) = public_key(facts, &spki_sha256) else {
            examination.fail(facts.record(n), format!("the key {spki_sha256} is nowhere in the record"));
            continue;
        };
        let verifies = key.key_algorithm().is_some_and(|algorithm| {
            key.verify(SignatureAlgorithm::of(algorithm), bytes, &made.value.0).is_ok()
        });
        examination.demand(verifies == made.verified, facts.record(n), || {
            let (is, said) = if verifies { ("verifies", "not") } else { ("does not verify", "it does") };
            format!("the signature of step {step} {is}, the record says {said}")
        });
        examination.demand(verifies || !facts.done(step), facts.record(n), || {
            format!("step {step} is done with a signature that does not verify")
        });
        if verifies {
            good += 1;
        } else {
            bad += 1;
        }
    }
    examination.finish_if(good + bad > 0, "nothing was signed", || match bad {
        0 => format!("{good} of {good}"),
        bad => format!("{good} verify, {bad} were recorded as bad and not used"),
    })
}

/// The key with that digest: made in this ceremony, certified by an issuer's certificate, or in the ledger.
fn public_key(facts: &Facts<'_>, spki_sha256: &Digest) -> Option<PublicKey> {
    let made =
        facts.operations.iter().filter_map(|operation| operation.key()).map(|(_, key)| key.spki.0.clone());
    let certified = certificates(facts).map(|(_, certificate)| certificate.public_key().spki().to_vec());
    let earlier = facts.before.and_then(|before| before.key_with(spki_sha256)).map(|key| key.spki.clone());
    made.chain(certified)
        .chain(earlier)
        .find(|spki| Digest::of(spki) == *spki_sha256)
        .and_then(|spki| PublicKey::from_spki(&spki).ok())
}

/// Every certificate in `artifacts/` that parses, and its path: released ones and issuers' from earlier ceremonies.
pub(crate) fn certificates<'f>(facts: &'f Facts<'_>) -> impl Iterator<Item = (String, Certificate)> + 'f {
    let released = facts.released().map(|(_, released)| released.file.name.clone());
    let inputs = facts.plan.inputs.iter().map(|file| file.name.clone());
    let names: Vec<FileName> = released.chain(inputs).collect();
    names.into_iter().filter_map(|name| {
        let certificate = Certificate::from_pem(facts.files.artifact(&name)?).ok()?;
        Some((artifact_path(&name), certificate))
    })
}

/// The certificate that issues in a step; for a self-signed one, itself.
pub(crate) fn issuer_certificate(facts: &Facts<'_>, step: &PlannedStep) -> Option<Certificate> {
    use crate::format::IssuerRef;
    let issuer = match &step.action {
        Action::SelfSign { .. } => &IssuerRef::Step { id: step.id.clone() },
        Action::SignIntermediate { issuer, .. }
        | Action::CrossSign { issuer, .. }
        | Action::IssueCrl { issuer, .. } => issuer,
        _ => return None,
    };
    let name = match issuer {
        IssuerRef::Step { id } => FileName::of_step(id, "crt.pem"),
        IssuerRef::Ledger { certificate, .. } => certificate.name.clone(),
    };
    Certificate::from_pem(facts.files.artifact(&name)?).ok()
}

/// The certificate that a `cross-sign` step certifies once more.
pub(crate) fn certified(facts: &Facts<'_>, certified: &CertifiedRef) -> Option<Certificate> {
    let name = match certified {
        CertifiedRef::Step { id } => FileName::of_step(id, "crt.pem"),
        CertifiedRef::Ledger { certificate, .. } | CertifiedRef::Input { certificate, .. } => {
            certificate.name.clone()
        }
    };
    Certificate::from_pem(facts.files.artifact(&name)?).ok()
}
