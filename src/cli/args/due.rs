use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::authority::instant;
use crate::format::Instant;

/// `anchorite due`
#[derive(Args)]
pub struct DueArguments {
    /// The authority directory
    pub authority: PathBuf,
    /// The roster of the first ceremony, from a place you trust
    #[arg(long, value_name = "FILE")]
    pub roster: Option<PathBuf>,
    /// For which instant, as YYYY-MM-DDThh:mm:ssZ; without it for now
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub at: Option<Instant>,
    /// How many days ahead something counts as due
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u32).range(0..=36_500))]
    pub lead_days: u32,
    /// How the answer is printed
    #[arg(long, value_enum, default_value_t)]
    pub format: DueFormat,
}

/// How what is due is printed.
#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum DueFormat {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
    /// A calendar (RFC 5545), with an alarm for each date
    Icalendar,
    /// For the textfile collector of Prometheus' node exporter
    Prometheus,
}
