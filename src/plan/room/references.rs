use std::collections::BTreeMap;
use std::ops::Range;

use super::{Beside as _, Room, mistake};
use crate::format::{Name, StepKind};
use crate::script::{Code, Diagnostic, Reference, StepBody};

/// Ids are unique, and references point back to a step that makes what is needed.
pub(super) fn check(room: Room<'_>, found: &mut Vec<Diagnostic>) {
    let mut ids: BTreeMap<&Name, &Range<usize>> = BTreeMap::new();
    for (place, step) in room.steps.iter().enumerate() {
        if let Some(first) = ids.get(&step.id.value) {
            found.push(
                mistake(
                    Code::DuplicateId,
                    &step.id.span,
                    format!("another step is called `{}`", step.id.value),
                    "Give each step its own id: references and the names of files go by it.",
                )
                .beside(first, "the first"),
            );
        }
        ids.entry(&step.id.value).or_insert(&step.id.span);
        let mut needs = |reference, span, kinds: &[StepKind]| one(room, place, reference, span, kinds, found);
        match &step.body {
            StepBody::SelfSign { key, .. } => needs(&key.value, &key.span, &[StepKind::GenerateKey]),
            StepBody::SignIntermediate { issuer, .. } | StepBody::IssueCrl { issuer, .. } => {
                needs(&issuer.value, &issuer.span, &[StepKind::SelfSign]);
            }
            StepBody::CrossSign { issuer, certificate, .. } => {
                needs(&issuer.value, &issuer.span, &[StepKind::SelfSign]);
                if let Some(own) = certificate.value.own() {
                    needs(own, &certificate.span, &[StepKind::SelfSign]);
                }
            }
            StepBody::Revoke { issuer, certificate, .. } => {
                needs(&issuer.value, &issuer.span, &[StepKind::SelfSign]);
                let issued = [StepKind::SignIntermediate, StepKind::CrossSign];
                needs(&certificate.value, &certificate.span, &issued);
            }
            StepBody::Provision { .. }
            | StepBody::Reshare { .. }
            | StepBody::ChangeRoster { .. }
            | StepBody::GenerateKey { .. }
            | StepBody::DestroyKey { .. }
            | StepBody::AdoptAuthority { .. }
            | StepBody::Clock { .. }
            | StepBody::Break { .. }
            | StepBody::ReadAloud { .. }
            | StepBody::Attest { .. }
            | StepBody::Custody { .. }
            | StepBody::ImportEvidence { .. }
            | StepBody::Confirm { .. } => {}
        }
    }
}

fn one(
    room: Room<'_>,
    place: usize,
    reference: &Reference,
    span: &Range<usize>,
    kinds: &[StepKind],
    found: &mut Vec<Diagnostic>,
) {
    let Reference::Step(id) = reference else {
        return;
    };
    let kind = kinds.iter().map(|kind| format!("`{kind}`")).collect::<Vec<_>>().join(" or ");
    match room.step(id) {
        None => found.push(mistake(
            Code::UnknownStep,
            span,
            format!("no step is called `{id}`"),
            format!("Write the id of a {kind} step, or `ledger:{id}` for one of an earlier ceremony."),
        )),
        Some((_, step)) if !kinds.contains(&step.kind.value) => found.push(
            mistake(
                Code::WrongKindOfStep,
                span,
                format!("`{id}` is a `{}` step, and a {kind} step is needed", step.kind.value),
                format!("Write the id of a {kind} step."),
            )
            .beside(&step.kind.span, "its kind"),
        ),
        Some((other, step)) if other > place => found.push(
            mistake(
                Code::LaterStep,
                span,
                format!("`{id}` is not there yet when this step is carried out"),
                "Move that step before this one.",
            )
            .beside(&step.id.span, "comes too late"),
        ),
        Some(_) => {}
    }
}
