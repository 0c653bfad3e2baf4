use std::fmt::Display;

use super::digest::{hex_groups, words};
use crate::format::{Base64, Digest};

/// What every page looks like, on screen and on paper.
const STYLE: &str = include_str!("page.css");

/// HTML under construction. What this program wrote is markup, everything else is text: markup is a literal of the
/// source, so that nothing from a plan or a record can become any.
#[derive(Default)]
pub(super) struct Html(String);

impl Html {
    /// Markup.
    pub(super) fn markup(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Text, in an element or in a quoted attribute.
    pub(super) fn text(&mut self, text: impl Display) -> &mut Self {
        for character in text.to_string().chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                shown if is_shown(shown) => self.0.push(shown),
                hidden => self.0.extend(hidden.escape_default()),
            }
        }
        self
    }

    /// A name, a path or base64 in a block of data, where nothing can be escaped: any other character is left out.
    pub(super) fn plain(&mut self, text: impl Display) -> &mut Self {
        let safe = |c: &char| c.is_ascii_alphanumeric() || "._-/+=".contains(*c);
        self.0.extend(text.to_string().chars().filter(safe));
        self
    }

    /// An element with text in it: `open` and `close` are its tags.
    pub(super) fn element(
        &mut self,
        open: &'static str,
        text: impl Display,
        close: &'static str,
    ) -> &mut Self {
        self.markup(open).text(text).markup(close)
    }

    /// A cell of a table.
    pub(super) fn cell(&mut self, text: impl Display) -> &mut Self {
        self.element("<td>", text, "</td>")
    }

    /// A cell whose text is compared character by character.
    pub(super) fn code_cell(&mut self, text: impl Display) -> &mut Self {
        self.element("<td><code>", text, "</code></td>")
    }

    /// A cell with a path or a digest, which breaks anywhere.
    pub(super) fn long_cell(&mut self, text: impl Display) -> &mut Self {
        self.element("<td class=\"long\"><code>", text, "</code></td>")
    }

    /// A line of a description list.
    pub(super) fn fact(&mut self, label: impl Display, value: impl Display) -> &mut Self {
        self.element("<dt>", label, "</dt>").element("<dd>", value, "</dd>\n")
    }

    /// A digest as it is compared by eye, and as it is read aloud.
    pub(super) fn digest(&mut self, digest: &Digest) -> &mut Self {
        self.element("<div class=\"digest\"><code>", hex_groups(digest), "</code><ol>");
        // The numbers of a row's first and last word: the screen asks for some of the 32 by number.
        for (numbers, row) in ["1-8", "9-16", "17-24", "25-32"].into_iter().zip(words(digest)) {
            self.element("<li><span>", numbers, "</span>").element("<div>", row, "</div></li>");
        }
        self.markup("</ol></div>\n")
    }
}

/// Letters and digits of scripts that run from left to right, and printable ASCII. Everything else could hide text,
/// reverse it, or look like nothing.
fn is_shown(character: char) -> bool {
    let right_to_left = matches!(character,
        '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' | '\u{10800}'..='\u{10fff}'
        | '\u{1e800}'..='\u{1efff}');
    matches!(character, ' '..='~') || character.is_alphanumeric() && !right_to_left
}

/// A whole page: one file that fetches nothing and runs nothing but its own script.
pub(super) struct Page {
    /// Of the window, and of the PDF.
    pub(super) title: String,
    /// What this page looks like beside [`STYLE`].
    pub(super) style: &'static str,
    /// At the foot of each printed page: left, and before the page's number.
    pub(super) foot: [String; 2],
    /// The only script that may run.
    pub(super) script: Option<&'static str>,
    /// What stands between the head and the script.
    pub(super) body: Html,
}

impl Page {
    /// The file's text. The same page gives the same bytes.
    pub(super) fn finish(self) -> String {
        let [left, right] = self.foot.map(|text| css_string(&text));
        let style = format!(
            "{STYLE}{}@page {{ @bottom-left {{ content: \"{left}\"; }} \
             @bottom-right {{ content: \"{right}  page \" counter(page) \" of \" counter(pages); }} }}\n",
            self.style
        );
        let run = self.script.map_or_else(|| "'none'".to_owned(), source);
        // Content Security Policy Level 3: nothing from elsewhere, and of what is here only these.
        let policy = format!(
            "default-src 'none'; script-src {run}; style-src {}; base-uri 'none'; form-action 'none'",
            source(&style)
        );
        let mut page = Html::default();
        page.markup("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
            .element("<meta http-equiv=\"Content-Security-Policy\" content=\"", policy, "\">\n")
            .markup("<meta name=\"viewport\" content=\"width=device-width\">\n")
            .markup("<meta name=\"color-scheme\" content=\"light dark\">\n")
            .element("<meta name=\"generator\" content=\"", GENERATOR, "\">\n")
            .element("<title>", self.title, "</title>\n<style>");
        let Html(mut text) = page;
        text.push_str(&style);
        text.push_str("</style>\n</head>\n<body>\n");
        text.push_str(&self.body.0);
        if let Some(script) = self.script {
            text.push_str("<script>");
            text.push_str(script);
            text.push_str("</script>\n");
        }
        text.push_str("</body>\n</html>\n");
        text
    }
}

/// Program and version that wrote a page: another version may write other bytes.
pub(super) const GENERATOR: &str = concat!("anchorite ", env!("CARGO_PKG_VERSION"));

/// The one script or style that a policy allows, by its SHA-256.
fn source(text: &str) -> String {
    format!("'sha256-{}'", Base64(Digest::of(text.as_bytes()).as_bytes().to_vec()))
}

/// What may stand in a string of a style sheet as it is: the rest is left out.
fn css_string(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_alphanumeric() || " .,:/-".contains(*c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(body: Html, script: Option<&'static str>) -> String {
        Page { title: "t".to_owned(), style: "", foot: [String::new(), String::new()], script, body }.finish()
    }

    #[test]
    fn text_never_becomes_markup_and_never_hides() {
        let cases = [
            ("</script><img src=x onerror=alert(1)>", "&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;"),
            ("\" onload='x' & y", "&quot; onload=&#39;x&#39; &amp; y"),
            (
                "a\u{202e}b\u{0}\u{1b}[2J\u{200b}\u{feff}\n",
                "a\\u{202e}b\\u{0}\\u{1b}[2J\\u{200b}\\u{feff}\\n",
            ),
            ("Société Ăß 東京", "Société Ăß 東京"),
            ("\u{5d0}\u{627}", "\\u{5d0}\\u{627}"),
        ];
        for (text, shown) in cases {
            let mut html = Html::default();
            html.text(text);
            assert_eq!(html.0, shown);
        }
    }

    #[test]
    fn a_page_allows_its_own_script_and_style_and_nothing_else() {
        let digest = |text: &str| Base64(Digest::of(text.as_bytes()).as_bytes().to_vec()).to_string();
        let text = page(Html::default(), Some("const a = 1;"));
        assert!(text.contains("default-src &#39;none&#39;; "), "{text}");
        assert!(text.contains(&format!("script-src &#39;sha256-{}&#39;", digest("const a = 1;"))), "{text}");
        let (_, style) = text.split_once("<style>").unwrap();
        let (style, _) = style.split_once("</style>").unwrap();
        assert!(text.contains(&format!("style-src &#39;sha256-{}&#39;", digest(style))), "{text}");
        assert!(page(Html::default(), None).contains("script-src &#39;none&#39;"));
    }

    #[test]
    fn a_foot_cannot_leave_its_string() {
        let foot = ["a\"; } body { display: none; \\".to_owned(), "b".to_owned()];
        let page = Page { title: String::new(), style: "", foot, script: None, body: Html::default() };
        assert!(page.finish().contains("content: \"a  body  display: none \""));
    }
}
