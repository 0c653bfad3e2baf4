//! The tables that are not steps.

use super::{Table, Value, optional, required};
use crate::format::{Environment, Role, Rule};
use crate::script::vocabulary::RelyingSystem;
use crate::script::word::spellings;

/// The whole file.
pub(in crate::script) static DOCUMENT: Table = Table {
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
pub(in crate::script) static CEREMONY: Table = Table {
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
        optional(
            "next-ceremony",
            Value::Instant,
            "2027-11-02T09:00:00Z",
            "When the next ceremony is held at the latest: the CRLs of this one have to last until then.",
        ),
    ],
};

/// `[[duty]]`
pub(in crate::script) static DUTY: Table = Table {
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
pub(in crate::script) static WAIVER: Table = Table {
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
pub(in crate::script) static WINDOW: Table = Table {
    name: "a period",
    meaning: "From one instant to a later one, both included.",
    keys: &[
        required("from", Value::Instant, "2026-12-01T09:00:00Z", "The first second."),
        required("to", Value::Instant, "2026-12-01T17:00:00Z", "The last second."),
    ],
};

/// An input file.
pub(in crate::script) static INPUT_FILE: Table = Table {
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
