use std::collections::BTreeSet;

use super::Anchors;
use super::bundle::Judged;
use super::directory::AuthorityEntries;
use super::examination::{Examination, not_applicable, not_reached};
use super::verdict::{Check, CheckId, Place, Status};
use crate::format::{Digest, bundle_directory_name};
use crate::ledger::{Identity, Ledger};

/// The checks that run from ceremony to ceremony.
pub(crate) struct Continuity {
    sequence: Examination,
    heads: Examination,
    identity: Examination,
    roster: Examination,
    rosters: BTreeSet<Digest>,
    first_identity: Option<Identity>,
    count: u64,
    staging: bool,
}

impl Continuity {
    pub(crate) fn of(entries: &AuthorityEntries) -> Self {
        let mut sequence = Examination::of(CheckId::Sequence);
        for stray in &entries.strays {
            sequence.fail(Place::file(stray), format!("{stray} is no entry of an authority"));
        }
        if entries.bundles.is_empty() {
            sequence.found(Status::Incomplete, None, "no ceremony was held yet");
        }
        Self {
            sequence,
            heads: Examination::of(CheckId::Heads),
            identity: Examination::of(CheckId::Identity),
            roster: Examination::of(CheckId::RosterContinuity),
            rosters: BTreeSet::new(),
            first_identity: None,
            count: 0,
            staging: entries.staging,
        }
    }

    /// Compares the next ceremony with the ledger of those before it.
    pub(crate) fn next(&mut self, ordinal: u64, judged: &Judged, before: &Ledger) {
        self.count += 1;
        let directory = &judged.verdict.directory;
        let place = || Place::file(directory.as_str());
        self.sequence.demand(ordinal == self.count, place(), || {
            format!("{directory} stands where ceremony {} belongs", self.count)
        });
        let Some(opened) = judged.log.as_ref().and_then(|log| log.opened()) else {
            return;
        };
        self.sequence.demand(
            *directory == bundle_directory_name(opened.ordinal, &opened.name),
            place(),
            || format!("{directory} holds ceremony {} `{}`", opened.ordinal, opened.name),
        );
        self.heads.demand(opened.previous_head == before.head, place(), || {
            format!(
                "{directory} names {} as the head before it, which is {}",
                opened.previous_head, before.head
            )
        });
        let lead_to = before.roster.as_ref().map(|roster| roster.sha256).or(before.first_roster_sha256);
        let expected = lead_to.unwrap_or(opened.roster_sha256);
        self.roster.demand(opened.roster_sha256 == expected, place(), || {
            format!(
                "{directory} ran under the roster {}, the ceremonies before it lead to {expected}",
                opened.roster_sha256
            )
        });
        self.rosters.insert(opened.roster_sha256);
        if let Some(facts) = judged.facts() {
            let found = Identity {
                authority: opened.authority.clone(),
                environment: opened.environment,
                trust_domain: facts.plan.trust_domain.clone(),
            };
            let first = self.first_identity.get_or_insert_with(|| found.clone());
            self.identity.demand(*first == found, place(), || {
                format!(
                    "{directory} is of {} {}, the first ceremony of {} {}",
                    found.authority, found.environment, first.authority, first.environment
                )
            });
        }
    }

    pub(crate) fn finish(self) -> Vec<Check> {
        let (count, rosters) = (self.count, self.rosters.len());
        let staging = if self.staging { "; one was prepared and never opened" } else { "" };
        let identity = self
            .first_identity
            .map_or_else(String::new, |identity| format!("{} {}", identity.authority, identity.environment));
        vec![
            self.sequence.finish(|| format!("{count} ceremonies{staging}")),
            self.heads.finish_if(count > 0, "no ceremony", || format!("{count} of {count}")),
            self.identity.finish_if(count > 0, "no ceremony", || identity),
            self.roster.finish_if(count > 0, "no ceremony", || format!("{rosters} in {count} ceremonies")),
        ]
    }
}

/// What the auditor brought, against what the last record and the root certificates are.
pub(crate) fn anchored(
    anchors: &Anchors,
    head: Option<Digest>,
    ordinal: Option<u64>,
    roots: &[Digest],
) -> Vec<Check> {
    let of_head = match (anchors.head, head) {
        (None, _) => {
            let mut examination = Examination::of(CheckId::ExpectedHead);
            examination.found(Status::Unanchored, None, "no head was given to compare with");
            examination.finish(String::new)
        }
        (Some(_), None) => not_reached(CheckId::ExpectedHead, "the last log cannot be read"),
        (Some(expected), Some(found)) => {
            let mut examination = Examination::of(CheckId::ExpectedHead);
            examination
                .demand(found == expected, None, || format!("the head is {found}, expected {expected}"));
            examination.finish(|| found.to_string())
        }
    };
    let of_ordinal = match anchors.ordinal {
        None => not_applicable(CheckId::ExpectedOrdinal, "no ordinal was given"),
        Some(expected) => {
            let mut examination = Examination::of(CheckId::ExpectedOrdinal);
            examination.demand(ordinal == Some(expected), None, || {
                format!("the last ceremony is {}, expected {expected}", ordinal.unwrap_or_default())
            });
            examination.finish(|| expected.to_string())
        }
    };
    let of_root = match anchors.root {
        None => not_applicable(CheckId::ExpectedRoot, "no root certificate was given"),
        Some(expected) => {
            let mut examination = Examination::of(CheckId::ExpectedRoot);
            examination.demand(roots.contains(&expected), None, || {
                format!("no root certificate here has SHA-256 {expected}")
            });
            examination.finish(|| expected.to_string())
        }
    };
    vec![of_head, of_ordinal, of_root]
}
