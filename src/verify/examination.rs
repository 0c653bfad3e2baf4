use super::verdict::{Check, CheckId, Place, Status};

/// One check while it is made: what was found wrong so far.
pub(crate) struct Examination {
    id: CheckId,
    problems: Vec<(Status, String, Option<Place>)>,
}

impl Examination {
    pub(crate) fn of(id: CheckId) -> Self {
        Self { id, problems: Vec::new() }
    }

    /// It does not hold, for this reason.
    pub(crate) fn fail(&mut self, place: impl Into<Option<Place>>, what: impl Into<String>) {
        self.found(Status::Fail, place, what);
    }

    /// Something keeps it from passing.
    pub(crate) fn found(&mut self, status: Status, place: impl Into<Option<Place>>, what: impl Into<String>) {
        self.problems.push((status, what.into(), place.into()));
    }

    /// [`Self::fail`] unless `holds`.
    pub(crate) fn demand(
        &mut self,
        holds: bool,
        place: impl Into<Option<Place>>,
        what: impl FnOnce() -> String,
    ) {
        if !holds {
            self.fail(place, what());
        }
    }

    /// Whether nothing was found wrong.
    pub(crate) fn holds(&self) -> bool {
        self.problems.is_empty()
    }

    /// The check: passed with that evidence, or the worst problem and how many more there are.
    pub(crate) fn finish(self, evidence: impl FnOnce() -> String) -> Check {
        let more = self.problems.len().saturating_sub(1);
        // Of equally bad ones the first: later ones often follow from it.
        let worst = self
            .problems
            .into_iter()
            .reduce(|worst, next| if next.0.conclusion() > worst.0.conclusion() { next } else { worst });
        match worst {
            None => passed(self.id, evidence()),
            Some((status, what, place)) => {
                let more = match more {
                    0 => String::new(),
                    more => format!(" (and {more} more)"),
                };
                check(self.id, status, format!("{what}{more}"), place)
            }
        }
    }

    /// [`Self::finish`] where the check had nothing to look at unless `something` is true.
    pub(crate) fn finish_if(
        self,
        something: bool,
        nothing: &str,
        evidence: impl FnOnce() -> String,
    ) -> Check {
        if self.holds() && !something { not_applicable(self.id, nothing) } else { self.finish(evidence) }
    }
}

/// A check that had nothing to look at.
pub(crate) fn not_applicable(id: CheckId, why: &str) -> Check {
    check(id, Status::NotApplicable, why.to_owned(), None)
}

/// A check that was not made because an earlier one failed.
pub(crate) fn not_reached(id: CheckId, why: &str) -> Check {
    check(id, Status::NotReached, why.to_owned(), None)
}

fn passed(id: CheckId, evidence: String) -> Check {
    check(id, Status::Pass, evidence, None)
}

/// A check with that status. What comes from the bundle may hold anything, what is shown is printable ASCII.
pub(crate) fn check(id: CheckId, status: Status, evidence: String, place: Option<Place>) -> Check {
    let place = place.map(|place| Place { file: printable(&place.file), ..place });
    Check { id, status, evidence: printable(&evidence), place }
}

pub(crate) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, ' '..='~') {
            shown.push(character);
        } else {
            shown.extend(character.escape_default());
        }
    }
    shown
}

impl Place {
    /// A file.
    pub(crate) fn file(path: impl Into<String>) -> Self {
        Self { file: path.into(), record: None, offset: None }
    }
}
