//! The ASN.1 of RFC 5280 and RFC 2986 with issuer, subject, key and algorithm left as the bytes they are.

use der::asn1::{Any, BitString, Int, ObjectIdentifier, OctetString, SetOfVec};
use der::{Decode, Encode, Sequence};
use x509_cert::attr::Attribute;
use x509_cert::time::Time;

use super::{Error, Part};

/// Decodes, and refuses every encoding but the one that DER allows.
///
/// The `der` crate accepts a SET OF in the wrong order and an explicit DEFAULT value; both change on
/// encoding.
pub(super) fn decode<T>(part: Part, bytes: &[u8]) -> Result<T, Error>
where
    T: for<'a> Decode<'a, Error = der::Error> + Encode,
{
    let value = T::from_der(bytes).map_err(|reason| Error::NotDer { part, reason })?;
    if encode(part, &value)? != bytes {
        return Err(Error::NotCanonical { part });
    }
    Ok(value)
}

pub(super) fn encode(part: Part, value: &impl Encode) -> Result<Vec<u8>, Error> {
    value.to_der().map_err(|reason| Error::NotEncodable { part, reason })
}

/// Certificate, CertificateList and CertificationRequest have this shape.
#[derive(Clone, Debug, Sequence)]
pub(super) struct Signed {
    pub(super) tbs: Any,
    pub(super) algorithm: Any,
    pub(super) signature: BitString,
}

/// RFC 5280 4.1.
#[derive(Clone, Debug, Sequence)]
pub(super) struct TbsCertificate {
    #[asn1(context_specific = "0", default = "Default::default")]
    pub(super) version: u8,
    pub(super) serial: Int,
    pub(super) signature: Any,
    pub(super) issuer: Any,
    pub(super) validity: Validity,
    pub(super) subject: Any,
    pub(super) public_key: Any,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    pub(super) issuer_unique_id: Option<BitString>,
    #[asn1(context_specific = "2", tag_mode = "IMPLICIT", optional = "true")]
    pub(super) subject_unique_id: Option<BitString>,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    pub(super) extensions: Option<Vec<Extension>>,
}

/// RFC 5280 4.1.2.5. Unlike x509-cert's, it keeps the form of its times.
#[derive(Clone, Copy, Debug, Sequence)]
pub(super) struct Validity {
    pub(super) not_before: Time,
    pub(super) not_after: Time,
}

/// RFC 5280 4.1.2.9.
#[derive(Clone, Debug, PartialEq, Eq, Sequence)]
pub(super) struct Extension {
    pub(super) id: ObjectIdentifier,
    #[asn1(default = "Default::default")]
    pub(super) critical: bool,
    pub(super) value: OctetString,
}

/// RFC 5280 5.1.
#[derive(Clone, Debug, Sequence)]
pub(super) struct TbsCertList {
    pub(super) version: Option<u8>,
    pub(super) signature: Any,
    pub(super) issuer: Any,
    pub(super) this_update: Time,
    pub(super) next_update: Option<Time>,
    pub(super) revoked: Option<Vec<RevokedCertificate>>,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    pub(super) extensions: Option<Vec<Extension>>,
}

/// RFC 5280 5.1.2.6.
#[derive(Clone, Debug, Sequence)]
pub(super) struct RevokedCertificate {
    pub(super) serial: Int,
    pub(super) date: Time,
    pub(super) extensions: Option<Vec<Extension>>,
}

/// RFC 2986 4.1. The attributes are not OPTIONAL there; a request without them gets an error that says so.
#[derive(Clone, Debug, Sequence)]
pub(super) struct CertificationRequestInfo {
    pub(super) version: u8,
    pub(super) subject: Any,
    pub(super) public_key: Any,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    pub(super) attributes: Option<SetOfVec<Attribute>>,
}

/// RFC 5280 4.1.2.7.
#[derive(Clone, Debug, Sequence)]
pub(super) struct SubjectPublicKeyInfo {
    pub(super) algorithm: Any,
    pub(super) key: BitString,
}

/// RFC 8017 A.1.1.
#[derive(Clone, Debug, Sequence)]
pub(super) struct RsaPublicKey {
    pub(super) modulus: der::asn1::Uint,
    pub(super) exponent: der::asn1::Uint,
}
