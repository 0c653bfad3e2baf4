use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;

use super::args::{Arguments, CompletionsArguments, ManArguments};
use super::console::Console;
use super::failure::Failure;
use crate::artifact::{self, Access};

const NAME: &str = "anchorite";

/// What every page ends with, in roff: one meaning of exit codes for verbs that judge, one for those that act.
const EXIT_STATUS: &str = include_str!("exit-status.roff");

/// `anchorite completions`
pub(crate) fn completions(
    arguments: &CompletionsArguments,
    console: &mut Console,
) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), NAME, &mut script);
    print(&script, console)
}

/// `anchorite man`
pub(crate) fn man(arguments: &ManArguments, console: &mut Console) -> Result<ExitCode, Failure> {
    let mut program = without_help_verb(Arguments::command());
    // Fills in what the verbs inherit, their full names among it.
    program.build();
    let Some(directory) = &arguments.output else {
        return print(&page(&program, NAME)?, console);
    };
    let not_written = |error: artifact::Error| {
        Failure::usage(error, "give a directory that does not exist yet, below one that does")
    };
    artifact::create_directory(directory).map_err(not_written)?;
    for (name, page) in pages(&program, NAME)? {
        artifact::create_at(&directory.join(format!("{name}.1")), &page, Access::Everybody)
            .map_err(not_written)?;
    }
    console.line(format!("man -l {}", directory.join("anchorite.1").display()));
    Ok(ExitCode::SUCCESS)
}

/// Without the verb `help`, at every level: `--help` says it all, and a page of its own would be named and not there.
fn without_help_verb(verb: Command) -> Command {
    verb.disable_help_subcommand(true).mut_subcommands(without_help_verb)
}

/// The page of a verb and those of the verbs below it.
fn pages(verb: &Command, name: &str) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let mut all = vec![(name.to_owned(), page(verb, name)?)];
    for below in verb.get_subcommands() {
        all.extend(pages(below, &format!("{name}-{}", below.get_name()))?);
    }
    Ok(all)
}

fn page(verb: &Command, name: &str) -> Result<Vec<u8>, Failure> {
    let mut page = Vec::new();
    let rendered = Man::new(verb.clone())
        .title(name)
        .source(concat!("anchorite ", env!("CARGO_PKG_VERSION")))
        .manual("Key ceremonies of an offline root CA")
        .render(&mut page)
        .and_then(|()| page.write_all(EXIT_STATUS.as_bytes()));
    rendered.map_err(|error: io::Error| {
        Failure::usage(format!("the manual page cannot be made: {error}"), "use anchorite --help")
    })?;
    Ok(page)
}

fn print(text: &[u8], console: &mut Console) -> Result<ExitCode, Failure> {
    console.line(String::from_utf8_lossy(text).trim_end());
    Ok(ExitCode::SUCCESS)
}
