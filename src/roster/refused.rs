use super::policy::PolicyFinding;
use super::problem::{Differs, Mismatch, StatementProblem};
use super::public_key::RosterKeyProblem;
use crate::format::{Digest, Instant, JsonError, Name, Role, Rule, Window};

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
    #[error("the plan brings in {}, here is {}", roster_text(planned), roster_text(found))]
    IncomingRoster {
        /// SHA-256 as the plan has it; `None` where it changes nobody.
        planned: Option<Digest>,
        /// SHA-256 of what is here.
        found: Option<Digest>,
    },
    /// The plan tells officers of other changes than the new roster makes.
    #[error("the plan does not say of the new roster who joins, who leaves and whose key is new")]
    PeopleMistold,
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

fn roster_text(sha256: &Option<Digest>) -> String {
    sha256.map_or_else(|| "no new roster".to_owned(), |sha256| format!("the roster with SHA-256 {sha256}"))
}
