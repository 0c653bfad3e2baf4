use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::OutputFormat;
#[cfg(feature = "ceremony")]
use crate::format::{Name, ShareSetName};

/// `anchorite share`
#[derive(Args)]
pub struct ShareArguments {
    /// What about shares.
    #[command(subcommand)]
    pub verb: ShareVerb,
}

/// What about shares.
#[derive(Subcommand)]
pub enum ShareVerb {
    /// Compare one holder's words with the record: alone, nothing is rebuilt
    #[cfg(feature = "ceremony")]
    Check(ShareCheckArguments),
    /// Share sets with their epochs, holders and thresholds, and which are live
    Status(ShareStatusArguments),
}

/// `anchorite share check`
#[cfg(feature = "ceremony")]
#[derive(Args)]
pub struct ShareCheckArguments {
    /// The authority directory, or the record of the ceremony that dealt the share
    pub record: PathBuf,
    /// Whose share it is
    #[arg(long, value_name = "NAME")]
    pub holder: Name,
    /// Of which secret
    #[arg(long, value_name = "SET", value_parser = share_set, default_value = "operate")]
    pub set: ShareSetName,
    /// A sheet or share file, instead of words typed without echo
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// A file with the passphrase of a share file, readable by its owner only, instead of a prompt
    #[arg(long, value_name = "FILE", requires = "file")]
    pub passphrase_file: Option<PathBuf>,
    /// The roster of the first ceremony, from a place you trust
    #[arg(long, value_name = "FILE")]
    pub roster: Option<PathBuf>,
}

#[cfg(feature = "ceremony")]
fn share_set(text: &str) -> Result<ShareSetName, &'static str> {
    match text {
        "operate" => Ok(ShareSetName::Operate),
        "recovery" => Ok(ShareSetName::Recovery),
        _ => Err("expected operate or recovery"),
    }
}

/// `anchorite share status`
#[derive(Args)]
pub struct ShareStatusArguments {
    /// The authority directory
    pub authority: PathBuf,
    /// The roster of the first ceremony, from a place you trust
    #[arg(long, value_name = "FILE")]
    pub roster: Option<PathBuf>,
    /// How the answer is printed
    #[arg(long, value_enum, default_value_t)]
    pub format: OutputFormat,
}
