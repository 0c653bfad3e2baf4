use super::{Actor, Expected, Row};
use crate::format::{CustodyAct, EvidenceForm, FileName, Name, Role, SharesAfterBreak};

/// Clocks that are not the host's, and what nobody could know earlier.
pub(super) fn clock(readers: u8, tolerance_seconds: u32, beacon: bool) -> Vec<Row> {
    let within = format!("within {tolerance_seconds} seconds of the host's clock");
    let reader = |count: u8| {
        let act = format!("reader {count} of {readers} reads a clock that is not the host's and types it");
        Row::seen(Actor::Somebody, act, within.clone())
    };
    let mut rows: Vec<Row> = (1..=readers).map(reader).collect();
    if beacon {
        rows.push(Row::new(
            Actor::Somebody,
            "brings what nobody could know earlier, and types what it is and where everybody can look it up",
            Expected::ByHand("source and value"),
        ));
    }
    rows
}

/// A file from a device.
pub(super) fn import_evidence(token: &Name, form: EvidenceForm, file: &FileName) -> Vec<Row> {
    vec![
        Row::seen(
            Actor::Keyboard,
            format!("puts the file that came from token {token} into the exchange directory"),
            format!("{file} ({form})"),
        ),
        Row::new(
            Actor::Role(Role::Witness),
            "compares the SHA-256 on the screen with the one that was noted where the file came from",
            Expected::ByHand("first 16 digits"),
        ),
    ]
}

/// Two people read the number of a bag, one after the other.
pub(super) fn custody(item: &Name, act: CustodyAct, expected: Option<&str>, place: Option<&str>) -> Vec<Row> {
    let (first, again) = match act {
        CustodyAct::Open => {
            ("reads the number of the bag, which is whole", "reads it again, and the bag is opened")
        }
        CustodyAct::Seal => {
            ("puts it into a new bag and reads the number", "reads it again, and the bag is closed")
        }
        CustodyAct::Inspect => {
            ("reads the number of the bag, which is whole", "reads it again; it stays closed")
        }
    };
    let number = match expected {
        Some(number) => Expected::Facts(vec![("item", item.to_string()), ("number", number.to_owned())]),
        None if act.compares() => Expected::ByHand("item and number, as it was sealed in this ceremony"),
        None => Expected::ByHand("item and number"),
    };
    let mut rows = vec![
        Row::new(Actor::Somebody, format!("{item}: {first}"), number),
        Row::seen(Actor::Role(Role::Witness), format!("{item}: {again}"), "the same number"),
    ];
    if let Some(place) = place {
        rows.push(Row::seen(
            Actor::Role(Role::Witness),
            format!("{item}: sees where it is from now on"),
            place,
        ));
    }
    rows
}

/// People leave together and come back.
pub(super) fn pause(reason: &str, minutes: u32, shares: SharesAfterBreak) -> Vec<Row> {
    let again = match shares {
        SharesAfterBreak::EnteredAgain => "tokens are closed; a quorum opens them again afterwards",
        SharesAfterBreak::Kept => "tokens stay open",
    };
    vec![
        Row::seen(Actor::Lead, format!("announces a break of about {minutes} minutes: {reason}"), again),
        Row::new(
            Actor::Role(Role::Witness),
            "has the head of the record read aloud, copies it by hand, and types its first word",
            Expected::ByHand("head, in words"),
        ),
        Row::new(
            Actor::Role(Role::Witness),
            "seals what stays in the room into bags; fill in a line of the custody form for each",
            Expected::ByHand("numbers of the bags"),
        ),
        Row::seen(
            Actor::Role(Role::Witness),
            "after the break: compares each bag and seal, and types the first word of the head from this paper",
            "every bag is whole, its number is the same",
        ),
    ]
}
