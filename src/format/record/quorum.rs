use serde::{Deserialize, Serialize};

use crate::format::{Digest, Hex, Name};

/// Which secret a set of shares rebuilds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShareSetName {
    /// The PINs of tokens.
    Operate,
    /// The key that seals wrapped backups.
    Recovery,
}

/// A quorum secret and the public side of its shares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SharesSplit {
    /// In which step.
    pub step: Name,
    /// Which secret.
    pub set: ShareSetName,
    /// 4 random octets that name this split; printed on every sheet.
    pub set_id: Hex,
    /// 1 for a set's first split, one more at each reshare.
    pub epoch: u32,
    /// T of T-of-N.
    pub threshold: u8,
    /// In order of index, 1 to N.
    pub shares: Vec<ShareCommitment>,
    /// HKDF of the secret for this purpose (`docs/record-format.md`): says whether a rebuilt secret is right.
    pub check: Digest,
}

/// What is public of one share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareCommitment {
    /// 1-based; SLIP-39's member index plus one.
    pub index: u8,
    /// Who holds it.
    pub holder: Name,
    /// SHA-256 of these lines, each ended by a line feed: `anchorite-share/v1`, ceremony identifier, set id,
    /// index, the 33 words with single spaces.
    pub commitment: Digest,
}

/// How PINs follow from a quorum secret. Frozen: whatever the token says later, the same PINs come out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinPolicy {
    /// In which step.
    pub step: Name,
    /// Name of the token whose PINs they are.
    pub token: Name,
    /// 16 random octets, drawn before the token has a serial number.
    pub token_id: Hex,
    /// The split that opens it.
    pub set_id: Hex,
    /// The set's epoch.
    pub epoch: u32,
    /// The symbols a PIN is made of.
    pub alphabet: String,
    /// How many symbols.
    pub length: u8,
    /// What the token is given, with `{pin}` in the place of the symbols.
    pub template: String,
    /// log2 of the number of possible PINs, rounded down.
    pub entropy_bits: u32,
}
