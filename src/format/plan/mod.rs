mod adopted;
mod contents;
mod extensions;
mod opening;
mod profile;
mod references;
mod step;
mod values;

use serde::{Deserialize, Serialize};

use super::json::demand_format;
use super::{
    Digest, Duty, Environment, FileRef, Instant, JsonError, Magic, Mode, Name, NamedDigest, Rehearses,
    Waiver, Window, from_json, to_json,
};

pub use adopted::{AdoptedCertificate, AdoptedList, adopted_name};
pub use contents::{Asked, AskedDecision, CrlEntry, ReasonCode, Subject};
pub use extensions::{CertificateExtensions, KeyPurpose, NameConstraints, Subtrees};
pub use opening::{ProvisionMode, Shares, SharesAfterBreak};
pub use profile::Profile;
pub use references::{CertifiedRef, IssuerRef, KeyRef};
pub use step::{Action, PlannedStep};
pub use values::{DnsConstraint, HttpUrl, IpConstraint, MalformedValue, PolicyId, SpiffeId, UriConstraint};

/// A ceremony with every choice made: what officers approve and the run carries out.
///
/// `plan.json` is its one encoding ([`to_json`], no final line feed); the SHA-256 of that file is the plan digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// What [`Plan::FORMAT`] is called in its mode.
    pub v: String,
    /// Program and version that resolved it.
    pub tool: String,
    /// Ceremony or rehearsal.
    pub mode: Mode,
    /// Of which authority.
    pub authority: Name,
    /// Never mixed within one authority.
    pub environment: Environment,
    /// SPIFFE trust domain, where there is one.
    pub trust_domain: Option<String>,
    /// Slug of the bundle's directory name.
    pub name: Name,
    /// For people.
    pub title: String,
    /// The document that allows this ceremony.
    pub policy: Option<String>,
    /// Where it is held: the site and the room.
    pub place: Option<String>,
    /// Who records it and on what: cameras, media.
    pub recording: Option<String>,
    /// When the next ceremony is held at the latest; the CRLs of this one last until then.
    pub next_ceremony: Option<Instant>,
    /// 1 for the genesis, then one more each.
    pub ordinal: u64,
    /// Head of the record before, [`Digest::ZERO`] for the genesis.
    pub previous_head: Digest,
    /// SHA-256 of the roster file.
    pub roster_sha256: Digest,
    /// SHA-256 of the ceremony file.
    pub script_sha256: Digest,
    /// When it may run.
    pub window: Window,
    /// Rules that it may break, no rule twice. Who approves the plan approves these.
    pub waivers: Vec<Waiver>,
    /// What has to be done afterwards: the written ones in the order of the file, then those that follow from steps, in their
    /// order.
    pub duties: Vec<Duty>,
    /// What it rehearses; only a rehearsal's plan says so.
    pub rehearses: Option<Rehearses>,
    /// How many days may lie between the end of a rehearsal and the ceremony, where it has to be rehearsed.
    pub rehearsed_within_days: Option<u32>,
    /// Names of the tokens it uses, in order of first use; the binding says which tokens they are.
    pub tokens: Vec<Name>,
    /// Files under `inputs/`, copied into the bundle's `artifacts/` under the same name.
    pub inputs: Vec<FileRef>,
    /// In order.
    pub steps: Vec<PlannedStep>,
}

impl Plan {
    /// The value of `v`.
    pub const FORMAT: Magic =
        Magic { ceremony: "anchorite-plan/v1", rehearsal: "anchorite-rehearsal-plan/v1" };

    /// Reads the `plan.json` of a ceremony.
    ///
    /// # Errors
    /// [`JsonError`]; another format version is an error of shape.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        Self::parse_in(bytes, Mode::Ceremony)
    }

    /// Reads the `plan.json` of a ceremony or of a rehearsal.
    ///
    /// # Errors
    /// [`JsonError`]; the other mode's plan is one, and so is another format version.
    pub fn parse_in(bytes: &[u8], mode: Mode) -> Result<Self, JsonError> {
        let plan: Self = from_json(bytes)?;
        demand_format("the plan", Self::FORMAT, &plan.v, mode)?;
        mode.demand(plan.mode)?;
        if plan.rehearses.is_some() != (mode == Mode::Rehearsal) {
            let reason = "`rehearses` is what a rehearsal's plan has, and only that".to_owned();
            return Err(JsonError::Shape { reason, line: 1, column: 1 });
        }
        Ok(plan)
    }

    /// The bytes of `plan.json`.
    ///
    /// # Errors
    /// None that a plan can cause; see [`to_json`].
    pub fn encode(&self) -> Result<Vec<u8>, JsonError> {
        to_json(self)
    }

    /// The roster that this plan brings in, where it changes the people.
    pub fn incoming_roster(&self) -> Option<&FileRef> {
        self.steps.iter().find_map(|step| match &step.action {
            Action::ChangeRoster { roster, .. } => Some(roster),
            _ => None,
        })
    }

    /// Everybody who gets a new key by this plan: who joins, and whose key changes.
    pub fn new_key_holders(&self) -> Vec<Name> {
        self.steps
            .iter()
            .flat_map(|step| match &step.action {
                Action::ChangeRoster { joins, new_keys, .. } => [joins.as_slice(), new_keys].concat(),
                _ => Vec::new(),
            })
            .collect()
    }

    /// The digest that people read aloud; `plan_sha256` is the plan's own.
    pub fn digest_named(&self, named: &NamedDigest, plan_sha256: Digest) -> Digest {
        match named {
            NamedDigest::Plan {} => plan_sha256,
            NamedDigest::Roster {} => self.roster_sha256,
            NamedDigest::Script {} => self.script_sha256,
            NamedDigest::PreviousHead {} => self.previous_head,
            NamedDigest::Input { file } => file.sha256,
        }
    }

    /// The step of that id.
    pub fn step(&self, id: &Name) -> Option<&PlannedStep> {
        self.steps.iter().find(|step| step.id == *id)
    }
}
