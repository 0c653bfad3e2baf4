use crate::format::Mode;

/// Text as it is shown in that mode: in a rehearsal each says first that it is one. Line breaks at its beginning stay there.
pub fn watermarked(mode: Mode, text: &str) -> String {
    match mode {
        Mode::Ceremony => text.to_owned(),
        Mode::Rehearsal => {
            let shown = text.trim_start_matches('\n');
            let breaks = text.get(..text.len() - shown.len()).unwrap_or_default();
            format!("{breaks}[REHEARSAL] {shown}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rehearsal_says_so_and_a_ceremony_does_not() {
        for (text, marked) in [("> ", "[REHEARSAL] > "), ("\n\nStep 1", "\n\n[REHEARSAL] Step 1")] {
            assert_eq!(watermarked(Mode::Rehearsal, text), marked);
            assert_eq!(watermarked(Mode::Ceremony, text), text);
        }
    }
}
