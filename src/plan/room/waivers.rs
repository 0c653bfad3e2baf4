use super::{Beside as _, Room, mistake};
use crate::script::{Code, Diagnostic};

/// A waiver holds for the whole window, and is needed only where the rule holds. Whether the roster or what is to be
/// signed breaks the rule is for the plan to say.
pub(super) fn check(room: Room<'_>, found: &mut Vec<Diagnostic>) {
    let ceremony = &room.script.ceremony;
    let (window, environment) = (&ceremony.window, &ceremony.environment);
    for waiver in &room.script.waivers {
        let rule = waiver.rule.value;
        if waiver.until.value <= window.value.to {
            found.push(
                mistake(
                    Code::WaiverTooShort,
                    &waiver.until.span,
                    format!("the waiver of `{rule}` can expire before the ceremony is held"),
                    format!("Write an instant after {}.", window.value.to),
                )
                .beside(&window.span, "the window"),
            );
        }
        if !rule.binds_in(environment.value) {
            found.push(
                mistake(
                    Code::WaiverOutsideProduction,
                    &waiver.rule.span,
                    format!(
                        "`{rule}` is no more than a remark in this environment: there is nothing to waive"
                    ),
                    "Leave the waiver out.",
                )
                .beside(&environment.span, "the environment"),
            );
        }
    }
}
