use super::{Beside as _, Room, certificates, may_be_one, mistake};
use crate::format::{Instant, StepKind, Window};
use crate::script::{Code, Diagnostic, Reference, Spanned, Step, StepBody};

/// Revocations are of certificates that the issuer issued, once each, and a later CRL publishes them.
pub(super) fn check(room: Room<'_>, found: &mut Vec<Diagnostic>) {
    let mut revoked: Vec<&Spanned<Reference>> = Vec::new();
    let mut lists: Vec<(&Spanned<Reference>, &Spanned<Instant>)> = Vec::new();
    for (place, step) in room.steps.iter().enumerate() {
        match &step.body {
            StepBody::Revoke { issuer, certificate, at, .. } => {
                if let Some(first) = revoked.iter().find(|other| other.value == certificate.value) {
                    found.push(
                        mistake(
                            Code::RevokedTwice,
                            &certificate.span,
                            format!("`{}` is revoked already", certificate.value),
                            "Leave one of the two out: a CRL has one entry for a certificate.",
                        )
                        .beside(&first.span, "here"),
                    );
                }
                revoked.push(certificate);
                issued_there(room, issuer, certificate, found);
                published(room, place, issuer, at, step, found);
            }
            StepBody::IssueCrl { issuer, this_update, next_update } => {
                let same_issuer = lists.iter().rev().find(|(other, _)| other.value == issuer.value);
                if let Some((_, before)) = same_issuer
                    && this_update.value < before.value
                {
                    found.push(
                        mistake(
                            Code::CrlOutOfOrder,
                            &this_update.span,
                            "this CRL has the greater number and the earlier date (RFC 5280 5.2.3)",
                            format!("Write {} or later, or change the order of the steps.", before.value),
                        )
                        .beside(&before.span, "the CRL before"),
                    );
                }
                lists.push((issuer, this_update));
                if let Some(root) = room.made_here(&issuer.value, StepKind::SelfSign) {
                    let period = Window { from: this_update.value, to: next_update.value };
                    certificates::inside_issuer(root, "the CRL", &period, &this_update.span, found);
                }
            }
            _ => {}
        }
    }
}

fn issued_there(
    room: Room<'_>,
    issuer: &Spanned<Reference>,
    certificate: &Spanned<Reference>,
    found: &mut Vec<Diagnostic>,
) {
    let elsewhere = match &certificate.value {
        Reference::Step(_) => {
            let signed = room.made_here(&certificate.value, StepKind::SignIntermediate);
            match signed.map(|step| &step.body) {
                Some(StepBody::SignIntermediate { issuer: signer, .. }) => {
                    !may_be_one(&signer.value, &issuer.value)
                }
                _ => false,
            }
        }
        // A root with a new key issued nothing before; one made anew for an old key speaks for that key.
        Reference::Ledger { .. } => {
            let root = room.made_here(&issuer.value, StepKind::SelfSign);
            match root.map(|step| &step.body) {
                Some(StepBody::SelfSign { key, .. }) => matches!(key.value, Reference::Step(_)),
                _ => false,
            }
        }
    };
    if elsewhere {
        found.push(
            mistake(
                Code::NotIssuedThere,
                &issuer.span,
                format!("`{}` did not issue `{}`", issuer.value, certificate.value),
                "Name the issuer of that certificate: only its CRL can revoke it (RFC 5280 5).",
            )
            .beside(&certificate.span, "the certificate"),
        );
    }
}

fn published(
    room: Room<'_>,
    place: usize,
    issuer: &Spanned<Reference>,
    at: &Spanned<Instant>,
    step: &Step,
    found: &mut Vec<Diagnostic>,
) {
    let next = room.steps.iter().skip(place).find_map(|later| match &later.body {
        StepBody::IssueCrl { issuer: signer, this_update, .. }
            if may_be_one(&signer.value, &issuer.value) =>
        {
            Some(this_update)
        }
        _ => None,
    });
    match next {
        None => found.push(mistake(
            Code::RevocationUnpublished,
            &step.id.span,
            format!("no later CRL of `{}` publishes this revocation", issuer.value),
            format!("Add an `issue-crl` step with `issuer = \"{}\"` after it.", issuer.value),
        )),
        Some(this_update) if this_update.value < at.value => found.push(
            mistake(
                Code::RevokedAfterCrl,
                &at.span,
                "the certificate is revoked after the CRL that says so",
                format!("Write {} or earlier.", this_update.value),
            )
            .beside(&this_update.span, "the CRL that publishes it"),
        ),
        Some(_) => {}
    }
}
