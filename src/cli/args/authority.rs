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
    /// What there is now: keys, certificates, CRLs, shares, people, what is to be done
    Status(AuthorityViewArguments),
    /// Everything that ever was: ceremonies, revocations, numbers used up
    Ledger(AuthorityViewArguments),
    /// Whether a CRL is the one to publish; exit code 1 and the reason when it is not
    MayPublish(MayPublishArguments),
}

/// `anchorite authority status`, `anchorite authority ledger`
#[derive(Args)]
pub struct AuthorityViewArguments {
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

/// `anchorite authority may-publish`
#[derive(Args)]
pub struct MayPublishArguments {
    /// The authority directory
    pub authority: PathBuf,
    /// The CRL, in PEM or DER
    pub crl: PathBuf,
    /// The roster of the first ceremony, from a place you trust
    #[arg(long, value_name = "FILE")]
    pub roster: Option<PathBuf>,
    /// For which instant, as YYYY-MM-DDThh:mm:ssZ; without it for now
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub at: Option<Instant>,
}

pub(super) fn instant(text: &str) -> Result<Instant, String> {
    Instant::parse(text).ok_or_else(|| "expected an instant like 2026-12-01T09:00:00Z".to_owned())
}
