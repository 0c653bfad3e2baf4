/// Which anchors a consumer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// The old one alone.
    Old,
    /// Both.
    Both,
    /// The new one alone.
    New,
}

/// Which chain a consumer's own certificates have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Served {
    /// It issues nothing.
    Nothing,
    /// Up to the old root.
    Old,
    /// Up to the new root.
    New,
    /// Up to the new root, and with it the new root under the old one.
    NewWithCross,
}

impl Held {
    /// Whether a chain ends at an anchor that is held.
    pub fn accepts(self, chain: Served) -> bool {
        match chain {
            Served::Nothing | Served::NewWithCross => true,
            Served::Old => self != Self::New,
            Served::New => self != Self::Old,
        }
    }

    /// The end of a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::Old => "the old root",
            Self::Both => "both roots",
            Self::New => "the new root",
        }
    }
}

impl Served {
    /// The end of a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::Nothing => "of nobody",
            Self::Old => "to the old root",
            Self::New => "to the new root",
            Self::NewWithCross => "to the new root, with the new root under the old one",
        }
    }
}
