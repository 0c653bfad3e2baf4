//! What is told when the engine stopped: what happened, and what to do.

use std::path::Path;

use super::failure::Failure;
use crate::artifact;
use crate::execute::{Error, Stop};
use crate::format::{Digest, Exposure, parse_bundle_directory_name};
use crate::record;
use crate::render::{hex_groups, words};

/// What happened and what to do, for an engine that stopped.
pub(super) fn stopped(error: &Error) -> Failure {
    let (stop, remedy) = match error {
        Error::NotBegun(stop) => {
            let remedy = match &**stop {
                Stop::Record(record::Error::Ended { path }) => {
                    format!(
                        "where its seals are missing, have them made: anchorite seal {} --exchange DIR",
                        path.display()
                    )
                }
                Stop::Record(record::Error::NotEnded { path }) => format!(
                    "go on with it: anchorite resume {record} --exchange DIR\n\
                     or end it: anchorite abort {record} --by OFFICER --reason TEXT --exchange DIR",
                    record = path.display()
                ),
                Stop::Record(record::Error::Sealed { .. }) => "judge it with `anchorite verify`".to_owned(),
                _ => format!(
                    "nothing happened: no record was opened, approvals are still good.\n{}",
                    before_the_record(stop)
                ),
            };
            (stop, remedy)
        }
        Error::NotResumed { stop, directory } => (stop, not_resumed(stop, directory)),
        Error::Unfinished { stop, directory, head } => {
            let record = directory.display();
            let of_medium = match &**stop {
                Stop::Record(error) => medium(error).map(|advice| format!("\n{advice}")),
                _ => None,
            };
            let remedy = if let Stop::Compromised { .. } = **stop {
                compromised(&record.to_string(), &head_by_hand(directory, head))
            } else {
                format!(
                    "{}{}\nThe record is unfinished: it holds everything that was done, and no later ceremony can begin before it is ended.\n\
                 To go on: anchorite resume {record} --exchange DIR\n\
                 To end it truthfully: anchorite abort {record} --by OFFICER --reason TEXT --exchange DIR",
                    head_by_hand(directory, head),
                    of_medium.unwrap_or_default()
                )
            };
            (stop, remedy)
        }
        Error::Unsealed { stop, directory, head } => {
            let late = format!("anchorite seal {} --exchange DIR", directory.display());
            (
                stop,
                format!(
                    "{}\nThe record has ended and misses seals. To collect them: {late}",
                    head_by_hand(directory, head)
                ),
            )
        }
    };
    let message = stop.to_string();
    match &**stop {
        Stop::Aborted { .. }
        | Stop::Compromised { .. }
        | Stop::Interrupted
        | Stop::TerminalGone { .. }
        | Stop::NoAnswer { .. } => Failure::stopped(message, remedy),
        Stop::Token(_) | Stop::Entropy(_) => Failure::token(message, remedy),
        Stop::Record(error) if medium(error).is_some() => Failure::token(message, remedy),
        _ => Failure::refused(message, remedy),
    }
}

/// The head that people copy, in both ways of reading it aloud, and the ceremony that it is of.
fn head_by_hand(directory: &Path, head: &Digest) -> String {
    let name = directory.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let ordinal =
        parse_bundle_directory_name(&name).map_or_else(String::new, |(ordinal, _)| ordinal.to_string());
    let rows: Vec<String> = words(head).iter().map(|row| format!("      {row}")).collect();
    format!(
        "copy the last durable head by hand:\nceremony {ordinal}\nhead  {}\n{}",
        hex_groups(head),
        rows.join("\n")
    )
}

/// What to do about a medium that failed in the middle of a ceremony.
fn medium(error: &record::Error) -> Option<&'static str> {
    match error {
        record::Error::Full { .. } => Some(
            "Nothing was lost. Make space on that medium; `abort` needs none, its space was in the reserve.",
        ),
        record::Error::Append { .. }
        | record::Error::Poisoned { .. }
        | record::Error::File(artifact::Error::System { .. }) => Some(
            "Nothing more was asked of a token. Look at that medium before you trust it again: its cable, its space, what \
             the kernel says (dmesg). Where it is broken, put a copy of the authority that is whole, the mirror's, in its place.",
        ),
        _ => None,
    }
}

/// What to do about a record that cannot be continued as things are.
fn not_resumed(stop: &Stop, record: &Path) -> String {
    let record = record.display();
    let next = match stop {
        Stop::Record(record::Error::Ended { .. }) => {
            return format!(
                "where its seals are missing, have them made: anchorite seal {record} --exchange DIR"
            );
        }
        Stop::OnlyToEnd { .. } => {
            return format!(
                "nothing was done: the record stands as it did, and can only be ended truthfully:\n\
                 anchorite abort {record} --by OFFICER --reason TEXT --exchange DIR"
            );
        }
        Stop::KeyInDoubt { .. } => format!(
            "The officers decide what becomes of it, and sign that when they agree to go on:\n\
             anchorite resume {record} --exchange DIR --unanswered-key adopt    it is the key of the step, if it is whole\n\
             anchorite resume {record} --exchange DIR --unanswered-key destroy  it is removed, and another one is made"
        ),
        Stop::Record(error) if of_copies(error).is_some() => of_copies(error).unwrap_or_default().to_owned(),
        Stop::NotResumable { .. } => "see to that, then run the same command".to_owned(),
        _ => before_the_record(stop).to_owned(),
    };
    format!(
        "nothing was done: the record stands as it did.\n{next}\n\
         To end it truthfully: anchorite abort {record} --by OFFICER --reason TEXT --exchange DIR"
    )
}

/// What to do where the copies of a record are not what they should be.
fn of_copies(error: &record::Error) -> Option<&'static str> {
    match error {
        record::Error::MirrorMissing { .. } => Some(
            "connect the medium of the mirror, then run the same command. Where it is lost, an empty one in its place will do: \
             everything is copied to it",
        ),
        record::Error::MirrorOnSameDevice { .. } => Some(
            "name a directory on another medium in the binding, and have the plan approved again; or waive `no-mirror` in the \
             ceremony file",
        ),
        record::Error::MirrorHasMore { .. } => Some(
            "use the newer copy: put the mirror's directory in the place of the authority, and compare its head with the paper",
        ),
        record::Error::Fork { .. } => Some(
            "change neither of them. Compare both heads with what people copied by hand, and find out who wrote the other one",
        ),
        record::Error::CutBelowSeal { .. } => Some(
            "the end of the log is lost. Look for a copy that has it; the officers who sealed it know its head",
        ),
        record::Error::Changed { .. } => {
            Some("look at the record with `anchorite verify`; restore that file from a copy")
        }
        _ => None,
    }
}

/// What to do when somebody may have had what nobody may have.
fn compromised(record: &str, head_by_hand: &str) -> String {
    format!(
        "{head_by_hand}\n\
         Take no token and no share out of the room. Put each into a numbered bag, and write the numbers down.\n\
         The ceremony cannot go on; nothing that it signed is to be used before somebody has looked into it.\n\
         To end it truthfully: anchorite abort {record} --by OFFICER --reason TEXT --exchange DIR"
    )
}

/// What to do about a stop that left nothing behind.
fn before_the_record(stop: &Stop) -> &'static str {
    match stop {
        Stop::Token(error) => error.remedy(),
        Stop::Aborted { .. } | Stop::Interrupted | Stop::TerminalGone { .. } => {
            "to begin anew, run the same command in a terminal"
        }
        Stop::NoAnswer { .. } => {
            "complete the answers file or the custody directory, then run the same command"
        }
        Stop::ScriptedOperator { .. } => "run it at a terminal, without --answers and --custody",
        Stop::Exposed { exposure: Exposure::Swap { .. }, .. } => {
            "turn swap off (swapoff -a), or let the program lock its memory (ulimit -l unlimited), then run the same \
             command"
        }
        Stop::Exposed { .. } => {
            "find out what keeps this machine from it, or hold the ceremony on another one"
        }
        Stop::Absent { .. } => "call the people who are missing, then run the same command",
        Stop::UnboundToken { .. } | Stop::OtherToken { .. } => {
            "correct the binding; every approval names its SHA-256, so have the plan approved again"
        }
        Stop::TokenState { .. } | Stop::TokenLabel { .. } | Stop::LabelTaken { .. } => {
            "find out whether this is the right token: anchorite token inspect says what is on it"
        }
        Stop::WeakPin { .. } => {
            "bind a token that takes longer PINs, or waive `pin-strength` in the ceremony file; then plan again"
        }
        Stop::NoMirror { .. } => {
            "name a directory on another medium as `mirror` in the binding, and have the plan approved again; or waive \
             `no-mirror` in the ceremony file"
        }
        Stop::SoftwareToken { .. } => "bind a hardware token, and have the plan approved for it",
        Stop::NotRehearsed { .. } => "rehearse it, then run it with --rehearsal BUNDLE",
        Stop::NotThrownAway { .. } => "use the binding that `anchorite rehearse` wrote",
        Stop::WrongTokenTaken { .. } => "do not hold the ceremony before the cause is found",
        Stop::Record(error) => of_copies(error).unwrap_or("find the cause; then run the same command"),
        _ => "find the cause; then run the same command",
    }
}
