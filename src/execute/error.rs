use crate::artifact;
use crate::format::{ArtifactKind, Digest, Environment, Exposure, Name, PinWeakness};
use crate::{host, pki, plan, record, roster, shares, token};

/// A ceremony was not begun, or stands still.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Before the record was opened: nothing happened, the approvals are still good.
    #[error("{0}")]
    NotBegun(#[source] Box<Stop>),
    /// Before an unfinished record was continued: it stands as it did.
    #[error("{stop}")]
    NotResumed {
        /// What stopped it.
        #[source]
        stop: Box<Stop>,
        /// The bundle.
        directory: std::path::PathBuf,
    },
    /// After the last record. The ceremony ended; what is missing are signatures.
    #[error("{stop}")]
    Unsealed {
        /// What stopped it.
        #[source]
        stop: Box<Stop>,
        /// The bundle.
        directory: std::path::PathBuf,
        /// The head that the seals are over.
        head: Digest,
    },
    /// After the record was opened. It is unfinished until it is aborted.
    #[error("{stop}")]
    Unfinished {
        /// What stopped it.
        #[source]
        stop: Box<Stop>,
        /// The bundle.
        directory: std::path::PathBuf,
        /// The last durable head.
        head: Digest,
    },
}

impl Error {
    /// What a stop means before there is a bundle.
    pub(super) fn not_begun(stop: impl Into<Stop>) -> Self {
        Self::NotBegun(Box::new(stop.into()))
    }

    /// What a stop means for an open bundle.
    pub(super) fn of(stop: Stop, bundle: &record::Bundle) -> Self {
        let stop = Box::new(stop);
        let (directory, head) = (bundle.directory().to_owned(), bundle.head());
        if bundle.ended() {
            Self::Unsealed { stop, directory, head }
        } else {
            Self::Unfinished { stop, directory, head }
        }
    }
}

/// What stops a ceremony.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// A person ended it at a prompt.
    #[error("{by} ended the ceremony: {reason}")]
    Aborted {
        /// An officer.
        by: Name,
        /// In that person's words.
        reason: String,
    },
    /// Somebody came or went at a prompt: the engine notes it and asks again, so that nothing stops. Where nothing is
    /// asked again, it stands for a prompt without an answer.
    #[error("somebody came or went in the middle of a question")]
    Moved(super::Movement),
    /// Somebody opened an exception at a prompt: the engine records it and asks again. Where nothing is asked again, it stands
    /// for a prompt without an answer.
    #[error("somebody opened an exception in the middle of a question")]
    Exception(super::ExceptionReport),
    /// An exception says that somebody may have had what nobody may have.
    #[error("exception {number} says that something may be compromised, and nothing goes on after that")]
    Compromised {
        /// Of the exception.
        number: u64,
    },
    /// A person stopped the program at a prompt and ended nothing else.
    #[error("somebody stopped the program with Ctrl-C")]
    Interrupted,
    /// Nobody can be asked any more.
    #[error("the terminal does not work any more: {reason}")]
    TerminalGone {
        /// What the operating system says.
        reason: String,
    },
    /// What was asked is not in the answers file, or nothing that it names gives it.
    #[error("the answers file cannot answer: {what}")]
    NoAnswer {
        /// What was asked.
        what: String,
    },
    /// The record or a file of the bundle.
    #[error(transparent)]
    Record(#[from] record::Error),
    /// A file outside the bundle.
    #[error(transparent)]
    File(#[from] artifact::Error),
    /// The token.
    #[error(transparent)]
    Token(#[from] token::Error),
    /// A rule about who may do what.
    #[error(transparent)]
    Roster(#[from] roster::Refused),
    /// Shares or PINs.
    #[error(transparent)]
    Shares(#[from] shares::Error),
    /// A certificate, CRL or key.
    #[error(transparent)]
    Pki(#[from] pki::Error),
    /// The operating system's random number generator.
    #[error(transparent)]
    Entropy(#[from] host::EntropyError),
    /// A TBS could not be built from the plan.
    #[error(transparent)]
    Tbs(#[from] plan::TbsError),
    /// The ledger does not have what the plan names.
    #[error("the record of this authority has no {what}")]
    NotInLedger {
        /// What is missing.
        what: String,
    },
    /// An earlier ceremony stopped while a token's PIN was replaced.
    #[error(
        "which PIN token `{token}` has is in doubt: it follows from the shares of epoch {}. \
         Hold a ceremony with a `reshare` step first",
        .epochs.iter().map(u32::to_string).collect::<Vec<_>>().join(" or ")
    )]
    PinInDoubt {
        /// The plan's name for it.
        token: Name,
        /// Epochs of the share sets that it may follow from.
        epochs: Vec<u32>,
    },
    /// An interrupted ceremony cannot go on before something else is done.
    #[error("the ceremony cannot be resumed: {reason}")]
    NotResumable {
        /// Why.
        reason: String,
    },
    /// An interrupted ceremony cannot go on at all.
    #[error("the ceremony cannot be resumed: {reason}")]
    OnlyToEnd {
        /// Why.
        reason: String,
    },
    /// A call that may have made a key has no answer, and nobody has said what becomes of the key.
    #[error(
        "operation {op} of step `{step}` was to make a key on token `{token}` and has no usable answer: {}",
        if *found { "the public half of a key is there" } else { "before a login the token shows nothing of it" }
    )]
    KeyInDoubt {
        /// The number of its C_GenerateKeyPair.
        op: u64,
        /// Its step.
        step: Name,
        /// The plan's name for the token.
        token: Name,
        /// Whether a public half is there.
        found: bool,
    },
    /// The plan uses a token that the binding does not name.
    #[error("the binding does not say which token `{token}` is")]
    UnboundToken {
        /// The plan's name for it.
        token: Name,
    },
    /// The binding names a token that is not the one of the record.
    #[error(
        "token `{token}` is bound to serial {bound}, but the key of this authority is on the token with serial {recorded}"
    )]
    OtherToken {
        /// The plan's name for it.
        token: Name,
        /// What the binding says.
        bound: String,
        /// What the record says.
        recorded: String,
    },
    /// A token that is to be provisioned is not blank, or one that is to be used is.
    #[error("token `{token}` is {found}, but the plan {needs}")]
    TokenState {
        /// The plan's name for it.
        token: Name,
        /// What it is.
        found: &'static str,
        /// What the plan does with it.
        needs: &'static str,
    },
    /// The token that is there is not the one that the plan takes over.
    #[error("token `{token}` has the label `{}`, and the plan takes over the one with the label `{}`", .found.escape_debug(), .expected.escape_debug())]
    TokenLabel {
        /// Its name.
        token: Name,
        /// As the token says.
        found: String,
        /// As the plan says.
        expected: String,
    },
    /// The longest PINs that the token takes could be guessed.
    #[error("token `{token}`: {weakness}")]
    WeakPin {
        /// The plan's name for it.
        token: Name,
        /// How few there are.
        weakness: PinWeakness,
    },
    /// A software token in production (BR 6.2.7).
    #[error("token `{token}` is a software token ({model}); the environment is {environment}")]
    SoftwareToken {
        /// The plan's name for it.
        token: Name,
        /// What the token says.
        model: String,
        /// The plan's.
        environment: Environment,
    },
    /// A plan that asks for a rehearsal, without one.
    #[error("the plan asks for a rehearsal within {days} days before, and there is none")]
    NotRehearsed {
        /// How many days the plan gives.
        days: u32,
    },
    /// A token that a rehearsal must not touch.
    #[error(
        "token `{token}` (serial {serial}) is the ceremony's, or no software token: a rehearsal never opens it"
    )]
    NotThrownAway {
        /// The plan's name for it.
        token: Name,
        /// What the token says.
        serial: String,
    },
    /// The drill of a wrong token: nothing refused it.
    #[error("the drill found a fault: another token than the bound `{token}` was not refused")]
    WrongTokenTaken {
        /// The plan's name for the right one.
        token: Name,
    },
    /// The drill of a power cut: the system let this process live.
    #[error("the drill could not end this process: {source}")]
    NoPowerCut {
        /// The system's answer.
        source: std::io::Error,
    },
    /// A machine that could write secrets to a disk.
    #[error("this machine is not fit for a {environment} ceremony: {exposure}")]
    Exposed {
        /// What it lacks.
        exposure: Exposure,
        /// The plan's.
        environment: Environment,
    },
    /// An answers file where a person is required.
    #[error("an answers file may not run a {environment} ceremony")]
    ScriptedOperator {
        /// The plan's.
        environment: Environment,
    },
    /// A binding without a mirror, where a medium that breaks must not take the record with it.
    #[error("the binding names no mirror, and a {environment} ceremony keeps its record on two devices")]
    NoMirror {
        /// The plan's.
        environment: Environment,
    },
    /// The label that a new key would get is taken.
    #[error("token `{token}` has {count} objects with the label `{label}` already")]
    LabelTaken {
        /// The plan's name for it.
        token: Name,
        /// The label.
        label: String,
        /// How many objects.
        count: usize,
    },
    /// Too few people in the room.
    #[error("{present} of the {needed} {who} that this ceremony needs are here")]
    Absent {
        /// Who are counted.
        who: &'static str,
        /// How many are here.
        present: usize,
        /// How many it takes.
        needed: usize,
    },
    /// A key that the token made does not have the attributes a root key must have.
    #[error("the new key is not what was asked for: {}", .findings.join("; "))]
    KeyAttributes {
        /// One sentence each.
        findings: Vec<String>,
    },
    /// The bytes to be signed break a rule.
    #[error("step `{step}` would break a rule: {}", .findings.join("; "))]
    Lint {
        /// Which step.
        step: Name,
        /// Rule and fact, one sentence each.
        findings: Vec<String>,
    },
    /// What came out is wrong; it was put aside and recorded.
    #[error("the {kind} of step `{step}` was put into quarantine: {reason}")]
    Quarantined {
        /// Which step.
        step: Name,
        /// What it would have been.
        kind: ArtifactKind,
        /// Which check it failed.
        reason: String,
    },
    /// A plan whose parts do not fit together; `plan` makes none.
    #[error("the plan is inconsistent at step `{step}`: {what}")]
    Plan {
        /// Which step.
        step: Name,
        /// What does not fit.
        what: &'static str,
    },
    /// An officer's name in an abort request is on no roster entry with that role.
    #[error("`{name}` is no officer of this ceremony's roster")]
    NoOfficer {
        /// Who.
        name: Name,
    },
    /// The bundle's own files cannot be read.
    #[error("`{file}` of the bundle cannot be read: {reason}")]
    Bundle {
        /// Which file.
        file: &'static str,
        /// Why.
        reason: String,
    },
}

impl Stop {
    /// The ledger has no such thing.
    pub(super) fn not_in_ledger(what: impl Into<String>) -> Self {
        Self::NotInLedger { what: what.into() }
    }
}
