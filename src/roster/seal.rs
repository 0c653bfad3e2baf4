use std::collections::{BTreeMap, BTreeSet};

use super::approve::{Approved, ApprovedTbs};
use super::problem::{Differs, Mismatch, StatementProblem, same};
use super::quorum::{enough_officers, nobody_twice};
use super::refused::Refused;
use super::signature::{Signed, check_signature};
use crate::format::{
    Covered, Digest, FrozenTbs, Instant, KeyDecision, Mode, Name, Opened, Outcome, Person, Role, Roster,
    Seal, SealKind, Signer, Statement, TbsLine,
};

/// A seal with every line filled in but its signer's.
///
/// The run writes its signers' statements from it and checks what comes back against it; the auditor makes one from
/// the log. Only statements that say exactly this count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealTemplate {
    kind: SealKind,
    ceremony: Digest,
    mode: Mode,
    outcome: Outcome,
    covered: Covered,
    plan_sha256: Digest,
    roster_sha256: Digest,
    tbs: Vec<FrozenTbs>,
    keys: Vec<KeyDecision>,
}

/// TBS that enough officers authorised, each for one signature.
#[derive(Debug)]
pub struct Authorised {
    left: BTreeMap<Name, Digest>,
    signers: Vec<Name>,
}

impl SealTemplate {
    /// Lets the root key sign exactly these TBS; `covered` ends with the record that freezes them.
    pub fn authorise(opened: &Opened, covered: Covered, tbs: Vec<FrozenTbs>) -> Self {
        let template = Self::of(opened, SealKind::Authorise, Outcome::InProgress, covered);
        Self { tbs, ..template }
    }

    /// Lets an interrupted ceremony go on; `keys` is what becomes of keys that were left in doubt.
    pub fn resume(opened: &Opened, covered: Covered, keys: Vec<KeyDecision>) -> Self {
        let template = Self::of(opened, SealKind::Resume, Outcome::InProgress, covered);
        Self { keys, ..template }
    }

    /// Ends a complete ceremony; `covered` is the whole log.
    pub fn close(opened: &Opened, covered: Covered) -> Self {
        Self::of(opened, SealKind::Close, Outcome::Complete, covered)
    }

    /// Ends a ceremony early; `covered` is the whole log.
    pub fn abort(opened: &Opened, covered: Covered) -> Self {
        Self::of(opened, SealKind::Abort, Outcome::Aborted, covered)
    }

    fn of(opened: &Opened, kind: SealKind, outcome: Outcome, covered: Covered) -> Self {
        Self {
            kind,
            ceremony: opened.ceremony_id(),
            mode: opened.mode,
            outcome,
            covered,
            plan_sha256: opened.plan_sha256,
            roster_sha256: opened.roster_sha256,
            tbs: Vec::new(),
            keys: Vec::new(),
        }
    }

    /// What the seal does.
    pub fn kind(&self) -> SealKind {
        self.kind
    }

    /// Whose signatures count, and in which role each signs: officers, and on a close the witnesses too.
    ///
    /// Who is both signs a close as witness: nobody counts as both.
    pub fn signers<'r>(&self, roster: &'r Roster) -> Vec<(&'r Person, Role)> {
        let role = |person: &Person| {
            [Role::Witness, Role::Officer]
                .into_iter()
                .find(|role| person.roles.contains(role) && self.counts(*role))
        };
        let people = roster.people.iter();
        people.filter_map(|person| Some((person, role(person)?))).collect()
    }

    /// The statement that this person signs in that role; `time` is in it, so it is made once.
    pub fn for_signer(&self, person: &Person, role: Role, time: Instant) -> Statement {
        Statement::Seal(Seal {
            kind: self.kind,
            ceremony: self.ceremony,
            mode: self.mode,
            outcome: self.outcome,
            covered: self.covered,
            plan_sha256: self.plan_sha256,
            roster_sha256: self.roster_sha256,
            tbs: self.tbs.iter().map(tbs_line).collect(),
            keys: self.keys.clone(),
            signer: Signer {
                name: person.name.clone(),
                role,
                spki_sha256: Digest::of(&person.public_key.0),
                algorithm: person.algorithm,
                time,
            },
        })
    }

    fn counts(&self, role: Role) -> bool {
        match role {
            Role::Officer => true,
            Role::Witness => self.kind == SealKind::Close,
            Role::Administrator | Role::Operator | Role::Auditor => false,
        }
    }

    fn says_this(&self, seal: &Seal) -> Result<(), Mismatch> {
        let Seal { kind, ceremony, mode, outcome, covered, plan_sha256, roster_sha256, tbs, keys, signer: _ } =
            seal;
        same(self.kind, *kind, Mismatch::Kind)?;
        same(self.ceremony, *ceremony, Mismatch::Ceremony)?;
        same(self.mode, *mode, Mismatch::Mode)?;
        same(self.outcome, *outcome, Mismatch::Outcome)?;
        same(self.covered, *covered, |differs| Mismatch::Covered(Box::new(differs)))?;
        same(self.plan_sha256, *plan_sha256, Mismatch::Plan)?;
        same(self.roster_sha256, *roster_sha256, Mismatch::Roster)?;
        same(self.tbs.len(), tbs.len(), Mismatch::TbsCount)?;
        for (number, (frozen, line)) in (1..).zip(self.tbs.iter().zip(tbs)) {
            if tbs_line(frozen) != *line {
                return Err(Mismatch::Tbs { number });
            }
        }
        if self.keys != *keys {
            return Err(Mismatch::Keys);
        }
        Ok(())
    }
}

/// Checks one seal: its signature, that it says what the template says, and that its signer's role counts on it.
///
/// # Errors
/// [`StatementProblem`], the first that holds.
pub fn check_seal<'r>(
    roster: &'r Roster,
    template: &SealTemplate,
    statement: &[u8],
    signature: &[u8],
) -> Result<Signed<'r>, StatementProblem> {
    let signed = check_signature(roster, statement, signature)?;
    let Statement::Seal(seal) = &signed.statement else {
        return Err(StatementProblem::Kind {
            name: signed.person.name.clone(),
            expected: template.kind.to_string(),
            found: signed.statement.kind_name(),
        });
    };
    template
        .says_this(seal)
        .and_then(|()| same(roster.sha256, seal.roster_sha256, Mismatch::Roster))
        .map_err(|mismatch| StatementProblem::mismatch(&signed.statement, mismatch))?;
    if !template.counts(seal.signer.role) {
        let (name, role) = (signed.person.name.clone(), seal.signer.role);
        return Err(StatementProblem::RoleDoesNotCount { name, role });
    }
    Ok(signed)
}

/// Checks that the seals, each a statement and its signature, are enough: `approve` officers to authorise or resume,
/// `close` officers and a witness to close, one officer to abort; nobody twice, and an officer and their deputy once.
///
/// # Errors
/// [`Refused`], the first that holds; one seal that does not count refuses all.
pub fn seal_quorum<'r>(
    roster: &'r Roster,
    template: &SealTemplate,
    seals: &[(Vec<u8>, Vec<u8>)],
) -> Result<Vec<Signed<'r>>, Refused> {
    let signed = (1..)
        .zip(seals)
        .map(|(number, (statement, signature))| {
            check_seal(roster, template, statement, signature)
                .map_err(|problem| Refused::Statement { number, problem })
        })
        .collect::<Result<Vec<_>, _>>()?;
    nobody_twice(signed.iter().map(|one| &one.person.name))?;
    let (officers, witnesses) = match template.kind {
        SealKind::Authorise | SealKind::Resume => (roster.thresholds.approve, 0),
        SealKind::Close => (roster.thresholds.close, 1),
        SealKind::Abort => (1, 0),
    };
    let in_role = |role| {
        let signed = signed.iter().filter(move |one| one.statement.signer().role == role);
        signed.map(|one| &one.person.name)
    };
    let there: Vec<_> = in_role(Role::Witness).collect();
    enough_officers(roster, usize::from(officers), in_role(Role::Officer), &there)?;
    if there.len() < witnesses {
        let (role, needed, found) = (Role::Witness, witnesses, there.len());
        return Err(Refused::TooFew { role, needed, found });
    }
    Ok(signed)
}

/// Checks that enough officers authorised the template's TBS, and that these are every TBS that the plan left open,
/// each once, and where the plan fixed one, that one.
///
/// # Errors
/// [`Refused`], the first that holds.
pub fn authorise(
    approved: &Approved,
    template: &SealTemplate,
    seals: &[(Vec<u8>, Vec<u8>)],
) -> Result<Authorised, Refused> {
    if template.tbs.is_empty() {
        return Err(Refused::NothingToAuthorise);
    }
    same(approved.plan_sha256(), template.plan_sha256, Mismatch::Plan).map_err(Refused::PlanMismatch)?;
    let mut left = BTreeMap::new();
    for FrozenTbs { step, file, .. } in &template.tbs {
        let step = step.clone();
        if let Some(expected) = approved.fixed_tbs(&step)?
            && expected != file.sha256
        {
            let found = file.sha256;
            let sha256 = Differs { expected, found };
            return Err(Refused::TbsDiffers { step, sha256 });
        }
        if left.insert(step.clone(), file.sha256).is_some() {
            return Err(Refused::TbsTwice { step });
        }
    }
    let open = approved.plan().steps.iter().filter(|step| step.action.tbs_sha256() == Some(None));
    let listed: BTreeSet<&Name> = left.keys().collect();
    if let Some(missing) = open.map(|step| &step.id).find(|id| !listed.contains(id)) {
        let step = missing.clone();
        return Err(Refused::TbsMissing { step });
    }
    let signed = seal_quorum(approved.roster(), template, seals)?;
    let signers = signed.iter().map(|one| one.person.name.clone()).collect();
    Ok(Authorised { left, signers })
}

impl Authorised {
    /// Who authorised, in the order of the seals.
    pub fn signers(&self) -> &[Name] {
        &self.signers
    }

    /// Lets `bytes` through where the officers authorised exactly them for that step, once.
    ///
    /// # Errors
    /// [`Refused::NotAuthorised`] or [`Refused::TbsDiffers`]; after the latter the step is still open.
    pub fn tbs(&mut self, step: &Name, bytes: &[u8]) -> Result<ApprovedTbs, Refused> {
        let expected = *self.left.get(step).ok_or_else(|| Refused::NotAuthorised { step: step.clone() })?;
        let tbs = ApprovedTbs::of(step, bytes, expected)?;
        self.left.remove(step);
        Ok(tbs)
    }
}

fn tbs_line(frozen: &FrozenTbs) -> TbsLine {
    TbsLine { kind: frozen.kind, sha256: frozen.file.sha256, summary: frozen.summary.clone() }
}
