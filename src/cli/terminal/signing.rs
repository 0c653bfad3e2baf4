use std::path::Path;

use super::Terminal;
use crate::cli::signing_child::{self, KeyPlace};
use crate::execute::Stop;
use crate::format::Name;

impl Terminal {
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
