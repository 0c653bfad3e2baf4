//! Each line of each kind of statement changed and signed again, by its signer or by somebody whose role does not count; and
//! statements and ceremonies that are used a second time.

use std::cell::Cell;
use std::fs;

use anchorite::format::*;
use anchorite::verify::{self, Anchors, Conclusion};

use super::bundle::{Files, HONEST, Tricks, Workshop};
use super::mutants::{Ceremony, all_are_noticed, anchors, hold};
use super::signed::{SEALED_BY_ONE, abort, cut_at, nothing_signed, resumed, starts};
use super::verifiers::differing;

type Change = fn(&mut Seal);

thread_local! {
    /// Which line is changed in which kind of statement. The tricks are functions, which capture nothing.
    static CHANGE: Cell<(SealKind, Change)> = const { Cell::new((SealKind::Close, |_| {})) };
    static LINE: Cell<usize> = const { Cell::new(0) };
}

/// A change of every line of a seal but its time and meaning, which B5 and the format have.
const LINES: [(&str, Change); 15] = [
    ("seal", |seal| seal.kind = if seal.kind == SealKind::Close { SealKind::Abort } else { SealKind::Close }),
    ("ceremony", |seal| seal.ceremony = Digest::of(b"other")),
    ("mode", |seal| seal.mode = Mode::Rehearsal),
    ("outcome", |seal| {
        seal.outcome = if seal.outcome == Outcome::Complete { Outcome::Aborted } else { Outcome::Complete }
    }),
    ("records", |seal| seal.covered.records += 1),
    ("bytes", |seal| seal.covered.bytes -= 1),
    ("head-sha256", |seal| seal.covered.head = Digest::of(b"other")),
    ("log-sha256", |seal| seal.covered.sha256 = Digest::of(b"other")),
    ("log-sha512", |seal| seal.covered.sha512 = Digest512::of(b"other")),
    ("plan-sha256", |seal| seal.plan_sha256 = Digest::of(b"other")),
    ("roster-sha256", |seal| seal.roster_sha256 = Digest::of(b"other")),
    ("signer", |seal| seal.signer.name = "officer-c".parse().unwrap()),
    ("role", |seal| seal.signer.role = Role::Administrator),
    ("signer-spki-sha256", |seal| seal.signer.spki_sha256 = Digest::of(b"other")),
    ("alg", |seal| seal.signer.algorithm = StatementAlgorithm::Ed25519),
];

fn change(seal: &mut Seal) {
    let (kind, change) = CHANGE.get();
    if seal.kind == kind {
        change(seal);
    }
}

/// What is wrong when that record passes, or the verifiers disagree on it.
fn passes(what: &str, workshop: &Workshop) -> Option<String> {
    let anchors = anchors(workshop);
    let (verdict, _) = verify::authority(workshop.authority(), &anchors).unwrap();
    let named = verdict.all_checks().any(|check| check.status.conclusion() == verdict.conclusion);
    if verdict.conclusion == Conclusion::Pass || !named {
        return Some(format!("{what}: {}", verdict.conclusion));
    }
    differing(&verdict, workshop.authority(), &anchors).map(|words| format!("{what}: {words}"))
}

#[test]
fn each_line_of_a_seal_counts() {
    let aborted = Tricks {
        items: |items| {
            cut_at(items, |event| starts(event, "root-key"));
            abort(items, nothing_signed());
        },
        ..SEALED_BY_ONE
    };
    let went_on = Tricks { items: |items| resumed(items), ..HONEST };
    let kinds = [
        (SealKind::Authorise, Ceremony::Genesis, HONEST),
        (SealKind::Close, Ceremony::Genesis, HONEST),
        (SealKind::Abort, Ceremony::Genesis, aborted),
        (SealKind::Resume, Ceremony::Resharing, went_on),
    ];
    let mut wrong = Vec::new();
    for (kind, ceremony, tricks) in kinds {
        for (line, how) in LINES {
            CHANGE.set((kind, how));
            let workshop = hold(ceremony, &Tricks { seal: change, ..tricks });
            wrong.extend(passes(&format!("{kind}, line {line}"), &workshop));
        }
    }
    all_are_noticed(wrong);
}

#[test]
fn tbs_that_change_places_in_a_batch_are_noticed() {
    let frozen = Tricks {
        event: |event| {
            if let Event::TbsFrozen { tbs } = event {
                let (one, other) = tbs.split_at_mut(1);
                std::mem::swap(&mut one[0].file, &mut other[0].file);
            }
        },
        ..HONEST
    };
    let authorised = Tricks { seal: |seal| seal.tbs.reverse(), ..HONEST };
    let signed = Tricks {
        event: |event| {
            if let Event::OperationIntent(OperationIntent {
                step, call: Call::Sign { tbs_sha256, .. }, ..
            }) = event
                && step.as_str() == "crl"
            {
                *tbs_sha256 = Digest::of(b"the other one of the batch");
            }
        },
        ..HONEST
    };
    for (what, tricks) in [("frozen", frozen), ("authorised", authorised), ("signed", signed)] {
        let workshop = hold(Ceremony::Genesis, &tricks);
        all_are_noticed(passes(what, &workshop).into_iter().collect());
    }
}

/// The approval with another value in that line; `None` where there is no such line, or its value is the signer's own affair.
fn other_value(statement: &str, number: usize) -> Option<String> {
    let line = statement.lines().nth(number)?;
    let (key, value) = line.split_once(": ")?;
    let other = match key {
        "time" => return None,
        "environment" => "staging".to_owned(),
        "mode" => "rehearsal".to_owned(),
        "ordinal" => "7".to_owned(),
        "token" => "primary serial=0000".to_owned(),
        "window" => value.replace("17:00:00Z", "18:00:00Z"),
        "role" => "administrator".to_owned(),
        "alg" => "ed25519".to_owned(),
        "meaning" => value.replace("once", "twice"),
        _ if value.len() == 64 => format!("{}{}", &value[..63], if value.ends_with('0') { '1' } else { '0' }),
        _ => format!("{value}-b"),
    };
    Some(statement.replacen(line, &format!("{key}: {other}"), 1))
}

const APPROVAL: &str = "artifacts/approval.officer-a";

fn change_the_approval(files: &mut Files) {
    let path = format!("{APPROVAL}.txt");
    let statement = String::from_utf8(files[&path].clone()).unwrap();
    if let Some(changed) = other_value(&statement, LINE.get()) {
        files.insert(format!("{APPROVAL}.sig"), super::bundle::signed_by("officer-a", changed.as_bytes()));
        files.insert(path, changed.into_bytes());
    }
}

#[test]
fn each_line_of_an_approval_counts() {
    let sound = hold(Ceremony::Genesis, &HONEST);
    let path = sound.authority().join(format!("0001-genesis/{APPROVAL}.txt"));
    let statement = fs::read_to_string(path).unwrap();
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for number in 0..statement.lines().count() {
        let Some(changed) = other_value(&statement, number) else { continue };
        assert_ne!(changed, statement);
        LINE.set(number);
        let workshop = hold(Ceremony::Genesis, &Tricks { staged: change_the_approval, ..HONEST });
        wrong.extend(passes(&format!("approval, line {number}"), &workshop));
        tried += 1;
    }
    assert_eq!(tried, 15, "every line but the first and the time");
    all_are_noticed(wrong);
}

#[test]
fn somebody_elses_signature_over_an_approval_counts_for_nothing() {
    let by_the_operator = Tricks {
        staged: |files| {
            let signature = super::bundle::signed_by("operator", &files[&format!("{APPROVAL}.txt")]);
            files.insert(format!("{APPROVAL}.sig"), signature);
        },
        ..HONEST
    };
    let workshop = hold(Ceremony::Genesis, &by_the_operator);
    all_are_noticed(passes("signed by the operator", &workshop).into_iter().collect());
}

#[test]
fn approvals_are_used_up_by_the_ceremony_that_they_were_given_for() {
    // Two records by the same approvals, in two copies of the authority: each is sound alone, and only one has the head.
    let held = hold(Ceremony::Intermediate, &HONEST);
    let again = hold(
        Ceremony::Intermediate,
        &Tricks {
            stamps: |record| {
                if record.n > 5 {
                    record.mono += 1
                }
            },
            ..HONEST
        },
    );
    let checkpoint = Anchors { head: Some(held.head), ..anchors(&again) };
    let (verdict, _) = verify::authority(again.authority(), &checkpoint).unwrap();
    assert_eq!(verdict.conclusion, Conclusion::Fail);
    assert_eq!(differing(&verdict, again.authority(), &checkpoint), None);
    // The same record a second time, in the next place.
    let (from, to) =
        (held.authority().join("0002-sign-intermediates"), held.authority().join("0003-sign-intermediates"));
    for path in super::flips::files_below(&from) {
        let target = to.join(path.strip_prefix(&from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(path, target).unwrap();
    }
    all_are_noticed(passes("the same record again", &held).into_iter().collect());
}
