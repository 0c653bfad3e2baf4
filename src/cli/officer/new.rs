use std::collections::BTreeSet;
use std::process::ExitCode;

use super::files::{must_not_exist, write_new};
use super::summary::grouped;
use crate::artifact::Access;
use crate::cli::args::OfficerNewArguments;
use crate::cli::console::Console;
use crate::cli::failure::Failure;
use crate::cli::passphrase;
use crate::format::{Base64, Role};
use crate::host;
use crate::officer::{KeyError, KeySeed, MIN_PASSPHRASE_CHARACTERS, NewKey, check_passphrase, new_key};
use crate::secret::Passphrase;

/// `anchorite officer new`
pub(super) fn run(arguments: &OfficerNewArguments, console: &mut Console) -> Result<ExitCode, Failure> {
    let roles: BTreeSet<Role> = arguments.roles.iter().copied().collect();
    if roles.len() != arguments.roles.len() {
        return Err(Failure::usage("a role is given twice", "name each role once"));
    }
    must_not_exist(&arguments.output)?;
    let passphrase = match &arguments.passphrase_file {
        Some(file) => passphrase::read(file)?,
        None => ask_twice()?,
    };
    let key = new_key(arguments.algorithm, &passphrase, &seed()?).map_err(cannot_make)?;
    write_new(&arguments.output, key.pem.as_bytes(), Access::Owner)?;
    console.line(roster_entry(arguments, &key));
    console.line("");
    console.note(format!(
        "key file     {}\nfingerprint  {}\n\
         The fingerprint is the SHA-256 of the public key: read it to whoever keeps the roster, who compares it.",
        arguments.output.display(),
        grouped(&key.public.sha256()),
    ));
    Ok(ExitCode::SUCCESS)
}

fn ask_twice() -> Result<Passphrase, Failure> {
    let prompt = format!("New passphrase, {MIN_PASSPHRASE_CHARACTERS} characters or more: ");
    let first = passphrase::ask(&prompt)?;
    check_passphrase(&first).map_err(cannot_make)?;
    let second = passphrase::ask("The same again: ")?;
    if first.expose_passphrase() != second.expose_passphrase() {
        return Err(Failure::stopped(
            "the two passphrases differ; nothing was written",
            "run the command again",
        ));
    }
    Ok(first)
}

fn seed() -> Result<KeySeed, Failure> {
    let mut seed = KeySeed::default();
    host::fill_random(seed.scalar.as_mut_slice())
        .and_then(|()| host::fill_random(&mut seed.salt))
        .and_then(|()| host::fill_random(&mut seed.iv))
        .map_err(|error| Failure::token(error, "do not make keys on this machine"))?;
    Ok(seed)
}

fn roster_entry(arguments: &OfficerNewArguments, key: &NewKey) -> String {
    let quoted = |role: &Role| format!("\"{role}\"");
    let roles: Vec<String> = arguments.roles.iter().map(quoted).collect();
    let mut entry = format!(
        "[[person]]\nname = \"{}\"\nroles = [{}]\nalgorithm = \"{}\"\npublic-key = \"{}\"",
        arguments.name,
        roles.join(", "),
        key.public.algorithm(),
        Base64(key.public.spki().to_vec()),
    );
    if arguments.roles.contains(&Role::Officer) {
        entry.push_str(
            "\n# One share of each set that stands here; without this line the officer holds none.\n\
             shares = [\"operate\"]",
        );
    }
    entry
}

fn cannot_make(error: KeyError) -> Failure {
    let remedy = match error {
        KeyError::ShortPassphrase { .. } => "choose a longer one: six words drawn from a list are good",
        KeyError::MadeElsewhere { .. } => {
            "make it on a card, or with openssl (docs/roster-and-binding.md); or take another algorithm"
        }
        _ => "run the command again",
    };
    Failure::refused(error, remedy)
}
