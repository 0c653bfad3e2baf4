//! A source file as the compiler's first passes see it: no comments, no contents of strings, no tests; then words,
//! and every path with what its first part stands for.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// A file below `src/`, without what is compiled for tests only.
pub(crate) struct Source {
    /// Relative to `src/`.
    pub(crate) path: String,
    /// The words in order.
    pub(crate) words: Vec<Word>,
    /// Lines, tests not counted.
    pub(crate) lines: usize,
    /// Every path that it names: first what it imports, then what it names in place.
    pub(crate) names: Vec<Named>,
    /// Modules declared here that are compiled for tests only.
    test_modules: Vec<String>,
}

/// An identifier, `::`, or one other character.
pub(crate) struct Word {
    /// Counted from 1.
    pub(crate) line: usize,
    pub(crate) text: String,
}

/// A path, absolute where it can be: `crate::token::Token`, `std::fs::write`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) line: usize,
    pub(crate) path: Vec<String>,
    /// Named by a `pub use`, which hands it on under another room's name.
    pub(crate) handed_on: bool,
}

/// Every file of a source tree, files that hold only tests left out.
pub(crate) fn read_tree(root: &Path) -> Vec<Source> {
    let mut files = Vec::new();
    collect(root, root, &mut files);
    files.sort();
    without_test_files(files.iter().map(|(path, text)| Source::new(path, text)).collect())
}

fn collect(root: &Path, directory: &Path, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            files.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}

fn without_test_files(sources: Vec<Source>) -> Vec<Source> {
    let tests: Vec<String> = sources
        .iter()
        .flat_map(|source| source.test_modules.iter().map(|name| source.module_of(name).join("/")))
        .collect();
    sources
        .into_iter()
        .filter(|source| {
            let module = source.module().join("/");
            !tests.iter().any(|test| module == *test || module.starts_with(&format!("{test}/")))
        })
        .collect()
}

impl Source {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let masked = masked(text);
        let Product { words, test_lines, test_modules } = without_tests(words(&masked));
        let mut source = Self {
            path: path.to_owned(),
            words,
            names: Vec::new(),
            lines: text.lines().count() - test_lines,
            test_modules,
        };
        source.names = source.find_names();
        source
    }

    /// The room: a folder or file right below `src/`.
    pub(crate) fn room(&self) -> &str {
        let first = self.path.split('/').next().unwrap();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// Names of the modules that lead to this file.
    fn module(&self) -> Vec<String> {
        let path = self.path.strip_suffix(".rs").unwrap();
        let mut parts: Vec<String> = path.split('/').map(str::to_owned).collect();
        if matches!(parts.last().map(String::as_str), Some("mod" | "lib" | "main")) {
            parts.pop();
        }
        parts
    }

    fn module_of(&self, child: &str) -> Vec<String> {
        let mut parts = self.module();
        parts.push(child.to_owned());
        parts
    }

    fn find_names(&self) -> Vec<Named> {
        let mut stands_for: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for pair in self.words.windows(3) {
            if pair[0].text == "mod" && matches!(pair[2].text.as_str(), ";" | "{") {
                stands_for.insert(pair[1].text.clone(), self.absolute(&["self", &pair[1].text], 0));
            }
        }
        let mut named = Vec::new();
        for (mut import, alias) in self.imports() {
            // A module declared here hides a crate of that name.
            if let Some(module) = import.path.first().and_then(|first| stands_for.get(first)) {
                import.path.splice(0..1, module.iter().cloned());
            }
            stands_for.insert(alias, import.path.clone());
            named.push(import);
        }
        let mut in_use = false;
        let mut inline = InlineModules::default();
        let mut at = 0;
        while let Some(word) = self.words.get(at) {
            inline.follow(&self.words, at);
            in_use = match word.text.as_str() {
                "use" => true,
                ";" => false,
                _ => in_use,
            };
            let begins = is_identifier(&word.text) && !in_use && !self.follows_path_or_dot(at);
            if !begins {
                at += 1;
                continue;
            }
            let mut parts = vec![word.text.as_str()];
            while self.text(at + 1) == "::" && is_identifier(self.text(at + 2)) {
                parts.push(self.text(at + 2));
                at += 2;
            }
            at += 1;
            // A name by itself is this file's own, or it was named by the `use` that brought it here.
            if parts.len() == 1 {
                continue;
            }
            let path = match stands_for.get(parts[0]) {
                Some(first) => {
                    first.iter().cloned().chain(parts[1..].iter().map(|part| (*part).to_owned())).collect()
                }
                None => self.absolute(&parts, inline.depth()),
            };
            named.push(Named { line: word.line, path, handed_on: false });
        }
        named
    }

    fn text(&self, at: usize) -> &str {
        self.words.get(at).map_or("", |word| &word.text)
    }

    fn follows_path_or_dot(&self, at: usize) -> bool {
        match at.checked_sub(1).map(|before| self.text(before)) {
            Some("::") => at >= 2 && (is_identifier(self.text(at - 2)) || self.text(at - 2) == ">"),
            Some(".") => self.text(at.saturating_sub(2)) != ".",
            _ => false,
        }
    }

    /// What `use` names, one by one, each with the name it has here.
    fn imports(&self) -> Vec<(Named, String)> {
        let mut found = Vec::new();
        let mut inline = InlineModules::default();
        for at in 0..self.words.len() {
            inline.follow(&self.words, at);
            // `use<'a>` bounds what `impl Trait` captures; it imports nothing.
            if self.text(at) == "use" && self.text(at + 1) != "<" {
                let handed_on = at > 0 && matches!(self.text(at - 1), "pub" | ")");
                let mut leaves = Vec::new();
                self.tree(at + 1, &[], &mut leaves);
                for (line, path, alias) in leaves {
                    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
                    let path = self.absolute(&parts, inline.depth());
                    found.push((Named { line, path, handed_on }, alias));
                }
            }
        }
        found
    }

    /// Reads one use tree that begins at `at`; answers with where it ends.
    fn tree(
        &self,
        mut at: usize,
        before: &[String],
        leaves: &mut Vec<(usize, Vec<String>, String)>,
    ) -> usize {
        let mut path = before.to_vec();
        let line = self.words.get(at).map_or(0, |word| word.line);
        loop {
            match self.text(at) {
                "{" => {
                    at += 1;
                    while !matches!(self.text(at), "}" | "") {
                        at = self.tree(at, &path, leaves);
                        if self.text(at) == "," {
                            at += 1;
                        }
                    }
                    return at + 1;
                }
                "::" => at += 1,
                "as" => {
                    leaves.push((line, path, self.text(at + 1).to_owned()));
                    return at + 2;
                }
                "," | "}" | ";" | "" => {
                    let alias = path.last().cloned().unwrap_or_default();
                    leaves.push((line, path, alias));
                    return at;
                }
                // `use a::{self}` names `a`.
                "self" if !path.is_empty() => at += 1,
                part => {
                    path.push(part.to_owned());
                    at += 1;
                }
            }
        }
    }

    /// `inline` counts the modules within the file around the place.
    fn absolute(&self, parts: &[&str], inline: usize) -> Vec<String> {
        let mut rest = parts;
        let mut base: Vec<String> = match rest.first() {
            Some(&("self" | "super")) => {
                // What a module within the file is called does not matter: only how far `super` leads out of it.
                let mut base = self.module();
                base.extend((0..inline).map(|_| String::new()));
                base.insert(0, "crate".to_owned());
                base
            }
            Some(&("crate" | "anchorite")) => {
                rest = &rest[1..];
                vec!["crate".to_owned()]
            }
            _ => Vec::new(),
        };
        while let Some(&part @ ("self" | "super")) = rest.first() {
            if part == "super" {
                base.pop();
            }
            rest = &rest[1..];
        }
        base.extend(rest.iter().map(|part| (*part).to_owned()));
        base
    }
}

/// The modules within a file that are open at a place.
#[derive(Default)]
struct InlineModules {
    braces: usize,
    opened_at: Vec<usize>,
}

impl InlineModules {
    fn follow(&mut self, words: &[Word], at: usize) {
        match words[at].text.as_str() {
            "{" => {
                self.braces += 1;
                if at >= 2 && words[at - 2].text == "mod" {
                    self.opened_at.push(self.braces);
                }
            }
            "}" => {
                if self.opened_at.last() == Some(&self.braces) {
                    self.opened_at.pop();
                }
                self.braces = self.braces.saturating_sub(1);
            }
            _ => {}
        }
    }

    fn depth(&self) -> usize {
        self.opened_at.len()
    }
}

fn is_identifier(text: &str) -> bool {
    text.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    for (line, text) in (1..).zip(text.lines()) {
        let mut rest = text.trim_start();
        while let Some(first) = rest.chars().next() {
            let length = if rest.starts_with("::") {
                2
            } else if first.is_alphanumeric() || first == '_' {
                rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())
            } else {
                first.len_utf8()
            };
            let (word, after) = rest.split_at(length);
            words.push(Word { line, text: word.to_owned() });
            rest = after.trim_start();
        }
    }
    words
}

/// Blanks comments and what stands in strings and characters; every line keeps its number.
fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let after_word = out.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if let Some(length) = (!after_word).then(|| raw_string(rest)).flatten() {
            length
        } else if first == '"' {
            quoted(rest)
        } else if first == '\'' {
            character(rest)
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        };
        let (blanked, after) = rest.split_at(length);
        out.extend(blanked.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        rest = after;
    }
    out
}

fn block_comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                break;
            }
        } else {
            at += text[at..].chars().next().unwrap().len_utf8();
        }
    }
    at
}

fn raw_string(text: &str) -> Option<usize> {
    let after = text.strip_prefix("br").or_else(|| text.strip_prefix('r'))?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    after[hashes..].starts_with('"').then_some(())?;
    let begin = text.len() - after.len() + hashes + 1;
    let end = format!("\"{}", "#".repeat(hashes));
    Some(begin + text[begin..].find(&end).map_or(text.len() - begin, |at| at + end.len()))
}

fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// A character literal; of a lifetime only the quote.
fn character(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), Some(_)) => chars.find(|(_, c)| *c == '\'').map_or(1, |(at, _)| at + 1),
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 1,
    }
}

/// What is left of a file without its tests.
#[derive(Default)]
struct Product {
    words: Vec<Word>,
    test_lines: usize,
    test_modules: Vec<String>,
}

/// Takes out every item that `#[cfg(test)]` stands before.
fn without_tests(words: Vec<Word>) -> Product {
    const MARK: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let marked = |at: usize| {
        let mark = words.get(at..at + MARK.len());
        mark.is_some_and(|mark| mark.iter().map(|word| &word.text).eq(MARK))
    };
    let mut product = Product::default();
    let mut tests: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        if marked(at) {
            let end = end_of_item(&words, at + MARK.len());
            if words[end].text == ";" && words[end - 2].text == "mod" {
                product.test_modules.push(words[end - 1].text.clone());
            }
            product.test_lines += words[end].line + 1 - words[at].line;
            tests.push((at, end));
            at = end;
        }
        at += 1;
    }
    let is_test = |at: usize| tests.iter().any(|(begin, end)| (*begin..=*end).contains(&at));
    let kept = words.into_iter().enumerate().filter(|(at, _)| !is_test(*at));
    product.words = kept.map(|(_, word)| word).collect();
    product
}

/// Where the item that begins at `at` ends: its last brace or its semicolon.
fn end_of_item(words: &[Word], at: usize) -> usize {
    let mut depth = 0;
    for (at, word) in words.iter().enumerate().skip(at) {
        match word.text.as_str() {
            "{" | "(" | "[" => depth += 1,
            ")" | "]" => depth -= 1,
            "}" if depth == 1 => return at,
            "}" => depth -= 1,
            ";" if depth == 0 => return at,
            _ => {}
        }
    }
    words.len() - 1
}
