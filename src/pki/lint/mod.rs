//! The rules for what is signed, judged on the exact bytes before and after.

mod certificate;
mod constraints;
mod crl;
mod cross;
mod extensions;
mod file;
mod identity;
mod names;
mod places;
mod public_trust;
mod purposes;
mod request;
mod rules;

#[cfg(test)]
mod tests;

use std::fmt;

use super::structure::{TbsCertList, TbsCertificate, decode, encode};
use super::{Certificate, Part, PublicKey, RevocationList, SignatureAlgorithm, time};
use crate::format::{ArtifactKind, Environment, Instant, Profile};

pub use file::{FileContext, FileKind, Judged, Unjudged, lint_file};
pub use request::lint_request;
pub use rules::{Pack, RULES, Rule, Severity};

/// What a certificate is judged against.
#[derive(Clone, Copy, Debug)]
pub struct CertificateContext<'a> {
    /// The issuing CA's certificate; not looked at for a root, which is its own issuer.
    pub issuer: Option<&'a Certificate>,
    /// What the certificate is meant to be.
    pub profile: Profile,
    /// Rules about how long something lasts do not apply to a lab.
    pub environment: Environment,
}

/// What a CRL is judged against.
#[derive(Clone, Copy, Debug)]
pub struct CrlContext<'a> {
    /// The issuing CA's certificate.
    pub issuer: &'a Certificate,
    /// Rules about how long something lasts do not apply to a lab.
    pub environment: Environment,
    /// The greatest CRL number that the issuer used before; `None` when it never issued a CRL.
    pub previous_number: Option<u64>,
}

/// A rule that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which rule.
    pub rule: &'static Rule,
    /// What was found instead, in printable ASCII.
    pub what: String,
}

impl Finding {
    /// Whether nothing is signed with it in that environment; where it only warns, officers may waive the rule.
    pub fn is_binding(&self, environment: Environment) -> bool {
        match self.rule.severity {
            Severity::Refusal => true,
            Severity::Warning => environment != Environment::Lab,
        }
    }
}

/// A rule that is waived, for a reader who does not know the ids of rules by heart.
pub fn described(waived: crate::format::Rule) -> String {
    let id = waived.to_string();
    match RULES.iter().find(|rule| rule.id == id) {
        Some(rule) => format!("{id} ({})", rule.title),
        None => id,
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}; the rule is that {} ({})",
            self.rule.id, self.what, self.rule.title, self.rule.source
        )
    }
}

/// Judges a DER TBSCertificate by the rules for a private CA that held on the day of its notBefore. Bytes that have not the
/// structure get one finding.
pub fn lint_certificate(tbs: &[u8], context: &CertificateContext<'_>) -> Vec<Finding> {
    judge_certificate(tbs, context).of(Pack::Private, None)
}

/// Judges a DER TBSCertList by the rules for a private CA that held on the day of its thisUpdate. Bytes that have not the
/// structure get one finding.
pub fn lint_crl(tbs: &[u8], context: &CrlContext<'_>) -> Vec<Finding> {
    judge_crl(tbs, context).of(Pack::Private, None)
}

/// Judges a DER TBSCertificate whose key another CA certificate certifies already: that one is `beside`.
pub fn lint_cross(tbs: &[u8], beside: &Certificate) -> Vec<Finding> {
    let mut findings = Findings::default();
    match decode(Part::TbsCertificate, tbs) {
        Ok(tbs) => cross::judge(&tbs, beside, &mut findings),
        Err(error) => findings.add(&rules::A01, error),
    }
    findings.of(Pack::Private, None)
}

/// What a DER TBSCertList breaks beside the list that its issuer made before.
fn judge_crl_after(tbs: &[u8], before: &RevocationList) -> Findings {
    let mut findings = Findings::default();
    // Bytes that have not the structure have their finding already.
    if let Ok(tbs) = decode::<TbsCertList>(Part::TbsCertList, tbs) {
        findings.day = time::to_instant(Part::TbsCertList, tbs.this_update).ok();
        crl::judge_after(&tbs, before, &mut findings);
    }
    findings
}

fn judge_certificate(tbs: &[u8], context: &CertificateContext<'_>) -> Findings {
    let mut findings = Findings::default();
    match decode::<TbsCertificate>(Part::TbsCertificate, tbs) {
        Ok(tbs) => {
            findings.day = time::to_instant(Part::TbsCertificate, tbs.validity.not_before).ok();
            certificate::judge(&tbs, context, &mut findings);
        }
        Err(error) => findings.add(&rules::A01, error),
    }
    findings
}

fn judge_crl(tbs: &[u8], context: &CrlContext<'_>) -> Findings {
    let mut findings = Findings::default();
    match decode::<TbsCertList>(Part::TbsCertList, tbs) {
        Ok(tbs) => {
            findings.day = time::to_instant(Part::TbsCertList, tbs.this_update).ok();
            crl::judge(&tbs, context, &mut findings);
        }
        Err(error) => findings.add(&rules::A01, error),
    }
    findings
}

/// Judges a signed DER certificate or CRL: it holds exactly `tbs`, the bytes that were judged before, and
/// `issuer_key` signed them.
pub fn lint_signed(kind: ArtifactKind, der: &[u8], tbs: &[u8], issuer_key: &PublicKey) -> Vec<Finding> {
    let mut findings = Findings::default();
    let read = match kind {
        ArtifactKind::Certificate => Certificate::from_der(der)
            .map(|signed| (signed.tbs().to_vec(), signed.verify_signature(issuer_key))),
        ArtifactKind::Crl => RevocationList::from_der(der)
            .map(|signed| (signed.tbs().to_vec(), signed.verify_signature(issuer_key))),
    };
    match read {
        Ok((signed_tbs, verified)) => {
            findings.check(&rules::S02, signed_tbs == tbs, || "it holds other bytes".to_owned());
            findings.take(&rules::S03, verified);
        }
        Err(error) => findings.add(&rules::S01, error),
    }
    findings.all
}

/// What was found so far, by every rule of every pack.
#[derive(Default)]
struct Findings {
    all: Vec<Finding>,
    /// The day on which the object says that it begins.
    day: Option<Instant>,
}

impl Findings {
    /// Those whose rule is one of a pack and held at that instant, or else on the object's own day.
    fn of(self, pack: Pack, at: Option<Instant>) -> Vec<Finding> {
        let at = at.or(self.day);
        self.all.into_iter().filter(|finding| finding.rule.holds(pack, at)).collect()
    }

    fn add(&mut self, rule: &'static Rule, what: impl fmt::Display) {
        self.all.push(Finding { rule, what: what.to_string() });
    }

    fn check(&mut self, rule: &'static Rule, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.add(rule, what());
        }
    }

    /// The value, or a finding that says why there is none.
    fn take<T>(&mut self, rule: &'static Rule, result: Result<T, super::Error>) -> Option<T> {
        result.map_err(|error| self.add(rule, error)).ok()
    }
}

/// A02 and A03, for the inner algorithm identifier and the key that will sign.
fn judge_algorithm(algorithm: &der::asn1::Any, issuer_key: Option<&PublicKey>, findings: &mut Findings) {
    let read = encode(Part::Algorithm, algorithm).and_then(|der| SignatureAlgorithm::from_der(&der));
    let Some(algorithm) = findings.take(&rules::A02, read) else {
        return;
    };
    if let Some(key) = issuer_key {
        findings
            .check(&rules::A03, algorithm.fits(key), || format!("{algorithm} by a key {}", key.describe()));
    }
}
