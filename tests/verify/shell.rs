//! `scripts/verify.sh` over every attack: it fails those of its part, says nothing against sound records, and never gives a
//! verdict.
//!
//! Its part is what can be seen with a shell and openssl: layout, chain, seals, files, rosters and the order of ceremonies.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;

use anchorite::verify::{CheckId, Conclusion};

use super::bundle::{HONEST, Workshop};
use super::flips::{files_below, smallest};
use super::mutants::Ceremony::{self, Genesis, Intermediate, Production, Resharing, Revocation};
use super::mutants::{all_are_noticed, hold};
use super::{interrupted, signed, unsigned, witnessed};

/// The checks that the script makes in its own way.
const PART: [CheckId; 16] = [
    CheckId::Layout,
    CheckId::Roster,
    CheckId::Approvals,
    CheckId::Authorisations,
    CheckId::EndSeals,
    CheckId::SealsCommitted,
    CheckId::Resumptions,
    CheckId::Coverage,
    CheckId::Chain,
    CheckId::Ended,
    CheckId::Files,
    CheckId::Manifest,
    CheckId::Sequence,
    CheckId::Heads,
    CheckId::RosterContinuity,
    CheckId::ExpectedHead,
];

/// Attacks that those checks notice and a shell does not see, because only who understands records and plan does.
const BEYOND: [&str; 15] = [
    "a break in production leaves the token open",
    "a ceremony outside its window",
    "a resumption that hides an open call",
    "a seal of an officer who was not there",
    "a TBS that the officers did not see",
    "a waiver that could end before the ceremony is held",
    "an officer who left seals the close",
    "officers authorise another TBS",
    "officers read another summary",
    "officers signed another decision about a key",
    "the plan keeps quiet about who joins",
    "the plan keeps quiet about who leaves",
    "the plan speaks of a new key that is none",
    "the witness approves what is no genesis",
    "who joins does not approve",
];

/// The script's exit code and what it shows.
pub(crate) fn shell(workshop: &Workshop, path: &Path) -> (i32, String) {
    let roster = tempfile::NamedTempFile::new().unwrap();
    fs::write(&roster, &workshop.roster).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/verify.sh");
    let mut command = Command::new("sh");
    command.arg(script).arg(path).arg("--roster").arg(roster.path());
    if path == workshop.authority() {
        command.args(["--expect-head", &workshop.head.to_string()]);
    }
    let output = command.output().expect("sh, coreutils, awk, sed and openssl are needed");
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), text)
}

/// What is wrong with the script's answer about what that check notices.
fn misjudged(what: &str, workshop: &Workshop, conclusion: Conclusion, id: CheckId) -> Option<String> {
    let (code, text) = shell(workshop, workshop.authority());
    let claims = text.contains("PASS") || text.contains("VERDICT");
    let sees = PART.contains(&id) && conclusion != Conclusion::Pass && !BEYOND.contains(&what);
    // What is beyond the script's part it may notice all the same; nothing good may look bad.
    let wrong = match (sees, code) {
        (true, 1) => false,
        (false, 0) => false,
        (false, 1) => conclusion == Conclusion::Pass || BEYOND.contains(&what),
        _ => true,
    };
    (claims || wrong).then(|| format!("{what} ({id}): exit code {code}\n{text}"))
}

enum Attack {
    Signed(signed::Attack),
    Unsigned(unsigned::Attack),
    Sound(Ceremony),
}

impl Attack {
    fn misjudged(self) -> Option<String> {
        match self {
            Self::Signed((what, ceremony, tricks, conclusion, id)) => {
                misjudged(what, &hold(ceremony, &tricks), conclusion, id)
            }
            Self::Unsigned((what, attack, conclusion, id)) => {
                let workshop = hold(Intermediate, &HONEST);
                attack(workshop.authority());
                misjudged(what, &workshop, conclusion, id)
            }
            Self::Sound(ceremony) => {
                misjudged("nothing", &hold(ceremony, &HONEST), Conclusion::Pass, CheckId::Chain)
            }
        }
    }
}

#[test]
fn the_shell_script_fails_every_attack_of_its_part() {
    let signed = signed::attacks().into_iter().chain(interrupted::attacks()).chain(witnessed::attacks());
    let mut attacks: Vec<Attack> = signed.map(Attack::Signed).collect();
    attacks.extend(unsigned::attacks().into_iter().map(Attack::Unsigned));
    attacks.extend([Genesis, Production, Intermediate, Revocation, Resharing].map(Attack::Sound));
    assert!(attacks.len() > 200, "{}", attacks.len());
    let count = thread::available_parallelism().map_or(2, |count| count.get());
    let mut shares: Vec<Vec<Attack>> = (0..count).map(|_| Vec::new()).collect();
    for (number, attack) in attacks.into_iter().enumerate() {
        shares[number % count].push(attack);
    }
    let wrong = thread::scope(|scope| {
        let threads: Vec<_> = shares
            .into_iter()
            .map(|share| scope.spawn(|| share.into_iter().filter_map(Attack::misjudged).collect::<Vec<_>>()))
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    all_are_noticed(wrong);
}

/// Runs the script over changed copies of the smallest record, and answers with those that it accepts.
fn accepted(changes: Vec<(String, &'static str, Vec<u8>)>) -> Vec<String> {
    let count = thread::available_parallelism().map_or(2, |count| count.get());
    let changes = &changes;
    let work = |number: usize| {
        let (workshop, bundle) = smallest();
        let mut accepted = Vec::new();
        for (what, path, bytes) in changes.iter().skip(number).step_by(count) {
            let path = bundle.join(path);
            let good = fs::read(&path).unwrap();
            fs::write(&path, bytes).unwrap();
            let (code, text) = shell(&workshop, &bundle);
            fs::write(&path, good).unwrap();
            if code != 1 || !text.ends_with("chain or seals do not hold\n") {
                accepted.push(format!("{what}: {text}"));
            }
        }
        assert_eq!(shell(&workshop, &bundle).0, 0, "the changes were undone");
        accepted
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..count).map(|number| scope.spawn(move || work(number))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn no_record_or_seal_can_be_cut_and_no_sampled_bit_change_for_the_shell_script() {
    let (_workshop, bundle) = smallest();
    let mut changes = Vec::new();
    for path in files_below(&bundle) {
        let name: &'static str = path.strip_prefix(&bundle).unwrap().to_str().unwrap().to_owned().leak();
        let good = fs::read(&path).unwrap();
        for turn in 0..3 {
            let (place, mut bytes) = (turn * (good.len() - 1) / 2, good.clone());
            bytes[place] ^= 1 << (place % 8);
            changes.push((format!("{name}, byte {place}"), name, bytes));
        }
        // A log is cut at each line and in the middle of each, everything else at both ends.
        let ends: Vec<usize> =
            good.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at).collect();
        let cuts: Vec<usize> = match name {
            "log.jsonl" => {
                ends.iter().flat_map(|end| [*end, end + 1, end / 2]).filter(|cut| *cut < good.len()).collect()
            }
            _ => vec![0, good.len() - 1],
        };
        changes.extend(
            cuts.into_iter().map(|cut| (format!("{name}, cut to {cut} bytes"), name, good[..cut].to_vec())),
        );
    }
    assert!(changes.len() > 120, "{}", changes.len());
    all_are_noticed(accepted(changes));
}
