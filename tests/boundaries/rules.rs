//! The rules, each from sources to offences in words.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{Source, Word};
use super::table::{
    CRATES, EMPTY_NAMES, FACILITIES, Facility, LONGER_FILES, LONGEST_FILE, PROOFS, ROOMS, SECRETS,
};

/// What sources do that they may not; entries of the table that no source needs are not looked for.
pub(crate) fn offences(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources {
        rooms(source, &mut found);
        for facility in CRATES.iter().chain(FACILITIES) {
            for (line, name) in uses(source, facility) {
                if !facility.places.iter().any(|place| is_in(source, place)) {
                    let (path, what) = (&source.path, facility.what);
                    found.push(format!("{path}:{line}: `{name}`: this place may not {what}"));
                }
            }
        }
        types(source, &mut found);
        form(source, &mut found);
    }
    found
}

/// Entries of the table that nothing needs any more.
pub(crate) fn stale(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    let graph = graph(sources);
    for (room, allowed) in ROOMS {
        let used = graph.get(*room);
        if used.is_none() {
            found.push(format!("there is no room `{room}`"));
        }
        for other in *allowed {
            if used.is_none_or(|used| !used.contains(*other)) {
                found.push(format!("`{room}` does not use `{other}`"));
            }
        }
    }
    for facility in CRATES.iter().chain(FACILITIES) {
        for place in facility.places {
            let needed = |source: &Source| is_in(source, place) && !uses(source, facility).is_empty();
            if !sources.iter().any(needed) {
                let (what, names) = (facility.what, facility.paths);
                found.push(format!("`{place}` does not {what} {names:?}"));
            }
        }
    }
    for (path, _) in LONGER_FILES {
        let still = |source: &Source| source.path == *path && source.lines > LONGEST_FILE;
        if !sources.iter().any(still) {
            found.push(format!("`{path}` is no long file"));
        }
    }
    found
}

/// Which rooms each room uses.
pub(crate) fn graph(sources: &[Source]) -> BTreeMap<String, BTreeSet<String>> {
    let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for source in sources {
        let used = graph.entry(source.room().to_owned()).or_default();
        for named in &source.names {
            if let [first, room, ..] = named.path.as_slice()
                && first == "crate"
                && room != source.room()
            {
                used.insert(room.clone());
            }
        }
    }
    graph
}

/// Rooms that lead back to themselves: what is left after every room that uses none of the rest is taken away.
pub(crate) fn cycle(graph: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let mut left = graph.clone();
    loop {
        let names: BTreeSet<String> = left.keys().cloned().collect();
        let before = left.len();
        left.retain(|_, used| used.iter().any(|other| names.contains(other)));
        if left.len() == before {
            return left.into_keys().collect();
        }
    }
}

fn is_in(source: &Source, place: &str) -> bool {
    source.path == place
        || (place.ends_with('/') && source.path.starts_with(place))
        || place.strip_suffix('/') == source.path.strip_suffix(".rs")
}

/// Lines and names with which a file uses a facility.
fn uses(source: &Source, facility: &Facility) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for named in &source.names {
        let path = named.path.join("::");
        let begins = |wanted: &&str| path == **wanted || path.starts_with(&format!("{wanted}::"));
        if facility.paths.iter().any(begins) {
            found.push((named.line, path));
        }
    }
    let mut before = "";
    for Word { line, text } in &source.words {
        if facility.words.contains(&text.as_str()) && before != "fn" {
            found.push((*line, text.clone()));
        }
        before = text;
    }
    found
}

fn rooms(source: &Source, found: &mut Vec<String>) {
    let (path, room) = (&source.path, source.room());
    let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
        found.push(format!("{path}: room `{room}` is not in the table"));
        return;
    };
    for named in &source.names {
        let (line, name) = (named.line, named.path.join("::"));
        let other = match named.path.as_slice() {
            [first] if first == "crate" => "the root",
            [first, other, ..] if first == "crate" && other != room => other,
            [first, ..] if first == "crate" => continue,
            [first, .., last] if last == "*" && first == "std" => {
                found.push(format!("{path}:{line}: `{name}` hides what is used"));
                continue;
            }
            [first, ..] => {
                let foreign =
                    first == "std" || CRATES.iter().any(|facility| facility.paths.contains(&first.as_str()));
                if named.handed_on && foreign {
                    found.push(format!("{path}:{line}: `{name}` is handed on"));
                }
                continue;
            }
            [] => continue,
        };
        if named.handed_on {
            found.push(format!("{path}:{line}: `{name}` is handed on"));
        }
        if !allowed.contains(&other) {
            found.push(format!("{path}:{line}: `{room}` may not use `{other}` (`{name}`)"));
        }
    }
}

/// Proofs are made in their room only, and copied nowhere; secrets are neither shown nor copied.
fn types(source: &Source, found: &mut Vec<String>) {
    const MAKES: &[&str] = &["Clone", "Copy", "Default", "Deserialize"];
    const SHOWS: &[&str] = &["Clone", "Copy", "Debug", "Display", "Serialize", "Deref", "AsRef"];
    let path = &source.path;
    for (room, proof) in PROOFS {
        for (line, what) in implemented(source, proof, MAKES) {
            found.push(format!("{path}:{line}: `{proof}` is a proof and may not be {what}"));
        }
        let absolute = format!("crate::{room}::{proof}::");
        for named in &source.names {
            if source.room() != *room && named.path.join("::").starts_with(&absolute) {
                found.push(format!("{path}:{}: `{proof}` is made in `{room}` only", named.line));
            }
        }
        if source.room() == *room {
            public_fields(source, proof, found);
        }
    }
    for secret in SECRETS {
        for (line, what) in implemented(source, secret, SHOWS) {
            found.push(format!("{path}:{line}: `{secret}` is a secret and may not be {what}"));
        }
        if source.path == "secret.rs" {
            public_fields(source, secret, found);
        }
    }
}

/// Which of the traits a file gives to a type, by `derive` or `impl`.
fn implemented<'a>(source: &Source, name: &str, traits: &[&'a str]) -> Vec<(usize, &'a str)> {
    let words: Vec<&str> = source.words.iter().map(|word| word.text.as_str()).collect();
    let mut found = Vec::new();
    for (at, word) in source.words.iter().enumerate() {
        let (before, after) = words.split_at(at);
        let candidates: &[&str] = match after {
            ["struct" | "enum", named, ..] if *named == name => {
                // Attributes stand between the item and the end of the one before.
                let end = before.iter().rposition(|word| matches!(*word, "}" | ";"));
                &before[end.map_or(0, |end| end + 1)..]
            }
            ["for", named, ..] if *named == name => {
                let begin = before.iter().rposition(|word| *word == "impl");
                &before[begin.unwrap_or(at)..]
            }
            _ => continue,
        };
        for wanted in traits {
            if candidates.contains(wanted) {
                found.push((word.line, *wanted));
            }
        }
    }
    found
}

fn public_fields(source: &Source, name: &str, found: &mut Vec<String>) {
    let begins = source.words.windows(2).position(|pair| pair[0].text == "struct" && pair[1].text == name);
    let fields = begins.map_or(&[][..], |begins| &source.words[begins..]);
    for word in fields.iter().take_while(|word| !matches!(word.text.as_str(), "}" | ";")) {
        if word.text == "pub" {
            found.push(format!("{}:{}: `{name}` has a public field", source.path, word.line));
        }
    }
}

fn form(source: &Source, found: &mut Vec<String>) {
    let path = &source.path;
    let empty = |part: &str| EMPTY_NAMES.contains(&part.strip_suffix(".rs").unwrap_or(part));
    if path.split('/').any(empty) {
        found.push(format!("{path}: the name says nothing"));
    }
    let lines = source.lines;
    if lines > LONGEST_FILE && !LONGER_FILES.iter().any(|(longer, _)| longer == path) {
        found.push(format!("{path}: {lines} lines, more than {LONGEST_FILE}: split by meaning"));
    }
}
