use super::{Beside as _, Room, mistake};
use crate::format::{ProvisionMode, adopted_name};
use crate::script::{Code, Diagnostic, StepBody};

/// A ceremony that adopts a root makes and uses no key: what is asserted is recorded first, and built on later. The token is
/// taken over as it is, and everything that is taken in has a name of its own.
pub(super) fn check(room: Room<'_>, found: &mut Vec<Diagnostic>) {
    let adopts = |body: &StepBody| matches!(body, StepBody::AdoptAuthority { .. });
    let Some(first) = room.steps.iter().find(|step| adopts(&step.body)) else {
        return;
    };
    for step in room.steps {
        match &step.body {
            StepBody::GenerateKey { .. }
            | StepBody::DestroyKey { .. }
            | StepBody::SelfSign { .. }
            | StepBody::SignIntermediate { .. }
            | StepBody::CrossSign { .. }
            | StepBody::Revoke { .. }
            | StepBody::IssueCrl { .. } => found.push(
                mistake(
                    Code::AdoptionContradiction,
                    &step.kind.span,
                    "a ceremony that adopts a root makes no key and signs nothing",
                    "Move this step into the next ceremony, and refer to what is adopted with `ledger:`.",
                )
                .beside(&first.id.span, "the root is adopted here"),
            ),
            StepBody::AdoptAuthority { token, .. } => {
                let wiped = room.steps.iter().find_map(|other| match &other.body {
                    StepBody::Provision { token: of, mode, .. }
                        if of.value == token.value && mode.value == ProvisionMode::Init =>
                    {
                        Some(&other.id.span)
                    }
                    _ => None,
                });
                if let Some(wiped) = wiped {
                    found.push(
                        mistake(
                            Code::AdoptionContradiction,
                            &token.span,
                            "the token is initialised in this ceremony, which destroys the key on it",
                            "Take it over with `mode = \"set-pin\"`, or with `mode = \"adopt\"` where it holds its own quorum.",
                        )
                        .beside(wiped, "here"),
                    );
                }
                one_of_crl_and_reason(step, found);
                names(room, step, found);
            }
            _ => {}
        }
    }
}

/// Later CRLs get greater numbers and carry its entries: that there is none is said, never left open.
fn one_of_crl_and_reason(step: &crate::script::Step, found: &mut Vec<Diagnostic>) {
    let StepBody::AdoptAuthority { crl, without_crl, .. } = &step.body else {
        return;
    };
    if crl.is_some() == without_crl.is_some() {
        found.push(mistake(
            Code::AdoptionContradiction,
            crl.as_ref().map_or(&step.id.span, |crl| &crl.span),
            "one of `crl` and `without-crl` is there, and not both",
            "Name the last CRL, or say why there is none.",
        ));
    }
}

/// The certificates that are taken in are `ID-1`, `ID-2` and so on.
fn names(room: Room<'_>, step: &crate::script::Step, found: &mut Vec<Diagnostic>) {
    let StepBody::AdoptAuthority { issued, .. } = &step.body else {
        return;
    };
    for place in 0..issued.value.len() {
        let taken = match adopted_name(&step.id.value, place) {
            Some(name) => room.step(&name).map(|(_, other)| Some(other)),
            None => Some(None),
        };
        if let Some(other) = taken {
            let mistake = mistake(
                Code::AdoptionContradiction,
                &step.id.span,
                format!("`{}-{}` is no name, or another step's", step.id.value, place + 1),
                "Choose another id: the certificates that are taken in are named after it, and a name has 40 characters at \
                 most.",
            );
            found.push(match other {
                Some(other) => mistake.beside(&other.id.span, "the other step"),
                None => mistake,
            });
            return;
        }
    }
}
