mod error;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::hex::Base64;
use super::{Digest, Environment, Magic, Mode, Name, Role, ShareSetName, StatementAlgorithm};

pub use error::RosterError;

/// The people of an authority and how many of them it takes (`docs/roster-and-binding.md`).
///
/// Its digest is the SHA-256 of the file's bytes; auditors pin that file, so it is never rewritten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roster {
    /// The authority these people run.
    pub authority: Name,
    /// Never mixed within one authority.
    pub environment: Environment,
    /// How many officers each act takes.
    pub thresholds: Thresholds,
    /// In the order of the file, which is the order of their share indices.
    pub people: Vec<Person>,
    /// SHA-256 of the file.
    pub sha256: Digest,
}

/// How many officers each act takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// Statements that approve a plan, or authorise signatures of a new key.
    pub approve: u8,
    /// Shares that rebuild a quorum secret: the T of T-of-N.
    pub unlock: u8,
    /// The same for the set `recovery`; [`Roster::threshold`] gives `unlock` where this is left out.
    pub recovery: Option<u8>,
    /// Officers' seals on a complete record, a witness's beside them.
    pub close: u8,
}

/// One person.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Unique in the roster.
    pub name: Name,
    /// At least one.
    pub roles: Vec<Role>,
    /// Fixed by the key; statements repeat it.
    pub algorithm: StatementAlgorithm,
    /// DER SubjectPublicKeyInfo (RFC 5280 4.1.2.7) of the key that signs this person's statements.
    #[serde(rename = "public-key")]
    pub public_key: Base64,
    /// Where the private half is, as the person says. Nobody can check it from here.
    #[serde(rename = "key-storage", default)]
    pub key_storage: KeyStorage,
    /// The share sets of which this person holds one share each.
    #[serde(default)]
    pub shares: Vec<ShareSetName>,
    /// The officer in whose place this person may approve, authorise, confirm and close, and with whom they count
    /// as one.
    #[serde(default, rename = "deputy-for")]
    pub deputy_for: Option<Name>,
}

/// Where the private half of a person's key is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyStorage {
    /// On a card or another device that it does not leave.
    Hardware,
    /// In an encrypted file, of which there can be copies.
    #[default]
    File,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    authority: Name,
    environment: Environment,
    thresholds: Thresholds,
    person: Vec<Person>,
}

impl Roster {
    /// The value of the file's `format` key.
    pub const FORMAT: Magic =
        Magic { ceremony: "anchorite-roster/v1", rehearsal: "anchorite-rehearsal-roster/v1" };

    /// Reads the roster file of ceremonies.
    ///
    /// # Errors
    /// [`RosterError`], the first that holds.
    pub fn parse(bytes: &[u8]) -> Result<Self, RosterError> {
        Self::parse_in(bytes, Mode::Ceremony)
    }

    /// Reads the roster file of ceremonies or of a rehearsal.
    ///
    /// # Errors
    /// [`RosterError`], the first that holds.
    pub fn parse_in(bytes: &[u8], mode: Mode) -> Result<Self, RosterError> {
        let file: File = parse_toml(bytes).map_err(|(line, reason)| RosterError::Syntax { line, reason })?;
        match Self::FORMAT.mode(&file.format) {
            Some(found) => mode.demand(found)?,
            None => return Err(RosterError::Format { found: file.format }),
        }
        let roster = Self {
            authority: file.authority,
            environment: file.environment,
            thresholds: file.thresholds,
            people: file.person,
            sha256: Digest::of(bytes),
        };
        roster.people_are_distinct()?;
        roster.deputies_have_principals()?;
        roster.thresholds_can_be_met()?;
        Ok(roster)
    }

    /// The entry of that name.
    pub fn person(&self, name: &Name) -> Option<&Person> {
        self.people.iter().find(|person| person.name == *name)
    }

    /// Everybody with that role, in the order of the file.
    pub fn with_role(&self, role: Role) -> impl Iterator<Item = &Person> {
        self.people.iter().filter(move |person| person.roles.contains(&role))
    }

    /// Everybody who holds a share of that set, in the order of their share indices.
    pub fn holders(&self, set: ShareSetName) -> impl Iterator<Item = &Person> {
        self.people.iter().filter(move |person| person.shares.contains(&set))
    }

    /// T of the T-of-N of a share set.
    pub fn threshold(&self, set: ShareSetName) -> u8 {
        let Thresholds { unlock, recovery, .. } = self.thresholds;
        match set {
            ShareSetName::Operate => unlock,
            ShareSetName::Recovery => recovery.unwrap_or(unlock),
        }
    }

    /// The name under which this person counts: their principal's for a deputy, else their own.
    pub fn counts_as<'n>(&'n self, name: &'n Name) -> &'n Name {
        self.person(name).and_then(|person| person.deputy_for.as_ref()).unwrap_or(name)
    }

    /// How many officers these people make up: an officer and their deputies are one.
    pub fn officers_among(&self, people: &[Name]) -> usize {
        let officers = self.with_role(Role::Officer).filter(|person| people.contains(&person.name));
        officers.map(|person| self.counts_as(&person.name)).collect::<BTreeSet<_>>().len()
    }

    fn deputies_have_principals(&self) -> Result<(), RosterError> {
        for person in &self.people {
            let Some(principal) = &person.deputy_for else { continue };
            let (name, principal) = (person.name.clone(), principal.clone());
            match self.person(&principal) {
                Some(other) if other.name != name && other.roles.contains(&Role::Officer) => {
                    if other.deputy_for.is_some() {
                        return Err(RosterError::DeputyOfDeputy { name, principal });
                    }
                }
                _ => return Err(RosterError::DeputyForNobody { name, principal }),
            }
            if !person.roles.contains(&Role::Officer) {
                return Err(RosterError::DeputyIsNoOfficer { name });
            }
            if person.roles.contains(&Role::Witness) {
                return Err(RosterError::DeputyIsWitness { name });
            }
        }
        Ok(())
    }

    fn people_are_distinct(&self) -> Result<(), RosterError> {
        let mut names = BTreeSet::new();
        let mut keys: Vec<&Person> = Vec::new();
        for person in &self.people {
            let name = person.name.clone();
            if !names.insert(&person.name) {
                return Err(RosterError::DuplicateName { name });
            }
            if let Some(first) = keys.iter().find(|other| other.public_key == person.public_key) {
                return Err(RosterError::DuplicateKey { first: first.name.clone(), second: name });
            }
            keys.push(person);
            let roles: BTreeSet<_> = person.roles.iter().collect();
            if roles.is_empty() || roles.len() != person.roles.len() {
                return Err(RosterError::Roles { name });
            }
            if !person.shares.is_empty() && !person.roles.contains(&Role::Officer) {
                return Err(RosterError::HolderIsNoOfficer { name });
            }
        }
        Ok(())
    }

    fn thresholds_can_be_met(&self) -> Result<(), RosterError> {
        let Thresholds { approve, close, recovery, .. } = self.thresholds;
        let officers = self.with_role(Role::Officer).filter(|person| person.deputy_for.is_none()).count();
        let rule = "at least 1, and no more than there are officers, deputies not counted";
        for (act, threshold) in [("approve", approve), ("close", close)] {
            if threshold < 1 || usize::from(threshold) > officers {
                return Err(RosterError::Threshold { act, threshold, people: officers, rule });
            }
        }
        let rule = "2 <= threshold <= holders of such shares <= 16 (SLIP-39)";
        for (act, set) in [("unlock", ShareSetName::Operate), ("recovery", ShareSetName::Recovery)] {
            let (threshold, people) = (self.threshold(set), self.holders(set).count());
            let there = people > 0 || set == ShareSetName::Operate || recovery.is_some();
            if there && (threshold < 2 || usize::from(threshold) > people || people > 16) {
                return Err(RosterError::Threshold { act, threshold, people, rule });
            }
        }
        if self.with_role(Role::Witness).next().is_none() {
            return Err(RosterError::NoWitness);
        }
        Ok(())
    }
}

/// Parses TOML into `T`; an error is a line (from 1) and the parser's first sentence.
pub(super) fn parse_toml<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, (usize, String)> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| (line_of(bytes, error.valid_up_to()), "not UTF-8".to_owned()))?;
    toml::from_str(text).map_err(|error| {
        let line = line_of(bytes, error.span().map_or(0, |span| span.start));
        (line, error.message().trim().replace('\n', "; "))
    })
}

fn line_of(bytes: &[u8], offset: usize) -> usize {
    1 + bytes.iter().take(offset).filter(|byte| **byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roster(people: &str) -> String {
        format!(
            "format = \"anchorite-roster/v1\"\nauthority = \"example\"\nenvironment = \"lab\"\n\
             [thresholds]\napprove = 2\nunlock = 2\nclose = 2\n{people}"
        )
    }

    fn person(name: &str, role: &str, key: &str, shares: &str) -> String {
        format!(
            "[[person]]\nname = \"{name}\"\nroles = [\"{role}\"]\nalgorithm = \"ecdsa-p256-sha256\"\n\
             public-key = \"{key}\"\nshares = [{shares}]\n"
        )
    }

    #[test]
    fn a_roster_that_cannot_hold_a_ceremony_is_refused() {
        let a = person("officer-a", "officer", "AQ==", "\"operate\"");
        let b = person("officer-b", "officer", "Ag==", "\"operate\"");
        let w = person("witness", "witness", "Aw==", "");
        assert!(Roster::parse(roster(&format!("{a}{b}{w}")).as_bytes()).is_ok());
        type Fits = fn(&RosterError) -> bool;
        let deputy = |of: &str| w.replace("shares", &format!("deputy-for = \"{of}\"\nshares"));
        let d = deputy("officer-a")
            .replace("witness", "officer")
            .replace("\"officer\"\nroles", "\"deputy-a\"\nroles");
        let d = d.replace("Aw==", "BA==");
        let other = |text: &str, key: &str| text.replace("deputy-a", "deputy-b").replace("BA==", key);
        let valid = format!("{a}{b}{w}{d}{}", other(&d, "BQ=="));
        let roster_of_deputies = Roster::parse(roster(&valid).as_bytes()).unwrap();
        for person in ["officer-a", "deputy-a", "deputy-b"] {
            let name: Name = person.parse().unwrap();
            assert_eq!(roster_of_deputies.counts_as(&name).as_str(), "officer-a");
        }
        let recovery = |text: &str| text.replace("\"operate\"", "\"operate\", \"recovery\"");
        let cases: [(String, Fits); 15] = [
            (format!("{a}{a}{w}"), |e| matches!(e, RosterError::DuplicateName { .. })),
            (format!("{a}{}{w}", b.replace("Ag==", "AQ==")), |e| {
                matches!(e, RosterError::DuplicateKey { .. })
            }),
            (format!("{a}{b}"), |e| matches!(e, RosterError::NoWitness)),
            (format!("{a}{w}"), |e| matches!(e, RosterError::Threshold { .. })),
            (format!("{a}{b}{}", w.replace("[]", "[\"operate\"]")), |e| {
                matches!(e, RosterError::HolderIsNoOfficer { .. })
            }),
            (format!("{a}{b}{w}pin = 1\n"), |e| matches!(e, RosterError::Syntax { .. })),
            (format!("{a}{b}{}", w.replace("\"witness\"]", "]")), |e| matches!(e, RosterError::Roles { .. })),
            (format!("{a}{b}{w}{}", d.replace("\"officer-a\"", "\"officer-c\"")), |e| {
                matches!(e, RosterError::DeputyForNobody { .. })
            }),
            (format!("{a}{b}{w}{}", d.replace("\"officer-a\"", "\"witness\"")), |e| {
                matches!(e, RosterError::DeputyForNobody { .. })
            }),
            (format!("{a}{b}{w}{}", d.replace("\"officer-a\"", "\"deputy-a\"")), |e| {
                matches!(e, RosterError::DeputyForNobody { .. })
            }),
            (format!("{a}{b}{w}{d}{}", other(&d, "BQ==").replace("\"officer-a\"", "\"deputy-a\"")), |e| {
                matches!(e, RosterError::DeputyOfDeputy { .. })
            }),
            (format!("{a}{b}{w}{}", d.replace("[\"officer\"]", "[\"operator\"]")), |e| {
                matches!(e, RosterError::DeputyIsNoOfficer { .. })
            }),
            (format!("{a}{b}{w}{}", d.replace("[\"officer\"]", "[\"officer\", \"witness\"]")), |e| {
                matches!(e, RosterError::DeputyIsWitness { .. })
            }),
            // Two officers approve: one and a deputy are not two.
            (format!("{a}{w}{}", d.replace("shares = []", "shares = [\"operate\"]")), |e| {
                matches!(e, RosterError::Threshold { act: "approve", people: 1, .. })
            }),
            (format!("{}{b}{w}", recovery(&a)), |e| {
                matches!(e, RosterError::Threshold { act: "recovery", people: 1, .. })
            }),
        ];
        for (people, fits) in cases {
            let error = Roster::parse(roster(&people).as_bytes()).unwrap_err();
            assert!(fits(&error), "{error}\n{people}");
        }
    }
}
