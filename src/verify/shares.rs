use std::collections::BTreeSet;

use super::examination::Examination;
use super::facts::Facts;
use super::reshare::{moved_fits, quorums_of_reshare, retired_fits};
use super::verdict::{Check, CheckId};
use crate::format::{
    Action, Call, Event, Hex, Instant, LoginPath, Name, OperationIntent, PinPolicy, Rule, ShareSetName,
    Shares, SharesSplit,
};
use crate::ledger::OpenedBy;

/// Each split is the plan's and the roster's, every holder entered their share again, and all that before a token
/// depended on it; whatever opened a token, a quorum met for it.
pub(crate) fn shares(facts: &Facts<'_>) -> Check {
    let mut examination = Examination::of(CheckId::Shares);
    let mut seen = Vec::new();
    for record in facts.records() {
        let n = record.n;
        let result = match &record.event {
            Event::SharesSplit(split) => {
                seen.push(format!("{} {} of {}", split.set, split.threshold, split.shares.len()));
                split_is_planned(facts, split, n)
            }
            Event::PinPolicy(policy) => policy_fits(facts, policy, n, record.t),
            Event::ShareVerified { step, set_id, index, holder } => {
                verified_fits(facts, n, step, set_id, *index, holder)
            }
            Event::QuorumMet { step: _, set_id, by } => {
                seen.push(format!("{set_id} opened by {}", by.len()));
                quorum_fits(facts, set_id, by)
            }
            Event::TokenMoved { step, token, set_id } => {
                seen.push(format!("{token} moved to {set_id}"));
                moved_fits(facts, n, step, token, set_id)
            }
            Event::SharesRetired { step, set_id } => {
                seen.push(format!("{set_id} retired"));
                retired_fits(facts, n, step, set_id)
            }
            Event::OperationIntent(intent) => call_follows(facts, intent, n),
            _ => Ok(()),
        };
        if let Err(what) = result {
            examination.fail(facts.record(n), what);
        }
    }
    examination.finish_if(!seen.is_empty(), "no share was used", || seen.join(", "))
}

fn split_is_planned(facts: &Facts<'_>, split: &SharesSplit, n: u64) -> Result<(), String> {
    let planned = facts.plan.step(&split.step).and_then(|step| step.action.deals());
    let Some(Shares::New { set, epoch, threshold, holders }) = planned else {
        return Err(format!("step {} splits no secret", split.step));
    };
    let roster = facts.roster_of(&split.step);
    let found: Vec<_> = split.shares.iter().map(|share| &share.holder).collect();
    let on_roster: Vec<_> = roster.holders(*set).map(|person| &person.name).collect();
    let numbered = split.shares.iter().zip(1u8..).all(|(share, index)| share.index == index);
    let commitments: BTreeSet<_> = split.shares.iter().map(|share| share.commitment).collect();
    let first = split_of(facts, &split.step, n).is_none();
    let rules = [
        ("dealt twice", first),
        ("set, epoch or threshold", (split.set, split.epoch, split.threshold) == (*set, *epoch, *threshold)),
        ("holders", found == holders.iter().collect::<Vec<_>>() && found == on_roster),
        ("numbers", numbered && commitments.len() == found.len()),
        ("set id", split.set_id.0.len() == 4),
        (
            "threshold",
            (2..=found.len()).contains(&usize::from(split.threshold))
                && split.threshold == roster.threshold(*set),
        ),
    ];
    if let Some((what, _)) = rules.into_iter().find(|(_, holds)| !holds) {
        return Err(format!("the shares of {} are not as planned: {what}", split.set));
    }
    let Some(before) = facts.before else { return Ok(()) };
    if Some(split.epoch) == before.next_epoch(*set) {
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

fn policy_fits(facts: &Facts<'_>, policy: &PinPolicy, n: u64, at: Instant) -> Result<(), String> {
    let token = &policy.token;
    let action = facts.plan.step(&policy.step).map(|step| &step.action);
    let planned = action.is_some_and(|action| action.sets_pins_of().contains(token));
    let shares = action.and_then(shares_of);
    let dealt_here = action.is_some_and(|action| action.deals().is_some());
    let split = match shares {
        Some(shares) => split_named(facts, shares, n)?,
        None => return Err(format!("a PIN policy in step {}, which sets no PIN", policy.step)),
    };
    if dealt_here {
        every_holder_verified(facts, &policy.step, n)?;
    }
    let earlier = facts
        .before
        .and_then(|before| before.token(token))
        .and_then(|token| token.policies().first().map(|policy| (*policy).clone()));
    let frozen = |earlier: PinPolicy| {
        let renewed = PinPolicy {
            step: policy.step.clone(),
            set_id: policy.set_id.clone(),
            epoch: policy.epoch,
            ..earlier
        };
        renewed == *policy
    };
    let rules = [
        ("token", planned && policy_of(facts, &policy.step, token, n).is_none()),
        (
            "split",
            split.is_none_or(|split| policy.set_id == split.set_id && policy.epoch == split.epoch)
                && shares.is_some_and(|shares| shares.set_and_epoch().1 == policy.epoch),
        ),
        (
            "another encoding than before",
            !matches!(action, Some(Action::Reshare { .. })) || earlier.is_none_or(frozen),
        ),
        ("token id", policy.token_id.0.len() == 16),
        ("length", (1..=policy.alphabet.most_symbols()).contains(&policy.length)),
        ("entropy", entropy_is_right(policy)),
    ];
    match rules.into_iter().find(|(_, holds)| !holds) {
        None => match policy.weakness(facts.locks_out(token)) {
            Some(weakness) if facts.plan.waiver(Rule::PinStrength, at).is_none() => {
                Err(format!("the PIN policy of {token} is weak: {weakness}"))
            }
            Some(_) | None => Ok(()),
        },
        Some((what, _)) => Err(format!("the PIN policy of {token} is wrong: {what}")),
    }
}

/// `entropy_bits` is log2 of the number of PINs, rounded down.
fn entropy_is_right(policy: &PinPolicy) -> bool {
    let Ok(symbols) = u32::try_from(policy.alphabet.symbols().len()) else {
        return false;
    };
    let bits = f64::from(policy.length) * f64::from(symbols).log2();
    let stated = f64::from(policy.entropy_bits);
    stated <= bits && bits < stated + 1.0
}

/// Enough distinct holders of that split.
fn quorum_fits(facts: &Facts<'_>, set_id: &Hex, by: &[Name]) -> Result<(), String> {
    let here = facts.records().find_map(|record| match &record.event {
        Event::SharesSplit(split) if split.set_id == *set_id => Some(split),
        _ => None,
    });
    let earlier = facts.before.and_then(|before| {
        before.share_sets.iter().find(|set| set.split.set_id == *set_id).map(|set| &set.split)
    });
    let (threshold, holders): (u8, Vec<&Name>) = match here.or(earlier) {
        Some(split) => (split.threshold, split.shares.iter().map(|share| &share.holder).collect()),
        None if facts.before.is_some() => {
            return Err(format!("a quorum for the split {set_id}, which the ledger does not know"));
        }
        None => {
            let set = ShareSetName::Operate;
            (facts.roster.threshold(set), facts.roster.holders(set).map(|person| &person.name).collect())
        }
    };
    let distinct: BTreeSet<&Name> = by.iter().filter(|name| holders.contains(name)).collect();
    if distinct.len() != by.len() {
        Err(format!("somebody entered a share of {set_id} twice, or holds none"))
    } else if by.len() < usize::from(threshold) {
        Err(format!("{} shares of {set_id} were entered, {threshold} are needed", by.len()))
    } else {
        Ok(())
    }
}

/// What a call that sets, replaces or uses a PIN needs before it.
fn call_follows(facts: &Facts<'_>, intent: &OperationIntent, n: u64) -> Result<(), String> {
    let OperationIntent { step, token, call, .. } = intent;
    match call {
        Call::InitToken { .. } | Call::InitPin {} | Call::SetPin { .. } => {
            if policy_of(facts, step, token, n).is_none() {
                return Err(format!("a PIN of {token} is set before its policy is in the record"));
            }
            match facts.plan.step(step).map(|step| &step.action) {
                Some(Action::Reshare { from, to, .. }) => quorums_of_reshare(facts, step, from, to, n),
                _ => Ok(()),
            }
        }
        Call::Login { path: LoginPath::Device, .. } => {
            let adopted = facts.plan.steps.iter().any(|step| {
                matches!(&step.action, Action::Provision { token: of, shares: None, .. } if of == token)
            });
            let known = facts.before.and_then(|before| before.token(token));
            let by_device = known.is_some_and(|known| matches!(known.opened_by, OpenedBy::Device));
            if adopted || by_device || facts.before.is_none() {
                Ok(())
            } else {
                Err(format!("a login on {token} without a PIN, and the token does not hold its own quorum"))
            }
        }
        Call::Login { path: LoginPath::Pin, .. } => login_follows(facts, token, n),
        Call::GenerateKeyPair { .. } | Call::DestroyObject { .. } | Call::Sign { .. } => Ok(()),
    }
}

/// A login needs a PIN: a quorum rebuilt the secret it follows from, or the secret was dealt a moment before, and no
/// break or interruption came between.
fn login_follows(facts: &Facts<'_>, token: &Name, n: u64) -> Result<(), String> {
    let since = facts.logged_out_at(n);
    let before = || facts.records().filter(|record| record.n < n);
    let here = before().rev().find_map(|record| match &record.event {
        Event::PinPolicy(policy) if policy.token == *token => Some(&policy.set_id),
        _ => None,
    });
    let earlier = facts.before.and_then(|ledger| ledger.token(token));
    let known: Vec<&Hex> = match (here, earlier) {
        (Some(set_id), _) => vec![set_id],
        (None, Some(token)) => token.policies().into_iter().map(|policy| &policy.set_id).collect(),
        (None, None) => Vec::new(),
    };
    let at_hand = before().filter(|record| record.n >= since).any(|record| match &record.event {
        Event::QuorumMet { set_id, .. } => {
            known.contains(&set_id) || facts.before.is_none() && here.is_none()
        }
        Event::SharesSplit(split) => known.contains(&&split.set_id),
        _ => false,
    });
    if at_hand { Ok(()) } else { Err(format!("a login on {token} without a quorum")) }
}

fn every_holder_verified(facts: &Facts<'_>, step: &Name, n: u64) -> Result<(), String> {
    let split = split_of(facts, step, n)
        .ok_or_else(|| format!("PINs follow from a secret in step {step} before it was split"))?;
    let verified = facts
        .records()
        .filter(|record| record.n < n)
        .filter(
            |record| matches!(&record.event, Event::ShareVerified { set_id, .. } if *set_id == split.set_id),
        )
        .count();
    if verified == split.shares.len() {
        Ok(())
    } else {
        let all = split.shares.len();
        Err(format!("PINs follow from a secret after {verified} of {all} holders entered their share again"))
    }
}

/// The shares that open a token after a step.
fn shares_of(action: &Action) -> Option<&Shares> {
    match action {
        Action::Provision { shares, .. } => shares.as_ref(),
        Action::Reshare { to, .. } => Some(to),
        _ => None,
    }
}

/// The split of that set and epoch, of this ceremony before record `n` or of an earlier one; `None` when a bundle is
/// judged by itself and an earlier ceremony made it.
pub(super) fn split_named<'a>(
    facts: &Facts<'a>,
    shares: &Shares,
    n: u64,
) -> Result<Option<&'a SharesSplit>, String> {
    let (set, epoch) = shares.set_and_epoch();
    let here = facts.records().filter(|record| record.n < n).find_map(|record| match &record.event {
        Event::SharesSplit(split) if (split.set, split.epoch) == (set, epoch) => Some(split),
        _ => None,
    });
    let earlier =
        || facts.before.and_then(|before| before.share_set_of(set, epoch)).map(|entry| &entry.split);
    match here.or_else(earlier) {
        None if facts.before.is_some() || matches!(shares, Shares::New { .. }) => {
            Err(format!("the shares of {set}, epoch {epoch}, are used and were not dealt"))
        }
        found => Ok(found),
    }
}

/// The split that a step made before record `n`.
fn split_of<'a>(facts: &Facts<'a>, step: &Name, n: u64) -> Option<&'a SharesSplit> {
    facts.records().filter(|record| record.n < n).find_map(|record| match &record.event {
        Event::SharesSplit(split) if split.step == *step => Some(split),
        _ => None,
    })
}

/// The PIN policy that a step made for a token before record `n`.
pub(super) fn policy_of<'a>(facts: &Facts<'a>, step: &Name, token: &Name, n: u64) -> Option<&'a PinPolicy> {
    facts.records().filter(|record| record.n < n).find_map(|record| match &record.event {
        Event::PinPolicy(policy) if policy.step == *step && policy.token == *token => Some(policy),
        _ => None,
    })
}
