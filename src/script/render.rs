use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::everywhere::is_hidden;
use super::{Code, Diagnostic};

/// Diagnostics for people: code, caret and remedy each, as one text that ends with a line feed.
///
/// `path` is how the person named the file and `text` what is in it. Characters that cannot be seen are
/// replaced, and what a [`Code::Secret`] points at is covered: a PIN in the wrong place must not reach a log too.
pub fn render(diagnostics: &[Diagnostic], path: &str, text: &str, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let source = displayable(text, diagnostics);
    let place = |span: &Range<usize>| {
        let end = char_boundary(&source, span.end);
        char_boundary(&source, span.start).min(end)..end
    };
    let mut rendered = String::new();
    for diagnostic in diagnostics {
        let related = diagnostic
            .related
            .iter()
            .map(|(span, label)| AnnotationKind::Context.span(place(span)).label(label.as_str()));
        let group = Level::ERROR
            .primary_title(diagnostic.message.as_str())
            .id(diagnostic.code.id())
            .element(
                Snippet::source(source.as_str())
                    .path(path)
                    .annotation(AnnotationKind::Primary.span(place(&diagnostic.span)))
                    .annotations(related),
            )
            .element(Level::HELP.message(diagnostic.remedy.as_str()));
        rendered.push_str(&renderer.render(&[group]));
        rendered.push_str("\n\n");
    }
    rendered.truncate(rendered.trim_end().len());
    rendered.push('\n');
    rendered
}

/// `text` with the same number of bytes in every line, so that spans keep their meaning.
fn displayable(text: &str, diagnostics: &[Diagnostic]) -> String {
    let secrets: Vec<_> = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.code == Code::Secret)
        .map(|diagnostic| &diagnostic.span)
        .collect();
    let mut shown = String::with_capacity(text.len());
    for (offset, character) in text.char_indices() {
        let secret = secrets.iter().any(|span| span.contains(&offset));
        if secret && character != '\n' {
            shown.extend(std::iter::repeat_n('*', character.len_utf8()));
        } else if is_hidden(character) {
            shown.push_str(match character.len_utf8() {
                2 => "\u{b7}",
                3 => "\u{fffd}",
                _ => "????",
            });
        } else {
            shown.push(character);
        }
    }
    shown
}

/// The greatest character boundary that is not after `offset`.
fn char_boundary(text: &str, offset: usize) -> usize {
    (0..=offset.min(text.len())).rev().find(|offset| text.is_char_boundary(*offset)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_shown_and_no_byte_moves() {
        let text = "a = \"x\u{202e}\u{ad}\u{e0041}\u{9b}y\"\n";
        let shown = displayable(text, &[]);
        assert_eq!(shown, "a = \"x\u{fffd}\u{b7}????\u{b7}y\"\n");
        assert_eq!(shown.len(), text.len());
    }

    #[test]
    fn a_pin_is_covered() {
        let text = "pin = \"12\u{fc}4\"\ntitle = \"t\"\n";
        let diagnostic = Diagnostic {
            code: Code::Secret,
            span: 6..13,
            message: "`pin`".to_owned(),
            remedy: "Take it out.".to_owned(),
            related: Vec::new(),
        };
        let rendered = render(&[diagnostic], "c.toml", text, false);
        assert!(rendered.contains("pin = *******"), "{rendered}");
    }

    #[test]
    fn any_span_can_be_shown() {
        for text in ["", "\u{fc}", "a\r\n", "\u{feff}a\n\n"] {
            for start in 0..6 {
                for end in 0..6 {
                    let diagnostic = Diagnostic {
                        code: Code::Syntax,
                        span: start..end,
                        message: "m".to_owned(),
                        remedy: "r".to_owned(),
                        related: vec![(end..start, "l".to_owned())],
                    };
                    assert!(render(&[diagnostic], "c.toml", text, true).contains("S001"));
                }
            }
        }
    }
}
