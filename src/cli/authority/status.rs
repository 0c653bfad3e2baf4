//! What an authority is at a point in time: what lives, what may be published, what has to be done.

use super::words::{adopted, how_far, possession, publication, reference, role, short};
use super::{Shown, standing};
use crate::cli::console::{Console, Mark};
use crate::cli::wrap::wrapped;
use crate::format::Instant;
use crate::ledger::{
    CertificateEntry, CrlEntryDecided, CrlIssued, Due, Ledger, OpenedBy, Publication, ShareSetEntry, Urgency,
};
use crate::render::{escaped, hex_groups};

/// How wide a line may be, and where what is said of an entry begins.
const WIDTH: usize = 100;
const INDENT: usize = 24;
/// How many days ahead a date is marked.
const SOON_DAYS: u32 = 60;

pub(super) fn page(shown: &Shown<'_>, console: &mut Console) {
    let Shown { ledger, at, .. } = *shown;
    head(shown, console);
    people(ledger, console);
    section(
        console,
        "tokens",
        ledger.tokens.iter().map(|token| {
            let opened = match &token.opened_by {
                OpenedBy::Shares { .. } => {
                    let sets = token.policies().into_iter().map(|policy| format!("epoch {}", policy.epoch));
                    format!("opened by shares of {}", sets.collect::<Vec<_>>().join(" or "))
                }
                OpenedBy::Device => "opened by its own quorum".to_owned(),
            };
            let text =
                format!("serial {}, label {}, {opened}", escaped(&token.serial), escaped(&token.label));
            (token.name.to_string(), text)
        }),
    );
    section(
        console,
        "keys",
        ledger.keys.iter().map(|key| {
            let text = format!(
                "{} on {} ({}), SPKI {}{}",
                key.algorithm,
                key.token,
                escaped(&key.token_serial),
                short(&key.spki_sha256),
                possession(key.origin)
            );
            (reference(key.ordinal, &key.step), text)
        }),
    );
    let live = ledger.share_sets.iter().filter(|set| ledger.is_live(set));
    section(console, "share sets", live.map(share_set));
    let (valid, over): (Vec<_>, Vec<_>) = ledger
        .certificates
        .iter()
        .partition(|entry| revocation(ledger, entry).is_none() && entry.validity.to > at);
    section(console, "certificates", valid.into_iter().map(|entry| certificate(ledger, entry)));
    if !over.is_empty() {
        console.line(format!("  {} more are expired or revoked: anchorite authority ledger", over.len()));
    }
    let told = |crl: &&CrlIssued| match ledger.publication(crl, at) {
        Publication::Current | Publication::Embargoed { .. } | Publication::Expired => true,
        // Somebody may still have the file, and a client would take it.
        Publication::Withdrawn(_) | Publication::Unfinished => crl.next_update > at,
        Publication::Superseded { .. } => false,
    };
    section(console, "CRLs", ledger.crls.iter().filter(told).map(|entry| crl(ledger, entry, at)));
    section(
        console,
        "bags",
        ledger.bags.iter().map(|(item, bag)| {
            let number = bag.number.as_deref().map_or_else(|| "open".to_owned(), escaped);
            let place = bag.place.as_ref().map_or_else(String::new, |place| format!(", {}", escaped(place)));
            (item.to_string(), format!("{number}{place}, as ceremony {} left it", bag.ordinal))
        }),
    );
    due(ledger, at, console);
}

/// Whose records these are, and whether they hold.
pub(super) fn head(shown: &Shown<'_>, console: &mut Console) {
    let Shown { verdict, ledger, at } = *shown;
    let title = match &ledger.identity {
        Some(identity) => {
            let domain =
                identity.trust_domain.as_ref().map(|domain| format!(", trust domain {}", escaped(domain)));
            format!("{} ({}{})", identity.authority, identity.environment, domain.unwrap_or_default())
        }
        None => "an authority without a ceremony".to_owned(),
    };
    console.line(console.marked(Mark::Bold, title));
    console.line(format!("records   {}", standing(verdict, console)));
    console.line(format!("ceremony  {}", ledger.ordinal));
    console.line(format!("head      {}", hex_groups(&ledger.head)));
    console.line(format!("at        {at}"));
}

fn people(ledger: &Ledger, console: &mut Console) {
    let Some(roster) = &ledger.roster else { return };
    let people: Vec<_> = roster.people.iter().map(|person| person.name.to_string()).collect();
    let thresholds = roster.thresholds;
    console.line(format!("roster    {}", hex_groups(&roster.sha256)));
    let text = format!(
        "people    {} (approve {}, unlock {}, close {})",
        people.join(", "),
        thresholds.approve,
        thresholds.unlock,
        thresholds.close
    );
    wrapped(&text, WIDTH, 10).iter().for_each(|line| console.line(line));
}

/// A heading, and below it each entry with its name before it; nothing where there is no entry.
pub(super) fn section(console: &mut Console, title: &str, entries: impl Iterator<Item = (String, String)>) {
    let mut entries = entries.peekable();
    if entries.peek().is_some() {
        console.line(format!("\n{}", console.marked(Mark::Bold, title)));
    }
    for (name, text) in entries {
        let line = format!("  {name:<width$} {text}", width = INDENT - 3);
        wrapped(&line, WIDTH, INDENT).iter().for_each(|line| console.line(line));
    }
}

pub(super) fn share_set(set: &ShareSetEntry) -> (String, String) {
    let split = &set.split;
    let holders: Vec<_> = split.shares.iter().map(|share| share.holder.to_string()).collect();
    let text = format!(
        "epoch {}, {} of {} ({}), set {}, dealt in ceremony {}",
        split.epoch,
        split.threshold,
        split.shares.len(),
        holders.join(", "),
        split.set_id,
        set.ordinal
    );
    (split.set.to_string(), text)
}

fn revocation<'a>(ledger: &'a Ledger, entry: &CertificateEntry) -> Option<&'a CrlEntryDecided> {
    ledger.revocations.iter().find(|decided| {
        decided.issuer_spki_sha256 == entry.issuer_spki_sha256 && decided.entry.serial == entry.serial
    })
}

pub(super) fn certificate(ledger: &Ledger, entry: &CertificateEntry) -> (String, String) {
    let revoked = revocation(ledger, entry).map_or_else(String::new, |decided| {
        format!(", REVOKED {} ({})", decided.entry.at, decided.entry.reason)
    });
    let text = format!(
        "{} {}, serial {}, expires {}, key {}{revoked}{}{}",
        role(entry.role),
        escaped(&entry.subject.text),
        entry.serial,
        entry.validity.to,
        short(&entry.spki_sha256),
        adopted(entry.adopted),
        how_far(&entry.issuance, entry.granted)
    );
    (reference(entry.ordinal, &entry.step), text)
}

pub(super) fn crl(ledger: &Ledger, entry: &CrlIssued, at: Instant) -> (String, String) {
    // Where there are several roots, whose list it is has to be told.
    let issuers: std::collections::BTreeSet<_> =
        ledger.crls.iter().map(|crl| crl.issuer_spki_sha256).collect();
    let of = if issuers.len() > 1 { format!(" of {}", issuer(ledger, entry)) } else { String::new() };
    let text = format!(
        "CRL {}{of}, {}; {} to {}, {} revoked{}{}",
        entry.number,
        publication(ledger.publication(entry, at)),
        entry.this_update,
        entry.next_update,
        entry.entries.len(),
        adopted(entry.adopted),
        how_far(&entry.issuance, entry.granted)
    );
    (reference(entry.ordinal, &entry.step), text)
}

fn issuer(ledger: &Ledger, crl: &CrlIssued) -> String {
    let root = ledger.certificates.iter().find(|entry| entry.spki_sha256 == crl.issuer_spki_sha256);
    root.map_or_else(|| short(&crl.issuer_spki_sha256), |root| escaped(&root.subject.text))
}

fn due(ledger: &Ledger, at: Instant, console: &mut Console) {
    let marked: Vec<(String, String)> = ledger
        .due(at)
        .into_iter()
        .map(|due| {
            let urgency = match due.urgency(at, SOON_DAYS) {
                Urgency::Overdue => console.marked(Mark::Bad, "OVERDUE "),
                Urgency::Soon => console.marked(Mark::Warn, "soon: "),
                Urgency::Later => String::new(),
            };
            let Due { id, by, what, from, owner, .. } = due;
            let owner = owner.map_or_else(String::new, |owner| format!(", the {owner}"));
            let from = from.map_or_else(String::new, |from| format!(" Not before {from}."));
            (id, format!("{urgency}by {by}{owner}: {}{from}", escaped(&what)))
        })
        .collect();
    section(console, "open duties", marked.into_iter());
}
