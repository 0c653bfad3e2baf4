use std::collections::BTreeMap;
use std::path::Path;

use super::Stop;
use super::drill;
use super::operator::{Notice, Operator};
use crate::format::{
    Action, Binding, Digest, Environment, Hex, HostState, Name, Opened, OperatorKind, PinOwner, Plan,
    Presence, Present, ProvisionMode, Rehearsed, Role, Rule, Shares, TokenAddress, TokenBinding,
};
use crate::host;
use crate::ledger::{Ledger, OpenedBy};
use crate::record::{self, AuthorityLock, Bundle, StagedContent, Stamp};
use crate::roster::Approved;
use crate::shares;
use crate::token::{self, DeviceProfile, Module, Token, TokenDescription};

/// Everything a run is given.
pub struct Ceremony<'a> {
    /// The plan, and that it was approved.
    pub approved: Approved,
    /// This machine.
    pub binding: &'a Binding,
    /// The authority directory.
    pub authority: &'a Path,
    /// The rehearsal that the plan asks for.
    pub rehearsal: Option<Rehearsed>,
    /// What the authority's verified records say.
    pub ledger: &'a Ledger,
    /// The files that lie in the bundle from the beginning.
    pub staged: Vec<StagedContent>,
    /// Program and version.
    pub tool: String,
}

/// A ceremony that passed every check that touches nothing, with its record open.
pub(super) struct Ready {
    pub(super) bundle: Bundle,
    pub(super) tokens: BTreeMap<Name, Token>,
    pub(super) module_sha256: Digest,
    pub(super) present: Presence,
}

/// Every check that reads only, then the people, then the record. A refusal before the last line burns nothing.
pub(super) fn prepare(ceremony: &Ceremony<'_>, operator: &mut dyn Operator) -> Result<Ready, Stop> {
    let plan = ceremony.approved.plan();
    let environment = plan.environment;
    refuse_scripted(ceremony, operator)?;
    keep_two_copies(ceremony)?;
    drill::is_rehearsed(ceremony)?;
    let state = keep_secrets_in_memory(environment, operator)?;
    let module = Module::load(&ceremony.binding.module.path, Some(&ceremony.binding.module.sha256))?;
    drill::wrong_token(ceremony, &module, operator)?;
    let mut tokens = BTreeMap::new();
    for name in &plan.tokens {
        let bound = ceremony.binding.token(name).ok_or_else(|| Stop::UnboundToken { token: name.clone() })?;
        tokens.insert(name.clone(), open_token(ceremony, bound, &module)?);
    }
    labels_are_free(plan, &tokens)?;

    let present = people(ceremony, operator)?;
    let mut nonce = vec![0; 32];
    host::fill_random(&mut nonce)?;
    let token_nonce = tokens.values().find_map(|token| token.random(32).ok()).map(Hex);
    let opened = Opened {
        tool: ceremony.tool.clone(),
        authority: plan.authority.clone(),
        environment,
        mode: plan.mode,
        name: plan.name.clone(),
        ordinal: plan.ordinal,
        previous_head: plan.previous_head,
        rehearsal: ceremony.rehearsal.clone().map(Box::new),
        plan_sha256: ceremony.approved.plan_sha256(),
        roster_sha256: plan.roster_sha256,
        script_sha256: plan.script_sha256,
        binding_sha256: ceremony.binding.sha256,
        nonce: Hex(nonce),
        token_nonce,
        operator: operator.kind(),
        place: plan.place.clone(),
        recording: plan.recording.clone(),
        host: state,
        machine: host::machine(),
        present,
        staged: Vec::new(),
    };
    let present = Presence::of(&opened);
    let stamp = Stamp { t: host::now(), mono: host::milliseconds_since_start() };
    let bundle = AuthorityLock::acquire(ceremony.authority)?.open(
        ceremony.binding.mirror.as_deref(),
        &ceremony.staged,
        opened,
        stamp,
    )?;
    Ok(Ready { bundle, tokens, module_sha256: module.sha256(), present })
}

/// Keeps secrets in memory as far as this machine lets it; in production it has to.
pub(super) fn keep_secrets_in_memory(
    environment: Environment,
    operator: &mut dyn Operator,
) -> Result<HostState, Stop> {
    let host = host::harden();
    operator.show(&Notice::Host { state: &host });
    match host.exposure().filter(|_| environment == Environment::Production) {
        Some(exposure) => Err(Stop::Exposed { exposure, environment }),
        None => Ok(host),
    }
}

/// An answers file operates no production ceremony.
pub(super) fn refuse_scripted(ceremony: &Ceremony<'_>, operator: &dyn Operator) -> Result<(), Stop> {
    let environment = ceremony.approved.plan().environment;
    if operator.kind() == OperatorKind::Scripted && environment == Environment::Production {
        return Err(Stop::ScriptedOperator { environment });
    }
    Ok(())
}

/// In production the record lies on two devices from its first byte, unless officers waived it.
fn keep_two_copies(ceremony: &Ceremony<'_>) -> Result<(), Stop> {
    let plan = ceremony.approved.plan();
    let waived = plan.waiver(Rule::NoMirror, host::now()).is_some();
    if plan.environment != Environment::Production || waived {
        return Ok(());
    }
    let environment = plan.environment;
    match &ceremony.binding.mirror {
        None => Err(Stop::NoMirror { environment }),
        Some(mirror) => Ok(record::are_apart(ceremony.authority, mirror)?),
    }
}

/// Opens a token after every check that reads only.
pub(super) fn open_token(
    ceremony: &Ceremony<'_>,
    bound: &TokenBinding,
    module: &Module,
) -> Result<Token, Stop> {
    let (plan, name) = (ceremony.approved.plan(), &bound.name);
    let recorded = ceremony.ledger.token(name);
    if let (Some(entry), TokenAddress::Serial(serial)) = (recorded, &bound.address)
        && entry.serial != *serial
    {
        let (bound, recorded) = (serial.clone(), entry.serial.clone());
        return Err(Stop::OtherToken { token: name.clone(), bound, recorded });
    }
    let token = module.open(&bound.address, &DeviceProfile::named(&bound.profile)?)?;
    let description = token.describe()?;
    if plan.environment == Environment::Production && description.is_software() {
        let (token, environment) = (name.clone(), plan.environment);
        return Err(Stop::SoftwareToken { token, model: description.model, environment });
    }
    drill::is_thrown_away(plan, name, &description)?;
    state_fits(plan, name, &description)?;
    own_quorum_can_be_asked(ceremony, name, &description)?;
    pins_may_be_tried(plan, name, &description)?;
    pins_are_strong(ceremony, name, &description, token.locks_out())?;
    Ok(token)
}

/// The step that takes a token over, where there is one.
fn provisioning<'a>(plan: &'a Plan, name: &Name) -> Option<&'a Action> {
    let mut actions = plan.steps.iter().map(|step| &step.action);
    actions.find(|action| matches!(action, Action::Provision { token, .. } if token == name))
}

/// A token that is to be initialised is blank, unless it is to be wiped; every other has been initialised, and one that
/// keeps its label has the plan's.
fn state_fits(plan: &Plan, name: &Name, found: &TokenDescription) -> Result<(), Stop> {
    let state = |found, needs| Err(Stop::TokenState { token: name.clone(), found, needs });
    let taken_over = match provisioning(plan, name) {
        Some(Action::Provision { mode, wipe, label, .. }) => Some((*mode, *wipe, label)),
        _ => None,
    };
    match (taken_over, found.initialised) {
        (Some((ProvisionMode::Init, false, _)), true) => state("initialised", "takes over a blank one"),
        (Some((ProvisionMode::Init, true, _)), false) => state("blank", "wipes one that is not"),
        (Some((ProvisionMode::SetPin | ProvisionMode::Adopt, ..)), false) => {
            state("blank", "takes over one that its maker's tools initialised")
        }
        (None, false) => state("blank", "uses one that an earlier ceremony provisioned"),
        (Some((ProvisionMode::SetPin | ProvisionMode::Adopt, _, label)), true) if found.label != *label => {
            let (token, found, expected) = (name.clone(), found.label.clone(), label.clone());
            Err(Stop::TokenLabel { token, found, expected })
        }
        _ => Ok(()),
    }
}

/// A token that holds its own quorum has a way to ask it.
fn own_quorum_can_be_asked(
    ceremony: &Ceremony<'_>,
    name: &Name,
    found: &TokenDescription,
) -> Result<(), Stop> {
    let adopted = matches!(
        provisioning(ceremony.approved.plan(), name),
        Some(Action::Provision { mode: ProvisionMode::Adopt, .. })
    );
    let known = ceremony.ledger.token(name).is_some_and(|entry| matches!(entry.opened_by, OpenedBy::Device));
    if (adopted || known) && !found.protected_authentication_path {
        return Err(token::Error::NoProtectedPath.into());
    }
    Ok(())
}

/// No PIN that the plan has a token take is down to its final try, or locked.
fn pins_may_be_tried(plan: &Plan, name: &Name, found: &TokenDescription) -> Result<(), Stop> {
    let (user, security_officer) = match provisioning(plan, name) {
        // C_InitToken takes the security officer's PIN, and the user's is made anew.
        Some(Action::Provision { mode: ProvisionMode::Init, wipe, .. }) => (false, *wipe),
        Some(Action::Provision { mode: ProvisionMode::SetPin, .. }) => (true, true),
        _ => (true, is_reshared(plan, name)),
    };
    for (owner, tried) in [(PinOwner::User, user), (PinOwner::SecurityOfficer, security_officer)] {
        if tried {
            found.may_try(owner)?;
        }
    }
    Ok(())
}

/// The PINs that a token gets are strong enough, or the plan waives it: the longest ones that a new token takes, and for
/// a token whose shares are replaced the ones that it has had.
fn pins_are_strong(
    ceremony: &Ceremony<'_>,
    name: &Name,
    found: &TokenDescription,
    locks_out: bool,
) -> Result<(), Stop> {
    let plan = ceremony.approved.plan();
    let weakness = match provisioning(plan, name) {
        Some(Action::Provision { shares: Some(_), encoding, .. }) => {
            let length = shares::new_pin_length(found.pin_min..=found.pin_max, encoding)?;
            encoding.alphabet.weakness(length, locks_out)
        }
        None if is_reshared(plan, name) => {
            let policies = ceremony.ledger.token(name).map(|entry| entry.policies()).unwrap_or_default();
            policies.first().and_then(|policy| policy.weakness(locks_out))
        }
        _ => None,
    };
    match weakness {
        Some(weakness) if plan.waiver(Rule::PinStrength, host::now()).is_none() => {
            Err(Stop::WeakPin { token: name.clone(), weakness })
        }
        _ => Ok(()),
    }
}

/// Whether the PINs of a token are replaced because its shares are.
fn is_reshared(plan: &Plan, name: &Name) -> bool {
    let mut actions = plan.steps.iter().map(|step| &step.action);
    actions.any(|action| matches!(action, Action::Reshare { tokens, .. } if tokens.contains(name)))
}

/// Public objects with a label are seen without a login, so a slip shows before anything happens.
fn labels_are_free(plan: &Plan, tokens: &BTreeMap<Name, Token>) -> Result<(), Stop> {
    for step in &plan.steps {
        let Action::GenerateKey { token, label, .. } = &step.action else {
            continue;
        };
        let Some(open) = tokens.get(token) else { continue };
        if !open.describe()?.initialised {
            continue;
        }
        let count = open.labelled(label)?;
        if count > 0 {
            return Err(Stop::LabelTaken { token: token.clone(), label: label.clone(), count });
        }
    }
    Ok(())
}

/// Asks everybody on the roster, and whether those who are here are enough for this plan.
pub(super) fn people(ceremony: &Ceremony<'_>, operator: &mut dyn Operator) -> Result<Vec<Present>, Stop> {
    let roster = ceremony.approved.roster();
    let mut present = Vec::new();
    let incoming = ceremony.approved.incoming().into_iter().flat_map(|incoming| &incoming.people);
    let joining = incoming.filter(|person| roster.person(&person.name).is_none());
    for person in roster.people.iter().chain(joining) {
        if let Some(typed) = operator.present(person)? {
            present.push(Present { name: person.name.clone(), roles: person.roles.clone(), typed });
        }
    }
    let here: Vec<Name> = present.iter().map(|present| present.name.clone()).collect();
    let enough = |who, present, needed| {
        if present < needed { Err(Stop::Absent { who, present, needed }) } else { Ok(()) }
    };
    let witnesses = roster.with_role(Role::Witness).filter(|person| here.contains(&person.name)).count();
    enough("witnesses", witnesses, 1)?;
    enough("officers", roster.officers_among(&here), usize::from(roster.thresholds.unlock))?;
    for step in &ceremony.approved.plan().steps {
        if let Some(Shares::New { holders, .. }) = step.action.deals() {
            let there = holders.iter().filter(|holder| here.contains(holder)).count();
            enough("holders of the new shares", there, holders.len())?;
        }
    }
    Ok(present)
}
