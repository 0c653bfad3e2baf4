use super::Stop;
use super::engine::Engine;
use super::issue::artifact_kind;
use crate::format::{Action, Event, FileName, FrozenTbs, PlannedStep, Profile};
use crate::host;
use crate::pki::lint::{CertificateContext, CrlContext, Severity, lint_certificate, lint_crl};
use crate::pki::{self, Certificate, CertificationRequest, SignatureAlgorithm};
use crate::plan::to_be_signed;
use crate::record::SignedBytes;
use crate::roster::{self, SealTemplate, check_seal};

impl Engine<'_> {
    /// Before the first signature: fixes every TBS that the plan left open and has officers authorise them all.
    ///
    /// Does nothing when the plan fixed every TBS, or when this was done before.
    pub(super) fn freeze(&mut self) -> Result<(), Stop> {
        if self.authorised.is_some() {
            return Ok(());
        }
        let open: Vec<PlannedStep> =
            self.plan().steps.iter().filter(|step| step.action.tbs_sha256() == Some(None)).cloned().collect();
        if open.is_empty() {
            return Ok(());
        }
        let mut frozen = Vec::with_capacity(open.len());
        for step in &open {
            let bytes = self.build_tbs(step)?;
            let kind = artifact_kind(&step.action);
            let findings = self.lint(step, &bytes)?;
            if !findings.is_empty() {
                return Err(Stop::Lint { step: step.id.clone(), findings });
            }
            let summary = pki::summary(kind, &bytes)?;
            let file = self.bundle.create_artifact(&FileName::of_step(&step.id, "tbs.der"), &bytes)?;
            frozen.push(FrozenTbs { step: step.id.clone(), kind, file, summary });
        }
        // Stand-ins served to build and lint what lies below them; what is issued takes their place.
        self.certificates.clear();
        self.record(Event::TbsFrozen { tbs: frozen.clone() })?;
        self.done(format!("{} objects are ready to be signed and will not change any more", frozen.len()));
        self.collect_authorisation(frozen)
    }

    fn collect_authorisation(&mut self, frozen: Vec<FrozenTbs>) -> Result<(), Stop> {
        let opened = self.opened()?;
        let template = SealTemplate::authorise(&opened, self.bundle.covered(), frozen);
        let approved = &self.ceremony.approved;
        let now = host::now();
        let signers = template.signers(approved.roster());
        let statements: Vec<_> =
            signers.into_iter().map(|(person, role)| template.for_signer(person, role, now)).collect();
        let enough = |signed: &[(Vec<u8>, Vec<u8>)]| roster::authorise(approved, &template, signed);
        let check = |(statement, signature): &SignedBytes| {
            let signed = check_seal(approved.roster(), &template, statement, signature)?;
            Ok(signed.person.name.clone())
        };
        let (authorised, signed) = self.exchange.collect(self.operator, &statements, check, enough)?;
        for (statement, signature) in &signed {
            let (seal, signer) = (template.kind(), statement_signer(statement)?);
            let (statement_sha256, signature_sha256) =
                self.bundle.create_seal(&format!("{seal}.{signer}"), statement, signature)?;
            self.record(Event::SealAdded { seal, signer, statement_sha256, signature_sha256 })?;
        }
        self.authorised = Some(authorised);
        Ok(())
    }

    /// The TBS of a step whose issuer was not known at plan time.
    fn build_tbs(&mut self, step: &PlannedStep) -> Result<Vec<u8>, Stop> {
        let (issuer, public) = match &step.action {
            Action::SelfSign { key, .. } => (None, Some(self.signing_key(key)?.public)),
            Action::SignIntermediate { issuer, csr, .. } => {
                let request = CertificationRequest::parse(&self.input(csr)?)?;
                (Some(self.issuer_certificate(issuer)?), Some(request.public_key().clone()))
            }
            Action::IssueCrl { issuer, .. } => (Some(self.issuer_certificate(issuer)?), None),
            _ => {
                return Err(Stop::Plan { step: step.id.clone(), what: "it signs nothing" });
            }
        };
        let bytes = to_be_signed(&step.action, issuer.as_ref(), public.as_ref())?;
        if let Action::SelfSign { key, .. } = &step.action {
            let algorithm = SignatureAlgorithm::of(self.signing_key(key)?.algorithm);
            self.certificates.insert(
                step.id.clone(),
                Certificate::from_der(&pki::assemble(&bytes, algorithm, STAND_IN)?)?,
            );
        }
        Ok(bytes)
    }

    /// What the exact bytes break, one sentence each; only errors stop a ceremony.
    pub(super) fn lint(&self, step: &PlannedStep, tbs: &[u8]) -> Result<Vec<String>, Stop> {
        let environment = self.plan().environment;
        let findings = match &step.action {
            Action::IssueCrl { issuer, number, .. } => {
                let issuer = self.issuer_certificate(issuer)?;
                let previous_number = number.checked_sub(1);
                lint_crl(tbs, &CrlContext { issuer: &issuer, environment, previous_number })
            }
            Action::SignIntermediate { issuer, profile, .. } => {
                let issuer = self.issuer_certificate(issuer)?;
                lint_certificate(
                    tbs,
                    &CertificateContext { issuer: Some(&issuer), profile: *profile, environment },
                )
            }
            _ => lint_certificate(
                tbs,
                &CertificateContext { issuer: None, profile: Profile::Root, environment },
            ),
        };
        let errors = findings.iter().filter(|finding| finding.rule.severity == Severity::Refusal);
        Ok(errors
            .map(|finding| format!("{} {}: {}", finding.rule.id, finding.rule.title, finding.what))
            .collect())
    }
}

/// In the place of a signature that is not made yet.
const STAND_IN: &[u8] = &[0];

/// Whose statement these bytes are; they were checked a moment ago.
pub(super) fn statement_signer(statement: &[u8]) -> Result<crate::format::Name, Stop> {
    let statement = crate::format::Statement::parse(statement);
    let bundle =
        |error: crate::format::StatementError| Stop::Bundle { file: "seal", reason: error.to_string() };
    statement.map(|statement| statement.signer().name.clone()).map_err(bundle)
}
