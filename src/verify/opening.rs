use super::directory::{BundleFiles, artifact_path};
use super::examination::Examination;
use super::facts::{Facts, place_of};
use super::verdict::{Check, CheckId};
use crate::format::{
    Action, Binding, Digest, Environment, FileName, FileRef, IssuerRef, Log, Name, Opened, OperatorKind,
    Person, Plan, Present, Roster,
};

/// What record 0 refers to, read only after its digest was compared.
pub(crate) struct Inputs {
    pub(crate) plan: Plan,
    pub(crate) binding: Binding,
    /// The roster that the plan brings in.
    pub(crate) incoming: Option<Roster>,
}

/// Reads plan and binding, whose digests record 0 names.
///
/// # Errors
/// The failed check.
pub(crate) fn inputs(files: &BundleFiles, log: &Log, opened: &Opened) -> Result<Inputs, Check> {
    let mut examination = Examination::of(CheckId::Opening);
    let place = || place_of(log, 0);
    let mut known = |path: &str, expected: &Digest| {
        let bytes = files.get(path).unwrap_or_default();
        examination.demand(Digest::of(bytes) == *expected, place(), || {
            format!("{path} has SHA-256 {}, record 0 says {expected}", Digest::of(bytes))
        });
        bytes
    };
    let plan = known("artifacts/plan.json", &opened.plan_sha256);
    let binding = known("artifacts/binding.toml", &opened.binding_sha256);
    known("artifacts/roster.toml", &opened.roster_sha256);
    known("artifacts/ceremony.toml", &opened.script_sha256);
    if !examination.holds() {
        return Err(examination.finish(String::new));
    }
    match (Plan::parse_in(plan, opened.mode), Binding::parse_in(binding, opened.mode)) {
        (Ok(plan), Ok(binding)) => match incoming_roster(files, &plan) {
            Ok(incoming) => Ok(Inputs { plan, binding, incoming }),
            Err(what) => {
                examination.fail(place(), what);
                Err(examination.finish(String::new))
            }
        },
        (plan, binding) => {
            if let Err(error) = plan {
                examination.fail(place(), format!("artifacts/plan.json: {error}"));
            }
            if let Err(error) = binding {
                examination.fail(place(), format!("artifacts/binding.toml: {error}"));
            }
            Err(examination.finish(String::new))
        }
    }
}

/// The roster that the plan brings in, whose digest the plan has.
fn incoming_roster(files: &BundleFiles, plan: &Plan) -> Result<Option<Roster>, String> {
    let Some(file) = plan.incoming_roster() else {
        return Ok(None);
    };
    let bytes = files.artifact(&file.name).unwrap_or_default();
    if !file.matches(bytes) {
        return Err(format!("{} is not the roster that the plan brings in", file.name));
    }
    Roster::parse_in(bytes, plan.mode).map(Some).map_err(|error| format!("{}: {error}", file.name))
}

/// Record 0 says what the plan, the roster and the binding say.
pub(crate) fn agrees(facts: &Facts<'_>) -> Check {
    let mut examination = Examination::of(CheckId::Opening);
    let Facts { opened, plan, roster, .. } = facts;
    let place = || facts.record(0);
    let same = [
        ("authority", opened.authority == plan.authority && opened.authority == roster.authority),
        ("environment", opened.environment == plan.environment && opened.environment == roster.environment),
        ("mode", opened.mode == plan.mode),
        ("place", opened.place == plan.place),
        ("recording", opened.recording == plan.recording),
        ("name", opened.name == plan.name),
        ("ordinal", opened.ordinal == plan.ordinal),
        ("previous head", opened.previous_head == plan.previous_head),
        ("roster", opened.roster_sha256 == plan.roster_sha256 && opened.roster_sha256 == roster.sha256),
        ("script", opened.script_sha256 == plan.script_sha256),
    ];
    for (what, same) in same {
        examination.demand(same, place(), || format!("record 0, plan and roster differ in the {what}"));
    }
    let scripted = opened.operator == OperatorKind::Scripted;
    examination.demand(!(scripted && opened.environment == Environment::Production), place(), || {
        "an answers file cannot operate a production ceremony".to_owned()
    });
    if opened.environment == Environment::Production
        && let Some(exposure) = opened.host.exposure()
    {
        examination.fail(place(), format!("secrets could have reached a disk: {exposure}"));
    }
    let first = opened.ordinal == 1;
    examination.demand(
        first == (opened.previous_head == Digest::ZERO) && opened.ordinal > 0,
        place(),
        || format!("ceremony {} names {} as the head before it", opened.ordinal, opened.previous_head),
    );
    let octets = |nonce: &crate::format::Hex| nonce.0.len() == 32;
    examination.demand(
        octets(&opened.nonce) && opened.token_nonce.as_ref().is_none_or(octets),
        place(),
        || "a nonce has not 32 octets".to_owned(),
    );
    inputs_are_staged(facts, &mut examination);
    people_are_on_the_roster(opened, roster, &mut examination, facts);
    examination.finish(|| {
        format!(
            "{} of {} {}, {} steps, {} present, {} operator, {}",
            opened.name,
            opened.authority,
            opened.environment,
            plan.steps.len(),
            opened.present.len(),
            opened.operator,
            match opened.host.exposure() {
                Some(exposure) => format!("secrets could have reached a disk: {exposure}"),
                None => "secrets kept in memory".to_owned(),
            }
        )
    })
}

/// Inputs of the plan, and every TBS that the plan fixed, lay in the bundle before the first act.
fn inputs_are_staged(facts: &Facts<'_>, examination: &mut Examination) {
    let plan = facts.plan;
    let mut wanted: Vec<(String, Option<u64>, Digest)> = Vec::new();
    let mut file = |file: &FileRef| wanted.push((artifact_path(&file.name), Some(file.size), file.sha256));
    plan.inputs.iter().for_each(&mut file);
    for step in &plan.steps {
        match &step.action {
            Action::SignIntermediate { issuer, csr, .. } => {
                file(csr);
                if let IssuerRef::Ledger { certificate, .. } = issuer {
                    file(certificate);
                }
            }
            Action::AdoptAuthority { certificate, issued, crl, .. } => {
                issued.iter().chain([certificate]).chain(crl).for_each(&mut file);
            }
            Action::CrossSign { issuer, certificate, csr, .. } => {
                certificate.file().into_iter().chain(csr).for_each(&mut file);
                if let IssuerRef::Ledger { certificate, .. } = issuer {
                    file(certificate);
                }
            }
            Action::IssueCrl { issuer: IssuerRef::Ledger { certificate, .. }, .. }
            | Action::Revoke { issuer: IssuerRef::Ledger { certificate, .. }, .. } => file(certificate),
            _ => {}
        }
    }
    for step in facts.signing_steps() {
        if let Some(Some(sha256)) = step.action.tbs_sha256() {
            wanted.push((artifact_path(&FileName::of_step(&step.id, "tbs.der")), None, sha256));
        }
    }
    for (path, size, sha256) in wanted {
        let staged = facts.opened.staged.iter().find(|staged| staged.path == path);
        let same = staged
            .is_some_and(|staged| staged.sha256 == sha256 && size.is_none_or(|size| staged.size == size));
        examination.demand(same, facts.record(0), || {
            format!("the plan needs {path} with SHA-256 {sha256}, which record 0 does not name")
        });
    }
}

fn people_are_on_the_roster(
    opened: &Opened,
    roster: &Roster,
    examination: &mut Examination,
    facts: &Facts<'_>,
) {
    for Present { name, roles, typed } in &opened.present {
        let known = facts.person(name).is_some_and(|person| person.roles == *roles);
        examination.demand(known, facts.record(0), || {
            format!("{name} was present, and the roster does not have {name} with these roles")
        });
        // A line feed would make two people's lines in the ceremony's identifier ambiguous.
        let printable = !typed.is_empty() && typed.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        examination.demand(printable, facts.record(0), || {
            format!("what {name} typed for the ceremony's identifier is not printable ASCII")
        });
    }
    // Who joins by this ceremony comes after everybody who is on the roster already.
    let joining = facts.incoming.into_iter().flat_map(|incoming| &incoming.people);
    let joining: Vec<&Person> = joining.filter(|person| roster.person(&person.name).is_none()).collect();
    let order = |name: &Name| {
        roster.people.iter().chain(joining.iter().copied()).position(|person| person.name == *name)
    };
    let sorted = opened.present.is_sorted_by(|one, next| order(&one.name) < order(&next.name));
    examination.demand(sorted, facts.record(0), || {
        "the people present are not in the order of the roster, each once".to_owned()
    });
}
