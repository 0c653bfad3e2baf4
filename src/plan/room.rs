//! A model of the room: whether the steps of a ceremony can be carried out in the order of the file.
//!
//! It knows tokens, keys, certificates and CRLs by the names that the file gives them. What earlier ceremonies
//! made (`ledger:`), and what is on a token that no step provisions, it takes on trust; the plan does not.

mod adoption;
mod certificates;
mod crls;
mod cross;
mod custody;
mod duties;
mod profiles;
mod read_aloud;
mod references;
mod shares;
mod tokens;
mod waivers;
mod window;

use std::ops::Range;

use crate::format::{Name, StepKind};
use crate::script::{Code, Diagnostic, Reference, Script, Step};

/// Checks the order of the steps.
///
/// Answers with every mistake, sorted by place.
pub fn check(script: &Script) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if script.steps.is_empty() {
        found.push(mistake(
            Code::NoStep,
            &script.ceremony.title.span,
            "the ceremony has no step",
            "Add a `[[step]]` for each thing that is done.",
        ));
    }
    let room = Room { script, steps: &script.steps };
    references::check(room, &mut found);
    tokens::check(room, &mut found);
    shares::check(room, &mut found);
    adoption::check(room, &mut found);
    certificates::check(room, &mut found);
    profiles::check(room, &mut found);
    cross::check(room, &mut found);
    crls::check(room, &mut found);
    custody::check(room, &mut found);
    read_aloud::check(room, &mut found);
    duties::check(room, &mut found);
    window::check(room, &mut found);
    waivers::check(room, &mut found);
    found.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.code));
    found
}

/// What the checks look at.
#[derive(Clone, Copy)]
struct Room<'s> {
    script: &'s Script,
    steps: &'s [Step],
}

impl<'s> Room<'s> {
    /// The first step of that id, and its place in the order.
    fn step(self, id: &Name) -> Option<(usize, &'s Step)> {
        self.steps.iter().enumerate().find(|(_, step)| step.id.value == *id)
    }

    /// The step of this file that a reference names, when it is of that kind.
    fn made_here(self, reference: &Reference, kind: StepKind) -> Option<&'s Step> {
        match reference {
            Reference::Step(id) => self.step(id).map(|(_, step)| step).filter(|step| step.kind.value == kind),
            Reference::Ledger { .. } => None,
        }
    }
}

/// Whether two references can name one thing: an ordinal that is left out can be any.
fn may_be_one(left: &Reference, right: &Reference) -> bool {
    match (left, right) {
        (Reference::Ledger { ordinal: a, id: left }, Reference::Ledger { ordinal: b, id: right }) => {
            left == right && (a == b || a.is_none() || b.is_none())
        }
        _ => left == right,
    }
}

fn mistake(
    code: Code,
    span: &Range<usize>,
    message: impl Into<String>,
    remedy: impl Into<String>,
) -> Diagnostic {
    Diagnostic {
        code,
        span: span.clone(),
        message: message.into(),
        remedy: remedy.into(),
        related: Vec::new(),
    }
}

trait Beside {
    /// Adds another place that the mistake follows from.
    fn beside(self, span: &Range<usize>, label: impl Into<String>) -> Self;
}

impl Beside for Diagnostic {
    fn beside(mut self, span: &Range<usize>, label: impl Into<String>) -> Self {
        self.related.push((span.clone(), label.into()));
        self
    }
}
