use serde::{Deserialize, Serialize};

use crate::format::{Digest, FileRef, Name};

/// Which key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "kebab-case", deny_unknown_fields)]
pub enum KeyRef {
    /// Made by a step of this plan.
    Step {
        /// The `generate-key` step.
        id: Name,
    },
    /// Made in an earlier ceremony.
    Ledger {
        /// Of that ceremony.
        ordinal: u64,
        /// The `generate-key` step.
        id: Name,
        /// Name of the token that holds it.
        token: Name,
        /// SHA-256 of its DER SubjectPublicKeyInfo.
        spki_sha256: Digest,
    },
}

/// Which CA certificate issues.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "kebab-case", deny_unknown_fields)]
pub enum IssuerRef {
    /// Made by a step of this plan.
    Step {
        /// The `self-sign` step.
        id: Name,
    },
    /// Made in an earlier ceremony.
    Ledger {
        /// Of that ceremony.
        ordinal: u64,
        /// The `self-sign` step.
        id: Name,
        /// The certificate, one of the plan's inputs.
        certificate: FileRef,
        /// The key that signs; always from the ledger too.
        key: KeyRef,
    },
}

/// Which CA certificate is certified once more: its subject, key and key identifier are copied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "kebab-case", deny_unknown_fields)]
pub enum CertifiedRef {
    /// Made by a step of this plan.
    Step {
        /// The `self-sign` step.
        id: Name,
    },
    /// Made in an earlier ceremony.
    Ledger {
        /// Of that ceremony.
        ordinal: u64,
        /// The `self-sign` step.
        id: Name,
        /// The certificate, one of the plan's inputs.
        certificate: FileRef,
        /// SHA-256 of its DER SubjectPublicKeyInfo.
        spki_sha256: Digest,
    },
    /// The root of another organisation.
    Input {
        /// The certificate, one of the plan's inputs.
        certificate: FileRef,
        /// SHA-256 of its DER SubjectPublicKeyInfo.
        spki_sha256: Digest,
    },
}

impl CertifiedRef {
    /// The certificate's file, where it is one of the plan's inputs.
    pub fn file(&self) -> Option<&FileRef> {
        match self {
            Self::Step { .. } => None,
            Self::Ledger { certificate, .. } | Self::Input { certificate, .. } => Some(certificate),
        }
    }
}
