use super::certificate::CertificateBody;
use super::{Body as _, Certificate, Error};

/// In what a cross-certificate leaves the certificate of the same key that it stands beside, each to follow on "it" and be
/// followed by "the certificate that it stands beside" (BR 7.1.2.2, RFC 9810 4.4): subject, key and key identifier are the same
/// byte for byte, or chains do not join; and it allows nothing beyond that certificate.
///
/// # Errors
/// When the bytes are not a strict TBSCertificate.
pub fn beyond_existing(
    tbs: &[u8],
    existing: &Certificate,
    issuer: &Certificate,
) -> Result<Vec<&'static str>, Error> {
    let body = CertificateBody::parse(tbs)?;
    let (own, beside) = (body.validity, existing.validity());
    let path_length = body.basic_constraints.as_ref().and_then(|value| value.path_len_constraint);
    let no_longer = existing.path_length().is_none_or(|limit| path_length.is_some_and(|own| own <= limit));
    let rules = [
        ("has another subject than", body.subject == *existing.subject()),
        ("has another key than", body.public_key == *existing.public_key()),
        (
            "has another subjectKeyIdentifier than",
            body.subject_key_identifier == existing.subject_key_identifier(),
        ),
        ("allows longer chains than", no_longer),
        ("ends later than", own.to <= beside.to),
        // Old-with-new begins with the old one, before its issuer does; no chain is valid there.
        ("begins earlier than", own.from >= beside.from.min(issuer.validity().from)),
    ];
    Ok(rules.into_iter().filter(|(_, holds)| !holds).map(|(what, _)| what).collect())
}

/// Why a certificate is none that a root certifies once more, a sentence each.
pub fn unfit_to_be_certified(existing: &Certificate) -> Vec<&'static str> {
    let own = existing.subject() == existing.issuer();
    let signed = !own || existing.verify_signature(existing.public_key()).is_ok();
    let rules = [
        ("it does not sign itself", own),
        ("its signature does not verify", signed),
        ("it is not a CA", existing.is_authority()),
        ("its key may not sign certificates", existing.may_sign_certificates()),
        ("it has no subjectKeyIdentifier", existing.subject_key_identifier().is_some()),
    ];
    rules.into_iter().filter(|(_, holds)| !holds).map(|(what, _)| what).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::{CertificateExtensions, Instant, Profile, Window};
    use crate::pki::{
        AttributeKind, CertificateTemplate, DistinguishedName, KeyIdentifier, PublicKey, sample,
    };

    /// What a cross-certificate copies, or should have copied.
    struct Copied {
        subject: DistinguishedName,
        key: PublicKey,
        identifier: KeyIdentifier,
        validity: Window,
        path_length: Option<u8>,
    }

    fn beyond(path_length: Option<u8>, change: fn(&mut Copied)) -> Vec<&'static str> {
        let (existing, issuer) = (sample::root(path_length), sample::root(None));
        let mut copied = Copied {
            subject: existing.subject().clone(),
            key: existing.public_key().clone(),
            identifier: existing.subject_key_identifier().unwrap(),
            validity: existing.validity(),
            path_length,
        };
        change(&mut copied);
        let template = CertificateTemplate {
            serial: &sample::serial(7),
            issuer: issuer.subject(),
            validity: copied.validity,
            subject: &copied.subject,
            public_key: &copied.key,
            profile: Profile::Cross,
            extensions: &CertificateExtensions { path_length: copied.path_length, ..Default::default() },
            authority_key_identifier: issuer.public_key().key_identifier(),
            signature_algorithm: issuer.signature_algorithm(),
        };
        beyond_existing(&template.to_tbs_named(copied.identifier).unwrap(), &existing, &issuer).unwrap()
    }

    #[test]
    fn a_cross_certificate_copies_and_never_allows_more() {
        type Case = (Option<u8>, fn(&mut Copied), &'static [&'static str]);
        let cases: [Case; 10] = [
            (Some(1), |_| {}, &[]),
            (Some(1), |copied| copied.path_length = Some(0), &[]),
            (None, |copied| copied.path_length = Some(9), &[]),
            (None, |copied| copied.identifier.0[0] ^= 1, &["has another subjectKeyIdentifier than"]),
            (Some(1), |copied| copied.path_length = Some(2), &["allows longer chains than"]),
            (Some(1), |copied| copied.path_length = None, &["allows longer chains than"]),
            (None, |copied| copied.validity.to = later(copied.validity.to, 1), &["ends later than"]),
            (None, |copied| copied.validity.from = later(copied.validity.from, -1), &["begins earlier than"]),
            (None, |copied| copied.key = sample::public_key(9), &["has another key than"]),
            (
                None,
                |copied| {
                    let other = [(AttributeKind::CN, "other".to_owned())];
                    copied.subject = DistinguishedName::from_attributes(&other).unwrap();
                },
                &["has another subject than"],
            ),
        ];
        for (path_length, change, expected) in cases {
            assert_eq!(beyond(path_length, change), expected);
        }
    }

    fn later(instant: Instant, seconds: i64) -> Instant {
        Instant::from_unix_seconds(instant.unix_seconds() + seconds).unwrap()
    }

    #[test]
    fn only_a_root_is_certified_once_more() {
        assert_eq!(unfit_to_be_certified(&sample::root(None)), Vec::<&str>::new());
        let below = sample::sign(1, &sample::intermediate_tbs());
        let found = unfit_to_be_certified(&Certificate::from_der(&below).unwrap());
        assert_eq!(found, ["it does not sign itself"]);
    }
}
