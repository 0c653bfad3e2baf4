use crate::format::{Action, Profile, Subject};
use crate::pki::{
    self, Certificate, CertificateTemplate, CrlTemplate, DistinguishedName, PublicKey, SignatureAlgorithm,
};

/// The bytes to be signed do not follow from a step.
#[derive(Debug, thiserror::Error)]
pub enum TbsError {
    /// The step signs nothing, or its key or issuer was not given.
    #[error("what is to be signed needs {missing}")]
    Missing {
        /// What was not given.
        missing: &'static str,
    },
    /// The issuer's certificate has no subjectKeyIdentifier to name it by (RFC 5280 4.2.1.1).
    #[error("the issuer's certificate has no subjectKeyIdentifier")]
    NoKeyIdentifier,
    /// The issuer's key is of an algorithm that no ceremony signs with.
    #[error("the issuer's key ({algorithm}) is none that a ceremony signs with")]
    IssuerAlgorithm {
        /// What it is.
        algorithm: String,
    },
    /// A name or value has no encoding.
    #[error(transparent)]
    Pki(#[from] pki::Error),
}

/// The TBSCertificate or TBSCertList of a step: the same bytes at plan time, in the ceremony, and in `--verify`.
///
/// `issuer` is the certificate above, for a self-signed certificate nothing; `key` the key that is certified, for a
/// CRL nothing.
///
/// # Errors
/// [`TbsError`].
pub fn to_be_signed(
    action: &Action,
    issuer: Option<&Certificate>,
    key: Option<&PublicKey>,
) -> Result<Vec<u8>, TbsError> {
    let issuer = || issuer.ok_or(TbsError::Missing { missing: "the issuer's certificate" });
    let key = || key.ok_or(TbsError::Missing { missing: "the key that is certified" });
    match action {
        Action::SelfSign { profile, extensions, subject, serial, validity, .. } => {
            let (name, key) = (distinguished_name(subject)?, key()?);
            let template = CertificateTemplate {
                serial,
                issuer: &name,
                validity: *validity,
                subject: &name,
                public_key: key,
                profile: *profile,
                extensions,
                authority_key_identifier: key.key_identifier(),
                signature_algorithm: signature_algorithm(key)?,
            };
            Ok(template.to_tbs()?)
        }
        Action::SignIntermediate { profile, extensions, subject, serial, validity, .. } => {
            let (issuer, key) = (issuer()?, key()?);
            let template = CertificateTemplate {
                serial,
                issuer: issuer.subject(),
                validity: *validity,
                subject: &distinguished_name(subject)?,
                public_key: key,
                profile: *profile,
                extensions,
                authority_key_identifier: issuer.subject_key_identifier().ok_or(TbsError::NoKeyIdentifier)?,
                signature_algorithm: signature_algorithm(issuer.public_key())?,
            };
            Ok(template.to_tbs()?)
        }
        Action::IssueCrl {
            number, this_update, next_update, issuing_distribution_point, entries, ..
        } => {
            let issuer = issuer()?;
            let template = CrlTemplate {
                issuer: issuer.subject(),
                authority_key_identifier: issuer.subject_key_identifier().ok_or(TbsError::NoKeyIdentifier)?,
                number: *number,
                this_update: *this_update,
                next_update: *next_update,
                issuing_distribution_point,
                entries,
                signature_algorithm: signature_algorithm(issuer.public_key())?,
            };
            Ok(template.to_tbs()?)
        }
        _ => Err(TbsError::Missing { missing: "a step that signs" }),
    }
}

/// The TBSCertificate of a `cross-sign` step: `existing` is the certificate that is certified once more.
///
/// # Errors
/// [`TbsError`].
pub fn cross_to_be_signed(
    action: &Action,
    issuer: &Certificate,
    existing: &Certificate,
) -> Result<Vec<u8>, TbsError> {
    let Action::CrossSign { extensions, serial, validity, .. } = action else {
        return Err(TbsError::Missing { missing: "a step that certifies a certificate once more" });
    };
    let template = CertificateTemplate {
        serial,
        issuer: issuer.subject(),
        validity: *validity,
        subject: existing.subject(),
        public_key: existing.public_key(),
        profile: Profile::Cross,
        extensions,
        authority_key_identifier: issuer.subject_key_identifier().ok_or(TbsError::NoKeyIdentifier)?,
        signature_algorithm: signature_algorithm(issuer.public_key())?,
    };
    let own = existing.subject_key_identifier().ok_or(TbsError::NoKeyIdentifier)?;
    Ok(template.to_tbs_named(own)?)
}

fn distinguished_name(subject: &Subject) -> Result<DistinguishedName, TbsError> {
    Ok(DistinguishedName::from_der(&subject.der.0)?)
}

fn signature_algorithm(key: &PublicKey) -> Result<SignatureAlgorithm, TbsError> {
    let algorithm =
        key.key_algorithm().ok_or_else(|| TbsError::IssuerAlgorithm { algorithm: key.describe() })?;
    Ok(SignatureAlgorithm::of(algorithm))
}
