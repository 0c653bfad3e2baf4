use std::process::ExitCode;

use serde_json::json;

use super::args::{AuthorityArguments, AuthorityStatusArguments, AuthorityVerb, OutputFormat};
use super::console::{Console, Mark};
use super::failure::Failure;
use super::verify::{read_roster, unreadable};
use crate::format::Instant;
use crate::host;
use crate::ledger::{
    CertificateEntry, CertificateRole, CrlIssued, Issuance, Ledger, OpenDuty, Publication, Withdrawal,
};
use crate::render::{escaped, hex_groups};
use crate::verify::{self, Anchors, Conclusion, Verdict};

/// `anchorite authority`
pub(crate) fn run(arguments: &AuthorityArguments, console: &mut Console) -> Result<ExitCode, Failure> {
    match &arguments.verb {
        AuthorityVerb::Status(arguments) => status(arguments, console),
    }
}

fn status(arguments: &AuthorityStatusArguments, console: &mut Console) -> Result<ExitCode, Failure> {
    let anchors =
        Anchors { roster: arguments.roster.as_deref().map(read_roster).transpose()?, ..Anchors::default() };
    let (verdict, ledger) = verify::authority(&arguments.authority, &anchors)
        .map_err(|error| unreadable(&arguments.authority, &error))?;
    let at = arguments.at.unwrap_or_else(host::now);
    match arguments.format {
        OutputFormat::Table => table(&verdict, &ledger, at, console),
        OutputFormat::Json => console.line(as_json(&verdict, &ledger, at)?),
    }
    // Nobody gives a checkpoint to ask for a status, so its absence alone is no reason to fail.
    Ok(if verdict.conclusion <= Conclusion::Unanchored { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn table(verdict: &Verdict, ledger: &Ledger, at: Instant, console: &mut Console) {
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
    if let Some(roster) = &ledger.roster {
        let people: Vec<_> = roster.people.iter().map(|person| person.name.to_string()).collect();
        console.line(format!("roster    {}", hex_groups(&roster.sha256)));
        let thresholds = roster.thresholds;
        console.line(format!(
            "people    {} (approve {}, unlock {}, close {})",
            people.join(", "),
            thresholds.approve,
            thresholds.unlock,
            thresholds.close
        ));
    }
    section(
        console,
        "tokens",
        ledger.tokens.iter().map(|token| {
            format!(
                "{:<20} serial {:<16} label {}",
                token.name,
                escaped(&token.serial),
                escaped(&token.label)
            )
        }),
    );
    section(
        console,
        "keys",
        ledger.keys.iter().map(|key| {
            format!(
                "{:<20} {} on {} ({}), SPKI {}",
                reference(key.ordinal, &key.step),
                key.algorithm,
                key.token,
                escaped(&key.token_serial),
                short(&key.spki_sha256)
            )
        }),
    );
    section(
        console,
        "share sets",
        ledger.share_sets.iter().map(|set| {
            let split = &set.split;
            format!(
                "{:<20} epoch {}, {} of {}, set {}",
                split.set,
                split.epoch,
                split.threshold,
                split.shares.len(),
                split.set_id
            )
        }),
    );
    section(console, "certificates", ledger.certificates.iter().map(|entry| certificate_line(ledger, entry)));
    section(console, "CRLs", ledger.crls.iter().map(|entry| crl_line(ledger, entry, at)));
    section(
        console,
        "bags",
        ledger.bags.iter().map(|(item, bag)| {
            let number = bag.number.as_deref().map_or_else(|| "open".to_owned(), escaped);
            let place = bag.place.as_ref().map_or_else(String::new, |place| format!(", {}", escaped(place)));
            format!("{item:<20} {number}{place}, as ceremony {} left it", bag.ordinal)
        }),
    );
    let mut duties: Vec<&OpenDuty> = ledger.open_duties().collect();
    duties.sort_by_key(|open| open.duty.due);
    section(
        console,
        "open duties",
        duties.into_iter().map(|OpenDuty { ordinal, duty }| {
            let id = reference(*ordinal, &duty.id);
            format!("{id:<20} by {}, the {}: {}", duty.due, duty.owner, escaped(&duty.what))
        }),
    );
}

pub(super) fn standing(verdict: &Verdict, console: &Console) -> String {
    if verdict.conclusion == Conclusion::Unanchored && verdict.passes_without_checkpoint() {
        console.marked(Mark::Good, "consistent, under the given roster")
    } else if verdict.conclusion == Conclusion::Unanchored {
        console.marked(Mark::Warn, "consistent in themselves; give --roster to say whose they are")
    } else {
        let text = format!(
            "{}; `anchorite verify` says why, and the rest of this page may be wrong",
            verdict.conclusion
        );
        console.marked(Mark::Bad, text)
    }
}

fn section(console: &mut Console, title: &str, lines: impl Iterator<Item = String>) {
    let mut lines = lines.peekable();
    if lines.peek().is_some() {
        console.line(format!("\n{}", console.marked(Mark::Bold, title)));
    }
    for line in lines {
        console.line(format!("  {line}"));
    }
}

fn reference(ordinal: u64, step: &crate::format::Name) -> String {
    format!("{ordinal}/{step}")
}

fn short(digest: &crate::format::Digest) -> String {
    hex_groups(digest).chars().take(19).collect()
}

fn certificate_line(ledger: &Ledger, entry: &CertificateEntry) -> String {
    let revoked = ledger.revocations.iter().find(|decided| {
        decided.issuer_spki_sha256 == entry.issuer_spki_sha256 && decided.entry.serial == entry.serial
    });
    let revoked = revoked.map_or_else(String::new, |decided| {
        format!(", REVOKED {} ({})", decided.entry.at, decided.entry.reason)
    });
    format!(
        "{:<20} {:<12} {}, serial {}, expires {}{revoked}{}",
        reference(entry.ordinal, &entry.step),
        role(entry.role),
        escaped(&entry.subject.text),
        entry.serial,
        entry.validity.to,
        how_far(&entry.issuance, entry.granted)
    )
}

fn crl_line(ledger: &Ledger, entry: &CrlIssued, at: Instant) -> String {
    format!(
        "{:<20} number {}, this update {}, next update {}, {} revoked, {}{}",
        reference(entry.ordinal, &entry.step),
        entry.number,
        entry.this_update,
        entry.next_update,
        entry.entries.len(),
        publication(ledger.publication(entry, at)),
        how_far(&entry.issuance, entry.granted)
    )
}

/// Whether it may be published.
fn publication(publication: Publication) -> String {
    match publication {
        Publication::Unfinished => "NOT TO BE PUBLISHED".to_owned(),
        Publication::Withdrawn(Withdrawal::Outranked { by }) => format!("WITHDRAWN by CRL {by}"),
        Publication::Withdrawn(Withdrawal::Incomplete { ordinal }) => {
            format!("WITHDRAWN by a revocation in ceremony {ordinal}")
        }
        Publication::Embargoed { until } => format!("under embargo until {until}"),
        Publication::Superseded { by } => format!("superseded by CRL {by}"),
        Publication::Expired => "EXPIRED".to_owned(),
        Publication::Current => "current".to_owned(),
    }
}

fn role(role: CertificateRole) -> &'static str {
    match role {
        CertificateRole::Root => "root",
        CertificateRole::Intermediate => "intermediate",
        CertificateRole::Cross => "cross-certificate",
    }
}

/// Empty for what went as planned.
fn how_far(issuance: &Issuance, granted: bool) -> &'static str {
    match (issuance, granted) {
        (Issuance::Released(_), true) => "",
        (Issuance::Released(_), false) => ", released in a ceremony that was not completed",
        (Issuance::Signed, _) => ", signed and not released",
        (Issuance::Unknown, _) => ", perhaps signed: the token never answered",
    }
}

fn as_json(verdict: &Verdict, ledger: &Ledger, at: Instant) -> Result<String, Failure> {
    let certificates: Vec<_> = ledger
        .certificates
        .iter()
        .map(|entry| {
            json!({
                "ordinal": entry.ordinal, "step": entry.step, "role": role(entry.role), "serial": entry.serial,
                "subject": entry.subject.text, "spki_sha256": entry.spki_sha256,
                "issuer_spki_sha256": entry.issuer_spki_sha256, "not_before": entry.validity.from,
                "not_after": entry.validity.to, "directory": entry.directory, "file": file(&entry.issuance),
                "issuance": issuance(&entry.issuance), "granted": entry.granted,
            })
        })
        .collect();
    let crls: Vec<_> = ledger
        .crls
        .iter()
        .map(|entry| {
            json!({
                "ordinal": entry.ordinal, "step": entry.step, "issuer_spki_sha256": entry.issuer_spki_sha256,
                "number": entry.number, "this_update": entry.this_update, "next_update": entry.next_update,
                "embargo": entry.embargo, "publication": publication(ledger.publication(entry, at)),
                "entries": entry.entries, "directory": entry.directory, "file": file(&entry.issuance),
                "issuance": issuance(&entry.issuance), "granted": entry.granted,
            })
        })
        .collect();
    let keys: Vec<_> = ledger
        .keys
        .iter()
        .map(|key| {
            json!({
                "ordinal": key.ordinal, "step": key.step, "token": key.token, "token_serial": key.token_serial,
                "label": key.label, "key_id": key.key_id, "algorithm": key.algorithm, "spki_sha256": key.spki_sha256,
            })
        })
        .collect();
    let share_sets: Vec<_> = ledger
        .share_sets
        .iter()
        .map(|set| {
            json!({
                "ordinal": set.ordinal, "set": set.split.set, "set_id": set.split.set_id, "epoch": set.split.epoch,
                "threshold": set.split.threshold,
                "holders": set.split.shares.iter().map(|share| &share.holder).collect::<Vec<_>>(),
            })
        })
        .collect();
    let tokens: Vec<_> = ledger
        .tokens
        .iter()
        .map(|token| json!({"ordinal": token.ordinal, "name": token.name, "serial": token.serial, "label": token.label}))
        .collect();
    let bags: Vec<_> = ledger
        .bags
        .iter()
        .map(|(item, bag)| json!({"item": item, "number": bag.number, "place": bag.place, "ordinal": bag.ordinal}))
        .collect();
    let duties: Vec<_> =
        ledger.open_duties().map(|open| json!({"ordinal": open.ordinal, "duty": open.duty})).collect();
    let identity = ledger.identity.as_ref();
    let answer = json!({
        "schema": "anchorite-authority/v1",
        "verdict": verdict.conclusion.to_string(),
        "authority": identity.map(|identity| &identity.authority),
        "environment": identity.map(|identity| identity.environment),
        "trust_domain": identity.and_then(|identity| identity.trust_domain.as_ref()),
        "ordinal": ledger.ordinal,
        "head": ledger.head,
        "roster_sha256": ledger.roster.as_ref().map(|roster| roster.sha256),
        "tokens": tokens, "keys": keys, "share_sets": share_sets, "certificates": certificates, "crls": crls,
        "bags": bags, "duties": duties,
    });
    serde_json::to_string_pretty(&answer).map_err(|error| {
        Failure::usage(format!("the status cannot be written as JSON: {error}"), "use --format table")
    })
}

fn file(issuance: &Issuance) -> Option<&crate::format::FileName> {
    match issuance {
        Issuance::Released(file) => Some(&file.name),
        Issuance::Signed | Issuance::Unknown => None,
    }
}

fn issuance(issuance: &Issuance) -> &'static str {
    match issuance {
        Issuance::Released(_) => "released",
        Issuance::Signed => "signed",
        Issuance::Unknown => "unknown",
    }
}
