use std::path::Path;
use std::process::Stdio;

use super::Scripted;
use super::answers::PersonAnswers;
use crate::cli::signing_child::{self, CardPlace, KeyPlace};
use crate::execute::Stop;
use crate::secret::wipe_stack;

impl Scripted<'_> {
    pub(super) fn sign(&self, statement: &Path, signer: &PersonAnswers) -> Result<(), Stop> {
        wipe_stack();
        let failed =
            |why: String| Stop::NoAnswer { what: format!("`officer sign` for {}: {why}", signer.name) };
        let place = match (&signer.key, &signer.card) {
            (Some(key), _) => KeyPlace::File(self.custody.join(key)),
            (None, Some(card)) => KeyPlace::Card(CardPlace {
                module: card.module.clone(),
                serial: None,
                label: card.label.clone(),
                key: card.key.clone(),
                variables: card.variables.iter().map(|(name, value)| format!("{name}={value}")).collect(),
            }),
            (None, None) => return Ok(()),
        };
        let Some(passphrase) = &signer.passphrase_file else { return Ok(()) };
        // A child process: the one that sees shares never loads an officer's key.
        let output = signing_child::command(statement, &place)
            .arg("--passphrase-file")
            .arg(self.custody.join(passphrase))
            .arg("--yes")
            .stdin(Stdio::null())
            .output()
            .map_err(|error| failed(error.to_string()))?;
        let text = String::from_utf8_lossy(&output.stderr);
        if output.status.success() { Ok(()) } else { Err(failed(text.trim().to_owned())) }
    }
}
