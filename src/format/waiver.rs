use serde::{Deserialize, Serialize};

use super::{Environment, Instant, Plan};

/// A rule that officers may waive for one ceremony. Closed: what is not here is never waived.
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
    /// Of what is signed: a name's attributes in another order than the usual one.
    #[serde(rename = "N03")]
    N03,
    /// Of what is signed: an attribute of a name twice.
    #[serde(rename = "N04")]
    N04,
    /// Of what is signed: an unusual attribute of a name.
    #[serde(rename = "N09")]
    N09,
    /// Of what is signed: a root that is valid shorter or longer than is usual.
    #[serde(rename = "R02")]
    R02,
    /// Of what is signed: a root with a path length.
    #[serde(rename = "R03")]
    R03,
    /// Of what is signed: a root without authorityKeyIdentifier.
    #[serde(rename = "R04")]
    R04,
    /// Of what is signed: a CRL of more than 365 days.
    #[serde(rename = "L03")]
    L03,
    /// Of what is signed: a revocation that is dated after its CRL.
    #[serde(rename = "L07")]
    L07,
    /// Of what is signed: anyPolicy beside another policy, or a qualifier.
    #[serde(rename = "E04")]
    E04,
    /// Of what is signed: several distribution points.
    #[serde(rename = "D02")]
    D02,
    /// Of what is signed: nameConstraints that are not critical.
    #[serde(rename = "M04")]
    M04,
    /// Of what is signed: a directory name in critical nameConstraints.
    #[serde(rename = "M06")]
    M06,
    /// Of what is signed: a URI in nameConstraints.
    #[serde(rename = "M07")]
    M07,
    /// Of what is signed: an unusual form of name in nameConstraints.
    #[serde(rename = "M08")]
    M08,
    /// Of what is signed: subjectAltName that is critical beside a subject.
    #[serde(rename = "U04")]
    U04,
    /// Of what is signed: a trust domain of one label, or with an underscore.
    #[serde(rename = "U05")]
    U05,
    /// Of what is signed: a URI that is permitted beside the trust domain.
    #[serde(rename = "U07")]
    U07,
}

/// Who or what breaks a rule, and so when it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrokenBy {
    /// The roster.
    Roster,
    /// The machine: the binding says where the record lies.
    Machine,
    /// The token, which alone says which PINs it takes.
    Token,
    /// What is to be signed, by a rule of `docs/lints.md` that warns.
    Object,
}

impl Rule {
    /// Who or what breaks it.
    pub fn broken_by(self) -> BrokenBy {
        match self {
            Self::OperatorIsOfficer
            | Self::WitnessIsOperator
            | Self::WitnessIsOfficer
            | Self::FewSpareShares
            | Self::OfficerKeyInFile => BrokenBy::Roster,
            Self::NoMirror => BrokenBy::Machine,
            Self::PinStrength => BrokenBy::Token,
            Self::N03
            | Self::N04
            | Self::N09
            | Self::R02
            | Self::R03
            | Self::R04
            | Self::L03
            | Self::L07
            | Self::E04
            | Self::D02
            | Self::M04
            | Self::M06
            | Self::M07
            | Self::M08
            | Self::U04
            | Self::U05
            | Self::U07 => BrokenBy::Object,
        }
    }

    /// Whether it binds in that environment, so that there is something to waive.
    pub fn binds_in(self, environment: Environment) -> bool {
        match self.broken_by() {
            BrokenBy::Roster | BrokenBy::Machine => environment == Environment::Production,
            BrokenBy::Token => true,
            BrokenBy::Object => environment != Environment::Lab,
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

    /// Whether a waiver that holds at that instant lets pass what a rule of `docs/lints.md` warns of.
    pub fn waives_warning(&self, id: &str, at: Instant) -> bool {
        self.waivers.iter().any(|waiver| waiver.rule.to_string() == id && at <= waiver.until)
    }
}
