use std::path::PathBuf;

use clap::Args;

/// `anchorite script`
#[derive(Args)]
pub struct ScriptArguments {
    /// The plan directory
    pub plan: PathBuf,
    /// Where the page goes; must not exist
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}
