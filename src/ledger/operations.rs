use crate::format::{
    Action, Call, Digest, Event, IssuerRef, KeyEvidence, KeyRef, Log, Name, OperationIntent, OperationResult,
    Plan,
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
}

impl<'a> Operation<'a> {
    /// Every operation of a log, in order; an answer belongs to the last intent of its number before it.
    pub fn all(log: &'a Log) -> Vec<Self> {
        let mut operations: Vec<Self> = Vec::new();
        for record in log.records() {
            match &record.event {
                Event::OperationIntent(intent) => {
                    operations.push(Self { record: record.n, intent, result: None })
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
}

/// The key that a `generate-key` step made, as it was read back.
pub fn key_made<'a>(operations: &[Operation<'a>], step: &Name) -> Option<(Operation<'a>, &'a KeyEvidence)> {
    operations.iter().rev().find_map(|operation| {
        let made = matches!(operation.intent.call, Call::GenerateKeyPair { .. });
        if !made || operation.intent.step != *step || !operation.succeeded() {
            return None;
        }
        let evidence = operation.result?.1.key.as_ref()?;
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
