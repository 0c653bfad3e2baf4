//! What people read aloud, stated, and took out of bags and devices.

use super::run::Run;
use super::*;

/// The file that a device gave.
pub(crate) const EVIDENCE: &[u8] = b"what a device says of itself\n";

impl Workshop {
    pub(super) fn witnessed(
        &self,
        plan: &Plan,
        opened: &Opened,
        step: &Name,
        action: &Action,
        run: &mut Run,
    ) {
        let step = step.clone();
        match action {
            Action::ReadAloud { named, .. } => run.event(Event::ReadAloud(ReadAloud {
                step,
                named: named.clone(),
                digest: plan.digest_named(named, opened.plan_sha256),
                by: name("officer-a"),
                positions: vec![3, 17, 30],
                attempts: 1,
            })),
            Action::Attest { by, text } => {
                for present in &opened.present {
                    if present.roles.iter().any(|role| by.contains(role)) {
                        run.event(Event::Attested(Attested {
                            step: step.clone(),
                            by: present.name.clone(),
                            text: text.clone(),
                            refusal: None,
                        }));
                    }
                }
            }
            Action::Custody { item, act, expected, place } => run.event(Event::CustodyNoted(CustodyNoted {
                step,
                item: item.clone(),
                act: *act,
                number: expected.clone().unwrap_or_else(|| "A0018".to_owned()),
                expected: act.compares().then(|| expected.clone().unwrap_or_else(|| "A0018".to_owned())),
                place: place.clone(),
                by: name("officer-a"),
                witness: name("witness"),
            })),
            Action::ImportEvidence { token, form, .. } => {
                let file = FileRef::of(FileName::of_step(&step, "evidence"), EVIDENCE);
                let (token, form, by) = (token.clone(), *form, name("witness"));
                run.event(Event::EvidenceImported(EvidenceImported { step, token, form, file, by }));
            }
            _ => panic!("{action:?}"),
        }
    }
}
