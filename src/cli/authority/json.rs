//! The same for programs.

use serde_json::{Value, json};

use super::Shown;
use super::words::{file, issuance, possession_word, proven_in, publication_word, role};

/// `anchorite-authority/v1`: what is there.
pub(super) fn status(shown: &Shown<'_>) -> Value {
    let Shown { verdict, ledger, at } = *shown;
    let certificates: Vec<_> = ledger
        .certificates
        .iter()
        .map(|entry| {
            json!({
                "ordinal": entry.ordinal, "step": entry.step, "role": role(entry.role), "serial": entry.serial,
                "subject": entry.subject.text, "spki_sha256": entry.spki_sha256,
                "issuer_spki_sha256": entry.issuer_spki_sha256, "not_before": entry.validity.from,
                "not_after": entry.validity.to, "directory": entry.directory, "file": file(&entry.issuance),
                "issuance": issuance(&entry.issuance), "adopted": entry.adopted, "granted": entry.granted,
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
                "embargo": entry.embargo, "publication": publication_word(ledger.publication(entry, at)),
                "entries": entry.entries, "directory": entry.directory, "file": file(&entry.issuance),
                "issuance": issuance(&entry.issuance), "adopted": entry.adopted, "granted": entry.granted,
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
                "possession": possession_word(key.origin), "proven_in": proven_in(key.origin),
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
                "granted": set.granted, "retired": set.retired, "live": ledger.is_live(set),
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
    json!({
        "schema": "anchorite-authority/v1",
        "verdict": verdict.conclusion.to_string(),
        "authority": identity.map(|identity| &identity.authority),
        "environment": identity.map(|identity| identity.environment),
        "trust_domain": identity.and_then(|identity| identity.trust_domain.as_ref()),
        "ordinal": ledger.ordinal,
        "head": ledger.head,
        "at": at,
        "roster_sha256": ledger.roster.as_ref().map(|roster| roster.sha256),
        "next_ceremony": ledger.next_ceremony,
        "tokens": tokens, "keys": keys, "share_sets": share_sets, "certificates": certificates, "crls": crls,
        "bags": bags, "duties": duties,
    })
}

/// `anchorite-ledger/v1`: what is there, and besides what ever happened.
pub(super) fn ledger(shown: &Shown<'_>) -> Value {
    let ledger = shown.ledger;
    let ceremonies: Vec<_> = ledger
        .ceremonies
        .iter()
        .map(|ceremony| {
            json!({
                "ordinal": ceremony.ordinal, "directory": ceremony.directory, "title": ceremony.title,
                "outcome": ceremony.outcome.to_string(), "granted": ceremony.granted, "begun": ceremony.begun,
                "ended": ceremony.ended, "roster_sha256": ceremony.roster_sha256,
                "plan_sha256": ceremony.plan_sha256, "head": ceremony.head,
            })
        })
        .collect();
    let revocations: Vec<_> = ledger
        .revocations
        .iter()
        .map(|decided| {
            json!({
                "ordinal": decided.ordinal, "step": decided.step, "issuer_spki_sha256": decided.issuer_spki_sha256,
                "entry": decided.entry,
            })
        })
        .collect();
    let numbers: Vec<_> = ledger
        .burnt_crl_numbers
        .iter()
        .map(|(issuer, numbers)| json!({"issuer_spki_sha256": issuer, "numbers": numbers}))
        .collect();
    let mut answer = status(shown);
    if let Some(members) = answer.as_object_mut() {
        members.extend([
            ("schema".to_owned(), json!("anchorite-ledger/v1")),
            ("ceremonies".to_owned(), json!(ceremonies)),
            ("revocations".to_owned(), json!(revocations)),
            ("burnt_serials".to_owned(), json!(ledger.burnt_serials)),
            ("burnt_crl_numbers".to_owned(), json!(numbers)),
        ]);
    }
    answer
}
