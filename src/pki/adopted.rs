//! What a root that was made elsewhere left: its certificates, and its last CRL.

use x509_cert::ext::pkix::CrlNumber;

use super::revocation::{to_reason, to_u64};
use super::signed::{Body, SignedObject};
use super::structure::{Extension, TbsCertList, decode, encode};
use super::time::to_instant;
use super::{
    Certificate, DistinguishedName, Error, Part, SignatureAlgorithm, extension, unfit_to_be_certified,
};
use crate::format::{
    AdoptedCertificate, AdoptedList, CrlEntry, Digest, Hex, Instant, ReasonCode, SerialNumber, Subject,
};

/// A certificate revocation list of other software, DER throughout: v1 or v2, a reason is not asked for. What would make it a
/// list of only a part of what its issuer revoked is refused.
pub type ForeignList = SignedObject<ForeignListBody>;

/// What its TBSCertList says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignListBody {
    signature_algorithm: SignatureAlgorithm,
    issuer: DistinguishedName,
    this_update: Instant,
    next_update: Instant,
    number: Option<u64>,
    entries: Vec<ForeignEntry>,
}

/// One of its entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignEntry {
    /// userCertificate.
    pub serial: SerialNumber,
    /// revocationDate.
    pub at: Instant,
    /// reasonCode, where it is one that a CA certificate is revoked for.
    pub reason: Option<ReasonCode>,
}

impl ForeignList {
    /// thisUpdate.
    pub fn this_update(&self) -> Instant {
        self.body.this_update
    }

    /// revokedCertificates, in the order of the list, no serial number twice.
    pub fn entries(&self) -> &[ForeignEntry] {
        &self.body.entries
    }
}

impl Body for ForeignListBody {
    const LABEL: &'static str = "X509 CRL";
    const PART: Part = Part::Crl;

    fn parse(tbs: &[u8]) -> Result<Self, Error> {
        let part = Part::TbsCertList;
        let tbs: TbsCertList = decode(part, tbs)?;
        // v1 is the absence of the field (RFC 5280 5.1.2.1).
        if let Some(found) = tbs.version.filter(|version| *version != 1) {
            return Err(Error::Version { part, found, expected: 1 });
        }
        let extensions = tbs.extensions.unwrap_or_default();
        extension::check_unique(&extensions)?;
        // Critical by its nature; one that names nothing but places covers everything.
        extension::read_issuing_distribution_point(&extensions)?;
        let others = extensions.iter().filter(|one| one.id != extension::ISSUING_DISTRIBUTION_POINT);
        no_critical(part, others)?;
        let number: Option<CrlNumber> = extension::read(&extensions)?;
        let mut entries: Vec<ForeignEntry> = Vec::new();
        let mut serials = std::collections::BTreeSet::new();
        for entry in tbs.revoked.unwrap_or_default() {
            let part = Part::CrlEntry;
            let serial = SerialNumber::from_content(entry.serial.as_bytes())?;
            if !serials.insert(serial.clone()) {
                return Err(Error::EntryTwice { serial });
            }
            let extensions = entry.extensions.unwrap_or_default();
            extension::check_unique(&extensions)?;
            no_critical(part, extensions.iter())?;
            let reason = extension::read_reason_code(&extensions)?.and_then(to_reason);
            entries.push(ForeignEntry { serial, at: to_instant(part, entry.date)?, reason });
        }
        Ok(Self {
            signature_algorithm: SignatureAlgorithm::from_der(&encode(part, &tbs.signature)?)?,
            issuer: DistinguishedName::from_der(&encode(part, &tbs.issuer)?)?,
            this_update: to_instant(part, tbs.this_update)?,
            next_update: to_instant(part, tbs.next_update.ok_or(Error::NoNextUpdate)?)?,
            number: number.map(|number| to_u64(&number).ok_or(Error::CrlNumber)).transpose()?,
            entries,
        })
    }

    fn issuer(&self) -> &DistinguishedName {
        &self.issuer
    }

    fn signature_algorithm(&self) -> SignatureAlgorithm {
        self.signature_algorithm
    }
}

fn no_critical<'a>(part: Part, mut extensions: impl Iterator<Item = &'a Extension>) -> Result<(), Error> {
    match extensions.find(|extension| extension.critical) {
        Some(extension) => Err(Error::CriticalExtension { part, oid: extension.id }),
        None => Ok(()),
    }
}

/// What a certificate says, as a plan has it.
pub fn adopted_certificate(certificate: &Certificate) -> AdoptedCertificate {
    let subject = certificate.subject();
    AdoptedCertificate {
        serial: certificate.serial().clone(),
        subject: Subject { der: Hex(subject.der().to_vec()), text: subject.to_string() },
        spki_sha256: certificate.public_key().sha256(),
        validity: certificate.validity(),
        authority: certificate.is_authority(),
        path_length: certificate.path_length(),
        tbs_sha256: Digest::of(certificate.tbs()),
    }
}

/// What a CRL says, as a plan has it: entries in order of serial number, `otherwise` the reason of those without one.
///
/// # Errors
/// [`Error::NoReason`] where an entry has none and `otherwise` is none.
pub fn adopted_list(list: &ForeignList, otherwise: Option<ReasonCode>) -> Result<AdoptedList, Error> {
    let entries = list.body.entries.iter().map(|ForeignEntry { serial, at, reason }| {
        let reason = reason.or(otherwise).ok_or_else(|| Error::NoReason { serial: serial.clone() })?;
        Ok(CrlEntry { serial: serial.clone(), at: *at, reason })
    });
    let mut entries = entries.collect::<Result<Vec<_>, Error>>()?;
    entries.sort_by(|one, other| one.serial.cmp(&other.serial));
    Ok(AdoptedList {
        number: list.body.number,
        this_update: list.body.this_update,
        next_update: list.body.next_update,
        entries,
        tbs_sha256: Digest::of(list.tbs()),
    })
}

/// Why a certificate is none of a root that ceremonies could go on with, a sentence each.
pub fn unfit_to_be_adopted(root: &Certificate) -> Vec<&'static str> {
    let rules = [
        ("its key may not sign CRLs", root.may_sign_crls()),
        (
            "its key is of an algorithm that no ceremony signs with",
            root.public_key().key_algorithm().is_some(),
        ),
    ];
    let unfit = rules.into_iter().filter(|(_, holds)| !holds).map(|(what, _)| what);
    unfit_to_be_certified(root).into_iter().chain(unfit).collect()
}

/// Why a certificate or CRL is none that a root issued, a sentence each.
pub fn not_signed_by<B: Body>(object: &SignedObject<B>, root: &Certificate) -> Vec<&'static str> {
    let rules = [
        ("its issuer is not the root's subject, byte for byte", object.issuer() == root.subject()),
        (
            "its signature does not verify under the root's key",
            object.verify_signature(root.public_key()).is_ok(),
        ),
    ];
    rules.into_iter().filter(|(_, holds)| !holds).map(|(what, _)| what).collect()
}

#[cfg(test)]
mod tests {
    use der::Encode as _;
    use der::asn1::{ObjectIdentifier, OctetString};

    use super::*;
    use crate::pki::sample;

    fn read(change: fn(&mut TbsCertList)) -> Result<ForeignListBody, Error> {
        let entries = [sample::entry(2, ReasonCode::Superseded), sample::entry(3, ReasonCode::KeyCompromise)];
        let mut tbs: TbsCertList = decode(Part::TbsCertList, &sample::crl_tbs(&entries)).unwrap();
        change(&mut tbs);
        ForeignListBody::parse(&tbs.to_der().unwrap())
    }

    fn of_first(tbs: &mut TbsCertList) -> &mut Vec<Extension> {
        tbs.revoked.as_mut().unwrap()[0].extensions.as_mut().unwrap()
    }

    /// deltaCRLIndicator (RFC 5280 5.2.4) and certificateIssuer (RFC 5280 5.3.3), which change what a list is.
    const DELTA: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.27");
    const CERTIFICATE_ISSUER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.29");

    fn critical(id: ObjectIdentifier) -> Extension {
        Extension { id, critical: true, value: OctetString::new(b"\x02\x01\x01".as_slice()).unwrap() }
    }

    #[test]
    fn other_software_may_leave_out_what_this_program_always_says() {
        let v1 = read(|tbs| {
            (tbs.version, tbs.extensions) = (None, None);
            tbs.revoked.iter_mut().flatten().for_each(|entry| entry.extensions = None);
        })
        .unwrap();
        assert_eq!(v1.number, None);
        assert!(v1.entries.iter().all(|entry| entry.reason.is_none()));
        // certificateHold: a CA certificate is revoked or not.
        let held = read(|tbs| of_first(tbs)[0].value = OctetString::new(b"\x0a\x01\x06".as_slice()).unwrap());
        assert_eq!(held.unwrap().entries[0].reason, None);
        assert_eq!(read(|tbs| tbs.revoked = None).unwrap().entries, []);
    }

    #[test]
    fn a_list_of_less_than_everything_is_refused() {
        type Change = fn(&mut TbsCertList);
        let (list, entry) = (Part::TbsCertList, Part::CrlEntry);
        let cases: [(Change, Error); 6] = [
            (|tbs| tbs.version = Some(2), Error::Version { part: list, found: 2, expected: 1 }),
            (|tbs| tbs.next_update = None, Error::NoNextUpdate),
            (
                |tbs| tbs.extensions.as_mut().unwrap().push(critical(DELTA)),
                Error::CriticalExtension { part: list, oid: DELTA },
            ),
            (
                |tbs| of_first(tbs).push(critical(CERTIFICATE_ISSUER)),
                Error::CriticalExtension { part: entry, oid: CERTIFICATE_ISSUER },
            ),
            (
                |tbs| {
                    tbs.revoked.as_mut().unwrap()[1].serial = tbs.revoked.as_ref().unwrap()[0].serial.clone()
                },
                Error::EntryTwice { serial: sample::serial(2) },
            ),
            (
                |tbs| {
                    let octets = b"\x02\x09\x01\0\0\0\0\0\0\0\0".as_slice();
                    tbs.extensions.as_mut().unwrap()[1].value = OctetString::new(octets).unwrap();
                },
                Error::CrlNumber,
            ),
        ];
        assert!(read(|_| {}).is_ok());
        for (change, expected) in cases {
            assert_eq!(read(change), Err(expected));
        }
    }

    #[test]
    fn an_entry_is_carried_on_with_a_reason_that_people_chose_or_not_at_all() {
        let reasonless = |tbs: &mut TbsCertList| tbs.revoked.as_mut().unwrap()[0].extensions = None;
        let mut tbs: TbsCertList =
            decode(Part::TbsCertList, &sample::crl_tbs(&[sample::entry(2, ReasonCode::Superseded)])).unwrap();
        reasonless(&mut tbs);
        let tbs = tbs.to_der().unwrap();
        let list = ForeignList::from_der(&sample::sign(1, &tbs)).unwrap();
        assert_eq!(adopted_list(&list, None), Err(Error::NoReason { serial: sample::serial(2) }));
        let chosen = adopted_list(&list, Some(ReasonCode::CessationOfOperation)).unwrap();
        assert_eq!(chosen.entries[0].reason, ReasonCode::CessationOfOperation);
    }
}
