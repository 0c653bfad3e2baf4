//! The command line, and nothing else.

mod authority;
mod deploy;
mod due;
mod lint;
mod manual;
mod officer;
mod paper;
#[cfg(feature = "ceremony")]
mod rehearse;
mod share;
mod verify;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
#[cfg(feature = "ceremony")]
use serde::Deserialize;

use crate::format::Digest;
#[cfg(feature = "ceremony")]
use crate::format::{KeyFate, Name};

pub use authority::{AuthorityArguments, AuthorityVerb, AuthorityViewArguments, MayPublishArguments};
pub use deploy::{
    ExportArguments, RotateArguments, RotatePlanArguments, RotateReportArguments, RotateStatusArguments,
    RotateVerb, RotationArguments,
};
pub use due::{DueArguments, DueFormat};
pub use lint::LintArguments;
pub use manual::{CompletionsArguments, ManArguments};
#[cfg(feature = "ceremony")]
pub use officer::CardArguments;
pub use officer::{OfficerArguments, OfficerNewArguments, OfficerSignArguments, OfficerVerb};
pub use paper::{ReportArguments, ScriptArguments};

#[cfg(feature = "ceremony")]
pub use rehearse::{ChosenDrill, RehearseArguments};

#[cfg(feature = "ceremony")]
pub use share::ShareCheckArguments;
pub use share::{ShareArguments, ShareStatusArguments, ShareVerb};
pub use verify::{VerdictFormat, VerifyArguments};

/// Runs the key ceremonies of an offline root CA.
///
/// A ceremony is a file. `check` finds its mistakes, `plan` settles every choice, officers approve the plan,
/// `run` carries it out on a PKCS#11 token and leaves a sealed record, `verify` judges the record.
#[derive(Parser)]
#[command(name = "anchorite", version, max_term_width = 100)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do.
#[derive(Subcommand)]
pub enum Verb {
    /// Find every mistake in a ceremony file; touches nothing
    Check(CheckArguments),
    /// Settle every choice of a ceremony file and print the plan digest
    Plan(PlanArguments),
    /// Write the paper of a plan: steps, expected values, initials, forms
    Script(ScriptArguments),
    /// Derive a rehearsal from a plan: same steps, throw-away keys, shares and tokens
    #[cfg(feature = "ceremony")]
    Rehearse(RehearseArguments),
    /// Carry an approved plan out on its token, under quorum
    #[cfg(feature = "ceremony")]
    Run(RunArguments),
    /// Go on with a ceremony that was interrupted
    #[cfg(feature = "ceremony")]
    Resume(ResumeArguments),
    /// End a ceremony that cannot go on, truthfully
    #[cfg(feature = "ceremony")]
    Abort(AbortArguments),
    /// Collect the seals that an ended record misses
    #[cfg(feature = "ceremony")]
    Seal(SealArguments),
    /// Judge a record or an authority, check by check
    Verify(VerifyArguments),
    /// Write one file about a record, for people, that checks itself in a browser
    Report(ReportArguments),
    /// The rules for what a CA signs, on any certificate, CRL or request
    Lint(LintArguments),
    /// Look at PKCS#11 tokens
    #[cfg(feature = "ceremony")]
    Token(TokenArguments),
    /// An officer's signing key and statements
    Officer(OfficerArguments),
    /// What an authority is and did
    Authority(AuthorityArguments),
    /// What has to be done by when, for people, calendars and monitoring
    Due(DueArguments),
    /// Replace the trust anchor: phases, dates, ceremony files, and where it stands
    Rotate(RotateArguments),
    /// The public files that a relying system takes, in its own form
    Export(ExportArguments),
    /// Shares of quorum secrets: is mine right, which sets are there
    Share(ShareArguments),
    /// Print what lets a shell complete the verbs and options
    Completions(CompletionsArguments),
    /// Print or write the manual pages
    Man(ManArguments),
}

/// `anchorite check`
#[derive(Args)]
pub struct CheckArguments {
    /// The ceremony file
    #[arg(required_unless_present = "schema")]
    pub ceremony: Option<PathBuf>,
    /// Print the JSON Schema of ceremony files instead
    #[arg(long, exclusive = true)]
    pub schema: bool,
}

/// `anchorite plan`
#[derive(Args)]
pub struct PlanArguments {
    /// The ceremony file
    pub ceremony: PathBuf,
    /// The authority directory; for the genesis it may be missing or empty
    #[arg(long, value_name = "DIR")]
    pub authority: PathBuf,
    /// The roster that the ceremony runs under; from the second ceremony on, the one the record pins
    #[arg(long, value_name = "FILE")]
    pub roster: PathBuf,
    /// Where the plan goes; must not exist
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
    /// Rebuild the plan that is there and compare it byte for byte; writes nothing
    #[arg(long)]
    pub verify: bool,
}

/// `anchorite run`
#[cfg(feature = "ceremony")]
#[derive(Args)]
pub struct RunArguments {
    /// The plan directory
    pub plan: PathBuf,
    /// This machine's module and tokens
    #[arg(long, value_name = "FILE")]
    pub binding: PathBuf,
    /// The authority directory
    #[arg(long, value_name = "DIR")]
    pub authority: PathBuf,
    /// The officers' approvals: `approval.NAME.txt` and `.sig`
    #[arg(long, value_name = "DIR")]
    pub approvals: PathBuf,
    /// The record of the rehearsal that the plan asks for: the bundle, in its authority directory
    #[arg(long, value_name = "BUNDLE")]
    pub rehearsal: Option<PathBuf>,
    /// How statements reach their signers and signatures come back
    #[command(flatten)]
    pub exchange: ExchangeArguments,
}

/// How statements reach their signers, and who answers prompts.
#[cfg(feature = "ceremony")]
#[derive(Args)]
pub struct ExchangeArguments {
    /// Where statements are written and `.sig` files are awaited
    #[arg(long, value_name = "DIR")]
    pub exchange: PathBuf,
    /// Answers instead of a person; refused in production
    #[arg(long, value_name = "FILE", requires = "custody")]
    pub answers: Option<PathBuf>,
    /// Where an answers file's references to secrets point
    #[arg(long, value_name = "DIR", requires = "answers")]
    pub custody: Option<PathBuf>,
    /// Write share sheets here instead of showing them: a medium that leaves with its holder, or a printer's
    #[arg(long, value_name = "DIR", conflicts_with = "answers")]
    pub sheets: Option<PathBuf>,
    /// What a sheet that is written is
    #[arg(long, value_enum, value_name = "FORM", default_value_t, requires = "sheets")]
    pub sheet_form: SheetForm,
}

/// What a share sheet in a file is.
#[cfg(feature = "ceremony")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SheetForm {
    /// Words in plain text
    #[default]
    Text,
    /// A page for the printer
    Html,
    /// A file that opens with a passphrase (docs/share-file.md)
    Encrypted,
}

/// `anchorite resume`
#[cfg(feature = "ceremony")]
#[derive(Args)]
pub struct ResumeArguments {
    /// The bundle of the ceremony that was interrupted
    pub record: PathBuf,
    /// What becomes of a key of which nobody knows whether it was made: `adopt` or `destroy`. Officers sign that when they
    /// agree that the ceremony goes on
    #[arg(long, value_name = "FATE")]
    pub unanswered_key: Option<KeyFate>,
    /// How statements reach their signers and signatures come back
    #[command(flatten)]
    pub exchange: ExchangeArguments,
}

/// `anchorite abort`
#[cfg(feature = "ceremony")]
#[derive(Args)]
pub struct AbortArguments {
    /// The bundle of the ceremony that cannot go on
    pub record: PathBuf,
    /// Who decides
    #[arg(long, value_name = "NAME")]
    pub by: Name,
    /// Why, in that person's words
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// How statements reach their signers and signatures come back
    #[command(flatten)]
    pub exchange: ExchangeArguments,
}

/// `anchorite seal`
#[cfg(feature = "ceremony")]
#[derive(Args)]
pub struct SealArguments {
    /// The bundle of a ceremony that ended, complete or aborted
    pub record: PathBuf,
    /// Statements that were signed elsewhere, each with its `.sig` beside it
    #[arg(value_name = "SEAL.txt")]
    pub seals: Vec<PathBuf>,
    /// How statements reach their signers and signatures come back; pairs that lie there already count too
    #[command(flatten)]
    pub exchange: ExchangeArguments,
}

/// How an answer is printed.
#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// For people
    #[default]
    Table,
    /// For programs
    Json,
}

/// `anchorite token`
#[cfg(feature = "ceremony")]
#[derive(Args)]
pub struct TokenArguments {
    /// What about tokens.
    #[command(subcommand)]
    pub verb: TokenVerb,
}

/// What about tokens.
#[cfg(feature = "ceremony")]
#[derive(Subcommand)]
pub enum TokenVerb {
    /// Every token of a module, with what a binding needs
    List(ModuleArguments),
    /// All that one token says of itself, without logging in
    Inspect(InspectArguments),
}

/// Which module.
#[cfg(feature = "ceremony")]
#[derive(Args)]
pub struct ModuleArguments {
    /// A binding: its module is loaded only if its SHA-256 is right
    #[arg(long, value_name = "FILE", conflicts_with = "module")]
    pub binding: Option<PathBuf>,
    /// A module's path, when there is no binding yet
    #[arg(long, value_name = "FILE", required_unless_present = "binding")]
    pub module: Option<PathBuf>,
    /// How the answer is printed
    #[arg(long, value_enum, default_value_t)]
    pub format: OutputFormat,
}

/// Which token of which module.
#[cfg(feature = "ceremony")]
#[derive(Args)]
pub struct InspectArguments {
    /// Which module.
    #[command(flatten)]
    pub module: ModuleArguments,
    /// The token's serial number; may be left out when the module has one token
    #[arg(long)]
    pub serial: Option<String>,
}

fn digest(text: &str) -> Result<Digest, String> {
    // People copy digests in groups and from tools that write capitals.
    let plain: String = text.chars().filter(|c| !matches!(c, ' ' | ':' | '-')).collect();
    Digest::parse(&plain.to_ascii_lowercase()).ok_or_else(|| "expected 64 hexadecimal digits".to_owned())
}
