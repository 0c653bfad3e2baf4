use std::process::ExitCode;

/// Why a verb did not do what it was asked: what happened and what to do about it.
#[derive(Debug)]
pub(crate) struct Failure {
    /// Which kind of failure.
    pub(crate) exit: Exit,
    /// What happened.
    pub(crate) message: String,
    /// What to do next.
    pub(crate) remedy: String,
}

/// Exit codes of the verbs that are not `verify`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 1: a rule refuses it.
    Refused,
    /// 2: usage, or a file that cannot be read or is not what it should be.
    Usage,
    /// 3: the token or the host.
    Token,
    /// 4: a person stopped it.
    Stopped,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Refused => 1,
            Exit::Usage => 2,
            Exit::Token => 3,
            Exit::Stopped => 4,
        })
    }
}

impl Failure {
    /// Exit code 1.
    pub(crate) fn refused(message: impl ToString, remedy: impl ToString) -> Self {
        Self { exit: Exit::Refused, message: message.to_string(), remedy: remedy.to_string() }
    }

    /// Exit code 2.
    pub(crate) fn usage(message: impl ToString, remedy: impl ToString) -> Self {
        Self { exit: Exit::Usage, message: message.to_string(), remedy: remedy.to_string() }
    }

    /// Exit code 3.
    pub(crate) fn token(message: impl ToString, remedy: impl ToString) -> Self {
        Self { exit: Exit::Token, message: message.to_string(), remedy: remedy.to_string() }
    }

    /// Exit code 4.
    pub(crate) fn stopped(message: impl ToString, remedy: impl ToString) -> Self {
        Self { exit: Exit::Stopped, message: message.to_string(), remedy: remedy.to_string() }
    }
}
