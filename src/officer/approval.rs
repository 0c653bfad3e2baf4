use super::error::ApprovalError;
use crate::format::{Approval, Binding, Digest, Instant, Mode, Name, Plan, Role, Roster, Signer, Statement};
use crate::roster::people_are_told;

/// The approval of a plan by one person, and the plan it is about, after everything that this person's machine can
/// check by itself.
///
/// The person signs as officer; at a genesis, which everybody approves, somebody who is none signs in the first role
/// that the roster gives them. Whose key is new on the roster that the plan brings in signs with that key, in a role
/// that it gives. `time` is this machine's clock.
///
/// # Errors
/// [`ApprovalError`], the first that holds.
pub fn approval(
    mode: Mode,
    plan_bytes: &[u8],
    binding: &Binding,
    roster: &Roster,
    incoming: Option<&Roster>,
    name: &Name,
    time: Instant,
) -> Result<(Plan, Statement), ApprovalError> {
    let plan = Plan::parse_in(plan_bytes, mode)?;
    plan_fits_roster(&plan, roster)?;
    let (ordinal, previous_head) = (plan.ordinal, plan.previous_head);
    if ordinal == 0 || (ordinal == 1) != (previous_head == Digest::ZERO) {
        return Err(ApprovalError::Place { ordinal, previous_head });
    }
    if let Some(token) = plan.tokens.iter().find(|token| binding.token(token).is_none()) {
        let token = token.clone();
        return Err(ApprovalError::TokenNotBound { token });
    }
    let brought_in = incoming.map(|incoming| incoming.sha256);
    if brought_in != plan.incoming_roster().map(|file| file.sha256) {
        return Err(ApprovalError::IncomingRoster);
    }
    if !people_are_told(&plan, roster, incoming) {
        return Err(ApprovalError::PeopleMistold);
    }
    let new_key = plan.new_key_holders().contains(name);
    let Some(person) = incoming.filter(|_| new_key).unwrap_or(roster).person(name) else {
        return Err(ApprovalError::NotOnRoster { name: name.clone() });
    };
    let role = match person.roles.first() {
        _ if person.roles.contains(&Role::Officer) => Role::Officer,
        Some(role) if ordinal == 1 || new_key => *role,
        _ => return Err(ApprovalError::NotAnOfficer { name: name.clone() }),
    };
    let tokens = binding.tokens.iter();
    let statement = Statement::Approval(Approval {
        plan_sha256: Digest::of(plan_bytes),
        authority: plan.authority.clone(),
        environment: plan.environment,
        mode: plan.mode,
        ordinal,
        previous_head,
        roster_sha256: roster.sha256,
        binding_sha256: binding.sha256,
        tokens: tokens.map(|token| (token.name.clone(), token.address.clone())).collect(),
        window: plan.window,
        signer: Signer {
            name: name.clone(),
            role,
            spki_sha256: Digest::of(&person.public_key.0),
            algorithm: person.algorithm,
            time,
        },
    });
    Ok((plan, statement))
}

fn plan_fits_roster(plan: &Plan, roster: &Roster) -> Result<(), ApprovalError> {
    if plan.roster_sha256 != roster.sha256 {
        return Err(ApprovalError::Roster { plan: plan.roster_sha256, roster: roster.sha256 });
    }
    if plan.authority != roster.authority {
        return Err(ApprovalError::Authority {
            plan: plan.authority.clone(),
            roster: roster.authority.clone(),
        });
    }
    if plan.environment != roster.environment {
        return Err(ApprovalError::Environment { plan: plan.environment, roster: roster.environment });
    }
    Ok(())
}
