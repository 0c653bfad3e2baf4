use super::judgement::broken_rules;
use super::ledger_references::Issuer;
use super::resolve::{Resolver, Span};
use super::to_be_signed::cross_to_be_signed;
use crate::format::{
    Action, CertifiedRef, Digest, FileName, FileRef, Name, Profile, StepKind, Subject, Window,
};
use crate::pki::lint::{CertificateContext, Finding, lint_certificate};
use crate::pki::{Certificate, beyond_existing, unfit_to_be_certified};
use crate::script::{Certified, Code, InputFile, Reference, Spanned, Step, StepBody};

/// A root that is certified once more, as far as it is known at plan time.
struct Existing {
    reference: CertifiedRef,
    subject: Subject,
    validity: Window,
    path_length: Option<u8>,
    /// The certificate, unless this plan's ceremony has still to make it.
    certificate: Option<Certificate>,
}

impl Resolver<'_> {
    pub(super) fn cross_sign(&mut self, step: &Step) -> Option<Action> {
        let StepBody::CrossSign { issuer, certificate, csr, validity, extensions } = &step.body else {
            return None;
        };
        self.name_is_free(&step.id, StepKind::CrossSign);
        let issuer = self.issuer(issuer);
        let existing = self.existing(&step.id.value, certificate)?;
        let request = match csr {
            Some(csr) => Some(self.possession(&step.id.value, csr, &existing)?),
            None => None,
        };
        if let (Certified::Foreign(file), None) = (&certificate.value, csr) {
            self.warnings.push(format!(
                "step `{}`: nothing shows that whoever brought `{}` has its key; ask for a request signed with it",
                step.id.value, file.file
            ));
        }
        let issuer = issuer?;
        let mut planned = self.extensions(extensions, Profile::Cross)?;
        if extensions.path_length.is_none() {
            planned.path_length = existing.path_length;
        }
        let (length, path_length) = (planned.path_length, &extensions.path_length);
        let wider = existing.path_length.is_some_and(|limit| length.is_none_or(|length| length > limit));
        let ends = validity.value.to > existing.validity.to;
        for (broken, span, what) in [
            (
                wider,
                path_length.as_ref().map_or(&step.id.span, |length| &length.span),
                "allows longer chains",
            ),
            (ends, &validity.span, "ends later"),
        ] {
            if broken {
                let message = format!("it {what} than `{}` itself", certificate.value);
                let remedy =
                    "a cross-certificate never allows more than the certificate that it stands beside";
                self.problem(Code::CrossAllowsMore, span, message, remedy);
            }
        }
        if wider || ends {
            return None;
        }
        if let Some(existing) = &existing.certificate {
            let signs = self.kind_of_issuer(&issuer);
            let key = existing.public_key().kind();
            self.key_fits(step, &certificate.span, Profile::Cross, &planned, key, signs);
        }
        let action = |serial, tbs_sha256| Action::CrossSign {
            issuer: issuer.reference.clone(),
            certificate: existing.reference.clone(),
            csr: request.clone(),
            extensions: planned.clone(),
            subject: existing.subject.clone(),
            serial,
            validity: validity.value,
            tbs_sha256,
        };
        let serial = self.serial(step)?;
        let (Some(above), Some(beside)) = (&issuer.certificate, &existing.certificate) else {
            return Some(action(serial, None));
        };
        let sha256 = self.fix_cross(step, &action(serial.clone(), None), above, beside)?;
        Some(action(serial, Some(sha256)))
    }

    fn existing(&mut self, step: &Name, certified: &Spanned<Certified>) -> Option<Existing> {
        match &certified.value {
            Certified::Own(Reference::Step(id)) => {
                let made = self.steps.iter().find(|step| step.id == *id)?;
                let Action::SelfSign { subject, validity, extensions, .. } = &made.action else {
                    return None;
                };
                Some(Existing {
                    reference: CertifiedRef::Step { id: id.clone() },
                    subject: subject.clone(),
                    validity: *validity,
                    path_length: extensions.path_length,
                    certificate: None,
                })
            }
            Certified::Own(reference) => {
                let named = Spanned { value: reference.clone(), span: certified.span.clone() };
                let Issuer { reference, certificate, .. } = self.root(&named)?;
                let crate::format::IssuerRef::Ledger { ordinal, id, certificate: file, .. } = reference
                else {
                    return None;
                };
                let certificate = certificate?;
                let spki_sha256 = certificate.public_key().sha256();
                let reference = CertifiedRef::Ledger { ordinal, id, certificate: file, spki_sha256 };
                Some(known(reference, certificate))
            }
            Certified::Foreign(file) => self.foreign(step, file, &certified.span),
        }
    }

    /// The root of another organisation: it is intact, a root, and none of this authority's.
    fn foreign(&mut self, step: &Name, file: &InputFile, span: &Span) -> Option<Existing> {
        let bytes = self.input(&Spanned { value: file.clone(), span: span.clone() })?;
        let certificate = match Certificate::from_pem(&bytes) {
            Ok(certificate) => certificate,
            Err(error) => {
                let message = format!("`{}`: {error}", file.file);
                self.problem(
                    Code::BadCertificate,
                    span,
                    message,
                    "ask for the root certificate itself, in PEM",
                );
                return None;
            }
        };
        let spki_sha256 = certificate.public_key().sha256();
        let subject = certificate.subject();
        let ledger = self.sources.ledger;
        let mut unfit: Vec<String> =
            unfit_to_be_certified(&certificate).into_iter().map(str::to_owned).collect();
        if ledger.key_with(&spki_sha256).is_some() {
            unfit.push("its key is one of this authority: refer to it with `ledger:`".to_owned());
        } else if ledger.certificates.iter().any(|entry| entry.subject.der.0 == subject.der()) {
            unfit.push("this authority has a certificate with its subject and another key".to_owned());
        }
        if certificate.validity().to <= self.sources.script.ceremony.window.value.to {
            unfit.push(format!("it ended on {}", certificate.validity().to));
        }
        for what in &unfit {
            let message = format!("`{}`: {what}", file.file);
            self.problem(
                Code::BadCertificate,
                span,
                message,
                "certify another organisation's root, while it holds",
            );
        }
        if !unfit.is_empty() {
            return None;
        }
        let environment = self.sources.script.ceremony.environment.value;
        let context = CertificateContext { issuer: None, profile: Profile::Root, environment };
        for Finding { rule, what } in lint_certificate(certificate.tbs(), &context) {
            self.warnings.push(format!("`{}` itself: {} {}: {what}", file.file, rule.id, rule.title));
        }
        let name = FileName::of_step(step, "certified.pem");
        let reference = CertifiedRef::Input { certificate: FileRef::of(name.clone(), &bytes), spki_sha256 };
        self.inputs.insert(name, bytes);
        Some(known(reference, certificate))
    }

    /// A request that is signed with the key that is certified.
    fn possession(&mut self, step: &Name, csr: &Spanned<InputFile>, existing: &Existing) -> Option<FileRef> {
        let (file, request) = self.request(step, csr)?;
        let certificate = existing.certificate.as_ref()?;
        if request.public_key() != certificate.public_key() {
            let message = format!("`{}` is signed with another key than the certificate's", csr.value.file);
            let remedy = "ask for a request signed with the key of the certificate";
            self.problem(Code::BadRequest, &csr.span, message, remedy);
            return None;
        }
        Some(file)
    }

    /// Builds what will be signed, judges exactly those bytes and keeps them; answers with their SHA-256.
    fn fix_cross(
        &mut self,
        step: &Step,
        action: &Action,
        issuer: &Certificate,
        existing: &Certificate,
    ) -> Option<Digest> {
        let span = step.id.span.clone();
        let built = cross_to_be_signed(action, issuer, existing)
            .and_then(|bytes| Ok((beyond_existing(&bytes, existing, issuer)?, bytes)));
        let (beyond, bytes) = match built {
            Ok(built) => built,
            Err(error) => {
                self.problem(Code::Unencodable, &span, error.to_string(), "change the values of this step");
                return None;
            }
        };
        for what in beyond {
            let message = format!("it {what} the certificate that it stands beside");
            self.problem(Code::CrossAllowsMore, &span, message, "change the values of this step");
        }
        let environment = self.sources.script.ceremony.environment.value;
        let found = broken_rules(action, &bytes, Some(issuer), environment);
        self.judge(&step.id.value, &span, &found);
        let sha256 = Digest::of(&bytes);
        self.tbs.push((FileName::of_step(&step.id.value, "tbs.der"), bytes));
        Some(sha256)
    }
}

fn known(reference: CertifiedRef, certificate: Certificate) -> Existing {
    Existing {
        reference,
        subject: super::objects::plan_subject(certificate.subject()),
        validity: certificate.validity(),
        path_length: certificate.path_length(),
        certificate: Some(certificate),
    }
}
