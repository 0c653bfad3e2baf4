use std::fmt::{self, Display};

use super::policy::PolicyFinding;
use super::public_key::RosterKeyProblem;
use crate::format::{
    Covered, Digest, Environment, Instant, JsonError, Mode, Name, Outcome, Role, Rule, SealKind, Statement,
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

/// Why a plan may not run, a TBS may not be signed or a record is not sealed.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Not a plan.
    #[error("plan.json: {0}")]
    Plan(#[from] JsonError),
    /// A plan for another run.
    #[error("the plan is not for this run: {0}")]
    PlanMismatch(Mismatch),
    /// The plan needs a token that the machine does not have.
    #[error("the plan uses the token `{token}`, which the binding does not name")]
    TokenNotBound {
        /// Its name in the plan.
        token: Name,
    },
    /// Somebody's key may not be on a roster, whether or not they signed.
    #[error(transparent)]
    RosterKey(#[from] RosterKeyProblem),
    /// Production with a roster that its rules forbid, and no waiver in force.
    #[error("a production roster cannot be like this, and the plan does not waive it: {0}")]
    Policy(#[from] PolicyFinding),
    /// A break in production during which tokens stay open.
    #[error("step `{step}` is a break that leaves tokens open, which production forbids")]
    OpenBreak {
        /// Of the plan.
        step: Name,
    },
    /// A waiver that could expire before the ceremony is held.
    #[error("the waiver of `{rule}` ends at {until}, and the plan may run until {}", window.to)]
    WaiverTooShort {
        /// Which rule.
        rule: Rule,
        /// The plan's.
        until: Instant,
        /// The plan's.
        window: Window,
    },
    /// Too early or too late.
    #[error("it is {now}, and the plan may run from {} to {}", window.from, window.to)]
    OutsideWindow {
        /// The plan's.
        window: Window,
        /// The clock's.
        now: Instant,
    },
    /// One of the statements does not count. None that does not count is passed over in silence.
    #[error("statement {number}: {problem}")]
    Statement {
        /// Counted from 1, in the order they were given.
        number: usize,
        /// Why.
        problem: StatementProblem,
    },
    /// One person would count as two.
    #[error("`{name}` signed twice")]
    Twice {
        /// Who.
        name: Name,
    },
    /// The quorum is not there.
    #[error("{needed} signatures in the role {role} are needed and {found} are there")]
    TooFew {
        /// In which role.
        role: Role,
        /// How many it takes.
        needed: usize,
        /// How many there are.
        found: usize,
    },
    /// The quorum is not there, because an officer and a deputy of theirs count once.
    #[error(
        "`{one}` and `{other}` count once, as `{principal}`: {needed} signatures in the role officer are needed and \
         {found} are there"
    )]
    CountedOnce {
        /// Who signed.
        one: Name,
        /// Who signed too.
        other: Name,
        /// In whose name both count.
        principal: Name,
        /// How many it takes.
        needed: usize,
        /// How many there are.
        found: usize,
    },
    /// A genesis that somebody on its roster did not approve, so that one key is unproven.
    #[error("everybody on the roster approves a genesis, and `{name}` did not")]
    NotEverybody {
        /// The first who is missing.
        name: Name,
    },
    /// Somebody whose key is new on the incoming roster did not approve with it.
    #[error("`{name}` gets a new key by this plan and has not approved it with that key")]
    NewKeyNotProven {
        /// Who.
        name: Name,
    },
    /// The roster that the plan brings in is not the one that is here.
    #[error(
        "the plan brings in {}, here is {}",
        roster_text(planned),
        roster_text(found)
    )]
    IncomingRoster {
        /// SHA-256 as the plan has it; `None` where it changes nobody.
        planned: Option<Digest>,
        /// SHA-256 of what is here.
        found: Option<Digest>,
    },
    /// An authorise statement that lists nothing.
    #[error("the statement authorises no signature")]
    NothingToAuthorise,
    /// The plan has no such step, or the step makes no signature.
    #[error("the plan has no step `{step}` that makes a signature")]
    NoSuchSignature {
        /// As it was asked for.
        step: Name,
    },
    /// The TBS was not known when the plan was made; an authorise statement has to fix it.
    #[error("the plan does not fix what step `{step}` signs")]
    TbsNotFixed {
        /// Of the plan.
        step: Name,
    },
    /// A step whose TBS nobody authorised, or that was let through once already.
    #[error("no signature is left that the officers authorised for step `{step}`")]
    NotAuthorised {
        /// Of the plan.
        step: Name,
    },
    /// A step of the plan that the authorise statement leaves out: every TBS is frozen before the first signature.
    #[error("the statement does not list the TBS of step `{step}`")]
    TbsMissing {
        /// Of the plan.
        step: Name,
    },
    /// A step that is listed twice.
    #[error("the statement lists two TBS of step `{step}`")]
    TbsTwice {
        /// Of the plan.
        step: Name,
    },
    /// Other bytes than those that people approved.
    #[error("the SHA-256 of the TBS of step `{step}` is {sha256}")]
    TbsDiffers {
        /// Of the plan.
        step: Name,
        /// SHA-256 of the TBS.
        sha256: Differs<Digest>,
    },
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

fn roster_text(sha256: &Option<Digest>) -> String {
    sha256.map_or_else(|| "no new roster".to_owned(), |sha256| format!("the roster with SHA-256 {sha256}"))
}
