use std::collections::BTreeSet;

use super::examination::Examination;
use super::facts::Facts;
use super::verdict::{Check, CheckId, Status};
use crate::format::{
    Action, Call, Digest, Event, Hex, Name, OperationIntent, OperationResult, Outcome, PinOwner,
    ProvisionMode, Record, TokenAddress, TokenFound,
};

/// What each token said of itself is what the officers approved, and what the ceremony made of it.
pub(crate) fn tokens(facts: &Facts<'_>) -> Check {
    let mut examination = Examination::of(CheckId::Tokens);
    let mut seen: Vec<&TokenFound> = Vec::new();
    for record in facts.records() {
        let Event::TokenFound(found) = &record.event else {
            continue;
        };
        let used = facts.operations.iter().any(|operation| operation.intent.token == found.token);
        // A token that was seen to be the wrong one and then not touched is a truthful end.
        if used || facts.complete() {
            let again = seen.iter().any(|earlier| earlier.token == found.token);
            match token_is_right(facts, record, found, again) {
                Ok(()) => {}
                Err(what) => examination.fail(facts.record(record.n), what),
            }
        }
        seen.push(found);
    }
    let names: BTreeSet<&Name> = seen.iter().map(|found| &found.token).collect();
    for token in &facts.plan.tokens {
        let needed =
            facts.complete() || facts.operations.iter().any(|operation| operation.intent.token == *token);
        examination.demand(names.contains(token) || !needed, None, || {
            format!("no record says what the token {token} is")
        });
    }
    let last: Vec<_> = names
        .iter()
        .filter_map(|name| seen.iter().rev().find(|found| found.token == **name))
        .map(|found| {
            format!("{} serial {} ({} {})", found.token, found.serial, found.manufacturer, found.model)
        })
        .collect();
    examination.finish_if(!last.is_empty(), "no token was used", || last.join(", "))
}

fn token_is_right(facts: &Facts<'_>, record: &Record, found: &TokenFound, again: bool) -> Result<(), String> {
    let token = &found.token;
    let bound = facts
        .binding
        .token(token)
        .filter(|_| facts.plan.tokens.contains(token))
        .ok_or_else(|| format!("the plan and the binding do not name the token {token}"))?;
    if found.module_sha256 != facts.binding.module.sha256 {
        let expected = facts.binding.module.sha256;
        return Err(format!("the module's SHA-256 is {}, the binding says {expected}", found.module_sha256));
    }
    match &bound.address {
        TokenAddress::Serial(serial) if found.serial != *serial => {
            return Err(format!("{token} has the serial {}, the binding says {serial}", found.serial));
        }
        TokenAddress::Blank if !again && found.initialised => {
            return Err(format!("{token} is initialised, the binding says that it is blank"));
        }
        TokenAddress::Blank | TokenAddress::Serial(_) => {}
    }
    let provisioned = facts.plan.steps.iter().find_map(|step| match &step.action {
        Action::Provision { token: of, label, mode, .. } if of == token => Some((step, label, *mode)),
        _ => None,
    });
    let Some((step, label, mode)) = provisioned else {
        let known = facts.before.and_then(|before| before.token(token));
        return match known {
            Some(known) if known.serial != found.serial => Err(format!(
                "{token} has the serial {}, ceremony {} made {}",
                found.serial, known.ordinal, known.serial
            )),
            None if facts.before.is_some() => {
                Err(format!("no earlier ceremony provisioned the token {token}"))
            }
            _ => Ok(()),
        };
    };
    let pin_set = facts.operations.iter().any(|operation| {
        operation.intent.step == step.id
            && matches!(operation.intent.call, Call::InitPin {})
            && operation.result.is_some_and(|(n, result)| n < record.n && result.rv == "CKR_OK")
    });
    let labelled = found.label == *label;
    if mode != ProvisionMode::Init && !labelled {
        return Err(format!(
            "{token} has the label {}, the plan takes over the one with {label}",
            found.label
        ));
    }
    if pin_set && !(found.initialised && found.user_pin_set && labelled) {
        return Err(format!(
            "{token} was provisioned, and does not say so: label {}, user PIN set {}",
            found.label, found.user_pin_set
        ));
    }
    Ok(())
}

/// Each call has an intent before it and one answer after it, with the arguments that the plan gives.
pub(crate) fn operations(facts: &Facts<'_>) -> Check {
    let mut examination = Examination::of(CheckId::Operations);
    let mut open: Option<&OperationIntent> = None;
    let mut next = 1;
    let mut logged_in: BTreeSet<&Name> = BTreeSet::new();
    for record in facts.records() {
        let place = || facts.record(record.n);
        match &record.event {
            Event::OperationIntent(intent) => {
                examination.demand(open.is_none(), place(), || {
                    format!("operation {} begins before the one before it was answered", intent.op)
                });
                examination.demand(intent.op == next, place(), || {
                    format!("operation {} follows operation {}", intent.op, next - 1)
                });
                next = intent.op.saturating_add(1);
                if let Err(what) = arguments(facts, record.cer, intent, &logged_in) {
                    examination.fail(place(), what);
                }
                open = Some(intent);
            }
            Event::OperationResult(result) => match open.take() {
                Some(intent) if intent.op == result.op => {
                    if let Err(what) = answer(intent, result) {
                        examination.fail(place(), what);
                    }
                    match &intent.call {
                        Call::Login { of: PinOwner::User, .. } if result.rv == "CKR_OK" => {
                            logged_in.insert(&intent.token);
                        }
                        // Replacing a PIN logs out.
                        Call::SetPin { .. } => drop(logged_in.remove(&intent.token)),
                        _ => {}
                    }
                }
                _ => examination
                    .fail(place(), format!("an answer to operation {}, which is not open", result.op)),
            },
            Event::Resumed(resumed) => {
                logged_in.clear();
                if let Some(intent) = open.take() {
                    examination.demand(resumed.unanswered.contains(&intent.op), place(), || {
                        format!("operation {} has no answer, and the resumption does not say so", intent.op)
                    });
                }
            }
            Event::BreakBegun(begun) if facts.closes_tokens(&begun.step) => logged_in.clear(),
            _ => {}
        }
    }
    let answered = facts.operations.iter().filter(|operation| !operation.unknown()).count();
    if let Some(intent) = open {
        let what = format!("operation {} has no answer", intent.op);
        match facts.outcome() {
            Outcome::Complete => examination.fail(None, what),
            Outcome::InProgress => examination.found(Status::Incomplete, None, what),
            // The abort record lists it as unknown, which another check demands.
            Outcome::Aborted => {}
        }
    }
    let failed =
        facts.operations.iter().filter(|operation| !operation.unknown() && !operation.succeeded()).count();
    let all = facts.operations.len();
    examination.finish_if(all > 0, "no token operation", || {
        format!("{answered} of {all} answered, {failed} of them with an error")
    })
}

fn arguments(
    facts: &Facts<'_>,
    ceremony: Digest,
    intent: &OperationIntent,
    logged_in: &BTreeSet<&Name>,
) -> Result<(), String> {
    let OperationIntent { op, step, token, call } = intent;
    let action = &facts
        .plan
        .step(step)
        .ok_or_else(|| format!("operation {op} is for step {step}, which the plan has not"))?
        .action;
    let planned = match (call, action) {
        (Call::Login { .. }, _) => facts.plan.tokens.contains(token),
        (Call::InitToken { label, wipes }, Action::Provision { token: of, label: planned, wipe, .. }) => {
            of == token && label == planned && *wipe == wipes.is_some() && wiped_is_bound(facts, token, wipes)
        }
        (Call::SetPin { .. }, action) => action.sets_pins_of().contains(token),
        (Call::InitPin {}, Action::Provision { token: of, .. }) => of == token,
        (
            Call::GenerateKeyPair { algorithm, label, key_id },
            Action::GenerateKey { token: of, algorithm: planned, label: named },
        ) => of == token && algorithm == planned && label == named && *key_id == key_id_of(ceremony, *op),
        (Call::DestroyObject { key_id, .. }, Action::GenerateKey { token: of, .. }) => {
            let made = |other: &OperationIntent| matches!(&other.call, Call::GenerateKeyPair { key_id: made, .. } if made == key_id);
            let mut earlier =
                facts.operations.iter().map(|operation| operation.intent).filter(|other| other.op < *op);
            of == token && earlier.any(|other| other.step == *step && made(other))
        }
        // An officer decided it before.
        (Call::DestroyObject { key_id, .. }, Action::DestroyKey { key, key_id: planned }) => {
            let decided = facts.records().any(|record| {
                matches!(&record.event, Event::Destroyed(decided) if decided.step == *step)
                    && facts.operations.iter().any(|one| one.intent.op == *op && record.n < one.record)
            });
            facts.token_of(key) == Some(token) && key_id == planned && decided
        }
        (Call::Sign { .. }, action) => {
            facts.signing_key(action).and_then(|key| facts.token_of(key)) == Some(token)
        }
        _ => false,
    };
    if !planned {
        return Err(format!("operation {op} is not what the plan has in step {step}"));
    }
    let needs_login =
        matches!(call, Call::GenerateKeyPair { .. } | Call::DestroyObject { .. } | Call::Sign { .. });
    if needs_login && !logged_in.contains(token) {
        return Err(format!("operation {op} on {token}, where nobody logged in"));
    }
    Ok(())
}

/// What is destroyed is the token that officers approved, by its serial number.
fn wiped_is_bound(facts: &Facts<'_>, token: &Name, wipes: &Option<String>) -> bool {
    let Some(wiped) = wipes else { return true };
    let bound = facts.binding.token(token).map(|bound| &bound.address);
    matches!(bound, Some(TokenAddress::Serial(serial)) if serial == wiped)
}

/// CKA_ID of a key: the first 16 octets of a digest over the ceremony and the operation.
fn key_id_of(ceremony: Digest, op: u64) -> Hex {
    let digest = Digest::of(format!("anchorite-key-id/v1\n{ceremony}\n{op}\n").as_bytes());
    Hex(digest.as_bytes().iter().take(16).copied().collect())
}

fn answer(intent: &OperationIntent, result: &OperationResult) -> Result<(), String> {
    let ok = result.rv == "CKR_OK";
    let key = ok && matches!(intent.call, Call::GenerateKeyPair { .. });
    let signature = ok && matches!(intent.call, Call::Sign { .. });
    // `none`: something came back that was no answer of the function; the ceremony stopped there.
    if !result.rv.starts_with("CKR_") && result.rv != "none" {
        Err(format!("operation {} was answered with {}, which is no CKR name", result.op, result.rv))
    } else if result.key.is_some() != key || result.signature.is_some() != signature {
        Err(format!("the answer to operation {} has not what such a call returns", result.op))
    } else {
        Ok(())
    }
}
