use cryptoki::object::{Attribute, ObjectClass, ObjectHandle};

use crate::format::{KeyAlgorithm, KeyHalf};

use super::attributes;
use super::curve;
use super::error::Error;
use super::key::GeneratedKey;
use super::session::Token;

/// What a token has of a key pair that a call without an answer was to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remains {
    /// How many public halves have its CKA_ID.
    pub public: usize,
    /// How many private halves have it; after a login only.
    pub private: usize,
    /// The pair, where each half is there once, under its label, with a point of the right length.
    pub whole: Option<GeneratedKey>,
}

impl Token {
    /// Looks for both halves of a key pair by the CKA_ID that its operation gave it.
    ///
    /// # Errors
    /// [`Error::Blank`], [`Error::Pkcs11`].
    pub fn remains(&self, algorithm: KeyAlgorithm, label: &str, key_id: &[u8]) -> Result<Remains, Error> {
        let (public, private) =
            (self.halves(KeyHalf::PublicKey, key_id)?, self.halves(KeyHalf::PrivateKey, key_id)?);
        let mut whole = None;
        if let ([public], [private]) = (public.as_slice(), private.as_slice())
            && self
                .session()?
                .find_objects(&[Attribute::Id(key_id.to_vec()), Attribute::Label(label.as_bytes().to_vec())])?
                .len()
                == 2
            && let Some(value) = self.ec_point(*public)?
            && let Some(point) = curve::decode_point(algorithm, &value)
        {
            let attributes = attributes::read(self.session()?, *private)?;
            whole = Some(GeneratedKey { point: point.to_vec(), attributes });
        }
        Ok(Remains { public: public.len(), private: private.len(), whole })
    }

    /// Removes one half of a key pair for good (C_DestroyObject), every object of that class with the CKA_ID.
    ///
    /// # Errors
    /// [`Error::Blank`], [`Error::Pkcs11`]; after the latter some of them may be gone.
    pub fn destroy_half(&mut self, half: KeyHalf, key_id: &[u8]) -> Result<(), Error> {
        for object in self.halves(half, key_id)? {
            self.session()?.destroy_object(object)?;
        }
        Ok(())
    }

    fn halves(&self, half: KeyHalf, key_id: &[u8]) -> Result<Vec<ObjectHandle>, Error> {
        let class = match half {
            KeyHalf::PublicKey => ObjectClass::PUBLIC_KEY,
            KeyHalf::PrivateKey => ObjectClass::PRIVATE_KEY,
        };
        Ok(self.session()?.find_objects(&[Attribute::Class(class), Attribute::Id(key_id.to_vec())])?)
    }
}
