use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::reexec;

/// Where a person's key is, for the child process that signs with it. The process that runs a ceremony opens neither.
pub(super) enum KeyPlace {
    /// An encrypted key file.
    File(PathBuf),
    /// A card.
    Card(CardPlace),
}

/// A card, and what of it is meant.
#[derive(Default)]
pub(super) struct CardPlace {
    pub(super) module: PathBuf,
    pub(super) serial: Option<String>,
    pub(super) label: Option<String>,
    pub(super) key: Option<String>,
    /// `NAME=VALUE` for the module.
    pub(super) variables: Vec<String>,
}

impl KeyPlace {
    /// What a person types: the path of a key file, or `card MODULE` and then where needed `serial=`, `label=`, `key=` and
    /// `NAME=VALUE`, apart by spaces.
    pub(super) fn typed(text: &str) -> Option<Self> {
        let Some(card) = text.strip_prefix("card ") else {
            return (!text.is_empty()).then(|| Self::File(text.into()));
        };
        let mut words = card.split_whitespace();
        let mut place = CardPlace { module: words.next()?.into(), ..CardPlace::default() };
        for word in words {
            match word.split_once('=')? {
                ("serial", serial) => place.serial = Some(serial.to_owned()),
                ("label", label) => place.label = Some(label.to_owned()),
                ("key", key) => place.key = Some(key.to_owned()),
                _ => place.variables.push(word.to_owned()),
            }
        }
        Some(Self::Card(place))
    }

    fn arguments(&self) -> Vec<OsString> {
        match self {
            Self::File(path) => vec!["--key".into(), path.into()],
            Self::Card(CardPlace { module, serial, label, key, variables }) => {
                let mut arguments = vec!["--card".into(), module.into()];
                for (option, value) in
                    [("--card-serial", serial), ("--card-label", label), ("--card-key", key)]
                {
                    // One word each, so that no value is read as another option.
                    arguments.extend(value.iter().map(|value| format!("{option}={value}").into()));
                }
                arguments
                    .extend(variables.iter().map(|variable| format!("--card-variable={variable}").into()));
                arguments
            }
        }
    }
}

/// `anchorite officer sign STATEMENT` with that key, ready to start: this very program in a process of its own.
pub(super) fn command(statement: &Path, key: &KeyPlace) -> Command {
    let mut command = Command::new("/proc/self/exe");
    command.args(["officer", "sign"]).arg(statement).args(key.arguments());
    // The card's module gets an environment of its own.
    command.env_remove(reexec::MARKER);
    command
}

/// Runs it at the terminal of this process and waits for its end; whether it signed.
pub(super) fn run_here(mut command: Command) -> io::Result<bool> {
    Ok(command.status()?.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_place_becomes_arguments_and_never_a_secret() {
        let arguments = |text: &str| {
            let place = KeyPlace::typed(text)?;
            Some(
                place
                    .arguments()
                    .into_iter()
                    .map(|word| word.into_string().unwrap())
                    .collect::<Vec<_>>()
                    .join(" "),
            )
        };
        for (typed, expected) in [
            ("keys/a b.pem", Some("--key keys/a b.pem")),
            ("card /usr/lib/opensc-pkcs11.so", Some("--card /usr/lib/opensc-pkcs11.so")),
            (
                "card /m.so serial=12 key=9c SOFTHSM2_CONF=/c",
                Some("--card /m.so --card-serial=12 --card-key=9c --card-variable=SOFTHSM2_CONF=/c"),
            ),
            ("card /m.so label=--yes", Some("--card /m.so --card-label=--yes")),
            ("card /m.so --yes", None),
            ("card ", None),
            ("", None),
        ] {
            assert_eq!(arguments(typed).as_deref(), expected, "{typed}");
        }
    }
}
