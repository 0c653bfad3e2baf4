use std::fmt;

use der::Encode;
use der::asn1::BitString;
use ed25519_dalek::VerifyingKey as Ed25519Key;
use p256::ecdsa::VerifyingKey as P256Key;
use p384::ecdsa::VerifyingKey as P384Key;
use p521::ecdsa::VerifyingKey as P521Key;
use rsa::RsaPublicKey;
use rsa::pkcs1::DecodeRsaPublicKey;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use super::signature::algorithm_oid;
use super::structure::{self, SubjectPublicKeyInfo, decode, encode};
use super::{Error, Part, SignatureAlgorithm};
use crate::format::{Digest, KeyAlgorithm};
use crate::weak_key;

/// A subject or authority key identifier of 160 bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyIdentifier(pub [u8; 20]);

impl fmt::Display for KeyIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&base16ct::lower::encode_string(&self.0))
    }
}

impl fmt::Debug for KeyIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A public key that certificates may carry: a known algorithm, and a key that passes the checks of BR 6.1.5
/// and 6.1.6.
///
/// It stays the DER SubjectPublicKeyInfo that it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    spki: Vec<u8>,
    identifier: KeyIdentifier,
    sha1_identifier: KeyIdentifier,
    pub(super) key: Key,
}

/// The key, ready to verify with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Key {
    P256(P256Key),
    P384(P384Key),
    P521(P521Key),
    Rsa { key: Box<RsaPublicKey>, bits: usize },
    Ed25519(Ed25519Key),
}

/// The AlgorithmIdentifiers of keys, byte for byte (RFC 5480 2.1.1, RFC 3279 2.3.1, RFC 8410 3).
const P256: &[u8] = b"\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
const P384: &[u8] = b"\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22";
const P521: &[u8] = b"\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x23";
const RSA: &[u8] = b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";
const ED25519: &[u8] = b"\x30\x05\x06\x03\x2b\x65\x70";

impl PublicKey {
    /// Reads a DER SubjectPublicKeyInfo (RFC 5280 4.1.2.7) and checks the key.
    ///
    /// # Errors
    /// When it is not DER, its algorithm is not known byte for byte, or the key is unsound.
    pub fn from_spki(der: &[u8]) -> Result<Self, Error> {
        let part = Part::PublicKey;
        let info: SubjectPublicKeyInfo = decode(part, der)?;
        let algorithm = encode(part, &info.algorithm)?;
        let bits = info.key.as_bytes().ok_or(Error::NotCanonical { part })?;
        let key = match algorithm.as_slice() {
            P256 => Key::P256(point("P-256", bits, |bits| P256Key::from_sec1_bytes(bits).ok())?),
            P384 => Key::P384(point("P-384", bits, |bits| P384Key::from_sec1_bytes(bits).ok())?),
            P521 => Key::P521(point("P-521", bits, |bits| P521Key::from_sec1_bytes(bits).ok())?),
            RSA => rsa(bits)?,
            ED25519 => Key::Ed25519(ed25519(bits)?),
            _ => {
                return Err(Error::KeyAlgorithm { oid: algorithm_oid(&algorithm)? });
            }
        };
        weak_key::check_published(der)?;
        let mut identifier = [0; 20];
        identifier.copy_from_slice(Sha256::digest(bits).split_at(20).0);
        Ok(Self {
            spki: der.to_vec(),
            identifier: KeyIdentifier(identifier),
            sha1_identifier: KeyIdentifier(Sha1::digest(bits).into()),
            key,
        })
    }

    /// The key at an uncompressed point (SEC 1 2.3.3): the content of the OCTET STRING in PKCS#11
    /// CKA_EC_POINT.
    ///
    /// # Errors
    /// When the point is not an uncompressed point on the curve.
    pub fn from_ec_point(algorithm: KeyAlgorithm, point: &[u8]) -> Result<Self, Error> {
        let (part, algorithm) = match algorithm {
            KeyAlgorithm::EcdsaP256 => (Part::PublicKey, P256),
            KeyAlgorithm::EcdsaP384 => (Part::PublicKey, P384),
        };
        let not_encodable = |reason| Error::NotEncodable { part, reason };
        let info = SubjectPublicKeyInfo {
            algorithm: decode(part, algorithm)?,
            key: BitString::from_bytes(point).map_err(not_encodable)?,
        };
        Self::from_spki(&info.to_der().map_err(not_encodable)?)
    }

    /// A key whose private half nobody has. What a certificate will say is judged with it before its key is made: a rule
    /// that it breaks is found while there is still nothing to destroy.
    ///
    /// # Errors
    /// None that is known: a point whose x is a hash lies on the curve for every second hash.
    pub fn stand_in(algorithm: KeyAlgorithm) -> Result<Self, Error> {
        let on_curve = |counter: u8| {
            let hash =
                |half: u8| Sha256::digest([b"a key that nobody has".as_slice(), &[counter, half]].concat());
            let x = [hash(0), hash(1)].concat();
            // SEC 1 2.3.4: 0x02 begins a compressed point with an even y.
            let compressed = |length| Some([&[2], x.get(..length)?].concat());
            Some(match algorithm {
                KeyAlgorithm::EcdsaP256 => {
                    P256Key::from_sec1_bytes(&compressed(32)?).ok()?.to_sec1_point(false).as_bytes().to_vec()
                }
                KeyAlgorithm::EcdsaP384 => {
                    P384Key::from_sec1_bytes(&compressed(48)?).ok()?.to_sec1_point(false).as_bytes().to_vec()
                }
            })
        };
        let point = (0..=u8::MAX).find_map(on_curve).ok_or(Error::KeyPoint { curve: "NIST" })?;
        Self::from_ec_point(algorithm, &point)
    }

    /// The DER SubjectPublicKeyInfo.
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// SHA-256 of the DER SubjectPublicKeyInfo.
    pub fn sha256(&self) -> Digest {
        Digest::of(&self.spki)
    }

    /// The subject key identifier that this program gives the key: the first 160 bits of SHA-256 over its bits (RFC 7093
    /// method 1).
    pub fn key_identifier(&self) -> KeyIdentifier {
        self.identifier
    }

    /// The one that most other software gives it: SHA-1 over its bits (RFC 5280 4.2.1.2 method 1). No security rests on
    /// it.
    pub fn sha1_key_identifier(&self) -> KeyIdentifier {
        self.sha1_identifier
    }

    /// The algorithm of a CA key; `None` for keys that a CA key of this program cannot be, which a request
    /// may still ask to be certified.
    pub fn key_algorithm(&self) -> Option<KeyAlgorithm> {
        match self.key {
            Key::P256(_) => Some(KeyAlgorithm::EcdsaP256),
            Key::P384(_) => Some(KeyAlgorithm::EcdsaP384),
            Key::P521(_) | Key::Rsa { .. } | Key::Ed25519(_) => None,
        }
    }

    /// The uncompressed point (SEC 1 2.3.3) of a CA key, as PKCS#11 has it in CKA_EC_POINT.
    pub fn ec_point(&self) -> Option<&[u8]> {
        // It ends the SubjectPublicKeyInfo, whose length the checks of `from_spki` fixed.
        let length = match self.key {
            Key::P256(_) => 65,
            Key::P384(_) => 97,
            Key::P521(_) | Key::Rsa { .. } | Key::Ed25519(_) => return None,
        };
        self.spki.get(self.spki.len().checked_sub(length)?..)
    }

    /// Like `ECDSA P-256` or `RSA 3072`.
    pub fn describe(&self) -> String {
        self.kind().to_string()
    }

    /// Verifies a signature as certificates carry it, which for ECDSA is a DER Ecdsa-Sig-Value (RFC 3279
    /// 2.2.3).
    ///
    /// # Errors
    /// When the algorithm is not one of this kind of key, or the signature does not verify.
    pub fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), Error> {
        algorithm.verify(self, message, signature)
    }
}

fn point<K>(curve: &'static str, bits: &[u8], read: impl FnOnce(&[u8]) -> Option<K>) -> Result<K, Error> {
    // SEC 1 2.3.3: 0x04 begins an uncompressed point; RFC 5480 2.2 allows compressed ones, BR 7.1.3.1.2 does
    // not.
    let uncompressed = bits.first() == Some(&4);
    uncompressed.then(|| read(bits)).flatten().ok_or(Error::KeyPoint { curve })
}

fn ed25519(bits: &[u8]) -> Result<Ed25519Key, Error> {
    let bytes = bits.try_into().map_err(|_| Error::Ed25519Point)?;
    let key = Ed25519Key::from_bytes(bytes).map_err(|_| Error::Ed25519Point)?;
    // Under a key of small order some signatures verify for every message.
    if key.is_weak() { Err(Error::Ed25519Point) } else { Ok(key) }
}

fn rsa(bits: &[u8]) -> Result<Key, Error> {
    let structure::RsaPublicKey { modulus, exponent } = decode(Part::PublicKey, bits)?;
    let modulus = modulus.as_bytes();
    let leading_zeros = modulus.first().map_or(0, |first| first.leading_zeros()) as usize;
    let bits_of_modulus = modulus.len() * 8 - leading_zeros;
    if !(2048..=8192).contains(&bits_of_modulus) || !bits_of_modulus.is_multiple_of(8) {
        return Err(Error::RsaModulus { bits: bits_of_modulus });
    }
    weak_key::check_rsa_modulus(modulus)?;
    let value = exponent
        .as_bytes()
        .iter()
        .try_fold(0_u64, |value, octet| value.checked_mul(256).map(|value| value + u64::from(*octet)));
    let exponents = (1 << 16) + 1..=RsaPublicKey::MAX_PUB_EXPONENT;
    if !value.is_some_and(|value| value % 2 == 1 && exponents.contains(&value)) {
        return Err(Error::RsaExponent);
    }
    // Everything that the crate checks was checked above.
    let key = RsaPublicKey::from_pkcs1_der(bits).map_err(|_| Error::RsaModulus { bits: bits_of_modulus })?;
    Ok(Key::Rsa { key: Box::new(key), bits: bits_of_modulus })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::sample;
    use crate::weak_key::Weakness;

    fn spki(algorithm: &[u8], bits: &[u8]) -> Vec<u8> {
        let info = SubjectPublicKeyInfo {
            algorithm: decode(Part::PublicKey, algorithm).unwrap(),
            key: BitString::from_bytes(bits).unwrap(),
        };
        info.to_der().unwrap()
    }

    fn divides(divisor: u32, modulus: &[u8]) -> bool {
        modulus.iter().fold(0, |rest, octet| (rest * 256 + u32::from(*octet)) % divisor) == 0
    }

    /// A number of that many bits that passes `fits`; nothing checks whether it is a product of two primes.
    fn modulus_where(bits: usize, fits: fn(&[u8]) -> bool) -> Vec<u8> {
        let mut modulus = vec![0; bits.div_ceil(8)];
        modulus[0] = 1 << ((bits - 1) % 8);
        let end = modulus.len() - 2;
        for tail in 0..=u16::MAX {
            modulus[end..].copy_from_slice(&tail.to_be_bytes());
            if fits(&modulus) {
                return modulus;
            }
        }
        panic!("no such modulus");
    }

    fn modulus(bits: usize) -> Vec<u8> {
        modulus_where(bits, |modulus| (2..752).all(|divisor| !divides(divisor, modulus)))
    }

    fn rsa_key(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
        let key = structure::RsaPublicKey {
            modulus: der::asn1::Uint::new(modulus).unwrap(),
            exponent: der::asn1::Uint::new(exponent).unwrap(),
        };
        spki(RSA, &key.to_der().unwrap())
    }

    #[test]
    fn a_key_stays_the_bytes_that_it_was() {
        let key = sample::public_key(1);
        assert_eq!(PublicKey::from_spki(key.spki()), Ok(key.clone()));
        assert_eq!(key.key_algorithm(), Some(KeyAlgorithm::EcdsaP256));
        assert_eq!(key.sha256(), Digest::of(key.spki()));
        assert_eq!(key.key_identifier().0, Sha256::digest(&key.spki()[26..])[..20]);
        let rsa = rsa_key(&modulus(2048), &[1, 0, 1]);
        assert_eq!(PublicKey::from_spki(&rsa).unwrap().describe(), "RSA 2048");
        assert_eq!(PublicKey::from_spki(&rsa_key(&modulus(3064), &[1, 0, 1])).unwrap().key_algorithm(), None);
    }

    #[test]
    fn a_stand_in_is_a_key_of_its_algorithm() {
        for (algorithm, described) in
            [(KeyAlgorithm::EcdsaP256, "ECDSA P-256"), (KeyAlgorithm::EcdsaP384, "ECDSA P-384")]
        {
            let key = PublicKey::stand_in(algorithm).unwrap();
            assert_eq!((key.key_algorithm(), key.describe().as_str()), (Some(algorithm), described));
            assert_eq!(PublicKey::stand_in(algorithm), Ok(key), "always the same");
        }
    }

    #[test]
    fn an_unsound_key_is_refused() {
        let point = &sample::public_key(1).spki()[26..].to_vec();
        let beside = |at: usize| {
            let mut point = point.clone();
            point[at] ^= 1;
            spki(P256, &point)
        };
        let p256 = Err(Error::KeyPoint { curve: "P-256" });
        let divisible = modulus_where(2048, |modulus| {
            divides(751, modulus) && (2..751).all(|divisor| !divides(divisor, modulus))
        });
        let cases = [
            ("another x", beside(1), p256.clone()),
            ("another y", beside(64), p256.clone()),
            ("compressed", spki(P256, &[&[2], &point[1..33]].concat()), p256.clone()),
            ("infinity", spki(P256, &[0]), p256.clone()),
            ("hybrid", spki(P256, &[&[6], &point[1..]].concat()), p256.clone()),
            ("on another curve", spki(P384, point), Err(Error::KeyPoint { curve: "P-384" })),
            ("too long", spki(P256, &[point.as_slice(), &[0]].concat()), p256),
            ("2040 bits", rsa_key(&modulus(2040), &[1, 0, 1]), Err(Error::RsaModulus { bits: 2040 })),
            ("2049 bits", rsa_key(&modulus(2049), &[1, 0, 1]), Err(Error::RsaModulus { bits: 2049 })),
            ("8200 bits", rsa_key(&modulus(8200), &[1, 0, 1]), Err(Error::RsaModulus { bits: 8200 })),
            (
                "even modulus",
                rsa_key(&[&[0x80; 255], [2].as_slice()].concat(), &[1, 0, 1]),
                Err(Weakness::SmallFactor { factor: 2 }.into()),
            ),
            ("divisible", rsa_key(&divisible, &[1, 0, 1]), Err(Weakness::SmallFactor { factor: 751 }.into())),
            ("exponent 3", rsa_key(&modulus(2048), &[3]), Err(Error::RsaExponent)),
            ("exponent 65535", rsa_key(&modulus(2048), &[0xff, 0xff]), Err(Error::RsaExponent)),
            ("exponent 65538", rsa_key(&modulus(2048), &[1, 0, 2]), Err(Error::RsaExponent)),
            ("exponent 2^33+1", rsa_key(&modulus(2048), &[2, 0, 0, 0, 1]), Err(Error::RsaExponent)),
            ("exponent over 64 bits", rsa_key(&modulus(2048), &[1; 9]), Err(Error::RsaExponent)),
            ("order 4", spki(ED25519, &[0; 32]), Err(Error::Ed25519Point)),
            ("order 1", spki(ED25519, &[&[1], [0; 31].as_slice()].concat()), Err(Error::Ed25519Point)),
            ("31 octets", spki(ED25519, &[9; 31]), Err(Error::Ed25519Point)),
            (
                "X25519",
                spki(b"\x30\x05\x06\x03\x2b\x65\x6e", &[9; 32]),
                Err(Error::KeyAlgorithm { oid: der::asn1::ObjectIdentifier::new_unwrap("1.3.101.110") }),
            ),
            (
                "rsaEncryption without NULL",
                spki(b"\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", &[0]),
                Err(Error::KeyAlgorithm {
                    oid: der::asn1::ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1"),
                }),
            ),
        ];
        for (what, der, expected) in cases {
            assert_eq!(PublicKey::from_spki(&der), expected, "{what}");
        }
    }
}
