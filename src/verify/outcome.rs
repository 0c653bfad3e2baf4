use super::facts::Facts;
use crate::format::{
    Action, Call, Digest, Event, KeyHalf, LoginPath, OperationIntent, PinOwner, PlannedStep, ProvisionMode,
    Shares,
};
use crate::ledger::Operation;

/// What a step that is done must have left in the log, each once.
pub(crate) fn outcome_of(facts: &Facts<'_>, step: &PlannedStep) -> Result<(), String> {
    let id = &step.id;
    let calls = |wanted: &dyn Fn(&OperationIntent) -> bool| {
        let made = facts.operations.iter().filter(|operation| operation.succeeded());
        made.filter(|operation| operation.intent.step == *id && wanted(operation.intent)).count()
    };
    let events =
        |wanted: &dyn Fn(&Event) -> bool| facts.records().filter(|record| wanted(&record.event)).count();
    let left: Vec<(&str, usize)> = match &step.action {
        Action::Provision { .. } => of_provision(facts, step),
        Action::Reshare { .. } => of_reshare(facts, step),
        Action::ChangeRoster { roster, .. } => {
            let changed = |event: &Event| {
                matches!(event, Event::RosterChanged { step, from, to, .. }
                    if step == id && *from == facts.roster.sha256 && *to == roster.sha256)
            };
            vec![("roster.changed", events(&changed))]
        }
        Action::GenerateKey { .. } => {
            vec![("C_GenerateKeyPair", facts.keys_made(id))]
        }
        Action::SelfSign { .. }
        | Action::SignIntermediate { .. }
        | Action::CrossSign { .. }
        | Action::IssueCrl { .. } => vec![
            ("C_Sign", calls(&|intent| matches!(intent.call, Call::Sign { .. }))),
            (
                "artifact.out",
                events(&|event| matches!(event, Event::Released(released) if released.step == *id)),
            ),
        ],
        Action::DestroyKey { key, .. } => {
            let spki = crate::ledger::key_spki_sha256(&facts.operations, key);
            let decided = |event: &Event| {
                matches!(event, Event::Destroyed(decided) if decided.step == *id
                    && Some(decided.spki_sha256) == spki && Some(&decided.token) == facts.token_of(key))
            };
            // One without an answer is no harm: whoever went on looked.
            let called = facts.operations.iter().any(|operation| {
                let private =
                    matches!(operation.intent.call, Call::DestroyObject { class: KeyHalf::PrivateKey, .. });
                private && operation.intent.step == *id && (operation.succeeded() || operation.unknown())
            });
            vec![
                ("destruction", events(&decided)),
                ("C_DestroyObject of the private key", usize::from(called)),
            ]
        }
        Action::AdoptAuthority { token, root, .. } => {
            let adopted = |event: &Event| {
                matches!(event, Event::Adopted(adopted) if adopted.step == *id && adopted.token == *token
                    && adopted.key.spki_sha256 == root.spki_sha256)
            };
            vec![("authority.adopted", events(&adopted))]
        }
        Action::Revoke { issuer, entry, .. } => {
            let of_issuer = |named: Option<Digest>| named.is_none() || named == facts.issuer_spki(issuer);
            let decided = |event: &Event| {
                matches!(event, Event::Revoked(revoked) if revoked.step == *id
                    && revoked.entry == *entry && of_issuer(revoked.issuer_spki_sha256))
            };
            vec![("revocation", events(&decided))]
        }
        Action::Break { .. } => vec![
            ("break.begun", events(&|event| matches!(event, Event::BreakBegun(begun) if begun.step == *id))),
            ("break.ended", events(&|event| matches!(event, Event::BreakEnded(ended) if ended.step == *id))),
        ],
        Action::Confirm { text, .. } => {
            let confirmed = |event: &Event| matches!(event, Event::Confirmed { step, text: said, .. } if step == id && said == text);
            vec![("confirm", events(&confirmed))]
        }
        Action::Clock { readers, beacon, .. } => {
            let read = events(&|event| matches!(event, Event::ClockRead { step, .. } if step == id));
            // One more than asked for is no harm.
            let mut left = vec![("clock.attest", usize::from(read >= usize::from(*readers)))];
            if *beacon {
                let brought = |event: &Event| matches!(event, Event::Beacon(brought) if brought.step == *id);
                left.push(("freshness.beacon", events(&brought)));
            }
            left
        }
        Action::ReadAloud { named, .. } => {
            let read = |event: &Event| matches!(event, Event::ReadAloud(read) if read.step == *id && read.named == *named);
            vec![("read.aloud", events(&read))]
        }
        // How many, and who, is asked by D5, which knows who was there.
        Action::Attest { .. } => {
            let attested = |event: &Event| matches!(event, Event::Attested(attested) if attested.step == *id);
            vec![("attestation", events(&attested).min(1))]
        }
        Action::Custody { item, act, .. } => {
            let noted = |event: &Event| matches!(event, Event::CustodyNoted(noted) if noted.step == *id && noted.item == *item && noted.act == *act);
            vec![("custody", events(&noted))]
        }
        Action::ImportEvidence { token, form, .. } => {
            let imported = |event: &Event| matches!(event, Event::EvidenceImported(imported) if imported.step == *id && imported.token == *token && imported.form == *form);
            vec![("evidence.imported", events(&imported))]
        }
    };
    match left.into_iter().find(|(_, count)| *count != 1) {
        None => Ok(()),
        Some((what, 0)) => Err(format!("step {id} is done and the log lacks its {what}")),
        Some((what, count)) => Err(format!("step {id} is done with {what} {count} times, not once")),
    }
}

/// What a token that was taken over left in the log.
fn of_provision(facts: &Facts<'_>, step: &PlannedStep) -> Vec<(&'static str, usize)> {
    let (id, n) = (&step.id, u64::MAX);
    let Action::Provision { token, mode, wipe, shares, .. } = &step.action else {
        return Vec::new();
    };
    let made = |wanted: &dyn Fn(&Call) -> bool, or_unanswered: bool| {
        let answered =
            |operation: &&Operation<'_>| operation.succeeded() || or_unanswered && operation.unknown();
        usize::from(facts.operations.iter().filter(answered).any(|operation| {
            operation.intent.step == *id && operation.intent.token == *token && wanted(&operation.intent.call)
        }))
    };
    let replaced = |owner| usize::from(facts.pin_replaced(id, token, owner, n));
    let mut left = match (mode, wipe) {
        (ProvisionMode::Init, false) => vec![
            // Where the answer is missing, the token's own word after it says that it was initialised.
            ("C_InitToken", made(&|call| matches!(call, Call::InitToken { wipes: None, .. }), true)),
            ("C_InitPIN", made(&|call| matches!(call, Call::InitPin {}), false)),
        ],
        (ProvisionMode::Init, true) => vec![
            ("C_InitToken", made(&|call| matches!(call, Call::InitToken { wipes: Some(_), .. }), true)),
            ("C_SetPIN", replaced(PinOwner::SecurityOfficer)),
            ("C_InitPIN", made(&|call| matches!(call, Call::InitPin {}), false)),
        ],
        (ProvisionMode::SetPin, _) => vec![
            ("C_SetPIN of the security officer", replaced(PinOwner::SecurityOfficer)),
            ("C_SetPIN of the user", replaced(PinOwner::User)),
        ],
        (ProvisionMode::Adopt, _) => Vec::new(),
    };
    let path = if shares.is_some() { LoginPath::Pin } else { LoginPath::Device };
    left.push(("C_Login", made(&|call| *call == Call::Login { of: PinOwner::User, path }, false)));
    left.extend(dealt_and_policies(facts, step));
    left
}

/// What a reshare left in the log.
fn of_reshare(facts: &Facts<'_>, step: &PlannedStep) -> Vec<(&'static str, usize)> {
    let Action::Reshare { set, from, tokens, .. } = &step.action else {
        return Vec::new();
    };
    let count =
        |wanted: &dyn Fn(&Event) -> bool| facts.records().filter(|record| wanted(&record.event)).count();
    let mut left = dealt_and_policies(facts, step);
    for token in tokens {
        let moved = |event: &Event| matches!(event, Event::TokenMoved { step: of, token: named, .. } if *of == step.id && named == token);
        left.push(("token.moved", count(&moved)));
    }
    for entry in from.iter().filter_map(|epoch| facts.before?.share_set_of(*set, *epoch)) {
        let set_id = &entry.split.set_id;
        let depends = facts.before.into_iter().flat_map(|before| before.opened_by_set(set_id));
        if depends.into_iter().all(|token| tokens.contains(&token.name)) {
            let retired =
                |event: &Event| matches!(event, Event::SharesRetired { set_id: of, .. } if of == set_id);
            left.push(("shares.retired", count(&retired)));
        }
    }
    left
}

fn dealt_and_policies(facts: &Facts<'_>, step: &PlannedStep) -> Vec<(&'static str, usize)> {
    let count =
        |wanted: &dyn Fn(&Event) -> bool| facts.records().filter(|record| wanted(&record.event)).count();
    let mut left = Vec::new();
    if let Some(Shares::New { holders, .. }) = step.action.deals() {
        left.push((
            "quorum.split",
            count(&|event| matches!(event, Event::SharesSplit(split) if split.step == step.id)),
        ));
        let verified =
            count(&|event| matches!(event, Event::ShareVerified { step: of, .. } if *of == step.id));
        left.push(("share.verified of every holder", usize::from(verified == holders.len())));
    }
    for token in step.action.sets_pins_of() {
        let policy = |event: &Event| matches!(event, Event::PinPolicy(policy) if policy.step == step.id && policy.token == *token);
        left.push(("pin.policy", count(&policy)));
    }
    left
}
