//! The corpus is written, and then read as a stranger would: `expected.tsv` says what lies where and what a verifier has to say.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::thread;

use anchorite::format::Digest;
use anchorite::verify::{self, Anchors, CheckId, Conclusion};
use serde_json::json;

use crate::browser::open_all;
use crate::lab::{Lab, copy, ran, repository};
use crate::mutants::MUTANTS;
use crate::sound::{RECORDS, Sound};
use crate::verifiers::differing;

/// A record of the corpus: where it lies, and what is to be said of it.
struct Row {
    directory: PathBuf,
    conclusion: String,
    check: String,
    with_head: bool,
}

const HEADING: &str = "directory\tverdict\tcheck\tanchors\n";

/// Does the work on every processor; answers in the order of the work.
fn on_every_processor<T: Send, R: Send>(work: Vec<T>, act: impl Fn(T) -> R + Sync) -> Vec<R> {
    let count = thread::available_parallelism().map_or(2, |count| count.get());
    let (queue, done) = (Mutex::new(work.into_iter().enumerate()), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..count {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap().next();
                    let Some((number, one)) = next else { break };
                    let result = act(one);
                    done.lock().unwrap().push((number, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Holds the ceremonies, and writes the record and each mutant with its anchors; answers with their lines of `expected.tsv`.
fn written((name, make): Sound, corpus: &Path) -> String {
    let lab = make();
    let (head, last) = (lab.head(), lab.bundles().pop().unwrap());
    let put = |directory: &str| {
        let directory = corpus.join(directory);
        copy(&lab.path("authority"), &directory.join("authority"));
        for leftover in [".lock", ".reserve"] {
            let _ = fs::remove_file(directory.join("authority").join(leftover));
        }
        fs::copy(lab.path("roster.toml"), directory.join("roster.toml")).unwrap();
        fs::write(directory.join("head.txt"), format!("{head}\n")).unwrap();
        directory.join("authority").join(&last)
    };
    put(name);
    let mut lines = format!("{name}\tPASS\t-\troster, head\n");
    for (what, change, conclusion, id) in MUTANTS {
        let directory = format!("{name}.{what}");
        change(&put(&directory));
        // With the head a record that was cut is worse than incomplete: it is not the expected one.
        let anchors = if conclusion == Conclusion::Incomplete { "roster" } else { "roster, head" };
        lines.push_str(&format!("{directory}\t{conclusion}\t{id}\t{anchors}\n"));
    }
    lines
}

/// Writes the corpus and answers with its directory; one that was asked for stays.
fn write(kept: &mut Option<tempfile::TempDir>) -> PathBuf {
    let corpus = match std::env::var_os("ANCHORITE_WRITE_CORPUS") {
        Some(directory) => PathBuf::from(directory),
        None => kept.insert(tempfile::tempdir().unwrap()).path().to_owned(),
    };
    fs::create_dir_all(&corpus).unwrap();
    assert!(fs::read_dir(&corpus).unwrap().next().is_none(), "{} is not empty", corpus.display());
    let lines = on_every_processor(RECORDS.to_vec(), |sound| written(sound, &corpus));
    fs::write(corpus.join("expected.tsv"), format!("{HEADING}{}", lines.concat())).unwrap();
    corpus
}

fn rows(corpus: &Path) -> Vec<Row> {
    let expected = fs::read_to_string(corpus.join("expected.tsv")).unwrap();
    let row = |line: &str| {
        let [directory, conclusion, check, anchors] =
            line.split('\t').collect::<Vec<_>>().try_into().unwrap();
        Row {
            directory: corpus.join(directory),
            conclusion: conclusion.to_owned(),
            check: check.to_owned(),
            with_head: anchors == "roster, head",
        }
    };
    expected.strip_prefix(HEADING).unwrap().lines().map(row).collect()
}

impl Row {
    fn name(&self) -> &str {
        self.directory.file_name().unwrap().to_str().unwrap()
    }

    fn head(&self) -> String {
        fs::read_to_string(self.directory.join("head.txt")).unwrap().trim().to_owned()
    }

    /// What a verifier says otherwise than expected.
    fn misjudged(&self) -> Option<String> {
        let (authority, roster) = (self.directory.join("authority"), self.directory.join("roster.toml"));
        let head = self.with_head.then(|| self.head());
        let anchors = Anchors {
            roster: Some(fs::read(&roster).unwrap()),
            head: head.as_deref().and_then(Digest::parse),
            ..Anchors::default()
        };
        let (verdict, _) = verify::authority(&authority, &anchors).unwrap();
        let noticed = self.check == "-"
            || verdict.all_checks().any(|check| {
                check.id.to_string() == self.check && check.status.conclusion().to_string() == self.conclusion
            });
        if verdict.conclusion.to_string() != self.conclusion || !noticed {
            let checks: Vec<String> = verdict
                .all_checks()
                .map(|check| format!("{} {} {:?}", check.id, check.status, check.evidence))
                .collect();
            return Some(format!("{}: {}\n{}", self.name(), verdict.conclusion, checks.join("\n")));
        }
        if let Some(differing) = differing(&verdict, &authority, &anchors) {
            return Some(format!("{}: {differing}", self.name()));
        }
        let mut shell = Command::new("sh");
        shell.arg(repository("scripts/verify.sh")).arg(&authority).arg("--roster").arg(&roster);
        if let Some(head) = &head {
            shell.args(["--expect-head", head]);
        }
        let shell = ran(&mut shell);
        let wrong = shell.code != i32::from(self.conclusion != "PASS") || shell.shown.contains("PASS");
        wrong.then(|| format!("{}: verify.sh ended with {}\n{}", self.name(), shell.code, shell.shown))
    }

    /// The bundle that was changed.
    fn last_bundle(&self) -> Option<PathBuf> {
        let entries = fs::read_dir(self.directory.join("authority")).unwrap();
        entries.map(|entry| entry.unwrap().path()).max()
    }
}

/// What the page is to say of the signatures and the chain of a record.
const IN_THE_BROWSER: [(&str, &str); 3] =
    [("", "holds"), (".a-bit-of-a-signature-is-flipped", "fails"), (".two-records-change-places", "fails")];

/// Reports on the sound records and some of the mutants, all in one browser.
fn misjudged_by_the_page(rows: &[Row]) -> Vec<String> {
    const DONE: &str = "document.documentElement.dataset.checked";
    let lab = Lab::blank();
    let of_name = |name: String| rows.iter().find(|row| row.name() == name).unwrap();
    let judged = RECORDS.iter().flat_map(|(name, _)| {
        IN_THE_BROWSER.map(|(what, expected)| (of_name(format!("{name}{what}")), expected))
    });
    let judged: Vec<(&Row, &str)> = judged.collect();
    let pages = on_every_processor(judged.clone(), |(row, _)| {
        let page = lab.path(&format!("{}.html", row.name()));
        let verdict = format!("verdict {}", row.conclusion);
        let (bundle, roster) = (row.last_bundle().unwrap(), row.directory.join("roster.toml"));
        let arguments = [bundle.to_str().unwrap(), "--roster", roster.to_str().unwrap(), "--expect-head"];
        let mut report = lab.command("report");
        report.args(arguments).arg(row.head()).arg("--output").arg(&page);
        ran(&mut report).ends(0, &verdict);
        page
    });
    let asked = pages.iter().map(|page| (page.as_path(), json!({"until": DONE, "value": DONE}))).collect();
    let seen = open_all(asked);
    let wrong = judged.iter().zip(seen).filter_map(|((row, expected), seen)| {
        let found = seen.quiet();
        (found != **expected).then(|| format!("{}: the page says {found}", row.name()))
    });
    wrong.collect()
}

#[test]
fn every_verifier_says_of_every_record_what_is_expected() {
    let mut kept = None;
    let corpus = write(&mut kept);
    let rows = rows(&corpus);
    assert_eq!(rows.len(), RECORDS.len() * (1 + MUTANTS.len()));
    let mut wrong: Vec<String> =
        on_every_processor(rows.iter().collect(), Row::misjudged).into_iter().flatten().collect();
    wrong.extend(misjudged_by_the_page(&rows));
    assert!(wrong.is_empty(), "{} are misjudged:\n{}", wrong.len(), wrong.join("\n"));
}

/// The checks that need no keys to be broken are all in the table.
#[test]
fn every_check_of_the_chain_and_the_files_is_seen_to_fail() {
    use CheckId::{
        Chain, Coverage, EndSeals, Ended, ExpectedHead, Files, Layout, Manifest, Roster, Sequence,
    };
    for id in [Chain, Coverage, EndSeals, Ended, ExpectedHead, Files, Layout, Manifest, Roster, Sequence] {
        assert!(MUTANTS.iter().any(|(.., noticed)| *noticed == id), "no mutant is noticed by {id}");
    }
}
