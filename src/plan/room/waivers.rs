use super::{Beside as _, Room, mistake};
use crate::roster::is_binding;
use crate::script::{Code, Diagnostic};

/// A waiver holds for the whole window, and is needed only where the rule holds. Whether the roster breaks the rule
/// is for the plan to say.
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
        if rule.is_of_production() && !is_binding(environment.value) {
            found.push(
                mistake(
                    Code::WaiverOutsideProduction,
                    &waiver.rule.span,
                    format!("`{rule}` is a rule of production, and there is nothing to waive"),
                    "Leave the waiver out.",
                )
                .beside(&environment.span, "the environment"),
            );
        }
    }
}
