use zeroize::Zeroizing;

use super::{CAPACITY, Facts, TAMPER_BAG};
use crate::secret::ShareWords;

const STYLE: &str = include_str!("sheet.css");
/// Only this style may be applied, and nothing may be fetched or run (Content Security Policy, Level 3).
const POLICY: &str = "default-src 'none'; style-src 'sha256-2rv1TOnlYQB+MiM1wkS0awlsjzAqDqmn+O+S9l3OQjQ='";

/// Every value on a sheet is a name, a number or hexadecimal: none has a character that HTML would take for its own.
pub(super) fn page(facts: &Facts<'_>, words: &ShareWords) -> Zeroizing<String> {
    let mut html = Zeroizing::new(String::with_capacity(CAPACITY));
    let title = facts.title();
    let (holder, index, count) = (&facts.share.holder, facts.share.index, facts.split.shares.len());
    html.push_str(&format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>Share {index} of {count}, {holder}</title>\n<style>{STYLE}</style>\n\
         <header><h1>{title}</h1><p>{holder}</p></header>\n<dl>\n"
    ));
    for (label, value) in facts.lines() {
        html.push_str(&format!("<dt>{label}</dt><dd>{value}</dd>\n"));
    }
    html.push_str("</dl>\n<ol>\n");
    for (number, word) in (1..).zip(words.expose_words().split(' ')) {
        html.push_str(&format!("<li><span>{number}.</span> <b>"));
        html.push_str(word);
        html.push_str("</b></li>\n");
    }
    let [command, explanation] = facts.how_to_check();
    html.push_str(&format!(
        "</ol>\n<p class=\"check\"><b>check words</b> <code>{}</code></p>\n\
         <p class=\"how\">To check this sheet: <code>{command}</code> {explanation}</p>\n\
         <div class=\"bag\">{TAMPER_BAG} <span></span></div>\n</html>\n",
        facts.check_words()
    ));
    html
}
