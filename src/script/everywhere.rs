//! What no part of a ceremony file may hold, whichever table it stands in.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Code;
use super::fields::{Place, Report};

const SECRET: [&str; 9] =
    ["pin", "so-pin", "user-pin", "pin-value", "pin-source", "password", "passphrase", "secret", "words"];
const OF_A_MACHINE: [&str; 7] =
    ["slot", "slot-id", "module", "module-path", "serial", "token-serial", "library"];

/// Whether [`check`] says about a key of this name what there is to say.
pub(super) fn is_misplaced(key: &str) -> bool {
    let key = normal(key);
    SECRET.contains(&key.as_str()) || OF_A_MACHINE.contains(&key.as_str())
}

/// Whether people cannot see a character, or it changes how they see its neighbours.
///
/// Controls other than tab and the ends of lines; Default_Ignorable_Code_Point, which holds the bidirectional
/// controls, the zero-width characters and the tags; separators and annotations (Unicode UAX #44, UTS #55).
pub(super) fn is_hidden(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' => false,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' => true,
        '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' => true,
        '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' => true,
        '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' => true,
        '\u{e0000}'..='\u{e0fff}' => true,
        other => other.is_control(),
    }
}

/// Reports hidden characters, secrets and facts about machines, comments and unknown tables included.
pub(super) fn check(document: &DeTable<'_>, report: &mut Report<'_>) {
    // ASCII controls are left to the TOML parser, which refuses them.
    for (start, character) in report.text.char_indices() {
        if is_hidden(character) && !character.is_ascii() {
            report.refuse(
                Code::HiddenCharacter,
                start..start + character.len_utf8(),
                format!("U+{:04X} cannot be seen, or hides what stands around it", u32::from(character)),
                "Take the character out: what is reviewed must be what is there.",
            );
        }
    }
    table(document, report);
}

fn table(entries: &DeTable<'_>, report: &mut Report<'_>) {
    for (key, value) in entries.iter() {
        let name = normal(key.get_ref());
        if SECRET.contains(&name.as_str()) {
            report.refuse(
                Code::Secret,
                value.span(),
                format!("`{name}` has no place in a ceremony file"),
                "Take it out and change it. PINs are derived from the officers' shares; no file holds one.",
            );
        } else if OF_A_MACHINE.contains(&name.as_str()) {
            report.refuse(
                Code::MachineFact,
                key.span(),
                format!("`{name}` is a fact about one machine"),
                "Move it to the binding and name the token here: the reviewed file is the same on every machine.",
            );
        } else {
            one(value, report);
        }
    }
}

fn one(value: &Spanned<DeValue<'_>>, report: &mut Report<'_>) {
    match value.get_ref() {
        DeValue::Table(entries) => table(entries, report),
        DeValue::Array(items) => items.iter().for_each(|item| one(item, report)),
        DeValue::String(text) => string(text, value.span(), report),
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {}
    }
}

fn string(text: &str, span: Place, report: &mut Report<'_>) {
    let folded = text.to_ascii_lowercase();
    if folded.contains("pkcs11:") || folded.contains("pin-value") || folded.contains("pin-source") {
        report.refuse(
            Code::Secret,
            span.clone(),
            "a PKCS#11 URI (RFC 7512) names a slot or carries a PIN",
            "Write the token's name; the binding says which token that is, and shares give its PIN.",
        );
    }
    // What stands in the file as it is has been reported with its own place; escapes are left.
    let as_written = report.text.get(span.clone()).unwrap_or_default();
    let hidden =
        text.chars().find(|character| matches!(character, '\t' | '\n' | '\r') || is_hidden(*character));
    if let Some(character) = hidden
        && (character.is_ascii() || !as_written.contains(character))
    {
        report.refuse(
            Code::HiddenCharacter,
            span,
            format!("the text holds U+{:04X}, which cannot be seen", u32::from(character)),
            "Write one line of visible characters.",
        );
    }
}

fn normal(key: &str) -> String {
    key.to_ascii_lowercase().replace('_', "-")
}
