use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};

use crate::format::{KeyAlgorithm, KeyAttributes, KeyHalf, ObjectCounts};

use super::attributes;
use super::curve;
use super::error::Error;
use super::profile::WantedFalse;
use super::session::Token;

/// A key pair that was just made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeneratedKey {
    /// The public key: an uncompressed point (SEC 1 2.3.3).
    pub point: Vec<u8>,
    /// What the token says of the private key.
    pub attributes: KeyAttributes,
}

/// A key pair that something else made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExistingKey {
    /// CKA_ID of both halves.
    pub key_id: Vec<u8>,
    /// What the token says of the private key.
    pub attributes: KeyAttributes,
}

/// A private key on an open token. Good for the [`Token`] that gave it, until it logs out.
#[derive(Clone, Debug)]
pub struct KeyHandle(ObjectHandle);

impl Token {
    /// How many objects of any class have the label (CKA_LABEL); private ones are counted after a login only.
    ///
    /// # Errors
    /// [`Error::Blank`], [`Error::Pkcs11`].
    pub fn labelled(&self, label: &str) -> Result<usize, Error> {
        let objects = self.session()?.find_objects(&[Attribute::Label(label.as_bytes().to_vec())])?;
        Ok(objects.len())
    }

    /// How many token objects of each class there are; private ones are counted after a login only.
    ///
    /// # Errors
    /// [`Error::Blank`], [`Error::Pkcs11`].
    pub fn objects(&self) -> Result<ObjectCounts, Error> {
        let session = self.session()?;
        let count = |attributes: &[Attribute]| -> Result<u64, Error> {
            Ok(session.find_objects(attributes)?.len() as u64)
        };
        let of = |class| count(&[Attribute::Token(true), Attribute::Class(class)]);
        let counts = ObjectCounts {
            data: of(ObjectClass::DATA)?,
            certificates: of(ObjectClass::CERTIFICATE)?,
            public_keys: of(ObjectClass::PUBLIC_KEY)?,
            private_keys: of(ObjectClass::PRIVATE_KEY)?,
            secret_keys: of(ObjectClass::SECRET_KEY)?,
            others: 0,
        };
        let others = count(&[Attribute::Token(true)])?.saturating_sub(counts.total());
        Ok(ObjectCounts { others, ..counts })
    }

    /// Makes a key pair that stays on the token and signs, and reads back what became of it.
    ///
    /// The private key is asked to be a private token object, sensitive, not extractable, for signing, and false
    /// in the profile's [`DeviceProfile::wanted_false`](super::DeviceProfile). A token that refuses this gets no
    /// second, weaker request.
    ///
    /// # Errors
    /// [`Error::LabelTaken`] before anything is made. [`Error::PublicPoint`], [`Error::Blank`],
    /// [`Error::Pkcs11`]; after any of these the key may be there.
    pub fn generate(
        &mut self,
        algorithm: KeyAlgorithm,
        label: &str,
        key_id: &[u8],
    ) -> Result<GeneratedKey, Error> {
        let count = self.labelled(label)?;
        if count > 0 {
            return Err(Error::LabelTaken { label: label.to_owned(), count });
        }
        let names = [
            Attribute::Token(true),
            Attribute::Label(label.as_bytes().to_vec()),
            Attribute::Id(key_id.to_vec()),
        ];
        let mut public = names.to_vec();
        public.extend([
            Attribute::Private(false),
            Attribute::Verify(true),
            Attribute::EcParams(curve::parameters(algorithm).to_vec()),
        ]);
        let mut private = names.to_vec();
        private.extend([
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Sign(true),
        ]);
        private.extend(self.profile.wanted_false.iter().map(|wanted| wanted.attribute()));
        let session = self.session()?;
        let (public, private) = session.generate_key_pair(&Mechanism::EccKeyPairGen, &public, &private)?;
        let point = self
            .ec_point(public)?
            .and_then(|value| curve::decode_point(algorithm, &value).map(<[u8]>::to_vec))
            .ok_or(Error::PublicPoint { algorithm })?;
        Ok(GeneratedKey { point, attributes: attributes::read(session, private)? })
    }

    /// The private key that belongs to a public point: exactly one public key on the token has the point, and
    /// exactly one private key has that object's CKA_ID and the label.
    ///
    /// # Errors
    /// [`Error::NoKey`], also before a login; [`Error::AmbiguousKey`]; [`Error::Blank`], [`Error::Pkcs11`].
    pub fn private_key(
        &self,
        algorithm: KeyAlgorithm,
        point: &[u8],
        label: &str,
    ) -> Result<KeyHandle, Error> {
        self.pair(algorithm, point, label).map(|(private, _)| KeyHandle(private))
    }

    /// A key pair that something else made, found as [`Self::private_key`] finds it.
    ///
    /// # Errors
    /// As [`Self::private_key`].
    pub fn existing(&self, algorithm: KeyAlgorithm, point: &[u8], label: &str) -> Result<ExistingKey, Error> {
        let (private, key_id) = self.pair(algorithm, point, label)?;
        Ok(ExistingKey { key_id, attributes: attributes::read(self.session()?, private)? })
    }

    /// The private half of the pair with that public point, and the CKA_ID of both.
    fn pair(
        &self,
        algorithm: KeyAlgorithm,
        point: &[u8],
        label: &str,
    ) -> Result<(ObjectHandle, Vec<u8>), Error> {
        let session = self.session()?;
        let mut with_point = Vec::new();
        // CKA_EC_POINT has several encodings, so the token cannot be asked for the point itself.
        for public in session
            .find_objects(&[Attribute::Class(ObjectClass::PUBLIC_KEY), Attribute::KeyType(KeyType::EC)])?
        {
            let value = self.ec_point(public)?;
            if value.and_then(|value| curve::decode_point(algorithm, &value).map(|found| found == point))
                == Some(true)
            {
                with_point.push(public);
            }
        }
        let public = exactly_one(with_point, label, KeyHalf::PublicKey)?;
        let key_id = match session.get_attributes(public, &[AttributeType::Id])?.pop() {
            Some(Attribute::Id(key_id)) => key_id,
            _ => Vec::new(),
        };
        let private = session.find_objects(&[
            Attribute::Class(ObjectClass::PRIVATE_KEY),
            Attribute::KeyType(KeyType::EC),
            Attribute::Id(key_id.clone()),
            Attribute::Label(label.as_bytes().to_vec()),
        ])?;
        Ok((exactly_one(private, label, KeyHalf::PrivateKey)?, key_id))
    }

    /// What the token says of a private key now.
    ///
    /// # Errors
    /// [`Error::Blank`], [`Error::Pkcs11`].
    pub fn attributes(&self, key: &KeyHandle) -> Result<KeyAttributes, Error> {
        attributes::read(self.session()?, key.0)
    }

    /// Signs a digest (CKM_ECDSA) and gives r||s, each as long as a field element.
    ///
    /// # Errors
    /// [`Error::DigestLength`] before the token is asked: tokens sign any length, an empty one too.
    /// [`Error::SignatureLength`], [`Error::Blank`], [`Error::Pkcs11`].
    pub fn sign_digest(
        &mut self,
        key: &KeyHandle,
        algorithm: KeyAlgorithm,
        digest: &[u8],
    ) -> Result<Vec<u8>, Error> {
        if digest.len() != curve::digest_bytes(algorithm) {
            return Err(Error::DigestLength { algorithm, found: digest.len() });
        }
        let signature = self.session()?.sign(&Mechanism::Ecdsa, key.0, digest)?;
        if signature.len() != 2 * curve::field_bytes(algorithm) {
            return Err(Error::SignatureLength { algorithm, found: signature.len() });
        }
        Ok(signature)
    }

    pub(super) fn ec_point(&self, public: ObjectHandle) -> Result<Option<Vec<u8>>, Error> {
        let values = self.session()?.get_attributes(public, &[AttributeType::EcPoint])?;
        Ok(values.into_iter().find_map(|value| match value {
            Attribute::EcPoint(point) => Some(point),
            _ => None,
        }))
    }
}

impl WantedFalse {
    fn attribute(self) -> Attribute {
        match self {
            Self::Copyable => Attribute::Copyable(false),
            Self::Decrypt => Attribute::Decrypt(false),
            Self::Derive => Attribute::Derive(false),
            Self::Modifiable => Attribute::Modifiable(false),
            Self::SignRecover => Attribute::SignRecover(false),
            Self::Unwrap => Attribute::Unwrap(false),
        }
    }
}

fn exactly_one(objects: Vec<ObjectHandle>, label: &str, half: KeyHalf) -> Result<ObjectHandle, Error> {
    match objects.as_slice() {
        [object] => Ok(*object),
        [] => Err(Error::NoKey { label: label.to_owned(), half }),
        several => Err(Error::AmbiguousKey { label: label.to_owned(), half, count: several.len() }),
    }
}
