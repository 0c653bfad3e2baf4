use super::Stop;
use super::engine::{Engine, Evidence};
use crate::format::{Call, Event, LoginPath, Name, PinEncoding, PinOwner, PinPolicy, Rule, SharesSplit};
use crate::host;
use crate::ledger::Operation;
use crate::secret::{Pin, QuorumSecret};
use crate::shares::{self, PinPurpose};
use crate::token;

/// Both PINs of a token.
pub(super) struct Pins {
    pub(super) user: Pin,
    pub(super) security_officer: Pin,
}

/// What the record says of a call in the step under way.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Made {
    /// Not made, or answered with an error.
    No,
    /// Made and answered.
    Yes,
    /// Made, and an interruption swallowed the answer.
    Perhaps,
}

impl Engine<'_> {
    /// The PINs that follow from a secret.
    pub(super) fn pins(&self, secret: &QuorumSecret, policy: &PinPolicy) -> Result<Pins, Stop> {
        let authority = &self.plan().authority;
        Ok(Pins {
            user: shares::derive_pin(secret, authority, policy, PinPurpose::User)?,
            security_officer: shares::derive_pin(secret, authority, policy, PinPurpose::SecurityOfficer)?,
        })
    }

    /// How a new token's PINs follow from a split: durable before the first of them is set.
    pub(super) fn policy_of_new_token(
        &mut self,
        step: &Name,
        token: &Name,
        split: &SharesSplit,
        encoding: &PinEncoding,
    ) -> Result<PinPolicy, Stop> {
        if let Some(policy) = self.policy_in_log(step, token)? {
            return Ok(policy);
        }
        let mut token_id = [0; 16];
        host::fill_random(&mut token_id)?;
        let description = self.token(token)?.describe()?;
        let limits = description.pin_min..=description.pin_max;
        let policy = shares::new_pin_policy(step, token, token_id, split, limits, encoding)?;
        let waived = self.plan().waiver(Rule::PinStrength, host::now()).is_some();
        if let Some(weakness) = policy.weakness(self.token(token)?.locks_out()).filter(|_| !waived) {
            return Err(Stop::WeakPin { token: token.clone(), weakness });
        }
        self.keep_policy(policy)
    }

    /// How a token's PINs follow from another split: as before, whatever the token says of its limits by now.
    pub(super) fn policy_of_moved_token(
        &mut self,
        step: &Name,
        before: &PinPolicy,
        split: &SharesSplit,
    ) -> Result<PinPolicy, Stop> {
        match self.policy_in_log(step, &before.token)? {
            Some(policy) => Ok(policy),
            None => self.keep_policy(PinPolicy {
                step: step.clone(),
                set_id: split.set_id.clone(),
                epoch: split.epoch,
                ..before.clone()
            }),
        }
    }

    fn keep_policy(&mut self, policy: PinPolicy) -> Result<PinPolicy, Stop> {
        let PinPolicy { token, set_id, entropy_bits, .. } = &policy;
        self.done(format!(
            "the PINs of token `{token}` follow from share set {set_id}, {entropy_bits} bits each"
        ));
        self.record(Event::PinPolicy(policy.clone()))?;
        Ok(policy)
    }

    fn policy_in_log(&self, step: &Name, token: &Name) -> Result<Option<PinPolicy>, Stop> {
        Ok(self.log()?.records().find_map(|record| match &record.event {
            Event::PinPolicy(policy) if policy.step == *step && policy.token == *token => {
                Some(policy.clone())
            }
            _ => None,
        }))
    }

    /// The policy that opens a token now: this ceremony's, or the ledger's.
    pub(super) fn policy_in_force(&self, token: &Name) -> Result<PinPolicy, Stop> {
        let here = self.log()?.records().rev().find_map(|record| match &record.event {
            Event::PinPolicy(policy) if policy.token == *token => Some(policy.clone()),
            _ => None,
        });
        if let Some(policy) = here {
            return Ok(policy);
        }
        let entry = self.ceremony.ledger.token(token);
        let entry = entry.ok_or_else(|| Stop::not_in_ledger(format!("token `{token}`")))?;
        match entry.pin_source(PinOwner::User).and_then(|source| source.known()) {
            Some(policy) => Ok(policy.clone()),
            None => {
                let epochs = entry.policies().iter().map(|policy| policy.epoch).collect();
                Err(Stop::PinInDoubt { token: token.clone(), epochs })
            }
        }
    }

    /// What the record says of a call on a token in a step.
    pub(super) fn made(
        &self,
        step: &Name,
        token: &Name,
        wanted: impl Fn(&Call) -> bool,
    ) -> Result<Made, Stop> {
        let log = self.log()?;
        let of_call = Operation::all(&log).into_iter().filter(|operation| {
            let intent = operation.intent;
            intent.step == *step && intent.token == *token && wanted(&intent.call)
        });
        Ok(of_call.fold(Made::No, |made, operation| match made {
            Made::Yes => Made::Yes,
            _ if operation.succeeded() => Made::Yes,
            _ if operation.unknown() => Made::Perhaps,
            made => made,
        }))
    }

    /// Replaces a PIN that is one of `old`, unless the record or the token says that it was replaced already.
    pub(super) fn replace_pin(
        &mut self,
        step: &Name,
        token: &Name,
        owner: PinOwner,
        old: &[&Pin],
        new: &Pin,
        mut in_doubt: bool,
    ) -> Result<(), Stop> {
        match self.made(step, token, |call| matches!(call, Call::SetPin { of } if *of == owner))? {
            Made::Yes => return Ok(()),
            Made::Perhaps => in_doubt = true,
            Made::No => {}
        }
        let none = |(): &()| Evidence::default();
        if in_doubt {
            let login = |_| Call::Login { of: owner, path: LoginPath::Pin };
            match self.operation(step, token, login, |token, _| token.prove_pin(owner, new), none) {
                Ok(()) => return Ok(()),
                Err(stop) if is_wrong_pin(&stop) => {}
                Err(stop) => return Err(stop),
            }
        }
        let mut last = Err(Stop::not_in_ledger(format!("PIN of token `{token}`")));
        for old in old {
            let set = |_| Call::SetPin { of: owner };
            last = self.operation(step, token, set, |token, _| token.set_pin(owner, old, new), none);
            match &last {
                Err(stop) if is_wrong_pin(stop) => {}
                _ => break,
            }
        }
        last?;
        self.done(format!("the {owner} PIN of token `{token}` is replaced"));
        Ok(())
    }
}

fn is_wrong_pin(stop: &Stop) -> bool {
    matches!(stop, Stop::Token(error) if error.category() == Some(token::Category::PinIncorrect))
}
