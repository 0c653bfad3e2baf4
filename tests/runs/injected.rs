//! The operating system fails the program at each call by which a record, a mirror or a file of theirs is written: it is
//! killed there, or told of an I/O error, or that the medium is full. The ceremony comes to its end all the same, with one
//! artifact for each TBS and two copies that are the same, or was never begun.
//!
//! `ANCHORITE_FAULTS=N` tries N faults, evenly spread, `all` every one; what became of them goes to `target/tmp/faults`.

use std::collections::BTreeMap;
use std::path::Path;

use crate::cut_short::Ready;
use crate::cut_while_signing::one_artifact_for_each_tbs;
use crate::lab::{Lab, Ran, TWO_OFFICERS, ran};
use crate::mirror::{both_are_the_same, mirror_in};
use crate::proxy::Proxy;

const BUNDLE: &str = "0002-sign-intermediates";
const CALLS: &str = "write,fsync,fdatasync,renameat2,openat";
const FAULTS: [&str; 3] = ["signal=SIGKILL", "error=EIO", "error=ENOSPC"];
/// How many are tried without the variable.
const SAMPLE: usize = 18;

/// Every call on a file of the record or its mirror, by its name and its number among those of that name.
fn calls(ready: &Ready<'_>, lab: &Lab) -> Vec<(String, usize)> {
    let trace = lab.path("trace").display().to_string();
    let mut command = ready.traced(&["-y", "-qq", "-o", &trace, "-e", &format!("trace={CALLS}")]);
    assert!(command.args(ready.run_arguments().split(' ')).output().unwrap().status.success());
    let (mut counted, mut found) = (BTreeMap::<String, usize>::new(), Vec::new());
    for line in lab.read("trace").lines() {
        let Some((name, arguments)) = line.split_once('(') else { continue };
        let number = counted.entry(name.to_owned()).or_default();
        *number += 1;
        let ours = ["/authority", "/mirror"].iter().any(|part| arguments.contains(part));
        // What is only read is no write that could fail.
        let reads = name == "openat" && arguments.contains("O_RDONLY") && !arguments.contains("O_CREAT");
        if ours && !reads {
            found.push((name.to_owned(), *number));
        }
    }
    ready.set_back();
    found
}

/// What the people do who find the ceremony like this, until it is ended.
fn brought_to_an_end(ready: &Ready<'_>, lab: &Lab, what: &str) -> &'static str {
    if !lab.path(&format!("authority/{BUNDLE}")).exists() {
        let begun = ran(&mut lab.command(&ready.run_arguments()));
        begun.ends(0, "complete and sealed");
        return "begun anew";
    }
    let Ran { code, shown } = lab.verify();
    match code {
        0 => "complete",
        // Part of a seal lies there: the record has ended, and `resume` says what is to be done.
        3 if ready.log().contains("\"type\":\"ceremony.close\"") => {
            ready.resume().ends(1, "anchorite seal");
            lab.seal().ends(0, "complete and sealed");
            "sealed"
        }
        3 => {
            ready.resume().ends(0, "complete and sealed");
            "resumed"
        }
        4 => {
            lab.seal().ends(0, "complete and sealed");
            "sealed"
        }
        _ => panic!("{what}: {shown}"),
    }
}

/// Tries every `of`th fault from the `number`th on, in a laboratory of its own; answers with the number of calls, of faults, and what
/// became of them.
fn faults(number: usize, of: usize) -> (usize, usize, BTreeMap<(&'static str, &'static str), usize>) {
    let lab = Lab::after_genesis();
    let proxy = Proxy::of(&lab);
    proxy.bind(&lab, "proxy.toml", &format!("serial = \"{}\"", lab.serial()));
    mirror_in(&lab, "proxy.toml");
    let ready = Ready::new(&lab, proxy, "sign-intermediates", BUNDLE, &TWO_OFFICERS);
    let calls = calls(&ready, &lab);
    let all: Vec<(&str, &(String, usize))> = calls
        .iter()
        .enumerate()
        .flat_map(|(at, call)| (0..3).map(move |turn| (FAULTS[(at + turn) % 3], call)))
        .collect();
    let count = match std::env::var("ANCHORITE_FAULTS").ok() {
        Some(number) => number.parse().unwrap_or(all.len()).min(all.len()),
        None => SAMPLE,
    };
    assert!(all.len() > 3 * 300, "{} calls", calls.len());
    let mut outcomes: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for turn in (number..count).step_by(of) {
        let (fault, (name, number)) = all[turn * all.len() / count];
        let what = format!("{fault} at {name} no. {number}");
        let inject = format!("inject={name}:{fault}:when={number}");
        let mut command =
            ready.traced(&["-qq", "-o", "/dev/null", "-e", &format!("trace={name}"), "-e", &inject]);
        let output = command.args(ready.run_arguments().split(' ')).output().unwrap();
        if let Some(code) = output.status.code() {
            let shown = format!(
                "{}{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            );
            let open = lab.path(&format!("authority/{BUNDLE}")).exists();
            assert!(
                code == 0 || !open || shown.contains("by hand") || shown.contains("misses seals"),
                "{what}: {shown}"
            );
        }
        match turn / of % 4 {
            1 if lab.path(&format!("mirror/{BUNDLE}")).exists() => {
                std::fs::remove_dir_all(lab.path(&format!("mirror/{BUNDLE}"))).unwrap();
            }
            2 if lab.path(&format!("mirror/{BUNDLE}")).exists() => {
                let path = format!("mirror/{BUNDLE}/log.jsonl");
                let log = lab.read(&path);
                let lines: Vec<&str> = log.split_inclusive('\n').collect();
                lab.write(&path, &lines[..lines.len() - 1].concat());
            }
            _ => {}
        }
        let how = brought_to_an_end(&ready, &lab, &what);
        lab.verify().ends(0, "VERDICT  PASS");
        one_artifact_for_each_tbs(&ready, &lab, BUNDLE, &what);
        if how != "complete" {
            both_are_the_same(&lab);
        }
        *outcomes.entry((fault, how)).or_default() += 1;
        ready.set_back();
    }
    (calls.len(), count, outcomes)
}

#[test]
fn a_fault_at_any_write_leaves_a_record_that_comes_to_its_end() {
    let of = std::thread::available_parallelism().map_or(2, |count| count.get());
    let threads: Vec<_> = (0..of).map(|number| std::thread::spawn(move || faults(number, of))).collect();
    let mut outcomes: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let (mut calls, mut count) = (0, 0);
    for thread in threads {
        let found;
        (calls, count, found) = thread.join().unwrap();
        found.into_iter().for_each(|(what, times)| *outcomes.entry(what).or_default() += times);
    }
    assert_eq!(outcomes.values().sum::<usize>(), count, "every fault was tried: {outcomes:?}");
    let seen: Vec<&str> = outcomes.keys().map(|(_, how)| *how).collect();
    assert!(seen.contains(&"resumed") && seen.contains(&"begun anew"), "{outcomes:?}");
    let counts = format!("{calls} calls, {count} faults: {outcomes:?}\n");
    std::fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join("faults"), counts).unwrap();
}
