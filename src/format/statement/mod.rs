mod approval;
mod field;
mod lines;
mod seal;

use std::fmt;

use super::{Digest, Instant, Mode, Name, Role, StatementAlgorithm};

pub use approval::Approval;
pub use field::FieldEvidence;
pub use seal::{Seal, SealKind, TbsLine, seal_file_stem};

use approval::APPROVAL;
use field::FIELD;
use lines::{Lines, line};
use seal::SEAL;

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
    /// In a rotation: a consumer holds a bundle.
    Field(FieldEvidence),
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
pub const MEANINGS: [(&str, &str); 6] = [
    ("approval", "I have read this plan and approve that it is run once, as described above."),
    ("authorise", "I authorise one signature over each TBS listed above and no other."),
    ("close", "I was present and the records up to this point describe what I saw."),
    ("resume", "I have read the records up to this point and agree that the ceremony goes on."),
    ("abort", "The ceremony ended early and the records up to this point describe what I know."),
    (
        "field",
        "The consumer named above reached this phase and holds this bundle, as it was read back from there.",
    ),
];

/// Why bytes are no statement.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// Bytes outside printable ASCII and line feed, or no final line feed.
    #[error("a statement is lines of printable ASCII, each ended by a line feed")]
    NotText,
    /// The first line is none of the known ones.
    #[error("the first line is none of `{}`, `{}` and `{}`", APPROVAL.ceremony, SEAL.ceremony, FIELD)]
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

impl Statement {
    /// The exact bytes that are signed.
    pub fn encode(&self) -> Vec<u8> {
        let mut text = String::new();
        match self {
            Self::Approval(approval) => approval.write(&mut text),
            Self::Seal(seal) => seal.write(&mut text),
            Self::Field(report) => report.write(&mut text),
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
        let mut lines = Lines::of(text);
        let statement = match lines.next() {
            Some(first) if APPROVAL.mode(first).is_some() => Self::Approval(Approval::read(&mut lines)?),
            Some(first) if FIELD == first => Self::Field(FieldEvidence::read(&mut lines)?),
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
            Self::Field(_) => Mode::Ceremony,
        }
    }

    /// Who signs.
    pub fn signer(&self) -> &Signer {
        match self {
            Self::Approval(approval) => &approval.signer,
            Self::Seal(seal) => &seal.signer,
            Self::Field(report) => &report.signer,
        }
    }

    /// The first part of its file name, as in `close.officer-a.txt`.
    pub fn kind_name(&self) -> String {
        match self {
            Self::Approval(_) => "approval".to_owned(),
            Self::Seal(seal) => seal.kind.to_string(),
            Self::Field(_) => "field".to_owned(),
        }
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

impl fmt::Display for Statement {
    /// The statement as it is signed: printable ASCII.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.encode()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::{
        ArtifactKind, Covered, Environment, KeyDecision, KeyFate, Outcome, TokenAddress, Window,
    };

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

    fn report() -> Statement {
        Statement::Field(FieldEvidence {
            authority: "example".parse().unwrap(),
            rotation_sha256: Digest::of(b"rotation"),
            roster_sha256: Digest::of(b"roster"),
            consumer: "mesh".parse().unwrap(),
            phase: crate::format::RotationPhase::OldSigningStopped,
            bundle_sha256: Digest::of(b"bundle"),
            signer: signer(),
        })
    }

    #[test]
    fn what_is_written_is_read() {
        for statement in [approval(), seal(), report()] {
            assert_eq!(Statement::parse(&statement.encode()), Ok(statement));
        }
    }

    #[test]
    fn no_other_spelling_is_read() {
        for good in [approval().to_string(), seal().to_string(), report().to_string()] {
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
