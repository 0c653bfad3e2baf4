use std::fmt::{self, Display, Write as _};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{
    ArtifactKind, Covered, Digest, Digest512, Environment, Instant, KeyDecision, Magic, Mode, Name, Outcome,
    Role, StatementAlgorithm, TokenAddress, Window,
};

/// A text that one person signs: `key: value` lines in fixed order, the file's bytes are the message.
///
/// The first line keeps statements apart from everything else that is ever signed, and each names its signer's
/// own key, so that no other key can be presented for the same signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
    /// Before the day: this plan may run.
    Approval(Approval),
    /// During or after: what the record says up to a point.
    Seal(Seal),
}

/// `anchorite-approval/v1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// SHA-256 of `plan.json`.
    pub plan_sha256: Digest,
    /// Of which authority.
    pub authority: Name,
    /// Never mixed within one authority.
    pub environment: Environment,
    /// Ceremony or rehearsal.
    pub mode: Mode,
    /// The place in the authority: what makes an approval good once.
    pub ordinal: u64,
    /// Head of the record before.
    pub previous_head: Digest,
    /// SHA-256 of the roster file.
    pub roster_sha256: Digest,
    /// SHA-256 of the binding file.
    pub binding_sha256: Digest,
    /// The tokens of the binding, in its order.
    pub tokens: Vec<(Name, TokenAddress)>,
    /// When the plan may run.
    pub window: Window,
    /// Who signs.
    pub signer: Signer,
}

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

/// Who signs a statement, with which key, when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    /// As the roster has it.
    pub name: Name,
    /// In which role.
    pub role: Role,
    /// SHA-256 of the DER SubjectPublicKeyInfo of the signer's key.
    pub spki_sha256: Digest,
    /// The key's algorithm.
    pub algorithm: StatementAlgorithm,
    /// The signer's clock.
    pub time: Instant,
}

/// What a person attests, one English sentence for each kind of statement.
pub const MEANINGS: [(&str, &str); 5] = [
    ("approval", "I have read this plan and approve that it is run once, as described above."),
    ("authorise", "I authorise one signature over each TBS listed above and no other."),
    ("close", "I was present and the records up to this point describe what I saw."),
    ("resume", "I have read the records up to this point and agree that the ceremony goes on."),
    ("abort", "The ceremony ended early and the records up to this point describe what I know."),
];

/// Why bytes are no statement.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// Bytes outside printable ASCII and line feed, or no final line feed.
    #[error("a statement is lines of printable ASCII, each ended by a line feed")]
    NotText,
    /// The first line is none of the known ones.
    #[error("the first line is neither `{}` nor `{}`", APPROVAL.ceremony, SEAL.ceremony)]
    Format,
    /// A line that is not the expected `key: value`.
    #[error("line {line} should begin with `{expected}: `")]
    Line {
        /// Counted from 1.
        line: usize,
        /// The key that belongs there.
        expected: &'static str,
    },
    /// A value that its key cannot have.
    #[error("line {line}: `{key}` cannot be `{found}`")]
    Value {
        /// Counted from 1.
        line: usize,
        /// The key.
        key: &'static str,
        /// The value.
        found: String,
    },
    /// Right in meaning but not the one spelling.
    #[error("line {line} is not spelled as it is written")]
    NotCanonical {
        /// Counted from 1.
        line: usize,
    },
}

const APPROVAL: Magic =
    Magic { ceremony: "anchorite-approval/v1", rehearsal: "anchorite-rehearsal-approval/v1" };
const SEAL: Magic = Magic { ceremony: "anchorite-seal/v1", rehearsal: "anchorite-rehearsal-seal/v1" };

impl Statement {
    /// The exact bytes that are signed.
    pub fn encode(&self) -> Vec<u8> {
        let mut text = String::new();
        match self {
            Self::Approval(approval) => approval.write(&mut text),
            Self::Seal(seal) => seal.write(&mut text),
        }
        text.into_bytes()
    }

    /// Reads a statement of either mode, which its first line and its line `mode` say alike; the re-encoding must equal
    /// the input.
    ///
    /// # Errors
    /// [`StatementError`], the first that holds.
    pub fn parse(bytes: &[u8]) -> Result<Self, StatementError> {
        if !bytes.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\n')) || !bytes.ends_with(b"\n") {
            return Err(StatementError::NotText);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| StatementError::NotText)?;
        let mut lines = Lines { rest: text.lines(), number: 0, peeked: None };
        let statement = match lines.next() {
            Some(first) if APPROVAL.mode(first).is_some() => Self::Approval(Approval::read(&mut lines)?),
            Some(first) if SEAL.mode(first).is_some() => Self::Seal(Seal::read(&mut lines)?),
            _ => return Err(StatementError::Format),
        };
        let encoded = statement.encode();
        if encoded != bytes {
            let same =
                encoded.iter().zip(bytes).take_while(|(ours, theirs)| ours == theirs).map(|(byte, _)| byte);
            return Err(StatementError::NotCanonical {
                line: 1 + same.filter(|byte| **byte == b'\n').count(),
            });
        }
        Ok(statement)
    }

    /// Of a ceremony or of a rehearsal.
    pub fn mode(&self) -> Mode {
        match self {
            Self::Approval(approval) => approval.mode,
            Self::Seal(seal) => seal.mode,
        }
    }

    /// Who signs.
    pub fn signer(&self) -> &Signer {
        match self {
            Self::Approval(approval) => &approval.signer,
            Self::Seal(seal) => &seal.signer,
        }
    }

    /// The first part of its file name, as in `close.officer-a.txt`.
    pub fn kind_name(&self) -> String {
        match self {
            Self::Approval(_) => "approval".to_owned(),
            Self::Seal(seal) => seal.kind.to_string(),
        }
    }
}

impl Approval {
    fn write(&self, text: &mut String) {
        text.push_str(APPROVAL.of(self.mode));
        text.push('\n');
        line(text, "plan-sha256", self.plan_sha256);
        line(text, "authority", &self.authority);
        line(text, "environment", self.environment);
        line(text, "mode", self.mode);
        line(text, "ordinal", self.ordinal);
        line(text, "previous-head-sha256", self.previous_head);
        line(text, "roster-sha256", self.roster_sha256);
        line(text, "binding-sha256", self.binding_sha256);
        for (name, address) in &self.tokens {
            line(text, "token", format_args!("{name} {address}"));
        }
        line(text, "window", self.window);
        self.signer.write(text, "approval");
    }

    fn read(lines: &mut Lines<'_>) -> Result<Self, StatementError> {
        Ok(Self {
            plan_sha256: lines.value("plan-sha256", Digest::parse)?,
            authority: lines.word("authority")?,
            environment: lines.word("environment")?,
            mode: lines.word("mode")?,
            ordinal: lines.word("ordinal")?,
            previous_head: lines.value("previous-head-sha256", Digest::parse)?,
            roster_sha256: lines.value("roster-sha256", Digest::parse)?,
            binding_sha256: lines.value("binding-sha256", Digest::parse)?,
            tokens: lines.repeated("token", |text, before: &[(Name, TokenAddress)]| {
                let (name, address) = text.split_once(' ')?;
                let name = name.parse().ok().filter(|name| before.iter().all(|(other, _)| other != name))?;
                let address = match address.strip_prefix("serial=") {
                    Some(serial) => TokenAddress::Serial(serial.to_owned()),
                    None => (address == "blank").then_some(TokenAddress::Blank)?,
                };
                Some((name, address))
            })?,
            window: lines.value("window", |text| {
                let (from, to) = text.split_once(' ')?;
                Some(Window { from: Instant::parse(from)?, to: Instant::parse(to)? })
            })?,
            signer: Signer::read(lines)?,
        })
    }
}

impl Seal {
    fn write(&self, text: &mut String) {
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

    fn read(lines: &mut Lines<'_>) -> Result<Self, StatementError> {
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

impl Signer {
    fn write(&self, text: &mut String, kind: &str) {
        line(text, "signer", &self.name);
        line(text, "role", self.role);
        line(text, "signer-spki-sha256", self.spki_sha256);
        line(text, "alg", self.algorithm);
        line(text, "time", self.time);
        let meaning = MEANINGS.iter().find(|(name, _)| *name == kind).map_or("", |(_, meaning)| meaning);
        line(text, "meaning", meaning);
    }

    /// The line `meaning`, which the kind of statement fixes, is left to the re-encoding.
    fn read(lines: &mut Lines<'_>) -> Result<Self, StatementError> {
        let signer = Self {
            name: lines.word("signer")?,
            role: lines.word("role")?,
            spki_sha256: lines.value("signer-spki-sha256", Digest::parse)?,
            algorithm: lines.word("alg")?,
            time: lines.value("time", Instant::parse)?,
        };
        lines.value("meaning", Some)?;
        Ok(signer)
    }
}

fn line(text: &mut String, key: &str, value: impl Display) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{key}: {value}");
}

struct Lines<'a> {
    rest: std::str::Lines<'a>,
    number: usize,
    peeked: Option<&'a str>,
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> Option<&'a str> {
        self.number += 1;
        self.peeked.take().or_else(|| self.rest.next())
    }

    fn value<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&'a str) -> Option<T>,
    ) -> Result<T, StatementError> {
        let found = self.next().and_then(|line| line.strip_prefix(key)?.strip_prefix(": "));
        let line = self.number;
        let found = found.ok_or(StatementError::Line { line, expected: key })?;
        read(found).ok_or_else(|| StatementError::Value { line, key, found: found.to_owned() })
    }

    fn word<T: FromStr>(&mut self, key: &'static str) -> Result<T, StatementError> {
        self.value(key, |text| text.parse().ok())
    }

    fn repeated<T>(
        &mut self,
        key: &'static str,
        read: impl Fn(&'a str, &[T]) -> Option<T>,
    ) -> Result<Vec<T>, StatementError> {
        let mut values = Vec::new();
        loop {
            let Some(line) = self.peeked.take().or_else(|| self.rest.next()) else {
                return Ok(values);
            };
            self.peeked = Some(line);
            if !line.strip_prefix(key).is_some_and(|rest| rest.starts_with(": ")) {
                return Ok(values);
            }
            values.push(self.value(key, |text| read(text, &values))?);
        }
    }
}

impl fmt::Display for Statement {
    /// The statement as it is signed: printable ASCII.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.encode()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::KeyFate;

    fn signer() -> Signer {
        Signer {
            name: "officer-a".parse().unwrap(),
            role: Role::Officer,
            spki_sha256: Digest::of(b"key"),
            algorithm: StatementAlgorithm::EcdsaP256Sha256,
            time: Instant::parse("2026-12-01T09:00:00Z").unwrap(),
        }
    }

    fn approval() -> Statement {
        let window = Window { from: Instant::parse("2026-12-01T09:00:00Z").unwrap(), to: signer().time };
        Statement::Approval(Approval {
            plan_sha256: Digest::of(b"plan"),
            authority: "example".parse().unwrap(),
            environment: Environment::Lab,
            mode: Mode::Ceremony,
            ordinal: 1,
            previous_head: Digest::ZERO,
            roster_sha256: Digest::of(b"roster"),
            binding_sha256: Digest::of(b"binding"),
            tokens: vec![("primary".parse().unwrap(), TokenAddress::Blank)],
            window,
            signer: signer(),
        })
    }

    fn seal() -> Statement {
        let line =
            |kind, summary: &str| TbsLine { kind, sha256: Digest::of(b"tbs"), summary: summary.to_owned() };
        Statement::Seal(Seal {
            kind: SealKind::Authorise,
            ceremony: Digest::of(b"ceremony"),
            mode: Mode::Ceremony,
            outcome: Outcome::InProgress,
            covered: Covered::of(b"{}\n"),
            plan_sha256: Digest::of(b"plan"),
            roster_sha256: Digest::of(b"roster"),
            tbs: vec![line(ArtifactKind::Certificate, "a root, CN=x"), line(ArtifactKind::Crl, "number 1")],
            keys: vec![
                KeyDecision { op: 7, fate: KeyFate::Adopt },
                KeyDecision { op: 9, fate: KeyFate::Destroy },
            ],
            signer: signer(),
        })
    }

    #[test]
    fn what_is_written_is_read() {
        for statement in [approval(), seal()] {
            assert_eq!(Statement::parse(&statement.encode()), Ok(statement));
        }
    }

    #[test]
    fn no_other_spelling_is_read() {
        for good in [approval().to_string(), seal().to_string()] {
            for (line, text) in good.lines().enumerate() {
                for changed in
                    [format!("{text} "), text.to_uppercase(), String::new(), format!("{text}\n{text}")]
                {
                    let bad = good.replacen(text, &changed, 1);
                    // A summary may end in a space or be in capitals: it is a line that the record must match.
                    if !text.starts_with("tbs: ") {
                        assert!(Statement::parse(bad.as_bytes()).is_err(), "line {line}:\n{bad}");
                    }
                }
            }
            assert!(Statement::parse(good.trim_end().as_bytes()).is_err());
            assert!(Statement::parse(good.replace('\n', "\r\n").as_bytes()).is_err());
            assert!(Statement::parse(format!("{good}more: 1\n").as_bytes()).is_err());
        }
        let renumbered = seal().to_string().replace("tbs: 2 ", "tbs: 3 ");
        assert_eq!(Statement::parse(renumbered.as_bytes()), Err(StatementError::NotCanonical { line: 14 }));
    }
}
