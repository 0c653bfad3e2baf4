use std::fmt;

use der::asn1::ObjectIdentifier;

use super::AttributeError;
use crate::format::{KeyAlgorithm, SerialNumber, SerialNumberError};

/// Why bytes are not what they should be, or cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The bytes do not have the ASN.1 structure.
    #[error("{part} is not DER: {reason}")]
    NotDer {
        /// Of what.
        part: Part,
        /// What the decoder met, with its place.
        reason: der::Error,
    },
    /// The structure is right, but DER encodes it otherwise (X.690 section 10 and 11).
    #[error("{part} is not in the one encoding that DER allows (X.690 11)")]
    NotCanonical {
        /// Of what.
        part: Part,
    },
    /// Lengths beyond what the encoder supports.
    #[error("{part} cannot be encoded: {reason}")]
    NotEncodable {
        /// Of what.
        part: Part,
        /// What the encoder says.
        reason: der::Error,
    },

    /// No BEGIN line, and no DER either.
    #[error("there is no PEM block and no DER in the file")]
    NoPem,
    /// One file, one object: readers differ in which of two they take.
    #[error("the file has {count} PEM blocks, one is allowed")]
    PemBlocks {
        /// How many BEGIN lines it has.
        count: usize,
    },
    /// A block of something else.
    #[error("the PEM block is a `{found}`, not a `{expected}`")]
    PemLabel {
        /// Its label, escaped.
        found: String,
        /// The label of what was expected.
        expected: &'static str,
    },
    /// A BEGIN line without its END line.
    #[error("the PEM block has no END line of the same label")]
    PemUnended,
    /// Something other than padded base64 between BEGIN and END.
    #[error("the text of the PEM block is not padded base64")]
    PemBase64,
    /// PEM of the right object in another spelling (RFC 7468 section 3).
    #[error("the PEM text is not spelled as this program writes it")]
    PemSpelling,

    /// An AlgorithmIdentifier of a public key that is none of the known ones, byte for byte.
    #[error("public key algorithm {oid} is not known, or its parameters are not the known ones")]
    KeyAlgorithm {
        /// What the key says.
        oid: ObjectIdentifier,
    },
    /// The point is not uncompressed, not on the curve, or infinity (RFC 5480 2.2).
    #[error("the public key is no uncompressed point on {curve}")]
    KeyPoint {
        /// The curve that the algorithm names.
        curve: &'static str,
    },
    /// An Ed25519 key of small order, or no point at all (RFC 8032 5.1.3).
    #[error("the Ed25519 public key is no point, or one of small order")]
    Ed25519Point,
    /// An RSA modulus that is too short, too long, or not of whole octets.
    #[error("the RSA modulus has {bits} bits; 2048 to 8192 in steps of 8 are accepted (BR 6.1.5)")]
    RsaModulus {
        /// How many it has.
        bits: usize,
    },
    /// A key whose private half others have, or can find.
    #[error("the public key is weak: {0}")]
    Weak(#[from] crate::weak_key::Weakness),
    /// An RSA exponent that is even, under 2^16 + 1, or over 2^33 - 1, which makes verification slow.
    #[error("the RSA exponent is not odd, or not from 2^16 + 1 to 2^33 - 1 (FIPS 186-5 5.4)")]
    RsaExponent,

    /// A signature algorithm outside the closed list, byte for byte.
    #[error("signature algorithm {oid} is not accepted, or its parameters are not the accepted ones")]
    SignatureAlgorithm {
        /// What the object says.
        oid: ObjectIdentifier,
    },
    /// The two places that name the signature algorithm differ (RFC 5280 4.1.1.2, 5.1.1.2).
    #[error("{part} names one signature algorithm inside and another outside")]
    SignatureAlgorithmsDiffer {
        /// Of what.
        part: Part,
    },
    /// The algorithm belongs to another kind of key.
    #[error("{algorithm} cannot verify with an {key} key")]
    AlgorithmNotOfKey {
        /// The algorithm.
        algorithm: super::SignatureAlgorithm,
        /// The key, described.
        key: String,
    },
    /// The signature does not verify, or is no signature at all.
    #[error("the signature does not verify")]
    Signature,
    /// Not the octets that PKCS#11 CKM_ECDSA gives for this curve, or a zero or too large half.
    #[error("the token's answer of {length} octets is no signature by an {algorithm} key")]
    TokenSignature {
        /// The key's algorithm.
        algorithm: KeyAlgorithm,
        /// How many octets there were.
        length: usize,
    },

    /// An attribute that its kind cannot have, or in the wrong place.
    #[error("{0}")]
    Attribute(#[from] AttributeError),
    /// A serial number outside RFC 5280 4.1.2.2.
    #[error("{0}")]
    SerialNumber(#[from] SerialNumberError),
    /// A time outside the years 1970 to 9999.
    #[error("{part} has a time that is not between 1970 and 9999")]
    Time {
        /// Of what.
        part: Part,
    },
    /// issuingDistributionPoint says that the list covers a part of its issuer's certificates only, or names no URI.
    #[error("issuingDistributionPoint is something other than a fullName of URIs (RFC 5280 5.2.5)")]
    PartialCrl,
    /// A version other than v3 for certificates, v2 for CRLs, v1 for requests.
    #[error("{part} has version number {found} where {expected} belongs")]
    Version {
        /// Of what.
        part: Part,
        /// The encoded INTEGER.
        found: u8,
        /// What it should be.
        expected: u8,
    },
    /// RFC 5280 4.2.
    #[error("extension {oid} is there twice")]
    ExtensionTwice {
        /// Which.
        oid: ObjectIdentifier,
    },
    /// An extension that every CRL of this kind has (RFC 5280 5.2, 5.3).
    #[error("{part} has no extension {oid}")]
    ExtensionMissing {
        /// Of what.
        part: Part,
        /// Which.
        oid: ObjectIdentifier,
    },
    /// A key identifier that is not 20 octets long (RFC 7093 section 2).
    #[error("a key identifier has {length} octets, not 20")]
    KeyIdentifier {
        /// How many.
        length: usize,
    },

    /// Something that no plan says.
    #[error("{part} has {what}, which no plan can say")]
    Unplannable {
        /// Of what.
        part: Part,
        /// What it has.
        what: &'static str,
    },
    /// A certificate that its profile does not allow.
    #[error(transparent)]
    Profile(#[from] super::profile::Breach),
    /// A root is issued by itself: one name, one key.
    #[error("a root's issuer and authority key identifier are its own subject and key identifier")]
    RootNotSelfIssued,
    /// RFC 5280 5.1.2.5: the CRL profile requires nextUpdate.
    #[error("the CRL has no nextUpdate")]
    NoNextUpdate,
    /// A CRL number over 2^64 - 1.
    #[error("the CRL number does not fit into 64 bits")]
    CrlNumber,
    /// A reason that is not one for a CA certificate (RFC 5280 5.3.1).
    #[error("the entry of serial {serial} has reason code {code}, which no CA certificate gets")]
    ReasonCode {
        /// Whose entry.
        serial: SerialNumber,
        /// The ENUMERATED value.
        code: u8,
    },
    /// A critical extension of a CRL, or of one of its entries, that changes what the list is (RFC 5280 5.2, 5.3).
    #[error("{part} has the critical extension {oid}: the list is not everything that its issuer revoked")]
    CriticalExtension {
        /// Of what.
        part: Part,
        /// Which.
        oid: ObjectIdentifier,
    },
    /// An entry that says no reason with which a CRL could carry it on.
    #[error("the entry of serial {serial} has no reason that a CA certificate is revoked for")]
    NoReason {
        /// Whose entry.
        serial: SerialNumber,
    },
    /// Two entries for one certificate.
    #[error("serial {serial} is revoked twice in one CRL")]
    EntryTwice {
        /// Which.
        serial: SerialNumber,
    },
    /// RFC 2986 4.1 requires the field `[0] attributes`, even an empty one.
    #[error("the request lacks the attributes field that RFC 2986 4.1 requires, even an empty one")]
    NoAttributes,
    /// An attribute that is there twice, or in two spellings, or with another number of values than one (RFC 2985 5.4).
    #[error("the request has the attribute {oid} more than once, or without one value")]
    AttributeTwice {
        /// Which.
        oid: ObjectIdentifier,
    },
    /// A character that nobody sees, and that some software takes for the end of the text.
    #[error("{part} has a string with a control character, such as NUL")]
    ControlCharacter {
        /// Of what.
        part: Part,
    },
    /// The request's signature does not verify with the key that it asks to be certified.
    #[error("the request's proof of possession fails: its signature does not verify with its own key")]
    ProofOfPossession,
}

/// What a message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A file of which it is not known yet what it holds.
    File,
    /// Certificate (RFC 5280 4.1).
    Certificate,
    /// TBSCertificate (RFC 5280 4.1).
    TbsCertificate,
    /// CertificateList (RFC 5280 5.1).
    Crl,
    /// TBSCertList (RFC 5280 5.1).
    TbsCertList,
    /// An entry of revokedCertificates (RFC 5280 5.1.2.6).
    CrlEntry,
    /// CertificationRequest (RFC 2986 4.2).
    Request,
    /// An attribute of a request (RFC 2986 4.1).
    RequestAttribute,
    /// Name (RFC 5280 4.1.2.4).
    Name,
    /// SubjectPublicKeyInfo (RFC 5280 4.1.2.7).
    PublicKey,
    /// AlgorithmIdentifier (RFC 5280 4.1.1.2).
    Algorithm,
    /// The value of an extension (RFC 5280 4.2).
    Extension(ObjectIdentifier),
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File => "the content of the file",
            Self::Certificate => "the certificate",
            Self::TbsCertificate => "the to-be-signed certificate",
            Self::Crl => "the CRL",
            Self::TbsCertList => "the to-be-signed CRL",
            Self::CrlEntry => "a CRL entry",
            Self::Request => "the request",
            Self::RequestAttribute => "an attribute of the request",
            Self::Name => "the name",
            Self::PublicKey => "the public key",
            Self::Algorithm => "the algorithm identifier",
            Self::Extension(oid) => return write!(f, "the value of extension {oid}"),
        })
    }
}
