use super::Stop;
use super::engine::{Engine, Evidence};
use crate::format::{Base64, Call, KeyAlgorithm, KeyEvidence, Name};
use crate::pki::{self, PublicKey};
use crate::token::GeneratedKey;

impl Engine<'_> {
    /// Makes a key pair, reads it back, and goes on only when it is what a root key must be. One that was made before an
    /// interruption is that key.
    pub(super) fn generate_key(
        &mut self,
        step: &Name,
        token: &Name,
        algorithm: KeyAlgorithm,
        label: &str,
    ) -> Result<(), Stop> {
        self.unlock(step, token)?;
        if let Some(evidence) = self.key_made_before(step)? {
            self.still_there(token, algorithm, label, &evidence)?;
            return self.accept_key(step, token, label, &evidence);
        }
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
            |generated| Evidence { key: evidence(algorithm, generated).ok(), signature: None },
        )?;
        self.accept_key(step, token, label, &evidence(algorithm, &generated)?)
    }

    /// The token still has the key that the record says was made.
    fn still_there(
        &self,
        token: &Name,
        algorithm: KeyAlgorithm,
        label: &str,
        evidence: &KeyEvidence,
    ) -> Result<(), Stop> {
        let public = PublicKey::from_spki(&evidence.spki.0)?;
        let point = public.ec_point().unwrap_or_default();
        self.token(token)?.private_key(algorithm, point, label)?;
        Ok(())
    }
}

/// What the record keeps of a new key.
pub(super) fn evidence(algorithm: KeyAlgorithm, generated: &GeneratedKey) -> Result<KeyEvidence, pki::Error> {
    let public = PublicKey::from_ec_point(algorithm, &generated.point)?;
    let attributes = &generated.attributes;
    Ok(KeyEvidence {
        spki: Base64(public.spki().to_vec()),
        spki_sha256: public.sha256(),
        attributes: attributes.clone(),
        contradictions: attributes.contradictions(),
    })
}
