mod strings;

use der::asn1::ObjectIdentifier;
use der::oid::AssociatedOid;
use x509_cert::attr::Attribute;
use x509_cert::ext::pkix::{
    AuthorityInfoAccessSyntax, AuthorityKeyIdentifier, BasicConstraints, CertificatePolicies,
    CrlDistributionPoints, ExtendedKeyUsage, KeyUsage, NameConstraints, SubjectAltName, SubjectKeyIdentifier,
};

use super::structure::{CertificationRequestInfo, Extension, Signed, decode, encode};
use super::{DistinguishedName, Error, Part, PublicKey, SignatureAlgorithm, extension, pem};
use crate::format::{AskedDecision, CertificateExtensions};

/// A certification request (RFC 2986) whose proof of possession holds.
///
/// Only its key, and where the ceremony says so its subject, are ever taken from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificationRequest {
    der: Vec<u8>,
    subject: DistinguishedName,
    public_key: PublicKey,
    asked: Vec<Requested>,
}

/// Something that a request asks for besides its key and subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requested {
    /// The name, as RFC 5280 spells it, or dotted object identifier of the extension or attribute.
    pub what: String,
    extension: Option<Extension>,
}

/// extensionRequest (RFC 2985 5.4.2) and what Microsoft's tools use in its place.
const EXTENSION_REQUESTS: [ObjectIdentifier; 2] = [
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.14"),
    ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.2.1.14"),
];

/// Extensions of names and places: subjectAltName and issuerAltName.
const NAMING: [ObjectIdentifier; 2] =
    [ObjectIdentifier::new_unwrap("2.5.29.17"), ObjectIdentifier::new_unwrap("2.5.29.18")];

/// Names of what requests usually ask for.
const NAMES: [(ObjectIdentifier, &str); 12] = [
    (AuthorityInfoAccessSyntax::OID, "authorityInfoAccess"),
    (AuthorityKeyIdentifier::OID, "authorityKeyIdentifier"),
    (BasicConstraints::OID, "basicConstraints"),
    (CertificatePolicies::OID, "certificatePolicies"),
    (CrlDistributionPoints::OID, "cRLDistributionPoints"),
    (ExtendedKeyUsage::OID, "extKeyUsage"),
    (KeyUsage::OID, "keyUsage"),
    (NameConstraints::OID, "nameConstraints"),
    (SubjectAltName::OID, "subjectAltName"),
    (SubjectKeyIdentifier::OID, "subjectKeyIdentifier"),
    // RFC 2985 5.4.1 and 5.5.
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.7"), "challengePassword"),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.2"), "unstructuredName"),
];

impl CertificationRequest {
    /// RFC 7468 section 7, and the older label that some tools still write.
    const LABELS: [&'static str; 2] = ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"];

    /// Reads a file with exactly one request, DER or PEM. The PEM may have a byte order mark, CRLF, text
    /// around it and lines of any length; the DER inside must be strict.
    ///
    /// # Errors
    /// When there is not exactly one request, it is not DER, its key or signature algorithm is not accepted, an
    /// attribute is there twice, a string has a control character, or its signature does not verify with its own key over the very bytes of its CertificationRequestInfo.
    pub fn parse(file: &[u8]) -> Result<Self, Error> {
        Self::from_der(&pem::decode_or_der(&Self::LABELS, file)?)
    }

    /// Reads a DER CertificationRequest.
    ///
    /// # Errors
    /// As [`Self::parse`], but for what concerns PEM.
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        let part = Part::Request;
        let signed: Signed = decode(part, der)?;
        let info_der = encode(part, &signed.tbs)?;
        let info: CertificationRequestInfo = decode(part, &info_der)?;
        if info.version != 0 {
            return Err(Error::Version { part, found: info.version, expected: 0 });
        }
        let public_key = PublicKey::from_spki(&encode(part, &info.public_key)?)?;
        let algorithm = SignatureAlgorithm::from_der(&encode(part, &signed.algorithm)?)?;
        let signature = signed.signature.as_bytes().ok_or(Error::NotCanonical { part })?;
        public_key.verify(algorithm, &info_der, signature).map_err(|error| match error {
            Error::Signature => Error::ProofOfPossession,
            other => other,
        })?;
        let attributes = info.attributes.ok_or(Error::NoAttributes)?;
        strings::demand_visible(Part::Name, &encode(part, &info.subject)?)?;
        let mut asked = Vec::new();
        let mut kinds = Vec::new();
        for attribute in attributes.iter() {
            // Two extension requests conflict, whichever of their two names they have.
            let extensions = EXTENSION_REQUESTS.contains(&attribute.oid);
            let kind = if extensions { EXTENSION_REQUESTS.first().copied() } else { Some(attribute.oid) };
            if kinds.contains(&kind) || attribute.values.len() != 1 {
                return Err(Error::AttributeTwice { oid: attribute.oid });
            }
            kinds.push(kind);
            strings::demand_visible(Part::RequestAttribute, &encode(part, attribute)?)?;
            asked.extend(Requested::read(attribute)?);
        }
        Ok(Self {
            der: der.to_vec(),
            subject: DistinguishedName::from_der(&encode(part, &info.subject)?)?,
            public_key,
            asked,
        })
    }

    /// The DER CertificationRequest.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The subject that it asks for; may be empty.
    pub fn subject(&self) -> &DistinguishedName {
        &self.subject
    }

    /// One line of printable ASCII that says what it asks for.
    pub fn summary(&self) -> String {
        let asked: Vec<&str> = self.asked.iter().map(|asked| asked.what.as_str()).collect();
        format!(
            "certificate request: subject \"{}\", key {} {}, asks for {}",
            self.subject,
            self.public_key.describe(),
            self.public_key.key_identifier(),
            if asked.is_empty() { "nothing else".to_owned() } else { asked.join(", ") }
        )
    }

    /// The key that it asks to be certified.
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// Each extension and each other attribute that it asks for, in its own order.
    pub fn asked(&self) -> &[Requested] {
        &self.asked
    }
}

impl Requested {
    fn read(attribute: &Attribute) -> Result<Vec<Self>, Error> {
        if !EXTENSION_REQUESTS.contains(&attribute.oid) {
            return Ok(vec![Self { what: name(attribute.oid), extension: None }]);
        }
        let part = Part::RequestAttribute;
        let mut asked = Vec::new();
        for value in attribute.values.iter() {
            let extensions: Vec<Extension> = decode(part, &encode(part, value)?)?;
            extension::check_unique(&extensions)?;
            for Extension { id, value, .. } in &extensions {
                if NAMING.contains(id) {
                    strings::demand_visible(Part::Extension(*id), value.as_bytes())?;
                }
            }
            asked.extend(
                extensions
                    .into_iter()
                    .map(|extension| Self { what: name(extension.id), extension: Some(extension) }),
            );
        }
        Ok(asked)
    }

    /// What becomes of it in a certificate with these extensions for that key.
    ///
    /// # Errors
    /// None that a request can cause.
    pub fn decision(
        &self,
        planned: &CertificateExtensions,
        public_key: &PublicKey,
    ) -> Result<AskedDecision, Error> {
        let Some(asked) = &self.extension else {
            return Ok(AskedDecision::Ignored);
        };
        let identifier = public_key.key_identifier();
        // The issuer's key identifier is never a request's to set: compared with this value, it is overridden.
        let issued = extension::of_authority(planned, identifier, identifier)?;
        Ok(match issued.iter().find(|extension| extension.id == asked.id) {
            Some(extension) if extension == asked && asked.id != AuthorityKeyIdentifier::OID => {
                AskedDecision::Honoured
            }
            Some(_) => AskedDecision::Overridden,
            None => AskedDecision::Ignored,
        })
    }
}

fn name(oid: ObjectIdentifier) -> String {
    NAMES
        .iter()
        .find(|(known, _)| *known == oid)
        .map_or_else(|| oid.to_string(), |(_, name)| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use der::Encode;
    use der::asn1::SetOfVec;

    use super::*;
    use crate::pki::sample;

    fn info() -> CertificationRequestInfo {
        CertificationRequestInfo {
            version: 0,
            subject: decode(Part::Name, sample::name(&[("CN", &"x".repeat(64))]).der()).unwrap(),
            public_key: decode(Part::PublicKey, sample::public_key(1).spki()).unwrap(),
            attributes: Some(SetOfVec::new()),
        }
    }

    fn read(info: &[u8]) -> Result<CertificationRequest, Error> {
        CertificationRequest::parse(&sample::sign(1, info))
    }

    fn attribute(oid: &[u8], values: &[u8]) -> Vec<u8> {
        let length = |bytes: &[u8]| u8::try_from(bytes.len()).unwrap();
        let set = [&[0x31, length(values)], values].concat();
        let body = [&[6, length(oid)], oid, &set].concat();
        [&[0x30, length(&body)], body.as_slice()].concat()
    }

    /// The request with attributes given as octets, in the order given.
    fn with_attributes(attributes: &[Vec<u8>]) -> Vec<u8> {
        let attributes = attributes.concat();
        let mut info = info().to_der().unwrap();
        let length = info.len() - 1;
        info[length] = u8::try_from(attributes.len()).unwrap();
        info.extend(attributes);
        let content = info.split_off(3); // The long name makes the length long, too.
        [&[0x30, 0x81, u8::try_from(content.len()).unwrap()], content.as_slice()].concat()
    }

    #[test]
    fn a_request_of_another_form_is_refused() {
        let password = attribute(b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x07", b"\x0c\x01x");
        let unknown = attribute(b"\x2a\x03\x04", b"\x05\x00");
        let constraints = b"\x30\x0c\x06\x03\x55\x1d\x13\x04\x05\x30\x03\x01\x01\xff".as_slice();
        let asking = |extensions: &[u8]| {
            let list = [&[0x30, u8::try_from(extensions.len()).unwrap()], extensions].concat();
            attribute(b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x0e", &list)
        };
        let asked = |attributes: &[Vec<u8>]| {
            read(&with_attributes(attributes))
                .map(|request| request.asked.into_iter().map(|asked| asked.what).collect::<Vec<_>>())
        };
        assert_eq!(read(&with_attributes(&[])), read(&info().to_der().unwrap()));
        let both = [unknown.clone(), password.clone()];
        assert_eq!(asked(&both), Ok(vec!["1.2.3.4".to_owned(), "challengePassword".to_owned()]));
        assert_eq!(asked(&[password, unknown]), Err(Error::NotCanonical { part: Part::Request }));
        assert_eq!(asked(&[asking(constraints)]), Ok(vec!["basicConstraints".to_owned()]));
        let microsoft = |extensions: &[u8]| {
            let list = [&[0x30, u8::try_from(extensions.len()).unwrap()], extensions].concat();
            attribute(b"\x2b\x06\x01\x04\x01\x82\x37\x02\x01\x0e", &list)
        };
        let again = |oid| Err(Error::AttributeTwice { oid });
        assert_eq!(
            asked(&[both[0].clone(), both[0].clone()]),
            again(ObjectIdentifier::new_unwrap("1.2.3.4"))
        );
        assert_eq!(asked(&[attribute(b"\x2a\x03\x04", b"")]), again(ObjectIdentifier::new_unwrap("1.2.3.4")));
        assert_eq!(
            asked(&[attribute(b"\x2a\x03\x04", b"\x01\x01\xff\x05\x00")]),
            again(ObjectIdentifier::new_unwrap("1.2.3.4"))
        );
        assert_eq!(asked(&[asking(constraints), microsoft(constraints)]), again(EXTENSION_REQUESTS[1]));
        let naming = |name: &[u8]| {
            let value = [&[0x30, u8::try_from(name.len()).unwrap()], name].concat();
            let value = [&[0x04, u8::try_from(value.len()).unwrap()], value.as_slice()].concat();
            let body = [b"\x06\x03\x55\x1d\x11".as_slice(), &value].concat();
            asking(&[&[0x30, u8::try_from(body.len()).unwrap()], body.as_slice()].concat())
        };
        assert_eq!(asked(&[naming(b"\x82\x03a.b")]), Ok(vec!["subjectAltName".to_owned()]));
        let control = Err(Error::ControlCharacter { part: Part::Extension(SubjectAltName::OID) });
        assert_eq!(asked(&[naming(b"\x82\x03a\x00b")]), control);
        assert_eq!(asked(&[naming(b"\x86\x03a\x0ab")]), control);
        let control = Err(Error::ControlCharacter { part: Part::RequestAttribute });
        for string in [
            b"\x0c\x02x\x00".as_slice(),
            b"\x13\x02x\x7f",
            b"\x1e\x04\x00x\x00\x0d",
            b"\x31\x04\x16\x02\x1bx",
        ] {
            assert_eq!(asked(&[attribute(b"\x2a\x03\x04", string)]), control, "{string:?}");
        }
        assert!(asked(&[attribute(b"\x2a\x03\x04", b"\x1e\x04\x04\x00\x0d\x00")]).is_ok());
        let twice = Error::ExtensionTwice { oid: BasicConstraints::OID };
        assert_eq!(asked(&[asking(&[constraints, constraints].concat())]), Err(twice));
    }

    #[test]
    fn a_field_that_is_missing_or_of_another_version_is_named() {
        let without = CertificationRequestInfo { attributes: None, ..info() };
        assert_eq!(read(&without.to_der().unwrap()), Err(Error::NoAttributes));
        let later = CertificationRequestInfo { version: 1, ..info() };
        let version = Error::Version { part: Part::Request, found: 1, expected: 0 };
        assert_eq!(read(&later.to_der().unwrap()), Err(version));
        let of_another = sample::sign(2, &info().to_der().unwrap());
        assert_eq!(CertificationRequest::parse(&of_another), Err(Error::ProofOfPossession));
    }

    #[test]
    fn the_issuers_key_identifier_is_never_the_requests_to_choose() {
        let key = sample::public_key(1);
        let asked = |tag: u8| {
            let value = [&[tag, 20], key.key_identifier().0.as_slice()].concat();
            let (id, value) = match tag {
                4 => (SubjectKeyIdentifier::OID, value),
                _ => (AuthorityKeyIdentifier::OID, [&[0x30, 22], value.as_slice()].concat()),
            };
            let value = der::asn1::OctetString::new(value).unwrap();
            let extension = Some(Extension { id, critical: false, value });
            Requested { what: name(id), extension }.decision(&CertificateExtensions::default(), &key)
        };
        assert_eq!(asked(0x04), Ok(AskedDecision::Honoured));
        assert_eq!(asked(0x80), Ok(AskedDecision::Overridden));
    }
}
