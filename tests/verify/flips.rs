//! A genesis, changed everywhere: every bit and length of every file of a small one, a bit of every byte of a larger one,
//! every line, every file.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use anchorite::format::Plan;
use anchorite::verify::{self, Anchors, BundleFiles, Conclusion};

use super::bundle::{HONEST, Tricks, Workshop};
use super::mutants::anchors;
use super::verifiers::python_path;

fn conclusion(bundle: &Path, anchors: &Anchors) -> Conclusion {
    verify::bundle(bundle, anchors).unwrap().conclusion
}

pub(crate) fn files_below(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Runs `work` on every processor, each on its own copy of the same genesis, with the thread's number and their count.
fn on_every_processor(work: fn(&Path, &Anchors, usize, usize) -> usize) -> usize {
    let count = thread::available_parallelism().map_or(2, |count| count.get());
    let threads: Vec<_> = (0..count)
        .map(|number| {
            thread::spawn(move || {
                let mut workshop = Workshop::new();
                let bundle = workshop.genesis(&HONEST);
                let anchors = anchors(&workshop);
                assert_eq!(conclusion(&bundle, &anchors), Conclusion::Pass);
                let done = work(&bundle, &anchors, number, count);
                assert_eq!(conclusion(&bundle, &anchors), Conclusion::Pass, "the changes were undone");
                done
            })
        })
        .collect();
    threads.into_iter().map(|thread| thread.join().unwrap()).sum()
}

/// A genesis of one step, which takes a token over and issues nothing.
pub(crate) fn smallest() -> (Workshop, PathBuf) {
    let mut workshop = Workshop::new();
    let only = |plan: &mut Plan| plan.steps.retain(|step| step.id.as_str() == "provision");
    let bundle = workshop.genesis(&Tricks { plan: only, ..HONEST });
    (workshop, bundle)
}

/// Turns every so many bits of each file, a different one each time, cuts each file at every so many bytes, and insists
/// that none of it passes. Answers with the number of changes.
fn no_change_passes(workshop: &Workshop, bundle: &Path, bits: usize, bytes: usize) -> usize {
    let anchors = &anchors(workshop);
    let name = |path: &Path| path.strip_prefix(bundle).unwrap().to_str().unwrap().to_owned();
    let files = files_below(bundle).into_iter().map(|path| (name(&path), fs::read(&path).unwrap()));
    let good: &BTreeMap<String, Vec<u8>> = &files.collect();
    let judged =
        |files| verify::bundle_files(&BundleFiles::of("0001-genesis".to_owned(), files), anchors).conclusion;
    assert_eq!(judged(good.clone()), Conclusion::Pass);
    let refused = |path: &str, changed: &[u8], what: String| {
        let mut files = good.clone();
        files.insert(path.to_owned(), changed.to_vec());
        assert_ne!(judged(files), Conclusion::Pass, "{path}, {what}");
    };
    let count = thread::available_parallelism().map_or(2, |count| count.get());
    let work = |number: usize| {
        let mut made = 0;
        for (path, whole) in good {
            let mut changed = whole.clone();
            for place in (number * bits..8 * whole.len()).step_by(bits * count) {
                changed[place / 8] ^= 1 << (place % 8);
                refused(path, &changed, format!("bit {place}"));
                changed[place / 8] = whole[place / 8];
                made += 1;
            }
            for length in (number * bytes..whole.len()).step_by(bytes * count) {
                refused(path, &whole[..length], format!("cut to {length} bytes"));
                made += 1;
            }
        }
        made
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..count).map(|number| scope.spawn(move || work(number))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    })
}

#[test]
fn no_bit_can_change_and_no_file_be_cut() {
    let (workshop, bundle) = smallest();
    let made = no_change_passes(&workshop, &bundle, 1, 1);
    assert!(made > 9 * 10_000, "{made} changes");
}

/// A genesis that issues a root and a CRL is larger: a bit of each byte or so.
#[test]
fn no_byte_can_change_where_something_was_issued() {
    let mut workshop = Workshop::new();
    let bundle = workshop.genesis(&HONEST);
    let made = no_change_passes(&workshop, &bundle, 9, 31);
    assert!(made > 25_000, "{made} changes");
}

#[test]
fn no_bit_can_change_and_no_file_be_cut_for_the_verifier_in_python() {
    let mut workshop = Workshop::new();
    let bundle = workshop.genesis(&HONEST);
    let roster = workshop.authority().with_extension("roster.toml");
    fs::write(&roster, &workshop.roster).unwrap();
    let count = thread::available_parallelism().map_or(2, |count| count.get());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verify/flips.py");
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts");
    let start = |number: usize| {
        let mut python = Command::new("python3");
        python.arg("-B").arg(&script).arg(&bundle).arg(&roster).arg(workshop.head.to_string());
        python.args([number, count].map(|one| one.to_string())).env("PYTHONPATH", python_path(&scripts));
        python.stdout(Stdio::piped()).spawn().expect("python3 starts: apt-get install python3")
    };
    let running: Vec<_> = (0..count).map(start).collect();
    let made = running.into_iter().map(|process| {
        let output = process.wait_with_output().unwrap();
        assert!(output.status.success(), "a change passes; it is named above");
        String::from_utf8(output.stdout).unwrap().trim().parse::<usize>().unwrap()
    });
    let made: usize = made.sum();
    assert!(made > 9 * 30_000, "{made} changes");
    fs::remove_file(roster).unwrap();
}

#[test]
fn no_line_of_the_log_can_be_deleted_doubled_or_moved_and_no_tail_cut() {
    on_every_processor(|bundle, anchors, number, count| {
        let path = bundle.join("log.jsonl");
        let good = fs::read(&path).unwrap();
        let lines: Vec<&[u8]> = good.split_inclusive(|byte| *byte == b'\n').collect();
        let mut tried = 0;
        let mut refused = |bytes: &[u8], what: String| {
            fs::write(&path, bytes).unwrap();
            assert_ne!(conclusion(bundle, anchors), Conclusion::Pass, "{what}");
            tried += 1;
        };
        for n in (number..lines.len()).step_by(count) {
            let mut deleted = lines.clone();
            deleted.remove(n);
            refused(&deleted.concat(), format!("line {n} deleted"));
            let mut doubled = lines.clone();
            doubled.insert(n, lines[n]);
            refused(&doubled.concat(), format!("line {n} doubled"));
            refused(&lines[..n].concat(), format!("cut before line {n}"));
            if n + 1 < lines.len() {
                let mut swapped = lines.clone();
                swapped.swap(n, n + 1);
                refused(&swapped.concat(), format!("lines {n} and {} swapped", n + 1));
            }
        }
        for end in (number..good.len()).step_by(97 * count) {
            refused(&good[..end], format!("cut at byte {end}"));
        }
        fs::write(&path, &good).unwrap();
        tried
    });
}

#[test]
fn a_tail_cut_together_with_its_seals_is_never_a_pass() {
    let mut workshop = Workshop::new();
    let bundle = workshop.genesis(&HONEST);
    let anchors = Anchors { head: None, ..anchors(&workshop) };
    for path in files_below(&bundle.join("seals")) {
        let name = path.file_name().unwrap().to_str().unwrap();
        if name.starts_with("close.") {
            fs::remove_file(path).unwrap();
        }
    }
    fs::remove_file(bundle.join("MANIFEST.sha256")).unwrap();
    let log = fs::read(bundle.join("log.jsonl")).unwrap();
    for end in (0..log.len()).step_by(53) {
        fs::write(bundle.join("log.jsonl"), &log[..end]).unwrap();
        let found = conclusion(&bundle, &anchors);
        assert!(found >= Conclusion::Incomplete, "cut at byte {end}: {found}");
    }
}

#[test]
fn no_file_can_be_removed_or_added() {
    let mut workshop = Workshop::new();
    let bundle = workshop.genesis(&HONEST);
    let anchors = anchors(&workshop);
    for path in files_below(&bundle) {
        let good = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        assert_ne!(conclusion(&bundle, &anchors), Conclusion::Pass, "{} removed", path.display());
        fs::write(&path, &good).unwrap();
    }
    for added in [
        "more",
        "artifacts/more.txt",
        "artifacts/root2.crt.pem",
        "seals/close.officer-c.txt",
        "seals/more",
        ".more",
    ] {
        let path = bundle.join(added);
        fs::write(&path, "more\n").unwrap();
        assert_ne!(conclusion(&bundle, &anchors), Conclusion::Pass, "{added} added");
        fs::remove_file(path).unwrap();
    }
    assert_eq!(conclusion(&bundle, &anchors), Conclusion::Pass);
}
