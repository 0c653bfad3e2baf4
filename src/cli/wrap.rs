/// Lines of at most `width` columns, broken at spaces where there are any; all but the first begin with `hanging`
/// spaces. Sequences that colour text (ECMA-48, SGR) take no column.
pub(crate) fn wrapped(text: &str, width: usize, hanging: usize) -> Vec<String> {
    let indent = " ".repeat(if hanging < width { hanging } else { 0 });
    let mut lines = vec![String::new()];
    let (mut used, mut words) = (0, 0);
    for word in text.split(' ') {
        let length = columns(word);
        if words > 0 && used + 1 + length > width && used > indent.len() {
            lines.push(indent.clone());
            (used, words) = (indent.len(), 0);
        }
        let Some(line) = lines.last_mut() else { break };
        if words > 0 {
            line.push(' ');
            used += 1;
        }
        line.push_str(word);
        used += length;
        words += 1;
    }
    lines
}

fn columns(word: &str) -> usize {
    let mut parts = word.split('\x1b');
    let first = parts.next().map_or(0, |part| part.chars().count());
    first + parts.map(|part| part.chars().skip_while(|c| *c != 'm').skip(1).count()).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_between_words_and_what_follows_is_indented() {
        for (text, width, hanging, expected) in [
            ("", 10, 2, &[""][..]),
            ("one two three", 7, 0, &["one two", "three"]),
            ("  one two three", 7, 2, &["  one", "  two", "  three"]),
            ("a  b", 10, 0, &["a  b"]),
            ("/a/path/that/is/too/long for", 10, 2, &["/a/path/that/is/too/long", "  for"]),
            ("\x1b[1mone\x1b[0m two three", 7, 0, &["\x1b[1mone\x1b[0m two", "three"]),
            ("\u{e9}\u{e9} \u{e9}\u{e9}", 5, 0, &["\u{e9}\u{e9} \u{e9}\u{e9}"]),
            ("one two", 3, 9, &["one", "two"]),
        ] {
            assert_eq!(wrapped(text, width, hanging), expected, "{text:?} at {width}");
        }
    }
}
