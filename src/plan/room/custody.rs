use std::collections::BTreeMap;

use super::{Room, mistake};
use crate::format::{CustodyAct, Name};
use crate::script::{Code, Diagnostic, StepBody};

/// A bag is opened once before it is sealed again, and only a number that somebody can know is written.
pub(super) fn check(room: Room<'_>, found: &mut Vec<Diagnostic>) {
    // What this file did with a bag last.
    let mut last: BTreeMap<&Name, CustodyAct> = BTreeMap::new();
    for step in room.steps {
        let StepBody::Custody { item, act, number, .. } = &step.body else {
            continue;
        };
        let (name, before) = (&item.value, last.get(&item.value).copied());
        let mut refuse = |span, message: String, remedy: &str| {
            found.push(mistake(Code::BagContradiction, span, message, remedy));
        };
        match (before, act.value) {
            (Some(CustodyAct::Open), CustodyAct::Open | CustodyAct::Inspect) => refuse(
                &act.span,
                format!("the bag of `{name}` is open already"),
                "Leave this step out, or close a new bag before it with `act = \"seal\"`.",
            ),
            (Some(CustodyAct::Seal | CustodyAct::Inspect), CustodyAct::Seal) => refuse(
                &act.span,
                format!("the bag of `{name}` is closed already"),
                "Open it first: the number of the bag that is left behind is compared then.",
            ),
            _ => {}
        }
        if let Some(number) = number
            && (before.is_some() || act.value == CustodyAct::Seal)
        {
            let message =
                "the number of this bag is read in the ceremony, and cannot be known before".to_owned();
            refuse(&number.span, message, "Leave `number` out.");
        }
        last.insert(name, act.value);
    }
}
