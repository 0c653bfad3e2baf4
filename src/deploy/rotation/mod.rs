//! One trust anchor gives way to another without an hour in which somebody refuses a good certificate.
//!
//! Bundles only ever grow or shrink, never both in one step; the new anchor signs nothing before everybody holds it; the old
//! one goes when nothing that it vouches for is left. From what a rotation file says of its consumers follow dates; a date or
//! a consumer with which a chain would break is refused, with the reason.

mod breaks;
mod ceremonies;
mod held;
mod known;
mod schedule;
mod status;
mod text;

pub use breaks::Break;
pub use ceremonies::{CeremonyText, ceremonies};
pub use held::{Held, Served};
pub use known::Known;
pub use schedule::{Holding, Planned, Schedule, schedule};
pub use status::{Next, Reported, Status, status};
pub use text::as_text;

use crate::format::Instant;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// That many seconds later; the last instant that there is where that is beyond it.
fn after(instant: Instant, seconds: i64) -> Instant {
    Instant::from_unix_seconds(instant.unix_seconds().saturating_add(seconds)).unwrap_or(instant)
}
