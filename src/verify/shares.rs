use std::collections::BTreeSet;

use super::examination::Examination;
use super::facts::Facts;
use super::verdict::{Check, CheckId};
use crate::format::{
    Action, Call, Event, Hex, Instant, Name, PinPolicy, PlannedStep, Rule, ShareSetName, SharesSplit,
};

/// Fewer possible PINs than 2 to this power are within reach of guessing; a waiver lets a token have them.
const LEAST_ENTROPY_BITS: u32 = 128;

/// Each split is the plan's and the roster's, every holder entered their share again, and all that before a token
/// depended on it.
pub(crate) fn shares(facts: &Facts<'_>) -> Check {
    let mut examination = Examination::of(CheckId::Shares);
    let mut seen = Vec::new();
    for record in facts.records() {
        let result = match &record.event {
            Event::SharesSplit(split) => {
                seen.push(format!("{} {} of {}", split.set, split.threshold, split.shares.len()));
                split_is_planned(facts, split)
            }
            Event::PinPolicy(policy) => policy_fits(facts, policy, record.n, record.t),
            Event::ShareVerified { step, set_id, index, holder } => {
                verified_fits(facts, record.n, step, set_id, *index, holder)
            }
            Event::QuorumMet { token, set_id, by } => {
                seen.push(format!("{token} opened by {}", by.len()));
                quorum_fits(facts, token, set_id, by)
            }
            Event::OperationIntent(intent) => match &intent.call {
                Call::InitToken { .. } => every_holder_verified(facts, &intent.step, record.n),
                Call::Login {} => login_follows(facts, &intent.token, record.n),
                _ => Ok(()),
            },
            _ => Ok(()),
        };
        if let Err(what) = result {
            examination.fail(facts.record(record.n), what);
        }
    }
    examination.finish_if(!seen.is_empty(), "no share was used", || seen.join(", "))
}

fn split_is_planned(facts: &Facts<'_>, split: &SharesSplit) -> Result<(), String> {
    let Some(Action::Provision { set, epoch, threshold, holders, .. }) =
        facts.plan.step(&split.step).map(|step| &step.action)
    else {
        return Err(format!("step {} splits no secret", split.step));
    };
    let found: Vec<_> = split.shares.iter().map(|share| &share.holder).collect();
    let on_roster: Vec<_> = facts.roster.holders(*set).map(|person| &person.name).collect();
    let numbered = split.shares.iter().zip(1u8..).all(|(share, index)| share.index == index);
    let commitments: BTreeSet<_> = split.shares.iter().map(|share| share.commitment).collect();
    let rules = [
        ("set, epoch or threshold", (split.set, split.epoch, split.threshold) == (*set, *epoch, *threshold)),
        ("holders", found == holders.iter().collect::<Vec<_>>() && found == on_roster),
        ("numbers", numbered && commitments.len() == found.len()),
        ("set id", split.set_id.0.len() == 4),
        (
            "threshold",
            (2..=found.len()).contains(&usize::from(split.threshold))
                && split.threshold == facts.roster.threshold(*set),
        ),
    ];
    if let Some((what, _)) = rules.into_iter().find(|(_, holds)| !holds) {
        return Err(format!("the shares of {} are not as planned: {what}", split.set));
    }
    let Some(before) = facts.before else { return Ok(()) };
    let expected = before.share_set(*set).map_or(Some(1), |live| live.split.epoch.checked_add(1));
    if Some(split.epoch) == expected {
        Ok(())
    } else {
        Err(format!("the shares of {} are of epoch {}, which does not follow", split.set, split.epoch))
    }
}

fn verified_fits(
    facts: &Facts<'_>,
    n: u64,
    step: &Name,
    set_id: &Hex,
    index: u8,
    holder: &Name,
) -> Result<(), String> {
    let split = split_of(facts, step, n).filter(|split| split.set_id == *set_id);
    let known = split.is_some_and(|split| {
        split.shares.iter().any(|share| share.index == index && share.holder == *holder)
    });
    if !known {
        return Err(format!("{holder} verified share {index} of a split that the step did not make"));
    }
    let before = facts.records().filter(|record| record.n < n).any(|record| {
        matches!(&record.event, Event::ShareVerified { set_id: of, index: other, .. } if of == set_id && *other == index)
    });
    if before {
        return Err(format!("share {index} was verified twice"));
    }
    Ok(())
}

fn every_holder_verified(facts: &Facts<'_>, step: &Name, n: u64) -> Result<(), String> {
    let split = split_of(facts, step, n)
        .ok_or_else(|| format!("a token is initialised in step {step} before its secret was split"))?;
    let verified = facts
        .records()
        .filter(|record| record.n < n)
        .filter(
            |record| matches!(&record.event, Event::ShareVerified { set_id, .. } if *set_id == split.set_id),
        )
        .count();
    let policy = facts
        .records()
        .filter(|record| record.n < n)
        .any(|record| matches!(&record.event, Event::PinPolicy(policy) if policy.step == *step));
    if verified != split.shares.len() {
        let all = split.shares.len();
        Err(format!("a token is initialised after {verified} of {all} holders entered their share again"))
    } else if !policy {
        Err("a token is initialised before its PIN policy is in the record".to_owned())
    } else {
        Ok(())
    }
}

fn policy_fits(facts: &Facts<'_>, policy: &PinPolicy, n: u64, at: Instant) -> Result<(), String> {
    let split = split_of(facts, &policy.step, n).ok_or("a PIN policy before its secret was split")?;
    let token = match facts.plan.step(&policy.step).map(|step| &step.action) {
        Some(Action::Provision { token, .. }) => Some(token),
        _ => None,
    };
    let symbols: BTreeSet<char> = policy.alphabet.chars().collect();
    let distinct =
        symbols.len() == policy.alphabet.len() && policy.alphabet.bytes().all(|c| c.is_ascii_graphic());
    let strong = policy.entropy_bits >= LEAST_ENTROPY_BITS;
    let waived = facts.plan.waiver(Rule::PinStrength, at).is_some();
    let rules = [
        ("token", token == Some(&policy.token)),
        ("split", policy.set_id == split.set_id && policy.epoch == split.epoch),
        ("token id", policy.token_id.0.len() == 16),
        ("alphabet", distinct),
        ("template", policy.template.matches("{pin}").count() == 1),
        ("entropy", entropy_is_right(policy, symbols.len()) && (strong || waived)),
    ];
    match rules.into_iter().find(|(_, holds)| !holds) {
        None => Ok(()),
        Some((what, _)) => Err(format!("the PIN policy of {} is wrong: {what}", policy.token)),
    }
}

/// `entropy_bits` is log2 of the number of PINs, rounded down.
fn entropy_is_right(policy: &PinPolicy, symbols: usize) -> bool {
    let Ok(symbols) = u32::try_from(symbols) else {
        return false;
    };
    let bits = f64::from(policy.length) * f64::from(symbols).log2();
    let stated = f64::from(policy.entropy_bits);
    stated <= bits && bits < stated + 1.0
}

/// Enough distinct holders of the split that opens the token.
fn quorum_fits(facts: &Facts<'_>, token: &Name, set_id: &Hex, by: &[Name]) -> Result<(), String> {
    if !facts.plan.tokens.contains(token) {
        return Err(format!("a quorum for the token {token}, which the plan does not use"));
    }
    let here = facts.records().find_map(|record| match &record.event {
        Event::SharesSplit(split) if split.set_id == *set_id => Some(split),
        _ => None,
    });
    let earlier = facts.before.and_then(|before| {
        let policy = before.pin_policy(token)?;
        let fits = |set: &&crate::ledger::ShareSetEntry| {
            set.split.set_id == *set_id && policy.policy.set_id == *set_id
        };
        before.share_sets.iter().find(fits).map(|set| &set.split)
    });
    let (threshold, holders): (u8, Vec<&Name>) = match here.or(earlier) {
        Some(split) => (split.threshold, split.shares.iter().map(|share| &share.holder).collect()),
        None if facts.before.is_some() => {
            return Err(format!("no split known to the ledger opens the token {token}"));
        }
        None => (
            facts.roster.threshold(ShareSetName::Operate),
            facts.roster.holders(ShareSetName::Operate).map(|person| &person.name).collect(),
        ),
    };
    let distinct: BTreeSet<&Name> = by.iter().filter(|name| holders.contains(name)).collect();
    if distinct.len() != by.len() {
        Err(format!("somebody entered a share for {token} twice, or holds none"))
    } else if by.len() < usize::from(threshold) {
        Err(format!("{} shares were entered for {token}, {threshold} are needed", by.len()))
    } else {
        Ok(())
    }
}

/// A login needs a PIN: a quorum rebuilt it, or this ceremony set it a moment before, and no break came between.
fn login_follows(facts: &Facts<'_>, token: &Name, n: u64) -> Result<(), String> {
    let since = facts.logged_out_at(n);
    let met = facts
        .records()
        .filter(|record| record.n < n && record.n >= since)
        .any(|record| matches!(&record.event, Event::QuorumMet { token: of, .. } if of == token));
    let set = facts.operations.iter().any(|operation| {
        (since..n).contains(&operation.record)
            && operation.intent.token == *token
            && matches!(operation.intent.call, Call::InitPin {})
            && operation.succeeded()
    });
    if met || set { Ok(()) } else { Err(format!("a login on {token} without a quorum")) }
}

/// The split that a step made before record `n`.
fn split_of<'a>(facts: &Facts<'a>, step: &Name, n: u64) -> Option<&'a SharesSplit> {
    let planned: &PlannedStep = facts.plan.step(step)?;
    facts.records().filter(|record| record.n < n).find_map(|record| match &record.event {
        Event::SharesSplit(split) if split.step == planned.id => Some(split),
        _ => None,
    })
}
