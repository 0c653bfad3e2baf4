use crate::format::{
    Action, Call, CertifiedRef, Digest, Event, IssuerRef, KeyEvidence, KeyRef, KeySettled, Log, Name,
    OperationIntent, OperationResult, Plan,
};

/// A call on a token as a log has it: the intent, and the answer where there is one.
#[derive(Clone, Copy, Debug)]
pub struct Operation<'a> {
    /// Number of the record with the intent.
    pub record: u64,
    /// Before the call.
    pub intent: &'a OperationIntent,
    /// Number of the record with the answer, and the answer.
    pub result: Option<(u64, &'a OperationResult)>,
    /// Number of the record that says what became of the key that it left in doubt, and what that was.
    pub settled: Option<(u64, &'a KeySettled)>,
}

impl<'a> Operation<'a> {
    /// Every operation of a log, in order; an answer belongs to the last intent of its number before it.
    pub fn all(log: &'a Log) -> Vec<Self> {
        let mut operations: Vec<Self> = Vec::new();
        for record in log.records() {
            match &record.event {
                Event::OperationIntent(intent) => {
                    operations.push(Self { record: record.n, intent, result: None, settled: None })
                }
                Event::OperationResult(result) => {
                    let waiting = operations
                        .iter_mut()
                        .rev()
                        .find(|operation| operation.intent.op == result.op && operation.result.is_none());
                    if let Some(operation) = waiting {
                        operation.result = Some((record.n, result));
                    }
                }
                Event::KeySettled(settled) => {
                    let waiting =
                        operations.iter_mut().rev().find(|operation| operation.intent.op == settled.op);
                    if let Some(operation) = waiting {
                        operation.settled = Some((record.n, settled));
                    }
                }
                _ => {}
            }
        }
        operations
    }

    /// Whether the token answered CKR_OK.
    pub fn succeeded(&self) -> bool {
        self.result.is_some_and(|(_, result)| result.rv == "CKR_OK")
    }

    /// Whether the record ends before the token answered.
    pub fn unknown(&self) -> bool {
        self.result.is_none()
    }

    /// Whether it was to make a key, and nobody knows whether it did: the answer is missing, or was none that says
    /// what was made. An error of the token may have left half a key behind.
    pub fn leaves_key_in_doubt(&self) -> bool {
        let makes = matches!(self.intent.call, Call::GenerateKeyPair { .. });
        makes && self.settled.is_none() && self.key().is_none()
    }

    /// The key that it made: as it was answered, or as it was found later and adopted. The number is that of the record
    /// which says so.
    pub fn key(&self) -> Option<(u64, &'a KeyEvidence)> {
        let answered =
            self.result.filter(|_| self.succeeded()).and_then(|(n, result)| Some((n, result.key.as_ref()?)));
        answered.or_else(|| self.settled.and_then(|(n, settled)| Some((n, settled.key.as_ref()?))))
    }
}

/// The key that a `generate-key` step made, as it was read back.
pub fn key_made<'a>(operations: &[Operation<'a>], step: &Name) -> Option<(Operation<'a>, &'a KeyEvidence)> {
    operations.iter().rev().filter(|operation| operation.intent.step == *step).find_map(|operation| {
        let (_, evidence) = operation.key()?;
        Some((*operation, evidence))
    })
}

/// SHA-256 of the SubjectPublicKeyInfo that a plan's reference means; `None` while the key is not made.
pub fn key_spki_sha256(operations: &[Operation<'_>], key: &KeyRef) -> Option<Digest> {
    match key {
        KeyRef::Step { id } => key_made(operations, id).map(|(_, evidence)| evidence.spki_sha256),
        KeyRef::Ledger { spki_sha256, .. } => Some(*spki_sha256),
    }
}

/// SHA-256 of the issuing key's SubjectPublicKeyInfo; `None` while the key is not made.
pub fn issuer_spki_sha256(plan: &Plan, operations: &[Operation<'_>], issuer: &IssuerRef) -> Option<Digest> {
    key_spki_sha256(operations, issuer_key(plan, issuer)?)
}

/// The key that an issuer signs with.
pub fn issuer_key<'a>(plan: &'a Plan, issuer: &'a IssuerRef) -> Option<&'a KeyRef> {
    match issuer {
        IssuerRef::Step { id } => match &plan.step(id)?.action {
            Action::SelfSign { key, .. } => Some(key),
            _ => None,
        },
        IssuerRef::Ledger { key, .. } => Some(key),
    }
}

/// SHA-256 of the SubjectPublicKeyInfo that a cross-certificate certifies; `None` while the key is not made.
pub fn certified_spki_sha256(
    plan: &Plan,
    operations: &[Operation<'_>],
    certified: &CertifiedRef,
) -> Option<Digest> {
    match certified {
        CertifiedRef::Step { id } => match &plan.step(id)?.action {
            Action::SelfSign { key, .. } => key_spki_sha256(operations, key),
            _ => None,
        },
        CertifiedRef::Ledger { spki_sha256, .. } | CertifiedRef::Input { spki_sha256, .. } => {
            Some(*spki_sha256)
        }
    }
}
