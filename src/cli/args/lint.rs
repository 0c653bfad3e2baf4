use std::path::PathBuf;

use clap::Args;

use super::OutputFormat;
use crate::format::{Environment, Instant, Profile};
use crate::pki::lint::Pack;

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
    /// Another certificate for the same key: the certificate is judged as a cross-certificate beside it, too
    #[arg(long, value_name = "FILE")]
    pub beside: Option<PathBuf>,
    /// Whose rules: private, or public-trust for a CA whose root browsers trust
    #[arg(long, value_name = "NAME", default_value_t)]
    pub pack: Pack,
    /// The instant whose rules hold, as in 2026-12-01T09:00:00Z; without it, notBefore or thisUpdate of the file
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub at: Option<Instant>,
    /// production, staging or lab, where rules about how long something lasts do not hold
    #[arg(long, value_name = "NAME", value_parser = environment, default_value = "production")]
    pub environment: Environment,
    /// Print every rule instead
    #[arg(long, conflicts_with_all = ["file", "profile", "issuer", "previous_crl", "environment", "beside", "pack", "at"])]
    pub rules: bool,
    /// How the answer is printed
    #[arg(long, value_enum, default_value_t)]
    pub format: OutputFormat,
}

fn profile(text: &str) -> Result<Profile, &'static str> {
    text.parse().map_err(|_| "expected root, intermediate or cross")
}

fn environment(text: &str) -> Result<Environment, &'static str> {
    text.parse().map_err(|_| "expected production, staging or lab")
}

fn instant(text: &str) -> Result<Instant, &'static str> {
    Instant::parse(text).ok_or("expected an instant such as 2026-12-01T09:00:00Z")
}
