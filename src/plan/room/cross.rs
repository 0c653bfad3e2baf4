use super::{Beside as _, Room, may_be_one, mistake};
use crate::format::{StepKind, Window};
use crate::script::{Certified, Code, Diagnostic, Reference, Spanned, StepBody};

/// A root is certified once more by another one, once, for a time in which both hold.
pub(super) fn check(room: Room<'_>, found: &mut Vec<Diagnostic>) {
    let mut before: Vec<(&Reference, &Spanned<Certified>)> = Vec::new();
    for step in room.steps {
        let StepBody::CrossSign { issuer, certificate, csr, validity, extensions } = &step.body else {
            continue;
        };
        if let (Some(_), Some(csr)) = (certificate.value.own(), csr) {
            found.push(mistake(
                Code::NeedlessRequest,
                &csr.span,
                "a request shows that others have their key; this root is the authority's own",
                "Leave `csr` out.",
            ));
        }
        if certificate.value.own().is_some_and(|own| may_be_one(own, &issuer.value)) {
            found.push(
                mistake(
                    Code::CrossSignsItself,
                    &certificate.span,
                    format!("`{}` is to certify itself once more", issuer.value),
                    "Name two roots: the one that signs, and the one whose key is certified.",
                )
                .beside(&issuer.span, "the issuer"),
            );
        }
        let same = |other: &&(&Reference, &Spanned<Certified>)| {
            may_be_one(other.0, &issuer.value) && may_be_the_same(&other.1.value, &certificate.value)
        };
        if let Some((_, first)) = before.iter().find(same) {
            found.push(
                mistake(
                    Code::CrossSignedTwice,
                    &certificate.span,
                    format!("`{}` certifies this root already", issuer.value),
                    "Leave one of the two out: chains through either are the same.",
                )
                .beside(&first.span, "here"),
            );
        }
        before.push((&issuer.value, certificate));
        ends_in_time(room, &issuer.value, &certificate.value, validity, found);
        path_length_left(room, &issuer.value, &certificate.value, extensions.path_length.as_ref(), found);
    }
}

fn may_be_the_same(one: &Certified, other: &Certified) -> bool {
    match (one, other) {
        (Certified::Own(one), Certified::Own(other)) => may_be_one(one, other),
        (Certified::Foreign(one), Certified::Foreign(other)) => one.sha256 == other.sha256,
        _ => false,
    }
}

/// Neither outlives the certificate that signs it nor the one that it stands beside (RFC 9810 4.4).
fn ends_in_time(
    room: Room<'_>,
    issuer: &Reference,
    certificate: &Certified,
    validity: &Spanned<Window>,
    found: &mut Vec<Diagnostic>,
) {
    for root in [Some(issuer), certificate.own()].into_iter().flatten() {
        let made = room.made_here(root, StepKind::SelfSign);
        if let Some(StepBody::SelfSign { validity: of_root, .. }) = made.map(|step| &step.body)
            && validity.value.to > of_root.value.to
        {
            found.push(
                mistake(
                    Code::OutsideIssuerValidity,
                    &validity.span,
                    format!("the cross-certificate ends later than the root `{root}`"),
                    format!("Let it end on {} or earlier.", of_root.value.to),
                )
                .beside(&of_root.span, "its validity"),
            );
        }
    }
}

/// The roots' own limits hold above and beside a cross-certificate (RFC 5280 6.1.4 l and m).
fn path_length_left(
    room: Room<'_>,
    issuer: &Reference,
    certificate: &Certified,
    own: Option<&Spanned<u8>>,
    found: &mut Vec<Diagnostic>,
) {
    let length = |root: Option<&Reference>| {
        let made = room.made_here(root?, StepKind::SelfSign)?;
        match &made.body {
            StepBody::SelfSign { extensions, .. } => extensions.path_length.as_ref(),
            _ => None,
        }
    };
    let Some(own) = own else { return };
    let limits = [(length(Some(issuer)), 1), (length(certificate.own()), 0)];
    for (limit, less) in limits.into_iter().filter_map(|(limit, less)| Some((limit?, less))) {
        if u16::from(own.value) + less > u16::from(limit.value) {
            found.push(
                mistake(
                    Code::PathLength,
                    &own.span,
                    format!("path length {} does not fit a root of path length {}", own.value, limit.value),
                    "Lower it, or raise the root's.",
                )
                .beside(&limit.span, "the root's path length"),
            );
        }
    }
}
