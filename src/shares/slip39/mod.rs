//! SLIP-39: a secret as mnemonic shares.
//!
//! Reads every share that the standard allows, so that its official vectors judge it. Writes only anchorite's
//! profile of it: one group, extendable, iteration exponent 0, no passphrase, 256 bits, 33 words. Other rooms
//! use [`deal`](super::deal) and [`unlock`](super::unlock), which hold what they are given to that profile.

mod cipher;
mod rs1024;
mod share;
mod sharing;
mod words;

pub use share::Share;
pub(super) use words::parse as parse_words;
pub use words::{Completion, Word};

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use super::error::Error as RoomError;
use crate::secret::QuorumSecret;
use sharing::Point;

/// Words of a share of a 256-bit secret.
pub const WORDS_PER_SHARE: usize = 33;

/// Why words are no share, or shares rebuild nothing. Names no word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not in the standard's list of 1024 words.
    #[error("word {position} is not in the SLIP-39 word list")]
    UnknownWord {
        /// Counted from 1.
        position: usize,
    },
    /// Fewer than 20 words, or a number that no whole number of 16-bit units gives.
    #[error("no share has {found} words")]
    WordCount {
        /// How many there are.
        found: usize,
    },
    /// The RS1024 checksum does not hold: a word is wrong, missing or in another's place.
    #[error("the checksum of the words does not hold")]
    Checksum,
    /// The group threshold is greater than the number of groups.
    #[error("the share asks for more groups than there are")]
    GroupThreshold,
    /// The bits that fill the value up to whole words are not zero.
    #[error("the padding of the share is not zero")]
    Padding,
    /// The shares differ in identifier, iteration exponent, groups or thresholds.
    #[error("the shares belong to different sets")]
    Mixed,
    /// Two shares have the same member index.
    #[error("two of the shares are the same one")]
    Duplicate,
    /// Not exactly as many shares, or groups, as the threshold says.
    #[error("{found} were given where exactly {needed} are needed")]
    Count {
        /// The threshold.
        needed: u8,
        /// How many there are.
        found: usize,
    },
    /// The digest inside the shares does not match the secret that they rebuild.
    #[error("the shares do not fit together: the digest of the secret is wrong")]
    Digest,
    /// The values cannot be combined: their lengths differ.
    #[error("the shares cannot be combined")]
    Arithmetic,
}

/// Rebuilds a secret from exactly the shares that are needed (SLIP-39, "Combining the shares").
///
/// A wrong passphrase gives another secret, not an error: the standard has it so.
///
/// # Errors
/// [`Error::Mixed`], [`Error::Duplicate`], [`Error::Count`], [`Error::Digest`] or [`Error::Arithmetic`].
pub fn combine(shares: &[&Share], passphrase: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let first = *shares.first().ok_or(Error::Count { needed: 1, found: 0 })?;
    let encrypted = combine_encrypted(shares)?;
    cipher::decrypt(&encrypted, passphrase, first.set())
}

/// Everything of [`combine`] but the slow last step.
pub(super) fn combine_encrypted(shares: &[&Share]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let first = *shares.first().ok_or(Error::Count { needed: 1, found: 0 })?;
    let mut groups: BTreeMap<u8, Vec<&Share>> = BTreeMap::new();
    for share in shares {
        if share.set() != first.set() {
            return Err(Error::Mixed);
        }
        groups.entry(share.group_index()).or_default().push(share);
    }
    let needed = first.set().group_threshold;
    if groups.len() != usize::from(needed) {
        return Err(Error::Count { needed, found: groups.len() });
    }
    let mut values = Vec::with_capacity(groups.len());
    for (x, members) in groups {
        values.push(Point { x, y: combine_group(&members)? });
    }
    sharing::recover(needed, &values.iter().collect::<Vec<_>>())
}

fn combine_group(members: &[&Share]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let threshold = members.first().map_or(1, |first| first.threshold());
    if members.iter().any(|member| member.threshold() != threshold) {
        return Err(Error::Mixed);
    }
    if members.len() != usize::from(threshold) {
        return Err(Error::Count { needed: threshold, found: members.len() });
    }
    let points: Vec<&Point> = members.iter().map(|member| member.point()).collect();
    sharing::recover(threshold, &points)
}

/// Splits a secret into `count` shares, any `threshold` of which rebuild it, in anchorite's profile.
///
/// `random` is asked for the 15-bit identifier (2 octets) first, then for the random points.
///
/// # Errors
/// [`Error::Quorum`](RoomError::Quorum) unless 2 <= T <= N <= 16, and whatever `random` fails with.
pub fn split<E: From<RoomError>>(
    secret: &QuorumSecret,
    threshold: u8,
    count: u8,
    random: &mut dyn FnMut(&mut [u8]) -> Result<(), E>,
) -> Result<Vec<Share>, E> {
    if threshold < 2 || threshold > count || count > 16 {
        let holders = usize::from(count);
        return Err(RoomError::Quorum { threshold, holders }.into());
    }
    let mut identifier = [0; 2];
    random(&mut identifier)?;
    let set = share::Set::single_group(u16::from_be_bytes(identifier) >> 1);
    let encrypted = cipher::encrypt(secret.expose_secret(), b"", set).map_err(RoomError::from)?;
    let points = sharing::split(threshold, count, &encrypted, random)?;
    Ok(points.into_iter().map(|point| Share::single_group(set, threshold, point)).collect())
}

/// Which word is wrong, counted from 1, where exchanging a single one can make the checksum of an extendable
/// share hold. With three wrong words or more it can point at a right one: a hint what to check, no correction.
pub(super) fn suspect(words: &[u16]) -> Option<usize> {
    rs1024::suspect(share::EXTENDABLE, words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shares::tests::{chance, secret};

    #[test]
    fn exactly_as_many_shares_as_are_needed_are_taken() {
        let shares = split::<RoomError>(&secret(), 2, 3, &mut chance(1)).unwrap();
        let shares: Vec<&Share> = shares.iter().collect();
        assert_eq!(*combine(&shares[1..], b"").unwrap(), *secret().expose_secret());
        for (found, needed) in [(0, 1), (1, 2), (3, 2)] {
            assert_eq!(combine(&shares[..found], b"").err(), Some(Error::Count { needed, found }));
        }
        for (threshold, count) in [(1, 3), (4, 3), (2, 17)] {
            let result = split::<RoomError>(&secret(), threshold, count, &mut chance(1));
            let holders = usize::from(count);
            assert_eq!(result.err(), Some(RoomError::Quorum { threshold, holders }));
        }
    }
}
