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

/// A time in the greatest unit that it is a whole number of.
pub(super) fn lasting(seconds: i64) -> String {
    let units = [(86_400, "day"), (3600, "hour"), (60, "minute")];
    let whole = units.into_iter().find(|(unit, _)| seconds >= *unit && seconds % unit == 0);
    let (unit, name) = whole.unwrap_or((1, "second"));
    let number = seconds / unit;
    format!("{number} {name}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_said_in_the_unit_that_people_think_in() {
        for (seconds, expected) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (300, "5 minutes"),
            (3600, "1 hour"),
            (3601, "3601 seconds"),
            (86_400, "1 day"),
            (7_776_000, "90 days"),
        ] {
            assert_eq!(lasting(seconds), expected);
        }
    }
}
