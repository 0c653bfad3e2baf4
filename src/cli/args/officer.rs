use std::path::PathBuf;

use clap::{Args, Subcommand};

#[cfg(feature = "ceremony")]
use crate::format::Binding;
use crate::format::{Name, Role, StatementAlgorithm};

/// `anchorite officer`
#[derive(Args)]
pub struct OfficerArguments {
    /// What about an officer.
    #[command(subcommand)]
    pub verb: OfficerVerb,
}

/// What about an officer.
#[derive(Subcommand)]
pub enum OfficerVerb {
    /// Make a signing key in an encrypted file and print the roster entry
    New(OfficerNewArguments),
    /// Sign a statement, or a new approval of a plan
    Sign(OfficerSignArguments),
}

/// `anchorite officer new`
#[derive(Args)]
pub struct OfficerNewArguments {
    /// The person's name on the roster
    pub name: Name,
    /// The person's roles
    #[arg(long = "role", value_name = "ROLE", required = true, value_parser = role)]
    pub roles: Vec<Role>,
    /// The algorithm of a new key: ecdsa-p256-sha256, ecdsa-p384-sha384, ed25519; on a card rsa-pss-sha256 too
    #[arg(long, default_value = "ecdsa-p256-sha256", value_parser = statement_algorithm)]
    pub algorithm: StatementAlgorithm,
    /// Where the encrypted key goes; must not exist
    #[arg(short, long, value_name = "FILE")]
    #[cfg_attr(feature = "ceremony", arg(required_unless_present = "card", conflicts_with = "card"))]
    #[cfg_attr(not(feature = "ceremony"), arg(required = true))]
    pub output: Option<PathBuf>,
    /// A file with the passphrase, or the card's PIN, readable by its owner only, instead of a prompt
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// The card with the key, in place of a key file
    #[cfg(feature = "ceremony")]
    #[command(flatten)]
    pub card: CardArguments,
    /// Make a key on the card, labelled --card-key; without it the entry of a key that is there is printed
    #[cfg(feature = "ceremony")]
    #[arg(long, requires = "card", requires = "card_key")]
    pub generate: bool,
}

/// A card, or any PKCS#11 token, with an officer's key.
#[cfg(feature = "ceremony")]
#[derive(Args)]
pub struct CardArguments {
    /// The PKCS#11 module of the card that your key is on
    #[arg(long, value_name = "MODULE")]
    pub card: Option<PathBuf>,
    /// The card's serial number, where the module shows several cards
    #[arg(long, value_name = "SERIAL", requires = "card", conflicts_with = "card_label")]
    pub card_serial: Option<String>,
    /// The card's label, where the module shows several cards
    #[arg(long, value_name = "LABEL", requires = "card")]
    pub card_label: Option<String>,
    /// The key's label or ID (hexadecimal) on the card, where it has several
    #[arg(long, value_name = "LABEL|ID", requires = "card")]
    pub card_key: Option<String>,
    /// A variable that the module reads; it sees no others
    #[arg(long = "card-variable", value_name = "NAME=VALUE", requires = "card", value_parser = variable)]
    pub card_variables: Vec<(String, String)>,
    /// Give the PIN although a wrong one would lock the card
    #[arg(long, requires = "card")]
    pub final_try: bool,
}

/// `anchorite officer sign`
#[derive(Args)]
pub struct OfficerSignArguments {
    /// The statement to sign; the signature goes beside it as `.sig`
    #[arg(required_unless_present = "plan", conflicts_with = "plan")]
    pub statement: Option<PathBuf>,
    /// Approve this plan: write a statement and its signature
    #[arg(long, value_name = "DIR", requires_all = ["binding", "roster", "signer", "output"])]
    pub plan: Option<PathBuf>,
    /// The machine that the approval is for
    #[arg(long, value_name = "FILE")]
    pub binding: Option<PathBuf>,
    /// Your own copy of the roster
    #[arg(long, value_name = "FILE")]
    pub roster: Option<PathBuf>,
    /// Your name on the roster
    #[arg(long = "as", value_name = "NAME")]
    pub signer: Option<Name>,
    /// Where the approval goes
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Your encrypted key
    #[arg(long, value_name = "FILE")]
    #[cfg_attr(feature = "ceremony", arg(required_unless_present = "card", conflicts_with = "card"))]
    #[cfg_attr(not(feature = "ceremony"), arg(required = true))]
    pub key: Option<PathBuf>,
    /// The card with your key, in place of a key file
    #[cfg(feature = "ceremony")]
    #[command(flatten)]
    pub card: CardArguments,
    /// A file with the passphrase, or the card's PIN, readable by its owner only, instead of a prompt
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// Do not ask for the confirming word; for scripted laboratories
    #[arg(long, requires = "passphrase_file")]
    pub yes: bool,
}

fn statement_algorithm(text: &str) -> Result<StatementAlgorithm, String> {
    text.parse()
        .map_err(|_| "expected ecdsa-p256-sha256, ecdsa-p384-sha384, rsa-pss-sha256 or ed25519".to_owned())
}

#[cfg(feature = "ceremony")]
fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| "expected NAME=VALUE".to_owned())?;
    let known = Binding::VARIABLES.into_iter().chain(CARD_VARIABLES);
    if known.clone().any(|known| known == name) {
        return Ok((name.to_owned(), value.to_owned()));
    }
    Err(format!("expected one of {}", known.collect::<Vec<_>>().join(", ")))
}

/// Variables of card readers and their modules; none of them makes the loader run other code.
#[cfg(feature = "ceremony")]
const CARD_VARIABLES: [&str; 2] = ["OPENSC_CONF", "PCSCLITE_CSOCK_NAME"];

fn role(text: &str) -> Result<Role, String> {
    text.parse().map_err(|_| "expected administrator, operator, witness, officer or auditor".to_owned())
}
