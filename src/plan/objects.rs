use std::path::{Component, Path};

use super::judgement::broken_rules;
use super::resolve::{Resolver, Span};
use super::to_be_signed::to_be_signed;
use crate::artifact;
use crate::format::{
    Action, Asked, AskedDecision, CertificateExtensions, Digest, FileName, FileRef, Hex, Name, SerialNumber,
    StepKind, Subject,
};
use crate::ledger::CertificateRole;
use crate::pki::{self, Certificate, CertificationRequest, DistinguishedName, PublicKey};
use crate::script::{AttributeKind, Code, InputFile, Spanned, Step, StepBody};

impl Resolver<'_> {
    pub(super) fn self_sign(&mut self, step: &Step) -> Option<Action> {
        let StepBody::SelfSign { key, profile, subject, validity, extensions } = &step.body else {
            return None;
        };
        self.name_is_free(&step.id, StepKind::SelfSign);
        let (key_ref, public) = self.key(key)?;
        let subject = self.subject(subject)?;
        let extensions = self.extensions(extensions, profile.value)?;
        if let Some(public) = &public {
            self.key_fits(step, &key.span, profile.value, &extensions, public.kind(), Some(public.kind()));
        }
        let action = |serial, tbs_sha256| Action::SelfSign {
            key: key_ref.clone(),
            profile: profile.value,
            extensions: extensions.clone(),
            subject: subject.clone(),
            serial,
            validity: validity.value,
            tbs_sha256,
        };
        let known = public.as_ref().map(PublicKey::sha256);
        self.is_who_it_was(&step.id.span, &subject, known, CertificateRole::Root, &validity.value);
        let serial = self.serial(step)?;
        let Some(public) = public else {
            return Some(action(serial, None));
        };
        let sha256 = self.fix(step, &action(serial.clone(), None), None, Some(&public))?;
        Some(action(serial, Some(sha256)))
    }

    pub(super) fn sign_intermediate(&mut self, step: &Step) -> Option<Action> {
        let StepBody::SignIntermediate { issuer, csr, profile, subject, validity, extensions } = &step.body
        else {
            return None;
        };
        self.name_is_free(&step.id, StepKind::SignIntermediate);
        let issuer = self.issuer(issuer);
        let (file, request) = self.request(&step.id.value, csr)?;
        let subject_is_set = subject.is_some();
        let subject = match subject {
            Some(subject) => self.subject(subject)?,
            None => plan_subject(request.subject()),
        };
        let issuer = issuer?;
        let public = request.public_key().clone();
        let extensions = self.extensions(extensions, profile.value)?;
        let signs = self.kind_of_issuer(&issuer);
        self.key_fits(step, &csr.span, profile.value, &extensions, public.kind(), signs);
        let asked = self.asked(&step.id.span, &request, subject_is_set, &extensions)?;
        let action = |serial, tbs_sha256| Action::SignIntermediate {
            issuer: issuer.reference.clone(),
            csr: file.clone(),
            profile: profile.value,
            extensions: extensions.clone(),
            subject: subject.clone(),
            spki_sha256: public.sha256(),
            asked: asked.clone(),
            serial,
            validity: validity.value,
            tbs_sha256,
        };
        let (key, role) = (Some(public.sha256()), CertificateRole::Intermediate);
        self.is_who_it_was(&step.id.span, &subject, key, role, &validity.value);
        let serial = self.serial(step)?;
        let Some(certificate) = &issuer.certificate else {
            return Some(action(serial, None));
        };
        let sha256 = self.fix(step, &action(serial.clone(), None), Some(certificate), Some(&public))?;
        Some(action(serial, Some(sha256)))
    }

    /// Builds what will be signed, lints exactly those bytes and keeps them; answers with their SHA-256.
    pub(super) fn fix(
        &mut self,
        step: &Step,
        action: &Action,
        issuer: Option<&Certificate>,
        key: Option<&PublicKey>,
    ) -> Option<Digest> {
        let span = step.id.span.clone();
        let bytes = match to_be_signed(action, issuer, key) {
            Ok(bytes) => bytes,
            Err(error) => {
                self.problem(Code::Unencodable, &span, error.to_string(), "change the values of this step");
                return None;
            }
        };
        let environment = self.sources.script.ceremony.environment.value;
        let found = broken_rules(action, &bytes, issuer, environment);
        self.judge(&step.id.value, &span, &found);
        let sha256 = Digest::of(&bytes);
        self.tbs.push((FileName::of_step(&step.id.value, "tbs.der"), bytes));
        Some(sha256)
    }

    /// What a request asked for and what becomes of it: its subject unless the ceremony file sets one, and nothing
    /// else but what the profile gives anyway.
    fn asked(
        &mut self,
        span: &Span,
        request: &CertificationRequest,
        subject_is_set: bool,
        extensions: &CertificateExtensions,
    ) -> Option<Vec<Asked>> {
        let subject = if subject_is_set { AskedDecision::Overridden } else { AskedDecision::Honoured };
        let mut asked = vec![Asked { what: "subject".to_owned(), decision: subject }];
        for requested in request.asked() {
            match requested.decision(extensions, request.public_key()) {
                Ok(decision) => asked.push(Asked { what: requested.what.clone(), decision }),
                Err(error) => {
                    self.problem(Code::Unencodable, span, error.to_string(), "ask for a new request");
                    return None;
                }
            }
        }
        Some(asked)
    }

    pub(super) fn serial(&mut self, step: &Step) -> Option<SerialNumber> {
        let serial = (self.sources.serials)(&step.id.value);
        let fresh = serial.filter(|serial| !self.sources.ledger.serial_is_burnt(serial));
        match fresh.filter(|serial| self.serials.insert(serial.clone())) {
            Some(serial) => Some(serial),
            None => {
                let message = "no fresh serial number could be drawn for this step".to_owned();
                let remedy = "plan again; with --verify, the plan was not made from this file and authority";
                self.problem(Code::NoSerial, &step.id.span, message, remedy);
                None
            }
        }
    }

    fn subject(&mut self, subject: &Spanned<Vec<(AttributeKind, String)>>) -> Option<Subject> {
        match named(subject) {
            Ok(name) => Some(name),
            Err(error) => {
                self.problem(Code::MalformedSubject, &subject.span, error.to_string(), "change the subject");
                None
            }
        }
    }

    /// Reads a request, compares its digest and checks that whoever made it has the key.
    pub(super) fn request(
        &mut self,
        step: &Name,
        input: &Spanned<InputFile>,
    ) -> Option<(FileRef, CertificationRequest)> {
        let bytes = self.input(input)?;
        match CertificationRequest::parse(&bytes) {
            Ok(request) => {
                let name = FileName::of_step(step, "csr.pem");
                let file = FileRef::of(name.clone(), &bytes);
                self.inputs.insert(name, bytes);
                Some((file, request))
            }
            Err(error) => {
                let remedy = "ask for a new request: nothing is issued on one that does not hold";
                let message = format!("`{}`: {error}", input.value.file);
                self.problem(Code::BadRequest, &input.span, message, remedy);
                None
            }
        }
    }

    /// Reads a file that the ceremony takes in and compares its digest.
    pub(super) fn input(&mut self, input: &Spanned<InputFile>) -> Option<Vec<u8>> {
        let InputFile { file, sha256 } = &input.value;
        let path = self.sources.inputs.join(file);
        let inside = Path::new(file).components().all(|part| matches!(part, Component::Normal(_)));
        let bytes = match artifact::read(&path) {
            Ok(bytes) if inside => bytes,
            Ok(_) => return None,
            Err(error) => {
                let remedy = "put the file where the ceremony file says";
                self.problem(Code::InputUnreadable, &input.span, error.to_string(), remedy);
                return None;
            }
        };
        let found = Digest::of(&bytes);
        if found != *sha256 {
            let message = format!("`{file}` has the SHA-256 {found}");
            let remedy = "compare it with what its sender read out, then correct the file or the digest";
            self.problem(Code::InputDigest, &input.span, message, remedy);
            return None;
        }
        Some(bytes)
    }
}

/// A name of the ceremony file.
pub(super) fn named(name: &Spanned<Vec<(AttributeKind, String)>>) -> Result<Subject, pki::Error> {
    let attributes: Vec<_> = name.value.iter().map(|(kind, text)| (pki_kind(*kind), text.clone())).collect();
    DistinguishedName::from_attributes(&attributes).map(|name| plan_subject(&name))
}

pub(super) fn plan_subject(name: &DistinguishedName) -> Subject {
    Subject { der: Hex(name.der().to_vec()), text: name.to_string() }
}

fn pki_kind(kind: AttributeKind) -> pki::AttributeKind {
    match kind {
        AttributeKind::DomainComponent => pki::AttributeKind::DC,
        AttributeKind::CountryName => pki::AttributeKind::C,
        AttributeKind::StateOrProvinceName => pki::AttributeKind::ST,
        AttributeKind::LocalityName => pki::AttributeKind::L,
        AttributeKind::PostalCode => pki::AttributeKind::POSTALCODE,
        AttributeKind::StreetAddress => pki::AttributeKind::STREET,
        AttributeKind::OrganizationName => pki::AttributeKind::O,
        AttributeKind::OrganizationalUnitName => pki::AttributeKind::OU,
        AttributeKind::CommonName => pki::AttributeKind::CN,
    }
}
