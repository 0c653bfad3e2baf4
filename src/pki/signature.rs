use std::fmt;

use der::asn1::{Any, BitString, ObjectIdentifier};
use rsa::pkcs1v15;
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use signature::Verifier;
use signature::hazmat::PrehashVerifier;

use super::key::Key;
use super::structure::{Signed, decode, encode};
use super::{Error, Part, PublicKey};
use crate::format::KeyAlgorithm;

/// The signature algorithms that are accepted. Closed, each known by the exact bytes of its
/// AlgorithmIdentifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureAlgorithm {
    /// ecdsa-with-SHA256 (RFC 5758 3.2).
    EcdsaSha256,
    /// ecdsa-with-SHA384 (RFC 5758 3.2).
    EcdsaSha384,
    /// ecdsa-with-SHA512 (RFC 5758 3.2).
    EcdsaSha512,
    /// sha256WithRSAEncryption (RFC 4055 5), PKCS#1 v1.5.
    RsaSha256,
    /// sha384WithRSAEncryption (RFC 4055 5), PKCS#1 v1.5.
    RsaSha384,
    /// sha512WithRSAEncryption (RFC 4055 5), PKCS#1 v1.5.
    RsaSha512,
    /// Ed25519 (RFC 8410 3).
    Ed25519,
}

/// The AlgorithmIdentifier of each, byte for byte (RFC 5758 3.2, RFC 4055 5, RFC 8410 3).
const IDENTIFIERS: [(SignatureAlgorithm, &[u8]); 7] = [
    (SignatureAlgorithm::EcdsaSha256, b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02"),
    (SignatureAlgorithm::EcdsaSha384, b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03"),
    (SignatureAlgorithm::EcdsaSha512, b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x04"),
    (SignatureAlgorithm::RsaSha256, b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00"),
    (SignatureAlgorithm::RsaSha384, b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c\x05\x00"),
    (SignatureAlgorithm::RsaSha512, b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d\x05\x00"),
    (SignatureAlgorithm::Ed25519, b"\x30\x05\x06\x03\x2b\x65\x70"),
];

impl SignatureAlgorithm {
    /// The algorithm with which a CA key signs certificates and CRLs: the hash follows the key (BR
    /// 7.1.3.2.2).
    pub fn of(algorithm: KeyAlgorithm) -> Self {
        match algorithm {
            KeyAlgorithm::EcdsaP256 => Self::EcdsaSha256,
            KeyAlgorithm::EcdsaP384 => Self::EcdsaSha384,
        }
    }

    /// What the signing operation itself takes, as PKCS#11 CKM_ECDSA does: the hash of the message. Ed25519
    /// hashes inside, so it takes the message (RFC 8032 5.1).
    pub fn digest(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::EcdsaSha256 | Self::RsaSha256 => Sha256::digest(message).to_vec(),
            Self::EcdsaSha384 | Self::RsaSha384 => Sha384::digest(message).to_vec(),
            Self::EcdsaSha512 | Self::RsaSha512 => Sha512::digest(message).to_vec(),
            Self::Ed25519 => message.to_vec(),
        }
    }

    /// Whether it is the one with which that key signs: for a curve, the hash of its own size (BR 7.1.3.2.2).
    pub(super) fn fits(self, key: &PublicKey) -> bool {
        match key.key {
            Key::P256(_) => self == Self::EcdsaSha256,
            Key::P384(_) => self == Self::EcdsaSha384,
            Key::P521(_) => self == Self::EcdsaSha512,
            Key::Rsa { .. } => matches!(self, Self::RsaSha256 | Self::RsaSha384 | Self::RsaSha512),
            Key::Ed25519(_) => self == Self::Ed25519,
        }
    }

    /// Reads a DER AlgorithmIdentifier.
    ///
    /// # Errors
    /// When the bytes are not exactly those of one of the accepted algorithms.
    pub(super) fn from_der(der: &[u8]) -> Result<Self, Error> {
        match IDENTIFIERS.iter().find(|(_, known)| *known == der) {
            Some((algorithm, _)) => Ok(*algorithm),
            None => Err(Error::SignatureAlgorithm { oid: algorithm_oid(der)? }),
        }
    }

    /// The DER AlgorithmIdentifier as an opaque value.
    pub(super) fn to_any(self) -> Result<Any, Error> {
        let found = IDENTIFIERS.iter().find(|(algorithm, _)| *algorithm == self);
        decode(Part::Algorithm, found.map_or(&[], |(_, der)| *der))
    }

    pub(super) fn verify(self, key: &PublicKey, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        let digest = || self.digest(message);
        let good = match (self, &key.key) {
            (Self::EcdsaSha256 | Self::EcdsaSha384 | Self::EcdsaSha512, Key::P256(key)) => {
                p256::ecdsa::Signature::from_der(signature).and_then(|s| key.verify_prehash(&digest(), &s))
            }
            (Self::EcdsaSha256 | Self::EcdsaSha384 | Self::EcdsaSha512, Key::P384(key)) => {
                p384::ecdsa::Signature::from_der(signature).and_then(|s| key.verify_prehash(&digest(), &s))
            }
            (Self::EcdsaSha256 | Self::EcdsaSha384 | Self::EcdsaSha512, Key::P521(key)) => {
                p521::ecdsa::Signature::from_der(signature).and_then(|s| key.verify_prehash(&digest(), &s))
            }
            (Self::RsaSha256, Key::Rsa { key, .. }) => {
                let key = pkcs1v15::VerifyingKey::<Sha256>::new(key.as_ref().clone());
                pkcs1v15::Signature::try_from(signature).and_then(|s| key.verify(message, &s))
            }
            (Self::RsaSha384, Key::Rsa { key, .. }) => {
                let key = pkcs1v15::VerifyingKey::<Sha384>::new(key.as_ref().clone());
                pkcs1v15::Signature::try_from(signature).and_then(|s| key.verify(message, &s))
            }
            (Self::RsaSha512, Key::Rsa { key, .. }) => {
                let key = pkcs1v15::VerifyingKey::<Sha512>::new(key.as_ref().clone());
                pkcs1v15::Signature::try_from(signature).and_then(|s| key.verify(message, &s))
            }
            (Self::Ed25519, Key::Ed25519(key)) => {
                ed25519_dalek::Signature::from_slice(signature).and_then(|s| key.verify_strict(message, &s))
            }
            _ => {
                return Err(Error::AlgorithmNotOfKey { algorithm: self, key: key.describe() });
            }
        };
        good.map_err(|_| Error::Signature)
    }
}

impl fmt::Display for SignatureAlgorithm {
    /// The name in the RFC that defines it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::EcdsaSha256 => "ecdsa-with-SHA256",
            Self::EcdsaSha384 => "ecdsa-with-SHA384",
            Self::EcdsaSha512 => "ecdsa-with-SHA512",
            Self::RsaSha256 => "sha256WithRSAEncryption",
            Self::RsaSha384 => "sha384WithRSAEncryption",
            Self::RsaSha512 => "sha512WithRSAEncryption",
            Self::Ed25519 => "Ed25519",
        })
    }
}

/// The object identifier of a DER AlgorithmIdentifier.
pub(super) fn algorithm_oid(der: &[u8]) -> Result<ObjectIdentifier, Error> {
    let identifier: spki::AlgorithmIdentifierOwned = decode(Part::Algorithm, der)?;
    Ok(identifier.oid)
}

/// Turns `r || s`, as PKCS#11 CKM_ECDSA gives it, into the DER Ecdsa-Sig-Value of RFC 3279 2.2.3.
///
/// # Errors
/// When the octets are not two halves of the curve's length, both from 1 to the group order minus 1.
pub fn ecdsa_signature_from_token(algorithm: KeyAlgorithm, raw: &[u8]) -> Result<Vec<u8>, Error> {
    match algorithm {
        KeyAlgorithm::EcdsaP256 => {
            p256::ecdsa::Signature::from_slice(raw).map(|signature| signature.to_der().as_bytes().to_vec())
        }
        KeyAlgorithm::EcdsaP384 => {
            p384::ecdsa::Signature::from_slice(raw).map(|signature| signature.to_der().as_bytes().to_vec())
        }
    }
    .map_err(|_| Error::TokenSignature { algorithm, length: raw.len() })
}

/// Puts a TBSCertificate or TBSCertList and its signature together (RFC 5280 4.1, 5.1).
///
/// The result is not checked here: read it with [`super::Certificate`] or [`super::RevocationList`], and
/// verify it.
///
/// # Errors
/// When `tbs` is not one DER value.
pub fn assemble(tbs: &[u8], algorithm: SignatureAlgorithm, signature: &[u8]) -> Result<Vec<u8>, Error> {
    let part = Part::TbsCertificate;
    let signed = Signed {
        tbs: decode(part, tbs)?,
        algorithm: algorithm.to_any()?,
        signature: BitString::from_bytes(signature).map_err(|reason| Error::NotEncodable { part, reason })?,
    };
    encode(part, &signed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_of_a_token_that_is_no_signature_is_refused() {
        let order = *b"\xff\xff\xff\xff\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\
            \xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51";
        let one: [u8; 32] = std::array::from_fn(|octet| u8::from(octet == 31));
        let cases = [
            (one.to_vec(), None),
            ([one, one].concat(), Some(b"\x30\x06\x02\x01\x01\x02\x01\x01".to_vec())),
            ([[0; 32], one].concat(), None),
            ([one, [0; 32]].concat(), None),
            ([one, order].concat(), None),
            ([order, one].concat(), None),
            ([one, one, one].concat(), None),
            (Vec::new(), None),
        ];
        for (raw, expected) in cases {
            let error = Error::TokenSignature { algorithm: KeyAlgorithm::EcdsaP256, length: raw.len() };
            assert_eq!(
                ecdsa_signature_from_token(KeyAlgorithm::EcdsaP256, &raw),
                expected.ok_or(error),
                "{raw:?}"
            );
        }
        assert!(ecdsa_signature_from_token(KeyAlgorithm::EcdsaP384, &[1; 64]).is_err());
        assert!(ecdsa_signature_from_token(KeyAlgorithm::EcdsaP384, &[1; 96]).is_ok());
    }

    #[test]
    fn each_algorithm_is_known_by_its_bytes_alone() {
        for (algorithm, der) in IDENTIFIERS {
            assert_eq!(SignatureAlgorithm::from_der(der), Ok(algorithm));
            assert_eq!(encode(Part::Algorithm, &algorithm.to_any().unwrap()).unwrap(), der);
        }
        for (algorithm, length) in [(KeyAlgorithm::EcdsaP256, 32), (KeyAlgorithm::EcdsaP384, 48)] {
            assert_eq!(SignatureAlgorithm::of(algorithm).digest(b"").len(), length);
        }
    }
}
