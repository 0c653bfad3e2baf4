//! Distinguished names: made from attributes, or the bytes that someone else made.

mod attribute;
mod country;

use std::fmt;

use der::asn1::{Any, Ia5StringRef, PrintableStringRef, SetOfVec};
use der::{Tag, Tagged};
use x509_cert::attr::AttributeTypeAndValue;

use super::structure::{decode, encode};
use super::text::escape_value;
use super::{Error, Part};

pub use attribute::{AttributeError, AttributeKind};

/// A Name (RFC 5280 4.1.2.4), as the DER bytes that it was made of or read from. Two are equal when their
/// bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DistinguishedName {
    der: Vec<u8>,
    /// The relative distinguished names, most significant first, as they are encoded.
    pub(super) rdns: Vec<Vec<AttributeTypeAndValue>>,
}

impl DistinguishedName {
    /// Makes a name with one attribute in each relative distinguished name, in the given order.
    ///
    /// C and SERIALNUMBER become PrintableString, DC IA5String, the others UTF8String.
    ///
    /// # Errors
    /// When a value breaks a limit of X.520 or cannot be read by a person, or the order or a repetition is
    /// not what BR 7.1.4.1 allows.
    pub fn from_attributes(attributes: &[(AttributeKind, String)]) -> Result<Self, Error> {
        if attributes.is_empty() {
            return Err(AttributeError::NoAttributes.into());
        }
        let kinds: Vec<AttributeKind> = attributes.iter().map(|(kind, _)| *kind).collect();
        AttributeKind::check_repetition(&kinds)?;
        AttributeKind::check_order(&kinds)?;
        let not_encodable = |reason| Error::NotEncodable { part: Part::Name, reason };
        let mut rdns = Vec::new();
        for (kind, value) in attributes {
            kind.check(value)?;
            let oid = kind.oid().ok_or(Error::NotCanonical { part: Part::Name })?;
            let value = Any::new(kind.tag(), value.as_bytes()).map_err(not_encodable)?;
            rdns.push(SetOfVec::try_from([AttributeTypeAndValue { oid, value }]).map_err(not_encodable)?);
        }
        Self::from_der(&encode(Part::Name, &rdns)?)
    }

    /// Reads a DER Name. It may be empty, and its values may be ones that no rule allows: the lints judge
    /// those.
    ///
    /// # Errors
    /// When the bytes are not DER, or a relative distinguished name is empty (X.501 9.3).
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        let sequence: Vec<SetOfVec<AttributeTypeAndValue>> = decode(Part::Name, der)?;
        let rdns: Vec<Vec<_>> = sequence.into_iter().map(SetOfVec::into_vec).collect();
        if rdns.iter().any(Vec::is_empty) {
            return Err(AttributeError::NoAttributes.into());
        }
        Ok(Self { der: der.to_vec(), rdns })
    }

    /// The DER Name.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Whether it has no attributes, as the subject of a request may.
    pub fn is_empty(&self) -> bool {
        self.rdns.is_empty()
    }
}

impl fmt::Display for DistinguishedName {
    /// Like RFC 4514 but most significant attribute first: `O=Example, CN=Example Root`. Printable ASCII,
    /// whatever the name holds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.rdns.is_empty() {
            return f.write_str("(empty)");
        }
        for (position, rdn) in self.rdns.iter().enumerate() {
            if position > 0 {
                f.write_str(", ")?;
            }
            for (position, AttributeTypeAndValue { oid, value }) in rdn.iter().enumerate() {
                if position > 0 {
                    f.write_str("+")?;
                }
                match AttributeKind::of(*oid) {
                    Some(kind) => write!(f, "{kind}=")?,
                    None => write!(f, "{oid}=")?,
                }
                match text(value) {
                    Some(text) => f.write_str(&escape_value(text))?,
                    // RFC 4514 2.4: what has no text is shown as the hexadecimal of its DER.
                    None => write!(f, "#{}", hexadecimal(value))?,
                }
            }
        }
        Ok(())
    }
}

/// The text of a value of one of the string types whose characters are certain.
pub(super) fn text(value: &Any) -> Option<&str> {
    match value.tag() {
        Tag::Utf8String => str::from_utf8(value.value()).ok(),
        Tag::PrintableString => {
            value.decode_as::<PrintableStringRef<'_>>().ok().and_then(|_| str::from_utf8(value.value()).ok())
        }
        Tag::Ia5String => {
            value.decode_as::<Ia5StringRef<'_>>().ok().and_then(|_| str::from_utf8(value.value()).ok())
        }
        _ => None,
    }
}

fn hexadecimal(value: &Any) -> String {
    encode(Part::Name, value).map(|der| base16ct::lower::encode_string(&der)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::sample;

    fn refusal(attributes: &[(&str, &str)]) -> AttributeError {
        let attributes: Vec<_> =
            attributes.iter().map(|(kind, value)| (kind.parse().unwrap(), (*value).to_owned())).collect();
        match DistinguishedName::from_attributes(&attributes) {
            Err(Error::Attribute(error)) => error,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_name_keeps_its_order_and_its_string_types() {
        let name = sample::name(&[
            ("DC", "org"),
            ("DC", "example"),
            ("C", "DE"),
            ("ST", "x"),
            ("L", "x"),
            ("POSTALCODE", "1"),
            ("STREET", "a"),
            ("STREET", "b"),
            ("O", "M\u{fc}ller, \"Sons\""),
            ("OU", "production"),
            ("CN", "Root G1"),
            ("SERIALNUMBER", "7"),
        ]);
        assert_eq!(
            name.to_string(),
            "DC=org, DC=example, C=DE, ST=x, L=x, POSTALCODE=1, STREET=a, STREET=b, \
             O=M\\C3\\BCller\\, \\\"Sons\\\", OU=production, CN=Root G1, SERIALNUMBER=7"
        );
        assert_eq!(DistinguishedName::from_der(name.der()), Ok(name.clone()));
        for kind in AttributeKind::all() {
            let expected = match kind {
                AttributeKind::C | AttributeKind::SERIALNUMBER => Tag::PrintableString,
                AttributeKind::DC => Tag::Ia5String,
                _ => Tag::Utf8String,
            };
            assert!(name.rdns.iter().flatten().any(|found| {
                AttributeKind::of(found.oid) == Some(kind) && found.value.tag() == expected
            }));
        }
        let der = sample::name(&[("C", "DE"), ("CN", "x")]).der().to_vec();
        assert_eq!(
            der,
            b"\x30\x19\x31\x0b\x30\x09\x06\x03\x55\x04\x06\x13\x02DE\
              \x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01x"
        );
    }

    #[test]
    fn an_attribute_that_cannot_be_is_refused() {
        use AttributeKind::*;
        let long = |length| "\u{fc}".repeat(length);
        assert_eq!(refusal(&[]), AttributeError::NoAttributes);
        for (kind, limit) in
            [("ST", 128), ("L", 128), ("POSTALCODE", 40), ("STREET", 128), ("O", 64), ("OU", 64), ("CN", 64)]
        {
            let kind: AttributeKind = kind.parse().unwrap();
            assert_eq!(kind.check(&long(limit)), Ok(()));
            let error = AttributeError::TooLong { kind, length: limit + 1, limit };
            assert_eq!(kind.check(&long(limit + 1)), Err(error));
        }
        let cases = [
            (C, "de", AttributeError::Country),
            (C, "UK", AttributeError::Country),
            (C, "D ", AttributeError::OuterSpace { kind: C }),
            (C, "DEU", AttributeError::TooLong { kind: C, length: 3, limit: 2 }),
            (CN, "", AttributeError::Empty { kind: CN }),
            (CN, "a\0", AttributeError::Deceptive { kind: CN, character: '\0' }),
            (CN, "a\nb", AttributeError::Deceptive { kind: CN, character: '\n' }),
            (CN, "a\u{202e}b", AttributeError::Deceptive { kind: CN, character: '\u{202e}' }),
            (CN, "a\u{200b}b", AttributeError::Deceptive { kind: CN, character: '\u{200b}' }),
            (O, " x", AttributeError::OuterSpace { kind: O }),
            (O, "x ", AttributeError::OuterSpace { kind: O }),
            (O, "a\u{3000}b", AttributeError::Deceptive { kind: O, character: '\u{3000}' }),
            (O, "a\u{e0041}b", AttributeError::Deceptive { kind: O, character: '\u{e0041}' }),
            (OU, ".", AttributeError::Insignificant { kind: OU }),
            (OU, "- -", AttributeError::Insignificant { kind: OU }),
            (DC, "example.org", AttributeError::Characters { kind: DC }),
            (DC, "b\u{fc}cher", AttributeError::Characters { kind: DC }),
            (SERIALNUMBER, "7*", AttributeError::Characters { kind: SERIALNUMBER }),
        ];
        for (kind, value, expected) in cases {
            let attributes = [(kind, value.to_owned())];
            assert_eq!(
                DistinguishedName::from_attributes(&attributes),
                Err(expected.into()),
                "{kind}={value:?}"
            );
        }
    }

    #[test]
    fn the_order_and_the_repetitions_are_those_of_the_baseline_requirements() {
        use AttributeKind::*;
        let order = |kind, after| AttributeError::Order { kind, after };
        assert_eq!(refusal(&[("CN", "x"), ("O", "y")]), order(O, CN));
        assert_eq!(refusal(&[("O", "x"), ("SERIALNUMBER", "1"), ("C", "DE")]), order(C, O));
        assert_eq!(refusal(&[("C", "DE"), ("DC", "org")]), order(DC, C));
        assert_eq!(refusal(&[("OU", "x"), ("OU", "y")]), AttributeError::Repeated { kind: OU });
        assert_eq!(refusal(&[("CN", "x"), ("CN", "x")]), AttributeError::Repeated { kind: CN });
    }

    #[test]
    fn only_der_is_a_name_and_any_der_is_shown_safely() {
        let attribute = |oid: &[u8], value: &[u8]| {
            let length = |bytes: &[u8]| u8::try_from(bytes.len()).unwrap();
            let body = [&[6, length(oid)], oid, value].concat();
            [&[0x30, length(&body)], body.as_slice()].concat()
        };
        let wrap = |tag: u8, parts: &[Vec<u8>]| {
            let body = parts.concat();
            [&[tag, u8::try_from(body.len()).unwrap()], body.as_slice()].concat()
        };
        let (o, cn) = (attribute(&[0x55, 4, 10], b"\x0c\x01o"), attribute(&[0x55, 4, 3], b"\x0c\x01c"));
        let shown =
            |rdns: &[Vec<u8>]| DistinguishedName::from_der(&wrap(0x30, rdns)).map(|name| name.to_string());
        assert_eq!(shown(&[]), Ok("(empty)".to_owned()));
        assert_eq!(shown(&[wrap(0x31, &[cn.clone(), o.clone()])]), Ok("CN=c+O=o".to_owned()));
        assert_eq!(shown(&[wrap(0x31, &[o, cn])]), Err(Error::NotCanonical { part: Part::Name }));
        assert_eq!(shown(&[wrap(0x31, &[])]), Err(AttributeError::NoAttributes.into()));
        for (value, expected) in [
            (b"\x0c\x02\xff\xfe".as_slice(), "CN=#0c02fffe"),
            (b"\x13\x01*", "CN=#13012a"),
            (b"\x14\x01\xe9", "CN=#1401e9"),
            (b"\x1e\x02\x00x", "CN=#1e020078"),
            (b"\x0c\x01\x1b", "CN=\\1B"),
            (b"\x16\x01@", "CN=@"),
        ] {
            assert_eq!(shown(&[wrap(0x31, &[attribute(&[0x55, 4, 3], value)])]), Ok(expected.to_owned()));
        }
        let unknown = attribute(&[0x2a, 3, 4], b"\x0c\x01x");
        assert_eq!(shown(&[wrap(0x31, &[unknown])]), Ok("1.2.3.4=x".to_owned()));
    }
}
