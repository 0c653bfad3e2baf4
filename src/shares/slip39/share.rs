use zeroize::Zeroizing;

use super::sharing::Point;
use super::{Error, rs1024, words};
use crate::secret::ShareWords;

/// Customisation of the checksum of an extendable share; its passphrase salt is empty.
pub(super) const EXTENDABLE: &[u8] = b"shamir_extendable";
/// Customisation of the checksum of any other share, and the beginning of its passphrase salt.
const ORIGINAL: &[u8] = b"shamir";
/// Four words of header, three of checksum.
const METADATA_WORDS: usize = 7;
/// A share of 128 bits, the least that the standard allows.
const LEAST_WORDS: usize = 20;

/// A share in the fields of SLIP-39 ("Format of the share mnemonic"). No `Debug`, no `Clone`; wiped when dropped.
pub struct Share {
    set: Set,
    group_index: u8,
    threshold: u8,
    point: Point,
}

/// What all shares of a secret have in common.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Set {
    identifier: u16,
    extendable: bool,
    pub(super) iteration_exponent: u8,
    pub(super) group_threshold: u8,
    group_count: u8,
}

impl Set {
    /// Anchorite's profile: one group, extendable, iteration exponent 0.
    pub(super) fn single_group(identifier: u16) -> Self {
        Self { identifier, extendable: true, iteration_exponent: 0, group_threshold: 1, group_count: 1 }
    }

    /// What PBKDF2's salt begins with: only shares that cannot be extended tie it to the identifier.
    pub(super) fn salt(&self) -> Vec<u8> {
        if self.extendable { Vec::new() } else { [ORIGINAL, &self.identifier.to_be_bytes()].concat() }
    }

    fn customisation(&self) -> &'static [u8] {
        if self.extendable { EXTENDABLE } else { ORIGINAL }
    }
}

impl Share {
    /// Reads a share of any kind that the standard allows.
    ///
    /// # Errors
    /// Those of [`Error`] that one share alone can cause.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let words = words::parse(text).map_err(|position| Error::UnknownWord { position })?;
        Self::from_bits(&words)
    }

    /// [`parse`](Self::parse) of words that were looked up already.
    pub(in crate::shares) fn from_bits(words: &[u16]) -> Result<Self, Error> {
        let found = words.len();
        let padding = found.saturating_sub(METADATA_WORDS) * 10 % 16;
        let (header, rest) = words.split_first_chunk::<4>().ok_or(Error::WordCount { found })?;
        if found < LEAST_WORDS || padding > 8 {
            return Err(Error::WordCount { found });
        }
        let header = header.iter().fold(0u64, |bits, &word| (bits << 10) | u64::from(word));
        let [.., high, low] = (header >> 25).to_be_bytes();
        let set = Set {
            identifier: u16::from_be_bytes([high, low]),
            extendable: (header >> 24) & 1 == 1,
            iteration_exponent: nibble(header, 20),
            group_threshold: nibble(header, 12) + 1,
            group_count: nibble(header, 8) + 1,
        };
        if !rs1024::holds(set.customisation(), words) {
            return Err(Error::Checksum);
        }
        if set.group_threshold > set.group_count {
            return Err(Error::GroupThreshold);
        }
        let (value, _checksum) = rest.split_last_chunk::<3>().ok_or(Error::WordCount { found })?;
        let y = octets(value, padding).ok_or(Error::Padding)?;
        Ok(Self {
            set,
            group_index: nibble(header, 16),
            threshold: nibble(header, 0) + 1,
            point: Point { x: nibble(header, 4), y },
        })
    }

    /// The words, with single spaces.
    pub fn words(&self) -> ShareWords {
        let Set { identifier, extendable, iteration_exponent, group_threshold, group_count } = self.set;
        let first = [u64::from(identifier) << 1 | u64::from(extendable), u64::from(iteration_exponent)];
        let rest = [
            self.group_index,
            group_threshold.saturating_sub(1),
            group_count.saturating_sub(1),
            self.point.x,
            self.threshold.saturating_sub(1),
        ];
        let header = first.into_iter().chain(rest.map(u64::from)).fold(0, |bits, field| (bits << 4) | field);
        let mut bits = Zeroizing::new(Vec::with_capacity(METADATA_WORDS + self.point.y.len()));
        bits.extend([30, 20, 10, 0].map(|shift| ten_bits(header >> shift)));
        append_words(&mut bits, &self.point.y);
        let checksum = Zeroizing::new(rs1024::checksum(self.set.customisation(), &bits));
        bits.extend_from_slice(checksum.as_slice());
        words::write(&bits)
    }

    pub(super) fn single_group(set: Set, threshold: u8, point: Point) -> Self {
        Self { set, group_index: 0, threshold, point }
    }

    pub(super) fn set(&self) -> Set {
        self.set
    }

    pub(super) fn group_index(&self) -> u8 {
        self.group_index
    }

    /// SLIP-39's member index, from 0.
    pub(in crate::shares) fn index(&self) -> u8 {
        self.point.x
    }

    /// The member threshold.
    pub(in crate::shares) fn threshold(&self) -> u8 {
        self.threshold
    }

    /// Whether it is a share as [`split`](super::split) makes them.
    pub(in crate::shares) fn is_in_profile(&self) -> bool {
        self.set == Set::single_group(self.set.identifier)
            && self.group_index == 0
            && self.point.y.len() == 32
    }

    /// Whether both belong to one secret, as far as their words say.
    pub(in crate::shares) fn shares_a_set_with(&self, other: &Self) -> bool {
        self.set == other.set && self.threshold == other.threshold
    }

    pub(super) fn point(&self) -> &Point {
        &self.point
    }
}

/// Four bits of the header, `shift` bits from its end.
fn nibble(header: u64, shift: u32) -> u8 {
    let [.., low] = (header >> shift).to_be_bytes();
    low & 0x0f
}

fn ten_bits(bits: u64) -> u16 {
    let [.., high, low] = bits.to_be_bytes();
    u16::from_be_bytes([high & 0x03, low])
}

/// The octets of a share value; `None` where the `padding` bits before them are not zero.
fn octets(words: &[u16], padding: usize) -> Option<Zeroizing<Vec<u8>>> {
    let mut octets = Zeroizing::new(Vec::with_capacity(words.len() * 10 / 8));
    let mut bits = 0u64;
    let mut pending = 0;
    let mut padding = padding;
    for &word in words {
        bits = (bits << 10) | u64::from(word);
        pending += 10 - std::mem::take(&mut padding);
        if bits >> pending != 0 {
            return None;
        }
        while pending >= 8 {
            pending -= 8;
            let [.., low] = (bits >> pending).to_be_bytes();
            octets.push(low);
            bits &= (1 << pending) - 1;
        }
    }
    Some(octets)
}

/// Appends the words of a share value; zero bits before it fill the first one.
fn append_words(words: &mut Vec<u16>, octets: &[u8]) {
    let mut bits = 0u64;
    let mut pending = (10 - octets.len() * 8 % 10) % 10;
    for &octet in octets {
        bits = (bits << 8) | u64::from(octet);
        pending += 8;
        if pending >= 10 {
            pending -= 10;
            words.push(ten_bits(bits >> pending));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_reads_as_a_share_is_written_the_same(
            data in vec(0u16..1024, 4..57),
            extendable: bool,
        ) {
            let mut bits = data;
            bits[1] = (bits[1] & !0x10) | (u16::from(extendable) << 4);
            let customisation = if extendable { EXTENDABLE } else { ORIGINAL };
            bits.extend(rs1024::checksum(customisation, &bits));
            match Share::from_bits(&bits) {
                Ok(share) => {
                    let written = words::parse(share.words().expose_words()).unwrap();
                    prop_assert_eq!(&*written, &bits);
                }
                Err(error) => prop_assert!(error != Error::Checksum),
            }
        }
    }
}
