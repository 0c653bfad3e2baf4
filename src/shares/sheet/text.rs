use zeroize::Zeroizing;

use super::{CAPACITY, Facts, TAMPER_BAG};
use crate::secret::ShareWords;
use crate::shares::slip39::WORDS_PER_SHARE;

const COLUMNS: usize = 3;
const LABEL: usize = 14;
const WIDTH: usize = 80;
/// Inside the box for the number of the tamper bag.
const BOX: usize = 40;

pub(super) fn page(facts: &Facts<'_>, words: &ShareWords) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(CAPACITY));
    text.push_str(&format!("{}\n\n", facts.title().to_ascii_uppercase()));
    for (label, value) in facts.lines() {
        text.push_str(&format!("{label:<LABEL$}{value}\n"));
    }
    text.push('\n');
    push_columns(&mut text, words);
    text.push_str(&format!("\n{:<LABEL$}{}\n\n", "check words", facts.check_words()));
    let [command, explanation] = facts.how_to_check();
    text.push_str("To check this sheet:\n\n");
    push_wrapped(&mut text, "  ", &command);
    text.push('\n');
    push_wrapped(&mut text, "", &explanation);
    let margin = TAMPER_BAG.len() + 3;
    let edge = format!("{:margin$}+{:-<BOX$}+\n", "", "");
    text.push_str(&format!("\n{edge}{TAMPER_BAG:<margin$}|{:BOX$}|\n{edge}", ""));
    text
}

/// Numbered words, downwards in three columns.
fn push_columns(text: &mut String, words: &ShareWords) {
    let words = words.expose_words();
    let rows = words.split(' ').count().div_ceil(COLUMNS);
    for row in 0..rows {
        for (place, word) in words.split(' ').enumerate().skip(row).step_by(rows) {
            let number = place + 1;
            text.push_str("   ");
            text.push_str(&format!("{number:>2}. "));
            text.push_str(word);
            if place + rows < WORDS_PER_SHARE {
                text.extend(std::iter::repeat_n(' ', 10usize.saturating_sub(word.len())));
            }
        }
        text.push('\n');
    }
}

/// Public prose in lines that fit, each indented.
fn push_wrapped(text: &mut String, indent: &str, prose: &str) {
    let mut line = indent.to_owned();
    for word in prose.split(' ') {
        if line.len() + 1 + word.len() > WIDTH {
            text.push_str(&format!("{line}\n"));
            line.replace_range(.., indent);
        }
        if line != indent {
            line.push(' ');
        }
        line.push_str(word);
    }
    text.push_str(&format!("{line}\n"));
}
