//! Every table and key of a ceremony file, once: for the reader, the JSON Schema and the documentation.

use super::vocabulary::{
    AttributeKind, Backup, BeaconWanted, DigestWord, Onto, PinSymbols, QuorumHolder, RelyingSystem,
    TokenContent,
};
use super::word::{Word, spellings};
use crate::format::{
    CustodyAct, Environment, EvidenceForm, KeyAlgorithm, Profile, ProvisionMode, ReasonCode, Role, Rule,
    ShareSetName, SharesAfterBreak, StepKind,
};

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

/// The whole file.
pub(super) static DOCUMENT: Table = Table {
    name: "the file",
    meaning: "One ceremony: what holds for all of it, then its steps in the order in which they are carried out.",
    keys: &[
        required("ceremony", Value::Table(&CEREMONY), "{}", "What holds for the whole ceremony."),
        optional(
            "waiver",
            Value::Waivers,
            "[]",
            "Rules that this ceremony may break, one `[[waiver]]` each. They are shown before anything else.",
        ),
        optional(
            "duty",
            Value::Duties,
            "[]",
            "What has to be done afterwards, one `[[duty]]` each. What follows from steps (the next CRL, the end of a \
             certificate, looking after shares) is added by itself.",
        ),
        required("step", Value::Steps, "[]", "What is done, one `[[step]]` each."),
    ],
};

/// `[ceremony]`
pub(super) static CEREMONY: Table = Table {
    name: "`[ceremony]`",
    meaning: "What holds for the whole ceremony.",
    keys: &[
        required(
            "title",
            Value::Text { max_characters: 120 },
            "\"Genesis of prod.example.org Root G1\"",
            "What people call this ceremony, on paper, on screen and in the record.",
        ),
        required(
            "name",
            Value::Name,
            "\"genesis\"",
            "The short name that ends the record's directory, as in `0001-genesis`.",
        ),
        required(
            "authority",
            Value::Name,
            "\"example-prod\"",
            "The authority that this ceremony belongs to, as its roster names it.",
        ),
        required(
            "environment",
            Value::Word(spellings::<Environment>),
            "\"lab\"",
            "What the certificates are for; one authority never mixes them.",
        ),
        optional(
            "trust-domain",
            Value::TrustDomain,
            "\"prod.example.org\"",
            "The SPIFFE trust domain of the root, where there is one.",
        ),
        optional(
            "relying",
            Value::Words(spellings::<RelyingSystem>),
            "[\"istio\", \"vault\"]",
            "The systems that will take the certificates in; the plan refuses what they would reject.",
        ),
        required(
            "window",
            Value::Table(&WINDOW),
            "{ from = 2026-12-01T09:00:00Z, to = 2026-12-01T17:00:00Z }",
            "When the ceremony may run. In production no longer than 24 hours.",
        ),
        optional(
            "policy",
            Value::Text { max_characters: 200 },
            "\"Example CPS 1.2, section 6.1\"",
            "The document and section that allow this ceremony.",
        ),
        optional(
            "rehearsed-within-days",
            Value::Integer { min: 1, max: 366 },
            "30",
            "The ceremony runs only after a rehearsal of it that ended no more than so many days before.",
        ),
        optional(
            "place",
            Value::Text { max_characters: 200 },
            "\"Vienna, data centre 2, room 3\"",
            "Where it is held; goes into the record.",
        ),
        optional(
            "recording",
            Value::Text { max_characters: 200 },
            "\"two cameras on cards 17 and 18, kept by the auditor\"",
            "Who records it and on what; goes into the record.",
        ),
    ],
};

/// `[[duty]]`
pub(super) static DUTY: Table = Table {
    name: "a `[[duty]]`",
    meaning: "Something that has to be done after the ceremony. It stays open until a later ceremony confirms that it is done.",
    keys: &[
        required(
            "id",
            Value::Name,
            "\"disclose\"",
            "The duty's name: in the record, and where it is said that it is done.",
        ),
        required(
            "what",
            Value::Text { max_characters: 500 },
            "\"Publish the root certificate and its fingerprint.\"",
            "What has to be done.",
        ),
        required("due", Value::Instant, "2026-12-08T00:00:00Z", "By when; after the end of the window."),
        required("owner", Value::Word(spellings::<Role>), "\"administrator\"", "Who sees to it."),
    ],
};

/// `[[waiver]]`
pub(super) static WAIVER: Table = Table {
    name: "a `[[waiver]]`",
    meaning: "A rule that the officers let this ceremony break.",
    keys: &[
        required(
            "rule",
            Value::Word(spellings::<Rule>),
            "\"pin-strength\"",
            "Which rule. Others are never waived.",
        ),
        required(
            "reason",
            Value::Text { max_characters: 500 },
            "\"The token takes PINs of 8 digits and locks after 3 tries.\"",
            "Why, for those who approve and those who audit.",
        ),
        required(
            "until",
            Value::Instant,
            "2027-01-31T00:00:00Z",
            "The last second in which it holds; after the end of the window.",
        ),
    ],
};

/// A period.
pub(super) static WINDOW: Table = Table {
    name: "a period",
    meaning: "From one instant to a later one, both included.",
    keys: &[
        required("from", Value::Instant, "2026-12-01T09:00:00Z", "The first second."),
        required("to", Value::Instant, "2026-12-01T17:00:00Z", "The last second."),
    ],
};

/// An input file.
pub(super) static INPUT_FILE: Table = Table {
    name: "an input file",
    meaning: "A file that the ceremony takes in, fixed by its digest.",
    keys: &[
        required(
            "file",
            Value::Path,
            "\"inputs/istio.csr\"",
            "Its path below the ceremony file's directory.",
        ),
        required(
            "sha256",
            Value::Digest,
            "\"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"",
            "SHA-256 of its bytes, as `sha256sum` prints it.",
        ),
    ],
};

const ID: Key = required(
    "id",
    Value::Name,
    "\"this-step\"",
    "The step's name: in references, on paper, in the record and in the names of the files it makes.",
);

const DO: Key = required("do", Value::Word(spellings::<StepKind>), "\"confirm\"", "What is done.");

const TOKEN: Key =
    required("token", Value::Name, "\"primary\"", "The token's name; the binding says which device that is.");

const ISSUER: Key = required(
    "issuer",
    Value::Reference,
    "\"root\"",
    "The `self-sign` step whose certificate and key sign, here or in the ledger.",
);

const VALIDITY: Key = required(
    "validity",
    Value::Table(&WINDOW),
    "{ from = 2026-12-01T00:00:00Z, to = 2036-11-30T23:59:59Z }",
    "notBefore and notAfter of the certificate, both included.",
);

const SUBJECT_EXAMPLE: &str = "[{ O = \"Example\" }, { CN = \"prod.example.org Root G1\" }]";

/// What is read of a step before its kind is known.
pub(super) static ANY_STEP: Table =
    Table { name: "a `[[step]]`", meaning: "Something that is done.", keys: &[ID, DO] };

/// Each kind of step that can be run.
pub(super) static STEPS: [StepShape; 15] = [
    StepShape {
        kind: StepKind::Provision,
        table: Table {
            name: "a `provision` step",
            meaning: "Takes a token over: its PINs are derived from the officers' shares, which are dealt first where the \
                      authority has none yet, or it holds a quorum of its own.",
            keys: &[
                ID,
                DO,
                TOKEN,
                required(
                    "label",
                    Value::Label,
                    "\"prod-root-g1\"",
                    "The label that the token gets or has, 32 bytes at most.",
                ),
                defaults(
                    "mode",
                    Value::Word(spellings::<ProvisionMode>),
                    "\"init\"",
                    "\"set-pin\"",
                    "`init` initialises the token; `set-pin` replaces both PINs of one that something else initialised; \
                     `adopt` sets nothing.",
                ),
                defaults(
                    "content",
                    Value::Word(spellings::<TokenContent>),
                    "\"blank\"",
                    "\"wipe\"",
                    "What `init` may find: `blank` takes a blank token only; `wipe` destroys what is on it, after its \
                     serial number was typed.",
                ),
                defaults(
                    "quorum",
                    Value::Word(spellings::<QuorumHolder>),
                    "\"shares\"",
                    "\"token\"",
                    "Who holds the quorum: `shares` of the officers, or the `token` itself, with its own cards or keys.",
                ),
                defaults(
                    "symbols",
                    Value::Word(spellings::<PinSymbols>),
                    "\"letters\"",
                    "\"digits\"",
                    "What derived PINs are made of: 32 capital `letters` and digits, or `digits` alone for a PIN pad.",
                ),
                defaults(
                    "user-template",
                    Value::Template,
                    "\"{pin}\"",
                    "\"crypto-user:{pin}\"",
                    "What the token takes as the user's PIN, with the derived symbols in the place of `{pin}`.",
                ),
                defaults(
                    "so-template",
                    Value::Template,
                    "\"{pin}\"",
                    "\"{pin}\"",
                    "What it takes as the security officer's PIN.",
                ),
            ],
        },
    },
    StepShape {
        kind: StepKind::Reshare,
        table: Table {
            name: "a `reshare` step",
            meaning: "Replaces the shares that open tokens. The holders and the threshold are the roster's, after a \
                      `change-roster` step those of the new one.",
            keys: &[
                ID,
                DO,
                defaults(
                    "set",
                    Value::Word(spellings::<ShareSetName>),
                    "\"operate\"",
                    "\"recovery\"",
                    "Which set: `operate` opens tokens, `recovery` will open sealed backups and opens no token. The first \
                     shares of `recovery` are dealt by this step too.",
                ),
                defaults(
                    "onto",
                    Value::Word(spellings::<Onto>),
                    "\"new\"",
                    "\"newest\"",
                    "`new` deals new shares; `newest` brings tokens that were left behind onto the newest ones.",
                ),
                optional(
                    "tokens",
                    Value::Names,
                    "[\"primary\"]",
                    "The tokens whose PINs are replaced; left out: every token that the set opens.",
                ),
            ],
        },
    },
    StepShape {
        kind: StepKind::ChangeRoster,
        table: Table {
            name: "a `change-roster` step",
            meaning: "Replaces the roster, from the next ceremony on. Everybody who joins, or has a new key, approves the \
                      plan beside the officers.",
            keys: &[
                ID,
                DO,
                required(
                    "roster",
                    Value::Table(&INPUT_FILE),
                    "{ file = \"inputs/roster-2.toml\", sha256 = \"0000000000000000000000000000000000000000000000000000000000000000\" }",
                    "The new roster.",
                ),
            ],
        },
    },
    StepShape {
        kind: StepKind::GenerateKey,
        table: Table {
            name: "a `generate-key` step",
            meaning: "Makes a root key on a token.",
            keys: &[
                ID,
                DO,
                TOKEN,
                required(
                    "algorithm",
                    Value::Word(spellings::<KeyAlgorithm>),
                    "\"ecdsa-p256\"",
                    "Curve and hash. Only `ecdsa-p256` is taken by every relying system.",
                ),
                required(
                    "label",
                    Value::Label,
                    "\"prod-root-g1\"",
                    "The label of both halves, 32 bytes at most, unused on that token.",
                ),
                required(
                    "backup",
                    Value::Word(spellings::<Backup>),
                    "\"none\"",
                    "What is left when the token breaks. Said each time, because `none` means: nothing.",
                ),
            ],
        },
    },
    StepShape {
        kind: StepKind::SelfSign,
        table: Table {
            name: "a `self-sign` step",
            meaning: "Issues the root certificate of a key.",
            keys: &[
                ID,
                DO,
                required(
                    "key",
                    Value::Reference,
                    "\"root-key\"",
                    "The `generate-key` step whose key signs and is certified, here or in the ledger.",
                ),
                required("profile", Value::Word(root_profiles), "\"root\"", "The rules of the certificate."),
                required(
                    "subject",
                    Value::Subject,
                    SUBJECT_EXAMPLE,
                    "Subject and issuer, most significant attribute first. Never reuse one for a new key.",
                ),
                VALIDITY,
                optional(
                    "path-length",
                    Value::Integer { min: 0, max: 255 },
                    "1",
                    "How many CAs may follow in a chain (pathLenConstraint); unlimited when left out.",
                ),
            ],
        },
    },
    StepShape {
        kind: StepKind::SignIntermediate,
        table: Table {
            name: "a `sign-intermediate` step",
            meaning: "Issues an intermediate certificate for the key of a certificate request (PKCS#10).",
            keys: &[
                ID,
                DO,
                ISSUER,
                required(
                    "csr",
                    Value::Table(&INPUT_FILE),
                    "{ file = \"inputs/istio.csr\", \
                     sha256 = \"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\" }",
                    "The request. Only its key, and its subject unless you set one, are taken from it.",
                ),
                required(
                    "profile",
                    Value::Word(intermediate_profiles),
                    "\"intermediate\"",
                    "The rules of the certificate.",
                ),
                optional(
                    "subject",
                    Value::Subject,
                    "[{ O = \"Example\" }, { CN = \"istio ca\" }]",
                    "The subject instead of the request's, most significant attribute first.",
                ),
                VALIDITY,
                defaults(
                    "path-length",
                    Value::Integer { min: 0, max: 255 },
                    "0",
                    "0",
                    "How many CAs may follow in a chain (pathLenConstraint).",
                ),
            ],
        },
    },
    StepShape {
        kind: StepKind::Revoke,
        table: Table {
            name: "a `revoke` step",
            meaning: "Decides that a certificate is revoked. The next `issue-crl` of its issuer publishes it.",
            keys: &[
                ID,
                DO,
                ISSUER,
                required(
                    "certificate",
                    Value::Reference,
                    "\"ledger:istio\"",
                    "The `sign-intermediate` step that issued the certificate, here or in the ledger.",
                ),
                required(
                    "reason",
                    Value::Word(spellings::<ReasonCode>),
                    "\"superseded\"",
                    "Why (RFC 5280 5.3.1); every entry for a CA certificate gives a reason.",
                ),
                required(
                    "at",
                    Value::Instant,
                    "2026-12-01T09:00:00Z",
                    "revocationDate; not after the `this-update` of the CRL that publishes it.",
                ),
            ],
        },
    },
    StepShape {
        kind: StepKind::IssueCrl,
        table: Table {
            name: "an `issue-crl` step",
            meaning: "Issues a list of every revoked certificate of an issuer.",
            keys: &[
                ID,
                DO,
                ISSUER,
                required("this-update", Value::Instant, "2026-12-01T09:00:00Z", "thisUpdate."),
                required(
                    "next-update",
                    Value::Instant,
                    "2027-11-30T09:00:00Z",
                    "nextUpdate: by then the next list must be out. In production at most 365 days later.",
                ),
            ],
        },
    },
    StepShape {
        kind: StepKind::Clock,
        table: Table {
            name: "a `clock` step",
            meaning: "People read clocks that do not depend on the host and on one another.",
            keys: &[
                ID,
                DO,
                defaults(
                    "readers",
                    Value::Integer { min: 2, max: 16 },
                    "2",
                    "2",
                    "How many people read one.",
                ),
                defaults(
                    "tolerance-seconds",
                    Value::Integer { min: 1, max: 3600 },
                    "120",
                    "120",
                    "How far a clock may be from the host's, in seconds.",
                ),
                defaults(
                    "beacon",
                    Value::Word(spellings::<BeaconWanted>),
                    "\"none\"",
                    "\"brought\"",
                    "`brought`: somebody also brings what nobody could know earlier, such as a round of drand or a headline, so \
                     that the ceremony was not held before it.",
                ),
            ],
        },
    },
    StepShape {
        kind: StepKind::Confirm,
        table: Table {
            name: "a `confirm` step",
            meaning: "A person confirms a sentence, which goes into the record.",
            keys: &[
                ID,
                DO,
                required("by", Value::Word(spellings::<Role>), "\"witness\"", "Whose word it is."),
                required(
                    "text",
                    Value::Text { max_characters: 500 },
                    "\"The bag was sealed when it was handed over.\"",
                    "The sentence.",
                ),
                optional(
                    "discharges",
                    Value::Reference,
                    "\"ledger:disclose\"",
                    "The `[[duty]]` of an earlier ceremony that is done with this.",
                ),
            ],
        },
    },
    StepShape {
        kind: StepKind::ReadAloud,
        table: Table {
            name: "a `read-aloud` step",
            meaning: "Somebody reads a digest aloud, in words, from paper of their own; three of the words, which the program \
                      draws, are typed and have to be right.",
            keys: &[
                ID,
                DO,
                required("by", Value::Word(spellings::<Role>), "\"officer\"", "Who reads."),
                required(
                    "digest",
                    Value::Word(spellings::<DigestWord>),
                    "\"plan\"",
                    "Which digest: the `plan` digest, the SHA-256 of `roster`, `script` (this file) or an `input`, or the \
                     `previous-head`, the checkpoint.",
                ),
                optional(
                    "input-of",
                    Value::Name,
                    "\"istio\"",
                    "With `input`: the `sign-intermediate` or `change-roster` step whose file it is.",
                ),
            ],
        },
    },
    StepShape {
        kind: StepKind::Custody,
        table: Table {
            name: "a `custody` step",
            meaning: "A numbered bag is opened, closed or compared: two people read its number, one after the other. A number \
                      that is not the expected one becomes an exception.",
            keys: &[
                ID,
                DO,
                required(
                    "item",
                    Value::Name,
                    "\"primary-token\"",
                    "What lies in the bag; the same name in every ceremony.",
                ),
                required(
                    "act",
                    Value::Word(spellings::<CustodyAct>),
                    "\"open\"",
                    "`open` compares the bag and opens it; `seal` closes a new one; `inspect` compares it and leaves it closed.",
                ),
                optional(
                    "number",
                    Value::Text { max_characters: 64 },
                    "\"A0017\"",
                    "The number that the bag has, where no record says it yet: from the delivery note.",
                ),
                optional(
                    "place",
                    Value::Text { max_characters: 200 },
                    "\"safe 2, Vienna\"",
                    "Where it is from then on.",
                ),
            ],
        },
    },
    StepShape {
        kind: StepKind::ImportEvidence,
        table: Table {
            name: "an `import-evidence` step",
            meaning: "Takes in a file from a device: its log, an attestation. It lies in the exchange directory, has 16 MiB at \
                      most, and becomes part of the record.",
            keys: &[
                ID,
                DO,
                TOKEN,
                required(
                    "form",
                    Value::Word(spellings::<EvidenceForm>),
                    "\"yubihsm2-log\"",
                    "`yubihsm2-log`: what `yubihsm-shell` prints of the audit log, which `verify` holds against the record; \
                     `opaque`: anything else, which is kept and not read.",
                ),
                required("file", Value::FileName, "\"yubihsm.log\"", "Its name in the exchange directory."),
            ],
        },
    },
    StepShape {
        kind: StepKind::Attest,
        table: Table {
            name: "an `attest` step",
            meaning: "Everybody who is there in one of the roles states the sentence, or says why not. A refusal ends nothing, \
                      and stands first in every verdict.",
            keys: &[
                ID,
                DO,
                required("by", Value::Words(spellings::<Role>), "[\"officer\", \"witness\"]", "The roles."),
                defaults(
                    "text",
                    Value::Text { max_characters: 500 },
                    DEFAULT_ATTESTATION,
                    "\"I was there from beginning to end, and it went as the record says.\"",
                    "The sentence.",
                ),
            ],
        },
    },
    StepShape {
        kind: StepKind::Break,
        table: Table {
            name: "a `break` step",
            meaning: "The ceremony pauses: the head is read aloud before it, bags and seals are compared after it.",
            keys: &[
                ID,
                DO,
                required("reason", Value::Text { max_characters: 500 }, "\"Lunch.\"", "Why, for people."),
                required(
                    "minutes",
                    Value::Integer { min: 1, max: 1440 },
                    "45",
                    "How long it is expected to take.",
                ),
                required(
                    "shares",
                    Value::Word(spellings::<SharesAfterBreak>),
                    "\"entered-again\"",
                    "Whether tokens are closed and opened by shares again afterwards. In production always.",
                ),
            ],
        },
    },
];

fn root_profiles() -> Vec<String> {
    vec![Profile::Root.to_string()]
}

fn intermediate_profiles() -> Vec<String> {
    vec![Profile::Intermediate.to_string()]
}

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
            | Self::Word(_) => "a string".to_owned(),
            Self::Instant => "a date-time without quotation marks".to_owned(),
            Self::Integer { min, max } => format!("a whole number from {min} to {max}"),
            Self::Words(_) | Self::Names => "an array of strings".to_owned(),
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
