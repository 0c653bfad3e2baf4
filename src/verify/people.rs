use std::collections::BTreeSet;

use super::examination::Examination;
use super::facts::Facts;
use super::verdict::{Check, CheckId};
use crate::format::{
    Action, Arrived, BreakBegun, BreakEnded, Destruction, Event, Left, Name, Presence, Record,
    RevocationEntry, Role,
};

/// Everybody who acted was in the room, in a role that may act so, and with enough others.
pub(crate) fn present(facts: &Facts<'_>) -> Check {
    let mut examination = Examination::of(CheckId::People);
    let mut acted: BTreeSet<&Name> = BTreeSet::new();
    let mut room = Room { now: Presence::of(facts.opened), lately: BTreeSet::new() };
    for record in facts.records() {
        let place = || facts.record(record.n);
        if let Err(what) = moves(facts, &room.now, &record.event) {
            examination.fail(place(), what);
        }
        room.follow(record);
        let actors = match actors(facts, &record.event) {
            Ok(actors) => actors,
            Err(what) => {
                examination.fail(place(), what);
                continue;
            }
        };
        for actor in &actors {
            examination.demand(room.has(actor, &record.event), place(), || {
                format!("{actor} acts, and the record does not say that {actor} was present then")
            });
        }
        let witness = |name: &Name| has(facts, name, Role::Witness);
        let officers = facts.roster.officers_among(room.now.names());
        let enough =
            officers >= usize::from(facts.roster.thresholds.unlock) && room.now.names().iter().any(witness);
        examination.demand(actors.is_empty() || enough, place(), || {
            format!("{officers} officers are in the room, or no witness is: that is too few for any act")
        });
        acted.extend(actors);
    }
    let names: Vec<_> = acted.iter().map(ToString::to_string).collect();
    examination.finish_if(!names.is_empty(), "nobody acted", || names.join(", "))
}

/// Who is in the room, and who was while shares were entered.
struct Room {
    now: Presence,
    /// Everybody who was there at some time since the last record of another kind than these.
    lately: BTreeSet<Name>,
}

impl Room {
    fn follow(&mut self, record: &Record) {
        self.now.follow(&record.event);
        if !of_entered_shares(&record.event) && !matches!(record.event, Event::Arrived(_) | Event::Left(_)) {
            self.lately.clear();
        }
        self.lately.extend(self.now.names().iter().cloned());
    }

    /// Shares are entered before the records that say so: a holder may have gone since.
    fn has(&self, name: &Name, event: &Event) -> bool {
        self.now.has(name) || of_entered_shares(event) && self.lately.contains(name)
    }
}

fn of_entered_shares(event: &Event) -> bool {
    matches!(
        event,
        Event::SharesSplit(_) | Event::ShareVerified { .. } | Event::PinPolicy(_) | Event::QuorumMet { .. }
    )
}

/// Who comes was away, who goes was there, and somebody who was there noted it.
fn moves(facts: &Facts<'_>, room: &Presence, event: &Event) -> Result<(), String> {
    let (name, noted_by) = match event {
        Event::Arrived(Arrived { name, roles, noted_by }) => {
            if facts.person(name).is_none_or(|person| person.roles != *roles) {
                return Err(format!("{name} arrives, and the roster does not have {name} with these roles"));
            }
            if room.has(name) {
                return Err(format!("{name} arrives and was there"));
            }
            (name, noted_by)
        }
        Event::Left(Left { name, noted_by }) => {
            if !room.has(name) {
                return Err(format!("{name} leaves and was not there"));
            }
            (name, noted_by)
        }
        Event::BreakBegun(BreakBegun { present, .. }) | Event::BreakEnded(BreakEnded { present, .. }) => {
            let listed: BTreeSet<_> = present.iter().collect();
            let there: BTreeSet<_> = room.names().iter().collect();
            let same = listed == there && listed.len() == present.len();
            return if same { Ok(()) } else { Err("the break lists others than were there".to_owned()) };
        }
        _ => return Ok(()),
    };
    if noted_by == name || !room.has(noted_by) {
        return Err(format!("{noted_by} notes that {name} moved, and was not there to see it"));
    }
    Ok(())
}

/// Who acts in a record, when their roles let them.
fn actors<'a>(facts: &Facts<'a>, event: &'a Event) -> Result<Vec<&'a Name>, String> {
    let in_role = |by: &'a Name, role: Role| {
        if has(facts, by, role) {
            Ok(vec![by])
        } else {
            Err(format!("{by} confirmed what another role confirms"))
        }
    };
    match event {
        Event::ClockRead { reader, .. } => Ok(vec![reader]),
        Event::Confirmed { step, by, .. } => match facts.plan.step(step).map(|step| &step.action) {
            Some(Action::Confirm { by: role, .. }) => in_role(by, *role),
            _ => Err(format!("{by} confirmed what nobody asked")),
        },
        Event::ReadAloud(read) => match facts.plan.step(&read.step).map(|step| &step.action) {
            Some(Action::ReadAloud { by: role, .. }) => in_role(&read.by, *role),
            _ => Err(format!("{} read what nobody asked", read.by)),
        },
        Event::Attested(attested) => Ok(vec![&attested.by]),
        Event::CustodyNoted(noted) => Ok(vec![&noted.by, &noted.witness]),
        Event::EvidenceImported(imported) => in_role(&imported.by, Role::Witness),
        Event::Adopted(adopted) => in_role(&adopted.by, Role::Witness),
        Event::Beacon(beacon) => Ok(vec![&beacon.by]),
        Event::ShareVerified { holder, .. } => Ok(vec![holder]),
        Event::QuorumMet { by, .. } => Ok(by.iter().collect()),
        Event::RosterChanged { by, .. }
        | Event::SignConfirmed { by, .. }
        | Event::Destroyed(Destruction { by, .. })
        | Event::Revoked(RevocationEntry { by, .. }) => in_role(by, Role::Officer),
        Event::BreakBegun(BreakBegun { by, .. }) | Event::BreakEnded(BreakEnded { by, .. }) => {
            in_role(by, Role::Witness)
        }
        // Who ends an interrupted ceremony days later need not have been in the room.
        Event::Aborted(aborted) => in_role(&aborted.by, Role::Officer).map(|_| Vec::new()),
        _ => Ok(Vec::new()),
    }
}

fn has(facts: &Facts<'_>, name: &Name, role: Role) -> bool {
    facts.roster.person(name).is_some_and(|person| person.roles.contains(&role))
}
