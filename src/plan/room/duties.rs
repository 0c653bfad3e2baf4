use super::{Beside as _, Room, mistake};
use crate::script::{Code, Diagnostic};

/// A duty is due after the ceremony.
pub(super) fn check(room: Room<'_>, found: &mut Vec<Diagnostic>) {
    let window = &room.script.ceremony.window;
    for duty in &room.script.duties {
        if duty.due.value <= window.value.to {
            found.push(
                mistake(
                    Code::DutyTooEarly,
                    &duty.due.span,
                    format!("the duty `{}` can be overdue when the ceremony ends", duty.id.value),
                    format!("Write an instant after {}.", window.value.to),
                )
                .beside(&window.span, "the window"),
            );
        }
    }
}
