use std::ops::RangeInclusive;

/// Appends `character` of a name from outside: what RFC 4514 2.4 makes special gets a backslash, everything
/// outside printable ASCII becomes `\XX` for each of its UTF-8 octets, so that nothing can move or hide in a
/// terminal.
pub(super) fn push_escaped(text: &mut String, character: char) {
    match character {
        '"' | '+' | ',' | ';' | '<' | '>' | '=' | '\\' => text.extend(['\\', character]),
        ' '..='~' => text.push(character),
        _ => {
            let mut octets = [0; 4];
            for octet in character.encode_utf8(&mut octets).bytes() {
                text.push_str(&format!("\\{octet:02X}"));
            }
        }
    }
}

/// The value of an attribute as RFC 4514 2.4 writes it, in printable ASCII.
pub(super) fn escape_value(value: &str) -> String {
    let mut text = String::new();
    let last = value.chars().count().saturating_sub(1);
    for (position, character) in value.chars().enumerate() {
        let at_edge =
            (position == 0 && matches!(character, ' ' | '#')) || (position == last && character == ' ');
        if at_edge {
            text.push('\\');
        }
        push_escaped(&mut text, character);
    }
    text
}

/// Unicode's Default_Ignorable_Code_Point, which has the directional formatting, and interlinear annotations.
const DECEPTIVE: [RangeInclusive<char>; 17] = [
    '\u{ad}'..='\u{ad}',
    '\u{34f}'..='\u{34f}',
    '\u{61c}'..='\u{61c}',
    '\u{115f}'..='\u{1160}',
    '\u{17b4}'..='\u{17b5}',
    '\u{180b}'..='\u{180f}',
    '\u{200b}'..='\u{200f}',
    '\u{202a}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{3164}'..='\u{3164}',
    '\u{fe00}'..='\u{fe0f}',
    '\u{feff}'..='\u{feff}',
    '\u{ffa0}'..='\u{ffa0}',
    '\u{fff0}'..='\u{fffb}',
    '\u{1bca0}'..='\u{1bca3}',
    '\u{1d173}'..='\u{1d17a}',
    '\u{e0000}'..='\u{e0fff}',
];

/// Whether a person could not see this character, or take it for another: also controls and white space other
/// than U+0020.
pub(super) fn is_deceptive(character: char) -> bool {
    character.is_control()
        || (character.is_whitespace() && character != ' ')
        || DECEPTIVE.iter().any(|range| range.contains(&character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_printable_ascii_leaves() {
        let cases = [
            ("Example Root", "Example Root"),
            ("a,b+c=\"d\"\\", "a\\,b\\+c\\=\\\"d\\\"\\\\"),
            (" x ", "\\ x\\ "),
            ("#x#", "\\#x#"),
            (" ", "\\ "),
            ("M\u{fc}ller", "M\\C3\\BCller"),
            ("a\u{202e}b\u{1b}[0m\0", "a\\E2\\80\\AEb\\1B[0m\\00"),
            ("", ""),
        ];
        for (value, expected) in cases {
            assert_eq!(escape_value(value), expected);
        }
    }
}
