use serde::{Deserialize, Serialize};

use super::{Instant, Plan};

/// A rule of production that officers may waive for one ceremony. Closed: what is not here is never waived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The operator is no officer.
    OperatorIsOfficer,
    /// The witness is no operator.
    WitnessIsOperator,
    /// The witness is no officer.
    WitnessIsOfficer,
    /// Two shares of each set can be lost and it still opens.
    FewSpareShares,
    /// Officers' keys live in hardware.
    OfficerKeyInFile,
    /// The record has a second copy on another device. The binding says where, so only the run knows.
    NoMirror,
    /// A token's PINs are too many to be guessed. Only the token says how long a PIN may be, so only the run knows.
    PinStrength,
}

impl Rule {
    /// Whether the rule binds in production alone.
    pub fn is_of_production(self) -> bool {
        match self {
            Self::OperatorIsOfficer
            | Self::WitnessIsOperator
            | Self::WitnessIsOfficer
            | Self::FewSpareShares
            | Self::OfficerKeyInFile
            | Self::NoMirror => true,
            Self::PinStrength => false,
        }
    }

    /// Whether only a run can know that the rule is broken: machine or token say so. The others follow from the roster.
    pub fn is_known_at_run(self) -> bool {
        match self {
            Self::OperatorIsOfficer
            | Self::WitnessIsOperator
            | Self::WitnessIsOfficer
            | Self::FewSpareShares
            | Self::OfficerKeyInFile => false,
            Self::NoMirror | Self::PinStrength => true,
        }
    }
}

/// A rule that the officers who approve a plan let it break.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// Which rule.
    pub rule: Rule,
    /// Why, for those who approve and those who audit.
    pub reason: String,
    /// The last second in which it holds; after the window of the plan.
    pub until: Instant,
}

impl Plan {
    /// The waiver of a rule that holds at that instant.
    pub fn waiver(&self, rule: Rule, at: Instant) -> Option<&Waiver> {
        self.waivers.iter().find(|waiver| waiver.rule == rule && at <= waiver.until)
    }
}
