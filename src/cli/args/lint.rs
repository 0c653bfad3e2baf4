use std::path::PathBuf;

use clap::Args;

use super::OutputFormat;
use crate::format::{Environment, Profile};

/// `anchorite lint`
#[derive(Args)]
pub struct LintArguments {
    /// A certificate, CRL or certificate request, in PEM or DER
    #[arg(required_unless_present = "rules")]
    pub file: Option<PathBuf>,
    /// What a certificate is meant to be: root or intermediate; without it, a self-issued one is taken for a root
    #[arg(long, value_name = "NAME", value_parser = profile)]
    pub profile: Option<Profile>,
    /// The certificate of the CA that issued it; a root and a request need none
    #[arg(long, value_name = "FILE")]
    pub issuer: Option<PathBuf>,
    /// The issuer's CRL before this one
    #[arg(long, value_name = "FILE")]
    pub previous_crl: Option<PathBuf>,
    /// production, staging or lab, where rules about how long something lasts do not hold
    #[arg(long, value_name = "NAME", value_parser = environment, default_value = "production")]
    pub environment: Environment,
    /// Print every rule instead
    #[arg(long, conflicts_with_all = ["file", "profile", "issuer", "previous_crl", "environment"])]
    pub rules: bool,
    /// How the answer is printed
    #[arg(long, value_enum, default_value_t)]
    pub format: OutputFormat,
}

fn profile(text: &str) -> Result<Profile, &'static str> {
    text.parse().map_err(|_| "expected root or intermediate")
}

fn environment(text: &str) -> Result<Environment, &'static str> {
    text.parse().map_err(|_| "expected production, staging or lab")
}
