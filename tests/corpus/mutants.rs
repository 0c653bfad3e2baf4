//! What somebody without keys does to the last bundle of a record, with the verdict that it gets and the check that notices:
//! the left column of the attack table of `docs/record-format.md`.

use std::fs;
use std::path::{Path, PathBuf};

use anchorite::verify::{CheckId, Conclusion};

/// A name, the change to that bundle, the verdict, and the check.
pub(crate) type Mutant = (&'static str, fn(&Path), Conclusion, CheckId);

use CheckId::{Chain, Coverage, EndSeals, Ended, ExpectedHead, Files, Layout, Manifest, Roster, Sequence};
use Conclusion::{Fail, Incomplete, Unsealed};

#[rustfmt::skip]
pub(crate) const MUTANTS: [Mutant; 18] = [
    ("a-bit-of-the-log-is-flipped", |b| flip(&b.join("log.jsonl")), Fail, Coverage),
    ("a-record-is-withheld", |b| lines(b, |lines| { lines.remove(lines.len() / 2); }), Fail, Chain),
    ("a-record-is-there-twice", |b| lines(b, |lines| lines.insert(3, lines[3])), Fail, Chain),
    ("two-records-change-places", |b| lines(b, |lines| lines.swap(3, 4)), Fail, Chain),
    ("a-record-follows-the-end", |b| lines(b, |lines| lines.push("{}\n")), Fail, Chain),
    ("the-tail-is-cut-under-its-seals", |b| lines(b, |lines| { lines.pop(); }), Fail, Coverage),
    ("the-tail-is-cut-and-the-seals-are-gone", |b| { lines(b, |lines| { lines.pop(); }); end_seals(b).iter().for_each(|path| fs::remove_file(path).unwrap()) }, Incomplete, Ended),
    ("the-seals-are-gone", |b| end_seals(b).iter().for_each(|path| fs::remove_file(path).unwrap()), Unsealed, EndSeals),
    ("a-bit-of-a-signature-is-flipped", |b| flip(&end_seals(b)[0]), Fail, EndSeals),
    ("a-seal-has-the-signature-of-an-approval", |b| { let seal = &end_seals(b)[0]; let name = seal.file_name().unwrap().to_str().unwrap().split_once('.').unwrap().1; fs::copy(b.join(format!("artifacts/approval.{name}")), seal).unwrap(); }, Fail, EndSeals),
    ("an-approval-is-another-persons", |b| { fs::copy(b.join("artifacts/approval.officer-a.txt"), b.join("artifacts/approval.officer-x.txt")).unwrap(); }, Fail, Files),
    ("the-ceremony-file-is-another", |b| flip(&b.join("artifacts/ceremony.toml")), Fail, Files),
    ("the-roster-is-another", |b| flip(&b.join("artifacts/roster.toml")), Fail, Roster),
    ("a-file-is-added", |b| fs::write(b.join("artifacts/more.txt"), "more").unwrap(), Fail, Files),
    ("a-file-is-a-link", |b| { fs::remove_file(b.join("SPEC.md")).unwrap(); std::os::unix::fs::symlink("verify.sh", b.join("SPEC.md")).unwrap() }, Fail, Layout),
    ("the-manifest-lacks-a-line", |b| { let path = b.join("MANIFEST.sha256"); let text = fs::read_to_string(&path).unwrap(); fs::write(path, text.split_once('\n').unwrap().1).unwrap() }, Fail, Manifest),
    ("the-ceremony-has-another-name", |b| fs::rename(b, b.with_file_name(format!("{}-2", b.file_name().unwrap().to_str().unwrap()))).unwrap(), Fail, Sequence),
    ("the-ceremony-is-left-out", |b| fs::remove_dir_all(b).unwrap(), Fail, ExpectedHead),
];

/// Turns the last bit of the byte in the middle of a file.
fn flip(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
}

fn lines(bundle: &Path, change: impl FnOnce(&mut Vec<&str>)) {
    let path = bundle.join("log.jsonl");
    let log = fs::read_to_string(&path).unwrap();
    let mut lines: Vec<&str> = log.split_inclusive('\n').collect();
    change(&mut lines);
    fs::write(&path, lines.concat()).unwrap();
}

/// The files of the seals at the end, a signature first.
fn end_seals(bundle: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(bundle.join("seals")).unwrap().map(|entry| entry.unwrap().path());
    let at_the_end = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name.starts_with("close.") || name.starts_with("abort.")
    };
    let mut found: Vec<PathBuf> = entries.filter(at_the_end).collect();
    found.sort();
    found
}
