use super::{BundleFacts, Ledger, Operation};
use crate::format::{
    Action, Call, CustodyAct, CustodyNoted, Duty, DutyKind, DutyRef, Event, KeyHalf, KeyRef, Name,
};

/// A bag as records left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bag {
    /// Of the ceremony that touched it last.
    pub ordinal: u64,
    /// Its number; `None` for what lies in no closed bag.
    pub number: Option<String>,
    /// Where it is, where a record says so.
    pub place: Option<String>,
}

/// A duty that no record says is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenDuty {
    /// Of the ceremony that it follows from.
    pub ordinal: u64,
    /// The duty.
    pub duty: Duty,
}

impl Ledger {
    /// A duty that is open and that people can do: of that ceremony, or without an ordinal the newest. The next CRL is none: it
    /// is done when it is there.
    pub fn dischargeable(&self, ordinal: Option<u64>, id: &Name) -> Option<DutyRef> {
        let fits = |open: &&OpenDuty| {
            open.duty.id == *id
                && open.duty.kind != DutyKind::NextCrl
                && ordinal.is_none_or(|ordinal| open.ordinal == ordinal)
        };
        let open = self.duties.iter().rev().find(fits)?;
        Some(DutyRef { ordinal: open.ordinal, id: id.clone() })
    }

    /// What became of bags: facts of the bags, whatever became of the ceremony.
    pub(super) fn take_in_bags(&mut self, bundle: &BundleFacts<'_>) {
        for record in bundle.log.records() {
            let Event::CustodyNoted(CustodyNoted { item, act, number, place, .. }) = &record.event else {
                continue;
            };
            let number = match act {
                CustodyAct::Open => None,
                CustodyAct::Seal | CustodyAct::Inspect => Some(number.clone()),
            };
            let before = self.bags.get(item).and_then(|bag| bag.place.clone());
            let bag = Bag { ordinal: bundle.plan.ordinal, number, place: place.clone().or(before) };
            self.bags.insert(item.clone(), bag);
        }
    }

    /// What became of keys: facts of the token, whatever became of the ceremony. A call without an answer counts once the
    /// step is done, because whoever did it looked.
    pub(super) fn take_in_destructions(&mut self, bundle: &BundleFacts<'_>, operations: &[Operation<'_>]) {
        for step in &bundle.plan.steps {
            let Action::DestroyKey { key: KeyRef::Ledger { spki_sha256, .. }, .. } = &step.action else {
                continue;
            };
            let done = bundle
                .log
                .records()
                .any(|record| matches!(&record.event, Event::StepDone { step: done } if *done == step.id));
            let gone = operations.iter().any(|operation| {
                let private =
                    matches!(operation.intent.call, Call::DestroyObject { class: KeyHalf::PrivateKey, .. });
                private && operation.intent.step == step.id && (done || operation.succeeded())
            });
            if let Some(key) = self.keys.iter_mut().find(|key| gone && key.spki_sha256 == *spki_sha256) {
                key.destroyed.get_or_insert(bundle.plan.ordinal);
            }
        }
    }

    /// A granted ceremony takes duties over, and says of some that they are done.
    pub(super) fn grant_duties(&mut self, bundle: &BundleFacts<'_>) {
        for step in &bundle.plan.steps {
            if let Action::Confirm { discharges: Some(done), .. } = &step.action {
                self.duties.retain(|open| {
                    (open.ordinal, &open.duty.id) != (done.ordinal, &done.id)
                        || open.duty.kind == DutyKind::NextCrl
                });
            }
        }
        let closed = bundle.log.records().find_map(|record| match &record.event {
            Event::Closed(closed) => Some(&closed.duties),
            _ => None,
        });
        let ordinal = bundle.plan.ordinal;
        let taken_over = closed.into_iter().flatten().map(|duty| OpenDuty { ordinal, duty: duty.clone() });
        self.duties.extend(taken_over);
    }

    /// The duties that later records did not make moot, as they do a CRL with a newer one of its issuer, a revoked certificate,
    /// retired shares.
    pub fn open_duties(&self) -> impl Iterator<Item = &OpenDuty> {
        self.duties.iter().filter(|open| !self.is_moot(open))
    }

    fn is_moot(&self, open: &OpenDuty) -> bool {
        let OpenDuty { ordinal, duty } = open;
        let here = |of: u64, step: &Name| of == *ordinal && *step == duty.id;
        match duty.kind {
            DutyKind::Written => false,
            DutyKind::NextCrl => {
                self.crls.iter().find(|crl| here(crl.ordinal, &crl.step)).is_some_and(|crl| {
                    self.crls.iter().any(|other| {
                        other.granted
                            && other.issuer_spki_sha256 == crl.issuer_spki_sha256
                            && other.number > crl.number
                    })
                })
            }
            DutyKind::CertificateExpiry => {
                let issued = self.certificates.iter().find(|issued| here(issued.ordinal, &issued.step));
                issued.is_some_and(|issued| {
                    self.revocations.iter().any(|revoked| {
                        revoked.issuer_spki_sha256 == issued.issuer_spki_sha256
                            && revoked.entry.serial == issued.serial
                    })
                })
            }
            DutyKind::ShareCheck => {
                self.share_sets.iter().any(|set| set.retired && here(set.ordinal, &set.split.step))
            }
        }
    }
}
