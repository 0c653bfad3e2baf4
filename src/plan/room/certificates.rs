use std::ops::Range;

use super::{Beside as _, Room, mistake};
use crate::format::{StepKind, Window};
use crate::pki::profile::default_path_length;
use crate::script::{
    AttributeKind, Code, Diagnostic, Extensions, InputFile, Reference, Spanned, Step, StepBody,
};

/// One subject, one key, one certificate; and each certificate inside what its issuer's allows.
pub(super) fn check(room: Room<'_>, found: &mut Vec<Diagnostic>) {
    let mut subjects: Vec<&Spanned<Vec<(AttributeKind, String)>>> = Vec::new();
    let mut keys: Vec<&Spanned<Reference>> = Vec::new();
    let mut requests: Vec<&Spanned<InputFile>> = Vec::new();
    for step in room.steps {
        let subject = match &step.body {
            StepBody::SelfSign { key, subject, .. } => {
                if let Some(first) = keys.iter().find(|other| other.value == key.value) {
                    found.push(
                        mistake(
                            Code::KeyCertifiedTwice,
                            &key.span,
                            format!("`{}` has a root certificate already", key.value),
                            "Leave one of them out: two roots of one key cannot be told apart by what they sign.",
                        )
                        .beside(&first.span, "here"),
                    );
                }
                keys.push(key);
                Some(subject)
            }
            StepBody::SignIntermediate { issuer, csr, profile, subject, validity, extensions } => {
                let same = |other: &&&Spanned<InputFile>| {
                    other.value.file == csr.value.file || other.value.sha256 == csr.value.sha256
                };
                if let Some(first) = requests.iter().find(same) {
                    found.push(
                        mistake(
                            Code::RequestTwice,
                            &csr.span,
                            "this request is signed already",
                            "Sign each request once: two certificates of one key cannot be revoked apart.",
                        )
                        .beside(&first.span, "here"),
                    );
                }
                requests.push(csr);
                if let Some(root) = room.made_here(&issuer.value, StepKind::SelfSign) {
                    inside_issuer(root, "the certificate", &validity.value, &validity.span, found);
                    let left_out = default_path_length(profile.value).unwrap_or(u8::MAX);
                    path_length_left(root, extensions.path_length.as_ref(), left_out, &issuer.span, found);
                }
                subject.as_ref()
            }
            _ => None,
        };
        if let Some(subject) = subject {
            if let Some(first) = subjects.iter().find(|other| other.value == subject.value) {
                found.push(
                    mistake(
                        Code::SubjectTaken,
                        &subject.span,
                        "another certificate has this subject",
                        "Give each CA its own subject, a root's with its generation: relying systems find issuers by \
                         name (RFC 5280 4.1.2.6).",
                    )
                    .beside(&first.span, "here"),
                );
            }
            subjects.push(subject);
        }
    }
}

/// Nothing is signed for a time in which the issuer's certificate does not hold (RFC 5280 6.1.3).
pub(super) fn inside_issuer(
    root: &Step,
    what: &str,
    period: &Window,
    span: &Range<usize>,
    found: &mut Vec<Diagnostic>,
) {
    let StepBody::SelfSign { validity, .. } = &root.body else {
        return;
    };
    if period.from < validity.value.from || period.to > validity.value.to {
        found.push(
            mistake(
                Code::OutsideIssuerValidity,
                span,
                format!("{what} is meant for a time in which its issuer `{}` is not valid", root.id.value),
                format!("Stay within {} and {}.", validity.value.from, validity.value.to),
            )
            .beside(&validity.span, "the issuer's validity"),
        );
    }
}

/// Each CA below takes at least one from pathLenConstraint (RFC 5280 6.1.4 l and m).
fn path_length_left(
    root: &Step,
    path_length: Option<&Spanned<u8>>,
    left_out: u8,
    issuer: &Range<usize>,
    found: &mut Vec<Diagnostic>,
) {
    let StepBody::SelfSign { extensions: Extensions { path_length: Some(above), .. }, .. } = &root.body
    else {
        return;
    };
    let (below, span) = path_length.map_or((left_out, issuer), |below| (below.value, &below.span));
    if below >= above.value {
        found.push(
            mistake(
                Code::PathLength,
                span,
                format!("path length {below} does not fit below an issuer of path length {}", above.value),
                format!("Raise the issuer's to {} or more, or leave it out.", u16::from(below) + 1),
            )
            .beside(&above.span, "the issuer's path length"),
        );
    }
}
