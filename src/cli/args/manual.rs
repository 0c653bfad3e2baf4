use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

/// `anchorite completions`
#[derive(Args)]
pub struct CompletionsArguments {
    /// For which shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// `anchorite man`
#[derive(Args)]
pub struct ManArguments {
    /// Write a page for each verb into this directory, which must not exist, instead of printing the first one
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
}
