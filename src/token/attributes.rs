use cryptoki::object::{Attribute, AttributeInfo, AttributeType, ObjectHandle};
use cryptoki::session::Session;

use crate::format::{AttributeState, KeyAttributes};

use super::error::Error;

/// Every attribute of a private key that a record keeps.
pub(super) fn read(session: &Session, key: ObjectHandle) -> Result<KeyAttributes, Error> {
    let state = |attribute| state(session, key, attribute);
    Ok(KeyAttributes {
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
            let found = read(session, public[0]).unwrap();
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
}
