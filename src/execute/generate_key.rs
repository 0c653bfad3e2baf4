use super::Stop;
use super::engine::{Engine, Evidence};
use super::material::SigningKey;
use crate::format::{AttributeState, Base64, Call, KeyAlgorithm, KeyEvidence, Name};
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
        let findings = evidence(algorithm, &generated).map(|key| key_findings(&key)).unwrap_or_default();
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
        token: attributes.token,
        private: attributes.private,
        sensitive: attributes.sensitive,
        always_sensitive: attributes.always_sensitive,
        extractable: attributes.extractable,
        never_extractable: attributes.never_extractable,
        local: attributes.local,
        sign: attributes.sign,
        decrypt: attributes.decrypt,
        unwrap: attributes.unwrap,
        derive: attributes.derive,
        modifiable: attributes.modifiable,
        copyable: attributes.copyable,
        contradictions: attributes.contradictions(),
    })
}

/// What is wrong with a new root key, one sentence each. What a token does not say is no finding: the record
/// keeps it as absent, and the verdict says what that leaves unproven.
fn key_findings(key: &KeyEvidence) -> Vec<String> {
    use AttributeState::{False, True};
    let wanted = [
        ("CKA_TOKEN", key.token, True),
        ("CKA_PRIVATE", key.private, True),
        ("CKA_SENSITIVE", key.sensitive, True),
        ("CKA_ALWAYS_SENSITIVE", key.always_sensitive, True),
        ("CKA_EXTRACTABLE", key.extractable, False),
        ("CKA_NEVER_EXTRACTABLE", key.never_extractable, True),
        ("CKA_SIGN", key.sign, True),
        ("CKA_DECRYPT", key.decrypt, False),
        ("CKA_UNWRAP", key.unwrap, False),
        ("CKA_DERIVE", key.derive, False),
    ];
    let wrong =
        wanted.iter().filter(|(_, found, wanted)| *found != AttributeState::Absent && found != wanted);
    let mut findings: Vec<String> =
        wrong.map(|(name, found, wanted)| format!("{name} is {found:?}, not {wanted:?}")).collect();
    // These two no token may leave unsaid: without them nothing keeps the key inside.
    for (name, found) in [("CKA_SENSITIVE", key.sensitive), ("CKA_EXTRACTABLE", key.extractable)] {
        if found == AttributeState::Absent {
            findings.push(format!("the token does not say {name}"));
        }
    }
    findings.extend(key.contradictions.iter().cloned());
    findings
}
