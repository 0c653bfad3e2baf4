//! What a holder takes home: one share on one page, as text, as HTML for a printer, or as an encrypted file.

mod file;
mod html;
mod read;
mod text;

use std::io::{self, Write};

use zeroize::Zeroizing;

pub use file::{MIN_PASSPHRASE_CHARACTERS, ShareFileError, is_share_file, open_share_file};
pub use read::words_from_sheet;

use crate::format::{Digest, Mode, Name, ShareCommitment, ShareSetName, SharesSplit};
use crate::secret::{Passphrase, ShareWords};

/// Enough for every sheet in either form, so that its text never moves and leaves a copy behind.
const CAPACITY: usize = 12 * 1024;

/// The paper of one holder: the words of the share and what tells it from every other. Wiped when dropped.
pub struct Sheet<'a> {
    facts: Facts<'a>,
    words: &'a ShareWords,
    text: Zeroizing<String>,
    html: Zeroizing<String>,
}

/// What stands on a sheet beside the words. All of it is in the record too.
struct Facts<'a> {
    mode: Mode,
    authority: &'a Name,
    ceremony: &'a Digest,
    split: &'a SharesSplit,
    share: &'a ShareCommitment,
}

impl Facts<'_> {
    /// Says on a rehearsal's sheet that it is one, so that nobody keeps it with the real ones or in their place.
    fn title(&self) -> &'static str {
        match self.mode {
            Mode::Ceremony => "Share of a quorum secret",
            Mode::Rehearsal => "REHEARSAL: this share opens nothing afterwards",
        }
    }

    /// Label and value, in the order of the page.
    fn lines(&self) -> [(&'static str, String); 7] {
        let SharesSplit { step, set, set_id, epoch, threshold, shares, .. } = self.split;
        let ShareCommitment { index, holder, .. } = self.share;
        [
            ("authority", self.authority.to_string()),
            ("ceremony", self.ceremony.to_string()),
            ("step", step.to_string()),
            ("set", format!("{set}, epoch {epoch}")),
            ("set id", set_id.to_string()),
            ("share", format!("{index} of {count}, any {threshold} are needed", count = shares.len())),
            ("holder", holder.to_string()),
        ]
    }

    /// The first 16 octets of the commitment as eight groups of four digits.
    fn check_words(&self) -> String {
        let digits = self.share.commitment.to_string();
        let groups = (0..8).filter_map(|group| digits.get(group * 4..group * 4 + 4));
        groups.collect::<Vec<_>>().join(" ")
    }

    /// How a holder checks the page alone: a command, and what the check words are.
    fn how_to_check(&self) -> [String; 2] {
        let (holder, set) = (&self.share.holder, self.split.set);
        [
            format!("anchorite share check RECORD --holder {holder} --set {set}"),
            "asks for the words, alone and without any other share, and says which word is wrong. \
             The check words begin the SHA-256 of five lines, each ended by a line feed: \
             anchorite-share/v1; the ceremony; the set id; the number of the share; the words \
             in order with single spaces."
                .to_owned(),
        ]
    }
}

const TAMPER_BAG: &str = "tamper-bag number";

impl<'a> Sheet<'a> {
    /// The sheet of one share of `split`.
    pub(super) fn new(
        mode: Mode,
        authority: &'a Name,
        ceremony: &'a Digest,
        split: &'a SharesSplit,
        share: &'a ShareCommitment,
        words: &'a ShareWords,
    ) -> Self {
        let facts = Facts { mode, authority, ceremony, split, share };
        let (text, html) = (text::page(&facts, words), html::page(&facts, words));
        Self { facts, words, text, html }
    }

    /// Of which set.
    pub fn set(&self) -> ShareSetName {
        self.facts.split.set
    }

    /// The set's epoch.
    pub fn epoch(&self) -> u32 {
        self.facts.split.epoch
    }

    /// For whose eyes only.
    pub fn holder(&self) -> &Name {
        &self.facts.share.holder
    }

    /// Of the share, counted from 1.
    pub fn index(&self) -> u8 {
        self.facts.share.index
    }

    /// Writes the sheet: ASCII lines of at most 80 characters. [`words_from_sheet`] reads the words back.
    ///
    /// # Errors
    /// What `output` fails with.
    pub fn write_to(&self, output: &mut dyn Write) -> io::Result<()> {
        output.write_all(self.text.as_bytes())
    }

    /// Writes the sheet as one HTML page that prints on A4 and Letter: no script, nothing from elsewhere.
    /// [`words_from_sheet`] reads the words back.
    ///
    /// # Errors
    /// What `output` fails with.
    pub fn write_html_to(&self, output: &mut dyn Write) -> io::Result<()> {
        output.write_all(self.html.as_bytes())
    }

    /// The share as a file that opens with the passphrase alone (`docs/share-file.md`). It was opened once before it
    /// is returned. `random` is asked for the salt (16 octets), then for the nonce (12).
    ///
    /// # Errors
    /// [`ShareFileError`], and whatever `random` fails with.
    pub fn seal<E: From<ShareFileError>>(
        &self,
        passphrase: &Passphrase,
        random: &mut dyn FnMut(&mut [u8]) -> Result<(), E>,
    ) -> Result<Vec<u8>, E> {
        file::seal(&self.facts, self.words, passphrase, random)
    }

    /// Both pages, for the proof that what is printed works.
    pub(super) fn pages(&self) -> [&str; 2] {
        [&self.text, &self.html]
    }
}

#[cfg(test)]
mod tests;
