use super::Stop;
use super::engine::Engine;
use super::operator::{Notice, Question};
use crate::format::{
    Action, ArtifactKind, Event, FileName, Name, PlannedStep, Quarantined, Released, Role, SignatureMade,
};
use crate::ledger::Operation;
use crate::pki::{self, Certificate, RevocationList, SignatureAlgorithm};
use crate::render;
use crate::roster::ApprovedTbs;

impl Engine<'_> {
    /// A step that makes one signature: confirm, sign, verify, re-parse, lint, release. A signature that the record has
    /// from before an interruption is the one that is released; one that may have been made and is not in the record is
    /// made again, over the same bytes.
    pub(super) fn issue(&mut self, step: &PlannedStep) -> Result<(), Stop> {
        self.freeze()?;
        let id = &step.id;
        let key = match &step.action {
            Action::SelfSign { key, .. } => self.signing_key(key)?,
            Action::SignIntermediate { issuer, .. }
            | Action::CrossSign { issuer, .. }
            | Action::IssueCrl { issuer, .. } => self.issuer_key(issuer)?,
            _ => {
                return Err(Stop::Plan { step: id.clone(), what: "it signs nothing" });
            }
        };
        let kind = artifact_kind(&step.action);
        let tbs = self.approved_tbs(step)?;
        if self.is_released(id)? {
            return Ok(());
        }
        let made = match self.signature_in_log(id)? {
            Some(made) => made,
            None => {
                self.unlock(id, &key.token)?;
                self.confirm_signature(step, kind, &tbs)?;
                self.sign(id, &key, &tbs)?
            }
        };
        if !made.verified {
            return self.quarantine(
                step,
                &made.value.0,
                "the signature does not verify under the expected key",
            );
        }
        let object = pki::assemble(tbs.bytes(), SignatureAlgorithm::of(key.algorithm), &made.value.0)?;
        let findings = self.judge(step, &object, &tbs)?;
        if let Some(first) = findings.first() {
            return self.quarantine(step, &object, first);
        }
        let (ending, pem) = match kind {
            ArtifactKind::Certificate => ("crt.pem", Certificate::from_der(&object)?.to_pem()),
            ArtifactKind::Crl => ("crl.pem", RevocationList::from_der(&object)?.to_pem()),
        };
        let file = self.bundle.create_artifact(&FileName::of_step(id, ending), pem.as_bytes())?;
        let released = Released { step: id.clone(), kind, file, tbs_sha256: tbs.sha256() };
        self.record(Event::Released(released.clone()))?;
        self.operator.show(&Notice::Released { released: &released });
        if kind == ArtifactKind::Certificate {
            self.certificates.insert(id.clone(), Certificate::from_der(&object)?);
        }
        Ok(())
    }

    fn is_released(&self, step: &Name) -> Result<bool, Stop> {
        let released = |event: &Event| matches!(event, Event::Released(released) if released.step == *step);
        Ok(self.log()?.records().any(|record| released(&record.event)))
    }

    /// The signature that a token returned for the step before an interruption.
    fn signature_in_log(&self, step: &Name) -> Result<Option<SignatureMade>, Stop> {
        let log = self.log()?;
        let of_step = Operation::all(&log).into_iter().filter(|operation| operation.intent.step == *step);
        Ok(of_step.rev().find_map(|operation| operation.result?.1.signature.clone()))
    }

    /// The bytes that may be signed in this step: those of the plan, or those that officers authorised.
    fn approved_tbs(&mut self, step: &PlannedStep) -> Result<ApprovedTbs, Stop> {
        let bytes = self.bundle.read_artifact(&FileName::of_step(&step.id, "tbs.der"))?;
        if step.action.tbs_sha256().flatten().is_some() {
            return Ok(self.ceremony.approved.tbs(&step.id, &bytes)?);
        }
        let what = "nobody authorised its signature";
        let authorised = self.authorised.as_mut().ok_or(Stop::Plan { step: step.id.clone(), what })?;
        Ok(authorised.tbs(&step.id, &bytes)?)
    }

    fn confirm_signature(
        &mut self,
        step: &PlannedStep,
        kind: ArtifactKind,
        tbs: &ApprovedTbs,
    ) -> Result<(), Stop> {
        let digest = tbs.sha256();
        let word = render::words_of(digest.as_bytes()).first().copied().unwrap_or_default().to_owned();
        let [first, second, third, fourth] = render::words(&digest);
        let object = match kind {
            ArtifactKind::Certificate => "certificate",
            ArtifactKind::Crl => "CRL",
        };
        let question = Question {
            step: &step.id,
            what: format!("The root key signs this {object}."),
            compare: vec![
                ("what", pki::summary(kind, tbs.bytes())?),
                ("SHA-256 of what is signed", render::hex_groups(&digest)),
                ("in words", first),
                ("", second),
                ("", third),
                ("", fourth),
            ],
            word: word.clone(),
            found: "the first of the words",
            by: Role::Officer,
        };
        let by = self.attended().confirm(&question)?;
        self.record(Event::SignConfirmed { step: step.id.clone(), tbs_sha256: digest, by, word })
    }

    /// Reads the finished object as a stranger would; answers with what is wrong, one sentence each.
    fn judge(&self, step: &PlannedStep, object: &[u8], tbs: &ApprovedTbs) -> Result<Vec<String>, Stop> {
        let found = match artifact_kind(&step.action) {
            ArtifactKind::Certificate => Certificate::from_der(object)?.tbs() == tbs.bytes(),
            ArtifactKind::Crl => RevocationList::from_der(object)?.tbs() == tbs.bytes(),
        };
        if !found {
            return Ok(vec!["what was signed is not what was approved".to_owned()]);
        }
        self.lint(step, tbs.bytes())
    }

    /// Puts a bad object aside, records it and stops: it never gets its final name.
    fn quarantine(&mut self, step: &PlannedStep, bytes: &[u8], reason: &str) -> Result<(), Stop> {
        let file = self.bundle.create_artifact(&FileName::of_step(&step.id, "quarantine.der"), bytes)?;
        let (step_id, reason) = (step.id.clone(), reason.to_owned());
        self.record(Event::Quarantined(Quarantined { step: step_id.clone(), file, reason: reason.clone() }))?;
        Err(Stop::Quarantined { step: step_id, kind: artifact_kind(&step.action), reason })
    }
}

pub(super) fn artifact_kind(action: &Action) -> ArtifactKind {
    if matches!(action, Action::IssueCrl { .. }) { ArtifactKind::Crl } else { ArtifactKind::Certificate }
}
