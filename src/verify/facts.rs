use super::directory::BundleFiles;
use super::verdict::Place;
use crate::format::{
    Action, Binding, Call, CrlEntry, Digest, Event, IssuerRef, KeyRef, Log, LogLine, Name, Opened, Outcome,
    Person, PinOwner, Plan, PlannedStep, Record, Released, Roster, SharesAfterBreak,
};
use crate::ledger::{Ledger, Operation};

/// Everything that the later checks read: files whose digests hold, and what they parse to.
pub(crate) struct Facts<'a> {
    pub(crate) files: &'a BundleFiles,
    pub(crate) log: &'a Log,
    pub(crate) opened: &'a Opened,
    pub(crate) plan: &'a Plan,
    pub(crate) roster: &'a Roster,
    /// The roster that the plan brings in.
    pub(crate) incoming: Option<&'a Roster>,
    pub(crate) binding: &'a Binding,
    pub(crate) operations: Vec<Operation<'a>>,
    /// The ceremonies before; `None` when a bundle is judged by itself.
    pub(crate) before: Option<&'a Ledger>,
}

impl<'a> Facts<'a> {
    pub(crate) fn outcome(&self) -> Outcome {
        self.log.outcome()
    }

    pub(crate) fn complete(&self) -> bool {
        self.outcome() == Outcome::Complete
    }

    /// The place of a record.
    pub(crate) fn record(&self, n: u64) -> Place {
        place_of(self.log, n)
    }

    pub(crate) fn records(&self) -> impl DoubleEndedIterator<Item = &'a Record> + use<'a> {
        self.log.records()
    }

    /// Whether the step has its `step.done`.
    pub(crate) fn done(&self, step: &Name) -> bool {
        self.records().any(|record| matches!(&record.event, Event::StepDone { step: done } if done == step))
    }

    /// How many keys the operations of a step made.
    pub(crate) fn keys_made(&self, step: &Name) -> usize {
        let of_step = self.operations.iter().filter(|operation| operation.intent.step == *step);
        of_step.filter(|operation| operation.key().is_some()).count()
    }

    /// The roster that names the holders of shares dealt in a step: the incoming one after it was brought in.
    pub(crate) fn roster_of(&self, step: &Name) -> &'a Roster {
        let before = self.plan.steps.iter().take_while(|planned| planned.id != *step);
        let changed = before.into_iter().any(|planned| matches!(planned.action, Action::ChangeRoster { .. }));
        self.incoming.filter(|_| changed).unwrap_or(self.roster)
    }

    /// The entry of that name on the roster, or for somebody who joins on the incoming one.
    pub(crate) fn person(&self, name: &Name) -> Option<&'a Person> {
        self.roster.person(name).or_else(|| self.incoming?.person(name))
    }

    /// Whether a token locks out after wrong PINs, as the record says of it first.
    pub(crate) fn locks_out(&self, token: &Name) -> bool {
        self.records().any(|record| {
            matches!(&record.event, Event::TokenFound(found) if found.token == *token && found.locks_out)
        })
    }

    /// Whether a PIN was replaced in a step before record `n`: C_SetPIN answered, or it did not and a login with the
    /// new PIN did.
    pub(crate) fn pin_replaced(&self, step: &Name, token: &Name, owner: PinOwner, n: u64) -> bool {
        let mut unanswered = false;
        for operation in self.operations.iter().filter(|operation| operation.record < n) {
            if operation.intent.step != *step || operation.intent.token != *token {
                continue;
            }
            match operation.intent.call {
                Call::SetPin { of } if of == owner && operation.succeeded() => return true,
                Call::SetPin { of } if of == owner && operation.unknown() => unanswered = true,
                Call::Login { of, .. } if of == owner && operation.succeeded() => {
                    // An earlier ceremony may have replaced it, which the ledger then left in doubt.
                    let doubted = self
                        .before
                        .is_none_or(|before| before.token(token).is_some_and(|token| !token.settled()));
                    return unanswered || doubted;
                }
                _ => {}
            }
        }
        false
    }

    /// The last record before `n` at which nobody was logged in to any token and no secret was at hand: the beginning of
    /// the last break after which shares are entered again, the last resumption, or record 0.
    pub(crate) fn logged_out_at(&self, n: u64) -> u64 {
        let closes = |record: &&Record| {
            record.n < n
                && match &record.event {
                    Event::BreakBegun(begun) => self.closes_tokens(&begun.step),
                    Event::Resumed(_) => true,
                    _ => false,
                }
        };
        self.records().rev().find(closes).map_or(0, |record| record.n)
    }

    /// Whether that step is a break during which nobody is logged in.
    pub(crate) fn closes_tokens(&self, step: &Name) -> bool {
        let action = self.plan.step(step).map(|step| &step.action);
        matches!(action, Some(Action::Break { shares: SharesAfterBreak::EnteredAgain, .. }))
    }

    /// Every C_Sign, with what it signs and under which key.
    pub(crate) fn signatures(&self) -> impl Iterator<Item = (&Operation<'a>, Digest, Digest)> {
        self.operations.iter().filter_map(|operation| match &operation.intent.call {
            Call::Sign { tbs_sha256, spki_sha256, .. } => Some((operation, *tbs_sha256, *spki_sha256)),
            _ => None,
        })
    }

    pub(crate) fn released(&self) -> impl Iterator<Item = (u64, &'a Released)> + use<'a> {
        self.records().filter_map(|record| match &record.event {
            Event::Released(released) => Some((record.n, released)),
            _ => None,
        })
    }

    /// The steps that make a signature.
    pub(crate) fn signing_steps(&self) -> impl Iterator<Item = &'a PlannedStep> + use<'a> {
        self.plan.steps.iter().filter(|step| step.action.tbs_sha256().is_some())
    }

    /// The key that signs in a step.
    pub(crate) fn signing_key(&self, action: &'a Action) -> Option<&'a KeyRef> {
        match action {
            Action::SelfSign { key, .. } => Some(key),
            Action::SignIntermediate { issuer, .. }
            | Action::CrossSign { issuer, .. }
            | Action::IssueCrl { issuer, .. } => crate::ledger::issuer_key(self.plan, issuer),
            _ => None,
        }
    }

    /// The token that holds a key.
    pub(crate) fn token_of(&self, key: &'a KeyRef) -> Option<&'a Name> {
        match key {
            KeyRef::Step { id } => match &self.plan.step(id)?.action {
                Action::GenerateKey { token, .. } => Some(token),
                _ => None,
            },
            KeyRef::Ledger { token, .. } => Some(token),
        }
    }

    /// SHA-256 of an issuer's SubjectPublicKeyInfo; `None` while its key is not made.
    pub(crate) fn issuer_spki(&self, issuer: &IssuerRef) -> Option<Digest> {
        crate::ledger::issuer_spki_sha256(self.plan, &self.operations, issuer)
    }

    /// The revocations decided in this ceremony before record `n`, for that issuer.
    pub(crate) fn revoked_before(&self, n: u64, issuer_spki_sha256: &Digest) -> Vec<CrlEntry> {
        let mut entries = Vec::new();
        for record in self.records().filter(|record| record.n < n) {
            let Event::Revoked(revoked) = &record.event else {
                continue;
            };
            let issuer = match self.plan.step(&revoked.step).map(|step| &step.action) {
                Some(Action::Revoke { issuer, .. }) => self.issuer_spki(issuer),
                _ => None,
            };
            if issuer == Some(*issuer_spki_sha256) {
                entries.push(revoked.entry.clone());
            }
        }
        entries
    }
}

/// The place of a record of the log.
pub(crate) fn place_of(log: &Log, n: u64) -> Place {
    // The chain holds, so that each record has the number of its place.
    let line: Option<&LogLine> = usize::try_from(n).ok().and_then(|place| log.lines.get(place));
    Place { file: BundleFiles::LOG.to_owned(), record: Some(n), offset: line.map(|line| line.offset as u64) }
}
