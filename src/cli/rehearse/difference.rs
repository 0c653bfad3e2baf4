use crate::cli::console::{Console, Mark};
use crate::format::Difference;
use crate::render::escaped;

/// How many characters of a value are shown.
const SHOWN: usize = 56;

/// Everything in which the rehearsal differs from the ceremony, and why.
pub(super) fn show(differences: &[Difference], console: &mut Console) {
    console.line(console.marked(Mark::Bold, "What is not as it will be on the day, and why:"));
    for Difference { what, ceremony, rehearsal, why } in differences {
        console.line(format!("  {what}: {why}"));
        console.line(format!("    ceremony   {}", short(ceremony)));
        console.line(format!("    rehearsal  {}", short(rehearsal)));
    }
    console.line("Everything else is the same: program, ceremony file, people, steps, requests, dates.");
}

fn short(value: &str) -> String {
    let mut text: String = value.chars().take(SHOWN).collect();
    if value.chars().nth(SHOWN).is_some() {
        text.push_str("...");
    }
    escaped(&text)
}
