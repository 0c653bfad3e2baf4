//! Every table and key of a ceremony file, once: for the reader, the JSON Schema and the documentation.

mod adopt;
mod extensions;
mod issues;
mod people;
mod tables;
mod tokens;

use super::vocabulary::AttributeKind;
use super::word::{Word, spellings};
use crate::format::StepKind;

pub(super) use extensions::{NAME_CONSTRAINTS, SUBTREES};
pub(super) use issues::SERIES;
pub(super) use tables::{CEREMONY, DOCUMENT, DUTY, INPUT_FILE, WAIVER, WINDOW};

/// A table.
pub(super) struct Table {
    /// As it is written in a message.
    pub(super) name: &'static str,
    /// What it says.
    pub(super) meaning: &'static str,
    /// In the order in which they are best written.
    pub(super) keys: &'static [Key],
}

/// A key.
pub(super) struct Key {
    /// As it is written.
    pub(super) name: &'static str,
    /// What may stand behind it.
    pub(super) value: Value,
    /// Whether it may be left out.
    pub(super) presence: Presence,
    /// A TOML value that could stand there.
    pub(super) example: &'static str,
    /// What it says.
    pub(super) meaning: &'static str,
}

/// What may stand behind a key.
pub(super) enum Value {
    /// One line of text.
    Text {
        /// How many characters it may have.
        max_characters: usize,
    },
    /// One line of text of at most [`LABEL_BYTES`] bytes.
    Label,
    /// A [`crate::format::Name`].
    Name,
    /// A SPIFFE trust domain.
    TrustDomain,
    /// A [`super::Reference`].
    Reference,
    /// A [`super::Certified`]: a [`super::Reference`], or a table that is an [`INPUT_FILE`].
    Certified,
    /// An array of [`INPUT_FILE`], none twice.
    Files,
    /// A [`crate::format::FileName`].
    FileName,
    /// A file's path below the ceremony file's directory.
    Path,
    /// SHA-256 in hexadecimal.
    Digest,
    /// A date-time in UTC.
    Instant,
    /// A whole number.
    Integer {
        /// The least.
        min: u32,
        /// The greatest.
        max: u32,
    },
    /// One of these words.
    Word(fn() -> Vec<String>),
    /// An array of these words, none twice.
    Words(fn() -> Vec<String>),
    /// An array of [`crate::format::Name`]s, none twice.
    Names,
    /// A [`crate::format::PinTemplate`].
    Template,
    /// A distinguished name: an array of tables with one key each.
    Subject,
    /// An array of distinguished names.
    Subjects,
    /// Yes or no.
    Boolean,
    /// Text of a form that a regular expression tells nearly.
    Form(&'static str),
    /// An array of such texts, none twice.
    Forms(&'static str),
    /// A table.
    Table(&'static Table),
    /// An array of [`WAIVER`].
    Waivers,
    /// An array of [`DUTY`].
    Duties,
    /// The array of [`STEPS`].
    Steps,
}

/// Whether a key may be left out.
#[derive(PartialEq, Eq)]
pub(super) enum Presence {
    /// It may not.
    Required,
    /// It may.
    Optional,
    /// It then means this TOML value.
    Default(&'static str),
}

/// The steps of one kind.
pub(super) struct StepShape {
    /// What `do` says.
    pub(super) kind: StepKind,
    /// Its keys.
    pub(super) table: Table,
}

/// How many bytes a label may have: CK_TOKEN_INFO.label is an array of 32 (PKCS#11 v3.1, 3.2).
pub(super) const LABEL_BYTES: usize = 32;

/// `readers`, where a clock step does not say.
pub(super) const DEFAULT_READERS: u8 = 2;

/// `tolerance-seconds`, where a clock step does not say.
pub(super) const DEFAULT_TOLERANCE_SECONDS: u32 = 120;

/// `text`, where an attest step does not say, as TOML.
pub(super) const DEFAULT_ATTESTATION: &str = "\"I was present as the record says; the steps were followed except as its exceptions say; the record is true.\"";

const fn required(name: &'static str, value: Value, example: &'static str, meaning: &'static str) -> Key {
    Key { name, value, presence: Presence::Required, example, meaning }
}

const fn optional(name: &'static str, value: Value, example: &'static str, meaning: &'static str) -> Key {
    Key { name, value, presence: Presence::Optional, example, meaning }
}

const fn defaults(
    name: &'static str,
    value: Value,
    default: &'static str,
    example: &'static str,
    meaning: &'static str,
) -> Key {
    Key { name, value, presence: Presence::Default(default), example, meaning }
}

const ID: Key = required(
    "id",
    Value::Name,
    "\"this-step\"",
    "The step's name: in references, on paper, in the record and in the names of the files it makes.",
);

const DO: Key = required("do", Value::Word(spellings::<StepKind>), "\"confirm\"", "What is done.");

const TOKEN: Key =
    required("token", Value::Name, "\"primary\"", "The token's name; the binding says which device that is.");

/// What is read of a step before its kind is known.
pub(super) static ANY_STEP: Table =
    Table { name: "a `[[step]]`", meaning: "Something that is done.", keys: &[ID, DO] };

/// Each kind of step that can be run.
pub(super) static STEPS: [StepShape; 18] = [
    tokens::PROVISION,
    tokens::RESHARE,
    tokens::CHANGE_ROSTER,
    tokens::GENERATE_KEY,
    tokens::DESTROY_KEY,
    issues::SELF_SIGN,
    issues::SIGN_INTERMEDIATE,
    issues::CROSS_SIGN,
    issues::REVOKE,
    issues::ISSUE_CRL,
    adopt::ADOPT_AUTHORITY,
    people::CLOCK,
    people::CONFIRM,
    people::READ_ALOUD,
    people::CUSTODY,
    people::IMPORT_EVIDENCE,
    people::ATTEST,
    people::BREAK,
];

impl Table {
    /// The key of that name.
    pub(super) fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

impl StepShape {
    /// The shape of steps of that kind; `None` when they cannot be run.
    pub(super) fn of(kind: StepKind) -> Option<&'static Self> {
        STEPS.iter().find(|step| step.kind == kind)
    }
}

impl Value {
    /// What is needed, as the end of a sentence.
    pub(super) fn needed(&self) -> String {
        match self {
            Self::Text { .. }
            | Self::Label
            | Self::Name
            | Self::TrustDomain
            | Self::Reference
            | Self::Path
            | Self::FileName
            | Self::Digest
            | Self::Template
            | Self::Form(_)
            | Self::Word(_) => "a string".to_owned(),
            Self::Certified => "a string, or a table with `file` and `sha256`".to_owned(),
            Self::Instant => "a date-time without quotation marks".to_owned(),
            Self::Integer { min, max } => format!("a whole number from {min} to {max}"),
            Self::Words(_) | Self::Names | Self::Forms(_) => "an array of strings".to_owned(),
            Self::Subjects => "an array of names, each an array of tables with one key each".to_owned(),
            Self::Files => "an array of tables with `file` and `sha256`".to_owned(),
            Self::Boolean => "`true` or `false`".to_owned(),
            Self::Subject => "an array of tables with one key each".to_owned(),
            Self::Table(table) => {
                let keys: Vec<_> = table.keys.iter().map(|key| format!("`{}`", key.name)).collect();
                format!("a table with {}", keys.join(" and "))
            }
            Self::Waivers => "an array of tables, each under its own `[[waiver]]`".to_owned(),
            Self::Duties => "an array of tables, each under its own `[[duty]]`".to_owned(),
            Self::Steps => "an array of tables, each under its own `[[step]]`".to_owned(),
        }
    }
}

/// The spelling of each attribute of a distinguished name.
pub(super) fn attributes() -> Vec<String> {
    AttributeKind::ALL.iter().map(AttributeKind::to_string).collect()
}
