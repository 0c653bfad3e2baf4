use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::dealer::{check_quorum, commitment};
use super::derive::check_value;
use super::error::Error;
use super::slip39::{self, Share, WORDS_PER_SHARE, parse_words};
use crate::format::{Digest, Name, ShareCommitment, ShareSetName, SharesSplit};
use crate::secret::{QuorumSecret, ShareWords};

/// Where share words come from: a person at a terminal, or a custody directory.
pub trait ShareSource {
    /// What stops an entry for good; it comes back to the caller as it is.
    type Error: From<Error>;

    /// One holder's words: in full or their first four letters, upper or lower case, any white space.
    ///
    /// # Errors
    /// Whatever ends the entry.
    fn share(&mut self, request: &ShareRequest<'_>) -> Result<ShareWords, Self::Error>;

    /// The words were not taken, and will be asked for again. A source that can only give the same words once
    /// more answers with an error.
    ///
    /// # Errors
    /// Whatever ends the entry.
    fn refused(&mut self, request: &ShareRequest<'_>, problem: &ShareProblem) -> Result<(), Self::Error>;

    /// The words are this share: they match its commitment.
    ///
    /// # Errors
    /// Whatever ends the entry.
    fn accepted(&mut self, request: &ShareRequest<'_>, share: &ShareCommitment) -> Result<(), Self::Error>;
}

/// Which share is asked for.
pub struct ShareRequest<'a> {
    /// The split that it belongs to.
    pub split: &'a SharesSplit,
    /// Whose share it must be; `None` where any one will do that was not entered yet.
    pub wanted: Option<&'a Name>,
    /// Whose shares were entered, in that order.
    pub done: &'a [Name],
    /// How many are entered in all: T to unlock, N to verify.
    pub needed: usize,
}

/// What is wrong with the words that were entered. Names places and people, never a word.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShareProblem {
    /// Not in the list of 1024 words.
    #[error("word {position} is not in the SLIP-39 word list")]
    UnknownWord {
        /// Counted from 1.
        position: usize,
    },
    /// Not 33 words.
    #[error("a share has 33 words, and {found} were entered")]
    WordCount {
        /// How many.
        found: usize,
    },
    /// All are words, but not those of a share.
    #[error("the words do not fit together{}", .suspect.map_or(": more than one is wrong, or two changed places".to_owned(), |place| format!(": check word {place}")))]
    Checksum {
        /// The one place, counted from 1, where another word would do; `None` where more than one word is wrong.
        /// A hint: after three or more mistakes it can name a right word.
        suspect: Option<usize>,
    },
    /// A share, but of another secret.
    #[error("these are the words of a share of another set")]
    OtherSet,
    /// The holder's share was entered before.
    #[error("the share of `{holder}` was entered already")]
    AlreadyEntered {
        /// Whose.
        holder: Name,
    },
    /// A share of this set, but another holder's than the one asked for.
    #[error("this is the share of `{found}`, and that of `{expected}` is wanted")]
    NotTheHolder {
        /// Who was asked.
        expected: Name,
        /// Whose it is.
        found: Name,
    },
    /// A share of another set of this authority, or of another epoch.
    #[error(
        "this is the share of `{holder}` of the set {set}, epoch {epoch}; epoch {wanted_epoch} of {wanted_set} is wanted"
    )]
    AnotherEpoch {
        /// Whose.
        holder: Name,
        /// Of which set.
        set: ShareSetName,
        /// Of which epoch.
        epoch: u32,
        /// Which set is asked for.
        wanted_set: ShareSetName,
        /// Of which epoch.
        wanted_epoch: u32,
    },
    /// The words fit together, but are not those that were dealt as this share: of another split or ceremony, or
    /// changed on purpose.
    #[error("these words fit together, but they are not the share that was dealt to `{holder}`")]
    CommitmentMismatch {
        /// Whose share has the index that the words carry.
        holder: Name,
    },
}

/// A rebuilt secret, and who rebuilt it.
pub struct Unlocked {
    /// It matched its check value.
    pub secret: QuorumSecret,
    /// Whose shares, in the order in which they were entered.
    pub by: Vec<Name>,
}

/// Asks for T shares and rebuilds the secret.
///
/// `ceremony` is the one that made the split; `others` are the authority's other splits, so that a share of one of them
/// is named. Each share is compared with its commitment as it is entered, and
/// the secret with its check value at the end: whatever was mistyped, nothing derived from it reaches a token.
///
/// # Errors
/// [`Error::Quorum`], [`Error::HolderTwice`], [`Error::Numbering`] or [`Error::CheckValue`] where the record of
/// the split is wrong, and whatever `source` fails with.
pub fn unlock<E: From<Error>>(
    ceremony: &Digest,
    split: &SharesSplit,
    others: &[(Digest, SharesSplit)],
    source: &mut dyn ShareSource<Error = E>,
) -> Result<Unlocked, E> {
    check_split(split)?;
    let needed = usize::from(split.threshold);
    let mut entry = Entry { ceremony, split, others, needed, shares: Vec::new(), by: Vec::new() };
    while entry.by.len() < entry.needed {
        entry.next(None, source)?;
    }
    Ok(Unlocked { secret: entry.rebuild()?, by: entry.by })
}

/// Asks each of the N holders for the share that they wrote down, in order, and answers with the secret that these
/// shares rebuild: what is derived from it is proven to be on paper.
///
/// `verified` is told of each holder's share, by its index from 1, before the next one is asked for.
///
/// # Errors
/// As [`unlock`], and whatever `verified` fails with.
pub fn verify_all<E: From<Error>>(
    ceremony: &Digest,
    split: &SharesSplit,
    source: &mut dyn ShareSource<Error = E>,
    verified: &mut dyn FnMut(u8, &Name) -> Result<(), E>,
) -> Result<QuorumSecret, E> {
    check_split(split)?;
    let needed = split.shares.len();
    let mut entry = Entry { ceremony, split, others: &[], needed, shares: Vec::new(), by: Vec::new() };
    for share in &split.shares {
        entry.next(Some(&share.holder), source)?;
        verified(share.index, &share.holder)?;
    }
    Ok(entry.rebuild()?)
}

/// Compares one holder's words with what the record has of that holder's share. Nothing is rebuilt: no other share
/// and no quorum is needed.
///
/// # Errors
/// [`ShareCheckError`].
pub fn check_share<'a>(
    ceremony: &'a Digest,
    split: &'a SharesSplit,
    holder: &Name,
    words: &ShareWords,
) -> Result<&'a ShareCommitment, ShareCheckError> {
    check_split(split)?;
    let entry = Entry { ceremony, split, others: &[], needed: 1, shares: Vec::new(), by: Vec::new() };
    let (_, share) = entry.judge(words, Some(holder))?;
    Ok(share)
}

/// Why a single share was not found right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShareCheckError {
    /// The record of the split is wrong.
    #[error(transparent)]
    Record(#[from] Error),
    /// The words are.
    #[error(transparent)]
    Words(#[from] ShareProblem),
}

struct Entry<'a> {
    ceremony: &'a Digest,
    split: &'a SharesSplit,
    others: &'a [(Digest, SharesSplit)],
    needed: usize,
    shares: Vec<Share>,
    by: Vec<Name>,
}

impl<'a> Entry<'a> {
    /// Asks until a share is right or the source gives up.
    fn next<E: From<Error>>(
        &mut self,
        wanted: Option<&Name>,
        source: &mut dyn ShareSource<Error = E>,
    ) -> Result<(), E> {
        let request = ShareRequest { split: self.split, wanted, done: &self.by, needed: self.needed };
        let (share, public) = loop {
            let words = source.share(&request)?;
            match self.judge(&words, wanted) {
                Ok(found) => break found,
                Err(problem) => source.refused(&request, &problem)?,
            }
        };
        source.accepted(&request, public)?;
        self.shares.push(share);
        self.by.push(public.holder.clone());
        Ok(())
    }

    fn judge(
        &self,
        words: &ShareWords,
        wanted: Option<&Name>,
    ) -> Result<(Share, &'a ShareCommitment), ShareProblem> {
        let share = read(words)?;
        self.fits(&share, wanted)
            .map_err(|problem| self.of_another_set(&share).unwrap_or(problem))
            .map(|public| (share, public))
    }

    fn fits(&self, share: &Share, wanted: Option<&Name>) -> Result<&'a ShareCommitment, ShareProblem> {
        let another = self.shares.first().is_some_and(|first| !share.shares_a_set_with(first));
        if another || !share.is_in_profile() || share.threshold() != self.split.threshold {
            return Err(ShareProblem::OtherSet);
        }
        let public = self.split.shares.get(usize::from(share.index())).ok_or(ShareProblem::OtherSet)?;
        let holder = public.holder.clone();
        let found = commitment(self.ceremony, &self.split.set_id, public.index, &share.words());
        if !bool::from(found.as_bytes().ct_eq(public.commitment.as_bytes())) {
            return Err(ShareProblem::CommitmentMismatch { holder });
        }
        if self.by.contains(&holder) {
            return Err(ShareProblem::AlreadyEntered { holder });
        }
        match wanted {
            Some(expected) if *expected != holder => {
                Err(ShareProblem::NotTheHolder { expected: expected.clone(), found: holder })
            }
            _ => Ok(public),
        }
    }

    /// Whose share of which other set it is.
    fn of_another_set(&self, share: &Share) -> Option<ShareProblem> {
        self.others.iter().find_map(|(ceremony, split)| {
            let public = split.shares.get(usize::from(share.index()))?;
            let found = commitment(ceremony, &split.set_id, public.index, &share.words());
            let same = bool::from(found.as_bytes().ct_eq(public.commitment.as_bytes()));
            let ours = split.set_id == self.split.set_id;
            (same && !ours).then(|| ShareProblem::AnotherEpoch {
                holder: public.holder.clone(),
                set: split.set,
                epoch: split.epoch,
                wanted_set: self.split.set,
                wanted_epoch: self.split.epoch,
            })
        })
    }

    fn rebuild(&self) -> Result<QuorumSecret, Error> {
        let shares: Vec<&Share> = self.shares.iter().take(usize::from(self.split.threshold)).collect();
        let rebuilt = slip39::combine(&shares, b"")?;
        let mut bytes = Zeroizing::new([0; 32]);
        if rebuilt.len() != bytes.len() {
            return Err(Error::CheckValue);
        }
        bytes.copy_from_slice(&rebuilt);
        let secret = QuorumSecret::new(bytes);
        let SharesSplit { set, set_id, epoch, check, .. } = self.split;
        let found = check_value(&secret, self.ceremony, *set, set_id, *epoch)?;
        if bool::from(found.as_bytes().ct_eq(check.as_bytes())) { Ok(secret) } else { Err(Error::CheckValue) }
    }
}

/// Reads 33 words, and says where they are wrong.
pub(super) fn read(words: &ShareWords) -> Result<Share, ShareProblem> {
    let bits =
        parse_words(words.expose_words()).map_err(|position| ShareProblem::UnknownWord { position })?;
    if bits.len() != WORDS_PER_SHARE {
        return Err(ShareProblem::WordCount { found: bits.len() });
    }
    Share::from_bits(&bits).map_err(|error| match error {
        slip39::Error::Checksum => ShareProblem::Checksum { suspect: slip39::suspect(&bits) },
        // The checksum holds, so the words were written so: no share that anchorite made.
        _ => ShareProblem::OtherSet,
    })
}

/// A record can be read before it is verified: what is taken from it is checked here.
fn check_split(split: &SharesSplit) -> Result<(), Error> {
    check_quorum(split.threshold, split.shares.iter().map(|share| &share.holder))?;
    let numbered = (1..).zip(&split.shares).all(|(index, share)| share.index == index);
    if numbered { Ok(()) } else { Err(Error::Numbering) }
}
