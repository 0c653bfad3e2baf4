use std::collections::BTreeSet;

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::derive::check_value;
use super::error::Error;
use super::sheet::{Sheet, words_from_sheet};
use super::slip39::{self, Share};
use crate::format::{Digest, Hex, Mode, Name, ShareCommitment, ShareSetName, SharesSplit};
use crate::secret::{QuorumSecret, ShareWords};

/// Most shares of a set: SLIP-39 has four bits for a member index.
const MOST_HOLDERS: usize = 16;

/// What a secret is split for.
pub struct Deal<'a> {
    /// Printed on the sheets of a rehearsal.
    pub mode: Mode,
    /// Of which authority; printed on every sheet.
    pub authority: &'a Name,
    /// The ceremony's identifier ([`Opened::ceremony_id`](crate::format::Opened::ceremony_id)).
    pub ceremony: &'a Digest,
    /// In which step.
    pub step: &'a Name,
    /// Which secret it is.
    pub set: ShareSetName,
    /// 1 for a set's first split, one more at each reshare.
    pub epoch: u32,
    /// How many shares rebuild the secret, T.
    pub threshold: u8,
    /// Who gets a share, in the order of their indices 1 to N.
    pub holders: &'a [Name],
}

/// Splits a secret, proves the split, and only then hands out one sheet after the other. What is returned is
/// public.
///
/// The proof reads the words back from the finished sheets and rebuilds the secret from every T of them, so that
/// no set of paper that cannot do its work is ever shown. `random` is asked for the set identifier first.
///
/// # Errors
/// [`Error::Quorum`], [`Error::HolderTwice`], [`Error::SelfTest`], and whatever `random` or `sheets` fail with.
pub fn deal<E: From<Error>>(
    deal: &Deal<'_>,
    secret: &QuorumSecret,
    random: &mut dyn FnMut(&mut [u8]) -> Result<(), E>,
    sheets: &mut dyn FnMut(&Sheet<'_>) -> Result<(), E>,
) -> Result<SharesSplit, E> {
    let &Deal { mode, authority, ceremony, step, set, epoch, threshold, holders } = deal;
    check_quorum(threshold, holders.iter())?;
    let mut set_id = Hex(vec![0; 4]);
    random(&mut set_id.0)?;
    let count = u8::try_from(holders.len()).unwrap_or(u8::MAX);
    let words: Vec<ShareWords> =
        slip39::split(secret, threshold, count, random)?.iter().map(Share::words).collect();

    let commitments = (1..).zip(holders).zip(&words).map(|((index, holder), words)| ShareCommitment {
        index,
        holder: holder.clone(),
        commitment: commitment(ceremony, &set_id, index, words),
    });
    let split = SharesSplit {
        step: step.clone(),
        set,
        epoch,
        threshold,
        shares: commitments.collect(),
        check: check_value(secret, ceremony, set, &set_id, epoch)?,
        set_id,
    };
    let papers: Vec<Sheet<'_>> = (split.shares.iter().zip(&words))
        .map(|(share, words)| Sheet::new(mode, authority, ceremony, &split, share, words))
        .collect();
    for paper in proven(papers, threshold, secret)? {
        sheets(&paper)?;
    }
    Ok(split)
}

/// The public commitment to a share, as [`ShareCommitment::commitment`] defines it.
pub(super) fn commitment(ceremony: &Digest, set_id: &Hex, index: u8, words: &ShareWords) -> Digest {
    let head = format!("anchorite-share/v1\n{ceremony}\n{set_id}\n{index}\n");
    let words = words.expose_words();
    let mut text = Zeroizing::new(String::with_capacity(head.len() + words.len() + 1));
    text.push_str(&head);
    text.push_str(words);
    text.push('\n');
    Digest::of(text.as_bytes())
}

/// 2 <= T <= N <= 16, and nobody holds two shares.
pub(super) fn check_quorum<'a>(
    threshold: u8,
    holders: impl ExactSizeIterator<Item = &'a Name>,
) -> Result<(), Error> {
    let count = holders.len();
    if threshold < 2 || usize::from(threshold) > count || count > MOST_HOLDERS {
        return Err(Error::Quorum { threshold, holders: count });
    }
    let mut seen = BTreeSet::new();
    for holder in holders {
        if !seen.insert(holder) {
            return Err(Error::HolderTwice { holder: holder.clone() });
        }
    }
    Ok(())
}

/// The same sheets, after every T of them have rebuilt the secret.
///
/// There are 12870 ways at most (8 of 16). The slow decryption is done once: what the shares rebuild is the
/// encrypted secret, and it must be the same for all.
fn proven<'a>(sheets: Vec<Sheet<'a>>, threshold: u8, secret: &QuorumSecret) -> Result<Vec<Sheet<'a>>, Error> {
    let failed = |sheets: &[&Sheet<'_>]| Error::SelfTest {
        holders: sheets.iter().map(|sheet| sheet.holder().clone()).collect(),
    };
    let mut read = Vec::with_capacity(sheets.len());
    for sheet in &sheets {
        let [text, html] = sheet.pages().map(words_from_sheet);
        let (text, html) = text.zip(html).ok_or_else(|| failed(&[sheet]))?;
        let same = text.expose_words().as_bytes().ct_eq(html.expose_words().as_bytes());
        let share = Share::parse(text.expose_words()).ok().filter(|_| bool::from(same));
        read.push((sheet, share.ok_or_else(|| failed(&[sheet]))?));
    }
    let mut expected: Option<Zeroizing<Vec<u8>>> = None;
    for subset in 0u32..1 << read.len() {
        if subset.count_ones() != u32::from(threshold) {
            continue;
        }
        let chosen = read.iter().enumerate().filter(|(place, _)| (subset >> place) & 1 == 1);
        let (sheets, shares): (Vec<_>, Vec<_>) = chosen.map(|(_, (sheet, share))| (*sheet, share)).unzip();
        let rebuilt = slip39::combine_encrypted(&shares).map_err(|_| failed(&sheets))?;
        let right = match &expected {
            Some(expected) => bool::from(rebuilt.ct_eq(expected)),
            None => {
                let decrypted = slip39::combine(&shares, b"").map_err(|_| failed(&sheets))?;
                bool::from(decrypted.ct_eq(secret.expose_secret().as_slice()))
            }
        };
        if !right {
            return Err(failed(&sheets));
        }
        expected = Some(rebuilt);
    }
    Ok(sheets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shares::tests::{chance, name, secret};

    /// The sheets of a 2-of-3 split, the third one with the words of `third`.
    fn proof(secret_of_sheets: &QuorumSecret, third: Option<&str>) -> Result<(), Error> {
        let shares = slip39::split::<Error>(secret_of_sheets, 2, 3, &mut chance(1)).unwrap();
        let mut words: Vec<ShareWords> = shares.iter().map(Share::words).collect();
        if let Some(third) = third {
            words[2] = ShareWords::new(Zeroizing::new(third.to_owned()));
        }
        let commitments = (1..).zip(["a", "b", "c"]).map(|(index, holder)| ShareCommitment {
            index,
            holder: name(holder),
            commitment: Digest::ZERO,
        });
        let split = SharesSplit {
            step: name("provision"),
            set: ShareSetName::Operate,
            set_id: Hex(vec![0; 4]),
            epoch: 1,
            threshold: 2,
            shares: commitments.collect(),
            check: Digest::ZERO,
        };
        let lab = name("lab");
        let sheet = |(share, words)| Sheet::new(Mode::Ceremony, &lab, &Digest::ZERO, &split, share, words);
        let sheets: Vec<Sheet<'_>> = split.shares.iter().zip(&words).map(sheet).collect();
        proven(sheets, 2, &secret()).map(|_| ())
    }

    #[test]
    fn sheets_that_do_not_rebuild_the_secret_are_never_shown() {
        assert_eq!(proof(&secret(), None), Ok(()));

        let failed = |holders: &[&str]| {
            Err(Error::SelfTest { holders: holders.iter().map(|holder| name(holder)).collect() })
        };
        assert_eq!(proof(&secret(), Some("not a share")), failed(&["c"]));
        let other = slip39::split::<Error>(&secret(), 2, 3, &mut chance(2)).unwrap();
        assert_eq!(proof(&secret(), Some(other[2].words().expose_words())), failed(&["a", "c"]));
        let same = slip39::split::<Error>(&secret(), 2, 3, &mut chance(1)).unwrap();
        assert_eq!(proof(&secret(), Some(same[1].words().expose_words())), failed(&["b", "c"]));
        let another = QuorumSecret::new(Zeroizing::new([1; 32]));
        assert_eq!(proof(&another, None), failed(&["a", "b"]));
    }
}
