use serde::{Deserialize, Serialize};

use super::hex::Hex;
use super::json::demand_format;
use super::{
    CustodyAct, Digest, Duty, DutyRef, Environment, EvidenceForm, FileName, FileRef, Instant, JsonError,
    KeyAlgorithm, Magic, Mode, Name, NamedDigest, PinEncoding, Rehearses, Role, SerialNumber, ShareSetName,
    StepKind, Waiver, Window, from_json, to_json,
};

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

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedStep {
    /// Unique in the plan; the same on paper, on screen and in the record.
    pub id: Name,
    /// What is done.
    pub action: Action,
}

/// What a step does, every value resolved. Only kinds that can be run are here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Action {
    /// Takes a token over, so that a quorum of shares opens it, or its own quorum does.
    Provision {
        /// Token name.
        token: Name,
        /// CKA label that the token gets or has, at most 32 bytes.
        label: String,
        /// How the token is taken over.
        mode: ProvisionMode,
        /// Whether `init` may destroy what is on the token; its serial number is then typed first.
        wipe: bool,
        /// The shares that open it; absent where the token holds its own quorum.
        shares: Option<Shares>,
        /// What PINs look like that follow from shares.
        encoding: PinEncoding,
    },
    /// Replaces the shares that open tokens: deals a new set, or brings further tokens onto the newest one.
    Reshare {
        /// Which set.
        set: ShareSetName,
        /// Epochs of the shares that open the tokens until then, or may: more than one where an earlier ceremony stopped
        /// half-way. Empty for the first shares of a set.
        from: Vec<u32>,
        /// The shares that open them afterwards.
        to: Shares,
        /// The tokens that are moved, in order.
        tokens: Vec<Name>,
    },
    /// Replaces the roster, from the next ceremony on.
    ChangeRoster {
        /// The new roster, one of the plan's inputs.
        roster: FileRef,
        /// Who is on it and was not.
        joins: Vec<Name>,
        /// Who is no longer.
        leaves: Vec<Name>,
        /// Who stays with another key.
        new_keys: Vec<Name>,
    },
    /// Makes a key pair.
    GenerateKey {
        /// Token name.
        token: Name,
        /// Curve and hash.
        algorithm: KeyAlgorithm,
        /// CKA_LABEL of both halves, unused until then.
        label: String,
    },
    /// Issues a root certificate.
    SelfSign {
        /// The key that signs and is certified.
        key: KeyRef,
        /// Always [`Profile::Root`].
        profile: Profile,
        /// basicConstraints pathLenConstraint; absent means unlimited.
        path_length: Option<u8>,
        /// Subject and issuer.
        subject: Subject,
        /// Drawn once at plan time.
        serial: SerialNumber,
        /// notBefore and notAfter.
        validity: Window,
        /// SHA-256 of the TBSCertificate, where the key was known at plan time.
        tbs_sha256: Option<Digest>,
    },
    /// Issues an intermediate certificate from a CSR.
    SignIntermediate {
        /// Who signs.
        issuer: IssuerRef,
        /// The request, one of the plan's inputs.
        csr: FileRef,
        /// The rules of the certificate.
        profile: Profile,
        /// basicConstraints pathLenConstraint.
        path_length: Option<u8>,
        /// From the request, or set by the ceremony file.
        subject: Subject,
        /// SHA-256 of the request's DER SubjectPublicKeyInfo, the only other thing taken from it.
        spki_sha256: Digest,
        /// What the request asked for and what became of it.
        asked: Vec<Asked>,
        /// Drawn once at plan time.
        serial: SerialNumber,
        /// notBefore and notAfter.
        validity: Window,
        /// SHA-256 of the TBSCertificate, where the issuer was known at plan time.
        tbs_sha256: Option<Digest>,
    },
    /// Decides a revocation; carried by every later CRL of that issuer.
    Revoke {
        /// Who issued the certificate.
        issuer: IssuerRef,
        /// As the ceremony file names it.
        certificate: String,
        /// What becomes an entry.
        entry: CrlEntry,
    },
    /// Issues a CRL.
    IssueCrl {
        /// Who signs.
        issuer: IssuerRef,
        /// cRLNumber (RFC 5280 5.2.3), greater than every one before, those of aborted ceremonies included.
        number: u64,
        /// thisUpdate.
        this_update: Instant,
        /// nextUpdate.
        next_update: Instant,
        /// In order of serial number.
        entries: Vec<CrlEntry>,
        /// SHA-256 of the TBSCertList, where the issuer was known at plan time.
        tbs_sha256: Option<Digest>,
    },
    /// People read independent clocks.
    Clock {
        /// How many people read one.
        readers: u8,
        /// Greatest difference from the host's clock that passes, in seconds.
        tolerance_seconds: u32,
        /// Whether somebody also brings what nobody could know earlier.
        beacon: bool,
    },
    /// Somebody reads a digest aloud from their own paper.
    ReadAloud {
        /// Who.
        by: Role,
        /// Which digest.
        named: NamedDigest,
    },
    /// People state a sentence, or why they will not.
    Attest {
        /// Everybody who is there in one of these roles.
        by: Vec<Role>,
        /// What they state.
        text: String,
    },
    /// Two people read the number of a bag, and it is opened, closed or left.
    Custody {
        /// What lies in it.
        item: Name,
        /// What is done.
        act: CustodyAct,
        /// The number that it was sealed under, from the ledger or the ceremony file; absent where a step of this plan seals it
        /// before, or where a new bag is closed.
        expected: Option<String>,
        /// Where it is afterwards.
        place: Option<String>,
    },
    /// Takes in a file from a device.
    ImportEvidence {
        /// Which device it is about.
        token: Name,
        /// Its form.
        form: EvidenceForm,
        /// Its name in the exchange directory.
        file: FileName,
    },
    /// The ceremony pauses.
    Break {
        /// Why, for people.
        reason: String,
        /// How long it is expected to take.
        minutes: u32,
        /// Whether a quorum opens the tokens again afterwards.
        shares: SharesAfterBreak,
    },
    /// A person confirms a sentence.
    Confirm {
        /// Who.
        by: Role,
        /// What is confirmed.
        text: String,
        /// The duty of an earlier ceremony that is done with this.
        discharges: Option<DutyRef>,
    },
}

impl Action {
    /// The kind that the ceremony file names.
    pub fn kind(&self) -> StepKind {
        match self {
            Self::Provision { .. } => StepKind::Provision,
            Self::Reshare { .. } => StepKind::Reshare,
            Self::ChangeRoster { .. } => StepKind::ChangeRoster,
            Self::GenerateKey { .. } => StepKind::GenerateKey,
            Self::SelfSign { .. } => StepKind::SelfSign,
            Self::SignIntermediate { .. } => StepKind::SignIntermediate,
            Self::Revoke { .. } => StepKind::Revoke,
            Self::IssueCrl { .. } => StepKind::IssueCrl,
            Self::Clock { .. } => StepKind::Clock,
            Self::ReadAloud { .. } => StepKind::ReadAloud,
            Self::Attest { .. } => StepKind::Attest,
            Self::Custody { .. } => StepKind::Custody,
            Self::ImportEvidence { .. } => StepKind::ImportEvidence,
            Self::Break { .. } => StepKind::Break,
            Self::Confirm { .. } => StepKind::Confirm,
        }
    }

    /// The shares that the step deals.
    pub fn deals(&self) -> Option<&Shares> {
        match self {
            Self::Provision { shares: Some(shares @ Shares::New { .. }), .. }
            | Self::Reshare { to: shares @ Shares::New { .. }, .. } => Some(shares),
            _ => None,
        }
    }

    /// The tokens whose PINs the step sets.
    pub fn sets_pins_of(&self) -> &[Name] {
        match self {
            Self::Provision { token, shares: Some(_), .. } => std::slice::from_ref(token),
            Self::Reshare { tokens, .. } => tokens,
            _ => &[],
        }
    }

    /// The serial number that the step puts into a certificate.
    pub fn serial(&self) -> Option<&SerialNumber> {
        match self {
            Self::SelfSign { serial, .. } | Self::SignIntermediate { serial, .. } => Some(serial),
            _ => None,
        }
    }

    /// The TBS digest, for steps that make a signature: `Some(None)` where the key is not known yet.
    pub fn tbs_sha256(&self) -> Option<Option<Digest>> {
        match self {
            Self::SelfSign { tbs_sha256, .. }
            | Self::SignIntermediate { tbs_sha256, .. }
            | Self::IssueCrl { tbs_sha256, .. } => Some(*tbs_sha256),
            _ => None,
        }
    }
}

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

/// A certificate profile: which extensions, with which values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// Self-signed CA certificate.
    Root,
    /// CA certificate under a root.
    Intermediate,
}

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
