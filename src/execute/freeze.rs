use super::Stop;
use super::engine::Engine;
use super::issue::artifact_kind;
use crate::format::{
    Action, Digest, Event, FileName, FrozenTbs, Log, Name, PlannedStep, SealKind, seal_file_stem,
};
use crate::host;
use crate::pki::lint::{Finding, Severity};
use crate::pki::{self, Certificate, CertificationRequest, SignatureAlgorithm};
use crate::plan::{broken_rules, cross_to_be_signed, to_be_signed};
use crate::record::SignedBytes;
use crate::roster::{self, SealTemplate, check_seal};

impl Engine<'_> {
    /// Before the first signature: fixes every TBS that the plan left open and has officers authorise them all.
    ///
    /// Does nothing when the plan fixed every TBS, or when this was done before. What was frozen before an interruption
    /// stays as it is, and the authorisations that the record has count.
    pub(super) fn freeze(&mut self) -> Result<(), Stop> {
        if self.authorised.is_some() {
            return Ok(());
        }
        let open: Vec<PlannedStep> =
            self.plan().steps.iter().filter(|step| step.action.tbs_sha256() == Some(None)).cloned().collect();
        if open.is_empty() {
            return Ok(());
        }
        let log = self.log()?;
        let before = log.records().find_map(|record| match &record.event {
            Event::TbsFrozen { tbs } => Some((record.n, tbs.clone())),
            _ => None,
        });
        match before {
            Some((n, frozen)) => self.collect_authorisation(n, frozen),
            None => self.freeze_now(&open),
        }
    }

    fn freeze_now(&mut self, open: &[PlannedStep]) -> Result<(), Stop> {
        let mut frozen = Vec::with_capacity(open.len());
        for step in open {
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
        let n = self.bundle.covered().records.saturating_sub(1);
        self.collect_authorisation(n, frozen)
    }

    /// `n` is the record that froze them.
    fn collect_authorisation(&mut self, n: u64, frozen: Vec<FrozenTbs>) -> Result<(), Stop> {
        let log = self.log()?;
        let template =
            SealTemplate::authorise(&self.opened()?, log.covered_by(self.bundle.written(), n), frozen);
        let there = self.adopt_authorisations(&log)?;
        let approved = &self.ceremony.approved;
        let now = host::now();
        let statements: Vec<_> = template
            .signers(approved.roster())
            .into_iter()
            .filter(|(person, _)| there.iter().all(|(name, _)| *name != person.name))
            .map(|(person, role)| template.for_signer(person, role, now))
            .collect();
        let there: Vec<SignedBytes> = there.into_iter().map(|(_, pair)| pair).collect();
        let enough = |signed: &[SignedBytes]| {
            roster::authorise(approved, &template, &[there.as_slice(), signed].concat())
        };
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

    /// The authorisations that lie in the bundle. One that an interruption kept from being recorded was judged when the
    /// bundle was opened again; it is recorded now.
    fn adopt_authorisations(&mut self, log: &Log) -> Result<Vec<(Name, SignedBytes)>, Stop> {
        let recorded = |name: &Name| {
            log.records().any(|record| {
                matches!(&record.event, Event::SealAdded { seal: SealKind::Authorise, signer, .. } if signer == name)
            })
        };
        let names: Vec<Name> =
            self.ceremony.approved.roster().people.iter().map(|person| person.name.clone()).collect();
        let mut there = Vec::new();
        for signer in names {
            let seal = SealKind::Authorise;
            let Some(pair) = self.bundle.read_seal(&seal_file_stem(seal, 0, &signer))? else {
                continue;
            };
            if !recorded(&signer) {
                let (statement_sha256, signature_sha256) = (Digest::of(&pair.0), Digest::of(&pair.1));
                let signer = signer.clone();
                self.record(Event::SealAdded { seal, signer, statement_sha256, signature_sha256 })?;
            }
            there.push((signer, pair));
        }
        Ok(there)
    }

    /// The TBS of a step whose issuer was not known at plan time.
    fn build_tbs(&mut self, step: &PlannedStep) -> Result<Vec<u8>, Stop> {
        if let Action::CrossSign { issuer, certificate, .. } = &step.action {
            let (issuer, existing) = (self.issuer_certificate(issuer)?, self.certified(certificate)?);
            return Ok(cross_to_be_signed(&step.action, &issuer, &existing)?);
        }
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

    /// What the exact bytes break and nobody may waive, or nobody waived: one sentence each.
    pub(super) fn lint(&self, step: &PlannedStep, tbs: &[u8]) -> Result<Vec<String>, Stop> {
        let environment = self.plan().environment;
        let issuer = match &step.action {
            Action::IssueCrl { issuer, .. } | Action::SignIntermediate { issuer, .. } => {
                Some(self.issuer_certificate(issuer)?)
            }
            Action::CrossSign { issuer, certificate, .. } => {
                let (issuer, existing) = (self.issuer_certificate(issuer)?, self.certified(certificate)?);
                let beyond = pki::beyond_existing(tbs, &existing, &issuer)?;
                if let Some(what) = beyond.first() {
                    return Ok(vec![format!("it {what} the certificate that it stands beside")]);
                }
                Some(issuer)
            }
            _ => None,
        };
        let findings = broken_rules(&step.action, tbs, issuer.as_ref(), environment);
        let now = host::now();
        let stops = |finding: &&Finding| {
            let waived = finding.rule.severity == Severity::Warning
                && self.plan().waives_warning(finding.rule.id, now);
            finding.is_binding(environment) && !waived
        };
        Ok(findings
            .iter()
            .filter(stops)
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
