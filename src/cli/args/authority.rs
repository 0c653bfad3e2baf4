use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::OutputFormat;
use crate::format::Instant;

/// `anchorite authority`
#[derive(Args)]
pub struct AuthorityArguments {
    /// What about an authority.
    #[command(subcommand)]
    pub verb: AuthorityVerb,
}

/// What about an authority.
#[derive(Subcommand)]
pub enum AuthorityVerb {
    /// Keys, certificates, CRLs, share sets and the head, from verified records
    Status(AuthorityStatusArguments),
}

/// `anchorite authority status`
#[derive(Args)]
pub struct AuthorityStatusArguments {
    /// The authority directory
    pub authority: PathBuf,
    /// The roster of the first ceremony, from a place you trust
    #[arg(long, value_name = "FILE")]
    pub roster: Option<PathBuf>,
    /// For which instant, as YYYY-MM-DDThh:mm:ssZ; without it for now
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub at: Option<Instant>,
    /// How the answer is printed
    #[arg(long, value_enum, default_value_t)]
    pub format: OutputFormat,
}

pub(super) fn instant(text: &str) -> Result<Instant, String> {
    Instant::parse(text).ok_or_else(|| "expected an instant like 2026-12-01T09:00:00Z".to_owned())
}
