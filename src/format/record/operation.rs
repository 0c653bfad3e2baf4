use serde::{Deserialize, Serialize};

use super::KeyAttributes;
use crate::format::{Base64, Digest, Hex, KeyAlgorithm, Name};

/// A call with a side effect, before it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperationIntent {
    /// 1 for the first of a ceremony, then one more each.
    pub op: u64,
    /// In which step.
    pub step: Name,
    /// On which token.
    pub token: Name,
    /// What is called.
    pub call: Call,
}

impl OperationIntent {
    /// CKA_ID of both halves of the key that operation `op` of a ceremony makes: the first 16 octets of SHA-256 of
    /// `anchorite-key-id/v1`, the ceremony's identifier and `op`, each ended by a line feed.
    ///
    /// After a crash it tells a key of this ceremony from any other.
    pub fn key_id(ceremony: &Digest, op: u64) -> Hex {
        let digest = Digest::of(format!("anchorite-key-id/v1\n{ceremony}\n{op}\n").as_bytes());
        Hex(digest.as_bytes().iter().take(16).copied().collect())
    }
}

/// A PKCS#11 function with a side effect, and its public arguments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "function", deny_unknown_fields)]
pub enum Call {
    /// Initialises the token and sets the security officer's PIN.
    #[serde(rename = "C_InitToken")]
    InitToken {
        /// The label it gets.
        label: String,
        /// Serial number of the token whose content is lost; absent for a blank one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wipes: Option<String>,
    },
    /// Sets the user's PIN, logged in as security officer.
    #[serde(rename = "C_InitPIN")]
    InitPin {},
    /// Replaces a PIN. A wrong old one costs a try.
    #[serde(rename = "C_SetPIN")]
    SetPin {
        /// Whose.
        of: PinOwner,
    },
    /// Logs in. A wrong PIN costs a try.
    #[serde(rename = "C_Login")]
    Login {
        /// As whom.
        of: PinOwner,
        /// How the token learns that they may.
        path: LoginPath,
    },
    /// Makes a key pair.
    #[serde(rename = "C_GenerateKeyPair")]
    GenerateKeyPair {
        /// Curve and hash.
        algorithm: KeyAlgorithm,
        /// CKA_LABEL of both halves.
        label: String,
        /// CKA_ID of both halves ([`OperationIntent::key_id`]).
        key_id: Hex,
    },
    /// Removes one half of a key that an interruption left in doubt, where officers want that.
    #[serde(rename = "C_DestroyObject")]
    DestroyObject {
        /// Which half.
        class: KeyHalf,
        /// CKA_ID of both halves.
        key_id: Hex,
    },
    /// Signs a digest.
    #[serde(rename = "C_Sign")]
    Sign {
        /// SHA-256 of the TBS.
        tbs_sha256: Digest,
        /// SHA-256 of the signing key's DER SubjectPublicKeyInfo.
        spki_sha256: Digest,
        /// CKM name.
        mechanism: String,
    },
}

/// One half of a key pair (CK_OBJECT_CLASS).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyHalf {
    /// CKO_PUBLIC_KEY.
    PublicKey,
    /// CKO_PRIVATE_KEY.
    PrivateKey,
}

impl std::fmt::Display for KeyHalf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::PublicKey => "public half",
            Self::PrivateKey => "private half",
        })
    }
}

/// Whose PIN (CK_USER_TYPE).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PinOwner {
    /// CKU_USER: uses the keys.
    User,
    /// CKU_SO: sets the user's PIN.
    SecurityOfficer,
}

/// How a token learns that a login is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LoginPath {
    /// A PIN in the call.
    Pin,
    /// On the device itself (CKF_PROTECTED_AUTHENTICATION_PATH): the call has no PIN.
    Device,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperationResult {
    /// The intent's number.
    pub op: u64,
    /// CKR name, `CKR_0x...` where the standard has none, or `none` where the answer could not be used.
    pub rv: String,
    /// After C_GenerateKeyPair.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<KeyEvidence>,
    /// After C_Sign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<SignatureMade>,
}

/// A signature that a token returned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignatureMade {
    /// As it stands in the certificate or CRL: for ECDSA a DER `Ecdsa-Sig-Value`; what the token returned, where
    /// that could not be read.
    pub value: Base64,
    /// Whether it verified in software under the expected key.
    pub verified: bool,
}

/// A new key as it was read back from the token.
// serde does not refuse unknown members beside flattened ones; the reader does, because it demands its input back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyEvidence {
    /// DER SubjectPublicKeyInfo.
    pub spki: Base64,
    /// SHA-256 of it.
    pub spki_sha256: Digest,
    /// Of the private key, in the record as members of this object.
    #[serde(flatten)]
    pub attributes: KeyAttributes,
    /// Sentences about attributes that cannot be true together.
    pub contradictions: Vec<String>,
}
