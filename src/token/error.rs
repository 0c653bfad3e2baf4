use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::format::{Digest, KeyAlgorithm, KeyHalf, Name, PinOwner, StatementAlgorithm, TokenAddress};

use super::curve;
use super::description::TokenDescription;
use super::return_value::{Category, ReturnValue};

/// Why a token did not do, or was not asked to do, what was wanted.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The module's file cannot be read, or its copy in memory not be made.
    #[error("the module {} cannot be read: {source}", path.to_string_lossy().escape_debug())]
    ModuleFile {
        /// As it was given.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is another one than was reviewed; nothing of it was loaded.
    #[error(
        "the module {} has SHA-256 {found}, expected was {expected}; it was not loaded",
        path.to_string_lossy().escape_debug()
    )]
    ModuleDigest {
        /// As it was given.
        path: PathBuf,
        /// What the binding says.
        expected: Digest,
        /// What the file has.
        found: Digest,
    },
    /// The file is no shared library for this machine, or lacks a library of its own.
    #[error("the module {} cannot be loaded: {}", path.to_string_lossy().escape_debug(), reason.escape_debug())]
    ModuleLoad {
        /// As it was given.
        path: PathBuf,
        /// What the loader says.
        reason: String,
    },
    /// C_Initialize is global to a process, and so is a login: a second module would share neither or both.
    #[error("this process has a module loaded already")]
    SecondModule,
    /// No token has the address.
    #[error("no token {}; {}", Address(address, 1), Candidates(candidates))]
    NoToken {
        /// What was looked for.
        address: TokenAddress,
        /// Every token that the module shows.
        candidates: Vec<TokenDescription>,
    },
    /// Several tokens have the address.
    #[error("{count} tokens {}, exactly one is expected", Address(address, *count))]
    Ambiguous {
        /// What was looked for.
        address: TokenAddress,
        /// How many there are.
        count: usize,
    },
    /// C_InitToken would wipe a token that is in use.
    #[error(
        "the token with serial `{}` and label `{}` is initialised already; initialising it would destroy what it holds",
        serial.escape_debug(), label.escape_debug()
    )]
    NotBlank {
        /// Its serial number.
        serial: String,
        /// Its label.
        label: String,
    },
    /// Another token than the one whose content may be destroyed.
    #[error("the token has the serial `{}`, and the one to be wiped has `{}`", found.escape_debug(), expected.escape_debug())]
    OtherSerial {
        /// As it was confirmed.
        expected: String,
        /// As the token says.
        found: String,
    },
    /// The token has no way to authenticate people on the device itself.
    #[error("the token has no protected authentication path (CKF_PROTECTED_AUTHENTICATION_PATH)")]
    NoProtectedPath,
    /// The token is not initialised, so it has neither PINs nor objects.
    #[error("the token is not initialised yet")]
    Blank,
    /// The device's profile says that C_InitToken is not for this device.
    #[error("devices of profile `{profile}` are not initialised through PKCS#11")]
    InitialiseForbidden {
        /// The profile's name.
        profile: Name,
    },
    /// A token's label has 32 bytes; a longer one would be cut, and two long ones could become one.
    #[error("a token's label is 1 to 32 bytes long, this one has {bytes}")]
    Label {
        /// Its length in UTF-8.
        bytes: usize,
    },
    /// A PIN is text in PKCS#11 (CK_UTF8CHAR).
    #[error("the PIN is not UTF-8")]
    PinNotUtf8,
    /// One more wrong PIN would lock the token. Nothing was tried.
    #[error("one more wrong PIN locks the {owner} PIN; it was not tried")]
    FinalTry {
        /// Whose PIN.
        owner: PinOwner,
    },
    /// The token no longer takes this PIN. Nothing was tried.
    #[error("the {owner} PIN is locked; it was not tried")]
    Locked {
        /// Whose PIN.
        owner: PinOwner,
    },
    /// An object with the label is on the token already.
    #[error("the label `{}` is taken: {count} objects on the token have it", label.escape_debug())]
    LabelTaken {
        /// The label.
        label: String,
        /// How many objects have it.
        count: usize,
    },
    /// Half of the key pair is not on the token, or cannot be seen.
    #[error("the token shows no {half} of the key `{}`", label.escape_debug())]
    NoKey {
        /// The key's label.
        label: String,
        /// Which half.
        half: KeyHalf,
    },
    /// Several objects could be meant, and none is taken.
    #[error("{count} objects on the token could be the {half} of `{}`, exactly one must be", label.escape_debug())]
    AmbiguousKey {
        /// The key's label.
        label: String,
        /// Which half.
        half: KeyHalf,
        /// How many there are.
        count: usize,
    },
    /// A new key's CKA_EC_POINT is no uncompressed point of the right length.
    #[error("the public key that the token made is no uncompressed point for {algorithm}")]
    PublicPoint {
        /// What was asked for.
        algorithm: KeyAlgorithm,
    },
    /// A new key on a card whose public half cannot be read back.
    #[error("the public key that the card made is none for {algorithm}")]
    CardPublicKey {
        /// What was asked for.
        algorithm: StatementAlgorithm,
    },
    /// A card that makes a key otherwise than it was asked to.
    #[error("the card made the key `{}` so that it can leave", label.escape_debug())]
    CardKeyLeaves {
        /// The key's label.
        label: String,
    },
    /// Tokens sign whatever length they are given, so it is checked before.
    #[error("a digest for {algorithm} has {} bytes, this one has {found}", curve::digest_bytes(*algorithm))]
    DigestLength {
        /// The key's algorithm.
        algorithm: KeyAlgorithm,
        /// In bytes.
        found: usize,
    },
    /// The token's answer is no r||s of the curve.
    #[error("a signature for {algorithm} has {} bytes, the token gave {found}", 2 * curve::field_bytes(*algorithm))]
    SignatureLength {
        /// The key's algorithm.
        algorithm: KeyAlgorithm,
        /// In bytes.
        found: usize,
    },
    /// A binding names a device profile that is none of the built-in ones.
    #[error("`{name}` is no device profile; the known ones are {}", super::DeviceProfile::NAMES.join(", "))]
    Profile {
        /// The name.
        name: Name,
    },
    /// A PKCS#11 function returned an error.
    #[error("{function} answered {rv}: {}", rv.category().meaning())]
    Pkcs11 {
        /// Its name, `C_...`.
        function: String,
        /// What it returned.
        rv: ReturnValue,
    },
    /// The module does something that PKCS#11 does not allow.
    #[error("the module does not keep to PKCS#11: {}", reason.escape_debug())]
    Answer {
        /// What it does.
        reason: String,
    },
}

impl Error {
    /// What the token returned, as records spell it; `None` where no function of the token answered.
    pub fn rv(&self) -> Option<String> {
        match self {
            Self::Pkcs11 { rv, .. } => Some(rv.to_string()),
            _ => None,
        }
    }

    /// What the return value means; `None` where no function of the token answered.
    pub fn category(&self) -> Option<Category> {
        match self {
            Self::Pkcs11 { rv, .. } => Some(rv.category()),
            _ => None,
        }
    }

    /// What a person does about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::ModuleFile { .. } => "check the module's path and that this user may read it",
            Self::ModuleDigest { .. } => {
                "find out who changed the file; a new module needs a new binding, and officers who approve it"
            }
            Self::ModuleLoad { .. } => {
                "check that it is a PKCS#11 module for this machine and that the libraries it needs are where the \
                 loader looks (ldd, /etc/ld.so.conf.d); a path relative to the module itself is not searched"
            }
            Self::SecondModule => "let go of the first module before the second is loaded",
            Self::NoToken { .. } => {
                "check that the token is connected, and compare with `anchorite token list`; the module may need a \
                 variable in the binding"
            }
            Self::Ambiguous { .. } => "leave exactly one such token connected or configured",
            Self::NotBlank { .. } => {
                "take a blank token, or have this one erased with its maker's tools by those who may decide that"
            }
            Self::OtherSerial { .. } => "check which token is connected",
            Self::NoProtectedPath => "provision it with shares, or take a device that holds its own quorum",
            Self::Blank => "provision the token first",
            Self::InitialiseForbidden { .. } => {
                "set the token up with its maker's tools, then name it by its serial"
            }
            Self::Label { .. } => "shorten the label",
            Self::PinNotUtf8 => "check how the PIN is made",
            Self::FinalTry { .. } => {
                "log in once with the maker's tools and the right PIN, which sets the counter back, then run again"
            }
            Self::Locked { owner: PinOwner::User } => "the security officer of the token sets a new user PIN",
            Self::Locked { owner: PinOwner::SecurityOfficer } => {
                "nobody can set PINs on this token any more; only its maker's tools can erase it"
            }
            Self::LabelTaken { .. } => "choose another label, or another token",
            Self::NoKey { .. } => "check that this is the token that holds the key, and the label",
            Self::AmbiguousKey { .. } => {
                "find out where the other objects come from before anything is signed"
            }
            Self::CardPublicKey { .. } | Self::CardKeyLeaves { .. } => {
                "do not use this card, or make the key with its maker's tools"
            }
            Self::PublicPoint { .. } | Self::SignatureLength { .. } | Self::Answer { .. } => {
                "do not use this token or this version of its module for a ceremony"
            }
            Self::DigestLength { .. } => "hash with the algorithm's own hash function",
            Self::Profile { .. } => "correct the binding, or use `generic`",
            Self::Pkcs11 { rv, .. } => rv.category().remedy(),
        }
    }
}

impl From<cryptoki::error::Error> for Error {
    fn from(error: cryptoki::error::Error) -> Self {
        match error {
            cryptoki::error::Error::Pkcs11(rv, function) => Self::Pkcs11 {
                // The crate's names are those of the standard without `C_`.
                function: format!("C_{function:?}"),
                rv: ReturnValue::of(rv),
            },
            other => Self::Answer { reason: other.to_string() },
        }
    }
}

struct Address<'a>(&'a TokenAddress, usize);

impl fmt::Display for Address<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0, self.1) {
            (TokenAddress::Blank, 1) => f.write_str("is blank"),
            (TokenAddress::Blank, _) => f.write_str("are blank"),
            (TokenAddress::Serial(serial), 1) => write!(f, "has the serial `{}`", serial.escape_debug()),
            (TokenAddress::Serial(serial), _) => write!(f, "have the serial `{}`", serial.escape_debug()),
        }
    }
}

struct Candidates<'a>(&'a [TokenDescription]);

impl fmt::Display for Candidates<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("the module shows none at all");
        }
        f.write_str("the module shows ")?;
        for (place, token) in self.0.iter().enumerate() {
            let separator = if place == 0 { "" } else { ", " };
            if token.initialised {
                let (serial, label) = (token.serial.escape_debug(), token.label.escape_debug());
                write!(f, "{separator}`{serial}` (label `{label}`)")?;
            } else {
                write!(f, "{separator}a blank one")?;
            }
        }
        Ok(())
    }
}
