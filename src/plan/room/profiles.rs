use std::ops::Range;

use super::{Beside as _, Room, mistake};
use crate::format::{CertificateExtensions, Profile, StepKind};
use crate::pki::KeyKind;
use crate::pki::profile::{Subject, breaches};
use crate::plan::extensions::planned;
use crate::plan::profiles::kind;
use crate::plan::relying::{Facts, refused};
use crate::script::{Certified, Code, Diagnostic, Extensions, Reference, Spanned, Step, StepBody};

/// Each certificate says what its profile demands, and nothing that a relying system would reject. Keys of requests and of the
/// ledger are the plan's to judge.
pub(super) fn check(room: Room<'_>, found: &mut Vec<Diagnostic>) {
    for step in room.steps {
        let cross = Spanned { value: Profile::Cross, span: step.id.span.clone() };
        let (profile, extensions, key, signs) = match &step.body {
            StepBody::SelfSign { key, profile, extensions, .. } => {
                let made = kind_of_key(room, &key.value);
                (profile, extensions, made, made)
            }
            StepBody::SignIntermediate { issuer, profile, subject, extensions, .. } => {
                if let (Profile::AwsPcaSub, Some(subject)) = (profile.value, subject) {
                    found.push(mistake(
                        Code::ProfileMismatch,
                        &subject.span,
                        "the profile `aws-pca-sub` takes its subject from the request: AWS Private CA refuses a certificate with \
                         another (ImportCertificateAuthorityCertificate)",
                        "Leave `subject` out.",
                    ));
                }
                (profile, extensions, None, kind_of_root(room, &issuer.value))
            }
            StepBody::CrossSign { issuer, certificate, extensions, .. } => {
                let certified = match &certificate.value {
                    Certified::Own(reference) => kind_of_root(room, reference),
                    Certified::Foreign(_) => None,
                };
                (&cross, extensions, certified, kind_of_root(room, &issuer.value))
            }
            _ => continue,
        };
        let domain = room.script.ceremony.trust_domain.as_ref();
        // A name that has no encoding is the plan's to name.
        let Ok(said) = planned(extensions, profile.value, domain.map(|domain| domain.value.as_str())) else {
            continue;
        };
        judge_profile(profile, extensions, &said, key, found);
        if let (Some(id), Some(domain)) = (&extensions.spiffe_id, domain)
            && profile.value != Profile::ConsulConnectRoot
            && id.value.trust_domain() != domain.value
        {
            found.push(
                mistake(
                    Code::ProfileMismatch,
                    &id.span,
                    format!("`{}` is of another trust domain than the ceremony's", id.value),
                    "Sign for another trust domain under a root of its own.",
                )
                .beside(&domain.span, "the trust domain"),
            );
        }
        judge_relying(
            room,
            profile,
            extensions,
            &Facts { profile: profile.value, extensions: &said, key, signs },
            found,
        );
    }
}

fn judge_profile(
    profile: &Spanned<Profile>,
    written: &Extensions,
    said: &CertificateExtensions,
    key: Option<KeyKind>,
    found: &mut Vec<Diagnostic>,
) {
    for breach in breaches(profile.value, said, key) {
        let span = place(written, breach.subject).unwrap_or_else(|| profile.span.clone());
        let remedy = "Change the value, or choose the profile that is meant.";
        found.push(
            mistake(Code::ProfileMismatch, &span, breach.to_string(), remedy)
                .beside(&profile.span, "the profile"),
        );
    }
}

fn judge_relying(
    room: Room<'_>,
    profile: &Spanned<Profile>,
    written: &Extensions,
    facts: &Facts<'_>,
    found: &mut Vec<Diagnostic>,
) {
    for system in &room.script.ceremony.relying {
        for row in refused(system.value, facts) {
            let subject = match row.id {
                _ if row.about_keys => Subject::Key,
                "go-key-usage" | "device-key-usage" => Subject::ExtendedKeyUsage,
                _ => Subject::NameConstraints,
            };
            let span = place(written, subject).unwrap_or_else(|| profile.span.clone());
            let remedy = format!("Here: {}.", row.remedy);
            let refusal = mistake(Code::RelyingRefusal, &span, row.sentence(system.value), remedy);
            found.push(refusal.beside(&system.span, "who relies on it"));
        }
    }
}

/// Where the file says it; `None` where it says nothing.
fn place(written: &Extensions, subject: Subject) -> Option<Range<usize>> {
    fn span<T>(value: &Option<Spanned<T>>) -> Option<Range<usize>> {
        value.as_ref().map(|value| value.span.clone())
    }
    match subject {
        Subject::Key => None,
        Subject::PathLength => span(&written.path_length),
        Subject::ExtendedKeyUsage => span(&written.extended_key_usage),
        Subject::NameConstraints => span(&written.name_constraints),
        Subject::Publications => span(&written.policies)
            .or_else(|| span(&written.crl_distribution_points))
            .or_else(|| span(&written.authority_information_access)),
        Subject::SpiffeId => span(&written.spiffe_id),
    }
}

fn kind_of_key(room: Room<'_>, key: &Reference) -> Option<KeyKind> {
    match &room.made_here(key, StepKind::GenerateKey)?.body {
        StepBody::GenerateKey { algorithm, .. } => Some(kind(algorithm.value)),
        _ => None,
    }
}

fn kind_of_root(room: Room<'_>, issuer: &Reference) -> Option<KeyKind> {
    match room.made_here(issuer, StepKind::SelfSign) {
        Some(Step { body: StepBody::SelfSign { key, .. }, .. }) => kind_of_key(room, &key.value),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
