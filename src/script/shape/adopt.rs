//! The step that takes in a root that was made elsewhere.

use super::{DO, ID, INPUT_FILE, StepShape, TOKEN, Table, Value, optional, required};
use crate::format::{ReasonCode, StepKind};
use crate::script::word::spellings;

const FILE: &str = "{ file = \"inputs/old-root.crt.pem\", sha256 = \"0000000000000000000000000000000000000000000000000000000000000000\" }";

pub(super) const ADOPT_AUTHORITY: StepShape = StepShape {
    kind: StepKind::AdoptAuthority,
    table: Table {
        name: "an `adopt-authority` step",
        meaning: "Takes in a root that was made elsewhere, with everything that it issued: the first ceremony of an \
                  authority. What is taken in is asserted by a witness, and stays so until a later ceremony signs with the key.",
        keys: &[
            ID,
            DO,
            TOKEN,
            required(
                "label",
                Value::Label,
                "\"old-root\"",
                "The label of both halves of the key on that token, as it is there.",
            ),
            required("certificate", Value::Table(&INPUT_FILE), FILE, "The root certificate, in PEM."),
            required(
                "issued",
                Value::Files,
                "[]",
                "Every certificate that the key issued besides, one a file, in PEM: later ceremonies know them as `ID-1`, `ID-2` \
                 and so on. `[]` where it issued none.",
            ),
            optional("crl", Value::Table(&INPUT_FILE), FILE, "The last CRL, in PEM."),
            optional(
                "without-crl",
                Value::Text { max_characters: 200 },
                "\"It issued none: nothing was ever revoked.\"",
                "Why there is no CRL. One of `crl` and `without-crl` is there.",
            ),
            optional(
                "reason-where-none",
                Value::Word(spellings::<ReasonCode>),
                "\"cessation-of-operation\"",
                "With which reason later CRLs carry entries that have none, or one that a CA certificate is not revoked for.",
            ),
        ],
    },
};
