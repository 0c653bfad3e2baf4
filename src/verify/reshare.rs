use super::facts::Facts;
use super::shares::{policy_of, split_named};
use crate::format::{Action, Call, Event, Hex, Name, PinOwner, Shares};

/// Every set that opened the tokens was opened by its holders, and so was the one that will, unless it is new.
pub(super) fn quorums_of_reshare(
    facts: &Facts<'_>,
    step: &Name,
    from: &[u32],
    to: &Shares,
    n: u64,
) -> Result<(), String> {
    let since = facts.logged_out_at(n);
    let met = |set_id: Option<&Hex>| {
        let before = facts.records().filter(|record| (since..n).contains(&record.n));
        before
            .filter(|record| {
                matches!(&record.event, Event::QuorumMet { step: of, set_id: met, .. }
                    if of == step && set_id.is_none_or(|set_id| set_id == met))
            })
            .count()
    };
    let (set, epoch) = to.set_and_epoch();
    let again = matches!(to, Shares::Dealt { .. }).then_some(epoch);
    let needed: Vec<u32> = from.iter().copied().chain(again).collect();
    let Some(before) = facts.before else {
        return if met(None) >= needed.len() {
            Ok(())
        } else {
            Err(format!("a PIN is replaced in step {step} before {} quorums met", needed.len()))
        };
    };
    for epoch in needed {
        let known = before.share_set_of(set, epoch).map(|entry| &entry.split.set_id);
        if known.is_none_or(|set_id| met(Some(set_id)) == 0) {
            return Err(format!("a PIN is replaced in step {step} without a quorum of epoch {epoch}"));
        }
    }
    Ok(())
}

/// Both PINs were replaced and the user's proven, onto the shares of the step.
pub(super) fn moved_fits(
    facts: &Facts<'_>,
    n: u64,
    step: &Name,
    token: &Name,
    set_id: &Hex,
) -> Result<(), String> {
    let Some(Action::Reshare { to, tokens, .. }) = facts.plan.step(step).map(|step| &step.action) else {
        return Err(format!("step {step} moves no token"));
    };
    let planned = tokens.contains(token)
        && split_named(facts, to, n)?.is_none_or(|split| split.set_id == *set_id)
        && policy_of(facts, step, token, n).is_some_and(|policy| policy.set_id == *set_id);
    let replaced = [PinOwner::SecurityOfficer, PinOwner::User]
        .into_iter()
        .all(|owner| facts.pin_replaced(step, token, owner, n));
    let proven = facts.operations.iter().any(|operation| {
        operation.record < n
            && operation.intent.step == *step
            && operation.intent.token == *token
            && matches!(operation.intent.call, Call::Login { of: PinOwner::User, .. })
            && operation.succeeded()
    });
    match (planned, replaced, proven) {
        (true, true, true) => Ok(()),
        (false, _, _) => Err(format!("{token} is said to have moved to {set_id}, which is not planned")),
        (true, false, _) => {
            Err(format!("{token} is said to have moved, and not both of its PINs were replaced"))
        }
        (true, true, false) => Err(format!("{token} is said to have moved, and no login proves it")),
    }
}

/// Nothing depends on the split any more.
pub(super) fn retired_fits(facts: &Facts<'_>, n: u64, step: &Name, set_id: &Hex) -> Result<(), String> {
    let Some(Action::Reshare { set, from, .. }) = facts.plan.step(step).map(|step| &step.action) else {
        return Err(format!("step {step} retires no shares"));
    };
    let Some(before) = facts.before else { return Ok(()) };
    let epochs =
        before.share_sets.iter().filter(|entry| entry.split.set_id == *set_id && entry.split.set == *set);
    if !epochs.into_iter().any(|entry| from.contains(&entry.split.epoch)) {
        return Err(format!("{set_id} is said to be retired, and step {step} does not replace it"));
    }
    let moved = |token: &Name| {
        facts.records().filter(|record| record.n < n).any(|record| {
            matches!(&record.event, Event::TokenMoved { token: of, set_id: onto, .. } if of == token && onto != set_id)
        })
    };
    match before.opened_by_set(set_id).find(|token| !moved(&token.name)) {
        None => Ok(()),
        Some(token) => Err(format!("{set_id} is said to be retired, and it opens {}", token.name)),
    }
}
