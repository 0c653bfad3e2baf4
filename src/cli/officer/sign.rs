use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::files::{must_not_exist, read, write_new};
use super::key::Key;
use super::summary;
use crate::artifact::Access;
use crate::cli::args::OfficerSignArguments;
use crate::cli::console::{Console, Mark};
use crate::cli::failure::Failure;
use crate::cli::passphrase;
use crate::format::{Binding, Digest, Mode, Name, Plan, Roster, Statement, StatementAlgorithm};
use crate::host;
use crate::officer::{ApprovalError, approval};
use crate::render::{hex_groups, words};
use crate::roster::{PSS_SALT_BYTES, check_signature};

/// A statement that waits for its signature, and where both lie.
struct Unsigned {
    statement: Statement,
    statement_path: PathBuf,
    signature_path: PathBuf,
    /// The roster that was given, or where the signer's key is new the one that the plan brings in.
    judged_by: Option<Roster>,
    /// Where a statement that is made here still has to be written.
    new_in: Option<PathBuf>,
}

/// `anchorite officer sign`
pub(super) fn run(arguments: &OfficerSignArguments, console: &mut Console) -> Result<ExitCode, Failure> {
    let key = Key::open(arguments, console)?;
    let unsigned = match &arguments.statement {
        Some(path) => existing_statement(path, arguments.roster.as_deref())?,
        None => new_approval(arguments, console)?,
    };
    #[cfg(feature = "ceremony")]
    key.must_fit(&unsigned.statement)?;
    show(&unsigned.statement, console);
    if !arguments.yes {
        confirm(&unsigned.statement)?;
    }
    let signature = key.sign(&unsigned.statement, console)?;
    let bytes = unsigned.statement.encode();
    if let Some(roster) = &unsigned.judged_by {
        check_signature(roster, &bytes, &signature).map_err(|problem| {
            Failure::refused(problem, "compare the statement with your roster: whose key is named where?")
        })?;
    }
    if let Some(directory) = &unsigned.new_in {
        fs::create_dir_all(directory).map_err(|error| {
            Failure::usage(
                format!("{} cannot be made: {error}", directory.display()),
                "choose another directory",
            )
        })?;
        write_new(&unsigned.statement_path, &bytes, Access::Everybody)?;
    }
    write_new(&unsigned.signature_path, &signature, Access::Everybody)?;
    tell(&unsigned, arguments.key.as_deref(), console);
    Ok(ExitCode::SUCCESS)
}

/// The whole statement, and the digest that stands for what it is about in the forms in which people compare it.
fn show(statement: &Statement, console: &mut Console) {
    console.line(console.marked(Mark::Bold, "You are asked to sign:"));
    console.line("");
    console.line(statement.to_string());
    let (line, digest) = compared(statement);
    let width = line.len();
    console.line(format!("{line}  {}", hex_groups(&digest)));
    for row in words(&digest) {
        console.line(format!("{:width$}  {row}", ""));
    }
    console.line("");
}

fn existing_statement(path: &Path, roster: Option<&Path>) -> Result<Unsigned, Failure> {
    if path.extension().is_none_or(|extension| extension != "txt") {
        return Err(Failure::usage(
            format!("{} does not end in `.txt`", path.display()),
            "name the statement; its signature goes beside it with `.sig` in place of `.txt`",
        ));
    }
    let signature_path = path.with_extension("sig");
    let bytes = read(path, "the statement")?;
    let statement = Statement::parse(&bytes).map_err(|error| {
        Failure::refused(
            format!("{}: {error}", path.display()),
            "sign nothing that is not a statement in its one form; ask where it comes from",
        )
    })?;
    must_not_exist(&signature_path)?;
    let roster = roster.map(|roster| read_roster(roster, statement.mode())).transpose()?;
    if let Some(roster) = &roster {
        let named = roster_of(&statement);
        if named != roster.sha256 {
            return Err(Failure::refused(
                format!("the statement is for the roster {named}, yours is {}", roster.sha256),
                "find out which roster is the right one before you sign",
            ));
        }
    }
    Ok(Unsigned {
        statement,
        statement_path: path.to_owned(),
        signature_path,
        judged_by: roster,
        new_in: None,
    })
}

fn new_approval(arguments: &OfficerSignArguments, console: &mut Console) -> Result<Unsigned, Failure> {
    let (Some(plan), Some(binding), Some(roster), Some(name), Some(output)) =
        (&arguments.plan, &arguments.binding, &arguments.roster, &arguments.signer, &arguments.output)
    else {
        return Err(Failure::usage(
            "an approval needs a plan, a binding, a roster, a name and a directory",
            "give --plan, --binding, --roster, --as and --output",
        ));
    };
    let (statement_path, signature_path) = approval_paths(output, name);
    must_not_exist(&statement_path)?;
    must_not_exist(&signature_path)?;
    let plan_bytes = read(&plan.join("plan.json"), "the plan")?;
    let binding_bytes = read(binding, "the binding")?;
    let mode = Mode::announced(&plan_bytes);
    let binding = Binding::parse_in(&binding_bytes, mode).map_err(|error| {
        Failure::usage(error, "correct the binding; every approval names its SHA-256, so correct it first")
    })?;
    let roster = read_roster(roster, mode)?;
    let incoming = incoming_roster(plan, &plan_bytes, mode)?;
    let (plan, statement) =
        approval(mode, &plan_bytes, &binding, &roster, incoming.as_ref(), name, host::now()).map_err(
            |error| {
                let failure = match error {
                    ApprovalError::Plan(_) => Failure::usage,
                    _ => Failure::refused,
                };
                failure(error, "approve nothing that does not fit together; ask who made the plan")
            },
        )?;
    console.line(summary::of_plan(&plan, &binding, &Digest::of(&plan_bytes)));
    console.line("");
    let judged_by = incoming.filter(|_| plan.new_key_holders().contains(name)).or(Some(roster));
    Ok(Unsigned { statement, statement_path, signature_path, judged_by, new_in: Some(output.clone()) })
}

/// The roster that a plan brings in, from the plan directory.
fn incoming_roster(directory: &Path, plan_bytes: &[u8], mode: Mode) -> Result<Option<Roster>, Failure> {
    let file = Plan::parse_in(plan_bytes, mode).ok().and_then(|plan| plan.incoming_roster().cloned());
    let Some(file) = file else { return Ok(None) };
    read_roster(&directory.join("inputs").join(&file.name), mode).map(Some)
}

fn approval_paths(output: &Path, name: &Name) -> (PathBuf, PathBuf) {
    (output.join(format!("approval.{name}.txt")), output.join(format!("approval.{name}.sig")))
}

fn read_roster(path: &Path, mode: Mode) -> Result<Roster, Failure> {
    let bytes = read(path, "the roster")?;
    Roster::parse_in(&bytes, mode).map_err(|error| {
        Failure::usage(format!("{}: {error}", path.display()), "use the roster that the authority pins")
    })
}

fn roster_of(statement: &Statement) -> Digest {
    match statement {
        Statement::Approval(approval) => approval.roster_sha256,
        Statement::Seal(seal) => seal.roster_sha256,
        Statement::Field(report) => report.roster_sha256,
    }
}

/// The line of the statement that stands for all that it is about, and its digest.
fn compared(statement: &Statement) -> (&'static str, Digest) {
    match statement {
        Statement::Approval(approval) => ("plan-sha256", approval.plan_sha256),
        Statement::Seal(seal) => ("head-sha256", seal.covered.head),
        Statement::Field(report) => ("bundle-sha256", report.bundle_sha256),
    }
}

/// The person types digits that are on the screen and on their own paper, so that looking is part of signing.
fn confirm(statement: &Statement) -> Result<(), Failure> {
    let (line, digest) = compared(statement);
    let word: String = digest.to_string().chars().take(8).collect();
    let prompt = format!("Compare {line} with your own copy. To sign, type its first 8 digits: ");
    let typed = passphrase::visible_line(&prompt)?;
    let digits = typed.chars().filter(|c| !c.is_whitespace());
    if digits.collect::<String>().to_ascii_lowercase() != word {
        return Err(Failure::stopped(
            format!("what you typed is not the beginning of {line}; nothing was signed"),
            "read the statement once more, then run the command again",
        ));
    }
    Ok(())
}

fn tell(unsigned: &Unsigned, key: Option<&Path>, console: &mut Console) {
    let (statement, signature) = (unsigned.statement_path.display(), unsigned.signature_path.display());
    let check = match unsigned.statement.signer().algorithm {
        StatementAlgorithm::EcdsaP256Sha256 => {
            format!("dgst -sha256 -verify public.pem -signature {signature} {statement}")
        }
        StatementAlgorithm::EcdsaP384Sha384 => {
            format!("dgst -sha384 -verify public.pem -signature {signature} {statement}")
        }
        StatementAlgorithm::RsaPssSha256 => format!(
            "dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:{PSS_SALT_BYTES} \
             -verify public.pem -signature {signature} {statement}"
        ),
        StatementAlgorithm::Ed25519 => {
            format!("pkeyutl -verify -pubin -inkey public.pem -rawin -in {statement} -sigfile {signature}")
        }
    };
    let public = match key {
        Some(key) => format!("openssl pkey -in {} -pubout -out public.pem", key.display()),
        None => "echo PUBLIC-KEY-OF-THE-ROSTER | base64 -d | openssl pkey -pubin -inform DER -out public.pem"
            .to_owned(),
    };
    console.line(format!("signed  {signature}"));
    console.note(format!("To check it without anchorite:\n  {public}\n  openssl {check}"));
}
