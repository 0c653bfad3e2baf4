//! Ceremonies that issue CRLs and nothing else.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anchorite::format::{Action, CrlEntry, Instant, ReasonCode};

use super::{Tricks, Workshop, crl, instant, serial};

/// One list: its step, its number, thisUpdate and what it carries. It lasts 60 days.
pub(crate) type List = (&'static str, u64, &'static str, Vec<CrlEntry>);

/// What the revocation of the workshop's intermediate puts on a list.
pub(crate) fn revoked() -> CrlEntry {
    CrlEntry { serial: serial(2), at: instant("2026-12-01T09:30:00Z"), reason: ReasonCode::KeyCompromise }
}

impl Workshop {
    /// A complete ceremony that issues lists; those after the first have an embargo until their date.
    pub(crate) fn lists(&mut self, slug: &str, lists: Vec<List>, tricks: &Tricks) -> PathBuf {
        let issuer = self.root_from_the_ledger();
        let steps = lists.into_iter().enumerate().map(|(place, (id, number, date, entries))| {
            let mut action = crl(issuer.clone(), number, entries);
            if let Action::IssueCrl { this_update, next_update, embargo, .. } = &mut action {
                *this_update = instant(date);
                *next_update = this_update.plus_days(60).unwrap();
                *embargo = (place > 0).then_some(*this_update);
            }
            (id, action)
        });
        self.hold(slug, steps.collect(), BTreeMap::new(), tricks)
    }
}

/// The dates of the list in that place of a plan.
pub(crate) fn dates(action: &mut Action) -> Option<(&mut Instant, &mut Instant, &mut Option<Instant>)> {
    match action {
        Action::IssueCrl { this_update, next_update, embargo, .. } => {
            Some((this_update, next_update, embargo))
        }
        _ => None,
    }
}
