/// `text` with everything outside printable ASCII, and the backslash itself, escaped.
///
/// What comes from a token, a request or a file could otherwise move the cursor, hide text or reverse it.
pub fn escaped(text: &str) -> String {
    text.chars()
        .map(
            |c| {
                if matches!(c, ' '..='[' | ']'..='~') {
                    c.to_string()
                } else {
                    c.escape_default().to_string()
                }
            },
        )
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_sees_only_printable_ascii() {
        assert_eq!(escaped("CN=a \u{1b}[2J\u{202e}\n\\"), "CN=a \\u{1b}[2J\\u{202e}\\n\\\\");
    }
}
