//! A second copy of the record on another medium: it is the same byte for byte, an interruption leaves one of the two a
//! beginning of the other, and what is anything else is nobody's to decide.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use crate::killed::killed_at;
use crate::lab::{Lab, TWO_OFFICERS, collect, ran};

const BUNDLE: &str = "0002-sign-intermediates";

/// Names a mirror in a binding.
pub(crate) fn mirror_in(lab: &Lab, binding: &str) {
    fs::create_dir_all(lab.path("mirror")).unwrap();
    let format = "format = \"anchorite-binding/v1\"\n";
    let mirror = format!("{format}mirror = \"{}\"\n", lab.path("mirror").display());
    lab.edit(binding, format, &mirror);
}

/// Everything below a directory by its path in it, but what is the program's alone.
fn contents(lab: &Lab, directory: &str) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    collect(&lab.path(directory), &mut files);
    let files = files
        .into_iter()
        .map(|(path, bytes)| (path.strip_prefix(lab.path(directory)).unwrap().to_owned(), bytes));
    files.filter(|(path, _)| !path.starts_with(".lock") && !path.starts_with(".reserve")).collect()
}

/// Both copies are the same, and an auditor who has the mirror alone comes to the same verdict.
pub(crate) fn both_are_the_same(lab: &Lab) {
    let (ours, theirs) = (contents(lab, "authority"), contents(lab, "mirror"));
    assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>());
    assert!(ours == theirs);
    let head = lab.head();
    lab.anchorite(&format!("verify mirror --roster roster.toml --expect-head {head}"))
        .ends(0, "VERDICT  PASS");
}

fn lab_with_mirror() -> Lab {
    let lab = Lab::after_genesis();
    mirror_in(&lab, "hsm.toml");
    lab.plan("sign-intermediates").done();
    lab.approve("sign-intermediates", "hsm.toml", &TWO_OFFICERS);
    lab
}

fn interrupted(said: &str) -> Lab {
    let lab = lab_with_mirror();
    killed_at(&lab, "sign-intermediates", "hsm.toml", BUNDLE, said);
    lab
}

fn resume(lab: &Lab) -> crate::lab::Ran {
    lab.anchorite(&format!(
        "resume authority/{BUNDLE} --exchange exchange/resume --answers ceremonies/answers.toml --custody custody"
    ))
}

/// Takes so many lines from the end of a log.
fn cut_lines(lab: &Lab, copy: &str, count: usize) -> (usize, String) {
    let path = format!("{copy}/{BUNDLE}/log.jsonl");
    let log = lab.read(&path);
    let lines: Vec<&str> = log.split_inclusive('\n').collect();
    let left = lines.len() - count;
    lab.write(&path, &lines[..left].concat());
    (left, crate::lab::sha256(lines[left - 1].as_bytes()))
}

#[test]
fn the_mirror_gets_every_byte_of_the_record_and_of_those_before() {
    let lab = lab_with_mirror();
    lab.run("sign-intermediates", "hsm.toml").done();
    lab.verify().ends(0, "VERDICT  PASS");
    both_are_the_same(&lab);
    assert_eq!(fs::metadata(lab.path("mirror/.reserve")).unwrap().len(), 1024 * 1024);
}

#[test]
fn the_shorter_copy_is_brought_up_to_the_longer_one_and_the_record_says_so() {
    type Harm = fn(&Lab) -> (&'static str, usize, String);
    let cases: [Harm; 4] = [
        |lab| {
            fs::remove_dir_all(lab.path(&format!("mirror/{BUNDLE}"))).unwrap();
            ("absent", 0, "0".repeat(64))
        },
        |lab| {
            let (records, head) = cut_lines(lab, "mirror", 2);
            ("behind", records, head)
        },
        |lab| {
            let (records, head) = cut_lines(lab, "authority", 2);
            ("ahead", records, head)
        },
        // The last line of the mirror is torn, and a file of it is lost.
        |lab| {
            let (records, head) = cut_lines(lab, "mirror", 1);
            let path = lab.path(&format!("mirror/{BUNDLE}/log.jsonl"));
            let mut log = fs::read(&path).unwrap();
            log.extend(b"{\"v\":\"anchor");
            fs::write(path, log).unwrap();
            fs::remove_file(lab.path(&format!("mirror/{BUNDLE}/artifacts/plan.json"))).unwrap();
            ("behind", records, head)
        },
    ];
    for harm in cases {
        let lab = interrupted("C_Login");
        let (state, records, head) = harm(&lab);
        resume(&lab).ends(0, "complete and sealed");
        lab.verify().ends(0, "VERDICT  PASS");
        let found = lab.records().into_iter().find(|record| record["type"] == "ceremony.resume").unwrap();
        let expected = serde_json::json!({"state": state, "records": records, "head": head});
        assert_eq!(found["body"]["mirror"], expected);
        both_are_the_same(&lab);
    }
}

#[test]
fn two_copies_that_tell_different_stories_stop_the_ceremony_with_both_heads() {
    let lab = interrupted("C_Login");
    let path = format!("mirror/{BUNDLE}/log.jsonl");
    let ours = lab.head();
    let log = lab.read(&path);
    let last = log.lines().last().unwrap();
    lab.write(&path, &log.replace(last, &last.replace("\"mono\":", "\"mono\":1")));
    let theirs = crate::lab::sha256(format!("{}\n", lab.read(&path).lines().last().unwrap()).as_bytes());
    let before = (contents(&lab, "authority"), contents(&lab, "mirror"));
    for ran in [resume(&lab), lab.abort("officer-a")] {
        let shown = ran.ends(1, "tell different stories");
        assert!(shown.contains(&ours) && shown.contains(&theirs), "{shown}");
    }
    assert!(before == (contents(&lab, "authority"), contents(&lab, "mirror")), "nothing is changed");
}

#[test]
fn a_ceremony_waits_for_its_mirror_and_is_ended_without_it() {
    let lab = lab_with_mirror();
    let away = |lab: &Lab| fs::rename(lab.path("mirror"), lab.path("elsewhere")).unwrap();
    away(&lab);
    let before = lab.consequences();
    lab.run("sign-intermediates", "hsm.toml").ends(1, "is not there");
    assert!(before == lab.consequences());
    fs::rename(lab.path("elsewhere"), lab.path("mirror")).unwrap();
    killed_at(&lab, "sign-intermediates", "hsm.toml", BUNDLE, "C_Login");
    away(&lab);
    let shown = resume(&lab).ends(1, "is not there");
    assert!(shown.contains("connect the medium of the mirror"), "{shown}");
    lab.abort("officer-a").ends(0, "aborted and sealed");
    assert_eq!(lab.record("ceremony.abort")["mirror"]["state"], "out-of-reach");
    lab.verify().ends(0, "VERDICT  PASS");
}

#[test]
fn an_older_copy_of_the_authority_is_noticed_by_its_mirror() {
    let lab = lab_with_mirror();
    lab.run("sign-intermediates", "hsm.toml").done();
    // The authority comes back from a backup of the day before.
    fs::remove_dir_all(lab.path(&format!("authority/{BUNDLE}"))).unwrap();
    lab.run("sign-intermediates", "hsm.toml").ends(1, "it is an older copy");
}

#[test]
fn a_log_that_was_cut_below_a_seal_is_not_continued() {
    let lab = interrupted("C_Login");
    // Officers agree to go on, and the power fails again.
    let strace =
        ["-qq", "-o", "/dev/null", "-e", "trace=fdatasync", "-e", "inject=fdatasync:signal=SIGKILL:when=9"];
    let program = lab.command("--version");
    let arguments = format!(
        "resume authority/{BUNDLE} --exchange exchange/resume --answers ceremonies/answers.toml --custody custody"
    );
    let mut command = std::process::Command::new("strace");
    command.current_dir(program.get_current_dir().unwrap()).args(strace).arg(program.get_program());
    assert!(!command.args(arguments.split(' ')).output().unwrap().status.success());
    let log = lab.read(&format!("authority/{BUNDLE}/log.jsonl"));
    assert!(log.contains("\"seal\":\"resume\""), "{log}");
    let resumed = log.lines().position(|line| line.contains("ceremony.resume")).unwrap();
    let count = log.lines().count();
    for copy in ["authority", "mirror"] {
        let lines = lab.read(&format!("{copy}/{BUNDLE}/log.jsonl")).lines().count();
        cut_lines(&lab, copy, (lines + 1).saturating_sub(resumed).min(count));
    }
    lab.verify().ends(1, "C1");
    for ran in [resume(&lab), ran(&mut lab.command(&arguments))] {
        ran.ends(1, "it was cut");
    }
}

#[test]
fn a_file_that_a_record_names_is_taken_from_the_mirror_where_it_is_lost() {
    let lab = interrupted("C_Login");
    let plan = lab.path(&format!("authority/{BUNDLE}/artifacts/plan.json"));
    let csr = fs::read_dir(lab.path(&format!("authority/{BUNDLE}/artifacts"))).unwrap();
    let csr = csr.map(|entry| entry.unwrap().path()).find(|path| path.display().to_string().contains(".csr"));
    let csr = csr.expect("a request");
    fs::write(&csr, "damaged").unwrap();
    resume(&lab).ends(0, "complete and sealed");
    lab.verify().ends(0, "VERDICT  PASS");
    assert_ne!(fs::read(&csr).unwrap(), b"damaged");
    assert!(plan.exists());
    both_are_the_same(&lab);
}
