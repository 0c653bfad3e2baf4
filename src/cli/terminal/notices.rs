//! What happens, as it is shown.

use super::Terminal;
use crate::cli::resumed::resumed;
use crate::cli::run::host_line;
use crate::execute::Notice;
use crate::render::{escaped, watermarked, words_of};

impl Terminal {
    pub(super) fn notice(&mut self, notice: &Notice<'_>) {
        let text = match notice {
            Notice::Host { state } => {
                let line = host_line(state);
                if state.exposure().is_some() { self.warning(&line) } else { line }
            }
            Notice::Opened { ceremony, directory } => {
                self.open = true;
                let start = ceremony.as_bytes().get(..4).unwrap_or_default();
                format!(
                    "\nThe record is open: {}\nceremony {ceremony}\n         ({} ...)",
                    directory.display(),
                    words_of(start).join(" ")
                )
            }
            Notice::Resumed { done, under_way, unanswered } => {
                format!("\n{}", resumed(*done, under_way.as_ref(), unanswered))
            }
            Notice::Step { id, kind, number, of } => {
                format!(
                    "\n{}",
                    self.bold(&watermarked(self.mode, &format!("Step {number} of {of}: {id} ({kind})")))
                )
            }
            Notice::Drill { drill, text, .. } => {
                format!("\n{}", self.warning(&format!("DRILL {}: {}", drill.kind, escaped(text))))
            }
            Notice::Done { text } => format!("  {}", escaped(text)),
            Notice::Refused { text } | Notice::Warning { text } => {
                format!("  {}", self.warning(&escaped(text)))
            }
            Notice::Released { released } => {
                format!("  {} written, SHA-256 {}", released.file.name, released.file.sha256)
            }
        };
        self.say(&text);
    }
}
