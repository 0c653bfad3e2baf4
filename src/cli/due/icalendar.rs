//! iCalendar (RFC 5545): an event and an alarm for each date.

use super::Agenda;
use crate::format::Instant;
use crate::ledger::Due;

/// A VCALENDAR with one VEVENT for each thing that is due. Lines end in CRLF and have 75 octets at most (RFC 5545 3.1).
pub(super) fn calendar(agenda: &Agenda<'_>) -> String {
    let mut lines = vec![
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//anchorite//due//EN".to_owned(),
        "METHOD:PUBLISH".to_owned(),
    ];
    for due in &agenda.due {
        event(agenda, due, &mut lines);
    }
    lines.push("END:VCALENDAR".to_owned());
    lines.iter().map(|line| folded(line)).collect()
}

fn event(agenda: &Agenda<'_>, due: &Due, lines: &mut Vec<String>) {
    let Agenda { authority, at, lead_days, .. } = agenda;
    let Due { id, kind, what, from, by, owner } = due;
    let mut description = what.clone();
    description.extend(from.map(|from| format!(" Not before {from}.")));
    description.extend(owner.map(|owner| format!(" The {owner} sees to it.")));
    lines.extend([
        "BEGIN:VEVENT".to_owned(),
        // The same thing has the same UID whenever it is printed, so that a calendar replaces and does not repeat it.
        format!("UID:{}.{}@{authority}.anchorite", id.replace('/', "."), kind.word()),
        format!("DTSTAMP:{}", basic(*at)),
        format!("DTSTART:{}", basic(*by)),
        format!("SUMMARY:{}", escaped(&format!("{authority}: {what}"))),
        format!("DESCRIPTION:{}", escaped(&description)),
        format!("CATEGORIES:{}", kind.word()),
        "TRANSP:TRANSPARENT".to_owned(),
        "BEGIN:VALARM".to_owned(),
        "ACTION:DISPLAY".to_owned(),
        format!("DESCRIPTION:{}", escaped(what)),
        format!("TRIGGER:-P{lead_days}D"),
        "END:VALARM".to_owned(),
        "END:VEVENT".to_owned(),
    ]);
}

/// `20261201T090000Z` (RFC 5545 3.3.5).
fn basic(instant: Instant) -> String {
    instant.to_string().replace(['-', ':'], "")
}

/// TEXT (RFC 5545 3.3.11). Control characters, which it cannot have, become spaces.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '\\' | ';' | ',' => escaped.extend(['\\', character]),
            other if other.is_control() => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A content line of at most 75 octets; what is longer goes on after CRLF and a space, never within a character.
fn folded(line: &str) -> String {
    let mut folded = String::new();
    let mut octets = 0;
    for character in line.chars() {
        if octets + character.len_utf8() > 75 {
            folded.push_str("\r\n ");
            octets = 1;
        }
        octets += character.len_utf8();
        folded.push(character);
    }
    folded.push_str("\r\n");
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_folded_between_characters_and_unfolds_to_itself() {
        for text in ["x".repeat(75), "x".repeat(76), "für Österreich ".repeat(20), "🔑".repeat(60)] {
            let folded = folded(&text);
            assert!(folded.split("\r\n").all(|line| line.len() <= 75), "{folded}");
            assert_eq!(folded.replace("\r\n ", ""), format!("{text}\r\n"));
        }
    }
}
