//! Keys that are known only at plan time, against the profile and the relying systems.

use super::ledger_references::Issuer;
use super::relying::{Facts, refused};
use super::resolve::{Resolver, Span};
use crate::format::{Action, CertificateExtensions, IssuerRef, KeyAlgorithm, Profile};
use crate::pki::KeyKind;
use crate::pki::profile::{Subject, breaches};
use crate::script::{Code, Step};

/// What profiles and relying systems tell the keys of this program by.
pub(super) fn kind(algorithm: KeyAlgorithm) -> KeyKind {
    match algorithm {
        KeyAlgorithm::EcdsaP256 => KeyKind::P256,
        KeyAlgorithm::EcdsaP384 => KeyKind::P384,
    }
}

impl Resolver<'_> {
    /// The kind of key that an issuer signs with.
    pub(super) fn kind_of_issuer(&self, issuer: &Issuer) -> Option<KeyKind> {
        if let Some(certificate) = &issuer.certificate {
            return Some(certificate.public_key().kind());
        }
        let IssuerRef::Step { id } = &issuer.reference else { return None };
        let action =
            |id: &crate::format::Name| self.steps.iter().find(|step| step.id == *id).map(|step| &step.action);
        match action(id)? {
            Action::SelfSign { key: crate::format::KeyRef::Step { id }, .. } => match action(id)? {
                Action::GenerateKey { algorithm, .. } => Some(kind(*algorithm)),
                _ => None,
            },
            _ => None,
        }
    }

    /// The key is one that the profile has, and that the relying systems take.
    pub(super) fn key_fits(
        &mut self,
        step: &Step,
        span: &Span,
        profile: Profile,
        extensions: &CertificateExtensions,
        key: KeyKind,
        signs: Option<KeyKind>,
    ) {
        for breach in breaches(profile, extensions, Some(key)) {
            if breach.subject == Subject::Key {
                let message = format!("the key is {key}, and {breach}");
                self.problem(Code::ProfileKey, span, message, "ask for a request with such a key");
            }
        }
        let facts = Facts { profile, extensions, key: Some(key), signs };
        for system in &self.sources.script.ceremony.relying {
            for row in refused(system.value, &facts).into_iter().filter(|row| row.about_keys) {
                let message = format!("step `{}`: {}", step.id.value, row.sentence(system.value));
                self.problem(Code::RelyingKey, span, message, row.remedy);
            }
        }
    }
}
