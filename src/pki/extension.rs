//! The extensions that certificates and CRLs of this program have, made and read.

mod planned;

use der::asn1::{Ia5String, ObjectIdentifier, OctetString, Uint};
use der::oid::AssociatedOid;
use der::{Decode, Encode};
use x509_cert::ext::pkix::crl::dp::IssuingDistributionPoint;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, CrlNumber, KeyUsage, KeyUsages, SubjectKeyIdentifier,
};

use super::structure::{Extension, decode, encode};
use super::{Error, KeyIdentifier, Part};
use crate::format::{CertificateExtensions, HttpUrl, ReasonCode};

pub(super) use planned::{OPTIONAL, read_planned};

/// reasonCode of a CRL entry (RFC 5280 5.3.1); x509-cert's type for it carries no object identifier.
pub(super) const REASON_CODE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.21");

/// issuingDistributionPoint (RFC 5280 5.2.5); x509-cert's type for it names another object identifier.
pub(super) const ISSUING_DISTRIBUTION_POINT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.28");

/// The extensions of a CA certificate, in the order in which they are encoded.
pub(super) fn of_authority(
    planned: &CertificateExtensions,
    subject: KeyIdentifier,
    authority: KeyIdentifier,
) -> Result<Vec<Extension>, Error> {
    let mut extensions = vec![
        make(true, &BasicConstraints { ca: true, path_len_constraint: planned.path_length })?,
        make(true, &KeyUsage(KeyUsages::KeyCertSign | KeyUsages::CRLSign))?,
        make(false, &SubjectKeyIdentifier(octets(SubjectKeyIdentifier::OID, &subject.0)?))?,
        make_authority_key_identifier(authority)?,
    ];
    extensions.extend(planned::write(planned)?);
    Ok(extensions)
}

/// The extensions of a CRL, in the order in which they are encoded.
pub(super) fn of_crl(
    authority: KeyIdentifier,
    number: u64,
    issuing_distribution_point: &[HttpUrl],
) -> Result<Vec<Extension>, Error> {
    let part = Part::Extension(CrlNumber::OID);
    let number = Uint::new(&number.to_be_bytes()).map_err(|reason| Error::NotEncodable { part, reason })?;
    let mut extensions = vec![make_authority_key_identifier(authority)?, make(false, &CrlNumber(number))?];
    if !issuing_distribution_point.is_empty() {
        extensions.push(make_issuing_distribution_point(issuing_distribution_point)?);
    }
    Ok(extensions)
}

/// issuingDistributionPoint with a fullName of URIs and nothing else: critical, because a reader that does not know it could
/// take the list for another's (RFC 5280 5.2.5).
fn make_issuing_distribution_point(urls: &[HttpUrl]) -> Result<Extension, Error> {
    let part = Part::Extension(ISSUING_DISTRIBUTION_POINT);
    let name = |url: &HttpUrl| Ia5String::new(url.as_str()).map(GeneralName::UniformResourceIdentifier);
    let names = urls.iter().map(name).collect::<Result<Vec<_>, _>>();
    let names = names.map_err(|reason| Error::NotEncodable { part, reason })?;
    let point = IssuingDistributionPoint {
        distribution_point: Some(DistributionPointName::FullName(names)),
        only_contains_user_certs: false,
        only_contains_ca_certs: false,
        only_some_reasons: None,
        indirect_crl: false,
        only_contains_attribute_certs: false,
    };
    let value = octets(ISSUING_DISTRIBUTION_POINT, &encode(part, &point)?)?;
    Ok(Extension { id: ISSUING_DISTRIBUTION_POINT, critical: true, value })
}

/// The URIs of issuingDistributionPoint; none where the extension is not there.
///
/// # Errors
/// When it says anything but a fullName of URIs: such a list covers only a part of its issuer's certificates.
pub(super) fn read_issuing_distribution_point(extensions: &[Extension]) -> Result<Vec<String>, Error> {
    let part = Part::Extension(ISSUING_DISTRIBUTION_POINT);
    let Some(found) = extensions.iter().find(|extension| extension.id == ISSUING_DISTRIBUTION_POINT) else {
        return Ok(Vec::new());
    };
    let point: IssuingDistributionPoint = decode(part, found.value.as_bytes())?;
    let whole = !point.only_contains_user_certs
        && !point.only_contains_ca_certs
        && point.only_some_reasons.is_none()
        && !point.indirect_crl
        && !point.only_contains_attribute_certs;
    let uris: Option<Vec<String>> = match point.distribution_point {
        Some(DistributionPointName::FullName(names)) if whole => names
            .iter()
            .map(|name| match name {
                GeneralName::UniformResourceIdentifier(uri) => Some(uri.as_str().to_owned()),
                _ => None,
            })
            .collect(),
        _ => None,
    };
    uris.filter(|uris| !uris.is_empty()).ok_or(Error::PartialCrl)
}

/// The extension of a CRL entry: CRLReason ::= ENUMERATED.
pub(super) fn of_entry(reason: ReasonCode) -> Result<Vec<Extension>, Error> {
    let value = octets(REASON_CODE, &[0x0a, 1, reason.code()])?;
    Ok(vec![Extension { id: REASON_CODE, critical: false, value }])
}

/// keyIdentifier alone: an issuer and serial number would tie the certificate to one issue of the issuer's.
fn make_authority_key_identifier(authority: KeyIdentifier) -> Result<Extension, Error> {
    let key_identifier = Some(octets(AuthorityKeyIdentifier::OID, &authority.0)?);
    make(false, &AuthorityKeyIdentifier { key_identifier, ..Default::default() })
}

fn make<T: AssociatedOid + Encode>(critical: bool, value: &T) -> Result<Extension, Error> {
    let value = octets(T::OID, &encode(Part::Extension(T::OID), value)?)?;
    Ok(Extension { id: T::OID, critical, value })
}

fn octets(oid: ObjectIdentifier, bytes: &[u8]) -> Result<OctetString, Error> {
    OctetString::new(bytes).map_err(|reason| Error::NotEncodable { part: Part::Extension(oid), reason })
}

/// The value of an extension, where it is there.
pub(super) fn read<T>(extensions: &[Extension]) -> Result<Option<T>, Error>
where
    T: AssociatedOid + for<'a> Decode<'a, Error = der::Error> + Encode,
{
    match extensions.iter().find(|extension| extension.id == T::OID) {
        Some(extension) => decode(Part::Extension(T::OID), extension.value.as_bytes()).map(Some),
        None => Ok(None),
    }
}

/// subjectKeyIdentifier (RFC 5280 4.2.1.2).
pub(super) fn read_subject_key_identifier(extensions: &[Extension]) -> Result<Option<KeyIdentifier>, Error> {
    let found: Option<SubjectKeyIdentifier> = read(extensions)?;
    found.map(|SubjectKeyIdentifier(octets)| to_key_identifier(&octets)).transpose()
}

/// The keyIdentifier of authorityKeyIdentifier (RFC 5280 4.2.1.1).
pub(super) fn read_authority_key_identifier(
    extensions: &[Extension],
) -> Result<Option<KeyIdentifier>, Error> {
    let found: Option<AuthorityKeyIdentifier> = read(extensions)?;
    found.and_then(|value| value.key_identifier).map(|octets| to_key_identifier(&octets)).transpose()
}

fn to_key_identifier(octets: &OctetString) -> Result<KeyIdentifier, Error> {
    let octets = octets.as_bytes();
    octets.try_into().map(KeyIdentifier).map_err(|_| Error::KeyIdentifier { length: octets.len() })
}

/// The code of reasonCode (RFC 5280 5.3.1), any of 0 to 255.
pub(super) fn read_reason_code(extensions: &[Extension]) -> Result<Option<u8>, Error> {
    let part = Part::Extension(REASON_CODE);
    match extensions.iter().find(|extension| extension.id == REASON_CODE) {
        Some(extension) => match extension.value.as_bytes() {
            [0x0a, 1, code] => Ok(Some(*code)),
            _ => Err(Error::NotCanonical { part }),
        },
        None => Ok(None),
    }
}

/// RFC 5280 4.2: no extension twice.
pub(super) fn check_unique(extensions: &[Extension]) -> Result<(), Error> {
    match first_repeated(extensions) {
        Some(oid) => Err(Error::ExtensionTwice { oid }),
        None => Ok(()),
    }
}

/// The first extension that is there twice.
pub(super) fn first_repeated(extensions: &[Extension]) -> Option<ObjectIdentifier> {
    let mut seen = Vec::new();
    extensions.iter().map(|extension| extension.id).find(|id| {
        let again = seen.contains(id);
        seen.push(*id);
        again
    })
}
