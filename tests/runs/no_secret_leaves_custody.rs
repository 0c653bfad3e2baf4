use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::Child;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::derivation::{pin, secret, words};
use crate::lab::{EVERYBODY, Lab, TWO_OFFICERS, collect};

/// What somebody must never find, and a name for it.
pub(crate) struct Secret {
    pub(crate) what: String,
    /// As [`plain`] makes it.
    pub(crate) plain: String,
}

/// Bytes as words: whatever stands between two words, numbers included, does not hide them, nor how they are written.
pub(crate) fn plain(bytes: &[u8]) -> String {
    let text: String = bytes
        .iter()
        .map(|byte| char::from(byte.to_ascii_lowercase()))
        .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { ' ' })
        .collect();
    let words = text.split_whitespace().filter(|word| !word.bytes().all(|byte| byte.is_ascii_digit()));
    let words: Vec<&str> = words.collect();
    format!(" {} ", words.join(" "))
}

/// Every four words in a row of a share, as they are numbered and as a sheet prints them.
pub(crate) fn secrets_of_words(person: &str, words: &[String]) -> Vec<Secret> {
    // Downwards as they are numbered, and across as a sheet prints them.
    let across: Vec<String> =
        (0..11).flat_map(|row| [row, row + 11, row + 22].map(|place| words[place].clone())).collect();
    // The first four letters say as much as the word.
    let short: Vec<String> = words.iter().map(|word| word[..4].to_owned()).collect();
    let orders = [("words", words), ("sheet", &across), ("word beginnings", &short)];
    let runs =
        orders.iter().flat_map(|(what, words)| words.windows(4).map(move |four| (what, four.join(" "))));
    runs.map(|(what, plain)| Secret { what: format!("{what} of {person}"), plain }).collect()
}

fn secrets(lab: &Lab) -> Vec<Secret> {
    let mut secrets = Vec::new();
    let add = |secrets: &mut Vec<Secret>, what: String, bytes: &[u8]| {
        let plain = plain(bytes).trim().to_owned();
        assert!(plain.len() >= 12, "{what} is too short to be searched for");
        secrets.push(Secret { what, plain });
    };
    let mut shares = Vec::new();
    for person in EVERYBODY {
        for ending in ["passphrase", "entropy"] {
            add(
                &mut secrets,
                format!("{ending} of {person}"),
                lab.read(&format!("custody/{person}.{ending}")).as_bytes(),
            );
        }
        let key = lab.read(&format!("custody/{person}.key.pem"));
        for line in key.lines().filter(|line| !line.starts_with("-----") && line.len() > 20) {
            add(&mut secrets, format!("signing key of {person}"), line.as_bytes());
        }
        if person.starts_with("officer") {
            let words = words(&lab.read(&format!("custody/{person}.sheet.txt")));
            secrets.extend(secrets_of_words(person, &words));
            shares.push(words.join(" "));
        }
    }
    let quorum = secret(&shares[..2]);
    add(&mut secrets, "quorum secret".to_owned(), quorum.as_bytes());
    for purpose in ["user-pin", "so-pin"] {
        let pin = pin(&quorum, "example-lab", &lab.record("pin.policy"), purpose);
        add(&mut secrets, purpose.to_owned(), pin.as_bytes());
    }
    secrets
}

#[track_caller]
fn nowhere(secrets: &[Secret], place: &str, bytes: &[u8]) {
    let text = plain(bytes);
    for Secret { what, plain } in secrets {
        assert!(!text.contains(plain.as_str()), "{what} is in {place}");
    }
}

/// Arguments and environment of every process that works in the laboratory, as long as a child lives.
fn watched(lab: &Lab, mut child: Child) -> (BTreeSet<Vec<u8>>, Vec<u8>, i32) {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watching = scope.spawn(|| {
            let mut seen = BTreeSet::new();
            while !done.load(Ordering::SeqCst) {
                look_around(&lab.path(""), &mut seen);
            }
            seen
        });
        let mut shown = Vec::new();
        let mut errors = child.stderr.take().unwrap();
        let reading = scope.spawn(move || {
            let mut bytes = Vec::new();
            errors.read_to_end(&mut bytes).unwrap();
            bytes
        });
        child.stdout.take().unwrap().read_to_end(&mut shown).unwrap();
        shown.extend(reading.join().unwrap());
        let code = child.wait().unwrap().code().unwrap();
        done.store(true, Ordering::SeqCst);
        (watching.join().unwrap(), shown, code)
    })
}

fn look_around(laboratory: &Path, seen: &mut BTreeSet<Vec<u8>>) {
    let laboratory = laboratory.canonicalize().unwrap();
    for process in fs::read_dir("/proc").unwrap().flatten() {
        let path = process.path();
        if fs::read_link(path.join("cwd")).is_ok_and(|place| place == laboratory) {
            for part in ["cmdline", "environ"] {
                seen.extend(fs::read(path.join(part)));
            }
        }
    }
}

#[test]
fn nothing_secret_is_in_a_file_outside_custody_in_an_argument_in_the_environment_or_on_the_screen() {
    let lab = Lab::blank();
    let mut places: Vec<(String, Vec<u8>)> = Vec::new();
    for (name, binding, people) in
        [("genesis", "blank.toml", &EVERYBODY[..]), ("sign-intermediates", "hsm.toml", &TWO_OFFICERS[..])]
    {
        lab.plan(name).done();
        lab.approve(name, binding, people);
        let (processes, shown, code) = watched(&lab, lab.start(name, binding));
        assert_eq!(code, 0, "{}", String::from_utf8_lossy(&shown));
        let seen: Vec<String> = processes.iter().map(|bytes| plain(bytes)).collect();
        for expected in [" run plans ", " officer sign ", " softhsm2 conf "] {
            assert!(seen.iter().any(|text| text.contains(expected)), "no process with `{expected}` was seen");
        }
        places.extend(processes.into_iter().map(|bytes| ("a process".to_owned(), bytes)));
        places.push(("what was shown".to_owned(), shown));
        lab.bind_by_serial();
        lab.anchorite(&format!("script plans/{name} --output {name}.runbook.html")).done();
        let bundle = lab.bundles().pop().unwrap();
        lab.anchorite(&format!("report authority/{bundle} --output {name}.report.html")).done();
    }
    places.push(("the verdict".to_owned(), lab.verify().done().into_bytes()));

    let mut files = BTreeMap::new();
    collect(&lab.path(""), &mut files);
    // The token keeps its PINs in a form of its own; its store is the token.
    files.retain(|path, _| !path.starts_with(lab.path("softhsm/tokens")));
    let (custody, outside): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|(path, _)| path.starts_with(lab.path("custody")));
    assert!(outside.len() > 80, "{} files", outside.len());
    places.extend(outside.into_iter().map(|(path, bytes)| (path.display().to_string(), bytes)));

    let secrets = secrets(&lab);
    for (place, bytes) in &places {
        nowhere(&secrets, place, bytes);
    }
    // The search finds what is there.
    let custody: Vec<String> = custody.iter().map(|(_, bytes)| plain(bytes)).collect();
    for Secret { what, plain } in &secrets {
        let kept = ["passphrase", "entropy", "signing", "sheet"].iter().any(|kind| what.starts_with(kind));
        let found = custody.iter().any(|text| text.contains(plain.as_str()));
        assert!(found || !kept, "{what} is not even in custody");
    }
}
