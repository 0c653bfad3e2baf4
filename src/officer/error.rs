use crate::format::{Digest, Environment, JsonError, Name, StatementAlgorithm};
use crate::roster::KeyProblem;

/// Why an officer's key cannot be made, unlocked or used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Too easy to guess for a key whose file may be copied.
    #[error(
        "the passphrase has {characters} characters, at least {} are needed",
        super::MIN_PASSPHRASE_CHARACTERS
    )]
    ShortPassphrase {
        /// How many it has.
        characters: usize,
    },
    /// The drawn number is no private key of its curve (FIPS 186-5 A.2.2): for P-256 a chance of 1 in 2^32.
    #[error("the number that was drawn is no private key")]
    UnusableScalar,
    /// No PEM (RFC 7468).
    #[error("the key file is not PEM")]
    NotPem,
    /// Another PEM label than `ENCRYPTED PRIVATE KEY` (RFC 5958 section 3); an unencrypted key is refused too.
    #[error("the key file holds `{label}`, not `ENCRYPTED PRIVATE KEY`")]
    Label {
        /// The label that is there.
        label: String,
    },
    /// No EncryptedPrivateKeyInfo, or one whose encryption is not PBES2 with scrypt or PBKDF2 and AES (RFC 8018).
    #[error("the key file's encryption is damaged or not PBES2 with AES")]
    UnknownEncryption,
    /// The content does not open. A damaged file looks the same.
    #[error("the passphrase does not open the key file")]
    WrongPassphrase,
    /// A key of another kind.
    #[error("the key is none of ECDSA P-256, ECDSA P-384, RSA and Ed25519")]
    UnknownKey,
    /// A key that could not stand on a roster.
    #[error("the public key {0}")]
    Public(#[from] KeyProblem),
    /// Keys of this algorithm are not made in files here.
    #[error("a key file for {algorithm} is not made here")]
    MadeElsewhere {
        /// What was asked for.
        algorithm: StatementAlgorithm,
    },
    /// RSA signs with a salt, and there is no chance to be had.
    #[error("the operating system gave no random numbers")]
    NoRandomness,
    /// The statement names another key, so this one's signature could never count on it.
    #[error("the statement is for the key with SHA-256 {statement}, this key has {key}")]
    OtherKey {
        /// SHA-256 of the SubjectPublicKeyInfo that the statement names.
        statement: Digest,
        /// SHA-256 of this key's.
        key: Digest,
    },
    /// The statement names an algorithm that is not this key's.
    #[error("the statement is for {statement}, this key signs with {key}")]
    OtherAlgorithm {
        /// As the statement says.
        statement: StatementAlgorithm,
        /// The key's.
        key: StatementAlgorithm,
    },
    /// The fresh signature does not verify: the computer cannot be trusted.
    #[error("the signature that was made does not verify")]
    BadSignature,
    /// A step that cannot fail with the values used here did.
    #[error("the key cannot be encoded")]
    Encoding,
}

/// Why a plan is nothing that this person can approve.
#[derive(Debug, thiserror::Error)]
pub enum ApprovalError {
    /// Not a plan.
    #[error("plan.json: {0}")]
    Plan(#[from] JsonError),
    /// The plan was made for other people.
    #[error("the plan is for the roster {plan}, yours is {roster}")]
    Roster {
        /// SHA-256 that the plan names.
        plan: Digest,
        /// SHA-256 of the roster that is here.
        roster: Digest,
    },
    /// The plan and the roster name different authorities.
    #[error("the plan is for the authority `{plan}`, the roster is that of `{roster}`")]
    Authority {
        /// The plan's.
        plan: Name,
        /// The roster's.
        roster: Name,
    },
    /// The plan and the roster name different environments.
    #[error("the plan is for {plan}, the roster is for {roster}")]
    Environment {
        /// The plan's.
        plan: Environment,
        /// The roster's.
        roster: Environment,
    },
    /// A first ceremony with a record before it, a later one without, or number 0.
    #[error("ceremony {ordinal} cannot follow the head {previous_head}")]
    Place {
        /// The plan's.
        ordinal: u64,
        /// The plan's.
        previous_head: Digest,
    },
    /// The roster that the plan brings in is missing or another one.
    #[error("the roster that the plan brings in is not the one that lies with the plan")]
    IncomingRoster,
    /// The plan tells of other changes than the new roster makes.
    #[error("the plan does not say of the new roster who joins, who leaves and whose key is new")]
    PeopleMistold,
    /// The signer is nobody known.
    #[error("`{name}` is not on the roster")]
    NotOnRoster {
        /// Who.
        name: Name,
    },
    /// Only a genesis is approved by others than officers.
    #[error("`{name}` is no officer, and only a genesis is approved by everybody")]
    NotAnOfficer {
        /// Who.
        name: Name,
    },
    /// The plan needs a token that the machine does not have.
    #[error("the plan uses the token `{token}`, which the binding does not name")]
    TokenNotBound {
        /// Its name in the plan.
        token: Name,
    },
}
