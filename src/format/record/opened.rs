use serde::{Deserialize, Serialize};

use crate::format::{Digest, Environment, Hex, HostState, Machine, Magic, Mode, Name, Rehearsed, Role};

/// Record 0: everything that is settled before the first act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opened {
    /// Program and version that runs it.
    pub tool: String,
    /// Of which authority.
    pub authority: Name,
    /// Never mixed within one authority.
    pub environment: Environment,
    /// Ceremony or rehearsal.
    pub mode: Mode,
    /// Slug of the bundle's directory name.
    pub name: Name,
    /// Its place in the authority.
    pub ordinal: u64,
    /// Head of the record before.
    pub previous_head: Digest,
    /// The rehearsal that the plan asks for.
    pub rehearsal: Option<Box<Rehearsed>>,
    /// SHA-256 of `artifacts/plan.json`.
    pub plan_sha256: Digest,
    /// SHA-256 of `artifacts/roster.toml`.
    pub roster_sha256: Digest,
    /// SHA-256 of `artifacts/ceremony.toml`.
    pub script_sha256: Digest,
    /// SHA-256 of `artifacts/binding.toml`.
    pub binding_sha256: Digest,
    /// 32 octets of the operating system's random number generator.
    pub nonce: Hex,
    /// 32 octets of a token's, where there was an initialised token to ask.
    pub token_nonce: Option<Hex>,
    /// Who pressed the keys.
    pub operator: OperatorKind,
    /// Where it is held, as the plan says.
    pub place: Option<String>,
    /// Who records it and on what, as the plan says.
    pub recording: Option<String>,
    /// What kept secrets in the machine's memory when the record was opened.
    pub host: HostState,
    /// Which machine it was, and what ran on it.
    pub machine: Machine,
    /// The people in the room, in the order of the roster.
    pub present: Vec<Present>,
    /// Every file that lay in the bundle when it was opened, sorted by path below the bundle.
    pub staged: Vec<StagedFile>,
}

impl Opened {
    /// The first line of what the identifier is the digest of.
    const IDENTIFIER: Magic =
        Magic { ceremony: "anchorite-ceremony-id/v1", rehearsal: "anchorite-rehearsal-ceremony-id/v1" };

    /// The identifier of this ceremony: in every record and every seal.
    ///
    /// SHA-256 of these lines, each ended by a line feed: `anchorite-ceremony-id/v1`, in a rehearsal
    /// `anchorite-rehearsal-ceremony-id/v1`; the plan, roster and
    /// binding digests; the ordinal; the previous head; the host's nonce; the token's nonce or `-`; then
    /// `NAME=TYPED` for each person present. What people typed lets nobody, the host included, prepare a record
    /// for this identifier beforehand.
    pub fn ceremony_id(&self) -> Digest {
        let Self { plan_sha256, roster_sha256, binding_sha256, ordinal, previous_head, nonce, .. } = self;
        let token_nonce = self.token_nonce.as_ref().map_or_else(|| "-".to_owned(), Hex::to_string);
        let mut text = format!(
            "{}\n{plan_sha256}\n{roster_sha256}\n{binding_sha256}\n{ordinal}\n\
             {previous_head}\n{nonce}\n{token_nonce}\n",
            Self::IDENTIFIER.of(self.mode)
        );
        for Present { name, typed, .. } in &self.present {
            text.push_str(&format!("{name}={typed}\n"));
        }
        Digest::of(text.as_bytes())
    }
}

/// Who pressed the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OperatorKind {
    /// A person at a terminal.
    Terminal,
    /// An answers file; never in production.
    Scripted,
}

/// A person in the room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Present {
    /// As the roster has it.
    pub name: Name,
    /// The roles the roster gives this person.
    pub roles: Vec<Role>,
    /// What this person typed for the ceremony's identifier: printable ASCII, public.
    pub typed: String,
}

/// A file of a bundle by its path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StagedFile {
    /// Below the bundle, with `/`.
    pub path: String,
    /// In bytes.
    pub size: u64,
    /// SHA-256 of its bytes.
    pub sha256: Digest,
}

/// What a token says of itself (CK_TOKEN_INFO), trailing spaces removed, and which module said it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenFound {
    /// The plan's name for it.
    pub token: Name,
    /// SHA-256 of the module's file.
    pub module_sha256: Digest,
    /// serialNumber.
    pub serial: String,
    /// label.
    pub label: String,
    /// manufacturerID.
    pub manufacturer: String,
    /// model.
    pub model: String,
    /// hardwareVersion, `major.minor`.
    pub hardware: String,
    /// firmwareVersion, `major.minor`.
    pub firmware: String,
    /// CKF_TOKEN_INITIALIZED.
    pub initialised: bool,
    /// CKF_USER_PIN_INITIALIZED.
    pub user_pin_set: bool,
    /// CKF_PROTECTED_AUTHENTICATION_PATH: people authenticate on the device itself.
    pub protected_authentication_path: bool,
    /// Whether a few wrong PINs lock it, as the device profile says.
    pub locks_out: bool,
    /// Tries left for the user's PIN.
    pub user_pin: PinState,
    /// Tries left for the security officer's.
    pub so_pin: PinState,
    /// ulMinPinLen, in bytes.
    pub pin_min: u64,
    /// ulMaxPinLen, in bytes.
    pub pin_max: u64,
    /// Whether the user is logged in: only then private objects are counted too.
    pub logged_in: bool,
    /// The token's objects; `None` for a token that is not initialised.
    pub objects: Option<ObjectCounts>,
}

/// How many objects of each class (CKA_CLASS) lie on a token, those of sessions left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectCounts {
    /// CKO_DATA.
    pub data: u64,
    /// CKO_CERTIFICATE.
    pub certificates: u64,
    /// CKO_PUBLIC_KEY.
    pub public_keys: u64,
    /// CKO_PRIVATE_KEY.
    pub private_keys: u64,
    /// CKO_SECRET_KEY.
    pub secret_keys: u64,
    /// Of every other class.
    pub others: u64,
}

impl ObjectCounts {
    /// All of them.
    pub fn total(&self) -> u64 {
        let Self { data, certificates, public_keys, private_keys, secret_keys, others } = self;
        [data, certificates, public_keys, private_keys, secret_keys, others].into_iter().sum()
    }
}

/// How many tries a PIN has left, as far as PKCS#11 tells (the CKF_..._PIN_... flags).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PinState {
    /// No flag is set. Not every token counts.
    Ok,
    /// COUNT_LOW: at least one wrong PIN since the last right one.
    CountLow,
    /// FINAL_TRY: one more wrong PIN locks it.
    FinalTry,
    /// LOCKED.
    Locked,
    /// TO_BE_CHANGED: the PIN is a default or has expired.
    ToBeChanged,
}
