use std::collections::BTreeMap;
use std::ops::Range;

use super::{Beside as _, Room, may_be_one, mistake};
use crate::format::Name;
use crate::script::{Code, Diagnostic, Reference, Spanned, StepBody};

/// A token is provisioned once, before keys are made on it; keys come before signatures, each with a label and a
/// certificate of its own.
pub(super) fn check(room: Room<'_>, found: &mut Vec<Diagnostic>) {
    provisioned_once_and_first(room, found);
    labels_tell_keys_apart(room, found);
    keys_come_before_signatures(room, found);
    new_keys_are_certified(room, found);
    destroyed_once(room, found);
}

/// What is destroyed is of an earlier ceremony, and is destroyed once.
fn destroyed_once(room: Room<'_>, found: &mut Vec<Diagnostic>) {
    let mut destroyed: Vec<&Spanned<Reference>> = Vec::new();
    for step in room.steps {
        let StepBody::DestroyKey { key } = &step.body else { continue };
        let made_here = matches!(key.value, Reference::Step(_));
        let first = destroyed.iter().find(|other| may_be_one(&other.value, &key.value));
        if made_here || first.is_some() {
            let message = if made_here {
                "a key that this ceremony makes is not destroyed in it"
            } else {
                "this key is destroyed already"
            };
            let mistake = mistake(
                Code::DestroyedTwice,
                &key.span,
                message,
                "Name a key of an earlier ceremony, `ledger:NAME`, in one step.",
            );
            found.push(match first {
                Some(first) => mistake.beside(&first.span, "here"),
                None => mistake,
            });
        }
        destroyed.push(key);
    }
}

fn provisioned_once_and_first(room: Room<'_>, found: &mut Vec<Diagnostic>) {
    let mut provisioned: BTreeMap<&Name, &Range<usize>> = BTreeMap::new();
    let mut used: BTreeMap<&Name, &Range<usize>> = BTreeMap::new();
    for step in room.steps {
        match &step.body {
            StepBody::Provision { token, .. } => {
                let name = &token.value;
                if let Some(first) = provisioned.get(name) {
                    found.push(
                        mistake(
                            Code::ProvisionedTwice,
                            &token.span,
                            format!("`{name}` is provisioned already"),
                            "Leave this step out: initialising a token destroys what is on it.",
                        )
                        .beside(first, "here"),
                    );
                } else if let Some(key) = used.get(name) {
                    found.push(
                        mistake(
                            Code::ProvisionedLate,
                            &token.span,
                            format!("a key is on `{name}` already, and initialising the token destroys it"),
                            "Move this step before the first `generate-key` on that token.",
                        )
                        .beside(key, "the key"),
                    );
                }
                provisioned.entry(name).or_insert(&token.span);
            }
            StepBody::GenerateKey { token, .. } => {
                used.entry(&token.value).or_insert(&step.id.span);
            }
            _ => {}
        }
    }
}

fn labels_tell_keys_apart(room: Room<'_>, found: &mut Vec<Diagnostic>) {
    let mut labels: BTreeMap<(&Name, &str), &Range<usize>> = BTreeMap::new();
    for step in room.steps {
        let StepBody::GenerateKey { token, label, .. } = &step.body else {
            continue;
        };
        let key = (&token.value, label.value.as_str());
        if let Some(first) = labels.get(&key) {
            found.push(
                mistake(
                    Code::LabelTaken,
                    &label.span,
                    format!("a key on `{}` has this label already", token.value),
                    "Give each key its own label: by it later ceremonies find the one that they mean.",
                )
                .beside(first, "here"),
            );
        }
        labels.entry(key).or_insert(&label.span);
    }
}

/// Officers authorise every signature of new keys in one statement, when all keys are known.
fn keys_come_before_signatures(room: Room<'_>, found: &mut Vec<Diagnostic>) {
    let mut signature = None;
    for step in room.steps {
        match &step.body {
            StepBody::SelfSign { .. }
            | StepBody::SignIntermediate { .. }
            | StepBody::CrossSign { .. }
            | StepBody::IssueCrl { .. } => {
                signature = signature.or(Some(&step.kind.span));
            }
            StepBody::GenerateKey { .. } => {
                if let Some(first) = signature {
                    found.push(
                        mistake(
                            Code::KeyAfterSignature,
                            &step.kind.span,
                            "a key is made after something was signed",
                            "Move it before the first signature: officers authorise all signatures at once, when \
                             all keys are known.",
                        )
                        .beside(first, "the first signature"),
                    );
                }
            }
            _ => {}
        }
    }
}

/// Those who see a root key made certify it in the same ceremony: later nobody could say that it is the one.
fn new_keys_are_certified(room: Room<'_>, found: &mut Vec<Diagnostic>) {
    for step in room.steps {
        let id = &step.id.value;
        let certified = room.steps.iter().any(|other| match &other.body {
            StepBody::SelfSign { key, .. } => key.value == Reference::Step(id.clone()),
            _ => false,
        });
        if matches!(step.body, StepBody::GenerateKey { .. }) && !certified {
            found.push(mistake(
                Code::KeyNotCertified,
                &step.id.span,
                format!("no step of this ceremony certifies the key `{id}`"),
                format!("Add a `self-sign` step with `key = \"{id}\"`, or leave the key out."),
            ));
        }
    }
}
