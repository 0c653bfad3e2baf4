use std::collections::BTreeSet;

use super::examination::Examination;
use super::facts::Facts;
use super::verdict::{Check, CheckId};
use crate::format::{Action, Event, Name, RevocationEntry, Role};

/// Everybody who acted was in the room, in a role that may act so.
pub(crate) fn present(facts: &Facts<'_>) -> Check {
    let mut examination = Examination::of(CheckId::People);
    let mut acted: BTreeSet<&Name> = BTreeSet::new();
    for record in facts.records() {
        let actors: Vec<&Name> = match &record.event {
            Event::ClockRead { reader, .. } => vec![reader],
            Event::Confirmed { step, by, .. } => {
                let role = match facts.plan.step(step).map(|step| &step.action) {
                    Some(Action::Confirm { by, .. }) => Some(*by),
                    _ => None,
                };
                examination.demand(
                    role.is_some_and(|role| has(facts, by, role)),
                    facts.record(record.n),
                    || format!("{by} confirmed what another role confirms"),
                );
                vec![by]
            }
            Event::ShareVerified { holder, .. } => vec![holder],
            Event::QuorumMet { by, .. } => by.iter().collect(),
            Event::RosterChanged { by, .. } | Event::SignConfirmed { by, .. } | Event::Revoked(RevocationEntry { by, .. }) => {
                examination.demand(has(facts, by, Role::Officer), facts.record(record.n), || {
                    format!("{by} confirmed what an officer confirms")
                });
                vec![by]
            }
            // Who ends an interrupted ceremony days later need not have been in the room.
            Event::Aborted(aborted) => {
                let officer = has(facts, &aborted.by, Role::Officer);
                examination
                    .demand(officer, facts.record(record.n), || format!("{} is no officer", aborted.by));
                Vec::new()
            }
            _ => Vec::new(),
        };
        for actor in actors {
            let present = facts.present_at(record.n).any(|present| present.name == *actor);
            examination.demand(present, facts.record(record.n), || {
                format!("{actor} acts, and no record says that {actor} was present")
            });
            acted.insert(actor);
        }
    }
    let names: Vec<_> = acted.iter().map(ToString::to_string).collect();
    examination.finish_if(!names.is_empty(), "nobody acted", || names.join(", "))
}

fn has(facts: &Facts<'_>, name: &Name, role: Role) -> bool {
    facts.roster.person(name).is_some_and(|person| person.roles.contains(&role))
}
