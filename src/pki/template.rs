use std::collections::BTreeMap;

use der::asn1::Int;

use super::structure::{
    Extension, RevokedCertificate, TbsCertList, TbsCertificate, Validity, decode, encode,
};
use super::time::to_time;
use super::{
    DistinguishedName, Error, KeyIdentifier, Part, PublicKey, SignatureAlgorithm, extension, profile,
};
use crate::format::{CertificateExtensions, CrlEntry, HttpUrl, Instant, Profile, SerialNumber, Window};

/// Everything that a certificate says.
#[derive(Clone, Copy, Debug)]
pub struct CertificateTemplate<'a> {
    /// serialNumber.
    pub serial: &'a SerialNumber,
    /// issuer: the bytes of the issuing CA's subject.
    pub issuer: &'a DistinguishedName,
    /// notBefore and notAfter.
    pub validity: Window,
    /// subject.
    pub subject: &'a DistinguishedName,
    /// subjectPublicKeyInfo; the subject key identifier follows from it.
    pub public_key: &'a PublicKey,
    /// What it is for.
    pub profile: Profile,
    /// What it says besides what every CA certificate says.
    pub extensions: &'a CertificateExtensions,
    /// The issuing CA's subject key identifier.
    pub authority_key_identifier: KeyIdentifier,
    /// signature: the algorithm of the issuing key.
    pub signature_algorithm: SignatureAlgorithm,
}

/// Everything that a CRL says (RFC 5280 5). It covers all certificates of its issuer.
#[derive(Clone, Copy, Debug)]
pub struct CrlTemplate<'a> {
    /// issuer: the bytes of the CA's subject.
    pub issuer: &'a DistinguishedName,
    /// The CA's subject key identifier.
    pub authority_key_identifier: KeyIdentifier,
    /// cRLNumber (RFC 5280 5.2.3).
    pub number: u64,
    /// thisUpdate.
    pub this_update: Instant,
    /// nextUpdate.
    pub next_update: Instant,
    /// fullName of issuingDistributionPoint (RFC 5280 5.2.5), URIs; without any the CRL has no such extension.
    pub issuing_distribution_point: &'a [HttpUrl],
    /// In any order; they are encoded in the order of their serial numbers.
    pub entries: &'a [CrlEntry],
    /// signature: the algorithm of the CA's key.
    pub signature_algorithm: SignatureAlgorithm,
}

impl CertificateTemplate<'_> {
    /// The DER TBSCertificate (RFC 5280 4.1). The same template always gives the same bytes.
    ///
    /// # Errors
    /// When it breaks its profile, a root is not issued by itself, or a constraint names no DER Name. What else can be wrong with a
    /// template, the lints find in the bytes.
    pub fn to_tbs(&self) -> Result<Vec<u8>, Error> {
        self.to_tbs_named(self.public_key.key_identifier())
    }

    /// The same with a key identifier that another certificate gave the key: it is that of every certificate of the key, or
    /// chains do not join.
    ///
    /// # Errors
    /// As [`Self::to_tbs`].
    pub fn to_tbs_named(&self, subject_key_identifier: KeyIdentifier) -> Result<Vec<u8>, Error> {
        let part = Part::TbsCertificate;
        let tbs = TbsCertificate {
            version: 2,
            serial: integer(part, self.serial)?,
            signature: self.signature_algorithm.to_any()?,
            issuer: decode(Part::Name, self.issuer.der())?,
            validity: Validity {
                not_before: to_time(part, self.validity.from)?,
                not_after: to_time(part, self.validity.to)?,
            },
            subject: decode(Part::Name, self.subject.der())?,
            public_key: decode(Part::PublicKey, self.public_key.spki())?,
            issuer_unique_id: None,
            subject_unique_id: None,
            extensions: Some(self.encoded_extensions(subject_key_identifier)?),
        };
        encode(part, &tbs)
    }

    fn encoded_extensions(&self, subject_key_identifier: KeyIdentifier) -> Result<Vec<Extension>, Error> {
        let self_issued =
            self.issuer == self.subject && self.authority_key_identifier == subject_key_identifier;
        if self.profile == Profile::Root && !self_issued {
            return Err(Error::RootNotSelfIssued);
        }
        if let Some(breach) =
            profile::breaches(self.profile, self.extensions, Some(self.public_key.kind())).into_iter().next()
        {
            return Err(breach.into());
        }
        extension::of_authority(self.extensions, subject_key_identifier, self.authority_key_identifier)
    }
}

impl CrlTemplate<'_> {
    /// The DER TBSCertList (RFC 5280 5.1), version 2. The same template always gives the same bytes.
    ///
    /// # Errors
    /// When two entries have one serial number.
    pub fn to_tbs(&self) -> Result<Vec<u8>, Error> {
        let part = Part::TbsCertList;
        let mut revoked = BTreeMap::new();
        for CrlEntry { serial, at, reason } in self.entries {
            let entry = RevokedCertificate {
                serial: integer(part, serial)?,
                date: to_time(part, *at)?,
                extensions: Some(extension::of_entry(*reason)?),
            };
            // Of two minimal encodings of positive numbers, the longer is the greater number.
            let order = (serial.as_content().len(), serial);
            if revoked.insert(order, entry).is_some() {
                return Err(Error::EntryTwice { serial: serial.clone() });
            }
        }
        let revoked: Vec<RevokedCertificate> = revoked.into_values().collect();
        let tbs = TbsCertList {
            version: Some(1),
            signature: self.signature_algorithm.to_any()?,
            issuer: decode(Part::Name, self.issuer.der())?,
            this_update: to_time(part, self.this_update)?,
            next_update: Some(to_time(part, self.next_update)?),
            // RFC 5280 5.1.2.6: absent, not empty, when nothing is revoked.
            revoked: (!revoked.is_empty()).then_some(revoked),
            extensions: Some(extension::of_crl(
                self.authority_key_identifier,
                self.number,
                self.issuing_distribution_point,
            )?),
        };
        encode(part, &tbs)
    }
}

fn integer(part: Part, serial: &SerialNumber) -> Result<Int, Error> {
    Int::new(serial.as_content()).map_err(|reason| Error::NotEncodable { part, reason })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::ReasonCode;
    use crate::pki::{AttributeKind, Certificate, RevocationList, sample};

    #[test]
    fn a_certificate_says_what_its_template_said() {
        let certificate = Certificate::from_der(&sample::sign(1, &sample::intermediate_tbs())).unwrap();
        let root = sample::root(None);
        assert_eq!(certificate.tbs(), sample::intermediate_tbs());
        assert_eq!(certificate.serial(), &sample::serial(2));
        assert_eq!(certificate.issuer(), root.subject());
        assert_eq!(certificate.subject().to_string(), "O=Example, CN=Example Issuing");
        assert_eq!(certificate.validity(), sample::window("2026-12-01T00:00:00Z", "2028-11-30T23:59:59Z"));
        assert_eq!(certificate.public_key(), &sample::public_key(2));
        assert_eq!((certificate.is_authority(), certificate.path_length()), (true, Some(0)));
        assert_eq!((certificate.may_sign_certificates(), certificate.may_sign_crls()), (true, true));
        assert_eq!(certificate.subject_key_identifier(), Some(sample::public_key(2).key_identifier()));
        assert_eq!(certificate.authority_key_identifier(), root.subject_key_identifier());
        assert_eq!(certificate.verify_signature(root.public_key()), Ok(()));
        assert_eq!(certificate.verify_signature(certificate.public_key()), Err(Error::Signature));
        assert_eq!(Certificate::from_pem(certificate.to_pem().as_bytes()), Ok(certificate));
    }

    #[test]
    fn a_root_that_another_issues_is_refused() {
        let (subject, other) = (sample::name(&[("CN", "x")]), sample::name(&[("CN", "y")]));
        let (key, foreign) = (sample::public_key(1), sample::public_key(2));
        let root = |issuer, authority_key_identifier| {
            CertificateTemplate {
                serial: &sample::serial(1),
                issuer,
                validity: sample::window("2026-12-01T00:00:00Z", "2046-11-30T23:59:59Z"),
                subject: &subject,
                public_key: &key,
                profile: Profile::Root,
                extensions: &CertificateExtensions::default(),
                authority_key_identifier,
                signature_algorithm: SignatureAlgorithm::EcdsaSha256,
            }
            .to_tbs()
        };
        assert!(root(&subject, key.key_identifier()).is_ok());
        assert_eq!(root(&other, key.key_identifier()), Err(Error::RootNotSelfIssued));
        assert_eq!(root(&subject, foreign.key_identifier()), Err(Error::RootNotSelfIssued));
    }

    #[test]
    fn a_crl_lists_each_revocation_once_in_order_of_its_serial_number() {
        let with_content = |octets: &[u8]| CrlEntry {
            serial: SerialNumber::from_content(octets).unwrap(),
            ..sample::entry(1, ReasonCode::Superseded)
        };
        let (small, large) = (with_content(&[0x7f]), with_content(&[0, 0x80]));
        let list = |entries: &[CrlEntry]| {
            RevocationList::from_der(&sample::sign(1, &sample::crl_tbs(entries))).unwrap()
        };
        assert_eq!(list(&[large.clone(), small.clone()]).entries(), [small.clone(), large.clone()]);
        let crl = list(&[]);
        assert_eq!((crl.number(), crl.entries()), (7, [].as_slice()));
        assert_eq!(crl.issuer(), sample::root(None).subject());
        assert_eq!(crl.authority_key_identifier(), sample::public_key(1).key_identifier());
        assert_eq!(RevocationList::from_pem(crl.to_pem().as_bytes()), Ok(crl));
        let twice = CrlTemplate {
            issuer: &sample::name(&[("CN", "x")]),
            authority_key_identifier: sample::public_key(1).key_identifier(),
            number: 1,
            this_update: sample::instant("2027-02-01T00:00:00Z"),
            next_update: sample::instant("2028-02-01T00:00:00Z"),
            issuing_distribution_point: &[],
            entries: &[small.clone(), large, CrlEntry { reason: ReasonCode::KeyCompromise, ..small.clone() }],
            signature_algorithm: SignatureAlgorithm::EcdsaSha256,
        };
        assert_eq!(twice.to_tbs(), Err(Error::EntryTwice { serial: small.serial }));
    }

    proptest::proptest! {
        #[test]
        fn any_template_reads_back(
            random in proptest::array::uniform16(0_u8..),
            from in 0_i64..252_000_000_000,
            seconds in 0_i64..1_000_000_000,
            path_length in proptest::option::of(0_u8..),
            organization in "[^\\pC\\pZ]{1,64}",
        ) {
            let at = |seconds| Instant::from_unix_seconds(seconds).unwrap();
            let validity = Window { from: at(from), to: at(from + seconds) };
            let serial = SerialNumber::from_random(random);
            let (issuer, key) = (sample::root(None), sample::public_key(2));
            let attributes = [(AttributeKind::O, organization), (AttributeKind::CN, "x".to_owned())];
            // Values that the rules for names refuse are not what this is about.
            proptest::prop_assume!(DistinguishedName::from_attributes(&attributes).is_ok());
            let subject = DistinguishedName::from_attributes(&attributes).unwrap();
            let tbs = CertificateTemplate {
                serial: &serial,
                issuer: issuer.subject(),
                validity,
                subject: &subject,
                public_key: &key,
                profile: Profile::Intermediate,
                extensions: &CertificateExtensions { path_length, ..Default::default() },
                authority_key_identifier: issuer.public_key().key_identifier(),
                signature_algorithm: SignatureAlgorithm::EcdsaSha256,
            }
            .to_tbs()
            .unwrap();
            let read = Certificate::from_der(&sample::sign(1, &tbs)).unwrap();
            let said = (read.serial(), read.validity(), read.subject(), read.path_length());
            assert_eq!(said, (&serial, validity, &subject, path_length));
            assert!(subject.to_string().bytes().all(|byte| matches!(byte, b' '..=b'~')));
        }
    }
}
