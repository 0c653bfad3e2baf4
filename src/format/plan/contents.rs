use serde::{Deserialize, Serialize};

use crate::format::{Hex, Instant, SerialNumber};

/// A distinguished name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// DER Name (RFC 5280 4.1.2.4); these bytes go into the certificate.
    pub der: Hex,
    /// The same for people, most significant attribute first.
    pub text: String,
}

/// Something a request asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Name or dotted object identifier of the attribute or extension.
    pub what: String,
    /// What became of it.
    pub decision: AskedDecision,
}

/// What became of something that a request asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AskedDecision {
    /// The certificate has what was asked.
    Honoured,
    /// The profile or the ceremony file sets another value.
    Overridden,
    /// The certificate has nothing of the kind.
    Ignored,
}

/// One entry of a CRL (RFC 5280 5.1.2.6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrlEntry {
    /// userCertificate.
    pub serial: SerialNumber,
    /// revocationDate.
    pub at: Instant,
    /// reasonCode.
    pub reason: ReasonCode,
}

/// CRLReason (RFC 5280 5.3.1), the values that make sense for a CA certificate (BR 7.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReasonCode {
    /// 1
    KeyCompromise,
    /// 2
    CaCompromise,
    /// 3
    AffiliationChanged,
    /// 4
    Superseded,
    /// 5
    CessationOfOperation,
    /// 9
    PrivilegeWithdrawn,
}

impl ReasonCode {
    /// The ENUMERATED value.
    pub fn code(self) -> u8 {
        match self {
            Self::KeyCompromise => 1,
            Self::CaCompromise => 2,
            Self::AffiliationChanged => 3,
            Self::Superseded => 4,
            Self::CessationOfOperation => 5,
            Self::PrivilegeWithdrawn => 9,
        }
    }
}
