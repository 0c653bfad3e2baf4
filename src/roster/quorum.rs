use std::collections::{BTreeMap, BTreeSet};

use super::refused::Refused;
use crate::format::{Name, Role, Roster};

/// [`Refused::Twice`] where one name signed two of them.
pub(super) fn nobody_twice<'n>(names: impl Iterator<Item = &'n Name>) -> Result<(), Refused> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(Refused::Twice { name: name.clone() });
        }
    }
    Ok(())
}

/// Demands that many officers. An officer and their deputies are one, and whoever counts as `witness` already, or
/// has a deputy who does, is none.
pub(super) fn enough_officers<'n>(
    roster: &'n Roster,
    needed: usize,
    officers: impl Iterator<Item = &'n Name>,
    witnesses: &[&'n Name],
) -> Result<(), Refused> {
    let mut counted: BTreeMap<&Name, &Name> =
        witnesses.iter().map(|name| (roster.counts_as(name), *name)).collect();
    let others = counted.len();
    let mut twice = None;
    for name in officers {
        let principal = roster.counts_as(name);
        match counted.get(principal) {
            Some(first) => twice = Some(((*first).clone(), name.clone(), principal.clone())),
            None => {
                counted.insert(principal, name);
            }
        }
    }
    let found = counted.len() - others;
    match twice {
        _ if found >= needed => Ok(()),
        Some((one, other, principal)) => Err(Refused::CountedOnce { one, other, principal, needed, found }),
        None => Err(Refused::TooFew { role: Role::Officer, needed, found }),
    }
}
