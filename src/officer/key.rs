use ed25519_dalek::pkcs8::KeypairBytes;
use p256::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _};
use pkcs8::der::pem::PemLabel as _;
use pkcs8::pkcs5::pbes2::{EncryptionScheme, Parameters, Salt, ScryptParams};
use pkcs8::{EncryptedPrivateKeyInfoRef, LineEnding, PrivateKeyInfoRef, SecretDocument};
use rsa::{RsaPrivateKey, pss};
use sha2::Sha256;
use signature::{RandomizedSigner as _, SignatureEncoding as _, Signer as _};
use zeroize::Zeroizing;

use super::error::KeyError;
use super::random::{Draw, Random};
use crate::format::{Statement, StatementAlgorithm};
use crate::roster::{PSS_SALT_BYTES, StatementKey};
use crate::secret::Passphrase;

/// The shortest passphrase of a new key. The file's copies can be guessed at without limit.
pub const MIN_PASSPHRASE_CHARACTERS: usize = 12;

/// scrypt's N, r and p (RFC 7914) for new keys. OpenSSL 3.0 gives scrypt 32 MiB, which N = 2^15 with r = 8 exceeds.
const SCRYPT: (u64, u16, u16) = (1 << 14, 8, 5);

/// Randomness for one new key, from the operating system. Used once.
pub struct KeySeed {
    /// Becomes the private key: the first 32 octets do for P-256 and Ed25519, P-384 takes all.
    pub scalar: Zeroizing<[u8; 48]>,
    /// scrypt's salt.
    pub salt: [u8; 16],
    /// The initialisation vector of AES-256-CBC.
    pub iv: [u8; 16],
}

impl Default for KeySeed {
    fn default() -> Self {
        Self { scalar: Zeroizing::new([0; 48]), salt: [0; 16], iv: [0; 16] }
    }
}

/// A key just made: the encrypted private half and what the roster says of it.
pub struct NewKey {
    /// EncryptedPrivateKeyInfo (RFC 5958 section 3) in PEM: PBES2 with scrypt and AES-256-CBC.
    pub pem: String,
    /// The public half.
    pub public: StatementKey,
}

/// An unlocked key. It signs statements that name it and nothing else, and is wiped when dropped.
pub struct OfficerKey {
    private: Private,
    public: StatementKey,
}

enum Private {
    P256(p256::ecdsa::SigningKey),
    P384(p384::ecdsa::SigningKey),
    Rsa(pss::SigningKey<Sha256>),
    Ed25519(ed25519_dalek::SigningKey),
}

/// Makes a key of that algorithm from `seed` and encrypts it under the passphrase.
///
/// # Errors
/// [`KeyError::ShortPassphrase`]; [`KeyError::UnusableScalar`], after which another seed is drawn;
/// [`KeyError::MadeElsewhere`] for RSA.
pub fn new_key(
    algorithm: StatementAlgorithm,
    passphrase: &Passphrase,
    seed: &KeySeed,
) -> Result<NewKey, KeyError> {
    check_passphrase(passphrase)?;
    let unusable = |_| KeyError::UnusableScalar;
    let (short, _) = seed.scalar.split_at(32);
    let plain = match algorithm {
        StatementAlgorithm::EcdsaP256Sha256 => {
            p256::SecretKey::from_slice(short).map_err(unusable)?.to_pkcs8_der()
        }
        StatementAlgorithm::EcdsaP384Sha384 => {
            p384::SecretKey::from_slice(seed.scalar.as_slice()).map_err(unusable)?.to_pkcs8_der()
        }
        StatementAlgorithm::Ed25519 => {
            let mut pair = KeypairBytes { secret_key: [0; 32], public_key: None };
            // Without the public half: OpenSSL 3.0 does not read version 2 of the form (RFC 5958 section 2).
            pair.secret_key.copy_from_slice(short);
            let plain = pair.to_pkcs8_der();
            zeroize::Zeroize::zeroize(&mut pair.secret_key);
            plain
        }
        // Looking for primes takes more chance than a seed has; openssl and cards do it.
        StatementAlgorithm::RsaPssSha256 => return Err(KeyError::MadeElsewhere { algorithm }),
    };
    let plain = plain.map_err(|_| KeyError::Encoding)?;
    let public = OfficerKey::of(&plain)?.public;
    let pem = encrypt(&plain, passphrase, seed).map_err(|_| KeyError::Encoding)?;
    Ok(NewKey { pem, public })
}

/// Whether a new key may be encrypted under that passphrase.
///
/// # Errors
/// [`KeyError::ShortPassphrase`].
pub fn check_passphrase(passphrase: &Passphrase) -> Result<(), KeyError> {
    let characters = passphrase.expose_passphrase().chars().count();
    if characters < MIN_PASSPHRASE_CHARACTERS {
        return Err(KeyError::ShortPassphrase { characters });
    }
    Ok(())
}

fn encrypt(plain: &SecretDocument, passphrase: &Passphrase, seed: &KeySeed) -> pkcs8::Result<String> {
    let (cost_parameter, block_size, parallelization) = SCRYPT;
    let scrypt = ScryptParams {
        salt: Salt::new(seed.salt)?,
        cost_parameter,
        block_size,
        parallelization,
        key_length: None,
    };
    let parameters =
        Parameters { kdf: scrypt.into(), encryption: EncryptionScheme::Aes256Cbc { iv: seed.iv } };
    let encrypted = PrivateKeyInfoRef::try_from(plain.as_bytes())?
        .encrypt_with_params(parameters, passphrase.expose_passphrase())?;
    let pem = encrypted.to_pem(EncryptedPrivateKeyInfoRef::PEM_LABEL, LineEnding::LF)?;
    Ok(String::clone(&pem))
}

impl OfficerKey {
    /// Opens a key file: one that [`new_key`] made, or that `openssl genpkey` with an AES cipher made for P-256, P-384,
    /// RSA of 3072 bits and more, or Ed25519.
    ///
    /// # Errors
    /// [`KeyError`], the first that holds.
    pub fn unlock(pem: &[u8], passphrase: &Passphrase) -> Result<Self, KeyError> {
        let text = std::str::from_utf8(pem).map_err(|_| KeyError::NotPem)?;
        let (label, encrypted) = SecretDocument::from_pem(text).map_err(|_| KeyError::NotPem)?;
        if label != EncryptedPrivateKeyInfoRef::PEM_LABEL {
            let label = label.to_owned();
            return Err(KeyError::Label { label });
        }
        let encrypted = EncryptedPrivateKeyInfoRef::try_from(encrypted.as_bytes())
            .map_err(|_| KeyError::UnknownEncryption)?;
        // One wrong passphrase in 256 leaves valid padding around noise, which then is no DER.
        let plain = encrypted.decrypt(passphrase.expose_passphrase()).map_err(|error| match error {
            pkcs8::Error::EncryptedPrivateKey(pkcs8::pkcs5::Error::DecryptFailed) | pkcs8::Error::Asn1(_) => {
                KeyError::WrongPassphrase
            }
            _ => KeyError::UnknownEncryption,
        })?;
        Self::of(&plain)
    }

    /// The key in a PrivateKeyInfo (RFC 5958 section 2).
    fn of(plain: &SecretDocument) -> Result<Self, KeyError> {
        let info = PrivateKeyInfoRef::try_from(plain.as_bytes()).map_err(|_| KeyError::WrongPassphrase)?;
        let encoded = |_| KeyError::Encoding;
        let (private, algorithm, spki) = if let Ok(key) = p256::SecretKey::try_from(info.clone()) {
            let spki = key.public_key().to_public_key_der().map_err(encoded)?;
            (Private::P256(key.into()), StatementAlgorithm::EcdsaP256Sha256, spki)
        } else if let Ok(key) = p384::SecretKey::try_from(info.clone()) {
            let spki = key.public_key().to_public_key_der().map_err(encoded)?;
            (Private::P384(key.into()), StatementAlgorithm::EcdsaP384Sha384, spki)
        } else if let Ok(key) = ed25519_dalek::SigningKey::try_from(info.clone()) {
            let spki = key.verifying_key().to_public_key_der().map_err(encoded)?;
            (Private::Ed25519(key), StatementAlgorithm::Ed25519, spki)
        } else if let Ok(key) = RsaPrivateKey::try_from(info) {
            let spki = key.to_public_key().to_public_key_der().map_err(encoded)?;
            let key = pss::SigningKey::new_with_salt_len(key, PSS_SALT_BYTES);
            (Private::Rsa(key), StatementAlgorithm::RsaPssSha256, spki)
        } else {
            return Err(KeyError::UnknownKey);
        };
        Ok(Self { private, public: StatementKey::read(algorithm, spki.as_bytes())? })
    }

    /// The public half.
    pub fn public(&self) -> &StatementKey {
        &self.public
    }

    /// Signs a statement that names this key, in the form that [`StatementAlgorithm`] fixes.
    ///
    /// ECDSA (RFC 6979) and Ed25519 need no chance. RSA takes its salt from `draw`, and what blinds the private key's
    /// arithmetic, so that its duration tells nothing (RUSTSEC-2023-0071).
    ///
    /// # Errors
    /// [`KeyError::OtherKey`], [`KeyError::OtherAlgorithm`], [`KeyError::NoRandomness`] or [`KeyError::BadSignature`].
    pub fn sign(&self, statement: &Statement, draw: Draw<'_>) -> Result<Vec<u8>, KeyError> {
        check_named(statement, &self.public)?;
        let bytes = statement.encode();
        let signed = match &self.private {
            Private::P256(private) => {
                let value: Result<p256::ecdsa::Signature, _> = private.try_sign(&bytes);
                value.map(|value| value.to_der().as_bytes().to_vec())
            }
            Private::P384(private) => {
                let value: Result<p384::ecdsa::Signature, _> = private.try_sign(&bytes);
                value.map(|value| value.to_der().as_bytes().to_vec())
            }
            Private::Rsa(private) => {
                let mut random = Random::from(draw);
                let value = private.try_sign_with_rng(&mut random, &bytes);
                if random.failed() {
                    return Err(KeyError::NoRandomness);
                }
                value.map(|value| value.to_vec())
            }
            Private::Ed25519(private) => private.try_sign(&bytes).map(|value| value.to_vec()),
        };
        let signature = signed.map_err(|_| KeyError::BadSignature)?;
        // A fault while signing can give the private key away, so no signature leaves that does not verify.
        self.public.verify(&bytes, &signature).map_err(|_| KeyError::BadSignature)?;
        Ok(signature)
    }
}

/// Whether the statement names this key and its algorithm: only then could the signature count.
pub(super) fn check_named(statement: &Statement, public: &StatementKey) -> Result<(), KeyError> {
    let (named, key) = (statement.signer().spki_sha256, public.sha256());
    if named != key {
        return Err(KeyError::OtherKey { statement: named, key });
    }
    let named = statement.signer().algorithm;
    if named != public.algorithm() {
        return Err(KeyError::OtherAlgorithm { statement: named, key: public.algorithm() });
    }
    Ok(())
}
