use super::{Beside as _, Room, certificates, may_be_one, mistake};
use crate::format::{Instant, StepKind, Window};
use crate::script::{Code, Diagnostic, Reference, Series, Spanned, Step, StepBody};

/// Revocations are of certificates that the issuer issued, once each, and a later CRL publishes them.
pub(super) fn check(room: Room<'_>, found: &mut Vec<Diagnostic>) {
    let mut revoked: Vec<&Spanned<Reference>> = Vec::new();
    let mut lists: Vec<(&Spanned<Reference>, Spanned<Instant>)> = Vec::new();
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
            StepBody::IssueCrl { issuer, this_update, next_update, series, .. } => {
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
                if let Some(series) = series {
                    series_fits(room, step, series, found);
                }
                let (from, to) = last_of(step).unwrap_or((this_update.value, next_update.value));
                lists.push((issuer, Spanned { value: from, span: this_update.span.clone() }));
                if let Some(root) = room.made_here(&issuer.value, StepKind::SelfSign) {
                    let period = Window { from: this_update.value, to };
                    certificates::inside_issuer(root, "the CRL", &period, &this_update.span, found);
                }
            }
            _ => {}
        }
    }
    until_the_next_ceremony(room, found);
}

/// thisUpdate and nextUpdate of the last list that a step makes.
fn last_of(step: &Step) -> Option<(Instant, Instant)> {
    match &step.members().last()?.body {
        StepBody::IssueCrl { this_update, next_update, .. } => Some((this_update.value, next_update.value)),
        _ => None,
    }
}

/// Each list of a series has a name of its own, and is there before the one before it runs out.
fn series_fits(room: Room<'_>, step: &Step, series: &Spanned<Series>, found: &mut Vec<Diagnostic>) {
    let StepBody::IssueCrl { this_update, next_update, .. } = &step.body else {
        return;
    };
    let members = step.members();
    let lasts = next_update.value.unix_seconds() - this_update.value.unix_seconds();
    if i64::from(series.value.every_days) * 86_400 >= lasts {
        found.push(
            mistake(
                Code::SeriesContradiction,
                &series.span,
                "each list runs out before the next one begins, or as it does",
                "Lower `every-days`, or let `next-update` be later: the overlap is the time to publish the next list.",
            )
            .beside(&next_update.span, "the end of the first list"),
        );
    }
    if members.len() < usize::try_from(series.value.count).unwrap_or(usize::MAX) {
        found.push(mistake(
            Code::SeriesContradiction,
            &step.id.span,
            format!("`{}-{}` is no name, or its list has no date", step.id.value, series.value.count),
            "Shorten the id: the lists are named after it, and a name has 40 characters at most.",
        ));
    }
    for member in &members {
        if let Some((_, other)) = room.step(&member.id.value) {
            found.push(
                mistake(
                    Code::SeriesContradiction,
                    &step.id.span,
                    format!("a list of this series is named `{}`, and so is another step", member.id.value),
                    "Give one of the two another id.",
                )
                .beside(&other.id.span, "the other step"),
            );
        }
    }
}

/// Where the file says when people meet again, the lists of each issuer last until then: an expired list stops those who
/// check it, and only a ceremony makes another.
fn until_the_next_ceremony(room: Room<'_>, found: &mut Vec<Diagnostic>) {
    let ceremony = &room.script.ceremony;
    let Some(next) = &ceremony.next_ceremony else {
        return;
    };
    if next.value <= ceremony.window.value.to {
        found.push(
            mistake(
                Code::NextCeremonyTooEarly,
                &next.span,
                "the next ceremony is not after this one",
                format!("Write an instant after {}.", ceremony.window.value.to),
            )
            .beside(&ceremony.window.span, "this one"),
        );
    }
    let mut issuers: Vec<&Reference> = Vec::new();
    for step in room.steps.iter().rev() {
        let StepBody::IssueCrl { issuer, next_update, .. } = &step.body else {
            continue;
        };
        if issuers.iter().any(|other| may_be_one(other, &issuer.value)) {
            continue;
        }
        issuers.push(&issuer.value);
        let ends = last_of(step).map_or(next_update.value, |(_, ends)| ends);
        if ends <= next.value {
            found.push(
                mistake(
                    Code::CrlEndsEarly,
                    &next_update.span,
                    format!(
                        "the last list of `{}` runs out at {ends}, before the next ceremony",
                        issuer.value
                    ),
                    format!("Let it end after {}, or make a `series`.", next.value),
                )
                .beside(&next.span, "the next ceremony"),
            );
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
            let signed = [StepKind::SignIntermediate, StepKind::CrossSign];
            let signed = signed.into_iter().find_map(|kind| room.made_here(&certificate.value, kind));
            match signed.map(|step| &step.body) {
                Some(
                    StepBody::SignIntermediate { issuer: signer, .. }
                    | StepBody::CrossSign { issuer: signer, .. },
                ) => !may_be_one(&signer.value, &issuer.value),
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
