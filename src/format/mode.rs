use serde::{Deserialize, Serialize};

/// Whether a run counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// The real thing.
    #[default]
    Ceremony,
    /// A derived plan on a throw-away token; never accepted as a ceremony.
    Rehearsal,
}

/// What a format calls itself: its first words in a ceremony, and others in a rehearsal.
///
/// Nothing that was written or signed in a rehearsal has the first words of a ceremony, so that no reader takes the one
/// for the other, whatever else a file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Magic {
    /// In a ceremony.
    pub ceremony: &'static str,
    /// In a rehearsal.
    pub rehearsal: &'static str,
}

impl Magic {
    /// What it is called in that mode.
    pub const fn of(self, mode: Mode) -> &'static str {
        match mode {
            Mode::Ceremony => self.ceremony,
            Mode::Rehearsal => self.rehearsal,
        }
    }

    /// The mode in which it is called that; `None` for another format or version.
    pub fn mode(self, found: &str) -> Option<Mode> {
        [Mode::Ceremony, Mode::Rehearsal].into_iter().find(|mode| self.of(*mode) == found)
    }
}

/// A file of the other mode, where only one is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.text())]
pub struct OtherMode {
    /// What it is of.
    pub found: Mode,
}

impl OtherMode {
    fn text(self) -> &'static str {
        match self.found {
            Mode::Rehearsal => "this is of a rehearsal, which is never a ceremony nor evidence of one",
            Mode::Ceremony => "this is of a ceremony, and only what is of a rehearsal is read here",
        }
    }
}

impl Mode {
    /// What a file says of itself in its first line; whether it is true is for the file's reader to find out.
    pub fn announced(bytes: &[u8]) -> Self {
        let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let start = first.get(..first.len().min(64)).unwrap_or_default();
        let word = b"anchorite-rehearsal-";
        if start.windows(word.len()).any(|found| found == word) { Self::Rehearsal } else { Self::Ceremony }
    }

    /// Nothing, where that is the mode.
    ///
    /// # Errors
    /// [`OtherMode`].
    pub fn demand(self, found: Self) -> Result<(), OtherMode> {
        if self == found { Ok(()) } else { Err(OtherMode { found }) }
    }
}
