use std::fmt;
use std::str::FromStr;

use der::Tag;
use der::asn1::ObjectIdentifier;

use super::country;
use crate::format::UnknownSpelling;
use crate::pki::text::is_deceptive;

/// The attributes that a name made here can have, in the order in which BR 7.1.4.1 wants them encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AttributeKind {
    /// domainComponent (RFC 4519 2.4): one label of a DNS name.
    DC,
    /// countryName (X.520 6.3.1): an ISO 3166-1 code.
    C,
    /// stateOrProvinceName (X.520 6.3.3).
    ST,
    /// localityName (X.520 6.3.2).
    L,
    /// postalCode (X.520 6.6.2).
    POSTALCODE,
    /// streetAddress (X.520 6.3.4).
    STREET,
    /// organizationName (X.520 6.4.1).
    O,
    /// organizationalUnitName (X.520 6.4.2).
    OU,
    /// serialNumber (X.520 6.2.9). BR 7.1.4.1 gives it no place in the order.
    SERIALNUMBER,
    /// commonName (X.520 6.2.2).
    CN,
}

/// Why an attribute, or their sequence, is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttributeError {
    /// RFC 5280 4.1.2.4 and 4.1.2.6: a CA has a name.
    #[error("the name has no attributes (RFC 5280 4.1.2.4)")]
    NoAttributes,
    /// Nothing at all.
    #[error("`{kind}` is empty")]
    Empty {
        /// Which attribute.
        kind: AttributeKind,
    },
    /// More characters than the upper bound of X.520 (RFC 5280 appendix A.1).
    #[error("`{kind}` has {length} characters, {limit} are allowed (RFC 5280 A.1)")]
    TooLong {
        /// Which attribute.
        kind: AttributeKind,
        /// How many it has.
        length: usize,
        /// How many it may have.
        limit: usize,
    },
    /// A character that cannot be seen, or changes how others are seen.
    #[error("`{kind}` has the character U+{:04X}, which cannot be seen or misleads", u32::from(*character))]
    Deceptive {
        /// Which attribute.
        kind: AttributeKind,
        /// The character.
        character: char,
    },
    /// White space at an end is lost in comparisons (RFC 5280 7.1).
    #[error("`{kind}` begins or ends with white space (RFC 5280 7.1)")]
    OuterSpace {
        /// Which attribute.
        kind: AttributeKind,
    },
    /// Only `-`, `.` and spaces, which says that a value is absent (BR 7.1.4.1).
    #[error("`{kind}` says nothing: only `-`, `.` or space (BR 7.1.4.1)")]
    Insignificant {
        /// Which attribute.
        kind: AttributeKind,
    },
    /// C is no assigned code.
    #[error("`C` is not an assigned two-letter code of ISO 3166-1, in capitals")]
    Country,
    /// Characters that the attribute's string type does not have, or for DC, that a DNS label does not have.
    #[error("`{kind}` has characters outside its string type (RFC 5280 A.1, RFC 4519 2.4)")]
    Characters {
        /// Which attribute.
        kind: AttributeKind,
    },
    /// BR 7.1.4.1.
    #[error("`{kind}` stands before `{after}` in a name (BR 7.1.4.1)")]
    Order {
        /// The attribute that comes too late.
        kind: AttributeKind,
        /// The one that it follows.
        after: AttributeKind,
    },
    /// BR 7.1.4.1; DC and STREET may repeat.
    #[error("`{kind}` is there more than once (BR 7.1.4.1)")]
    Repeated {
        /// Which attribute.
        kind: AttributeKind,
    },
}

/// Kind, label, object identifier, upper bound in characters.
const TABLE: [(AttributeKind, &str, ObjectIdentifier, usize); 10] = [
    (AttributeKind::DC, "DC", ObjectIdentifier::new_unwrap("0.9.2342.19200300.100.1.25"), 63),
    (AttributeKind::C, "C", ObjectIdentifier::new_unwrap("2.5.4.6"), 2),
    (AttributeKind::ST, "ST", ObjectIdentifier::new_unwrap("2.5.4.8"), 128),
    (AttributeKind::L, "L", ObjectIdentifier::new_unwrap("2.5.4.7"), 128),
    (AttributeKind::POSTALCODE, "POSTALCODE", ObjectIdentifier::new_unwrap("2.5.4.17"), 40),
    (AttributeKind::STREET, "STREET", ObjectIdentifier::new_unwrap("2.5.4.9"), 128),
    (AttributeKind::O, "O", ObjectIdentifier::new_unwrap("2.5.4.10"), 64),
    (AttributeKind::OU, "OU", ObjectIdentifier::new_unwrap("2.5.4.11"), 64),
    (AttributeKind::SERIALNUMBER, "SERIALNUMBER", ObjectIdentifier::new_unwrap("2.5.4.5"), 64),
    (AttributeKind::CN, "CN", ObjectIdentifier::new_unwrap("2.5.4.3"), 64),
];

impl AttributeKind {
    /// Every kind, in encoding order.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|(kind, ..)| *kind)
    }

    fn row(self) -> Option<&'static (Self, &'static str, ObjectIdentifier, usize)> {
        TABLE.iter().find(|(kind, ..)| *kind == self)
    }

    /// The kind of that object identifier.
    pub(in crate::pki) fn of(oid: ObjectIdentifier) -> Option<Self> {
        TABLE.iter().find(|(_, _, known, _)| *known == oid).map(|(kind, ..)| *kind)
    }

    pub(super) fn oid(self) -> Option<ObjectIdentifier> {
        self.row().map(|(_, _, oid, _)| *oid)
    }

    /// The string type that a name made here uses (RFC 5280 4.1.2.4 and A.1, RFC 4519 2.4).
    pub(super) fn tag(self) -> Tag {
        match self {
            Self::C | Self::SERIALNUMBER => Tag::PrintableString,
            Self::DC => Tag::Ia5String,
            _ => Tag::Utf8String,
        }
    }

    /// Whether a name made elsewhere may use that string type.
    pub(in crate::pki) fn allows(self, tag: Tag) -> bool {
        tag == self.tag() || (self.tag() == Tag::Utf8String && tag == Tag::PrintableString)
    }

    /// Whether a name may have it twice (BR 7.1.4.1).
    fn may_repeat(self) -> bool {
        matches!(self, Self::DC | Self::STREET)
    }

    /// The rules for one value, whoever made it.
    pub(in crate::pki) fn check(self, value: &str) -> Result<(), AttributeError> {
        let kind = self;
        let length = value.chars().count();
        let limit = self.row().map_or(0, |(_, _, _, limit)| *limit);
        if length == 0 {
            return Err(AttributeError::Empty { kind });
        }
        if length > limit {
            return Err(AttributeError::TooLong { kind, length, limit });
        }
        if let Some(character) = value.chars().find(|character| is_deceptive(*character)) {
            return Err(AttributeError::Deceptive { kind, character });
        }
        if value.trim() != value {
            return Err(AttributeError::OuterSpace { kind });
        }
        if value.chars().all(|character| matches!(character, '-' | '.' | ' ')) {
            return Err(AttributeError::Insignificant { kind });
        }
        let fits = match self {
            Self::C if !country::is_assigned(value) => return Err(AttributeError::Country),
            Self::DC => value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'),
            Self::SERIALNUMBER => value.bytes().all(is_printable_string),
            _ => true,
        };
        if fits { Ok(()) } else { Err(AttributeError::Characters { kind }) }
    }

    /// The first attribute that stands too late. SERIALNUMBER may stand anywhere.
    pub(in crate::pki) fn check_order(kinds: &[Self]) -> Result<(), AttributeError> {
        let ordered: Vec<Self> = kinds.iter().copied().filter(|kind| *kind != Self::SERIALNUMBER).collect();
        match ordered.iter().zip(ordered.iter().skip(1)).find(|(after, kind)| after > kind) {
            Some((after, kind)) => Err(AttributeError::Order { kind: *kind, after: *after }),
            None => Ok(()),
        }
    }

    /// The first attribute that repeats and may not.
    pub(in crate::pki) fn check_repetition(kinds: &[Self]) -> Result<(), AttributeError> {
        let repeats =
            |kind: &&Self| !kind.may_repeat() && kinds.iter().filter(|other| other == kind).count() > 1;
        match kinds.iter().find(repeats) {
            Some(kind) => Err(AttributeError::Repeated { kind: *kind }),
            None => Ok(()),
        }
    }
}

/// X.680 41.4.
fn is_printable_string(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(&byte)
}

impl fmt::Display for AttributeKind {
    /// As RFC 4514 section 3 writes it, in capitals.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.row().map_or("", |(_, label, ..)| label))
    }
}

impl FromStr for AttributeKind {
    type Err = UnknownSpelling;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = TABLE.iter().find(|(_, label, ..)| *label == text);
        found.map(|(kind, ..)| *kind).ok_or_else(|| UnknownSpelling { found: text.to_owned() })
    }
}
