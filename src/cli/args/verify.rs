use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::format::Digest;

/// `anchorite verify`
#[derive(Args)]
pub struct VerifyArguments {
    /// A bundle or an authority directory
    pub path: PathBuf,
    /// The roster of the first ceremony, from a place you trust
    #[arg(long, value_name = "FILE")]
    pub roster: Option<PathBuf>,
    /// The last head, from a place you trust: paper, or an officer's copy
    #[arg(long, value_name = "SHA256", value_parser = super::digest)]
    pub expect_head: Option<Digest>,
    /// Judge the record of a rehearsal, which without this is refused
    #[arg(long)]
    pub rehearsal: bool,
    /// SHA-256 of the root certificate's DER
    #[arg(long, value_name = "SHA256", value_parser = super::digest)]
    pub expect_root: Option<Digest>,
    /// The ordinal of the last ceremony
    #[arg(long, value_name = "N")]
    pub expect_ordinal: Option<u64>,
    /// A report of this bundle: is it the one that the bundle gives, byte for byte?
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// How the verdict is printed
    #[arg(long, value_enum, default_value_t)]
    pub format: VerdictFormat,
}

/// How a verdict is printed.
#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum VerdictFormat {
    /// For people
    #[default]
    Table,
    /// For programs
    Json,
    /// For what shows test results: a case a check
    Junit,
}
