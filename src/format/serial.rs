use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::hex::serde_by_text;

/// A certificate serial number: the content octets of a positive DER INTEGER, at most 20 (RFC 5280 4.1.2.2).
///
/// Written as lower-case hexadecimal of those octets.
///
/// Ordered octet by octet from the front, as texts are.
// Inline, because a CRL may have a million of them: the octets after `length` are zero, so that the derived order and equality
// are those of the octets that count.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SerialNumber {
    octets: [u8; LONGEST],
    length: u8,
}

/// RFC 5280 4.1.2.2.
const LONGEST: usize = 20;

/// Why octets are no [`SerialNumber`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SerialNumberError {
    /// Zero octets or the value zero.
    #[error("a serial number is greater than zero (RFC 5280 4.1.2.2)")]
    NotPositive,
    /// More than 20 octets.
    #[error("a serial number has at most 20 octets (RFC 5280 4.1.2.2), this one has {length}")]
    TooLong {
        /// How many it has.
        length: usize,
    },
    /// Leading zero octet that DER does not allow (X.690 8.3.2).
    #[error("a serial number has no needless leading zero octet (X.690 8.3.2)")]
    NotMinimal,
}

impl SerialNumber {
    /// 0x01 and then 128 random bits: 17 octets that are always positive and always equally long.
    pub fn from_random(random: [u8; 16]) -> Self {
        Self::from_octets([1].into_iter().chain(random))
    }

    /// The content octets of a DER INTEGER.
    ///
    /// # Errors
    /// When they are negative, zero, too many or not minimal.
    pub fn from_content(octets: &[u8]) -> Result<Self, SerialNumberError> {
        match octets {
            [] | [0] => Err(SerialNumberError::NotPositive),
            [first, ..] if *first & 0x80 != 0 => Err(SerialNumberError::NotPositive),
            [0, second, ..] if *second & 0x80 == 0 => Err(SerialNumberError::NotMinimal),
            _ if octets.len() > LONGEST => Err(SerialNumberError::TooLong { length: octets.len() }),
            _ => Ok(Self::from_octets(octets.iter().copied())),
        }
    }

    /// [`LONGEST`] octets at most.
    fn from_octets(content: impl Iterator<Item = u8>) -> Self {
        let mut serial = Self { octets: [0; LONGEST], length: 0 };
        for (place, octet) in serial.octets.iter_mut().zip(content) {
            *place = octet;
            serial.length += 1;
        }
        serial
    }

    /// The content octets.
    pub fn as_content(&self) -> &[u8] {
        self.octets.get(..usize::from(self.length)).unwrap_or_default()
    }

    fn parse(text: &str) -> Option<Self> {
        Self::from_content(&base16ct::lower::decode_vec(text).ok()?).ok()
    }
}

impl fmt::Display for SerialNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&base16ct::lower::encode_string(self.as_content()))
    }
}

impl fmt::Debug for SerialNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

serde_by_text!(SerialNumber, SerialNumber::parse, "a positive serial number in lower-case hexadecimal");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawn_serials_are_positive_and_17_octets() {
        for random in [[0; 16], [0xff; 16]] {
            let serial = SerialNumber::from_random(random);
            assert_eq!(SerialNumber::from_content(serial.as_content()), Ok(serial));
        }
    }

    #[test]
    fn the_order_is_that_of_the_octets() {
        let contents: [&[u8]; 6] = [&[1], &[1, 0], &[1, 0, 0], &[1, 1], &[2], &[0x7f; 20]];
        let serials = contents.map(|content| SerialNumber::from_content(content).unwrap());
        assert!(serials.is_sorted_by(|one, next| one < next));
        for (serial, content) in serials.iter().zip(contents) {
            assert_eq!(serial.as_content(), content);
        }
    }

    #[test]
    fn what_der_or_rfc_5280_forbids_is_refused() {
        assert_eq!(SerialNumber::from_content(&[]), Err(SerialNumberError::NotPositive));
        assert_eq!(SerialNumber::from_content(&[0]), Err(SerialNumberError::NotPositive));
        assert_eq!(SerialNumber::from_content(&[0x80]), Err(SerialNumberError::NotPositive));
        assert_eq!(SerialNumber::from_content(&[0, 1]), Err(SerialNumberError::NotMinimal));
        assert_eq!(SerialNumber::from_content(&[1; 21]), Err(SerialNumberError::TooLong { length: 21 }));
        assert!(SerialNumber::from_content(&[0, 0x80]).is_ok());
    }
}
