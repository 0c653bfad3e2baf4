use sha2::{Digest as _, Sha256, Sha384};

use super::card_error::CardError;
use super::certificate::public_key_of;
use super::key::check_named;
use crate::format::{Digest, Hex, Name, Statement, StatementAlgorithm, TokenAddress};
use crate::roster::StatementKey;
use crate::token::{DeviceProfile, Module, PinEntry, PublicHalf, PublicValue, Token, TokenDescription};

/// A PIV card, security key or other PKCS#11 token with an officer's key. Logged out when dropped.
pub struct Card {
    token: Token,
}

/// Which token of the module is the card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CardAddress {
    /// The one with this serial number.
    Serial(String),
    /// The one with this label.
    Label(String),
    /// The only one that is initialised.
    Only,
}

/// A key pair on a card that could stand on a roster, by its public half.
#[derive(Clone, Debug)]
pub struct CardKey {
    half: PublicHalf,
    public: StatementKey,
}

impl Card {
    /// Opens the card; nobody logs in.
    ///
    /// # Errors
    /// [`CardError::NoCard`], [`CardError::SeveralCards`], [`CardError::Token`].
    pub fn open(module: &Module, address: &CardAddress) -> Result<Self, CardError> {
        let mut cards = module.tokens()?;
        cards.retain(|card| card.initialised);
        let shown: Vec<_> = cards.iter().map(|card| (card.serial.clone(), card.label.clone())).collect();
        cards.retain(|card| match address {
            CardAddress::Serial(serial) => card.serial == *serial,
            CardAddress::Label(label) => card.label == *label,
            CardAddress::Only => true,
        });
        let card = match cards.as_slice() {
            [card] => card,
            [] => return Err(CardError::NoCard { shown }),
            _ => return Err(CardError::SeveralCards { shown }),
        };
        // What is known of other devices is about C_InitToken and templates, neither of which a card gets.
        let generic: Name = "generic".parse().map_err(|_| CardError::Profile)?;
        let profile = DeviceProfile::named(&generic)?;
        Ok(Self { token: module.open(&TokenAddress::Serial(card.serial.clone()), &profile)? })
    }

    /// What the card says of itself now, the state of its PIN too.
    ///
    /// # Errors
    /// [`CardError::Token`].
    pub fn describe(&self) -> Result<TokenDescription, CardError> {
        Ok(self.token.describe()?)
    }

    /// Every key that the card shows and that could stand on a roster, with that label or CKA_ID (hexadecimal) where one is
    /// wanted.
    ///
    /// # Errors
    /// [`CardError::Token`].
    pub fn keys(&self, wanted: Option<&str>) -> Result<Vec<CardKey>, CardError> {
        let mut keys: Vec<CardKey> = Vec::new();
        for half in self.token.public_halves()? {
            let meant = wanted.is_none_or(|wanted| half.label == wanted || id_is(&half.id, wanted));
            let Some(public) = public_key(&half.value).filter(|_| meant) else { continue };
            // A certificate shows the key of a public key object once more, often under another label.
            let known = |key: &CardKey| key.half.id == half.id && key.public.spki() == public.spki();
            if !keys.iter().any(known) {
                keys.push(CardKey { half, public });
            }
        }
        Ok(keys)
    }

    /// The only key of [`Card::keys`].
    ///
    /// # Errors
    /// [`CardError::NoKey`], [`CardError::SeveralKeys`], [`CardError::Token`].
    pub fn only_key(&self, wanted: Option<&str>) -> Result<CardKey, CardError> {
        let mut keys = self.keys(wanted)?;
        match (keys.pop(), keys.len()) {
            (Some(key), 0) => Ok(key),
            (None, _) => Err(CardError::NoKey),
            (Some(last), _) => {
                keys.push(last);
                let keys = keys.iter().map(|key| (key.label().to_owned(), key.id())).collect();
                Err(CardError::SeveralKeys { keys })
            }
        }
    }

    /// The key that the statement names.
    ///
    /// # Errors
    /// [`CardError::OtherKeys`], [`CardError::Key`] where the algorithm is another one, [`CardError::Token`].
    pub fn key_for(&self, statement: &Statement, wanted: Option<&str>) -> Result<CardKey, CardError> {
        let named = statement.signer().spki_sha256;
        let mut keys = self.keys(wanted)?;
        let shown = keys.len();
        keys.retain(|key| key.public.sha256() == named);
        let key = keys.pop().ok_or(CardError::OtherKeys { statement: named, shown })?;
        check_named(statement, &key.public)?;
        Ok(key)
    }

    /// Logs in as the card's user, once; at the final try only when the person `insists`.
    ///
    /// # Errors
    /// [`CardError::Token`].
    pub fn log_in(&mut self, pin: PinEntry<'_>, insists: bool) -> Result<(), CardError> {
        Ok(self.token.log_in_to_card(pin, insists)?)
    }

    /// Has the card sign a statement that names its key, and verifies what it gives.
    ///
    /// # Errors
    /// [`CardError::Key`], [`CardError::Token`], also before [`Card::log_in`].
    pub fn sign(
        &mut self,
        key: &CardKey,
        statement: &Statement,
        pin: PinEntry<'_>,
    ) -> Result<Vec<u8>, CardError> {
        check_named(statement, &key.public)?;
        let (bytes, algorithm) = (statement.encode(), key.public.algorithm());
        let input = match algorithm {
            StatementAlgorithm::EcdsaP256Sha256 | StatementAlgorithm::RsaPssSha256 => {
                Sha256::digest(&bytes).to_vec()
            }
            StatementAlgorithm::EcdsaP384Sha384 => Sha384::digest(&bytes).to_vec(),
            StatementAlgorithm::Ed25519 => bytes.clone(),
        };
        let raw = self.token.sign_for_owner(&key.half, algorithm, &input, pin)?;
        // CKM_ECDSA gives r || s; statements carry DER.
        let signature = match algorithm {
            StatementAlgorithm::EcdsaP256Sha256 => {
                p256::ecdsa::Signature::from_slice(&raw).map(|value| value.to_der().as_bytes().to_vec())
            }
            StatementAlgorithm::EcdsaP384Sha384 => {
                p384::ecdsa::Signature::from_slice(&raw).map(|value| value.to_der().as_bytes().to_vec())
            }
            StatementAlgorithm::RsaPssSha256 | StatementAlgorithm::Ed25519 => Ok(raw),
        };
        let signature = signature.map_err(|_| CardError::BadSignature)?;
        key.public.verify(&bytes, &signature).map_err(|_| CardError::BadSignature)?;
        Ok(signature)
    }

    /// Makes a key that never leaves the card, after [`Card::log_in`].
    ///
    /// # Errors
    /// [`CardError::Token`]; [`CardError::NoKey`] when the card's new key could not stand on a roster.
    pub fn generate(
        &mut self,
        algorithm: StatementAlgorithm,
        label: &str,
        id: &[u8],
    ) -> Result<CardKey, CardError> {
        let half = self.token.generate_for_owner(algorithm, label, id)?;
        let public = public_key(&half.value).ok_or(CardError::NoKey)?;
        Ok(CardKey { half, public })
    }
}

impl CardKey {
    /// CKA_LABEL.
    pub fn label(&self) -> &str {
        &self.half.label
    }

    /// CKA_ID.
    pub fn id(&self) -> Hex {
        Hex(self.half.id.clone())
    }

    /// The public half.
    pub fn public(&self) -> &StatementKey {
        &self.public
    }

    /// SHA-256 of the DER SubjectPublicKeyInfo.
    pub fn sha256(&self) -> Digest {
        self.public.sha256()
    }
}

fn id_is(id: &[u8], wanted: &str) -> bool {
    Hex::parse(&wanted.to_ascii_lowercase()).is_some_and(|wanted| wanted.0 == id)
}

/// `None` for keys that could not stand on a roster: other kinds of keys, and weak ones.
fn public_key(value: &PublicValue) -> Option<StatementKey> {
    match value {
        PublicValue::Point { algorithm, point } => StatementKey::from_point(*algorithm, point).ok(),
        PublicValue::Rsa { modulus, exponent } => StatementKey::from_rsa(modulus, exponent).ok(),
        PublicValue::Certificate { der } => {
            let spki = public_key_of(der)?;
            let kinds = [
                StatementAlgorithm::EcdsaP256Sha256,
                StatementAlgorithm::EcdsaP384Sha384,
                StatementAlgorithm::RsaPssSha256,
                StatementAlgorithm::Ed25519,
            ];
            kinds.into_iter().find_map(|algorithm| StatementKey::read(algorithm, spki).ok())
        }
    }
}
