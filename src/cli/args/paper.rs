use std::path::PathBuf;

use clap::Args;

use super::digest;
use crate::format::Digest;

/// `anchorite script`
#[derive(Args)]
pub struct ScriptArguments {
    /// The plan directory
    pub plan: PathBuf,
    /// Where the page goes; must not exist
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}

/// `anchorite report`
#[derive(Args)]
pub struct ReportArguments {
    /// The bundle
    pub record: PathBuf,
    /// Where the page goes; must not exist
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// The roster that the ceremony ran under, from a place you trust; without it the report says that nobody gave one
    #[arg(long, value_name = "FILE")]
    pub roster: Option<PathBuf>,
    /// The head of this record, from a place you trust; without it the report says that nobody gave one
    #[arg(long, value_name = "SHA256", value_parser = digest)]
    pub expect_head: Option<Digest>,
    /// Judge the record of a rehearsal, which without this is refused
    #[arg(long)]
    pub rehearsal: bool,
}
