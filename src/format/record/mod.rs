mod attributes;
mod exception;
mod host;
mod machine;
mod opened;
mod operation;
mod outcome;
mod presence;
mod quorum;
mod resumed;
mod witnessed;

use serde::{Deserialize, Serialize};

pub use attributes::{AttributeState, KeyAttributes};
pub use exception::{ExceptionClass, ExceptionNoted};
pub use host::{Exposure, HostState, Protection};
pub use machine::Machine;
pub use opened::{ObjectCounts, Opened, OperatorKind, PinState, Present, StagedFile, TokenFound};
pub use operation::{
    Call, KeyEvidence, KeyHalf, LoginPath, OperationIntent, OperationResult, PinOwner, SignatureMade,
};
pub use outcome::{
    Aborted, Adopted, ArtifactKind, Closed, Destruction, FrozenTbs, Quarantined, Released, RevocationEntry,
};
pub use presence::{Arrived, BreakBegun, BreakEnded, Left, Presence};
pub use quorum::{ShareCommitment, ShareSetName, SharesSplit};
pub use resumed::{KeyDecision, KeyFate, KeySettled, MirrorFound, MirrorState, Resumed, SettledKey};
pub use witnessed::{
    Attested, Beacon, CustodyAct, CustodyNoted, EvidenceForm, EvidenceImported, MAX_EVIDENCE_BYTES,
    NamedDigest, ReadAloud,
};

use super::json::demand_format;
use super::{
    Digest, Drilled, Hex, Instant, JsonError, Magic, Mode, Name, PinPolicy, SealKind, StepKind, from_json,
    to_json,
};

/// How far the wall clock may be set back during a ceremony, in seconds.
pub const GREATEST_STEP_BACK: i64 = 60;

/// One line of `log.jsonl` without its line feed (`docs/record-format.md`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// What [`Record::FORMAT`] is called in its mode.
    pub v: String,
    /// The ceremony's identifier ([`Opened::ceremony_id`]).
    pub cer: Digest,
    /// 0 for the first record, then one more each.
    pub n: u64,
    /// SHA-256 of the line before with its line feed; [`Digest::ZERO`] in record 0.
    pub prev: Digest,
    /// The host's wall clock, which proves nothing.
    pub t: Instant,
    /// Milliseconds of CLOCK_BOOTTIME since the process began.
    pub mono: u64,
    /// What happened: the members `type` and `body`.
    #[serde(flatten)]
    pub event: Event,
}

impl Record {
    /// The value of `v`.
    pub const FORMAT: Magic = Magic { ceremony: "anchorite-log/v1", rehearsal: "anchorite-rehearsal-log/v1" };

    /// The line with its line feed.
    ///
    /// # Errors
    /// None that a record can cause; see [`to_json`].
    pub fn encode(&self) -> Result<Vec<u8>, JsonError> {
        let mut line = to_json(self)?;
        line.push(b'\n');
        Ok(line)
    }

    /// Reads a line of a ceremony's record without its line feed.
    ///
    /// # Errors
    /// [`JsonError`], also for a format version that is not known.
    pub fn parse(line: &[u8]) -> Result<Self, JsonError> {
        Self::parse_in(line, Mode::Ceremony)
    }

    /// Reads a line of a ceremony's or a rehearsal's record without its line feed.
    ///
    /// # Errors
    /// [`JsonError`], also for the other mode's line and for a format version that is not known.
    pub fn parse_in(line: &[u8], mode: Mode) -> Result<Self, JsonError> {
        let record: Self = from_json(line)?;
        demand_format("the record", Self::FORMAT, &record.v, mode)?;
        if let Event::Opened(opened) = &record.event {
            mode.demand(opened.mode)?;
        }
        Ok(record)
    }
}

impl Event {
    /// Whether it only says that a statement was accepted.
    pub fn is_about_seals(&self) -> bool {
        matches!(self, Self::SealAdded { .. })
    }
}

/// What happened. Closed: a new type is a new format version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "body", deny_unknown_fields)]
#[expect(clippy::large_enum_variant, reason = "a record is read and written one at a time")]
pub enum Event {
    /// Record 0.
    #[serde(rename = "ceremony.open")]
    Opened(Opened),
    /// What a token says of itself; again after it was initialised.
    #[serde(rename = "token.info")]
    TokenFound(TokenFound),
    /// A step begins.
    #[serde(rename = "step.start")]
    StepStarted {
        /// Which.
        step: Name,
        /// Its kind.
        kind: StepKind,
    },
    /// A step ended as planned.
    #[serde(rename = "step.done")]
    StepDone {
        /// Which.
        step: Name,
    },
    /// A person read an independent clock.
    #[serde(rename = "clock.attest")]
    ClockRead {
        /// In which step.
        step: Name,
        /// Who read it.
        reader: Name,
        /// What it showed.
        reading: Instant,
        /// The reading less the host's clock, in seconds.
        difference_seconds: i64,
    },
    /// Something that nobody could know earlier.
    #[serde(rename = "freshness.beacon")]
    Beacon(Beacon),
    /// A digest was read aloud from somebody's own paper.
    #[serde(rename = "read.aloud")]
    ReadAloud(ReadAloud),
    /// Somebody stated what the plan says, or would not.
    #[serde(rename = "attestation")]
    Attested(Attested),
    /// Two people read the number of a bag.
    #[serde(rename = "custody")]
    CustodyNoted(CustodyNoted),
    /// A file from a device was taken in.
    #[serde(rename = "evidence.imported")]
    EvidenceImported(EvidenceImported),
    /// Something was not as expected.
    #[serde(rename = "exception")]
    ExceptionNoted(ExceptionNoted),
    /// A person confirmed a sentence of the plan.
    #[serde(rename = "confirm")]
    Confirmed {
        /// In which step.
        step: Name,
        /// Who.
        by: Name,
        /// The sentence.
        text: String,
    },
    /// Somebody came into the room.
    #[serde(rename = "person.arrived")]
    Arrived(Arrived),
    /// Somebody left the room.
    #[serde(rename = "person.left")]
    Left(Left),
    /// The ceremony pauses.
    #[serde(rename = "break.begun")]
    BreakBegun(BreakBegun),
    /// The ceremony goes on.
    #[serde(rename = "break.ended")]
    BreakEnded(BreakEnded),
    /// A quorum secret was split; durable before a token depends on it.
    #[serde(rename = "quorum.split")]
    SharesSplit(SharesSplit),
    /// A holder entered the share again and it matched its commitment.
    #[serde(rename = "share.verified")]
    ShareVerified {
        /// In which step.
        step: Name,
        /// Of which split.
        set_id: Hex,
        /// 1-based.
        index: u8,
        /// Whose.
        holder: Name,
    },
    /// How PINs follow from a quorum secret; durable before the first PIN is set.
    #[serde(rename = "pin.policy")]
    PinPolicy(PinPolicy),
    /// Enough shares were entered and the rebuilt secret matched its check value.
    #[serde(rename = "quorum.met")]
    QuorumMet {
        /// In which step.
        step: Name,
        /// Of which split.
        set_id: Hex,
        /// Who entered a share, in that order.
        by: Vec<Name>,
    },
    /// A token's PINs now follow from another share set, and a login proved it.
    #[serde(rename = "token.moved")]
    TokenMoved {
        /// In which step.
        step: Name,
        /// Which token.
        token: Name,
        /// The split that opens it from now on.
        set_id: Hex,
    },
    /// No token depends on this split any more: its shares open nothing and are destroyed.
    #[serde(rename = "shares.retired")]
    SharesRetired {
        /// In which step.
        step: Name,
        /// Which split.
        set_id: Hex,
    },
    /// Other people run the authority from the next ceremony on.
    #[serde(rename = "roster.changed")]
    RosterChanged {
        /// In which step.
        step: Name,
        /// SHA-256 of the roster file until now.
        from: Digest,
        /// SHA-256 of the new one.
        to: Digest,
        /// The officer who confirmed it.
        by: Name,
    },
    /// In a rehearsal: something went wrong on purpose.
    #[serde(rename = "drill")]
    Drilled(Drilled),
    /// An interrupted ceremony goes on.
    #[serde(rename = "ceremony.resume")]
    Resumed(Resumed),
    /// A call with a side effect is about to be made on a token.
    #[serde(rename = "op.intent")]
    OperationIntent(OperationIntent),
    /// The call came back.
    #[serde(rename = "op.result")]
    OperationResult(OperationResult),
    /// What became of a key that an interruption left in doubt.
    #[serde(rename = "key.settled")]
    KeySettled(KeySettled),
    /// Every TBS that was unknown at plan time is now fixed; the authorise statements cover the log up to here.
    #[serde(rename = "tbs.frozen")]
    TbsFrozen {
        /// In the order of their steps; never empty.
        tbs: Vec<FrozenTbs>,
    },
    /// A statement and its signature were accepted.
    #[serde(rename = "seal.added")]
    SealAdded {
        /// Its kind.
        seal: SealKind,
        /// Whose.
        signer: Name,
        /// SHA-256 of `seals/KIND.SIGNER.txt`.
        statement_sha256: Digest,
        /// SHA-256 of `seals/KIND.SIGNER.sig`.
        signature_sha256: Digest,
    },
    /// A person typed the word that lets one signature be made.
    #[serde(rename = "sign.confirmed")]
    SignConfirmed {
        /// In which step.
        step: Name,
        /// What will be signed.
        tbs_sha256: Digest,
        /// Who.
        by: Name,
        /// The word that was asked for and typed.
        word: String,
    },
    /// A revocation was decided; every later CRL of that issuer carries it.
    #[serde(rename = "revocation")]
    Revoked(RevocationEntry),
    /// It was decided that a key is removed for good.
    #[serde(rename = "destruction")]
    Destroyed(Destruction),
    /// A root that was made elsewhere was taken in.
    #[serde(rename = "authority.adopted")]
    Adopted(Adopted),
    /// A signed object was written under its final name.
    #[serde(rename = "artifact.out")]
    Released(Released),
    /// A signed object failed its checks and was put aside, never under its final name.
    #[serde(rename = "artifact.quarantined")]
    Quarantined(Quarantined),
    /// Every step is done. The last record of a complete ceremony.
    #[serde(rename = "ceremony.close")]
    Closed(Closed),
    /// The ceremony ended early. The last record of an aborted ceremony.
    #[serde(rename = "ceremony.abort")]
    Aborted(Aborted),
}
