use serde::{Deserialize, Serialize};

use super::roster::parse_toml;
use super::{Digest, Instant, KeyAlgorithm, Name, Window};

/// A rotation of the trust anchor as a security officer writes it: which root gives way to which, who consumes them, and how
/// long things take there. `docs/rotation.md` explains each key.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Rotation {
    /// [`Rotation::FORMAT`].
    pub format: String,
    /// Of which authority.
    pub authority: Name,
    /// The `self-sign` step of the root that goes, in the ledger.
    pub old: Name,
    /// The root that comes.
    pub new: NewRoot,
    /// When the first ceremony is held, or was.
    pub start: Instant,
    /// How long people watch the new anchor before it is used.
    pub hold_days: u32,
    /// How far clocks may be apart.
    pub skew_seconds: u32,
    /// How long a ceremony's window is.
    pub window_hours: u32,
    /// Dates that people choose, later than the earliest that are safe.
    #[serde(default)]
    pub dates: ChosenDates,
    /// Everything that holds an anchor.
    pub consumer: Vec<Consumer>,
}

/// The root that comes: what its ceremony needs to know.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NewRoot {
    /// The `self-sign` step.
    pub id: Name,
    /// The `generate-key` step.
    pub key: Name,
    /// The token that makes and holds the key.
    pub token: Name,
    /// Curve and hash.
    pub algorithm: KeyAlgorithm,
    /// CKA_LABEL.
    pub label: String,
    /// O and CN of the subject, which is another than the old root's.
    pub organization: String,
    /// CN.
    pub common_name: String,
    /// notBefore and notAfter.
    pub validity: Window,
}

/// Dates that people choose; each may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ChosenDates {
    /// When consumers are given both anchors.
    pub published: Option<Instant>,
    /// When the first issuer signs under the new root.
    pub active: Option<Instant>,
    /// When no issuer signs under the old root any more.
    pub old_signing_stopped: Option<Instant>,
    /// When consumers are given the new anchor alone.
    pub old_removed: Option<Instant>,
    /// When the old key is destroyed.
    pub old_destroyed: Option<Instant>,
}

/// Something that holds an anchor, and may issue under it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Consumer {
    /// Its name in field evidence.
    pub name: Name,
    /// What it is.
    pub system: System,
    /// How it takes anchors.
    pub anchors: AnchorDelivery,
    /// Until a new bundle is everywhere in it: polling, and restarts that it takes.
    pub propagation_seconds: u32,
    /// The longest validity of what is issued in it, of a CA below the intermediate too. The permitted one, not the usual.
    pub leaf_seconds: u32,
    /// The `sign-intermediate` step of the intermediate that it runs on, where it issues.
    pub intermediate: Option<Name>,
    /// What takes the intermediate's place.
    pub successor: Option<Successor>,
}

/// An intermediate under the new root.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Successor {
    /// Its `sign-intermediate` step.
    pub id: Name,
    /// The request's file, below the directory of the ceremony files.
    pub csr: String,
    /// SHA-256 of that file.
    pub sha256: Digest,
    /// pathLenConstraint.
    pub path_length: u8,
    /// How many days it is valid.
    pub days: u32,
}

/// What takes anchors and issuers in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum System {
    /// SPIRE with the upstream authority `disk`.
    Spire,
    /// Vault or OpenBao, a PKI mount.
    Vault,
    /// cert-manager, a CA issuer.
    CertManager,
    /// Istio with plugged-in CA certificates.
    Istio,
    /// Linkerd.
    Linkerd,
    /// Consul Connect, built-in CA.
    Consul,
    /// step-ca.
    StepCa,
    /// cfssl.
    Cfssl,
    /// AWS Private CA.
    AwsPca,
    /// nginx.
    Nginx,
    /// HAProxy.
    Haproxy,
    /// Node.js.
    Node,
    /// Go programs.
    Go,
}

impl System {
    /// Each of them.
    pub const ALL: [Self; 13] = [
        Self::Spire,
        Self::Vault,
        Self::CertManager,
        Self::Istio,
        Self::Linkerd,
        Self::Consul,
        Self::StepCa,
        Self::Cfssl,
        Self::AwsPca,
        Self::Nginx,
        Self::Haproxy,
        Self::Node,
        Self::Go,
    ];
}

/// How anchors reach a consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnchorDelivery {
    /// It holds two anchors for a while.
    Two,
    /// It holds one: the old one until it is removed, then the new one. It depends on cross-certificates in chains.
    One,
    /// trust-manager spreads two anchors, beside cert-manager's own Secrets.
    TrustManager,
}

/// How far a rotation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RotationPhase {
    /// The new root is there, and certified by the old one; nobody holds it.
    Generated,
    /// Consumers hold both anchors.
    Published,
    /// Chains under the new root bring the cross-certificate along, for those who hold one anchor.
    CrossSigned,
    /// Issuers sign under the new root.
    Active,
    /// No issuer signs under the old root any more.
    OldSigningStopped,
    /// Consumers hold the new anchor alone.
    OldRemoved,
    /// The old key is destroyed.
    OldDestroyed,
}

impl RotationPhase {
    /// In order.
    pub const ALL: [Self; 7] = [
        Self::Generated,
        Self::Published,
        Self::CrossSigned,
        Self::Active,
        Self::OldSigningStopped,
        Self::OldRemoved,
        Self::OldDestroyed,
    ];
}

/// Why a file is no rotation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RotationError {
    /// Not TOML, or not a rotation's TOML.
    #[error("line {line}: {reason}")]
    Syntax {
        /// Counted from 1.
        line: usize,
        /// What the parser says.
        reason: String,
    },
    /// The file names another format.
    #[error("its format is `{found}`; `{}` is known", Rotation::FORMAT)]
    Format {
        /// What it names.
        found: String,
    },
    /// Nobody is told.
    #[error("there is no `[[consumer]]`: nobody would have to be told")]
    NoConsumer,
    /// Reports from the field name a consumer.
    #[error("two consumers are called `{name}`")]
    ConsumerTwice {
        /// The name.
        name: Name,
    },
}

impl Rotation {
    /// The value of `format`.
    pub const FORMAT: &str = "anchorite-rotation/v1";

    /// Reads a rotation file (TOML).
    ///
    /// # Errors
    /// [`RotationError`], the first that holds.
    pub fn parse(bytes: &[u8]) -> Result<Self, RotationError> {
        let rotation: Self =
            parse_toml(bytes).map_err(|(line, reason)| RotationError::Syntax { line, reason })?;
        if rotation.format != Self::FORMAT {
            return Err(RotationError::Format { found: rotation.format });
        }
        if rotation.consumer.is_empty() {
            return Err(RotationError::NoConsumer);
        }
        let twice = |(place, one): (usize, &Consumer)| {
            rotation.consumer.iter().take(place).any(|other| other.name == one.name)
        };
        match rotation.consumer.iter().enumerate().find(|one| twice(*one)) {
            Some((_, one)) => Err(RotationError::ConsumerTwice { name: one.name.clone() }),
            None => Ok(rotation),
        }
    }
}
