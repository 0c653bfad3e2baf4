use der::asn1::ObjectIdentifier;
use der::oid::AssociatedOid;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, KeyUsage, KeyUsages, SubjectAltName, SubjectKeyIdentifier,
};

use super::purposes::Standing;
use super::{
    CertificateContext, Findings, Rule, constraints, extensions, identity, judge_algorithm, names, places,
    public_trust, purposes, rules,
};
use crate::format::{Environment, Profile, SerialNumber, Window};
use crate::pki::structure::{Extension, TbsCertificate, decode, encode};
use crate::pki::time::{has_right_form, to_instant};
use crate::pki::{Certificate, Error, Part, PublicKey, extension};

/// Octets that hold at least 64 bits of output of a random number generator (BR 7.1.2.1).
const SERIAL_OCTETS: usize = 8;

/// A day of BR 1.6.1, in seconds; validity counts its last second in.
const DAY: i64 = 86_400;

pub(super) fn judge(tbs: &TbsCertificate, context: &CertificateContext<'_>, findings: &mut Findings) {
    findings.check(&rules::C01, tbs.version == 2, || format!("the version number is {}", tbs.version));
    let serial =
        findings.take(&rules::C02, SerialNumber::from_content(tbs.serial.as_bytes()).map_err(Error::from));
    if let Some(length) = serial.map(|serial| serial.as_content().len()) {
        findings.check(&rules::C03, length >= SERIAL_OCTETS, || format!("it has {length} octets"));
    }
    let unique_id = tbs.issuer_unique_id.is_some() || tbs.subject_unique_id.is_some();
    findings.check(&rules::C05, !unique_id, || "there is one".to_owned());
    names::judge(&tbs.subject, findings);
    let validity = judge_validity(tbs, findings);
    let read = encode(Part::PublicKey, &tbs.public_key).and_then(|der| PublicKey::from_spki(&der));
    let key = findings.take(&rules::C04, read);
    let present = tbs.extensions.as_deref().unwrap_or_default();
    let path_length = judge_extensions(present, context.profile, key.as_ref(), findings);
    let issuer = context.issuer.filter(|_| context.profile != Profile::Root);
    let issuer: Option<TbsCertificate> =
        issuer.and_then(|issuer| decode(Part::TbsCertificate, issuer.tbs()).ok());
    let issuers = issuer.as_ref().map(|tbs| tbs.extensions.as_deref().unwrap_or_default());
    let standing = match (context.profile, &issuer) {
        (_, None) => Standing::Root,
        (Profile::Cross, Some(issuer)) => Standing::Cross {
            foreign: public_trust::organizations(&tbs.subject)
                != public_trust::organizations(&issuer.subject),
        },
        (_, Some(_)) => Standing::BelowARoot,
    };
    purposes::judge(present, standing, findings);
    places::judge(present, issuers, findings);
    constraints::judge(present, issuers, findings);
    identity::judge(&tbs.subject, present, issuers, findings);
    public_trust::judge_subject(&tbs.subject, findings);
    match (context.profile, context.issuer) {
        (Profile::Root, _) => {
            judge_root(tbs, key.as_ref(), validity, context.environment, findings);
            findings.check(&rules::R03, path_length.is_none(), || "there is one".to_owned());
        }
        (_, Some(issuer)) => {
            judge_below(tbs, issuer, context.profile, validity, findings);
            // What a CA issues to its own name and another key does not count (RFC 5280 6.1.4(l)), and needs no other name.
            if encode(Part::Name, &tbs.subject).as_deref() != Ok(issuer.subject().der()) {
                judge_path_length(path_length, issuer.path_length(), findings);
            } else if context.profile != Profile::Cross {
                findings.add(&rules::I02, "it is");
            }
            findings.check(&rules::I01, key.as_ref() != Some(issuer.public_key()), || "it is".to_owned());
        }
        (_, None) => findings.add(&rules::A10, "no issuer's certificate was given"),
    }
}

fn judge_validity(tbs: &TbsCertificate, findings: &mut Findings) -> Option<Window> {
    let mut instant = |field, time| {
        findings.check(&rules::A05, has_right_form(time), || format!("{field} has the other form"));
        findings.take(&rules::A05, to_instant(Part::TbsCertificate, time))
    };
    let from = instant("notBefore", tbs.validity.not_before);
    let to = instant("notAfter", tbs.validity.not_after);
    let validity = Window { from: from?, to: to? };
    findings.check(&rules::C06, validity.from < validity.to, || format!("it is valid {validity}"));
    Some(validity)
}

/// What a certificate of that profile may have. Which of them it has, and with which value, the plan says.
fn allowed(profile: Profile) -> Vec<ObjectIdentifier> {
    let every =
        [BasicConstraints::OID, KeyUsage::OID, SubjectKeyIdentifier::OID, AuthorityKeyIdentifier::OID];
    let besides = match profile {
        // X509-SVID 3.2: a root of a trust domain may name it. All else about a root is the relying system's to know
        // (RFC 5280 6.1.1 d).
        Profile::Root => vec![SubjectAltName::OID],
        _ => extension::OPTIONAL.to_vec(),
    };
    [every.to_vec(), besides].concat()
}

/// The path length, where there is one.
fn judge_extensions(
    present: &[Extension],
    profile: Profile,
    key: Option<&PublicKey>,
    findings: &mut Findings,
) -> Option<u8> {
    extensions::judge_set(present, &allowed(profile), findings);
    let constraints = findings.take(&rules::C07, extension::read::<BasicConstraints>(present));
    let is_ca = constraints.as_ref().map(|value| value.as_ref().is_some_and(|value| value.ca));
    judge_extension(&rules::C07, present, BasicConstraints::OID, true, is_ca, findings);

    let usage = findings.take(&rules::C08, extension::read::<KeyUsage>(present));
    let expected = KeyUsage(KeyUsages::KeyCertSign | KeyUsages::CRLSign);
    judge_extension(
        &rules::C08,
        present,
        KeyUsage::OID,
        true,
        usage.map(|usage| usage == Some(expected)),
        findings,
    );

    let identifier = findings.take(&rules::C09, extension::read_subject_key_identifier(present));
    let is_of_key = identifier.zip(key).map(|(found, key)| {
        [key.key_identifier(), key.sha1_key_identifier()].into_iter().any(|own| found == Some(own))
    });
    judge_extension(&rules::C09, present, SubjectKeyIdentifier::OID, false, is_of_key, findings);

    constraints.flatten().and_then(|value| value.path_len_constraint)
}

/// Whether an extension is there, critical or not as it should be, and right; `right` is `None` where that is
/// unknown.
fn judge_extension(
    rule: &'static Rule,
    present: &[Extension],
    id: ObjectIdentifier,
    critical: bool,
    right: Option<bool>,
    findings: &mut Findings,
) {
    let Some(found) = extensions::find(present, id) else {
        findings.add(rule, "it is not there");
        return;
    };
    findings.check(rule, found.critical == critical, || {
        if critical { "it is not critical" } else { "it is critical" }.to_owned()
    });
    findings.check(rule, right != Some(false), || "its value is another".to_owned());
}

fn judge_root(
    tbs: &TbsCertificate,
    key: Option<&PublicKey>,
    validity: Option<Window>,
    environment: Environment,
    findings: &mut Findings,
) {
    findings.check(&rules::R01, tbs.issuer == tbs.subject, || "they differ".to_owned());
    judge_algorithm(&tbs.signature, key, findings);
    let present = tbs.extensions.as_deref().unwrap_or_default();
    let own_identifier = extension::read_subject_key_identifier(present).ok().flatten();
    if extensions::find(present, AuthorityKeyIdentifier::OID).is_some() {
        extensions::judge_authority_key_identifier(present, own_identifier, findings);
    } else {
        findings.add(&rules::R04, "it is not there");
    }
    if let Some(validity) = validity {
        public_trust::judge_validity_of_root(validity, findings);
    }
    if let Some(validity) = validity.filter(|_| environment != Environment::Lab) {
        let right = (2922 * DAY..=9132 * DAY).contains(&validity.seconds());
        findings.check(&rules::R02, right, || format!("it is valid for {} days", validity.seconds() / DAY));
    }
}

fn judge_below(
    tbs: &TbsCertificate,
    issuer: &Certificate,
    profile: Profile,
    validity: Option<Window>,
    findings: &mut Findings,
) {
    let may_sign = issuer.is_authority() && issuer.may_sign_certificates();
    findings.check(&rules::A10, may_sign, || format!("{} may not sign certificates", issuer.subject()));
    judge_algorithm(&tbs.signature, Some(issuer.public_key()), findings);
    judge_issuer(&tbs.issuer, issuer, findings);
    let present = tbs.extensions.as_deref().unwrap_or_default();
    extensions::judge_authority_key_identifier(present, issuer.subject_key_identifier(), findings);
    if let Some(validity) = validity {
        let outer = issuer.validity();
        // An old root under a new one is valid from its own beginning (RFC 9810 4.4).
        let begins = profile == Profile::Cross || outer.contains(validity.from);
        let inside = begins && outer.contains(validity.to);
        findings.check(&rules::I03, inside, || format!("it is valid {validity}, the issuer {outer}"));
    }
}

/// A04.
pub(super) fn judge_issuer(name: &der::asn1::Any, issuer: &Certificate, findings: &mut Findings) {
    let found = encode(Part::Name, name);
    findings.check(&rules::A04, found.as_deref() == Ok(issuer.subject().der()), || {
        let found = found.clone().and_then(|der| crate::pki::DistinguishedName::from_der(&der));
        format!("it is \"{}\"", found.map_or_else(|error| error.to_string(), |name| name.to_string()))
    });
}

/// RFC 5280 6.1.4(m): an unlimited path length below a limited one only looks unlimited.
fn judge_path_length(own: Option<u8>, issuer: Option<u8>, findings: &mut Findings) {
    let show =
        |length: Option<u8>| length.map_or_else(|| "unlimited".to_owned(), |length| length.to_string());
    let Some(limit) = issuer else { return };
    let below = own.is_some_and(|own| own < limit);
    findings.check(&rules::I04, below, || format!("it is {} below an issuer's {limit}", show(own)));
}
