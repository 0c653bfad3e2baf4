use std::fmt;

use serde::{Deserialize, Serialize};

/// What a token says of a private key, each attribute asked for by itself.
///
/// A value is what the token claims, no more: tokens are known that let a key be made extractable and then call
/// it extractable and never extractable at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// What a token answers about a boolean attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AttributeState {
    /// CK_TRUE.
    True,
    /// CK_FALSE.
    False,
    /// The token does not say.
    Absent,
}

impl fmt::Display for AttributeState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::True => "true",
            Self::False => "false",
            Self::Absent => "absent",
        })
    }
}

/// What one attribute of a root's private key must be, and what it is.
struct Requirement {
    attribute: &'static str,
    found: AttributeState,
    wanted: AttributeState,
    /// Whether a token may leave it unsaid.
    silence_passes: bool,
}

impl KeyAttributes {
    /// A run goes on, and a record passes, with a key that meets all of these. What a token may leave unsaid, PKCS#11
    /// 2.40 tokens in the field do leave unsaid; without the others nothing keeps the key inside.
    fn requirements(&self) -> [Requirement; 11] {
        use AttributeState::{False, True};
        let one = |attribute, found, wanted, silence_passes| Requirement {
            attribute,
            found,
            wanted,
            silence_passes,
        };
        [
            one("CKA_TOKEN", self.token, True, false),
            one("CKA_PRIVATE", self.private, True, true),
            one("CKA_SENSITIVE", self.sensitive, True, false),
            one("CKA_EXTRACTABLE", self.extractable, False, false),
            one("CKA_ALWAYS_SENSITIVE", self.always_sensitive, True, true),
            one("CKA_NEVER_EXTRACTABLE", self.never_extractable, True, true),
            one("CKA_LOCAL", self.local, True, true),
            one("CKA_SIGN", self.sign, True, false),
            one("CKA_DECRYPT", self.decrypt, False, true),
            one("CKA_UNWRAP", self.unwrap, False, true),
            one("CKA_DERIVE", self.derive, False, true),
        ]
    }

    /// What keeps this from being a root's key, one sentence each; empty for a key that may be used.
    pub fn findings(&self) -> Vec<String> {
        let unfit = |one: &Requirement| {
            one.found != one.wanted && !(one.silence_passes && one.found == AttributeState::Absent)
        };
        let wrong = self.requirements().into_iter().filter(unfit);
        let wrong = wrong.map(|Requirement { attribute, found, wanted, .. }| match found {
            AttributeState::Absent => format!("the token does not say {attribute}"),
            _ => format!("{attribute} is {found}, not {wanted}"),
        });
        wrong.chain(self.contradictions()).collect()
    }

    /// Names of the attributes of a root's key that the token does not tell.
    pub fn unsaid(&self) -> Vec<&'static str> {
        let unsaid = self.requirements().into_iter().filter(|one| one.found == AttributeState::Absent);
        unsaid.map(|one| one.attribute).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use AttributeState::{Absent, False, True};

    const SOUND: KeyAttributes = KeyAttributes {
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

    #[test]
    fn what_cannot_be_true_together_is_said() {
        assert!(SOUND.contradictions().is_empty());
        let silent =
            KeyAttributes { always_sensitive: Absent, never_extractable: Absent, local: Absent, ..SOUND };
        assert!(silent.contradictions().is_empty());
        let restored =
            KeyAttributes { local: False, always_sensitive: False, never_extractable: False, ..SOUND };
        assert!(restored.contradictions().is_empty());
        for (attributes, count) in [
            (KeyAttributes { extractable: True, ..SOUND }, 1),
            (KeyAttributes { sensitive: False, ..SOUND }, 1),
            (KeyAttributes { local: False, ..SOUND }, 2),
        ] {
            assert_eq!(attributes.contradictions().len(), count, "{attributes:?}");
        }
    }

    #[test]
    fn a_roots_key_stays_on_its_token_and_does_nothing_but_sign() {
        assert_eq!(SOUND.findings(), Vec::<String>::new());
        for (attributes, finding) in [
            (KeyAttributes { token: False, ..SOUND }, "CKA_TOKEN is false, not true"),
            (KeyAttributes { private: False, ..SOUND }, "CKA_PRIVATE is false, not true"),
            (KeyAttributes { sensitive: Absent, ..SOUND }, "the token does not say CKA_SENSITIVE"),
            (KeyAttributes { extractable: Absent, ..SOUND }, "the token does not say CKA_EXTRACTABLE"),
            (KeyAttributes { always_sensitive: False, ..SOUND }, "CKA_ALWAYS_SENSITIVE is false, not true"),
            (KeyAttributes { never_extractable: False, ..SOUND }, "CKA_NEVER_EXTRACTABLE is false, not true"),
            (KeyAttributes { sign: Absent, ..SOUND }, "the token does not say CKA_SIGN"),
            (KeyAttributes { decrypt: True, ..SOUND }, "CKA_DECRYPT is true, not false"),
            (KeyAttributes { unwrap: True, ..SOUND }, "CKA_UNWRAP is true, not false"),
            (KeyAttributes { derive: True, ..SOUND }, "CKA_DERIVE is true, not false"),
        ] {
            assert_eq!(attributes.findings(), [finding]);
        }
        let elsewhere = KeyAttributes { local: False, ..SOUND };
        assert_eq!(elsewhere.findings().first().map(String::as_str), Some("CKA_LOCAL is false, not true"));
        let silent =
            KeyAttributes { private: Absent, local: Absent, decrypt: Absent, unwrap: Absent, ..SOUND };
        assert_eq!(silent.findings(), Vec::<String>::new());
        assert_eq!(silent.unsaid(), ["CKA_PRIVATE", "CKA_LOCAL", "CKA_DECRYPT", "CKA_UNWRAP"]);
    }
}
