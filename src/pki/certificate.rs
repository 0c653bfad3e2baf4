use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};

use super::signed::{Body, SignedObject};
use super::structure::{Extension, TbsCertificate, decode, encode};
use super::time::to_instant;
use super::{DistinguishedName, Error, KeyIdentifier, Part, PublicKey, SignatureAlgorithm, extension};
use crate::format::{CertificateExtensions, SerialNumber, Window};

/// A certificate, read strictly: v3, DER throughout, a known key and signature algorithm, no extension twice.
pub type Certificate = SignedObject<CertificateBody>;

/// What a TBSCertificate says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateBody {
    pub(super) serial: SerialNumber,
    pub(super) signature_algorithm: SignatureAlgorithm,
    pub(super) issuer: DistinguishedName,
    pub(super) validity: Window,
    pub(super) subject: DistinguishedName,
    pub(super) public_key: PublicKey,
    pub(super) basic_constraints: Option<BasicConstraints>,
    pub(super) key_usage: Option<KeyUsage>,
    pub(super) subject_key_identifier: Option<KeyIdentifier>,
    pub(super) authority_key_identifier: Option<KeyIdentifier>,
    pub(super) extensions: Vec<Extension>,
}

impl Certificate {
    /// serialNumber.
    pub fn serial(&self) -> &SerialNumber {
        &self.body.serial
    }

    /// subject.
    pub fn subject(&self) -> &DistinguishedName {
        &self.body.subject
    }

    /// notBefore and notAfter, which may be in the wrong order.
    pub fn validity(&self) -> Window {
        self.body.validity
    }

    /// subjectPublicKeyInfo.
    pub fn public_key(&self) -> &PublicKey {
        &self.body.public_key
    }

    /// subjectKeyIdentifier (RFC 5280 4.2.1.2).
    pub fn subject_key_identifier(&self) -> Option<KeyIdentifier> {
        self.body.subject_key_identifier
    }

    /// keyIdentifier of authorityKeyIdentifier (RFC 5280 4.2.1.1).
    pub fn authority_key_identifier(&self) -> Option<KeyIdentifier> {
        self.body.authority_key_identifier
    }

    /// Whether basicConstraints says cA (RFC 5280 4.2.1.9).
    pub fn is_authority(&self) -> bool {
        self.body.basic_constraints.as_ref().is_some_and(|value| value.ca)
    }

    /// pathLenConstraint of basicConstraints; `None` means unlimited.
    pub fn path_length(&self) -> Option<u8> {
        self.body.basic_constraints.as_ref().and_then(|value| value.path_len_constraint)
    }

    /// What a plan would have to say for a certificate to say this: the way back from
    /// [`super::CertificateTemplate::extensions`].
    ///
    /// # Errors
    /// When an extension has a value that no plan can say, such as a policy with qualifiers.
    pub fn planned_extensions(&self) -> Result<CertificateExtensions, Error> {
        extension::read_planned(&self.body.extensions)
    }

    /// Whether keyUsage says keyCertSign (RFC 5280 4.2.1.3).
    pub fn may_sign_certificates(&self) -> bool {
        self.body.key_usage.is_some_and(|usage| usage.key_cert_sign())
    }

    /// Whether keyUsage says cRLSign (RFC 5280 4.2.1.3).
    pub fn may_sign_crls(&self) -> bool {
        self.body.key_usage.is_some_and(|usage| usage.crl_sign())
    }
}

impl Body for CertificateBody {
    /// RFC 7468 section 5.
    const LABEL: &'static str = "CERTIFICATE";
    const PART: Part = Part::Certificate;

    fn parse(tbs: &[u8]) -> Result<Self, Error> {
        let part = Part::TbsCertificate;
        let tbs: TbsCertificate = decode(part, tbs)?;
        if tbs.version != 2 {
            return Err(Error::Version { part, found: tbs.version, expected: 2 });
        }
        let extensions = tbs.extensions.unwrap_or_default();
        extension::check_unique(&extensions)?;
        Ok(Self {
            serial: SerialNumber::from_content(tbs.serial.as_bytes())?,
            signature_algorithm: SignatureAlgorithm::from_der(&encode(part, &tbs.signature)?)?,
            issuer: DistinguishedName::from_der(&encode(part, &tbs.issuer)?)?,
            validity: Window {
                from: to_instant(part, tbs.validity.not_before)?,
                to: to_instant(part, tbs.validity.not_after)?,
            },
            subject: DistinguishedName::from_der(&encode(part, &tbs.subject)?)?,
            public_key: PublicKey::from_spki(&encode(part, &tbs.public_key)?)?,
            basic_constraints: extension::read(&extensions)?,
            key_usage: extension::read(&extensions)?,
            subject_key_identifier: extension::read_subject_key_identifier(&extensions)?,
            authority_key_identifier: extension::read_authority_key_identifier(&extensions)?,
            extensions,
        })
    }

    fn issuer(&self) -> &DistinguishedName {
        &self.issuer
    }

    fn signature_algorithm(&self) -> SignatureAlgorithm {
        self.signature_algorithm
    }
}

#[cfg(test)]
mod tests {
    use der::Encode;
    use der::asn1::{ObjectIdentifier, OctetString};

    use super::*;
    use crate::pki::{assemble, sample};

    fn read(change: fn(&mut TbsCertificate)) -> Result<CertificateBody, Error> {
        let mut tbs: TbsCertificate = decode(Part::TbsCertificate, &sample::root_tbs(None)).unwrap();
        change(&mut tbs);
        CertificateBody::parse(&tbs.to_der().unwrap())
    }

    fn extensions(tbs: &mut TbsCertificate) -> &mut Vec<Extension> {
        tbs.extensions.as_mut().unwrap()
    }

    #[test]
    fn a_certificate_that_leaves_a_doubt_is_refused() {
        let part = Part::TbsCertificate;
        let value = |id| Part::Extension(ObjectIdentifier::new_unwrap(id));
        type Change = fn(&mut TbsCertificate);
        let cases: [(Change, Error); 6] = [
            (|tbs| tbs.version = 0, Error::Version { part, found: 0, expected: 2 }),
            (|tbs| tbs.version = 3, Error::Version { part, found: 3, expected: 2 }),
            (
                |tbs| {
                    let again = extensions(tbs)[1].clone();
                    extensions(tbs).push(again);
                },
                Error::ExtensionTwice { oid: ObjectIdentifier::new_unwrap("2.5.29.15") },
            ),
            (
                |tbs| extensions(tbs)[2].value = OctetString::new(b"\x04\x01\x07".as_slice()).unwrap(),
                Error::KeyIdentifier { length: 1 },
            ),
            (
                // An explicit FALSE for a DEFAULT.
                |tbs| {
                    extensions(tbs)[0].value = OctetString::new(b"\x30\x03\x01\x01\x00".as_slice()).unwrap()
                },
                Error::NotCanonical { part: value("2.5.29.19") },
            ),
            (
                // Zero bits at the end of a list of named bits.
                |tbs| {
                    extensions(tbs)[1].value = OctetString::new(b"\x03\x03\x07\x06\x00".as_slice()).unwrap()
                },
                Error::NotCanonical { part: value("2.5.29.15") },
            ),
        ];
        assert!(read(|_| {}).is_ok());
        for (change, expected) in cases {
            assert_eq!(read(change), Err(expected));
        }
        let tbs = sample::root_tbs(None);
        let outside = assemble(&tbs, SignatureAlgorithm::EcdsaSha384, b"\x30\x00").unwrap();
        let differ = Error::SignatureAlgorithmsDiffer { part: Part::Certificate };
        assert_eq!(Certificate::from_der(&outside), Err(differ));
    }
}
