//! Keys of every step that issues a certificate: what the certificate says besides.

use super::{Key, Table, Value, defaults, optional};
use crate::format::KeyPurpose;
use crate::script::word::spellings;

const HOST: &str = "^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?$";
const HOST_OR_DOMAIN: &str = "^\\.?([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?$";
const ADDRESS_RANGE: &str = "^[0-9a-f.:]+/[0-9]{1,3}$";
const OBJECT_IDENTIFIER: &str = "^[0-2](\\.(0|[1-9][0-9]*)){2,}$";
pub(super) const HTTP: &str = "^http://[a-z0-9.-]+(:[0-9]+)?/[!-~]*$";
const SPIFFE: &str = "^spiffe://[a-z0-9._-]+(/[A-Za-z0-9._-]+)*$";

pub(super) const EXTENDED_KEY_USAGE: Key = optional(
    "extended-key-usage",
    Value::Words(spellings::<KeyPurpose>),
    "[\"server-auth\", \"client-auth\"]",
    "What certificates below may be used for (extKeyUsage); anything when left out, which most relying systems need.",
);

pub(super) const NAMES_CONSTRAINED: Key = optional(
    "name-constraints",
    Value::Table(&NAME_CONSTRAINTS),
    "{ permitted = { dns = [\"prod.example.org\"] } }",
    "Which names certificates below may have (nameConstraints).",
);

pub(super) const POLICIES: Key = optional(
    "policies",
    Value::Forms(OBJECT_IDENTIFIER),
    "[\"1.3.6.1.4.1.32473.1\"]",
    "Certificate policies, by object identifier (certificatePolicies).",
);

pub(super) const CRL_DISTRIBUTION_POINTS: Key = optional(
    "crl-distribution-points",
    Value::Forms(HTTP),
    "[\"http://pki.example.org/root-g1.crl\"]",
    "Where the issuer's CRL is published (cRLDistributionPoints).",
);

pub(super) const AUTHORITY_INFORMATION_ACCESS: Key = optional(
    "authority-information-access",
    Value::Forms(HTTP),
    "[\"http://pki.example.org/root-g1.cer\"]",
    "Where the issuer's certificate is published (authorityInfoAccess, caIssuers).",
);

pub(super) const SPIFFE_ID: Key = optional(
    "spiffe-id",
    Value::Form(SPIFFE),
    "\"spiffe://prod.example.org\"",
    "The SPIFFE ID of the CA (subjectAltName, one URI).",
);

/// Name constraints.
pub(in crate::script) static NAME_CONSTRAINTS: Table = Table {
    name: "name constraints",
    meaning: "Names that certificates below may or may not have, at least one.",
    keys: &[
        defaults(
            "critical",
            Value::Boolean,
            "true",
            "true",
            "Whether software that does not understand them has to refuse the certificate (RFC 5280 4.2.1.10: it has).",
        ),
        optional(
            "permitted",
            Value::Table(&SUBTREES),
            "{ dns = [\"prod.example.org\"] }",
            "Names of each listed kind have to lie below one of these.",
        ),
        optional(
            "excluded",
            Value::Table(&SUBTREES),
            "{ ip = [\"0.0.0.0/0\", \"::/0\"] }",
            "No name may lie below one of these.",
        ),
    ],
};

/// One list of name constraints.
pub(in crate::script) static SUBTREES: Table = Table {
    name: "a list of name constraints",
    meaning: "Names and what lies below them, by kind.",
    keys: &[
        optional(
            "dns",
            Value::Forms(HOST),
            "[\"prod.example.org\"]",
            "Host names, each with everything below it.",
        ),
        optional(
            "ip",
            Value::Forms(ADDRESS_RANGE),
            "[\"10.0.0.0/8\", \"2001:db8::/32\"]",
            "Ranges of addresses.",
        ),
        optional(
            "uri",
            Value::Forms(HOST_OR_DOMAIN),
            "[\"prod.example.org\", \".prod.example.org\"]",
            "Hosts of URIs: exactly that host, or with a leading dot every host below it.",
        ),
        optional(
            "directory",
            Value::Subjects,
            "[[{ O = \"Example\" }]]",
            "Beginnings of subjects, most significant attribute first.",
        ),
    ],
};
