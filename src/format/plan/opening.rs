use serde::{Deserialize, Serialize};

use crate::format::{Name, ShareSetName};

/// What a break means for the tokens that are open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SharesAfterBreak {
    /// Nobody is logged in during the break; the next step that needs a token asks for shares again.
    EnteredAgain,
    /// The tokens stay open. Never in production.
    Kept,
}

/// How a token is taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProvisionMode {
    /// C_InitToken and C_InitPIN.
    Init,
    /// C_SetPIN on a token that something else initialised: both of its PINs are replaced.
    SetPin,
    /// Nothing is set: the token holds its own quorum.
    Adopt,
}

/// The shares that open a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "dealt", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Shares {
    /// In this step.
    #[serde(rename = "here")]
    New {
        /// Which set.
        set: ShareSetName,
        /// 1 for a set's first shares, one more at each reshare.
        epoch: u32,
        /// T of T-of-N.
        threshold: u8,
        /// Share index 1 to N, in order.
        holders: Vec<Name>,
    },
    /// In an earlier step or ceremony.
    #[serde(rename = "before")]
    Dealt {
        /// Which set.
        set: ShareSetName,
        /// Of that epoch.
        epoch: u32,
    },
}

impl Shares {
    /// Which set, and its epoch.
    pub fn set_and_epoch(&self) -> (ShareSetName, u32) {
        match self {
            Self::New { set, epoch, .. } | Self::Dealt { set, epoch } => (*set, *epoch),
        }
    }
}
