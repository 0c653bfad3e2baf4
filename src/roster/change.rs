use crate::format::{Action, Name, Plan, Roster};

/// What becomes of the people when one roster replaces another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterChange {
    /// Who is on the new one only, in its order.
    pub joins: Vec<Name>,
    /// Who is on the present one only, in its order.
    pub leaves: Vec<Name>,
    /// Who is on both and has another key, in the new one's order.
    pub new_keys: Vec<Name>,
}

impl RosterChange {
    /// Follows from the two rosters.
    pub fn between(present: &Roster, incoming: &Roster) -> Self {
        let missing = |of: &Roster, on: &Roster| -> Vec<Name> {
            let people = of.people.iter().filter(|person| on.person(&person.name).is_none());
            people.map(|person| person.name.clone()).collect()
        };
        let changed = incoming.people.iter().filter(|person| {
            present.person(&person.name).is_some_and(|before| before.public_key != person.public_key)
        });
        Self {
            joins: missing(incoming, present),
            leaves: missing(present, incoming),
            new_keys: changed.map(|person| person.name.clone()).collect(),
        }
    }
}

/// Whether a plan says of the roster that it brings in what follows from the two rosters.
///
/// Officers read the plan, and whoever has a new key has to prove it by an approval: a key that the plan does not
/// speak of would come in unseen and unproven. The new roster is of the same authority and environment.
pub fn people_are_told(plan: &Plan, present: &Roster, incoming: Option<&Roster>) -> bool {
    let mut told = plan.steps.iter().filter_map(|step| match &step.action {
        Action::ChangeRoster { joins, leaves, new_keys, .. } => Some((joins, leaves, new_keys)),
        _ => None,
    });
    match (told.next(), incoming) {
        (None, None) => true,
        (Some((joins, leaves, new_keys)), Some(incoming)) => {
            let change = RosterChange::between(present, incoming);
            told.next().is_none()
                && (joins, leaves, new_keys) == (&change.joins, &change.leaves, &change.new_keys)
                && (&incoming.authority, incoming.environment) == (&present.authority, present.environment)
        }
        _ => false,
    }
}
