use std::collections::BTreeMap;

use super::examination::Examination;
use super::facts::Facts;
use super::verdict::{Check, CheckId, Place};
use super::yubihsm::{Between, DeviceLog};
use crate::format::{Call, Event, EvidenceForm, EvidenceImported, KeyHalf, Name, ObjectCounts};

/// What the devices say of themselves is what the record says was done on them: objects counted before and after, and logs
/// that were taken in, where their form is one that is read.
pub(crate) fn reconciled(facts: &Facts<'_>) -> Check {
    let mut examination = Examination::of(CheckId::Device);
    let mut said = Vec::new();
    objects(facts, &mut examination, &mut said);
    let mut unread = Vec::new();
    logs(facts, &mut examination, &mut said, &mut unread);
    let unread: Vec<String> = unread.into_iter().map(|file| format!("NOT CHECKED: {file}")).collect();
    let nothing = if unread.is_empty() {
        "no token was counted twice, and no log was taken in".to_owned()
    } else {
        unread.join("; ")
    };
    let something = !said.is_empty();
    said.extend(unread);
    examination.finish_if(something, &nothing, || said.join("; "))
}

/// Two counts of a token's objects, both while the user was logged in, differ by the keys that were made in between.
fn objects(facts: &Facts<'_>, examination: &mut Examination, said: &mut Vec<String>) {
    let mut counted: BTreeMap<&Name, (u64, ObjectCounts)> = BTreeMap::new();
    let mut made_in_all: BTreeMap<&Name, u64> = BTreeMap::new();
    for record in facts.records() {
        match &record.event {
            // What was on it is gone.
            Event::OperationIntent(intent) if matches!(intent.call, Call::InitToken { .. }) => {
                counted.remove(&intent.token);
            }
            Event::TokenFound(found) => {
                let Some(after) = found.objects.filter(|_| found.logged_in) else { continue };
                if let Some((n, before)) = counted.insert(&found.token, (record.n, after)) {
                    let since = |wanted: &dyn Fn(&Call) -> bool| {
                        let calls = facts.operations.iter().filter(|operation| {
                            operation.intent.token == found.token
                                && wanted(&operation.intent.call)
                                && (n..record.n).contains(&operation.record)
                        });
                        calls.fold((0, 0), |(done, perhaps), operation| {
                            (
                                done + u64::from(operation.succeeded()),
                                perhaps + u64::from(operation.unknown()),
                            )
                        })
                    };
                    let (made, perhaps) = since(&|call| matches!(call, Call::GenerateKeyPair { .. }));
                    let grown = |half: KeyHalf, before: u64, after: u64| {
                        let (gone, perhaps_gone) = since(
                            &|call| matches!(call, Call::DestroyObject { class, .. } if *class == half),
                        );
                        let least = (before + made).saturating_sub(perhaps_gone);
                        (least..=before + made + perhaps).contains(&(after + gone))
                    };
                    let rest =
                        |counts: ObjectCounts| ObjectCounts { public_keys: 0, private_keys: 0, ..counts };
                    let fits = grown(KeyHalf::PrivateKey, before.private_keys, after.private_keys)
                        && grown(KeyHalf::PublicKey, before.public_keys, after.public_keys)
                        && rest(before) == rest(after);
                    examination.demand(fits, facts.record(record.n), || {
                        format!(
                            "{} had {} private keys and {} objects at record {n}, has {} and {} now, and {made} keys were made",
                            found.token, before.private_keys, before.total(), after.private_keys, after.total()
                        )
                    });
                    *made_in_all.entry(&found.token).or_default() += made;
                }
            }
            _ => {}
        }
    }
    said.extend(made_in_all.into_iter().map(|(token, made)| format!("{token} grew by the {made} keys made")));
}

/// Between two logs of a device, it made the keys and the signatures that the record has, and did nothing that nobody does.
fn logs(facts: &Facts<'_>, examination: &mut Examination, said: &mut Vec<String>, unread: &mut Vec<String>) {
    let mut earlier: BTreeMap<&Name, (u64, DeviceLog)> = BTreeMap::new();
    for record in facts.records() {
        let Event::EvidenceImported(EvidenceImported { token, form, file, .. }) = &record.event else {
            continue;
        };
        let place = Place { file: super::directory::artifact_path(&file.name), ..facts.record(record.n) };
        if *form == EvidenceForm::Opaque {
            unread.push(format!("{} of {token}, in a form that is not read", file.name));
            continue;
        }
        let log = match DeviceLog::parse(facts.files.artifact(&file.name).unwrap_or_default()) {
            Ok(log) => log,
            Err(what) => {
                examination.fail(place, format!("the log of {token}: {what}"));
                continue;
            }
        };
        match earlier.get(token) {
            None => unread.push(format!("{} of {token}, with no earlier log to count from", file.name)),
            Some((n, before)) => match log.since(before) {
                Ok(between) => {
                    let what = differs(facts, token, *n, record.n, &between);
                    examination.demand(what.is_none(), place, || what.clone().unwrap_or_default());
                    let Between { keys_made, signatures, .. } = between;
                    said.push(format!("{token} logged {keys_made} keys and {signatures} signatures"));
                }
                Err(what) => examination.fail(place, format!("the log of {token}: {what}")),
            },
        }
        earlier.insert(token, (record.n, log));
    }
}

/// What does not fit between two records.
fn differs(facts: &Facts<'_>, token: &Name, from: u64, to: u64, between: &Between) -> Option<String> {
    if let Some(what) = between.never.first() {
        return Some(format!("the device {what}, which no record has"));
    }
    let calls = |wanted: fn(&Call) -> bool| {
        let calls = facts.operations.iter().filter(|operation| {
            operation.intent.token == *token
                && wanted(&operation.intent.call)
                && (from..to).contains(&operation.record)
        });
        calls.fold((0, 0), |(made, perhaps), operation| {
            (made + usize::from(operation.succeeded()), perhaps + usize::from(operation.unknown()))
        })
    };
    let fits = |(made, perhaps): (usize, usize), found: usize| (made..=made + perhaps).contains(&found);
    let keys = calls(|call| matches!(call, Call::GenerateKeyPair { .. }));
    let signatures = calls(|call| matches!(call, Call::Sign { .. }));
    let deleted = calls(|call| matches!(call, Call::DestroyObject { .. }));
    let Between { keys_made, signatures: signed, objects_deleted, .. } = between;
    (!fits(keys, *keys_made) || !fits(signatures, *signed) || !fits(deleted, *objects_deleted)).then(|| {
        format!(
            "{token} logged {keys_made} keys, {signed} signatures and {objects_deleted} objects deleted, the record has {}, {} \
             and {}",
            keys.0, signatures.0, deleted.0
        )
    })
}
