//! Steps that sign, and what they sign.

use super::extensions::{
    AUTHORITY_INFORMATION_ACCESS, CRL_DISTRIBUTION_POINTS, EXTENDED_KEY_USAGE, NAMES_CONSTRAINED, POLICIES,
    SPIFFE_ID,
};
use super::{DO, ID, INPUT_FILE, Key, StepShape, Table, Value, WINDOW, optional, required};
use crate::format::{Profile, ReasonCode, StepKind};
use crate::script::word::{Word as _, spellings};

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

pub(super) const SELF_SIGN: StepShape = StepShape {
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
            EXTENDED_KEY_USAGE,
            NAMES_CONSTRAINED,
            POLICIES,
            CRL_DISTRIBUTION_POINTS,
            AUTHORITY_INFORMATION_ACCESS,
            SPIFFE_ID,
        ],
    },
};

pub(super) const SIGN_INTERMEDIATE: StepShape = StepShape {
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
            optional(
                "path-length",
                Value::Integer { min: 0, max: 255 },
                "0",
                "How many CAs may follow in a chain (pathLenConstraint); left out, what the profile says.",
            ),
            EXTENDED_KEY_USAGE,
            NAMES_CONSTRAINED,
            POLICIES,
            CRL_DISTRIBUTION_POINTS,
            AUTHORITY_INFORMATION_ACCESS,
            SPIFFE_ID,
        ],
    },
};

pub(super) const CROSS_SIGN: StepShape = StepShape {
    kind: StepKind::CrossSign,
    table: Table {
        name: "a `cross-sign` step",
        meaning: "Certifies a root's key once more, under another root: a new root under the old one, an old one under the \
                  new, or another organisation's.",
        keys: &[
            ID,
            DO,
            ISSUER,
            required(
                "certificate",
                Value::Certified,
                "\"ledger:root\"",
                "The root that is certified: a `self-sign` step, here or in the ledger, or the file of another \
                 organisation's certificate. Subject, key and key identifier are copied from it, byte for byte.",
            ),
            optional(
                "csr",
                Value::Table(&INPUT_FILE),
                "{ file = \"inputs/partner.csr\", \
                 sha256 = \"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\" }",
                "With a file: a request signed with the same key. Without one nothing shows that whoever brought the \
                 certificate has its key.",
            ),
            VALIDITY,
            optional(
                "path-length",
                Value::Integer { min: 0, max: 255 },
                "1",
                "How many CAs may follow in a chain (pathLenConstraint); that of the certificate when left out, and never \
                 more.",
            ),
            EXTENDED_KEY_USAGE,
            NAMES_CONSTRAINED,
            POLICIES,
            CRL_DISTRIBUTION_POINTS,
            AUTHORITY_INFORMATION_ACCESS,
            SPIFFE_ID,
        ],
    },
};

pub(super) const REVOKE: StepShape = StepShape {
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
                "The `sign-intermediate` or `cross-sign` step that issued the certificate, here or in the ledger.",
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
};

pub(super) const ISSUE_CRL: StepShape = StepShape {
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
            optional(
                "issuing-distribution-point",
                Value::Forms(super::extensions::HTTP),
                "[\"http://crl.example.org/root-g1.crl\"]",
                "Where the list is published, as the certificates say it (issuingDistributionPoint, critical).",
            ),
            optional(
                "series",
                Value::Table(&SERIES),
                "{ count = 12, every-days = 30 }",
                "Further lists for the months to come, signed now and published one after the other.",
            ),
        ],
    },
};

/// CRLs that are signed ahead of their time.
pub(in crate::script) static SERIES: Table = Table {
    name: "a series",
    meaning: "How many lists one step makes, and how far apart they are; they last as long as the first.",
    keys: &[
        required("count", Value::Integer { min: 2, max: 60 }, "12", "How many lists, the first included."),
        required(
            "every-days",
            Value::Integer { min: 1, max: 365 },
            "30",
            "Days from one list's `this-update` to the next one's; fewer than a list lasts.",
        ),
    ],
};

fn root_profiles() -> Vec<String> {
    vec![Profile::Root.to_string()]
}

/// Every profile but that of roots and that of `cross-sign`.
fn intermediate_profiles() -> Vec<String> {
    let own = [Profile::Root, Profile::Cross];
    let below = Profile::ALL.iter().filter(|profile| !own.contains(*profile));
    below.map(Profile::to_string).collect()
}
