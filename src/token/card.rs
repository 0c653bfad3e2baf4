//! A token as the place of a person's signing key: a PIV card, a security key, a small HSM.
//!
//! Kept apart from the root key's calls: whoever uses a card is another process than the one that runs a ceremony.

use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeType, CertificateType, ObjectClass, ObjectHandle};
use cryptoki::session::UserType;

use crate::format::{AttributeState, KeyAlgorithm, KeyHalf, PinOwner, PinState, StatementAlgorithm};
use crate::secret::Pin;

use super::attributes;
use super::curve;
use super::error::Error;
use super::raw::Signing;
use super::session::{Token, auth_pin};

/// The public half of a key pair on a card, as far as the card shows it before a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicHalf {
    /// CKA_LABEL, as text.
    pub label: String,
    /// CKA_ID: what it has in common with the private half.
    pub id: Vec<u8>,
    /// The key.
    pub value: PublicValue,
}

/// What a card shows of a public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicValue {
    /// The point of a CKO_PUBLIC_KEY: uncompressed (SEC 1 2.3.3), for Ed25519 32 octets.
    Point {
        /// On which curve.
        algorithm: StatementAlgorithm,
        /// CKA_EC_POINT without its wrapping.
        point: Vec<u8>,
    },
    /// The numbers of a CKO_PUBLIC_KEY, big-endian.
    Rsa {
        /// CKA_MODULUS.
        modulus: Vec<u8>,
        /// CKA_PUBLIC_EXPONENT.
        exponent: Vec<u8>,
    },
    /// CKA_VALUE of a CKO_CERTIFICATE of type CKC_X_509: PIV cards keep keys in certificates.
    Certificate {
        /// DER.
        der: Vec<u8>,
    },
}

/// How the person gives the PIN.
#[derive(Clone, Copy)]
pub enum PinEntry<'p> {
    /// Typed here.
    Typed(&'p Pin),
    /// Typed on the reader's own keys (CKF_PROTECTED_AUTHENTICATION_PATH).
    OnDevice,
}

/// Bits of a new RSA key.
const RSA_BITS: u64 = 3072;
/// Octets of the longest signature: that of RSA with 8192 bits.
const LONGEST_SIGNATURE: usize = 1024;

impl Token {
    /// Every public key and X.509 certificate that the card shows; kinds of keys that nobody could sign a statement with
    /// are left out.
    ///
    /// # Errors
    /// [`Error::Blank`], [`Error::Pkcs11`].
    pub fn public_halves(&self) -> Result<Vec<PublicHalf>, Error> {
        let session = self.session()?;
        let mut halves = Vec::new();
        for object in session.find_objects(&[Attribute::Class(ObjectClass::PUBLIC_KEY)])? {
            halves.extend(self.half(object, self.public_value(object)?)?);
        }
        let certificates =
            [Attribute::Class(ObjectClass::CERTIFICATE), Attribute::CertificateType(CertificateType::X_509)];
        for object in session.find_objects(&certificates)? {
            let der = self.bytes_of(object, AttributeType::Value)?;
            halves.extend(self.half(object, der.map(|der| PublicValue::Certificate { der }))?);
        }
        Ok(halves)
    }

    /// Logs in as the card's user, once.
    ///
    /// # Errors
    /// [`Error::Locked`], and unless `insists` [`Error::FinalTry`], before anything is tried; [`Error::Blank`],
    /// [`Error::PinNotUtf8`], [`Error::Pkcs11`].
    pub fn log_in_to_card(&mut self, pin: PinEntry<'_>, insists: bool) -> Result<(), Error> {
        let owner = PinOwner::User;
        match self.describe()?.user_pin {
            PinState::Locked => return Err(Error::Locked { owner }),
            PinState::FinalTry if !insists => return Err(Error::FinalTry { owner }),
            PinState::FinalTry | PinState::Ok | PinState::CountLow | PinState::ToBeChanged => {}
        }
        self.enter(UserType::User, pin)?;
        self.is_logged_in();
        Ok(())
    }

    /// Has the card sign for its owner: `input` is what the algorithm's mechanism takes, for ECDSA and RSASSA-PSS the
    /// hash (CKM_ECDSA, CKM_RSA_PKCS_PSS), for Ed25519 the message (CKM_EDDSA).
    ///
    /// The one private key with that CKA_ID signs. Where it wants a login for each signature (CKA_ALWAYS_AUTHENTICATE, as
    /// PIV's key 9C does), the PIN is given again between C_SignInit and C_Sign.
    ///
    /// # Errors
    /// [`Error::NoKey`], also before a login; [`Error::AmbiguousKey`]; [`Error::Blank`], [`Error::PinNotUtf8`],
    /// [`Error::Pkcs11`].
    pub fn sign_for_owner(
        &mut self,
        half: &PublicHalf,
        algorithm: StatementAlgorithm,
        input: &[u8],
        pin: PinEntry<'_>,
    ) -> Result<Vec<u8>, Error> {
        let private = self.private_half(half)?;
        let session = self.session()?;
        let always = attributes::state(session, private, AttributeType::AlwaysAuthenticate)?;
        let signing = match algorithm {
            StatementAlgorithm::EcdsaP256Sha256 | StatementAlgorithm::EcdsaP384Sha384 => Signing::Ecdsa,
            StatementAlgorithm::RsaPssSha256 => Signing::PssSha256,
            StatementAlgorithm::Ed25519 => Signing::Eddsa,
        };
        let functions = &self.library().functions;
        functions.sign_init(session.handle(), signing, private.handle())?;
        if always == AttributeState::True {
            self.enter(UserType::ContextSpecific, pin)?;
        }
        // In one call: asking for the length first would be a second touch, or a second PIN, on some devices.
        functions.sign(session.handle(), input, LONGEST_SIGNATURE)
    }

    /// Makes a key pair that never leaves the card: a private token object, sensitive and not extractable, for signing.
    ///
    /// # Errors
    /// [`Error::LabelTaken`] before anything is made; [`Error::CardPublicKey`], [`Error::Blank`], [`Error::Pkcs11`];
    /// after any of these the key may be there.
    pub fn generate_for_owner(
        &mut self,
        algorithm: StatementAlgorithm,
        label: &str,
        id: &[u8],
    ) -> Result<PublicHalf, Error> {
        let count = self.labelled(label)?;
        if count > 0 {
            return Err(Error::LabelTaken { label: label.to_owned(), count });
        }
        let names =
            [Attribute::Token(true), Attribute::Label(label.as_bytes().to_vec()), Attribute::Id(id.to_vec())];
        let (mechanism, kind) = match algorithm {
            StatementAlgorithm::EcdsaP256Sha256 => (
                Mechanism::EccKeyPairGen,
                vec![Attribute::EcParams(curve::parameters(KeyAlgorithm::EcdsaP256).to_vec())],
            ),
            StatementAlgorithm::EcdsaP384Sha384 => (
                Mechanism::EccKeyPairGen,
                vec![Attribute::EcParams(curve::parameters(KeyAlgorithm::EcdsaP384).to_vec())],
            ),
            StatementAlgorithm::Ed25519 => {
                (Mechanism::EccEdwardsKeyPairGen, vec![Attribute::EcParams(curve::ED25519.to_vec())])
            }
            StatementAlgorithm::RsaPssSha256 => (
                Mechanism::RsaPkcsKeyPairGen,
                vec![Attribute::ModulusBits(RSA_BITS.into()), Attribute::PublicExponent(vec![1, 0, 1])],
            ),
        };
        let public = [&names[..], &[Attribute::Private(false), Attribute::Verify(true)], &kind].concat();
        let own = [
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Sign(true),
        ];
        let private = [&names[..], &own].concat();
        let (public, private) = self.session()?.generate_key_pair(&mechanism, &public, &private)?;
        let extractable = attributes::state(self.session()?, private, AttributeType::Extractable)?;
        let sensitive = attributes::state(self.session()?, private, AttributeType::Sensitive)?;
        if extractable == AttributeState::True || sensitive == AttributeState::False {
            return Err(Error::CardKeyLeaves { label: label.to_owned() });
        }
        let half = self.half(public, self.public_value(public)?)?;
        half.filter(|half| half.id == id).ok_or(Error::CardPublicKey { algorithm })
    }

    fn private_half(&self, half: &PublicHalf) -> Result<ObjectHandle, Error> {
        let objects = self
            .session()?
            .find_objects(&[Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::Id(half.id.clone())])?;
        let (label, half) = (half.label.clone(), KeyHalf::PrivateKey);
        match objects.as_slice() {
            [object] => Ok(*object),
            [] => Err(Error::NoKey { label, half }),
            several => Err(Error::AmbiguousKey { label, half, count: several.len() }),
        }
    }

    fn enter(&self, user: UserType, pin: PinEntry<'_>) -> Result<(), Error> {
        let session = self.session()?;
        match pin {
            PinEntry::Typed(pin) => session.login(user, Some(&auth_pin(pin)?))?,
            PinEntry::OnDevice => session.login(user, None)?,
        }
        Ok(())
    }

    fn half(&self, object: ObjectHandle, value: Option<PublicValue>) -> Result<Option<PublicHalf>, Error> {
        let Some(value) = value else { return Ok(None) };
        let label = self.bytes_of(object, AttributeType::Label)?.unwrap_or_default();
        let id = self.bytes_of(object, AttributeType::Id)?.unwrap_or_default();
        // Without a CKA_ID nothing says which private key belongs to it.
        let half = PublicHalf { label: String::from_utf8_lossy(&label).into_owned(), id, value };
        Ok(Some(half).filter(|half| !half.id.is_empty()))
    }

    fn public_value(&self, object: ObjectHandle) -> Result<Option<PublicValue>, Error> {
        if let Some(modulus) = self.bytes_of(object, AttributeType::Modulus)? {
            let exponent = self.bytes_of(object, AttributeType::PublicExponent)?;
            return Ok(exponent.map(|exponent| PublicValue::Rsa { modulus, exponent }));
        }
        let parameters = self.bytes_of(object, AttributeType::EcParams)?.unwrap_or_default();
        let value = self.bytes_of(object, AttributeType::EcPoint)?.unwrap_or_default();
        Ok(curve::statement_point(&parameters, &value)
            .map(|(algorithm, point)| PublicValue::Point { algorithm, point: point.to_vec() }))
    }

    /// One attribute that is a string of octets; `None` where the object has none, or none that is shown.
    fn bytes_of(&self, object: ObjectHandle, attribute: AttributeType) -> Result<Option<Vec<u8>>, Error> {
        let values = self.session()?.get_attributes(object, &[attribute])?;
        Ok(values.into_iter().find_map(|value| match value {
            Attribute::Label(bytes)
            | Attribute::Id(bytes)
            | Attribute::Value(bytes)
            | Attribute::Modulus(bytes)
            | Attribute::PublicExponent(bytes)
            | Attribute::EcParams(bytes)
            | Attribute::EcPoint(bytes) => Some(bytes),
            _ => None,
        }))
    }
}
