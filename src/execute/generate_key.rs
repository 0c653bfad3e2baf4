use super::Stop;
use super::engine::{Engine, Evidence};
use super::material::SigningKey;
use crate::format::{Base64, Call, KeyAlgorithm, KeyEvidence, Name};
use crate::pki::PublicKey;
use crate::token::GeneratedKey;

impl Engine<'_> {
    /// Makes a key pair, reads it back, and goes on only when it is what a root key must be.
    pub(super) fn generate_key(
        &mut self,
        step: &Name,
        token: &Name,
        algorithm: KeyAlgorithm,
        label: &str,
    ) -> Result<(), Stop> {
        self.unlock(step, token)?;
        // Asked again: private objects are seen only now that a user is logged in.
        let count = self.token(token)?.labelled(label)?;
        if count > 0 {
            return Err(Stop::LabelTaken { token: token.clone(), label: label.to_owned(), count });
        }
        let ceremony = self.bundle.ceremony();
        let generated = self.operation(
            step,
            token,
            |op| Call::GenerateKeyPair {
                algorithm,
                label: label.to_owned(),
                key_id: crate::format::OperationIntent::key_id(&ceremony, op),
            },
            |token, call| match call {
                Call::GenerateKeyPair { key_id, .. } => token.generate(algorithm, label, &key_id.0),
                _ => token.generate(algorithm, label, &[]),
            },
            |generated| Evidence { key: evidence(algorithm, generated), signature: None },
        )?;
        let public = PublicKey::from_ec_point(algorithm, &generated.point)?;
        let findings = generated.attributes.findings();
        if !findings.is_empty() {
            return Err(Stop::KeyAttributes { findings });
        }
        self.done(format!("{} key, SHA-256 of its public key {}", public.describe(), public.sha256()));
        let key = SigningKey { token: token.clone(), algorithm, label: label.to_owned(), public };
        self.keys.insert(step.clone(), key);
        Ok(())
    }
}

/// What the record keeps of a new key; nothing when its point is none, which the caller refuses next.
fn evidence(algorithm: KeyAlgorithm, generated: &GeneratedKey) -> Option<KeyEvidence> {
    let public = PublicKey::from_ec_point(algorithm, &generated.point).ok()?;
    let attributes = &generated.attributes;
    Some(KeyEvidence {
        spki: Base64(public.spki().to_vec()),
        spki_sha256: public.sha256(),
        attributes: attributes.clone(),
        contradictions: attributes.contradictions(),
    })
}
