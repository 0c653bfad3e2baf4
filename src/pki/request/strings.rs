use der::asn1::Any;
use der::{Decode, Reader, SliceReader, Tag};

use crate::pki::{Error, Part};

/// Refuses a control character in any string of these elements, however deep it lies: software written in C takes NUL for the
/// end, and then reads another name than the one that was checked.
pub(super) fn demand_visible(part: Part, elements: &[u8]) -> Result<(), Error> {
    let malformed = |reason| Error::NotDer { part, reason };
    let mut reader = SliceReader::new(elements).map_err(malformed)?;
    while !reader.is_finished() {
        let element = Any::decode(&mut reader).map_err(malformed)?;
        let (tag, content) = (der::Tagged::tag(&element), element.value());
        let visible = match tag {
            _ if tag.is_constructed() => {
                demand_visible(part, content)?;
                true
            }
            // UTF-16, two octets a character.
            Tag::BmpString => content.chunks(2).all(|pair| !matches!(pair, [0, low] if is_control(*low))),
            Tag::Utf8String
            | Tag::PrintableString
            | Tag::TeletexString
            | Tag::VideotexString
            | Tag::Ia5String
            | Tag::VisibleString
            | Tag::GeneralString => !content.iter().any(|octet| is_control(*octet)),
            // rfc822Name, dNSName and uniformResourceIdentifier of a GeneralName (RFC 5280 4.2.1.6).
            Tag::ContextSpecific { number, .. } if [1, 2, 6].contains(&number.value()) => {
                !content.iter().any(|octet| is_control(*octet))
            }
            _ => true,
        };
        if !visible {
            return Err(Error::ControlCharacter { part });
        }
    }
    Ok(())
}

fn is_control(octet: u8) -> bool {
    octet < 0x20 || octet == 0x7f
}
