use der::oid::AssociatedOid;
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, CrlNumber};

use super::signed::{Body, SignedObject};
use super::structure::{RevokedCertificate, TbsCertList, decode, encode};
use super::time::to_instant;
use super::{DistinguishedName, Error, KeyIdentifier, Part, SignatureAlgorithm, extension};
use crate::format::{CrlEntry, Instant, ReasonCode, SerialNumber};

/// A certificate revocation list, read strictly: v2, DER throughout, with the extensions that RFC 5280 5.2
/// demands and a reason in each entry.
pub type RevocationList = SignedObject<RevocationListBody>;

/// What a TBSCertList says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationListBody {
    pub(super) signature_algorithm: SignatureAlgorithm,
    pub(super) issuer: DistinguishedName,
    pub(super) this_update: Instant,
    pub(super) next_update: Instant,
    pub(super) entries: Vec<CrlEntry>,
    pub(super) authority_key_identifier: KeyIdentifier,
    pub(super) number: u64,
    pub(super) issuing_distribution_point: Vec<String>,
}

impl RevocationList {
    /// The URIs of issuingDistributionPoint (RFC 5280 5.2.5), where it has one.
    pub fn issuing_distribution_point(&self) -> &[String] {
        &self.body.issuing_distribution_point
    }

    /// cRLNumber (RFC 5280 5.2.3).
    pub fn number(&self) -> u64 {
        self.body.number
    }

    /// thisUpdate.
    pub fn this_update(&self) -> Instant {
        self.body.this_update
    }

    /// nextUpdate.
    pub fn next_update(&self) -> Instant {
        self.body.next_update
    }

    /// revokedCertificates, in the order of the list, no serial number twice.
    pub fn entries(&self) -> &[CrlEntry] {
        &self.body.entries
    }

    /// keyIdentifier of authorityKeyIdentifier (RFC 5280 5.2.1).
    pub fn authority_key_identifier(&self) -> KeyIdentifier {
        self.body.authority_key_identifier
    }
}

impl Body for RevocationListBody {
    /// RFC 7468 section 6.
    const LABEL: &'static str = "X509 CRL";
    const PART: Part = Part::Crl;

    fn parse(tbs: &[u8]) -> Result<Self, Error> {
        let part = Part::TbsCertList;
        let tbs: TbsCertList = decode(part, tbs)?;
        let version = tbs.version.unwrap_or_default();
        if version != 1 {
            return Err(Error::Version { part, found: version, expected: 1 });
        }
        let extensions = tbs.extensions.unwrap_or_default();
        extension::check_unique(&extensions)?;
        let number: CrlNumber =
            extension::read(&extensions)?.ok_or(Error::ExtensionMissing { part, oid: CrlNumber::OID })?;
        Ok(Self {
            signature_algorithm: SignatureAlgorithm::from_der(&encode(part, &tbs.signature)?)?,
            issuer: DistinguishedName::from_der(&encode(part, &tbs.issuer)?)?,
            this_update: to_instant(part, tbs.this_update)?,
            next_update: to_instant(part, tbs.next_update.ok_or(Error::NoNextUpdate)?)?,
            entries: read_entries(&tbs.revoked.unwrap_or_default())?,
            authority_key_identifier: extension::read_authority_key_identifier(&extensions)?
                .ok_or(Error::ExtensionMissing { part, oid: AuthorityKeyIdentifier::OID })?,
            number: to_u64(&number).ok_or(Error::CrlNumber)?,
            issuing_distribution_point: extension::read_issuing_distribution_point(&extensions)?,
        })
    }

    fn issuer(&self) -> &DistinguishedName {
        &self.issuer
    }

    fn signature_algorithm(&self) -> SignatureAlgorithm {
        self.signature_algorithm
    }
}

/// The CRL number, where it fits.
pub(super) fn to_u64(number: &CrlNumber) -> Option<u64> {
    number
        .0
        .as_bytes()
        .iter()
        .try_fold(0_u64, |value, octet| Some(value.checked_mul(256)? + u64::from(*octet)))
}

fn read_entries(revoked: &[RevokedCertificate]) -> Result<Vec<CrlEntry>, Error> {
    let part = Part::CrlEntry;
    let mut entries: Vec<CrlEntry> = Vec::with_capacity(revoked.len());
    for entry in revoked {
        let serial = SerialNumber::from_content(entry.serial.as_bytes())?;
        let extensions = entry.extensions.as_deref().unwrap_or_default();
        extension::check_unique(extensions)?;
        let code = extension::read_reason_code(extensions)?;
        let code = code.ok_or(Error::ExtensionMissing { part, oid: extension::REASON_CODE })?;
        let reason = to_reason(code).ok_or_else(|| Error::ReasonCode { serial: serial.clone(), code })?;
        entries.push(CrlEntry { serial, at: to_instant(part, entry.date)?, reason });
    }
    let mut serials: Vec<&SerialNumber> = entries.iter().map(|entry| &entry.serial).collect();
    serials.sort_unstable();
    let twice = serials.windows(2).find_map(|pair| match pair {
        [one, next] if one == next => Some((*one).clone()),
        _ => None,
    });
    match twice {
        Some(serial) => Err(Error::EntryTwice { serial }),
        None => Ok(entries),
    }
}

/// The reasons that a CA certificate may be revoked for; the other codes are none of them.
pub(super) fn to_reason(code: u8) -> Option<ReasonCode> {
    [
        ReasonCode::KeyCompromise,
        ReasonCode::CaCompromise,
        ReasonCode::AffiliationChanged,
        ReasonCode::Superseded,
        ReasonCode::CessationOfOperation,
        ReasonCode::PrivilegeWithdrawn,
    ]
    .into_iter()
    .find(|reason| reason.code() == code)
}

#[cfg(test)]
mod tests {
    use der::Encode;
    use der::asn1::{ObjectIdentifier, OctetString};

    use super::*;
    use crate::pki::sample;
    use crate::pki::structure::Extension;

    fn read(change: fn(&mut TbsCertList)) -> Result<RevocationListBody, Error> {
        let entries = [sample::entry(2, ReasonCode::Superseded), sample::entry(3, ReasonCode::KeyCompromise)];
        let mut tbs: TbsCertList = decode(Part::TbsCertList, &sample::crl_tbs(&entries)).unwrap();
        change(&mut tbs);
        RevocationListBody::parse(&tbs.to_der().unwrap())
    }

    fn entries(tbs: &mut TbsCertList) -> &mut Vec<RevokedCertificate> {
        tbs.revoked.as_mut().unwrap()
    }

    fn extensions(tbs: &mut TbsCertList) -> &mut Vec<Extension> {
        tbs.extensions.as_mut().unwrap()
    }

    fn octets(value: &[u8]) -> OctetString {
        OctetString::new(value).unwrap()
    }

    #[test]
    fn a_crl_without_what_it_must_have_is_refused() {
        let (list, entry) = (Part::TbsCertList, Part::CrlEntry);
        let missing = |part, oid| Error::ExtensionMissing { part, oid: ObjectIdentifier::new_unwrap(oid) };
        let twice = |oid| Error::ExtensionTwice { oid: ObjectIdentifier::new_unwrap(oid) };
        type Change = fn(&mut TbsCertList);
        let cases: [(Change, Error); 13] = [
            (|tbs| tbs.version = None, Error::Version { part: list, found: 0, expected: 1 }),
            (|tbs| tbs.version = Some(2), Error::Version { part: list, found: 2, expected: 1 }),
            (|tbs| tbs.next_update = None, Error::NoNextUpdate),
            (|tbs| tbs.extensions = None, missing(list, "2.5.29.20")),
            (|tbs| drop(extensions(tbs).remove(0)), missing(list, "2.5.29.35")),
            (|tbs| extensions(tbs)[0].value = octets(b"\x30\x00"), missing(list, "2.5.29.35")),
            (|tbs| extensions(tbs)[1].value = octets(b"\x02\x09\x01\0\0\0\0\0\0\0\0"), Error::CrlNumber),
            (
                |tbs| {
                    let again = extensions(tbs)[0].clone();
                    extensions(tbs).push(again);
                },
                twice("2.5.29.35"),
            ),
            (|tbs| entries(tbs)[0].extensions = None, missing(entry, "2.5.29.21")),
            (
                |tbs| entries(tbs)[0].extensions.as_mut().unwrap()[0].value = octets(b"\x0a\x01\x06"),
                Error::ReasonCode { serial: sample::serial(2), code: 6 },
            ),
            (
                |tbs| entries(tbs)[0].extensions.as_mut().unwrap()[0].value = octets(b"\x0a\x02\x00\x01"),
                Error::NotCanonical { part: Part::Extension(extension::REASON_CODE) },
            ),
            (
                |tbs| {
                    let again = entries(tbs)[0].extensions.as_ref().unwrap()[0].clone();
                    entries(tbs)[0].extensions.as_mut().unwrap().push(again);
                },
                twice("2.5.29.21"),
            ),
            (
                |tbs| entries(tbs)[1].serial = tbs.revoked.as_ref().unwrap()[0].serial.clone(),
                Error::EntryTwice { serial: sample::serial(2) },
            ),
        ];
        assert!(read(|_| {}).is_ok());
        for (change, expected) in cases {
            assert_eq!(read(change), Err(expected));
        }
    }
}
