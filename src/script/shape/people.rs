//! Steps in which people compare, state and watch.

use super::{DEFAULT_ATTESTATION, DO, ID, StepShape, TOKEN, Table, Value, defaults, optional, required};
use crate::format::{CustodyAct, EvidenceForm, Role, SharesAfterBreak, StepKind};
use crate::script::vocabulary::{BeaconWanted, DigestWord};
use crate::script::word::spellings;

pub(super) const CLOCK: StepShape = StepShape {
    kind: StepKind::Clock,
    table: Table {
        name: "a `clock` step",
        meaning: "People read clocks that do not depend on the host and on one another.",
        keys: &[
            ID,
            DO,
            defaults("readers", Value::Integer { min: 2, max: 16 }, "2", "2", "How many people read one."),
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
};

pub(super) const CONFIRM: StepShape = StepShape {
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
};

pub(super) const READ_ALOUD: StepShape = StepShape {
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
};

pub(super) const CUSTODY: StepShape = StepShape {
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
};

pub(super) const IMPORT_EVIDENCE: StepShape = StepShape {
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
};

pub(super) const ATTEST: StepShape = StepShape {
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
};

pub(super) const BREAK: StepShape = StepShape {
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
};
