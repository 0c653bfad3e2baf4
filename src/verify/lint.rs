use super::artifacts::{Issued, Object};
use super::examination::Examination;
use super::facts::Facts;
use super::signing::issuer_certificate;
use super::verdict::{Check, CheckId};
use crate::format::{Action, ArtifactKind, Profile};
use crate::pki::Certificate;
use crate::pki::lint::{
    CertificateContext, CrlContext, Finding, Severity, lint_certificate, lint_crl, lint_signed,
};

/// The rules, judged again on what was released: today's rules, of which one with a day holds for what begins on it or later.
/// Outside a lab a waiver, in force when the record began, covers each warning.
pub(crate) fn lint(facts: &Facts<'_>, issued: &[Issued<'_>]) -> Check {
    let mut examination = Examination::of(CheckId::Lint);
    let mut warnings = Vec::new();
    for one in issued {
        let Some(issuer) = issuer_certificate(facts, one.step) else {
            examination.fail(one.place.clone(), "its issuer's certificate is not in the bundle");
            continue;
        };
        for finding in findings(facts, one, &issuer) {
            let waived = facts.records().next().is_some_and(|first| {
                finding.rule.severity == Severity::Warning
                    && facts.plan.waives_warning(finding.rule.id, first.t)
            });
            if finding.is_binding(facts.plan.environment) && !waived {
                examination.fail(one.place.clone(), finding.to_string());
            } else {
                warnings.push(format!("{} in step {}", finding.rule.id, one.step.id));
            }
        }
    }
    let warnings = match warnings.as_slice() {
        [] => "no warnings".to_owned(),
        some => format!("warnings {}", some.join(", ")),
    };
    examination.finish_if(!issued.is_empty(), "nothing was released", || {
        format!("{} objects, {warnings}", issued.len())
    })
}

fn findings(facts: &Facts<'_>, issued: &Issued<'_>, issuer: &Certificate) -> Vec<Finding> {
    let environment = facts.plan.environment;
    let key = issuer.public_key();
    match (&issued.object, &issued.step.action) {
        (Object::Certificate(certificate), action) => {
            let (profile, issuer) = match action {
                Action::SignIntermediate { profile, .. } => (*profile, Some(issuer)),
                Action::CrossSign { .. } => (Profile::Cross, Some(issuer)),
                _ => (Profile::Root, None),
            };
            let context = CertificateContext { issuer, profile, environment };
            let mut findings = lint_certificate(certificate.tbs(), &context);
            let signed = lint_signed(ArtifactKind::Certificate, certificate.der(), certificate.tbs(), key);
            findings.extend(signed);
            findings
        }
        (Object::Crl(crl), _) => {
            let previous_number =
                facts.before.and_then(|before| before.burnt_crl_numbers.get(&key.sha256())?.last().copied());
            let context = CrlContext { issuer, environment, previous_number };
            let mut findings = lint_crl(crl.tbs(), &context);
            findings.extend(lint_signed(ArtifactKind::Crl, crl.der(), crl.tbs(), key));
            findings
        }
    }
}
