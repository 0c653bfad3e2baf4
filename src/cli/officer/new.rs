use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

#[cfg(feature = "ceremony")]
use super::card;
use super::files::{must_not_exist, write_new};
use super::summary::grouped;
use crate::artifact::Access;
use crate::cli::args::OfficerNewArguments;
use crate::cli::console::Console;
use crate::cli::failure::Failure;
use crate::cli::passphrase;
use crate::format::{Base64, KeyStorage, Role};
use crate::host;
use crate::officer::{KeyError, KeySeed, MIN_PASSPHRASE_CHARACTERS, NewKey, check_passphrase, new_key};
use crate::roster::StatementKey;
use crate::secret::Passphrase;

/// `anchorite officer new`
pub(super) fn run(arguments: &OfficerNewArguments, console: &mut Console) -> Result<ExitCode, Failure> {
    let roles: BTreeSet<Role> = arguments.roles.iter().copied().collect();
    if roles.len() != arguments.roles.len() {
        return Err(Failure::usage("a role is given twice", "name each role once"));
    }
    #[cfg(feature = "ceremony")]
    if let Some(card) = card::open(&arguments.card, console)? {
        return on_card(arguments, card, console);
    }
    let output = arguments.output.as_deref().ok_or_else(|| {
        Failure::usage("no place for the key is named", "give --output FILE, or --card MODULE")
    })?;
    in_file(arguments, output, console)
}

fn in_file(
    arguments: &OfficerNewArguments,
    output: &Path,
    console: &mut Console,
) -> Result<ExitCode, Failure> {
    must_not_exist(output)?;
    let passphrase = match &arguments.passphrase_file {
        Some(file) => passphrase::read(file)?,
        None => ask_twice()?,
    };
    let NewKey { pem, public } = new_key(arguments.algorithm, &passphrase, &seed()?).map_err(cannot_make)?;
    write_new(output, pem.as_bytes(), Access::Owner)?;
    console.line(roster_entry(arguments, &public, KeyStorage::File));
    tell(&format!("key file     {}", output.display()), &public, console);
    Ok(ExitCode::SUCCESS)
}

/// The entry of a key that is on the card, or is made there now.
#[cfg(feature = "ceremony")]
fn on_card(
    arguments: &OfficerNewArguments,
    mut card: crate::officer::Card,
    console: &mut Console,
) -> Result<ExitCode, Failure> {
    let named = arguments.card.card_key.as_deref();
    let key = match named.filter(|_| arguments.generate) {
        Some(label) => {
            // Drawn anew, so that no other key of the card has it.
            let mut id = [0; 16];
            host::fill_random(&mut id)
                .map_err(|error| Failure::token(error, "do not make keys on this machine"))?;
            card::log_in(&mut card, &arguments.card, arguments.passphrase_file.as_deref(), console)?;
            card.generate(arguments.algorithm, label, &id).map_err(card::failure)?
        }
        None => card.only_key(named).map_err(card::failure)?,
    };
    let software = card.describe().map_err(card::failure)?.is_software();
    let storage = if software { KeyStorage::File } else { KeyStorage::Hardware };
    console.line(roster_entry(arguments, key.public(), storage));
    let place = format!("key on card  `{}`, ID {}", key.label().escape_debug(), key.id());
    tell(&place, key.public(), console);
    Ok(ExitCode::SUCCESS)
}

fn tell(place: &str, public: &StatementKey, console: &mut Console) {
    console.line("");
    console.note(format!(
        "{place}\nfingerprint  {}\n\
         The fingerprint is the SHA-256 of the public key: read it to whoever keeps the roster, who compares it.",
        grouped(&public.sha256()),
    ));
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

fn roster_entry(arguments: &OfficerNewArguments, key: &StatementKey, storage: KeyStorage) -> String {
    let quoted = |role: &Role| format!("\"{role}\"");
    let roles: Vec<String> = arguments.roles.iter().map(quoted).collect();
    let mut entry = format!(
        "[[person]]\nname = \"{}\"\nroles = [{}]\nalgorithm = \"{}\"\npublic-key = \"{}\"\n\
         key-storage = \"{storage}\"",
        arguments.name,
        roles.join(", "),
        key.algorithm(),
        Base64(key.spki().to_vec()),
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
