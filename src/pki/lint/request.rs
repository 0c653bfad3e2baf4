use super::{Finding, Findings, Rule, names, rules};
use crate::pki::structure::decode;
use crate::pki::{CertificationRequest, Error, Part};

/// Judges a DER CertificationRequest. One that cannot be accepted gets one finding: the first reason.
///
/// An empty subject breaks no rule, since the ceremony can give the certificate another; what else it says is judged
/// as the subject that the certificate would get.
pub fn lint_request(der: &[u8]) -> Vec<Finding> {
    let mut findings = Findings::default();
    match CertificationRequest::from_der(der) {
        Ok(request) if request.subject().is_empty() => {}
        Ok(request) => {
            if let Some(name) = findings.take(&rules::Q01, decode(Part::Name, request.subject().der())) {
                names::judge(&name, &mut findings);
            }
        }
        Err(error) => findings.add(rule(&error), error),
    }
    findings.all
}

/// The rule that a request breaks which cannot be read.
fn rule(error: &Error) -> &'static Rule {
    match error {
        Error::NotDer { part: Part::PublicKey, .. }
        | Error::NotCanonical { part: Part::PublicKey }
        | Error::KeyAlgorithm { .. }
        | Error::KeyPoint { .. }
        | Error::Ed25519Point
        | Error::RsaModulus { .. }
        | Error::RsaExponent
        | Error::Weak(_) => &rules::Q02,
        Error::SignatureAlgorithm { .. }
        | Error::AlgorithmNotOfKey { .. }
        | Error::Signature
        | Error::ProofOfPossession => &rules::Q03,
        Error::ExtensionTwice { .. } | Error::AttributeTwice { .. } => &rules::Q04,
        _ => &rules::Q01,
    }
}
