//! The rules for what is signed, judged while it can still be changed: before a key is made, and before one signs.

use std::collections::BTreeMap;

use super::resolve::{Resolver, Span};
use super::to_be_signed::{TbsError, cross_to_be_signed, to_be_signed};
use crate::format::{
    Action, CertifiedRef, Environment, FileRef, IssuerRef, KeyRef, Name, PlannedStep, Profile,
};
use crate::pki::lint::{CertificateContext, CrlContext, Finding, Severity, lint_certificate, lint_crl};
use crate::pki::{self, Certificate, CertificationRequest, PublicKey, SignatureAlgorithm};
use crate::script::{Code, Step};

/// What the exact bytes of a step's TBS break; `issuer` is the certificate above, for a self-signed one nothing.
pub fn broken_rules(
    action: &Action,
    tbs: &[u8],
    issuer: Option<&Certificate>,
    environment: Environment,
) -> Vec<Finding> {
    let certificate =
        |issuer, profile| lint_certificate(tbs, &CertificateContext { issuer, profile, environment });
    match (action, issuer) {
        (Action::IssueCrl { number, .. }, Some(issuer)) => {
            lint_crl(tbs, &CrlContext { issuer, environment, previous_number: number.checked_sub(1) })
        }
        (Action::SignIntermediate { profile, .. }, issuer) => certificate(issuer, *profile),
        (Action::CrossSign { .. }, issuer) => certificate(issuer, Profile::Cross),
        _ => certificate(None, Profile::Root),
    }
}

/// What a step would sign, and the certificate above, for a self-signed one nothing.
struct Built {
    issuer: Option<Certificate>,
    tbs: Vec<u8>,
}

/// In the place of a signature that is not made yet.
const STAND_IN: &[u8] = &[0];

impl Resolver<'_> {
    /// What breaks a rule stops the plan; a warning does outside a lab, unless a waiver names its rule.
    pub(super) fn judge(&mut self, step: &Name, span: &Span, findings: &[Finding]) {
        let script = self.sources.script;
        let environment = script.ceremony.environment.value;
        for finding in findings {
            let Finding { rule, what } = finding;
            let text = format!("{} {}: {what} ({})", rule.id, rule.title, rule.source);
            if rule.severity == Severity::Refusal {
                self.problem(Code::Lint, span, text, "change the values of this step so that the rule holds");
                continue;
            }
            let waiver = script.waivers.iter().find(|waiver| waiver.rule.value.to_string() == rule.id);
            if let Some(waiver) = waiver {
                self.waived.insert(waiver.rule.value);
            } else if finding.is_binding(environment) {
                let remedy = format!(
                    "change the values of this step, or let the officers approve a waiver of `{}`",
                    rule.id
                );
                self.problem(Code::UnwaivedWarning, span, text, &remedy);
                continue;
            }
            self.warnings.push(format!("step `{step}`: {text}"));
        }
    }

    /// Judges what waits for a key of this ceremony, with a key that nobody has in its place: what is refused is refused
    /// before the key is made.
    pub(super) fn judge_what_is_open(&mut self) {
        let script = self.sources.script;
        let spans: BTreeMap<Name, Span> = script
            .steps
            .iter()
            .flat_map(Step::members)
            .map(|step| (step.id.value.clone(), step.id.span.clone()))
            .collect();
        let mut roots = BTreeMap::new();
        for PlannedStep { id, action } in self.steps.clone() {
            let Some(span) = spans.get(&id).filter(|_| action.tbs_sha256() == Some(None)) else {
                continue;
            };
            // What is missing was reported where it is missing.
            let Some(built) = self.build_ahead(&action, &roots) else { continue };
            let Built { issuer, tbs } = match built {
                Ok(built) => built,
                Err(error) => {
                    self.problem(
                        Code::Unencodable,
                        span,
                        error.to_string(),
                        "change the values of this step",
                    );
                    continue;
                }
            };
            let found = broken_rules(&action, &tbs, issuer.as_ref(), script.ceremony.environment.value);
            self.judge(&id, span, &found);
            if matches!(action, Action::SelfSign { .. }) && !self.has_crl(&id) {
                self.warnings.push(format!(
                    "step `{id}`: no CRL of this root is made here; BR 4.9.7 wants the first within 24 hours of its first certificate"
                ));
            }
            if let Some((algorithm, _)) = self.stand_in(&action)
                && let Ok(der) = pki::assemble(&tbs, algorithm, STAND_IN)
                && let Ok(root) = Certificate::from_der(&der)
            {
                roots.insert(id, root);
            }
        }
    }

    fn has_crl(&self, root: &Name) -> bool {
        self.steps.iter().any(|step| {
            matches!(&step.action, Action::IssueCrl { issuer: IssuerRef::Step { id }, .. } if id == root)
        })
    }

    /// The certificate above and the TBS, with stand-ins for the roots that this ceremony makes.
    fn build_ahead(
        &self,
        action: &Action,
        roots: &BTreeMap<Name, Certificate>,
    ) -> Option<Result<Built, TbsError>> {
        let input = |file: &FileRef| self.inputs.get(&file.name).map(Vec::as_slice);
        let brought = |file: &FileRef| Certificate::from_pem(input(file)?).ok();
        let above = |issuer: &IssuerRef| match issuer {
            IssuerRef::Step { id } => roots.get(id).cloned(),
            IssuerRef::Ledger { certificate, .. } => brought(certificate),
        };
        match action {
            Action::SelfSign { .. } => {
                let (_, key) = self.stand_in(action)?;
                Some(to_be_signed(action, None, Some(&key)).map(|tbs| Built { issuer: None, tbs }))
            }
            Action::SignIntermediate { issuer, csr, .. } => {
                let request = CertificationRequest::parse(input(csr)?).ok()?;
                let issuer = above(issuer)?;
                let built = to_be_signed(action, Some(&issuer), Some(request.public_key()));
                Some(built.map(|tbs| Built { issuer: Some(issuer), tbs }))
            }
            Action::CrossSign { issuer, certificate, .. } => {
                let existing = match certificate {
                    CertifiedRef::Step { id } => roots.get(id)?.clone(),
                    CertifiedRef::Ledger { certificate, .. } | CertifiedRef::Input { certificate, .. } => {
                        brought(certificate)?
                    }
                };
                let issuer = above(issuer)?;
                let built = cross_to_be_signed(action, &issuer, &existing);
                Some(built.map(|tbs| Built { issuer: Some(issuer), tbs }))
            }
            Action::IssueCrl { issuer, .. } => {
                let issuer = above(issuer)?;
                let built = to_be_signed(action, Some(&issuer), None);
                Some(built.map(|tbs| Built { issuer: Some(issuer), tbs }))
            }
            _ => None,
        }
    }

    /// In the place of the key that a root of this ceremony will have.
    fn stand_in(&self, action: &Action) -> Option<(SignatureAlgorithm, PublicKey)> {
        let Action::SelfSign { key: KeyRef::Step { id }, .. } = action else { return None };
        let made = self.steps.iter().find(|step| step.id == *id)?;
        let Action::GenerateKey { algorithm, .. } = made.action else { return None };
        Some((SignatureAlgorithm::of(algorithm), PublicKey::stand_in(algorithm).ok()?))
    }
}
