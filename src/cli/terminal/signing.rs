use std::path::Path;

use super::Terminal;
use crate::cli::signing_child::{self, KeyPlace};
use crate::execute::{Stop, Waiting};
use crate::format::Name;
use crate::render::escaped;

impl Terminal {
    /// Says who has still to sign, and waits a moment.
    pub(super) fn await_signatures(&mut self, waiting: &Waiting<'_>) -> Result<(), Stop> {
        let Waiting { kind, missing, signed, needed } = waiting;
        let mut text = format!(
            "\n{}\n",
            self.bold(&format!("Waiting for signatures of the {kind} statement: {needed}"))
        );
        for name in *signed {
            text.push_str(&format!("  {name}: signed\n"));
        }
        for (name, path) in *missing {
            text.push_str(&format!("  {name}: anchorite officer sign {} --key KEY\n", shown(path)));
        }
        text.push_str(
            "  Each signs on a machine of their own, or here: type the name and press Enter. Ctrl-C stops.",
        );
        if text != self.waiting {
            self.say_whole(&text);
            self.waiting = text;
        }
        match self.tty.pause() {
            Ok(None) => Ok(()),
            Ok(Some(typed)) if typed.starts_with('!') => {
                self.waiting.clear();
                if let Err(stop) = self.exception_opened() {
                    match stop {
                        Stop::Exception(_) => self.later(stop, kind == "authorise"),
                        stop => return Err(stop),
                    }
                }
                Ok(())
            }
            Ok(Some(typed)) => {
                // Whatever comes of it, the waiting screen is shown again.
                self.waiting.clear();
                match missing.iter().find(|(name, _)| name.as_str() == typed) {
                    Some((name, statement)) => self.sign_here(name, statement),
                    None if typed.is_empty() => Ok(()),
                    None => {
                        self.say(&self.warning("Nobody of that name has still to sign."));
                        Ok(())
                    }
                }
            }
            Err(no_line) => match self.interrupted(no_line) {
                Err(stop @ (Stop::Moved(_) | Stop::Exception(_))) => {
                    self.later(stop, kind == "authorise");
                    Ok(())
                }
                other => other,
            },
        }
    }

    /// A person signs at this machine, in a process of its own that has the terminal meanwhile.
    pub(super) fn sign_here(&mut self, name: &Name, statement: &Path) -> Result<(), Stop> {
        let question = format!("{name}: path of your key file, or `card MODULE` (Enter: not here): ");
        let typed = self.line(&question)?;
        let Some(key) = KeyPlace::typed(&typed) else { return Ok(()) };
        let command = signing_child::command(statement, &key);
        let told = match self.tty.lend(|| signing_child::run_here(command)) {
            Ok(true) => return Ok(()),
            Ok(false) => "Nothing was signed.".to_owned(),
            Err(error) => format!("The signing process cannot be started: {error}."),
        };
        self.say(&self.warning(&told));
        Ok(())
    }
}

fn shown(path: &Path) -> String {
    escaped(&path.display().to_string())
}
