//! Keys, certificates and CRLs for the unit tests of this room, always the same bytes.

use p256::ecdsa::signature::Signer;

use super::{
    Certificate, CertificateTemplate, CrlTemplate, DistinguishedName, PublicKey, SignatureAlgorithm,
    assemble, ecdsa_signature_from_token,
};
use crate::format::{
    CertificateExtensions, CrlEntry, Instant, KeyAlgorithm, Profile, ReasonCode, SerialNumber, Window,
};

/// A P-256 key that acts as a token: it answers `r || s`.
pub(super) fn token_key(number: u8) -> p256::ecdsa::SigningKey {
    p256::ecdsa::SigningKey::from_slice(&[number; 32]).unwrap()
}

pub(super) fn public_key(number: u8) -> PublicKey {
    let point = token_key(number).verifying_key().to_sec1_point(false);
    PublicKey::from_ec_point(KeyAlgorithm::EcdsaP256, point.as_bytes()).unwrap()
}

pub(super) fn sign(number: u8, tbs: &[u8]) -> Vec<u8> {
    let raw: p256::ecdsa::Signature = token_key(number).sign(tbs);
    let signature = ecdsa_signature_from_token(KeyAlgorithm::EcdsaP256, &raw.to_bytes()).unwrap();
    assemble(tbs, SignatureAlgorithm::EcdsaSha256, &signature).unwrap()
}

pub(super) fn name(attributes: &[(&str, &str)]) -> DistinguishedName {
    let attributes: Vec<_> =
        attributes.iter().map(|(kind, value)| (kind.parse().unwrap(), (*value).to_owned())).collect();
    DistinguishedName::from_attributes(&attributes).unwrap()
}

pub(super) fn instant(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

pub(super) fn window(from: &str, to: &str) -> Window {
    Window { from: instant(from), to: instant(to) }
}

pub(super) fn serial(number: u8) -> SerialNumber {
    SerialNumber::from_random([number; 16])
}

/// TBSCertificate of a root with key 1.
pub(super) fn root_tbs(path_length: Option<u8>) -> Vec<u8> {
    let subject = name(&[("O", "Example"), ("CN", "Example Root G1")]);
    CertificateTemplate {
        serial: &serial(1),
        issuer: &subject,
        validity: window("2026-12-01T00:00:00Z", "2046-11-30T23:59:59Z"),
        subject: &subject,
        public_key: &public_key(1),
        profile: Profile::Root,
        extensions: &CertificateExtensions { path_length, ..Default::default() },
        authority_key_identifier: public_key(1).key_identifier(),
        signature_algorithm: SignatureAlgorithm::EcdsaSha256,
    }
    .to_tbs()
    .unwrap()
}

pub(super) fn root(path_length: Option<u8>) -> Certificate {
    Certificate::from_der(&sign(1, &root_tbs(path_length))).unwrap()
}

/// TBSCertificate of an intermediate with key 2 under the root.
pub(super) fn intermediate_tbs() -> Vec<u8> {
    CertificateTemplate {
        serial: &serial(2),
        issuer: root(None).subject(),
        validity: window("2026-12-01T00:00:00Z", "2028-11-30T23:59:59Z"),
        subject: &name(&[("O", "Example"), ("CN", "Example Issuing")]),
        public_key: &public_key(2),
        profile: Profile::Intermediate,
        extensions: &CertificateExtensions { path_length: Some(0), ..Default::default() },
        authority_key_identifier: public_key(1).key_identifier(),
        signature_algorithm: SignatureAlgorithm::EcdsaSha256,
    }
    .to_tbs()
    .unwrap()
}

pub(super) fn entry(number: u8, reason: ReasonCode) -> CrlEntry {
    CrlEntry { serial: serial(number), at: instant("2027-01-01T00:00:00Z"), reason }
}

/// TBSCertList number 7 of the root.
pub(super) fn crl_tbs(entries: &[CrlEntry]) -> Vec<u8> {
    CrlTemplate {
        issuer: root(None).subject(),
        authority_key_identifier: public_key(1).key_identifier(),
        number: 7,
        this_update: instant("2027-02-01T00:00:00Z"),
        next_update: instant("2028-02-01T00:00:00Z"),
        issuing_distribution_point: &[],
        entries,
        signature_algorithm: SignatureAlgorithm::EcdsaSha256,
    }
    .to_tbs()
    .unwrap()
}
