use std::path::Path;
use std::process::ExitCode;

use zeroize::Zeroizing;

use crate::artifact;
use crate::cli::args::ShareCheckArguments;
use crate::cli::console::{Console, Mark};
use crate::cli::failure::Failure;
use crate::cli::passphrase;
use crate::cli::plan::read;
use crate::cli::sheets::{self, NoWords};
use crate::cli::terminal::unicode_locale;
use crate::cli::tty::{Entered, NoLine, Tty};
use crate::cli::verify::{read_roster, unreadable};
use crate::cli::word_entry::WordEntry;
use crate::format::{Digest, Event, Log, SharesSplit, parse_bundle_directory_name};
use crate::host;
use crate::ledger::Ledger;
use crate::secret::{Passphrase, ShareWords};
use crate::shares::{ShareCheckError, ShareProblem, ShareRequest, check_share};
use crate::verify::{self, Anchors, Conclusion};

/// A split as a log has it.
struct Dealt {
    /// The ceremony's identifier, a part of every commitment.
    ceremony: Digest,
    /// Of the bundle, as a person would name it.
    directory: String,
    split: SharesSplit,
}

/// What is known of the authority around a record.
enum Around {
    /// One ceremony's record was given.
    Nothing,
    /// Its records, and whether they hold.
    Authority(Box<Ledger>, Conclusion),
}

/// `anchorite share check`
pub(super) fn run(arguments: &ShareCheckArguments, console: &mut Console) -> Result<ExitCode, Failure> {
    host::harden();
    let (mut dealt, around) = dealt(arguments)?;
    dealt.retain(|dealt| dealt.split.set == arguments.set && holds(&dealt.split, arguments));
    let (holder, set) = (&arguments.holder, arguments.set);
    let Some(newest) = dealt.last() else {
        return Err(Failure::usage(
            format!("`{}` deals {holder} no share of the set {set}", arguments.record.display()),
            "give the authority directory, or the record of the ceremony that dealt the share, and the name as it \
             stands on the sheet",
        ));
    };
    let split = &newest.split;
    console.note(format!(
        "{holder}, set {set}, epoch {}, set id {} ({}). One share is checked; nothing is rebuilt.",
        split.epoch, split.set_id, newest.directory
    ));
    let found = match &arguments.file {
        Some(file) => {
            let words = words_of(file, arguments)?;
            matching(&dealt, arguments, &words).map_err(|error| wrong(&error))?
        }
        None => typed(&dealt, split, arguments, console)?,
    };
    report(found, &around, arguments, console)
}

fn holds(split: &SharesSplit, arguments: &ShareCheckArguments) -> bool {
    split.shares.iter().any(|share| share.holder == arguments.holder)
}

/// The split to whose commitment the words fit, or what is wrong with them as a share of the newest one.
fn matching<'a>(
    dealt: &'a [Dealt],
    arguments: &ShareCheckArguments,
    words: &ShareWords,
) -> Result<&'a Dealt, ShareCheckError> {
    let mut problem = None;
    for dealt in dealt.iter().rev() {
        match check_share(&dealt.ceremony, &dealt.split, &arguments.holder, words) {
            Ok(_) => return Ok(dealt),
            Err(error) => problem = problem.or(Some(error)),
        }
    }
    Err(problem.unwrap_or(ShareCheckError::Words(ShareProblem::OtherSet)))
}

fn wrong(error: &ShareCheckError) -> Failure {
    let remedy = match error {
        ShareCheckError::Words(_) => {
            "compare the sheet word by word; if the words are as they were dealt, tell the other holders: the set \
             has one share less"
        }
        ShareCheckError::Record(_) => "take another copy of the record, and verify it",
    };
    Failure::refused(error, remedy)
}

fn report(
    found: &Dealt,
    around: &Around,
    arguments: &ShareCheckArguments,
    console: &mut Console,
) -> Result<ExitCode, Failure> {
    let split = &found.split;
    let index =
        split.shares.iter().find(|share| share.holder == arguments.holder).map_or(0, |share| share.index);
    let right = console.marked(Mark::Good, "the words are right");
    console.line(format!("{}: {right}", arguments.holder));
    console.line(format!("share   {index} of {}, any {} are needed", split.shares.len(), split.threshold));
    console.line(format!("set     {}, epoch {}, set id {}", split.set, split.epoch, split.set_id));
    console.line(format!("dealt   {}, step {}", found.directory, split.step));
    let Around::Authority(ledger, conclusion) = around else {
        console.line("live    not looked at: one record was given, no authority directory");
        return Ok(ExitCode::SUCCESS);
    };
    if *conclusion > Conclusion::Unanchored {
        console.line(format!(
            "live    unknown: the records do not hold ({conclusion}); `anchorite verify` says why"
        ));
        return Ok(ExitCode::FAILURE);
    }
    let entry = ledger.share_sets.iter().find(|entry| entry.split.set_id == split.set_id);
    if entry.is_some_and(|entry| ledger.is_live(entry)) {
        console.line("live    yes, this set is in use");
        return Ok(ExitCode::SUCCESS);
    }
    console.line("live    no");
    let (message, remedy) = match ledger.share_set(split.set) {
        Some(live) => (
            format!(
                "the share is right, but its set {} is not in use: set {}, epoch {}, is",
                split.set_id, live.split.set_id, live.split.epoch
            ),
            format!("look for the sheet of set {}; destroy this one as your rules say", live.split.set_id),
        ),
        None => (
            format!(
                "the share is right, but {} did not give the authority its set {}",
                found.directory, split.set_id
            ),
            "look at `anchorite share status`, and keep the sheet until the ceremony was held again"
                .to_owned(),
        ),
    };
    Err(Failure::refused(message, remedy))
}

/// Every split of a record or of an authority, the newest last.
fn dealt(arguments: &ShareCheckArguments) -> Result<(Vec<Dealt>, Around), Failure> {
    let path = &arguments.record;
    if path.join("log.jsonl").exists() {
        return Ok((splits(path)?, Around::Nothing));
    }
    let roster = arguments.roster.as_deref().map(read_roster).transpose()?;
    let (verdict, ledger) = verify::authority(path, &Anchors { roster, ..Anchors::default() })
        .map_err(|error| unreadable(path, &error))?;
    let entries = std::fs::read_dir(path).map_err(|error| unreadable(path, &error))?;
    let names = entries.filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()));
    let mut bundles: Vec<_> = names
        .filter_map(|name| parse_bundle_directory_name(&name).map(|(ordinal, _)| (ordinal, name)))
        .collect();
    bundles.sort();
    let mut dealt = Vec::new();
    for (_, name) in bundles {
        dealt.extend(splits(&path.join(name))?);
    }
    Ok((dealt, Around::Authority(Box::new(ledger), verdict.conclusion)))
}

fn splits(bundle: &Path) -> Result<Vec<Dealt>, Failure> {
    let file = bundle.join("log.jsonl");
    let log = Log::parse(&read(&file)?).map_err(|error| {
        Failure::refused(
            format!("`{}`: {error}", file.display()),
            "take another copy of the record, and verify it",
        )
    })?;
    let directory = bundle.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let splits = log.records().filter_map(|record| match &record.event {
        Event::SharesSplit(split) => {
            Some(Dealt { ceremony: record.cer, directory: directory.clone(), split: split.clone() })
        }
        _ => None,
    });
    Ok(splits.collect())
}

fn words_of(file: &Path, arguments: &ShareCheckArguments) -> Result<ShareWords, Failure> {
    let bytes =
        Zeroizing::new(artifact::read(file).map_err(|error| Failure::usage(error, "check the path"))?);
    let unreadable = |error: NoWords| {
        Failure::usage(
            format!("`{}`: {error}", file.display()),
            "give a sheet, or a share file and its passphrase",
        )
    };
    let text = std::str::from_utf8(&bytes).map_err(|_| unreadable(NoWords::NoSheet))?;
    let passphrase = || -> Result<Passphrase, Unopened> {
        let asked = match &arguments.passphrase_file {
            Some(file) => passphrase::read(file),
            None => passphrase::ask("Passphrase of the share file: "),
        };
        asked.map_err(Unopened::Failure)
    };
    sheets::words(text, passphrase).map_err(|unopened| match unopened {
        Unopened::Failure(failure) => failure,
        Unopened::NoWords(error) => unreadable(error),
    })
}

/// Either has its own words for the person.
enum Unopened {
    Failure(Failure),
    NoWords(NoWords),
}

impl From<NoWords> for Unopened {
    fn from(error: NoWords) -> Self {
        Self::NoWords(error)
    }
}

/// Has the holder type the words on a screen of their own until they are right. Only a wrong one is typed again.
fn typed<'a>(
    dealt: &'a [Dealt],
    newest: &SharesSplit,
    arguments: &ShareCheckArguments,
    console: &mut Console,
) -> Result<&'a Dealt, Failure> {
    let mut tty = Tty::open().map_err(|error| {
        Failure::usage(format!("there is no terminal: {error}"), "run it in a terminal, or give --file")
    })?;
    let stopped = |_: NoLine| Failure::stopped("stopped at the prompt", "run the command again");
    let request = ShareRequest { split: newest, wanted: Some(&arguments.holder), done: &[], needed: 1 };
    let mut entry = WordEntry::new(None);
    loop {
        let entered = tty.words(&mut entry, &request, unicode_locale(), console.colour()).map_err(stopped)?;
        let Entered::Words(words) = entered else {
            entry = WordEntry::new(Some("to check a share file, stop and give --file".to_owned()));
            continue;
        };
        match matching(dealt, arguments, &words) {
            Ok(found) => return Ok(found),
            Err(ShareCheckError::Words(problem)) => {
                console.note(console.marked(Mark::Warn, format!("{problem}.")));
                match &problem {
                    ShareProblem::Checksum { suspect } => entry.look_again(*suspect, problem.to_string()),
                    _ => entry = WordEntry::new(Some(problem.to_string())),
                }
            }
            Err(error) => return Err(wrong(&error)),
        }
    }
}
