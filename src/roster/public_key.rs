use p256::pkcs8::{DecodePublicKey as _, EncodePublicKey as _};
use rsa::traits::PublicKeyParts as _;
use rsa::{BoxedUint, RsaPublicKey, pss};
use sha2::Sha256;
use signature::Verifier as _;

use crate::format::{Digest, Name, Roster, StatementAlgorithm};
use crate::weak_key::{self, Weakness};

/// A public key that may stand on a roster: sound, of its algorithm, and in the one DER encoding that its value has
/// (X.690 section 10). A second encoding would let one person be on the roster twice.
#[derive(Clone, Debug)]
pub struct StatementKey {
    spki: Vec<u8>,
    key: Key,
}

#[derive(Clone, Debug)]
enum Key {
    P256(p256::PublicKey),
    P384(p384::PublicKey),
    Rsa(Box<RsaPublicKey>),
    Ed25519(ed25519_dalek::VerifyingKey),
}

/// Why a public key may not stand on a roster. Completes "the public key".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyProblem {
    /// Another kind of key, another curve, no point of the curve, a compressed point, numbers that no RSA key has (an even
    /// one, an exponent above 2^33 - 1), or another encoding than DER.
    #[error("is no {algorithm} key in DER")]
    Encoding {
        /// What it should be.
        algorithm: StatementAlgorithm,
    },
    /// Too short to outlast the records that it signs, or of a length that no tool makes.
    #[error("has an RSA modulus of {bits} bits; 3072 to 8192, a multiple of 8, are taken")]
    RsaModulus {
        /// Its length.
        bits: u32,
    },
    /// Others have its private half, or can find it.
    #[error("is weak: {0}")]
    Weak(#[from] Weakness),
    /// e = 1 verifies forgeries that anybody makes, small ones are fragile (FIPS 186-5 A.1.1).
    #[error("has an RSA exponent below 65537")]
    RsaExponent,
    /// Under a point of small order signatures verify for messages that nobody signed; a coordinate that is not reduced
    /// is a second spelling of another key (RFC 8032 5.1.3).
    #[error("is an Ed25519 point of small order, or not in its one encoding")]
    Ed25519Point,
}

/// Somebody's key on the roster may not be there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the public key of `{name}` on the roster {problem}")]
pub struct RosterKeyProblem {
    /// Whose.
    pub name: Name,
    /// Why.
    pub problem: KeyProblem,
}

/// Why a signature does not count under a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureProblem {
    /// Not in the form that the algorithm fixes; see [`StatementAlgorithm`].
    #[error("is not in the form of its algorithm")]
    Encoding,
    /// Not made by that key over these bytes.
    #[error("does not verify")]
    Wrong,
}

/// DER SubjectPublicKeyInfo of an Ed25519 key up to its 32 octets (RFC 8410 section 4).
const ED25519: &[u8] = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";
/// Bits of an RSA modulus, both ends included.
const RSA_BITS: std::ops::RangeInclusive<u32> = 3072..=8192;
/// Octets of the salt of a signature with RSASSA-PSS: as many as SHA-256 has (RFC 8017 9.1).
pub const PSS_SALT_BYTES: usize = 32;

impl StatementKey {
    /// Reads a DER SubjectPublicKeyInfo (RFC 5280 4.1.2.7) and checks the key.
    ///
    /// # Errors
    /// [`KeyProblem`], the first that holds.
    pub fn read(algorithm: StatementAlgorithm, spki: &[u8]) -> Result<Self, KeyProblem> {
        let encoding = || KeyProblem::Encoding { algorithm };
        let (key, der) = match algorithm {
            StatementAlgorithm::EcdsaP256Sha256 => {
                let key = p256::PublicKey::from_public_key_der(spki).map_err(|_| encoding())?;
                (Key::P256(key), key.to_public_key_der())
            }
            StatementAlgorithm::EcdsaP384Sha384 => {
                let key = p384::PublicKey::from_public_key_der(spki).map_err(|_| encoding())?;
                (Key::P384(key), key.to_public_key_der())
            }
            StatementAlgorithm::RsaPssSha256 => {
                let key = RsaPublicKey::from_public_key_der(spki).map_err(|_| encoding())?;
                let der = key.to_public_key_der();
                (Key::Rsa(Box::new(key)), der)
            }
            StatementAlgorithm::Ed25519 => {
                let point = spki.strip_prefix(ED25519).and_then(|point| point.try_into().ok());
                let key = ed25519_dalek::VerifyingKey::from_bytes(point.ok_or_else(encoding)?);
                let key = key.map_err(|_| encoding())?;
                (Key::Ed25519(key), key.to_public_key_der())
            }
        };
        if !der.is_ok_and(|der| der.as_bytes() == spki) {
            return Err(encoding());
        }
        weak_key::check_published(spki)?;
        match &key {
            // A point other than infinity that is on the curve is in a group of prime order: nothing else can be wrong.
            Key::P256(_) | Key::P384(_) => {}
            Key::Rsa(key) => check_rsa(key)?,
            Key::Ed25519(key) => {
                if key.is_weak() || key.to_edwards().compress().as_bytes() != key.as_bytes() {
                    return Err(KeyProblem::Ed25519Point);
                }
            }
        }
        Ok(Self { spki: spki.to_vec(), key })
    }

    /// The RSA key of a modulus and an exponent, both big-endian, as PKCS#11 has them in CKA_MODULUS and
    /// CKA_PUBLIC_EXPONENT.
    ///
    /// # Errors
    /// [`KeyProblem`], the first that holds.
    pub fn from_rsa(modulus: &[u8], exponent: &[u8]) -> Result<Self, KeyProblem> {
        let algorithm = StatementAlgorithm::RsaPssSha256;
        let number = BoxedUint::from_be_slice_vartime;
        let key = RsaPublicKey::new(number(modulus), number(exponent));
        let spki = key.ok().and_then(|key| key.to_public_key_der().ok());
        let spki = spki.ok_or(KeyProblem::Encoding { algorithm })?;
        Self::read(algorithm, spki.as_bytes())
    }

    /// The key at a point: uncompressed for the NIST curves (SEC 1 2.3.3), 32 octets for Ed25519 (RFC 8032 5.1.2).
    ///
    /// # Errors
    /// [`KeyProblem`], the first that holds.
    pub fn from_point(algorithm: StatementAlgorithm, point: &[u8]) -> Result<Self, KeyProblem> {
        let spki = match algorithm {
            StatementAlgorithm::EcdsaP256Sha256 => p256::PublicKey::from_sec1_bytes(point)
                .ok()
                .and_then(|key| key.to_public_key_der().ok())
                .map(|der| der.into_vec()),
            StatementAlgorithm::EcdsaP384Sha384 => p384::PublicKey::from_sec1_bytes(point)
                .ok()
                .and_then(|key| key.to_public_key_der().ok())
                .map(|der| der.into_vec()),
            StatementAlgorithm::Ed25519 => Some([ED25519, point].concat()),
            StatementAlgorithm::RsaPssSha256 => None,
        };
        Self::read(algorithm, &spki.ok_or(KeyProblem::Encoding { algorithm })?)
    }

    /// The DER SubjectPublicKeyInfo.
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// SHA-256 of the DER SubjectPublicKeyInfo: what statements call the key.
    pub fn sha256(&self) -> Digest {
        Digest::of(&self.spki)
    }

    /// The algorithm of its signatures.
    pub fn algorithm(&self) -> StatementAlgorithm {
        match self.key {
            Key::P256(_) => StatementAlgorithm::EcdsaP256Sha256,
            Key::P384(_) => StatementAlgorithm::EcdsaP384Sha384,
            Key::Rsa(_) => StatementAlgorithm::RsaPssSha256,
            Key::Ed25519(_) => StatementAlgorithm::Ed25519,
        }
    }

    /// Checks a signature over `message`, in the one form that its algorithm fixes.
    ///
    /// # Errors
    /// [`SignatureProblem`].
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), SignatureProblem> {
        let form = |_| SignatureProblem::Encoding;
        let verified = match &self.key {
            Key::P256(key) => {
                let value = p256::ecdsa::Signature::from_der(signature).map_err(form)?;
                p256::ecdsa::VerifyingKey::from(key).verify(message, &value)
            }
            Key::P384(key) => {
                let value = p384::ecdsa::Signature::from_der(signature).map_err(form)?;
                p384::ecdsa::VerifyingKey::from(key).verify(message, &value)
            }
            Key::Rsa(key) => {
                if signature.len() != key.size() {
                    return Err(SignatureProblem::Encoding);
                }
                let value = pss::Signature::try_from(signature).map_err(form)?;
                let key =
                    pss::VerifyingKey::<Sha256>::new_with_salt_len(RsaPublicKey::clone(key), PSS_SALT_BYTES);
                key.verify(message, &value)
            }
            Key::Ed25519(key) => {
                let value = ed25519_dalek::Signature::from_slice(signature).map_err(form)?;
                key.verify_strict(message, &value)
            }
        };
        verified.map_err(|_| SignatureProblem::Wrong)
    }
}

fn check_rsa(key: &RsaPublicKey) -> Result<(), KeyProblem> {
    let bits = key.n().bits();
    if !RSA_BITS.contains(&bits) || !bits.is_multiple_of(8) {
        return Err(KeyProblem::RsaModulus { bits });
    }
    weak_key::check_rsa_modulus(&key.n().to_be_bytes())?;
    // The reader took neither an even exponent nor one above 2^33 - 1.
    let exponent = key.e().to_be_bytes();
    let exponent = exponent.iter().fold(0_u64, |value, octet| (value << 8) | u64::from(*octet));
    if exponent < 65537 {
        return Err(KeyProblem::RsaExponent);
    }
    Ok(())
}

/// Everybody on the roster whose key may not be there, in its order.
pub fn key_problems(roster: &Roster) -> Vec<RosterKeyProblem> {
    let people = roster.people.iter();
    people
        .filter_map(|person| {
            let problem = StatementKey::read(person.algorithm, &person.public_key.0).err()?;
            Some(RosterKeyProblem { name: person.name.clone(), problem })
        })
        .collect()
}
