use std::fmt::{self, Display};

use super::public_key::RosterKeyProblem;
use crate::format::{
    Covered, Digest, Environment, Instant, Mode, Name, Outcome, Role, SealKind, Statement,
    StatementAlgorithm, StatementError, TokenAddress, Window,
};

/// Two values that should have been one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differs<T> {
    /// What it has to be here.
    pub expected: T,
    /// What the statement or the plan says.
    pub found: T,
}

impl<T: Display> Display for Differs<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, not {}", self.found, self.expected)
    }
}

/// In what a plan or a statement is about another run than this one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// Another plan.
    #[error("its plan is {0}")]
    Plan(Differs<Digest>),
    /// Another authority.
    #[error("its authority is {0}")]
    Authority(Differs<Name>),
    /// Another environment; they are never mixed.
    #[error("its environment is {0}")]
    Environment(Differs<Environment>),
    /// A rehearsal where a ceremony is meant, or the other way round.
    #[error("its mode is {0}")]
    Mode(Differs<Mode>),
    /// Another place in the authority: an approval is good once.
    #[error("its ordinal is {0}")]
    Ordinal(Differs<u64>),
    /// Another record before.
    #[error("its previous head is {0}")]
    PreviousHead(Differs<Digest>),
    /// Other people.
    #[error("its roster is {0}")]
    Roster(Differs<Digest>),
    /// Another machine.
    #[error("its binding is {0}")]
    Binding(Differs<Digest>),
    /// Other tokens, or in another order.
    #[error("its tokens are {}, not {}", tokens(&.0.found), tokens(&.0.expected))]
    Tokens(Differs<Vec<(Name, TokenAddress)>>),
    /// Another time.
    #[error("its window is {0}")]
    Window(Differs<Window>),
    /// A seal that does something else.
    #[error("its kind is {0}")]
    Kind(Differs<SealKind>),
    /// Another ceremony.
    #[error("its ceremony is {0}")]
    Ceremony(Differs<Digest>),
    /// Another outcome.
    #[error("its outcome is {0}")]
    Outcome(Differs<Outcome>),
    /// More, fewer or other records.
    #[error("it covers {}, not {}", covered(&.0.found), covered(&.0.expected))]
    Covered(Box<Differs<Covered>>),
    /// More or fewer TBS.
    #[error("the number of TBS it lists is {0}")]
    TbsCount(Differs<usize>),
    /// A TBS line that says something else.
    #[error("its TBS line {number} is not the one of this record")]
    Tbs {
        /// Counted from 1.
        number: usize,
    },
    /// Keys that were left in doubt, or what becomes of them.
    #[error("its lines about keys are not those of this record")]
    Keys,
}

/// Why a statement and its signature do not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatementProblem {
    /// Not a statement in its one form.
    #[error(transparent)]
    Form(#[from] StatementError),
    /// Signed by nobody known.
    #[error("`{name}` is not on the roster")]
    UnknownSigner {
        /// As the statement says.
        name: Name,
    },
    /// Signed in a role that the roster does not give this person.
    #[error("`{name}` signs as {role} but the roster gives no such role to this person")]
    RoleNotHeld {
        /// Who.
        name: Name,
        /// As the statement says.
        role: Role,
    },
    /// The statement names another key than the roster.
    #[error("the statement of `{name}` is for another key: its SHA-256 is {key}")]
    Key {
        /// Who.
        name: Name,
        /// SHA-256 of the DER SubjectPublicKeyInfo.
        key: Differs<Digest>,
    },
    /// The statement names another algorithm than the roster.
    #[error("the statement of `{name}` is for another algorithm: {algorithm}")]
    Algorithm {
        /// Who.
        name: Name,
        /// The roster fixes it.
        algorithm: Differs<StatementAlgorithm>,
    },
    /// The roster's key is not one that may be there.
    #[error(transparent)]
    RosterKey(#[from] RosterKeyProblem),
    /// Not in the one form that the algorithm fixes, with nothing after it.
    #[error("the signature of `{name}` is not in the form of {algorithm}")]
    SignatureEncoding {
        /// Whose.
        name: Name,
        /// As the roster says.
        algorithm: StatementAlgorithm,
    },
    /// Not made by that key over these bytes.
    #[error("the signature of `{name}` does not verify")]
    Signature {
        /// Whose.
        name: Name,
    },
    /// A seal where an approval is meant, or the other way round.
    #[error("the statement of `{name}` is of the kind `{found}`, not `{expected}`")]
    Kind {
        /// Whose.
        name: Name,
        /// [`Statement::kind_name`] of what is needed.
        expected: String,
        /// [`Statement::kind_name`] of what is there.
        found: String,
    },
    /// Signed in a role whose signature does not count on this kind of statement.
    #[error("`{name}` signs as {role}, whose signature does not count on this kind of statement")]
    RoleDoesNotCount {
        /// Who.
        name: Name,
        /// In which role.
        role: Role,
    },
    /// A close says "I was present", and record 0 does not name its signer.
    #[error("`{name}` seals that they were present, and record 0 does not name them")]
    NotPresent {
        /// Who.
        name: Name,
    },
    /// A seal that ends a record, made before that end or too long after it.
    #[error(
        "the seal of `{name}` is from {time}; it counts from {from}{}",
        to.map_or_else(String::new, |to| format!(" to {to}"))
    )]
    SealTime {
        /// Whose.
        name: Name,
        /// The signer's clock.
        time: Instant,
        /// The last record's clock.
        from: Instant,
        /// The last instant, where there is one.
        to: Option<Instant>,
    },
    /// About another run.
    #[error("the statement of `{name}` is not for this run: {mismatch}")]
    Mismatch {
        /// Whose.
        name: Name,
        /// In what.
        mismatch: Mismatch,
    },
}

impl StatementProblem {
    pub(super) fn mismatch(statement: &Statement, mismatch: Mismatch) -> Self {
        let name = statement.signer().name.clone();
        Self::Mismatch { name, mismatch }
    }
}

/// `Ok` where both are the same, else what `mismatch` makes of them.
pub(super) fn same<T: PartialEq, E>(
    expected: T,
    found: T,
    mismatch: impl FnOnce(Differs<T>) -> E,
) -> Result<(), E> {
    if expected == found {
        return Ok(());
    }
    Err(mismatch(Differs { expected, found }))
}

fn tokens(tokens: &[(Name, TokenAddress)]) -> String {
    let each = tokens.iter().map(|(name, address)| format!("{name} {address}"));
    each.collect::<Vec<_>>().join(", ")
}

fn covered(covered: &Covered) -> String {
    let Covered { records, bytes, head, .. } = covered;
    format!("{records} records ({bytes} bytes, head {head})")
}
