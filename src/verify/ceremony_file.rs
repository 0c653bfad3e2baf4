use super::examination::Examination;
use super::facts::Facts;
use super::verdict::{Check, CheckId, Place};
use crate::format::{Action, CeremonyFile, Mode, Subject};
use crate::pki::{AttributeKind, DistinguishedName};

const PATH: &str = "artifacts/ceremony.toml";

/// The plan does what the ceremony file asks for, which is what people reviewed; subjects read as their bytes say.
pub(crate) fn agrees(facts: &Facts<'_>) -> Check {
    let mut examination = Examination::of(CheckId::CeremonyFile);
    if facts.opened.mode == Mode::Rehearsal {
        return examination.finish_if(false, "a rehearsal's plan is derived", String::new);
    }
    match CeremonyFile::parse(facts.files.get(PATH).unwrap_or_default()) {
        Err(reason) => examination.fail(Place::file(PATH), reason),
        Ok(file) => {
            for what in file.differences(facts.plan, subject_text) {
                examination.fail(Place::file(PATH), what);
            }
        }
    }
    for step in &facts.plan.steps {
        if let Action::SelfSign { subject, extensions, .. }
        | Action::SignIntermediate { subject, extensions, .. }
        | Action::CrossSign { subject, extensions, .. } = &step.action
        {
            let constraints = extensions.name_constraints.iter();
            let lists = constraints.flat_map(|lists| [&lists.permitted, &lists.excluded]);
            for name in lists.flat_map(|list| &list.directory).chain([subject]) {
                examination.demand(reads_as_it_is(name), Place::file("artifacts/plan.json"), || {
                    format!("a name of step {} does not read as its bytes say", step.id)
                });
            }
        }
    }
    let steps = facts.plan.steps.len();
    examination.finish(|| format!("{steps} steps"))
}

fn subject_text(attributes: &[(String, String)]) -> Option<String> {
    let attributes = attributes
        .iter()
        .map(|(kind, value)| Some((kind.to_uppercase().parse::<AttributeKind>().ok()?, value.clone())))
        .collect::<Option<Vec<_>>>()?;
    DistinguishedName::from_attributes(&attributes).ok().map(|name| name.to_string())
}

fn reads_as_it_is(subject: &Subject) -> bool {
    DistinguishedName::from_der(&subject.der.0).is_ok_and(|name| name.to_string() == subject.text)
}
