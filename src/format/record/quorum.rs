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
