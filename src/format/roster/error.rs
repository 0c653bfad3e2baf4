use crate::format::{Name, OtherMode, Roster};

/// Why a file is no roster.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RosterError {
    /// Not TOML, or not a roster's TOML.
    #[error("roster line {line}: {reason}")]
    Syntax {
        /// Counted from 1.
        line: usize,
        /// What the parser says.
        reason: String,
    },
    /// The first line names another format.
    #[error("this roster's format is `{found}`; `{}` is known", Roster::FORMAT.ceremony)]
    Format {
        /// What it names.
        found: String,
    },
    /// A rehearsal's where a ceremony's is read, or the other way round.
    #[error(transparent)]
    OtherMode(#[from] OtherMode),
    /// Two entries with one name.
    #[error("`{name}` is on the roster twice")]
    DuplicateName {
        /// Whose.
        name: Name,
    },
    /// Two entries with one key: one person would count as two.
    #[error("`{first}` and `{second}` have the same public key")]
    DuplicateKey {
        /// Who.
        first: Name,
        /// Who else.
        second: Name,
    },
    /// A person with no role, or one role twice.
    #[error("the roles of `{name}` are empty or repeated")]
    Roles {
        /// Whose.
        name: Name,
    },
    /// The T or N of a quorum that cannot work: 2 <= T <= N <= 16 for shares, 1 <= approve, close <= officers, an
    /// officer and their deputies counted once.
    #[error("threshold {act} = {threshold} does not fit {people} people: {rule}")]
    Threshold {
        /// Which.
        act: &'static str,
        /// As the file says.
        threshold: u8,
        /// Officers, or holders of a share.
        people: usize,
        /// The rule that it breaks.
        rule: &'static str,
    },
    /// Nobody can seal the close independently.
    #[error("the roster has no witness, and a complete record needs a witness's seal")]
    NoWitness,
    /// A deputy of somebody who is no officer, or not on the roster, or the same person.
    #[error("`{name}` is deputy for `{principal}`, who is no other officer of the roster")]
    DeputyForNobody {
        /// Who.
        name: Name,
        /// As the file says.
        principal: Name,
    },
    /// A deputy of a deputy: nobody could say for whom they act.
    #[error("`{name}` is deputy for `{principal}`, who is a deputy")]
    DeputyOfDeputy {
        /// Who.
        name: Name,
        /// Who is a deputy too.
        principal: Name,
    },
    /// A deputy who is no officer: nothing they sign would count.
    #[error("`{name}` is a deputy but no officer")]
    DeputyIsNoOfficer {
        /// Who.
        name: Name,
    },
    /// A deputy who would also watch what they decide.
    #[error("`{name}` is both deputy and witness")]
    DeputyIsWitness {
        /// Who.
        name: Name,
    },
    /// A share held by somebody who is no officer.
    #[error("`{name}` holds a share but is no officer")]
    HolderIsNoOfficer {
        /// Who.
        name: Name,
    },
}
