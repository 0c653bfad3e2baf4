use super::{Room, mistake};
use crate::format::StepKind;
use crate::script::{Code, Diagnostic, DigestWord, StepBody};

/// What is read aloud is there, and somebody makes each attestation.
pub(super) fn check(room: Room<'_>, found: &mut Vec<Diagnostic>) {
    for step in room.steps {
        match &step.body {
            StepBody::ReadAloud { digest, input_of, .. } => {
                let has_input = |kind| {
                    matches!(kind, StepKind::SignIntermediate | StepKind::CrossSign | StepKind::ChangeRoster)
                };
                let mut refuse = |span, message: &str, remedy: &str| {
                    found.push(mistake(Code::NoSuchDigest, span, message, remedy))
                };
                match (digest.value, input_of) {
                    (DigestWord::Input, None) => refuse(
                        &digest.span,
                        "it does not say which input",
                        "Write `input-of` with the id of the step that has the file.",
                    ),
                    (DigestWord::Input, Some(of)) => {
                        if !room.step(&of.value).is_some_and(|(_, step)| has_input(step.kind.value)) {
                            refuse(
                                &of.span,
                                "no step of that id has an input",
                                "Write the id of a `sign-intermediate` or `change-roster` step.",
                            );
                        }
                    }
                    (_, Some(of)) => refuse(
                        &of.span,
                        "only the digest of an input is of a step",
                        "Write `digest = \"input\"`, or leave `input-of` out.",
                    ),
                    (_, None) => {}
                }
            }
            StepBody::Attest { by, .. } if by.value.is_empty() => found.push(mistake(
                Code::NobodyAttests,
                &by.span,
                "no role is listed, so nobody states anything",
                "List the roles, such as `[\"officer\", \"witness\"]`.",
            )),
            _ => {}
        }
    }
}
