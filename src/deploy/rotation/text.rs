use std::fmt::Write as _;

use super::{Schedule, Served};

/// A schedule for people to read and sign off.
pub fn as_text(schedule: &Schedule) -> String {
    let mut text = String::new();
    for planned in &schedule.phases {
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "{}\n  from    {} (safe from {})\n  gate    {}\n  undo    {}\n  SPIFFE  sequence {}\n",
            planned.phase, planned.date, planned.earliest, planned.gate, planned.undo, planned.sequence
        );
        for holding in &planned.holds {
            let shown = match holding.chain {
                Served::Nothing => String::new(),
                chain => format!(", issues {}", chain.words()),
            };
            let _ = writeln!(text, "  {:<20} holds {}{shown}", holding.consumer, holding.anchors.words());
        }
        text.push('\n');
    }
    text
}
