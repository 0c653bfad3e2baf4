//! A sound record, byte by byte, for whoever writes a verifier: `tests/vectors/record/`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anchorite::format::{Digest, Record};
use anchorite::verify::{self, Anchors, Conclusion};

use super::bundle::{HONEST, Workshop};
use super::flips::files_below;
use super::verifiers::differing;

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/record")
}

/// Path below a directory, and bytes.
fn contents(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let relative = |path: &Path| path.strip_prefix(directory).unwrap().to_owned();
    files_below(directory).into_iter().map(|path| (relative(&path), fs::read(path).unwrap())).collect()
}

/// To write the files anew after a change of what is written: `ANCHORITE_WRITE_VECTORS=1 cargo test --test verify golden`.
#[test]
fn a_record_has_the_bytes_that_it_had() {
    let mut workshop = Workshop::new();
    workshop.genesis(&HONEST);
    let mut written = contents(workshop.authority());
    written = written.into_iter().map(|(path, bytes)| (Path::new("authority").join(path), bytes)).collect();
    written.insert("roster.toml".into(), workshop.roster.clone());
    written.insert("head.txt".into(), format!("{}\n", workshop.head).into_bytes());
    if std::env::var_os("ANCHORITE_WRITE_VECTORS").is_some() {
        let _ = fs::remove_dir_all(vectors());
        for (path, bytes) in &written {
            let path = vectors().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    }
    let golden = contents(&vectors());
    let names = |files: &BTreeMap<PathBuf, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&golden), names(&written));
    for (path, bytes) in &golden {
        assert!(bytes == &written[path], "{} is written in another way than it was", path.display());
    }
}

#[test]
fn every_verifier_accepts_it() {
    let head = fs::read_to_string(vectors().join("head.txt")).unwrap();
    let roster = fs::read(vectors().join("roster.toml")).unwrap();
    let anchors = Anchors { roster: Some(roster), head: Digest::parse(head.trim()), ..Anchors::default() };
    let authority = vectors().join("authority");
    let (verdict, _) = verify::authority(&authority, &anchors).unwrap();
    assert_eq!(verdict.conclusion, Conclusion::Pass);
    assert_eq!(differing(&verdict, &authority, &anchors), None);
    let log = fs::read(authority.join("0001-genesis/log.jsonl")).unwrap();
    for line in log.split_inclusive(|byte| *byte == b'\n') {
        let record = Record::parse(line.strip_suffix(b"\n").unwrap()).unwrap();
        assert_eq!(record.encode().unwrap(), line);
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/verify.sh");
    let mut shell = std::process::Command::new("sh");
    shell.arg(script).arg(authority).arg("--roster").arg(vectors().join("roster.toml"));
    assert!(shell.arg("--expect-head").arg(head.trim()).output().unwrap().status.success());
}
