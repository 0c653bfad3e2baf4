//! Good records, and how the attacks of the two tables are judged.

use std::fs;

use anchorite::format::*;
use anchorite::verify::{self, Anchors, CheckId, Conclusion, Verdict};

use super::bundle::{HONEST, Tricks, Workshop, name};
use super::interrupted;
use super::signed::{
    self, SEALED_BY_ONE, abort, arrived, cut_at, is_answer_of_crl, left, nothing_signed, starts, with_a_break,
};
use super::unsigned;
use super::verifiers::differing;

/// What an attack is made on.
#[derive(Clone, Copy)]
pub(crate) enum Ceremony {
    Genesis,
    /// A genesis in production.
    Production,
    Intermediate,
    Revocation,
    Resharing,
    /// A root certifies another organisation's, and its key is destroyed.
    Retirement,
}
use Ceremony::{Genesis, Intermediate, Production, Resharing, Retirement, Revocation};

fn table(verdict: &Verdict) -> String {
    let row = |check: &verify::Check| {
        format!("{:4} {:11} {} {:?}\n", check.id, check.status, check.evidence, check.place)
    };
    verdict.all_checks().map(row).collect()
}

pub(crate) fn anchors(workshop: &Workshop) -> Anchors {
    Anchors {
        mode: Mode::Ceremony,
        roster: Some(workshop.roster.clone()),
        head: Some(workshop.head),
        root: None,
        ordinal: None,
    }
}

/// Every ceremony up to that one, the last with the tricks.
pub(crate) fn hold(ceremony: Ceremony, tricks: &Tricks) -> Workshop {
    let mut workshop = match ceremony {
        Production => Workshop::production(),
        Genesis | Intermediate | Revocation | Resharing | Retirement => Workshop::new(),
    };
    match ceremony {
        Genesis | Production => {
            workshop.genesis(tricks);
        }
        Intermediate => {
            workshop.genesis(&HONEST);
            workshop.intermediate(tricks);
        }
        Revocation => {
            workshop.genesis(&HONEST);
            workshop.intermediate(&HONEST);
            workshop.revocation(tricks);
        }
        Resharing => {
            workshop.genesis(&HONEST);
            workshop.resharing(tricks);
        }
        Retirement => {
            workshop.genesis(&HONEST);
            workshop.retirement(tricks);
        }
    }
    workshop
}

/// What is wrong with the verdict of that authority; `None` when it is the expected one, and `scripts/verify.py` says of
/// every check what this program says.
pub(crate) fn misjudged(
    workshop: &Workshop,
    anchors: &Anchors,
    conclusion: Conclusion,
    id: CheckId,
) -> Option<String> {
    let (verdict, _) = verify::authority(workshop.authority(), anchors).unwrap();
    let noticed = verdict.all_checks().any(|check| check.id == id && check.status.conclusion() == conclusion);
    if verdict.conclusion != conclusion || !noticed {
        return Some(format!("{} and not {conclusion} by {id}\n{}", verdict.conclusion, table(&verdict)));
    }
    differing(&verdict, workshop.authority(), anchors)
}

pub(crate) fn judged(
    what: &str,
    workshop: &Workshop,
    anchors: &Anchors,
    conclusion: Conclusion,
    id: CheckId,
) {
    if let Some(wrong) = misjudged(workshop, anchors, conclusion, id) {
        panic!("{what}: {wrong}");
    }
}

pub(crate) fn all_are_noticed(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "{} attacks are misjudged:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn good_ceremonies_pass() {
    for ceremony in [Genesis, Production, Intermediate, Revocation, Resharing, Retirement] {
        let workshop = hold(ceremony, &HONEST);
        let (verdict, ledger) = verify::authority(workshop.authority(), &anchors(&workshop)).unwrap();
        assert_eq!(verdict.conclusion, Conclusion::Pass, "\n{}", table(&verdict));
        assert!(ledger.certificate(None, &name("root")).is_some());
        let unpinned = Anchors { roster: None, ..anchors(&workshop) };
        judged("no roster", &workshop, &unpinned, Conclusion::Unanchored, CheckId::Roster);
        let no_head = Anchors { head: None, ..anchors(&workshop) };
        judged("no head", &workshop, &no_head, Conclusion::Unanchored, CheckId::ExpectedHead);
        for (anchors, alone) in [(&unpinned, false), (&no_head, true)] {
            let (verdict, _) = verify::authority(workshop.authority(), anchors).unwrap();
            assert_eq!(verdict.passes_without_checkpoint(), alone);
        }
    }
}

#[test]
fn a_production_record_on_one_device_passes_under_a_waiver() {
    let tricks = Tricks {
        plan: |plan| plan.waivers.push(Waiver { rule: Rule::NoMirror, ..plan.waivers[0].clone() }),
        ..HONEST
    };
    let workshop = hold(Production, &tricks);
    judged("no mirror", &workshop, &anchors(&workshop), Conclusion::Pass, CheckId::Waivers);
}

#[test]
fn a_deputy_stands_in_for_one_officer() {
    let tricks = Tricks {
        approvers: &["deputy-a", "officer-b"],
        closers: &["deputy-a", "officer-c", "witness"],
        event: |event| {
            if let Event::SignConfirmed { by, .. } = event {
                *by = name("deputy-a");
            }
        },
        ..HONEST
    };
    let workshop = hold(Intermediate, &tricks);
    judged("a deputy", &workshop, &anchors(&workshop), Conclusion::Pass, CheckId::EndSeals);
}

#[test]
fn people_come_and_go_and_take_a_break() {
    let coming_and_going = Tricks {
        items: |items| {
            let end = items.len() - 4;
            let back = arrived("officer-b", Role::Officer, "officer-a");
            items.splice(end..end, [left("officer-b", "witness"), left("operator", "officer-a"), back]);
        },
        ..HONEST
    };
    let a_break = Tricks { plan: with_a_break, ..HONEST };
    let who_does_not_come_back = Tricks {
        items: |items| {
            let ended = items.iter().position(|item| matches!(item, Some(Event::BreakEnded(_)))).unwrap();
            items.insert(ended, left("operator", "witness"));
        },
        event: |event| {
            if let Event::BreakEnded(ended) = event {
                ended.present.retain(|person| person.as_str() != "operator");
            }
        },
        ..a_break
    };
    // A share was entered, then its holder went, then enough were there to say so.
    let gone_since = Tricks { items: |items| items.insert(2, left("officer-c", "witness")), ..HONEST };
    let without_c = Tricks { closers: &["officer-a", "officer-b", "witness"], ..gone_since };
    for (ceremony, tricks) in [
        (Genesis, coming_and_going),
        (Genesis, a_break),
        (Genesis, who_does_not_come_back),
        (Intermediate, without_c),
    ] {
        let workshop = hold(ceremony, &tricks);
        judged("coming and going", &workshop, &anchors(&workshop), Conclusion::Pass, CheckId::People);
    }
}

#[test]
fn a_bundle_passes_by_itself() {
    let mut workshop = Workshop::new();
    workshop.genesis(&HONEST);
    let directory = workshop.intermediate(&HONEST);
    let verdict = verify::bundle(&directory, &anchors(&workshop)).unwrap();
    assert_eq!(verdict.conclusion, Conclusion::Pass, "\n{}", table(&verdict));
}

#[test]
fn aborted_ceremonies_pass_as_aborted_and_grant_nothing() {
    let before_the_key = Tricks {
        items: |items| {
            cut_at(items, |event| starts(event, "root-key"));
            abort(items, nothing_signed());
        },
        ..SEALED_BY_ONE
    };
    let after_the_root = Tricks {
        items: |items| {
            cut_at(items, |event| starts(event, "crl"));
            abort(items, Aborted { signed: vec![name("root")], ..nothing_signed() });
        },
        ..SEALED_BY_ONE
    };
    let no_answer = Tricks {
        items: |items| {
            cut_at(items, is_answer_of_crl);
            let aborted = Aborted {
                step: Some(name("crl")),
                signed: vec![name("root")],
                unknown: vec![6],
                burnt_crl_numbers: vec![1],
                ..nothing_signed()
            };
            abort(items, aborted);
        },
        ..SEALED_BY_ONE
    };
    for (tricks, certificates, crl_numbers) in
        [(before_the_key, 0, 0), (after_the_root, 1, 0), (no_answer, 1, 1)]
    {
        let workshop = hold(Genesis, &tricks);
        let (verdict, ledger) = verify::authority(workshop.authority(), &anchors(&workshop)).unwrap();
        assert_eq!(verdict.conclusion, Conclusion::Pass, "\n{}", table(&verdict));
        assert_eq!(verdict.bundles[0].outcome, Some(Outcome::Aborted));
        assert!(ledger.keys.is_empty() && ledger.roster.is_none() && ledger.tokens.is_empty());
        assert!(ledger.serial_is_burnt(&SerialNumber::from_random([1; 16])));
        assert_eq!(ledger.certificates.len(), certificates);
        assert_eq!(ledger.burnt_crl_numbers.len(), crl_numbers);
        assert!(ledger.certificate(None, &name("root")).is_none());
        assert_eq!(ledger.certificate(Some(1), &name("root")).is_some(), certificates > 0);
    }
}

#[test]
fn another_authority_is_not_the_expected_one() {
    let workshop = hold(Intermediate, &HONEST);
    let good = anchors(&workshop);
    let root = fs::read(workshop.authority().join("0001-genesis/artifacts/root.crt.pem")).unwrap();
    let root = Digest::of(anchorite::pki::Certificate::from_pem(&root).unwrap().der());
    let everything = Anchors { root: Some(root), ordinal: Some(2), ..good.clone() };
    judged("everything expected", &workshop, &everything, Conclusion::Pass, CheckId::ExpectedRoot);
    let other_root = Anchors { root: Some(Digest::of(b"other")), ..good.clone() };
    judged("another root", &workshop, &other_root, Conclusion::Fail, CheckId::ExpectedRoot);
    let other_ordinal = Anchors { ordinal: Some(3), ..good.clone() };
    judged("an older copy", &workshop, &other_ordinal, Conclusion::Fail, CheckId::ExpectedOrdinal);
    let mut roster = workshop.roster.clone();
    roster.push(b'\n');
    let other_roster = Anchors { roster: Some(roster), ..good.clone() };
    judged("another roster", &workshop, &other_roster, Conclusion::Fail, CheckId::Roster);
    let newer = String::from_utf8(workshop.roster.clone())
        .unwrap()
        .replace("anchorite-roster/v1", "anchorite-roster/v2");
    let newer = Anchors { roster: Some(newer.into_bytes()), ..good };
    judged("a roster of a later version", &workshop, &newer, Conclusion::Fail, CheckId::Roster);
}

#[test]
fn an_interrupted_ceremony_that_officers_let_go_on_passes() {
    let workshop = hold(Resharing, &Tricks { items: |items| signed::resumed(items), ..HONEST });
    judged("resumed", &workshop, &anchors(&workshop), Conclusion::Pass, CheckId::Resumptions);
}

#[test]
fn the_chain_of_rosters_is_followed_from_the_pinned_first_one() {
    let mut workshop = hold(Resharing, &HONEST);
    let first = anchors(&workshop);
    workshop.roster = workshop.next_roster();
    workshop.intermediate_under(&["officer-a", "officer-d"]);
    let good = Anchors { head: Some(workshop.head), ..first };
    judged("the new people", &workshop, &good, Conclusion::Pass, CheckId::RosterContinuity);
    let (_, ledger) = verify::authority(workshop.authority(), &good).unwrap();
    assert_eq!(ledger.roster.unwrap().sha256, Digest::of(&workshop.roster));
    assert_eq!(ledger.first_roster_sha256, Some(Digest::of(good.roster.as_ref().unwrap())));
    let second = Anchors { roster: Some(workshop.roster.clone()), ..good };
    judged("the second roster pinned as the first", &workshop, &second, Conclusion::Fail, CheckId::Roster);
}

#[test]
fn the_people_do_not_change_between_ceremonies() {
    let mut workshop = hold(Genesis, &HONEST);
    let more = [workshop.roster.as_slice(), b"\n"].concat();
    workshop.roster = more;
    workshop.intermediate(&HONEST);
    let unpinned = Anchors { roster: None, ..anchors(&workshop) };
    judged("another roster", &workshop, &unpinned, Conclusion::Fail, CheckId::RosterContinuity);
}

#[test]
fn every_check_is_seen_to_fail() {
    let elsewhere = [
        CheckId::Report,
        CheckId::Roster,
        CheckId::RosterContinuity,
        CheckId::ExpectedOrdinal,
        CheckId::ExpectedRoot,
    ];
    let mut seen: Vec<CheckId> = elsewhere.to_vec();
    seen.extend(signed::attacks().into_iter().map(|(.., id)| id));
    seen.extend(interrupted::attacks().into_iter().map(|(.., id)| id));
    seen.extend(unsigned::attacks().into_iter().map(|(.., id)| id));
    let lists = super::lists::attacks().into_iter().chain(super::adopted::attacks());
    seen.extend(lists.filter(|(_, _, conclusion, _)| *conclusion == Conclusion::Fail).map(|(.., id)| id));
    seen.extend(super::witnessed::attacks().into_iter().map(|(.., id)| id));
    for id in CheckId::ALL {
        assert!(seen.contains(id), "no attack is noticed by {id} ({})", id.title());
    }
}
