//! The program: arguments, the terminal, exit codes; one file per verb.

pub mod args;
mod authority;
mod certificates;
mod check;
mod console;
mod due;
mod export;
mod failure;
mod lint;
mod manual;
mod officer;
mod passphrase;
mod plan;
mod records;
mod report;
mod rotate;
mod runbook;
mod share;
mod verify;

#[cfg(feature = "ceremony")]
mod abort;
#[cfg(feature = "ceremony")]
mod keys;
#[cfg(feature = "ceremony")]
mod reexec;
#[cfg(feature = "ceremony")]
mod rehearse;
#[cfg(feature = "ceremony")]
mod rehearsed;
#[cfg(feature = "ceremony")]
mod resume;
#[cfg(feature = "ceremony")]
mod resumed;
#[cfg(feature = "ceremony")]
mod run;
#[cfg(feature = "ceremony")]
mod scripted;
#[cfg(feature = "ceremony")]
mod seal;
#[cfg(feature = "ceremony")]
mod share_screen;
#[cfg(feature = "ceremony")]
mod sheets;
#[cfg(feature = "ceremony")]
mod signing_child;
#[cfg(feature = "ceremony")]
mod stopped;
#[cfg(feature = "ceremony")]
mod terminal;
#[cfg(feature = "ceremony")]
mod token;
#[cfg(feature = "ceremony")]
mod tty;
#[cfg(feature = "ceremony")]
mod word_entry;
mod wrap;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Arguments, Verb};
use console::Console;
use failure::Failure;

/// Parses the arguments, runs the verb and answers with its exit code.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut console = Console::new();
    match dispatch(arguments.verb, &mut console) {
        Ok(code) => code,
        Err(failure) => {
            console.failure(&failure);
            failure.exit.into()
        }
    }
}

fn dispatch(verb: Verb, console: &mut Console) -> Result<ExitCode, Failure> {
    match verb {
        Verb::Check(arguments) => check::run(&arguments, console),
        Verb::Plan(arguments) => plan::run(&arguments, console),
        Verb::Script(arguments) => runbook::run(&arguments, console),
        #[cfg(feature = "ceremony")]
        Verb::Rehearse(arguments) => rehearse::run(&arguments, console),
        #[cfg(feature = "ceremony")]
        Verb::Run(arguments) => run::run(&arguments, console),
        #[cfg(feature = "ceremony")]
        Verb::Resume(arguments) => resume::run(&arguments, console),
        #[cfg(feature = "ceremony")]
        Verb::Abort(arguments) => abort::run(&arguments, console),
        #[cfg(feature = "ceremony")]
        Verb::Seal(arguments) => seal::run(&arguments, console),
        Verb::Lint(arguments) => lint::run(&arguments, console),
        Verb::Verify(arguments) => verify::run(&arguments, console),
        Verb::Report(arguments) => report::run(&arguments, console),
        #[cfg(feature = "ceremony")]
        Verb::Token(arguments) => token::run(&arguments, console),
        Verb::Officer(arguments) => officer::run(&arguments, console),
        Verb::Authority(arguments) => authority::run(&arguments, console),
        Verb::Due(arguments) => due::run(&arguments, console),
        Verb::Rotate(arguments) => rotate::run(&arguments.verb, console),
        Verb::Export(arguments) => export::run(&arguments, console),
        Verb::Completions(arguments) => manual::completions(&arguments, console),
        Verb::Man(arguments) => manual::man(&arguments, console),
        Verb::Share(arguments) => share::run(&arguments, console),
    }
}
