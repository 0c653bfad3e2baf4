use super::{Beside as _, Room, mistake};
use crate::format::{Environment, Instant, SharesAfterBreak};
use crate::script::{Code, Diagnostic, StepBody};

const DAY: i64 = 86_400;

/// What holds in production only: the window is one day, and every date is right whenever in it the signature is made.
pub(super) fn check(room: Room<'_>, found: &mut Vec<Diagnostic>) {
    let ceremony = &room.script.ceremony;
    if ceremony.environment.value != Environment::Production {
        return;
    }
    let (window, production) = (&ceremony.window, &ceremony.environment.span);
    if window.value.seconds() > DAY {
        found.push(
            mistake(
                Code::WindowTooLong,
                &window.span,
                "a production ceremony has a window of 24 hours at most",
                "Write the day on which people meet; a standby day is a plan of its own.",
            )
            .beside(production, "production"),
        );
        return;
    }
    // BR 7.1.2.1.1 and 7.1.2.10.1: notBefore is at most a day before the signature, and not after it.
    let earliest = Instant::from_unix_seconds(window.value.to.unix_seconds() - DAY).unwrap_or(Instant::EPOCH);
    let latest = window.value.from;
    let mut outside = |span, message: &str, remedy: String| {
        found.push(mistake(Code::OutsideWindow, span, message, remedy).beside(&window.span, "the window"));
    };
    for step in room.steps {
        match &step.body {
            StepBody::SelfSign { validity, .. } | StepBody::SignIntermediate { validity, .. } => {
                if validity.value.from < earliest || validity.value.from > latest {
                    outside(
                        &validity.span,
                        "the certificate's validity does not begin within the day before it is signed",
                        format!("Let it begin between {earliest} and {latest}."),
                    );
                } else if validity.value.to <= window.value.to {
                    outside(
                        &validity.span,
                        "the certificate can expire before it is signed",
                        format!("Let it end after {}.", window.value.to),
                    );
                }
            }
            // BR 7.1.2.2.1: it may begin with the certificate that it stands beside.
            StepBody::CrossSign { validity, .. } => {
                if validity.value.from > latest {
                    outside(
                        &validity.span,
                        "the cross-certificate can be signed before it is valid",
                        format!("Let it begin on {latest} or earlier."),
                    );
                } else if validity.value.to <= window.value.to {
                    outside(
                        &validity.span,
                        "the cross-certificate can expire before it is signed",
                        format!("Let it end after {}.", window.value.to),
                    );
                }
            }
            StepBody::IssueCrl { this_update, next_update, .. } => {
                if this_update.value > latest {
                    outside(
                        &this_update.span,
                        "the CRL can be signed before its own date",
                        format!("Write {latest} or earlier."),
                    );
                }
                if next_update.value <= window.value.to {
                    outside(
                        &next_update.span,
                        "the CRL can be out of date when it is signed",
                        format!("Write an instant after {}.", window.value.to),
                    );
                }
            }
            _ => {}
        }
    }
    for step in room.steps {
        if let StepBody::Break { shares, .. } = &step.body
            && shares.value == SharesAfterBreak::Kept
        {
            found.push(
                mistake(
                    Code::OpenBreak,
                    &shares.span,
                    "the token stays open while people are away",
                    "Write `entered-again`: a quorum opens it when they are back.",
                )
                .beside(production, "production"),
            );
        }
        if let StepBody::IssueCrl { this_update, next_update, .. } = &step.body
            && next_update.value.unix_seconds() - this_update.value.unix_seconds() > 365 * DAY
        {
            found.push(
                mistake(
                    Code::CrlTooLong,
                    &next_update.span,
                    "the CRL stays valid for more than a year (BR 7.2)",
                    "Write an instant at most 365 days after `this-update`.",
                )
                .beside(&this_update.span, "its date"),
            );
        }
    }
}
