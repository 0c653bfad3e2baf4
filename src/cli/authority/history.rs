//! Everything that an authority ever did, ceremony by ceremony.

use super::Shown;
use super::status::{certificate, crl, head, section, share_set};
use super::words::{possession, reference, short};
use crate::cli::console::Console;
use crate::format::Outcome;
use crate::ledger::Ledger;
use crate::render::{escaped, hex_groups};

pub(super) fn page(shown: &Shown<'_>, console: &mut Console) {
    let Shown { ledger, at, .. } = *shown;
    head(shown, console);
    section(
        console,
        "ceremonies",
        ledger.ceremonies.iter().map(|ceremony| {
            let how = match (ceremony.outcome, ceremony.granted) {
                (Outcome::Complete, true) => "complete",
                (Outcome::Complete, false) => "complete, and something speaks against it",
                (Outcome::Aborted, _) => "ABORTED",
                (Outcome::InProgress, _) => "NOT ENDED",
            };
            let text = format!(
                "{how}, {} to {}: {}; roster {}, head {}",
                ceremony.begun,
                ceremony.ended,
                escaped(&ceremony.title),
                short(&ceremony.roster_sha256),
                short(&ceremony.head)
            );
            (ceremony.directory.clone(), text)
        }),
    );
    section(
        console,
        "keys",
        ledger.keys.iter().map(|key| {
            let text = format!(
                "{} on {}, SPKI {}{}",
                key.algorithm,
                key.token,
                hex_groups(&key.spki_sha256),
                possession(key.origin)
            );
            (reference(key.ordinal, &key.step), text)
        }),
    );
    section(console, "certificates", ledger.certificates.iter().map(|entry| certificate(ledger, entry)));
    section(
        console,
        "revocations",
        ledger.revocations.iter().map(|decided| {
            let entry = &decided.entry;
            let text = format!("serial {}, from {} on: {}", entry.serial, entry.at, entry.reason);
            (reference(decided.ordinal, &decided.step), text)
        }),
    );
    section(console, "CRLs", ledger.crls.iter().map(|entry| crl(ledger, entry, at)));
    section(
        console,
        "share sets",
        ledger.share_sets.iter().map(|set| {
            let (name, text) = share_set(set);
            let state = match (ledger.is_live(set), set.retired) {
                (true, _) => "",
                (false, true) => "; retired",
                (false, false) => "; never granted, and opens nothing",
            };
            (name, format!("{text}{state}"))
        }),
    );
    section(console, "used up", used_up(ledger).into_iter());
}

/// What no later ceremony may have again.
fn used_up(ledger: &Ledger) -> Vec<(String, String)> {
    let issued: usize = ledger.certificates.len();
    let serials = ledger.burnt_serials.len();
    let mut lines = vec![(
        "serial numbers".to_owned(),
        format!("{serials}, {} of them in no certificate", serials.saturating_sub(issued)),
    )];
    for (issuer, numbers) in &ledger.burnt_crl_numbers {
        let greatest = numbers.last().copied().unwrap_or_default();
        let text = format!("{} of key {}, the greatest {greatest}", numbers.len(), short(issuer));
        lines.push(("CRL numbers".to_owned(), text));
    }
    lines
}
