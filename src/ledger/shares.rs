use super::{BundleFacts, Ledger, OpenedBy, Operation, PinSource, ShareSetEntry, TokenEntry};
use crate::format::{Action, Call, Event, Name, PinOwner, PinPolicy};

impl Ledger {
    /// Every split whose commitments are durable, and every split that nothing depends on any more.
    pub(super) fn take_in_share_sets(&mut self, bundle: &BundleFacts<'_>, granted: bool) {
        for record in bundle.log.records() {
            match &record.event {
                Event::SharesSplit(split) => self.share_sets.push(ShareSetEntry {
                    ordinal: bundle.plan.ordinal,
                    ceremony: record.cer,
                    split: split.clone(),
                    granted,
                    retired: false,
                }),
                Event::SharesRetired { set_id, .. } => {
                    let retired = self.share_sets.iter_mut().filter(|entry| entry.split.set_id == *set_id);
                    retired.for_each(|entry| entry.retired = true);
                }
                _ => {}
            }
        }
    }

    /// What became of the PINs of tokens that were provisioned before, call by call.
    pub(super) fn take_in_pins(&mut self, bundle: &BundleFacts<'_>, operations: &[Operation<'_>]) {
        for step in &bundle.plan.steps {
            let Action::Reshare { tokens, .. } = &step.action else { continue };
            for token in tokens {
                let policy = policy_of(bundle, &step.id, token);
                let entry = self.tokens.iter_mut().find(|entry| entry.name == *token);
                let (
                    Some(policy),
                    Some(TokenEntry { opened_by: OpenedBy::Shares { user, security_officer }, .. }),
                ) = (policy, entry)
                else {
                    continue;
                };
                for (owner, source) in [(PinOwner::User, user), (PinOwner::SecurityOfficer, security_officer)]
                {
                    let of_pin = operations.iter().filter(|operation| {
                        operation.intent.step == step.id && operation.intent.token == *token
                    });
                    match change(of_pin, owner) {
                        Change::None => {}
                        Change::Done => source.candidates = vec![policy.clone()],
                        Change::Unknown => source.candidates.push(policy.clone()),
                    }
                }
            }
        }
    }
}

enum Change {
    None,
    Done,
    Unknown,
}

/// Whether a PIN was replaced: C_SetPIN answered CKR_OK, or it did not answer and a login with the new PIN did.
fn change<'a>(operations: impl Iterator<Item = &'a Operation<'a>>, owner: PinOwner) -> Change {
    let mut change = Change::None;
    for operation in operations {
        match operation.intent.call {
            Call::SetPin { of } if of == owner && operation.succeeded() => return Change::Done,
            Call::SetPin { of } if of == owner && operation.unknown() => change = Change::Unknown,
            // Only the new PIN is ever proven in such a step; the old one is replaced in one call.
            Call::Login { of, .. } if of == owner => match (operation.succeeded(), operation.unknown()) {
                (true, _) => return Change::Done,
                (false, true) => {}
                (false, false) => change = Change::None,
            },
            _ => {}
        }
    }
    change
}

/// What opens a token that a step provisioned.
pub(super) fn opened_by(bundle: &BundleFacts<'_>, step: &Name, token: &Name, shares: bool) -> OpenedBy {
    if !shares {
        return OpenedBy::Device;
    }
    let source = PinSource { candidates: policy_of(bundle, step, token).into_iter().collect() };
    OpenedBy::Shares { user: source.clone(), security_officer: source }
}

fn policy_of(bundle: &BundleFacts<'_>, step: &Name, token: &Name) -> Option<PinPolicy> {
    bundle.log.records().find_map(|record| match &record.event {
        Event::PinPolicy(policy) if policy.step == *step && policy.token == *token => Some(policy.clone()),
        _ => None,
    })
}
