use p256::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _};
use pkcs8::der::pem::PemLabel as _;
use pkcs8::pkcs5::pbes2::{EncryptionScheme, Parameters, Salt, ScryptParams};
use pkcs8::{EncryptedPrivateKeyInfoRef, LineEnding, PrivateKeyInfoRef, SecretDocument};
use signature::{Signer as _, Verifier as _};
use zeroize::Zeroizing;

use super::error::KeyError;
use crate::format::{Base64, Digest, Statement, StatementAlgorithm};
use crate::secret::Passphrase;

/// The shortest passphrase of a new key. The file's copies can be guessed at without limit.
pub const MIN_PASSPHRASE_CHARACTERS: usize = 12;

/// scrypt's N, r and p (RFC 7914) for new keys. OpenSSL 3.0 gives scrypt 32 MiB, which N = 2^15 with r = 8 exceeds.
const SCRYPT: (u64, u16, u16) = (1 << 14, 8, 5);

/// Randomness for one new key, from the operating system. Used once.
#[derive(Default)]
pub struct KeySeed {
    /// Becomes the private key.
    pub scalar: Zeroizing<[u8; 32]>,
    /// scrypt's salt.
    pub salt: [u8; 16],
    /// The initialisation vector of AES-256-CBC.
    pub iv: [u8; 16],
}

/// A key just made: the encrypted private half and what the roster says of it.
pub struct NewKey {
    /// EncryptedPrivateKeyInfo (RFC 5958 section 3) in PEM: PBES2 with scrypt and AES-256-CBC.
    pub pem: String,
    /// DER SubjectPublicKeyInfo.
    pub public_key: Base64,
    /// The algorithm of its signatures.
    pub algorithm: StatementAlgorithm,
}

/// An unlocked key. It signs statements that name it and nothing else, and is wiped when dropped.
pub struct OfficerKey {
    private: Private,
    public_key: Vec<u8>,
}

enum Private {
    P256(p256::ecdsa::SigningKey),
    P384(p384::ecdsa::SigningKey),
}

/// Makes a P-256 key from `seed` and encrypts it under the passphrase.
///
/// # Errors
/// [`KeyError::ShortPassphrase`]; [`KeyError::UnusableScalar`], after which another seed is drawn.
pub fn new_key(passphrase: &Passphrase, seed: &KeySeed) -> Result<NewKey, KeyError> {
    check_passphrase(passphrase)?;
    let secret = p256::SecretKey::from_slice(seed.scalar.as_slice()).map_err(|_| KeyError::UnusableScalar)?;
    let public_key = secret.public_key().to_public_key_der().map_err(|_| KeyError::Encoding)?;
    let pem = secret
        .to_pkcs8_der()
        .and_then(|plain| encrypt(&plain, passphrase, seed))
        .map_err(|_| KeyError::Encoding)?;
    Ok(NewKey {
        pem,
        public_key: Base64(public_key.into_vec()),
        algorithm: StatementAlgorithm::EcdsaP256Sha256,
    })
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
    /// Opens a key file: one that [`new_key`] made, or that `openssl genpkey` with an AES cipher made for P-256 or P-384.
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
        let info = PrivateKeyInfoRef::try_from(plain.as_bytes()).map_err(|_| KeyError::WrongPassphrase)?;
        let (private, public_key) = if let Ok(key) = p256::SecretKey::try_from(info.clone()) {
            let public_key = key.public_key().to_public_key_der();
            (Private::P256(key.into()), public_key)
        } else if let Ok(key) = p384::SecretKey::try_from(info) {
            let public_key = key.public_key().to_public_key_der();
            (Private::P384(key.into()), public_key)
        } else {
            return Err(KeyError::UnknownKey);
        };
        let public_key = public_key.map_err(|_| KeyError::Encoding)?.into_vec();
        Ok(Self { private, public_key })
    }

    /// The algorithm of its signatures.
    pub fn algorithm(&self) -> StatementAlgorithm {
        match self.private {
            Private::P256(_) => StatementAlgorithm::EcdsaP256Sha256,
            Private::P384(_) => StatementAlgorithm::EcdsaP384Sha384,
        }
    }

    /// Signs a statement that names this key: DER `Ecdsa-Sig-Value` over its bytes, deterministic (RFC 6979).
    ///
    /// # Errors
    /// [`KeyError::OtherKey`], [`KeyError::OtherAlgorithm`] or [`KeyError::BadSignature`].
    pub fn sign(&self, statement: &Statement) -> Result<Vec<u8>, KeyError> {
        let (named, key) = (statement.signer().spki_sha256, Digest::of(&self.public_key));
        if named != key {
            return Err(KeyError::OtherKey { statement: named, key });
        }
        let named = statement.signer().algorithm;
        if named != self.algorithm() {
            return Err(KeyError::OtherAlgorithm { statement: named, key: self.algorithm() });
        }
        let bytes = statement.encode();
        // A fault while signing can give the private key away, so no signature leaves that does not verify.
        let signed = match &self.private {
            Private::P256(private) => {
                let value: Result<p256::ecdsa::Signature, _> = private.try_sign(&bytes);
                value.and_then(|value| {
                    private.verifying_key().verify(&bytes, &value)?;
                    Ok(value.to_der().as_bytes().to_vec())
                })
            }
            Private::P384(private) => {
                let value: Result<p384::ecdsa::Signature, _> = private.try_sign(&bytes);
                value.and_then(|value| {
                    private.verifying_key().verify(&bytes, &value)?;
                    Ok(value.to_der().as_bytes().to_vec())
                })
            }
        };
        signed.map_err(|_| KeyError::BadSignature)
    }
}
