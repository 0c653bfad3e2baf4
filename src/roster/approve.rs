use super::change::people_are_told;
use super::policy::{is_binding, unwaived};
use super::problem::{Differs, Mismatch, StatementProblem, same};
use super::public_key::key_problems;
use super::quorum::{enough_officers, nobody_twice};
use super::refused::Refused;
use super::signature::check_signature;
use crate::format::{
    Action, Approval, Binding, Digest, Instant, Mode, Name, Plan, Role, Roster, SharesAfterBreak, Statement,
    TokenAddress, Waiver,
};

/// What a run knows by itself, whatever the plan and the approvals say.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Whether it counts.
    pub mode: Mode,
    /// The people, as the authority's records have them; for a genesis the roster it begins with.
    pub roster: &'a Roster,
    /// The roster that the plan brings in, where it changes the people.
    pub incoming: Option<&'a Roster>,
    /// `plan.json`.
    pub plan_bytes: &'a [u8],
    /// This machine.
    pub binding: &'a Binding,
    /// The place that is free in the authority: 1 for the genesis.
    pub ordinal: u64,
    /// Head of the record before, [`Digest::ZERO`] for the genesis.
    pub previous_head: Digest,
}

/// A plan that enough officers approved for exactly this run.
#[derive(Debug)]
pub struct Approved {
    plan: Plan,
    plan_sha256: Digest,
    roster: Roster,
    incoming: Option<Roster>,
    signers: Vec<Name>,
}

/// Bytes that people decided the root key shall sign in that step. Whoever signs consumes it.
#[derive(Debug)]
pub struct ApprovedTbs {
    step: Name,
    bytes: Vec<u8>,
    sha256: Digest,
}

/// Checks a plan and the approvals of it, each a statement and its signature, against what the run knows itself.
///
/// The plan is for this authority, place and time; each approval is for exactly that plan on this machine and
/// signed by an officer, nobody twice; there are as many as the roster asks for. A genesis takes everybody on the
/// roster, in any of their roles, officers as officers: nothing else vouches for the first roster's keys. Where the
/// plan brings a new roster in, everybody whose key is new on it approves too, with that key, beside the officers. Where the
/// roster breaks a rule of production, the plan has a waiver of that rule, which its officers approve with it.
///
/// # Errors
/// [`Refused`], the first that holds. One approval that does not count refuses all: it is there for a reason that
/// somebody has to look into.
pub fn approve(
    context: &Context<'_>,
    approvals: &[(Vec<u8>, Vec<u8>)],
    now: Instant,
) -> Result<Approved, Refused> {
    let plan = plan_for_this_run(context, now)?;
    let plan_sha256 = Digest::of(context.plan_bytes);
    let signers = (1..)
        .zip(approvals)
        .map(|(number, (statement, signature))| {
            check_approval(context, &plan, plan_sha256, statement, signature)
                .map_err(|problem| Refused::Statement { number, problem })
        })
        .collect::<Result<Vec<_>, _>>()?;
    nobody_twice(signers.iter())?;
    enough(context, &plan, &signers)?;
    if !plan.window.contains(now) {
        let window = plan.window;
        return Err(Refused::OutsideWindow { window, now });
    }
    let incoming = context.incoming.cloned();
    Ok(Approved { plan, plan_sha256, roster: context.roster.clone(), incoming, signers })
}

impl Approved {
    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// SHA-256 of `plan.json`.
    pub fn plan_sha256(&self) -> Digest {
        self.plan_sha256
    }

    /// The people.
    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    /// The people from the next ceremony on, where the plan changes them.
    pub fn incoming(&self) -> Option<&Roster> {
        self.incoming.as_ref()
    }

    /// Who approved, in the order of the approvals.
    pub fn signers(&self) -> &[Name] {
        &self.signers
    }

    /// Lets `bytes` through where the plan fixed exactly them for that step.
    ///
    /// # Errors
    /// [`Refused::NoSuchSignature`], [`Refused::TbsNotFixed`] or [`Refused::TbsDiffers`].
    pub fn tbs(&self, step: &Name, bytes: &[u8]) -> Result<ApprovedTbs, Refused> {
        let fixed = self.fixed_tbs(step)?;
        let expected = fixed.ok_or_else(|| Refused::TbsNotFixed { step: step.clone() })?;
        ApprovedTbs::of(step, bytes, expected)
    }

    /// The digest that the plan has for that step, `None` where it has to be authorised.
    pub(super) fn fixed_tbs(&self, step: &Name) -> Result<Option<Digest>, Refused> {
        self.plan
            .step(step)
            .and_then(|planned| planned.action.tbs_sha256())
            .ok_or_else(|| Refused::NoSuchSignature { step: step.clone() })
    }
}

impl ApprovedTbs {
    pub(super) fn of(step: &Name, bytes: &[u8], expected: Digest) -> Result<Self, Refused> {
        let found = Digest::of(bytes);
        if found != expected {
            let (step, sha256) = (step.clone(), Differs { expected, found });
            return Err(Refused::TbsDiffers { step, sha256 });
        }
        Ok(Self { step: step.clone(), bytes: bytes.to_vec(), sha256: found })
    }

    /// Of which step.
    pub fn step(&self) -> &Name {
        &self.step
    }

    /// DER TBSCertificate or TBSCertList.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// SHA-256 of the bytes.
    pub fn sha256(&self) -> Digest {
        self.sha256
    }

    /// Step and bytes, for the one who signs.
    pub fn into_parts(self) -> (Name, Vec<u8>) {
        (self.step, self.bytes)
    }
}

fn plan_for_this_run(context: &Context<'_>, now: Instant) -> Result<Plan, Refused> {
    let Context { roster, binding, ordinal, previous_head, .. } = *context;
    let plan = Plan::parse_in(context.plan_bytes, context.mode)?;
    let mismatch = |result: Result<(), Mismatch>| result.map_err(Refused::PlanMismatch);
    mismatch(same(roster.sha256, plan.roster_sha256, Mismatch::Roster))?;
    mismatch(same(roster.authority.clone(), plan.authority.clone(), Mismatch::Authority))?;
    mismatch(same(roster.environment, plan.environment, Mismatch::Environment))?;
    mismatch(same(ordinal, plan.ordinal, Mismatch::Ordinal))?;
    mismatch(same(previous_head, plan.previous_head, Mismatch::PreviousHead))?;
    let brought_in = context.incoming.map(|incoming| incoming.sha256);
    let planned = plan.incoming_roster().map(|file| file.sha256);
    if brought_in != planned {
        return Err(Refused::IncomingRoster { planned, found: brought_in });
    }
    if !people_are_told(&plan, roster, context.incoming) {
        return Err(Refused::PeopleMistold);
    }
    if let Some(token) = plan.tokens.iter().find(|token| binding.token(token).is_none()) {
        let token = token.clone();
        return Err(Refused::TokenNotBound { token });
    }
    if let Some(problem) = key_problems(roster).into_iter().next() {
        return Err(problem.into());
    }
    if let Some(waiver) = plan.waivers.iter().find(|waiver| waiver.until <= plan.window.to) {
        let Waiver { rule, until, .. } = *waiver;
        return Err(Refused::WaiverTooShort { rule, until, window: plan.window });
    }
    let open = |action: &Action| matches!(action, Action::Break { shares: SharesAfterBreak::Kept, .. });
    if is_binding(plan.environment)
        && let Some(step) = plan.steps.iter().find(|step| open(&step.action))
    {
        return Err(Refused::OpenBreak { step: step.id.clone() });
    }
    if let Some(finding) = unwaived(roster, &plan, now).into_iter().next() {
        return Err(finding.into());
    }
    Ok(plan)
}

/// Everybody for a genesis, deputies too, which includes enough officers: no roster asks for more than it has. Later on
/// only officers came this far, and an officer and their deputy count once.
fn enough(context: &Context<'_>, plan: &Plan, signers: &[Name]) -> Result<(), Refused> {
    let Roster { people, thresholds, .. } = context.roster;
    let new_keys = plan.new_key_holders();
    if let Some(name) = new_keys.iter().find(|name| !signers.contains(name)) {
        return Err(Refused::NewKeyNotProven { name: name.clone() });
    }
    let signers: Vec<&Name> = signers.iter().filter(|name| !new_keys.contains(name)).collect();
    if context.ordinal == 1 {
        return match people.iter().find(|person| !signers.contains(&&person.name)) {
            Some(person) => Err(Refused::NotEverybody { name: person.name.clone() }),
            None => Ok(()),
        };
    }
    enough_officers(context.roster, usize::from(thresholds.approve), signers.into_iter(), &[])
}

/// The name of the officer, or at a genesis of the other person, whose approval this is.
fn check_approval(
    context: &Context<'_>,
    plan: &Plan,
    plan_sha256: Digest,
    statement: &[u8],
    signature: &[u8],
) -> Result<Name, StatementProblem> {
    // Whose key is new proves it with that key, and counts for nothing else.
    let named = Statement::parse(statement).map(|statement| statement.signer().name.clone());
    let new = named.is_ok_and(|name| plan.new_key_holders().contains(&name));
    let roster = context.incoming.filter(|_| new).unwrap_or(context.roster);
    let signed = check_signature(roster, statement, signature)?;
    let Statement::Approval(approval) = &signed.statement else {
        return Err(StatementProblem::Kind {
            name: signed.person.name.clone(),
            expected: "approval".to_owned(),
            found: signed.statement.kind_name(),
        });
    };
    approves(approval, plan, plan_sha256, context.binding)
        .map_err(|mismatch| StatementProblem::mismatch(&signed.statement, mismatch))?;
    let role = approval.signer.role;
    // Only at a genesis do others sign, and nobody evades the officers' count by signing in another role.
    let counts =
        role == Role::Officer || (new || plan.ordinal == 1) && !signed.person.roles.contains(&Role::Officer);
    let name = signed.person.name.clone();
    if !counts {
        return Err(StatementProblem::RoleDoesNotCount { name, role });
    }
    Ok(name)
}

/// Every line of an approval but its signer's, against the plan and the binding that are here.
fn approves(
    approval: &Approval,
    plan: &Plan,
    plan_sha256: Digest,
    binding: &Binding,
) -> Result<(), Mismatch> {
    let Approval {
        plan_sha256: approved_plan,
        authority,
        environment,
        mode,
        ordinal,
        previous_head,
        roster_sha256,
        binding_sha256,
        tokens,
        window,
        signer: _,
    } = approval;
    let bound: Vec<(Name, TokenAddress)> =
        binding.tokens.iter().map(|token| (token.name.clone(), token.address.clone())).collect();
    same(plan_sha256, *approved_plan, Mismatch::Plan)?;
    same(plan.authority.clone(), authority.clone(), Mismatch::Authority)?;
    same(plan.environment, *environment, Mismatch::Environment)?;
    same(plan.mode, *mode, Mismatch::Mode)?;
    same(plan.ordinal, *ordinal, Mismatch::Ordinal)?;
    same(plan.previous_head, *previous_head, Mismatch::PreviousHead)?;
    same(plan.roster_sha256, *roster_sha256, Mismatch::Roster)?;
    same(binding.sha256, *binding_sha256, Mismatch::Binding)?;
    same(bound, tokens.clone(), Mismatch::Tokens)?;
    same(plan.window, *window, Mismatch::Window)
}
