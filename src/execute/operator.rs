use std::fmt;
use std::path::{Path, PathBuf};

use super::Stop;
use crate::format::{
    CustodyAct, Drill, ExceptionClass, HostState, Instant, Name, NamedDigest, OperatorKind, Person, PinOwner,
    Released, Role, StepKind,
};
use crate::secret::{Passphrase, Pin};
use crate::shares::{ShareSource, Sheet};

/// Who presses the keys: a person at a terminal, or an answers file.
///
/// Every question can be answered with an abort ([`Stop::Aborted`]), with somebody's coming or going
/// ([`Stop::Moved`]: then it is asked again), with an exception ([`Stop::Exception`]: likewise), or not at all ([`Stop::Interrupted`], [`Stop::TerminalGone`],
/// [`Stop::NoAnswer`]).
pub trait Operator: ShareSource<Error = Stop> {
    /// Which of the two; record 0 says so.
    fn kind(&self) -> OperatorKind;

    /// Shows what happens. Nothing is asked.
    fn show(&mut self, notice: &Notice<'_>);

    /// Asks whether a person is in the room: what that person types for the ceremony's identifier (8 or more
    /// printable ASCII characters, public), or `None` for somebody who is not there.
    ///
    /// # Errors
    /// [`Stop`].
    fn present(&mut self, person: &Person) -> Result<Option<String>, Stop>;

    /// Asks a holder for characters that go into the quorum secret: hidden, never shown or recorded.
    ///
    /// # Errors
    /// [`Stop`].
    fn entropy(&mut self, holder: &Name) -> Result<Passphrase, Stop>;

    /// Asks for a PIN that a token has now and will lose: hidden, never shown or recorded.
    ///
    /// # Errors
    /// [`Stop`].
    fn current_pin(&mut self, token: &Name, owner: PinOwner) -> Result<Pin, Stop>;

    /// Hands one sheet to its holder, for nobody else's eyes.
    ///
    /// # Errors
    /// [`Stop`].
    fn sheet(&mut self, sheet: &Sheet<'_>) -> Result<(), Stop>;

    /// Asks one of the candidates to type the question's word; answers with who did.
    ///
    /// # Errors
    /// [`Stop`].
    fn confirm(&mut self, question: &Question<'_>, candidates: &[Name]) -> Result<Name, Stop>;

    /// Asks one of the candidates to read a clock that is not the host's; answers with who read what.
    ///
    /// # Errors
    /// [`Stop`].
    fn read_clock(
        &mut self,
        step: &Name,
        candidates: &[Name],
        host: Instant,
    ) -> Result<(Name, Instant), Stop>;

    /// Asks which of the candidates has seen that somebody came or went.
    ///
    /// # Errors
    /// [`Stop`].
    fn notes(&mut self, movement: &Movement, candidates: &[Name]) -> Result<Name, Stop>;

    /// Says who is missing and waits until somebody comes or goes.
    ///
    /// # Errors
    /// [`Stop`].
    fn gather(&mut self, missing: &Missing) -> Result<Movement, Stop>;

    /// Has one of the candidates read words of a digest from paper of their own; answers with who read what. The words are
    /// shown to nobody.
    ///
    /// # Errors
    /// [`Stop`].
    fn read_words(
        &mut self,
        asked: &WordsAsked<'_>,
        candidates: &[Name],
    ) -> Result<(Name, Vec<String>), Stop>;

    /// Asks a person whether they state a sentence: `None`, or why not.
    ///
    /// # Errors
    /// [`Stop`].
    fn attest(&mut self, step: &Name, person: &Name, text: &str) -> Result<Option<String>, Stop>;

    /// Has one of the candidates read the number of a bag; answers with who read what.
    ///
    /// # Errors
    /// [`Stop`].
    fn bag_number(&mut self, asked: &BagAsked<'_>, candidates: &[Name]) -> Result<(Name, String), Stop>;

    /// Asks one of the candidates for something that nobody could know earlier: who, where it can be looked up, what it
    /// says.
    ///
    /// # Errors
    /// [`Stop`].
    fn beacon(&mut self, step: &Name, candidates: &[Name]) -> Result<(Name, String, String), Stop>;

    /// Asks for a file under that path; answers when it should be there.
    ///
    /// # Errors
    /// [`Stop`].
    fn evidence(&mut self, step: &Name, path: &Path) -> Result<(), Stop>;

    /// Asks what is to be recorded about something that the program saw itself.
    ///
    /// # Errors
    /// [`Stop`].
    fn exception(&mut self, asked: &ExceptionAsked<'_>) -> Result<ExceptionReport, Stop>;

    /// Asks which of the candidates decided what the exception says.
    ///
    /// # Errors
    /// [`Stop`].
    fn decides(&mut self, report: &ExceptionReport, candidates: &[Name]) -> Result<Name, Stop>;

    /// Waits until a break is over. Who does not come back has left ([`Stop::Moved`]).
    ///
    /// # Errors
    /// [`Stop`].
    fn pause(&mut self, pause: &Pause<'_>) -> Result<(), Stop>;

    /// Called again and again while signatures are missing; sleeps, or has them made.
    ///
    /// # Errors
    /// [`Stop`].
    fn wait(&mut self, waiting: &Waiting<'_>) -> Result<(), Stop>;
}

/// Something that people should see.
#[derive(Debug)]
pub enum Notice<'a> {
    /// How this machine keeps secrets in its memory; before anything is asked.
    Host {
        /// As record 0 will say.
        state: &'a HostState,
    },
    /// The record was opened; from here on the ceremony counts.
    Opened {
        /// The ceremony's identifier.
        ceremony: &'a crate::format::Digest,
        /// The bundle's directory.
        directory: PathBuf,
    },
    /// An interrupted ceremony goes on.
    Resumed {
        /// Steps that are done.
        done: usize,
        /// The step that was under way.
        under_way: Option<Name>,
        /// Operations that the token never answered.
        unanswered: &'a [u64],
    },
    /// A step begins.
    Step {
        /// Its id.
        id: &'a Name,
        /// Its kind.
        kind: StepKind,
        /// Counted from 1.
        number: usize,
        /// How many there are.
        of: usize,
    },
    /// In a rehearsal: something is about to go wrong on purpose.
    Drill {
        /// What.
        drill: &'a Drill,
        /// What people do.
        text: String,
        /// Who leaves, where somebody does.
        leave: &'a [Name],
    },
    /// Something worth a line: what was found, made or checked.
    Done {
        /// One sentence.
        text: String,
    },
    /// Something was refused and is asked for again.
    Refused {
        /// One sentence.
        text: String,
    },
    /// Something that people look at twice, though nothing was refused.
    Warning {
        /// One sentence.
        text: String,
    },
    /// A certificate or CRL lies under its final name.
    Released {
        /// What the record says of it.
        released: &'a Released,
    },
}

/// A question that is answered by typing a word taken from what is confirmed.
#[derive(Debug)]
pub struct Question<'a> {
    /// In which step.
    pub step: &'a Name,
    /// What will happen, in one sentence.
    pub what: String,
    /// What to compare before the word is typed: label and value.
    pub compare: Vec<(&'static str, String)>,
    /// The word.
    pub word: String,
    /// Where the word is found.
    pub found: &'static str,
    /// The role of whoever answers.
    pub by: Role,
}

/// Somebody comes into the room or leaves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Movement {
    /// Comes, or comes back.
    Arrives(Name),
    /// Goes.
    Leaves(Name),
}

/// Who has to be there before the ceremony goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Officers for a quorum.
    Officers {
        /// How many are here.
        present: usize,
        /// How many it takes.
        needed: usize,
    },
    /// Somebody with that role.
    Role {
        /// Which.
        role: Role,
    },
    /// Somebody who has not read a clock yet.
    Reader,
    /// One person: the holder of a share.
    Person {
        /// Who.
        name: Name,
    },
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Officers { present, needed } => {
                write!(f, "{present} of the {needed} officers are here that have to be here at every act")
            }
            Self::Role { role } => write!(f, "nobody with the role {role} is here"),
            Self::Reader => f.write_str("everybody who is here has read a clock already"),
            Self::Person { name } => write!(f, "{name} is not here"),
        }
    }
}

/// Words of a digest that somebody reads aloud.
#[derive(Clone, Copy, Debug)]
pub struct WordsAsked<'a> {
    /// In which step.
    pub step: &'a Name,
    /// Of which digest.
    pub named: &'a NamedDigest,
    /// Their places, from 1, ascending.
    pub positions: &'a [u8],
}

/// A bag whose number is read.
#[derive(Clone, Copy, Debug)]
pub struct BagAsked<'a> {
    /// In which step.
    pub step: &'a Name,
    /// What lies in it.
    pub item: &'a Name,
    /// What is done with it.
    pub act: CustodyAct,
    /// Whether a second person reads it.
    pub again: bool,
}

/// Something that was not as expected, and what was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExceptionReport {
    /// How grave it is.
    pub class: ExceptionClass,
    /// What was expected.
    pub expected: String,
    /// What happened.
    pub happened: String,
    /// What was decided.
    pub decided: String,
}

/// Something that the program saw itself and that needs a decision.
#[derive(Clone, Copy, Debug)]
pub struct ExceptionAsked<'a> {
    /// What was expected.
    pub expected: &'a str,
    /// What happened.
    pub happened: &'a str,
    /// The least grave class that fits.
    pub least: ExceptionClass,
}

/// A break.
#[derive(Clone, Copy, Debug)]
pub struct Pause<'a> {
    /// In which step.
    pub step: &'a Name,
    /// Why.
    pub reason: &'a str,
    /// How long it is expected to take.
    pub minutes: u32,
}

/// Statements that wait for their signatures.
#[derive(Debug)]
pub struct Waiting<'a> {
    /// What they are for: `authorise`, `close`, `abort`.
    pub kind: String,
    /// Statements without an accepted signature: signer and file.
    pub missing: &'a [(Name, PathBuf)],
    /// Who signed.
    pub signed: &'a [Name],
    /// Why that is not enough yet.
    pub needed: String,
}
