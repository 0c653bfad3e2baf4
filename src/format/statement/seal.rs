use serde::{Deserialize, Serialize};

use super::lines::{Lines, line};
use super::{Signer, StatementError};
use crate::format::{ArtifactKind, Covered, Digest, Digest512, KeyDecision, Magic, Mode, Name, Outcome};

/// `anchorite-seal/v1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// What the seal does.
    pub kind: SealKind,
    /// The ceremony's identifier.
    pub ceremony: Digest,
    /// Ceremony or rehearsal.
    pub mode: Mode,
    /// How the ceremony stands.
    pub outcome: Outcome,
    /// The part of the log it covers.
    pub covered: Covered,
    /// SHA-256 of `plan.json`.
    pub plan_sha256: Digest,
    /// SHA-256 of the roster file.
    pub roster_sha256: Digest,
    /// What may be signed; in an authorise statement only, and then at least one.
    pub tbs: Vec<TbsLine>,
    /// What becomes of keys that an interruption left in doubt; in a resume statement only.
    pub keys: Vec<KeyDecision>,
    /// Who signs.
    pub signer: Signer,
}

/// What a seal does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SealKind {
    /// Lets the root key sign exactly these TBS.
    Authorise,
    /// Ends a complete ceremony.
    Close,
    /// Lets an interrupted ceremony go on.
    Resume,
    /// Ends a ceremony early.
    Abort,
}

/// Name of a seal's files in `seals/` without their endings: `KIND.SIGNER`, for a resumption `resume-N.SIGNER` where N
/// is how many records the seal covers, because a ceremony may be interrupted more than once.
pub fn seal_file_stem(kind: SealKind, covered: u64, signer: &Name) -> String {
    match kind {
        SealKind::Resume => format!("{kind}-{covered}.{signer}"),
        SealKind::Authorise | SealKind::Close | SealKind::Abort => format!("{kind}.{signer}"),
    }
}

/// One thing that may be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TbsLine {
    /// Certificate or CRL.
    pub kind: ArtifactKind,
    /// SHA-256 of the TBS.
    pub sha256: Digest,
    /// Printable ASCII, derived from the bytes.
    pub summary: String,
}

pub(super) const SEAL: Magic =
    Magic { ceremony: "anchorite-seal/v1", rehearsal: "anchorite-rehearsal-seal/v1" };

impl Seal {
    pub(super) fn write(&self, text: &mut String) {
        text.push_str(SEAL.of(self.mode));
        text.push('\n');
        line(text, "seal", self.kind);
        line(text, "ceremony", self.ceremony);
        line(text, "mode", self.mode);
        line(text, "outcome", self.outcome);
        line(text, "records", self.covered.records);
        line(text, "bytes", self.covered.bytes);
        line(text, "head-sha256", self.covered.head);
        line(text, "log-sha256", self.covered.sha256);
        line(text, "log-sha512", self.covered.sha512);
        line(text, "plan-sha256", self.plan_sha256);
        line(text, "roster-sha256", self.roster_sha256);
        for (number, TbsLine { kind, sha256, summary }) in self.tbs.iter().enumerate() {
            line(text, "tbs", format_args!("{} {kind} {sha256} {summary}", number + 1));
        }
        for KeyDecision { op, fate } in &self.keys {
            line(text, "key", format_args!("{op} {fate}"));
        }
        self.signer.write(text, &self.kind.to_string());
    }

    pub(super) fn read(lines: &mut Lines<'_>) -> Result<Self, StatementError> {
        Ok(Self {
            kind: lines.word("seal")?,
            ceremony: lines.value("ceremony", Digest::parse)?,
            mode: lines.word("mode")?,
            outcome: lines.word("outcome")?,
            covered: Covered {
                records: lines.word("records")?,
                bytes: lines.word("bytes")?,
                head: lines.value("head-sha256", Digest::parse)?,
                sha256: lines.value("log-sha256", Digest::parse)?,
                sha512: lines.value("log-sha512", Digest512::parse)?,
            },
            plan_sha256: lines.value("plan-sha256", Digest::parse)?,
            roster_sha256: lines.value("roster-sha256", Digest::parse)?,
            tbs: lines.repeated("tbs", |text, _| {
                let mut parts = text.splitn(4, ' ');
                parts.next()?; // The number: the re-encoding demands 1, 2, 3, ...
                let (kind, sha256) = (parts.next()?.parse().ok()?, Digest::parse(parts.next()?)?);
                Some(TbsLine { kind, sha256, summary: parts.next()?.to_owned() })
            })?,
            keys: lines.repeated("key", |text, before: &[KeyDecision]| {
                let (op, fate) = text.split_once(' ')?;
                let op = op.parse().ok().filter(|op| before.last().is_none_or(|last| last.op < *op))?;
                Some(KeyDecision { op, fate: fate.parse().ok()? })
            })?,
            signer: Signer::read(lines)?,
        })
    }
}
