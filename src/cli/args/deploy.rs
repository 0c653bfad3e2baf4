use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::format::{Instant, Name, RotationPhase, System};

/// `anchorite export`
#[derive(Args)]
pub struct ExportArguments {
    /// The authority directory
    pub authority: PathBuf,
    /// The system that takes the files
    #[arg(long = "for", value_name = "SYSTEM", value_parser = system)]
    pub system: System,
    /// The `sign-intermediate` step of the intermediate that the system runs on
    #[arg(long, value_name = "STEP")]
    pub issuer: Option<Name>,
    /// The `self-sign` steps of the roots to trust, oldest first; every root with a key when left out
    #[arg(long, value_name = "STEP", value_delimiter = ',')]
    pub anchors: Vec<Name>,
    /// The `cross-sign` step whose certificate the chain brings along
    #[arg(long, value_name = "STEP")]
    pub cross: Option<Name>,
    /// Sequence number of the SPIFFE bundle; counted from the records when left out
    #[arg(long, value_name = "N")]
    pub sequence: Option<u64>,
    /// How soon consumers of the SPIFFE bundle look again, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub refresh_hint: u64,
    /// Where the files go; must not exist
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
}

/// `anchorite rotate`
#[derive(Args)]
pub struct RotateArguments {
    /// What about a rotation.
    #[command(subcommand)]
    pub verb: RotateVerb,
}

/// What about a rotation.
#[derive(Subcommand)]
pub enum RotateVerb {
    /// Compute phases, dates and bundles, and write the ceremony files; refuses what would break a consumer
    Plan(RotatePlanArguments),
    /// Where a rotation stands at a date, and what is safe next
    Status(RotateStatusArguments),
    /// Write what a consumer reports, for an officer to sign
    Report(RotateReportArguments),
}

/// Which rotation.
#[derive(Args)]
pub struct RotationArguments {
    /// The rotation file
    pub rotation: PathBuf,
    /// The authority directory
    #[arg(long, value_name = "DIR")]
    pub authority: PathBuf,
}

/// `anchorite rotate plan`
#[derive(Args)]
pub struct RotatePlanArguments {
    /// Which rotation.
    #[command(flatten)]
    pub rotation: RotationArguments,
    /// How soon consumers of the SPIFFE bundle look again, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub refresh_hint: u64,
    /// Where schedule, ceremony files and bundles go; must not exist
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
}

/// `anchorite rotate status`
#[derive(Args)]
pub struct RotateStatusArguments {
    /// Which rotation.
    #[command(flatten)]
    pub rotation: RotationArguments,
    /// The roster whose officers sign reports
    #[arg(long, value_name = "FILE")]
    pub roster: PathBuf,
    /// Reports of the field: `CONSUMER.PHASE.txt` and `.sig`
    #[arg(long, value_name = "DIR")]
    pub evidence: PathBuf,
    /// At which instant; now when left out
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub at: Option<Instant>,
}

/// `anchorite rotate report`
#[derive(Args)]
pub struct RotateReportArguments {
    /// The rotation file
    pub rotation: PathBuf,
    /// The roster that has the signer
    #[arg(long, value_name = "FILE")]
    pub roster: PathBuf,
    /// Who reports
    #[arg(long, value_name = "NAME")]
    pub consumer: Name,
    /// Which phase it reached
    #[arg(long, value_name = "PHASE")]
    pub phase: RotationPhase,
    /// The bundle that it holds, in PEM, as it was read back from there
    #[arg(long, value_name = "FILE")]
    pub bundle: PathBuf,
    /// The officer who signs
    #[arg(long = "as", value_name = "NAME")]
    pub signer: Name,
    /// Where the statement goes
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
}

fn system(text: &str) -> Result<System, String> {
    let all = || System::ALL.map(|system| system.to_string()).join(", ");
    text.parse().map_err(|_| format!("expected one of {}", all()))
}

fn instant(text: &str) -> Result<Instant, &'static str> {
    Instant::parse(text).ok_or("expected YYYY-MM-DDThh:mm:ssZ")
}
