use super::{Digest, Digest512, JsonError, Mode, Record};

/// The longest line of a log, its line feed included. Larger data is a file in `artifacts/`.
pub const MAX_LINE_BYTES: usize = 65_536;

/// A part of a log from its beginning: what a seal covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Covered {
    /// How many lines.
    pub records: u64,
    /// How many bytes.
    pub bytes: u64,
    /// SHA-256 of the last line with its line feed.
    pub head: Digest,
    /// SHA-256 of all those bytes.
    pub sha256: Digest,
    /// SHA-512 of all those bytes.
    pub sha512: Digest512,
}

impl Covered {
    /// Describes a whole number of lines.
    pub fn of(prefix: &[u8]) -> Self {
        let last = prefix.split_inclusive(|byte| *byte == b'\n').next_back().unwrap_or_default();
        Self {
            records: prefix.iter().filter(|byte| **byte == b'\n').count() as u64,
            bytes: prefix.len() as u64,
            head: Digest::of(last),
            sha256: Digest::of(prefix),
            sha512: Digest512::of(prefix),
        }
    }
}

/// A log whose every line is in form and whose chain holds.
#[derive(Clone, Debug)]
pub struct Log {
    /// In order; never empty.
    pub lines: Vec<LogLine>,
    /// Bytes after the last line feed: what a crash in the middle of a write leaves.
    pub torn: Vec<u8>,
}

/// One line of a [`Log`].
#[derive(Clone, Debug)]
pub struct LogLine {
    /// What it says.
    pub record: Record,
    /// Where it begins in the file.
    pub offset: usize,
    /// SHA-256 of it with its line feed: the `prev` of the next.
    pub head: Digest,
}

/// Where a log breaks.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// No complete line.
    #[error("the log has no complete record")]
    Empty,
    /// A line over [`MAX_LINE_BYTES`].
    #[error("record {n} at byte {offset} is longer than {MAX_LINE_BYTES} bytes")]
    TooLong {
        /// Counted from 0.
        n: u64,
        /// Where the line begins.
        offset: usize,
    },
    /// A line that is no record in its one encoding.
    #[error("record {n} at byte {offset}: {source}")]
    Record {
        /// Counted from 0.
        n: u64,
        /// Where the line begins.
        offset: usize,
        /// What is wrong with it.
        source: JsonError,
    },
    /// A number that is not one more than the one before.
    #[error("record {n} at byte {offset} says that it is number {found}")]
    Number {
        /// Counted from 0.
        n: u64,
        /// Where the line begins.
        offset: usize,
        /// What the line says.
        found: u64,
    },
    /// A `prev` that is not the digest of the line before.
    #[error("record {n} at byte {offset}: `prev` is {found}, the line before has {expected}")]
    Chain {
        /// Counted from 0.
        n: u64,
        /// Where the line begins.
        offset: usize,
        /// The digest of the line before.
        expected: Digest,
        /// What the line says.
        found: Digest,
    },
    /// Another ceremony's line, or a first record that another identifier follows from.
    #[error("record {n} at byte {offset} belongs to ceremony {found}, this is {expected}")]
    Ceremony {
        /// Counted from 0.
        n: u64,
        /// Where the line begins.
        offset: usize,
        /// The identifier that follows from record 0.
        expected: Digest,
        /// What the line says.
        found: Digest,
    },
    /// Record 0 is not `ceremony.open`, or another record is.
    #[error("record {n} at byte {offset}: `ceremony.open` is record 0 and only that")]
    Opening {
        /// Counted from 0.
        n: u64,
        /// Where the line begins.
        offset: usize,
    },
    /// Something after the record that ends a ceremony.
    #[error("record {n} at byte {offset} follows the record that ended the ceremony")]
    AfterEnd {
        /// Counted from 0.
        n: u64,
        /// Where the line begins.
        offset: usize,
    },
}

impl Log {
    /// Reads the `log.jsonl` of a ceremony: form, numbers, chain, one ceremony, nothing after the end.
    ///
    /// # Errors
    /// [`LogError`], the first that holds. A torn tail is none: whether one may be there is the caller's to say.
    pub fn parse(bytes: &[u8]) -> Result<Self, LogError> {
        Self::parse_in(bytes, Mode::Ceremony)
    }

    /// [`Log::parse`] of a ceremony's or of a rehearsal's log.
    ///
    /// # Errors
    /// [`LogError`]; the other mode's log is [`LogError::Record`].
    pub fn parse_in(bytes: &[u8], mode: Mode) -> Result<Self, LogError> {
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        let (complete, torn) = bytes.split_at_checked(whole).ok_or(LogError::Empty)?;
        let mut log = Self { lines: Vec::new(), torn: torn.to_vec() };
        let (mut offset, mut expected, mut ceremony) = (0, Digest::ZERO, None);
        for (n, line) in (0u64..).zip(complete.split_inclusive(|byte| *byte == b'\n')) {
            if line.len() > MAX_LINE_BYTES {
                return Err(LogError::TooLong { n, offset });
            }
            let text = line.strip_suffix(b"\n").unwrap_or(line);
            let record =
                Record::parse_in(text, mode).map_err(|source| LogError::Record { n, offset, source })?;
            if record.n != n {
                return Err(LogError::Number { n, offset, found: record.n });
            }
            if record.prev != expected {
                return Err(LogError::Chain { n, offset, expected, found: record.prev });
            }
            match (&record.event, ceremony) {
                (super::Event::Opened(opened), None) => ceremony = Some(opened.ceremony_id()),
                (super::Event::Opened(_), Some(_)) | (_, None) => {
                    return Err(LogError::Opening { n, offset });
                }
                (_, Some(_)) => {}
            }
            let found = record.cer;
            if let Some(expected) = ceremony.filter(|expected| *expected != found) {
                return Err(LogError::Ceremony { n, offset, expected, found });
            }
            if log.ended() {
                return Err(LogError::AfterEnd { n, offset });
            }
            expected = Digest::of(line);
            log.lines.push(LogLine { record, offset, head: expected });
            offset += line.len();
        }
        if log.lines.is_empty() { Err(LogError::Empty) } else { Ok(log) }
    }

    /// The records in order.
    pub fn records(&self) -> impl DoubleEndedIterator<Item = &Record> {
        self.lines.iter().map(|line| &line.record)
    }

    /// SHA-256 of the last line with its line feed.
    pub fn head(&self) -> Digest {
        self.lines.last().map_or(Digest::ZERO, |line| line.head)
    }

    /// What a seal covers that ends with record `n`; `bytes` are those that the log was read from.
    pub fn covered_by(&self, bytes: &[u8], n: u64) -> Covered {
        let next = self.lines.iter().find(|line| line.record.n > n);
        let end = next.map_or(bytes.len(), |line| line.offset);
        Covered::of(bytes.get(..end).unwrap_or(bytes))
    }

    /// Record 0.
    pub fn opened(&self) -> Option<&super::Opened> {
        match self.lines.first().map(|line| &line.record.event) {
            Some(super::Event::Opened(opened)) => Some(opened),
            _ => None,
        }
    }

    /// How the ceremony ended, or that it has not.
    pub fn outcome(&self) -> super::Outcome {
        match self.lines.last().map(|line| &line.record.event) {
            Some(super::Event::Closed(_)) => super::Outcome::Complete,
            Some(super::Event::Aborted(_)) => super::Outcome::Aborted,
            _ => super::Outcome::InProgress,
        }
    }

    fn ended(&self) -> bool {
        self.outcome() != super::Outcome::InProgress
    }
}
