use cryptoki::object::{Attribute, AttributeInfo, AttributeType, ObjectHandle};
use cryptoki::session::Session;

use crate::format::AttributeState;

use super::error::Error;

/// What a token says of a private key, each attribute asked for by itself.
///
/// A value is what the token claims, no more: tokens are known that let a key be made extractable and then call
/// it extractable and never extractable at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyAttributes {
    /// CKA_TOKEN.
    pub token: AttributeState,
    /// CKA_PRIVATE.
    pub private: AttributeState,
    /// CKA_SENSITIVE.
    pub sensitive: AttributeState,
    /// CKA_ALWAYS_SENSITIVE.
    pub always_sensitive: AttributeState,
    /// CKA_EXTRACTABLE.
    pub extractable: AttributeState,
    /// CKA_NEVER_EXTRACTABLE.
    pub never_extractable: AttributeState,
    /// CKA_LOCAL.
    pub local: AttributeState,
    /// CKA_SIGN.
    pub sign: AttributeState,
    /// CKA_DECRYPT.
    pub decrypt: AttributeState,
    /// CKA_UNWRAP.
    pub unwrap: AttributeState,
    /// CKA_DERIVE.
    pub derive: AttributeState,
    /// CKA_MODIFIABLE.
    pub modifiable: AttributeState,
    /// CKA_COPYABLE.
    pub copyable: AttributeState,
}

impl KeyAttributes {
    pub(super) fn read(session: &Session, key: ObjectHandle) -> Result<Self, Error> {
        let state = |attribute| state(session, key, attribute);
        Ok(Self {
            token: state(AttributeType::Token)?,
            private: state(AttributeType::Private)?,
            sensitive: state(AttributeType::Sensitive)?,
            always_sensitive: state(AttributeType::AlwaysSensitive)?,
            extractable: state(AttributeType::Extractable)?,
            never_extractable: state(AttributeType::NeverExtractable)?,
            local: state(AttributeType::Local)?,
            sign: state(AttributeType::Sign)?,
            decrypt: state(AttributeType::Decrypt)?,
            unwrap: state(AttributeType::Unwrap)?,
            derive: state(AttributeType::Derive)?,
            modifiable: state(AttributeType::Modifiable)?,
            copyable: state(AttributeType::Copyable)?,
        })
    }

    /// Sentences about attributes that cannot be true together (PKCS#11 3.1, 4.9); empty for a token that
    /// contradicts itself nowhere.
    pub fn contradictions(&self) -> Vec<String> {
        use AttributeState::{False, True};
        let cases = [
            (
                self.extractable == True && self.never_extractable == True,
                "CKA_EXTRACTABLE and CKA_NEVER_EXTRACTABLE are both true",
            ),
            (
                self.sensitive == False && self.always_sensitive == True,
                "CKA_SENSITIVE is false and CKA_ALWAYS_SENSITIVE is true",
            ),
            (
                self.local == False && self.never_extractable == True,
                "CKA_LOCAL is false and CKA_NEVER_EXTRACTABLE is true",
            ),
            (
                self.local == False && self.always_sensitive == True,
                "CKA_LOCAL is false and CKA_ALWAYS_SENSITIVE is true",
            ),
        ];
        cases.into_iter().filter(|(holds, _)| *holds).map(|(_, sentence)| sentence.to_owned()).collect()
    }
}

/// One boolean attribute. Absent is what the token does not know, will not show, or gives no boolean for.
pub(super) fn state(
    session: &Session,
    key: ObjectHandle,
    attribute: AttributeType,
) -> Result<AttributeState, Error> {
    // Asked for its presence first: a module that refuses an attribute without marking its length would
    // otherwise be read as saying "false".
    let presence = session.get_attribute_info(key, &[attribute])?;
    if !matches!(presence.as_slice(), [AttributeInfo::Available(_)]) {
        return Ok(AttributeState::Absent);
    }
    match session.get_attributes(key, &[attribute]) {
        Ok(values) => Ok(boolean(&values)),
        Err(error @ cryptoki::error::Error::Pkcs11(..)) => Err(error.into()),
        // A value that is no CK_BBOOL.
        Err(_) => Ok(AttributeState::Absent),
    }
}

fn boolean(values: &[Attribute]) -> AttributeState {
    let value = match values {
        [
            Attribute::Token(value)
            | Attribute::Private(value)
            | Attribute::Sensitive(value)
            | Attribute::AlwaysSensitive(value)
            | Attribute::Extractable(value)
            | Attribute::NeverExtractable(value)
            | Attribute::Local(value)
            | Attribute::Sign(value)
            | Attribute::Decrypt(value)
            | Attribute::Unwrap(value)
            | Attribute::Derive(value)
            | Attribute::Modifiable(value)
            | Attribute::Copyable(value)
            | Attribute::AlwaysAuthenticate(value),
        ] => *value,
        _ => return AttributeState::Absent,
    };
    if value { AttributeState::True } else { AttributeState::False }
}

#[cfg(test)]
mod tests {
    use cryptoki::object::ObjectClass;
    use zeroize::Zeroizing;

    use super::*;
    use crate::format::{KeyAlgorithm, TokenAddress};
    use crate::secret::Pin;
    use crate::token::softhsm::SoftHsm;
    use crate::token::{DeviceProfile, Module};

    #[test]
    fn an_attribute_that_the_token_does_not_tell_is_absent_and_not_false() {
        let hsm = SoftHsm::for_test(
            "token::attributes::tests::an_attribute_that_the_token_does_not_tell_is_absent_and_not_false",
        );
        hsm.process("read", |_| {
            use AttributeState::{Absent, False, True};
            let pin = || Pin::new(Zeroizing::new(b"pin-for-tests".to_vec()));
            let module = Module::load(&SoftHsm::module(), None).unwrap();
            let profile = DeviceProfile::named(&"softhsm".parse().unwrap()).unwrap();
            let mut token = module.open(&TokenAddress::Blank, &profile).unwrap();
            token.initialise(&pin(), "root").unwrap();
            token.set_user_pin(&pin(), &pin()).unwrap();
            token.login(&pin()).unwrap();
            token.generate(KeyAlgorithm::EcdsaP256, "root", b"id").unwrap();
            // A public key has no CKA_SENSITIVE, and others that only private keys have.
            let session = token.session().unwrap();
            let public = session.find_objects(&[Attribute::Class(ObjectClass::PUBLIC_KEY)]).unwrap();
            let found = KeyAttributes::read(session, public[0]).unwrap();
            assert_eq!((found.token, found.local, found.private), (True, True, False));
            assert_eq!((found.sensitive, found.always_sensitive, found.sign), (Absent, Absent, Absent));
            assert_eq!((found.extractable, found.never_extractable), (Absent, Absent));
        });
    }

    #[test]
    fn an_answer_without_a_value_is_neither_true_nor_false() {
        assert_eq!(boolean(&[]), AttributeState::Absent);
        assert_eq!(boolean(&[Attribute::Id(vec![0])]), AttributeState::Absent);
        assert_eq!(boolean(&[Attribute::Extractable(false)]), AttributeState::False);
        assert_eq!(boolean(&[Attribute::Extractable(true)]), AttributeState::True);
    }

    #[test]
    fn what_cannot_be_true_together_is_said() {
        use AttributeState::{Absent, False, True};
        let sound = KeyAttributes {
            token: True,
            private: True,
            sensitive: True,
            always_sensitive: True,
            extractable: False,
            never_extractable: True,
            local: True,
            sign: True,
            decrypt: False,
            unwrap: False,
            derive: False,
            modifiable: False,
            copyable: False,
        };
        assert!(sound.contradictions().is_empty());
        let silent = KeyAttributes {
            always_sensitive: Absent,
            never_extractable: Absent,
            local: Absent,
            ..sound.clone()
        };
        assert!(silent.contradictions().is_empty());
        let restored = KeyAttributes {
            local: False,
            always_sensitive: False,
            never_extractable: False,
            ..sound.clone()
        };
        assert!(restored.contradictions().is_empty());
        for (attributes, count) in [
            (KeyAttributes { extractable: True, ..sound.clone() }, 1),
            (KeyAttributes { sensitive: False, ..sound.clone() }, 1),
            (KeyAttributes { local: False, ..sound }, 2),
        ] {
            assert_eq!(attributes.contradictions().len(), count, "{attributes:?}");
        }
    }
}
