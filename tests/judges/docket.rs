//! What the judges are asked, and what they answer.
//!
//! A docket is a file of lines, fields apart by tabs, paths of PEM files relative to it, lists apart by commas:
//!
//! ```text
//! object ITEM ROLE FILE ISSUER                          a certificate or CRL and its issuer's certificate
//! issuer ITEM SECONDS ANCHOR CERTIFICATE ABOVE CRLS     a path to a CA certificate, at a time
//! leaf   ITEM SECONDS ANCHOR CERTIFICATE ABOVE CRLS     a path to a leaf; in a rotation to one of some anchors, without CRLs
//! ```
//!
//! A judge answers with lines `JUDGE ITEM VERDICT TEXT`. The verdict is `accepted` or `refused`; a linter's is the code of
//! something that it found, and `done` after the last.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

/// What is expected of every judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// It is accepted, and linters find nothing.
    Good,
    /// Whoever verifies refuses it; linters are not asked.
    Refused,
    /// Linters find something; the others do not look at what is wrong with it.
    Findings,
}

/// What an item is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    Object {
        role: String,
        file: String,
        issuer: String,
    },
    Path {
        to_leaf: bool,
        at: i64,
        anchor: String,
        certificate: String,
        above: Vec<String>,
        crls: Vec<String>,
    },
}

pub(crate) struct Item {
    pub(crate) name: String,
    /// What exceptions are written for: the role of an object, the scenario of a path.
    pub(crate) place: String,
    pub(crate) question: Question,
    pub(crate) expected: Expected,
}

/// Somebody who judges, and what.
pub(crate) struct Judge {
    pub(crate) name: &'static str,
    pub(crate) is_linter: bool,
    pub(crate) takes_objects: bool,
    pub(crate) takes_issuers: bool,
    pub(crate) takes_leaves: bool,
}

const fn verifier(name: &'static str) -> Judge {
    Judge { name, is_linter: false, takes_objects: true, takes_issuers: true, takes_leaves: true }
}

const fn linter(name: &'static str) -> Judge {
    Judge { name, is_linter: true, takes_objects: true, takes_issuers: false, takes_leaves: false }
}

pub(crate) const JUDGES: [Judge; 8] = [
    verifier("openssl"),
    verifier("gnutls"),
    verifier("java"),
    verifier("go"),
    // These two build paths to leaves only.
    Judge { takes_issuers: false, ..verifier("webpki") },
    Judge { takes_issuers: false, ..verifier("cryptography") },
    linter("pkilint"),
    linter("zlint"),
];

impl Judge {
    fn takes(&self, item: &Item) -> bool {
        match &item.question {
            Question::Object { .. } => {
                self.takes_objects
                    && match item.expected {
                        Expected::Good => true,
                        Expected::Refused => !self.is_linter,
                        Expected::Findings => self.is_linter,
                    }
            }
            Question::Path { to_leaf: true, .. } => self.takes_leaves,
            Question::Path { to_leaf: false, .. } => self.takes_issuers,
        }
    }
}

/// One line of an answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) judge: String,
    pub(crate) item: String,
    pub(crate) verdict: String,
    pub(crate) text: String,
}

/// An answer that was not expected.
#[derive(Clone, Debug)]
pub(crate) struct Surprise {
    pub(crate) judge: String,
    pub(crate) code: String,
    pub(crate) place: String,
    /// The item and what the judge said, for people.
    pub(crate) text: String,
}

pub(crate) struct Docket {
    directory: TempDir,
    pub(crate) items: Vec<Item>,
}

impl Docket {
    pub(crate) fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap(), items: Vec::new() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Takes a file in; answers with its name.
    pub(crate) fn keep(&self, name: &str, text: &str) -> String {
        assert!(!self.path().join(name).exists(), "{name} is there twice");
        fs::write(self.path().join(name), text).unwrap();
        name.to_owned()
    }

    pub(crate) fn add(&mut self, name: &str, place: &str, expected: Expected, question: Question) {
        assert!(!self.items.iter().any(|item| item.name == name), "{name} is there twice");
        self.items.push(Item { name: name.to_owned(), place: place.to_owned(), question, expected });
    }

    /// Insists on a certificate of every profile that a ceremony file can name.
    pub(crate) fn has_every_profile(&self) {
        let schema: Value = serde_json::from_str(include_str!("../../docs/ceremony.schema.json")).unwrap();
        let steps = schema["properties"]["step"]["items"]["oneOf"].as_array().unwrap().iter();
        let words = steps.filter_map(|step| step["properties"]["profile"]["enum"].as_array()).flatten();
        let mut profiles: BTreeSet<&str> = words.map(|word| word.as_str().unwrap()).collect();
        assert!(profiles.contains("root") && profiles.len() > 10, "{profiles:?}");
        profiles.insert("cross"); // Its step has no other.
        for item in &self.items {
            if let Question::Object { role, .. } = &item.question {
                profiles.remove(role.as_str());
            }
        }
        assert!(profiles.is_empty(), "nothing was issued of {profiles:?}");
    }

    /// The file of lines.
    pub(crate) fn write(&self) -> PathBuf {
        let mut text = String::new();
        for Item { name, question, .. } in &self.items {
            let line = match question {
                Question::Object { role, file, issuer } => {
                    format!("object\t{name}\t{role}\t{file}\t{issuer}")
                }
                Question::Path { to_leaf, at, anchor, certificate, above, crls } => {
                    let kind = if *to_leaf { "leaf" } else { "issuer" };
                    let (above, crls) = (above.join(","), crls.join(","));
                    format!("{kind}\t{name}\t{at}\t{anchor}\t{certificate}\t{above}\t{crls}")
                }
            };
            writeln!(text, "{line}").unwrap();
        }
        let path = self.path().join("docket.tsv");
        fs::write(&path, text).unwrap();
        path
    }

    /// What was not expected. Every judge has to answer every item that it takes.
    pub(crate) fn surprises(&self, answers: &[Answer]) -> Vec<Surprise> {
        let mut surprises = Vec::new();
        for item in &self.items {
            for judge in JUDGES.iter().filter(|judge| judge.takes(item)) {
                let said: Vec<&Answer> = answers
                    .iter()
                    .filter(|answer| answer.judge == judge.name && answer.item == item.name)
                    .collect();
                let surprise = |code: &str, text: &str| Surprise {
                    judge: judge.name.to_owned(),
                    code: code.to_owned(),
                    place: item.place.clone(),
                    text: format!("{} on {} ({}): {code} {text}", judge.name, item.name, item.place),
                };
                let (last, findings) = match said.split_last() {
                    Some((last, findings)) => (last, findings),
                    None => {
                        surprises.push(surprise("silent", ""));
                        continue;
                    }
                };
                match (judge.is_linter, item.expected) {
                    (true, _) if last.verdict != "done" => surprises.push(surprise("silent", &last.text)),
                    (true, Expected::Findings) if findings.is_empty() => {
                        surprises.push(surprise("nothing", ""))
                    }
                    (true, Expected::Findings) => {}
                    (true, _) => surprises
                        .extend(findings.iter().map(|finding| surprise(&finding.verdict, &finding.text))),
                    (false, expected) => {
                        let right = if expected == Expected::Refused { "refused" } else { "accepted" };
                        if last.verdict != right || !findings.is_empty() {
                            surprises.push(surprise(&last.verdict, &last.text));
                        }
                    }
                }
            }
        }
        surprises
    }

    /// Who said what of which scenario.
    #[allow(clippy::print_stdout, reason = "the matrix is for whoever runs the test")]
    pub(crate) fn print_matrix(&self, answers: &[Answer]) {
        let mut rows: BTreeMap<&str, BTreeMap<&str, BTreeSet<&str>>> = BTreeMap::new();
        for item in self.items.iter().filter(|item| matches!(item.question, Question::Path { .. })) {
            for answer in answers.iter().filter(|answer| answer.item == item.name) {
                let row = rows.entry(&item.place).or_default();
                row.entry(&answer.judge).or_default().insert(&answer.verdict);
            }
        }
        for (scenario, row) in rows {
            let cells = JUDGES.iter().filter_map(|judge| {
                let said: Vec<&str> = row.get(judge.name)?.iter().copied().collect();
                Some(format!("{} {}", judge.name, said.join(" and ")))
            });
            println!("{scenario}: {}", cells.collect::<Vec<_>>().join(", "));
        }
    }
}
