use zeroize::Zeroizing;

use crate::secret::ShareWords;
use crate::shares::slip39::WORDS_PER_SHARE;

/// The words that stand on a sheet, text or HTML, in the order of their numbers; `None` unless each number is there
/// once.
///
/// Whether they are words at all is judged where they are entered.
pub fn words_from_sheet(page: &str) -> Option<ShareWords> {
    if is_html(page) { numbered(&without_tags(page)) } else { numbered(page) }
}

fn is_html(page: &str) -> bool {
    let beginning = page.trim_start().as_bytes().get(..14).unwrap_or_default();
    beginning.eq_ignore_ascii_case(b"<!doctype html")
}

/// What stands outside of tags, a space in the place of each.
fn without_tags(page: &str) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(page.len() + 1));
    for (place, piece) in page.split('<').enumerate() {
        let outside =
            if place == 0 { Some(piece) } else { piece.split_once('>').map(|(_, outside)| outside) };
        text.push_str(outside.unwrap_or_default());
        text.push(' ');
    }
    text
}

fn numbered(text: &str) -> Option<ShareWords> {
    let mut words = [None; WORDS_PER_SHARE];
    let mut tokens = text.split_whitespace();
    while let Some(token) = tokens.next() {
        let number = token.strip_suffix('.').and_then(|number| number.parse::<usize>().ok());
        if let Some(number) = number {
            let place = words.get_mut(number.checked_sub(1)?)?;
            if place.replace(tokens.next()?).is_some() {
                return None;
            }
        }
    }
    let mut joined = Zeroizing::new(String::with_capacity(text.len()));
    for word in words {
        if !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(word?);
    }
    Some(ShareWords::new(joined))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(numbers: impl Iterator<Item = usize>) -> String {
        numbers.map(|number| format!("{number:>2}. word{number}\n")).collect()
    }

    #[test]
    fn words_are_read_by_their_numbers_in_any_layout() {
        let expected: Vec<String> = (1..=33).map(|number| format!("word{number}")).collect();
        let html: String =
            (1..=33).map(|number| format!("<td>{number}.</td><td>word{number}</td>")).collect();
        for page in [page((1..=33).rev()), format!("\n<!DOCTYPE HTML>\n<table>{html}</table>")] {
            assert_eq!(words_from_sheet(&page).unwrap().expose_words(), expected.join(" "));
        }
        // Text is not taken for HTML: what stands in angle brackets there is a part of it.
        assert!(words_from_sheet(&html).is_none());
    }

    #[test]
    fn a_sheet_with_a_number_missing_doubled_or_too_many_is_none() {
        for numbers in [(1..=32).collect::<Vec<_>>(), (0..=33).collect(), (1..=34).collect(), vec![]] {
            assert!(words_from_sheet(&page(numbers.into_iter())).is_none());
        }
        assert!(words_from_sheet(&(page(1..=33) + "7. word7")).is_none());
        assert!(words_from_sheet(&(page(1..=32) + "33.")).is_none());
    }
}
