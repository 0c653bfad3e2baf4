use std::fmt;

use super::{
    CertificateContext, CrlContext, Finding, Pack, judge_certificate, judge_crl, judge_crl_after, lint_cross,
    lint_request, lint_signed,
};
use crate::format::{ArtifactKind, Environment, Instant, Profile};
use crate::pki::structure::{CertificationRequestInfo, Signed, TbsCertList, TbsCertificate, decode, encode};
use crate::pki::{Certificate, CertificationRequest, Error, Part, PublicKey, RevocationList, pem, summary};

/// What a file of unknown origin is judged against.
#[derive(Clone, Copy, Debug)]
pub struct FileContext<'a> {
    /// The issuing CA's certificate; not looked at for a root, which is its own issuer, and for a request.
    pub issuer: Option<&'a Certificate>,
    /// What a certificate is meant to be; `None` takes one whose issuer is its subject for a root.
    pub profile: Option<Profile>,
    /// Rules about how long something lasts do not apply to a lab.
    pub environment: Environment,
    /// The CRL that the issuer made before.
    pub previous_crl: Option<&'a RevocationList>,
    /// Another certificate for the same key, where it is a cross-certificate that is judged.
    pub beside: Option<&'a Certificate>,
    /// Whose rules.
    pub pack: Pack,
    /// The instant whose rules hold; `None` takes notBefore or thisUpdate.
    pub at: Option<Instant>,
}

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A Certificate (RFC 5280 4.1), judged as this.
    Certificate(Profile),
    /// A CertificateList (RFC 5280 5.1).
    Crl,
    /// A CertificationRequest (RFC 2986 4.2).
    Request,
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Certificate(profile) => write!(f, "certificate, judged as `{profile}`"),
            Self::Crl => f.write_str("CRL"),
            Self::Request => f.write_str("certificate request"),
        }
    }
}

/// What the rules say of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// What it holds.
    pub kind: FileKind,
    /// One line of printable ASCII that says what it would certify; absent where it cannot be read strictly.
    pub summary: Option<String>,
    /// The rules that do not hold.
    pub findings: Vec<Finding>,
    /// Whether every CRL rule could be judged: L10, L13, L14 and T13 need the CRL before.
    pub previous_crl_missing: bool,
}

/// Why a file was not judged at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unjudged {
    /// Not one PEM block, or DER of something else.
    #[error("{0}")]
    File(#[from] Error),
    /// DER, but of none of the three.
    #[error("it is DER, but neither a certificate nor a CRL nor a certificate request")]
    NotKnown,
    /// Half of the rules compare with the issuer.
    #[error("most rules for it compare with the certificate of its issuer, which was not given")]
    NoIssuer,
}

/// Labels of RFC 7468 sections 5, 6 and 7, and the older one of requests.
const LABELS: [&str; 4] = ["CERTIFICATE", "X509 CRL", "CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"];

/// Judges a file with one certificate, CRL or certificate request, in DER or in PEM of any spelling.
///
/// # Errors
/// [`Unjudged`].
pub fn lint_file(file: &[u8], context: &FileContext<'_>) -> Result<Judged, Unjudged> {
    let der = pem::decode_or_der(&LABELS, file)?;
    let signed: Signed = decode(Part::File, &der)?;
    let tbs = encode(Part::File, &signed.tbs)?;
    if let Ok(body) = decode::<TbsCertificate>(Part::TbsCertificate, &tbs) {
        let own = body.issuer == body.subject;
        let profile = context.profile.unwrap_or(if own { Profile::Root } else { Profile::Intermediate });
        return certificate(&der, &tbs, profile, context);
    }
    if decode::<TbsCertList>(Part::TbsCertList, &tbs).is_ok() {
        return crl(&der, &tbs, context);
    }
    if decode::<CertificationRequestInfo>(Part::Request, &tbs).is_ok() {
        let request = CertificationRequest::from_der(&der).ok();
        let findings = lint_request(&der);
        let summary = request.as_ref().map(CertificationRequest::summary);
        return Ok(Judged { kind: FileKind::Request, summary, findings, previous_crl_missing: false });
    }
    Err(Unjudged::NotKnown)
}

fn certificate(
    der: &[u8],
    tbs: &[u8],
    profile: Profile,
    context: &FileContext<'_>,
) -> Result<Judged, Unjudged> {
    let own_key = || {
        let body: TbsCertificate = decode(Part::TbsCertificate, tbs).ok()?;
        PublicKey::from_spki(&encode(Part::PublicKey, &body.public_key).ok()?).ok()
    };
    let (issuer, key) = match profile {
        Profile::Root => (None, own_key()),
        _ => {
            let issuer = context.issuer.ok_or(Unjudged::NoIssuer)?;
            (Some(issuer), Some(issuer.public_key().clone()))
        }
    };
    let judged = CertificateContext { issuer, profile, environment: context.environment };
    let mut findings = judge_certificate(tbs, &judged).of(context.pack, context.at);
    if let Some(beside) = context.beside {
        findings.extend(lint_cross(tbs, beside));
    }
    // A key that cannot be read has its finding (C04); nothing verifies with it.
    if let Some(key) = key {
        findings.extend(lint_signed(ArtifactKind::Certificate, der, tbs, &key));
    }
    Ok(Judged {
        kind: FileKind::Certificate(profile),
        summary: summary(ArtifactKind::Certificate, tbs).ok(),
        findings,
        previous_crl_missing: false,
    })
}

fn crl(der: &[u8], tbs: &[u8], context: &FileContext<'_>) -> Result<Judged, Unjudged> {
    let issuer = context.issuer.ok_or(Unjudged::NoIssuer)?;
    let judged = CrlContext {
        issuer,
        environment: context.environment,
        previous_number: context.previous_crl.map(RevocationList::number),
    };
    let mut findings = judge_crl(tbs, &judged).of(context.pack, context.at);
    if let Some(before) = context.previous_crl {
        findings.extend(judge_crl_after(tbs, before).of(context.pack, context.at));
    }
    findings.extend(lint_signed(ArtifactKind::Crl, der, tbs, issuer.public_key()));
    Ok(Judged {
        kind: FileKind::Crl,
        summary: summary(ArtifactKind::Crl, tbs).ok(),
        findings,
        previous_crl_missing: context.previous_crl.is_none(),
    })
}
