use super::Stop;
use super::engine::{Engine, Evidence};
use super::generate_key::evidence;
use crate::format::{
    Call, Event, Hex, KeyAlgorithm, KeyEvidence, KeyFate, KeyHalf, KeySettled, Name, SettledKey,
};
use crate::ledger::Operation;
use crate::pki::PublicKey;
use crate::token::Remains;

/// A key of which nobody knows whether it was made.
pub(super) struct InDoubt {
    pub(super) op: u64,
    pub(super) step: Name,
    pub(super) token: Name,
    pub(super) algorithm: KeyAlgorithm,
    pub(super) label: String,
    pub(super) key_id: Hex,
}

/// Every key of a log of which nobody knows whether it was made, in the order of their operations.
pub(super) fn in_doubt(operations: &[Operation<'_>]) -> Vec<InDoubt> {
    let doubtful = operations.iter().filter(|operation| operation.leaves_key_in_doubt());
    let keys = doubtful.filter_map(|operation| match &operation.intent.call {
        Call::GenerateKeyPair { algorithm, label, key_id } => Some(InDoubt {
            op: operation.intent.op,
            step: operation.intent.step.clone(),
            token: operation.intent.token.clone(),
            algorithm: *algorithm,
            label: label.clone(),
            key_id: key_id.clone(),
        }),
        _ => None,
    });
    keys.collect()
}

impl Engine<'_> {
    /// The key that the step made before an interruption, as far as it is known or found now. Keys in doubt are adopted
    /// or removed, as the officers decided when they let the ceremony go on: no call that may have made a key is
    /// simply repeated.
    ///
    /// Somebody is logged in to the token: before that it does not show its private objects.
    pub(super) fn key_made_before(&mut self, step: &Name) -> Result<Option<KeyEvidence>, Stop> {
        let log = self.log()?;
        for key in in_doubt(&Operation::all(&log)).into_iter().filter(|key| key.step == *step) {
            let missing = || Stop::NotResumable {
                reason: format!("nobody decided what becomes of the key of operation {}", key.op),
            };
            let decided = log.records().rev().find_map(|record| match &record.event {
                Event::Resumed(resumed) => Some(resumed.keys.iter().find(|decided| decided.op == key.op)),
                _ => None,
            });
            let fate = decided.flatten().ok_or_else(missing)?.fate;
            self.settle(&key, fate)?;
        }
        let log = self.log()?;
        let made = crate::ledger::key_made(&Operation::all(&log), step).map(|(_, evidence)| evidence.clone());
        Ok(made)
    }

    fn settle(&mut self, key: &InDoubt, fate: KeyFate) -> Result<(), Stop> {
        let InDoubt { op, step, token, algorithm, label, key_id } = key;
        let found = self.token(token)?.remains(*algorithm, label, &key_id.0)?;
        let (outcome, key) = match (fate, &found) {
            (_, Remains { public: 0, private: 0, .. }) if self.was_removed(key_id)? => {
                (SettledKey::Destroyed, None)
            }
            (_, Remains { public: 0, private: 0, .. }) => (SettledKey::Absent, None),
            (KeyFate::Adopt, Remains { whole: Some(generated), .. }) => {
                let findings = generated.attributes.findings();
                if !findings.is_empty() {
                    return Err(Stop::KeyAttributes { findings });
                }
                (SettledKey::Adopted, Some(evidence(*algorithm, generated)?))
            }
            (KeyFate::Adopt, _) => {
                let reason = format!(
                    "what operation {op} left on token `{token}` is not one whole key; decide that it is destroyed"
                );
                return Err(Stop::NotResumable { reason });
            }
            (KeyFate::Destroy, Remains { public, private, .. }) => {
                for (half, count) in [(KeyHalf::PrivateKey, *private), (KeyHalf::PublicKey, *public)] {
                    if count > 0 {
                        let call = |_| Call::DestroyObject { class: half, key_id: key_id.clone() };
                        let none = |(): &()| Evidence::default();
                        self.operation(
                            step,
                            token,
                            call,
                            |token, _| token.destroy_half(half, &key_id.0),
                            none,
                        )?;
                    }
                }
                (SettledKey::Destroyed, None)
            }
        };
        self.done(format!("the key that operation {op} may have made is {outcome}"));
        self.record(Event::KeySettled(KeySettled { step: step.clone(), op: *op, outcome, key }))
    }

    /// Whether the record has a call that removed a half of that key.
    fn was_removed(&self, of: &Hex) -> Result<bool, Stop> {
        let log = self.log()?;
        Ok(Operation::all(&log).iter().any(
            |operation| matches!(&operation.intent.call, Call::DestroyObject { key_id, .. } if key_id == of),
        ))
    }

    /// Takes the key as the one of its step, if it is what a root key must be.
    pub(super) fn accept_key(
        &mut self,
        step: &Name,
        token: &Name,
        label: &str,
        evidence: &KeyEvidence,
    ) -> Result<(), Stop> {
        let findings = evidence.attributes.findings();
        if !findings.is_empty() {
            return Err(Stop::KeyAttributes { findings });
        }
        let public = PublicKey::from_spki(&evidence.spki.0)?;
        let what = "its key is of another algorithm";
        let algorithm = public.key_algorithm().ok_or(Stop::Plan { step: step.clone(), what })?;
        self.done(format!("{} key, SHA-256 of its public key {}", public.describe(), public.sha256()));
        let key =
            super::material::SigningKey { token: token.clone(), algorithm, label: label.to_owned(), public };
        self.keys.insert(step.clone(), key);
        Ok(())
    }
}
