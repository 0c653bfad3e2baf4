//! CRLs ahead of their time, what a list carries, and which one may be published.

use anchorite::format::*;
use anchorite::ledger::{Ledger, Publication, Withdrawal};
use anchorite::verify::{self, CheckId, Conclusion};

use super::bundle::lists::{List, dates, revoked};
use super::bundle::{HONEST, Tricks, Workshop, instant, name};
use super::mutants::{all_are_noticed, anchors, misjudged};

/// Three lists, 30 days apart.
fn series() -> Vec<List> {
    vec![
        ("crl-1", 3, "2026-12-01T09:30:00Z", Vec::new()),
        ("crl-2", 4, "2026-12-31T09:30:00Z", Vec::new()),
        ("crl-3", 5, "2027-01-30T09:30:00Z", Vec::new()),
    ]
}

/// A genesis, an intermediate, and the series with tricks.
fn with_series(tricks: &Tricks) -> Workshop {
    let mut workshop = Workshop::new();
    workshop.genesis(&HONEST);
    workshop.intermediate(&HONEST);
    workshop.lists("lists", series(), tricks);
    workshop
}

/// The intermediate, which ends on 2031-12-01, is revoked; then a ceremony for each of these.
fn after_revocation(ceremonies: Vec<Vec<List>>) -> Workshop {
    let mut workshop = Workshop::new();
    workshop.genesis(&HONEST);
    workshop.intermediate(&HONEST);
    workshop.revocation(&HONEST);
    for lists in ceremonies {
        workshop.lists("lists", lists, &HONEST);
    }
    workshop
}

fn ledger(workshop: &Workshop) -> Ledger {
    let (verdict, ledger) = verify::authority(workshop.authority(), &anchors(workshop)).unwrap();
    assert_eq!(verdict.conclusion, Conclusion::Pass);
    ledger
}

/// What the ledger says of each list at a time, by number.
fn published(ledger: &Ledger, at: &str) -> Vec<(u64, Publication)> {
    ledger.crls.iter().map(|crl| (crl.number, ledger.publication(crl, instant(at)))).collect()
}

/// What is changed of a series, what the verdict has to be, and which check has to say so.
#[rustfmt::skip]
pub(crate) fn attacks() -> Vec<(&'static str, Tricks, Conclusion, CheckId)> {
    use CheckId::*;
    use Conclusion::{Fail, Pass};
    vec![
        ("a series", HONEST, Pass, CrlDates),
        ("an embargo that ends before the list's date", Tricks { plan: |plan| if let Some((.., embargo)) = dates(&mut plan.steps[1].action) { *embargo = Some(instant("2026-12-02T09:30:00Z")) }, ..HONEST }, Fail, CrlDates),
        ("a list that begins when the one before has run out", Tricks { plan: |plan| if let Some((_, next, _)) = dates(&mut plan.steps[0].action) { *next = instant("2026-12-31T09:30:00Z") }, ..HONEST }, Fail, CrlDates),
        ("a list that nothing stands before", Tricks { plan: |plan| drop(plan.steps.remove(0)), ..HONEST }, Fail, CrlDates),
        ("lists that end before the next ceremony", Tricks { plan: |plan| plan.next_ceremony = Some(instant("2027-03-31T09:30:00Z")), ..HONEST }, Fail, CrlDates),
        ("lists that last until the next ceremony", Tricks { plan: |plan| plan.next_ceremony = Some(instant("2027-03-31T09:29:59Z")), ..HONEST }, Pass, CrlDates),
        ("a next ceremony before this one", Tricks { plan: |plan| plan.next_ceremony = Some(plan.window.from), ..HONEST }, Fail, CrlDates),
        ("another distance than people reviewed", Tricks { script: |file| *file = file.replace("every-days = 30", "every-days = 31"), ..HONEST }, Fail, CeremonyFile),
        ("more lists than people reviewed", Tricks { script: |file| *file = file.replace("count = 3", "count = 2"), ..HONEST }, Fail, CeremonyFile),
        ("a place of publication that people did not review", Tricks { plan: |plan| name_a_place(plan, "http://crl.example.org/root.crl"), script: |file| *file = file.replace("issuing-distribution-point", "# "), ..HONEST }, Fail, CeremonyFile),
        ("a place of publication that the certificates do not name", Tricks { plan: |plan| name_a_place(plan, "http://crl.example.org/root.crl"), ..HONEST }, Fail, CrlDates),
        ("a place of publication that is not planned", Tricks { carried_out: |plan| name_a_place(plan, "http://crl.example.org/root.crl"), ..HONEST }, Fail, AsPlanned),
    ]
}

#[test]
fn what_people_change_of_lists_is_noticed() {
    let wrong = attacks().into_iter().filter_map(|(what, tricks, conclusion, id)| {
        let workshop = with_series(&tricks);
        misjudged(&workshop, &anchors(&workshop), conclusion, id).map(|wrong| format!("{what}: {wrong}"))
    });
    all_are_noticed(wrong.collect());
}

fn name_a_place(plan: &mut Plan, uri: &str) {
    for step in &mut plan.steps {
        if let Action::IssueCrl { issuing_distribution_point, .. } = &mut step.action {
            *issuing_distribution_point = vec![uri.parse().unwrap()];
        }
    }
}

#[test]
fn a_list_may_say_where_it_is_published_when_the_certificates_do() {
    fn named(plan: &mut Plan) {
        for step in &mut plan.steps {
            if let Action::SignIntermediate { extensions, .. } = &mut step.action {
                extensions.crl_distribution_points = vec!["http://crl.example.org/root.crl".parse().unwrap()];
            }
        }
    }
    fn both(plan: &mut Plan) {
        named(plan);
        name_a_place(plan, "http://crl.example.org/root.crl");
    }
    fn another(plan: &mut Plan) {
        named(plan);
        name_a_place(plan, "http://crl.example.org/other.crl");
    }
    for (plan, conclusion) in
        [(both as fn(&mut Plan), Conclusion::Pass), (named, Conclusion::Pass), (another, Conclusion::Fail)]
    {
        let mut workshop = Workshop::new();
        workshop.genesis(&HONEST);
        workshop.intermediate(&Tricks { plan, ..HONEST });
        assert_eq!(misjudged(&workshop, &anchors(&workshop), conclusion, CheckId::CrlDates), None);
    }
}

#[test]
fn in_production_a_list_with_a_later_date_has_an_embargo() {
    let tricks = Tricks {
        plan: |plan| {
            if let Some((date, ..)) = dates(&mut plan.steps[4].action) {
                *date = plan.window.to.plus_days(1).unwrap();
            }
        },
        ..HONEST
    };
    let mut workshop = Workshop::production();
    workshop.genesis(&tricks);
    let wrong = misjudged(&workshop, &anchors(&workshop), Conclusion::Fail, CheckId::CrlDates);
    assert_eq!(wrong, None);
}

#[test]
fn an_entry_stays_until_one_list_after_the_end_of_its_certificate() {
    const BEFORE: &str = "2031-11-01T00:00:00Z";
    const AFTER: &str = "2032-01-01T00:00:00Z";
    const LATER: &str = "2032-02-01T00:00:00Z";
    let list = |number, date, entries: &[CrlEntry]| -> List { ("crl", number, date, entries.to_vec()) };
    let entry = [revoked()];
    let cases: Vec<(&str, Vec<Vec<List>>, Conclusion)> = vec![
        ("still valid", vec![vec![list(4, BEFORE, &entry)]], Conclusion::Pass),
        ("dropped while valid", vec![vec![list(4, BEFORE, &[])]], Conclusion::Fail),
        ("dropped before it was shown", vec![vec![list(4, AFTER, &[])]], Conclusion::Fail),
        ("shown once more", vec![vec![list(4, AFTER, &entry)]], Conclusion::Pass),
        ("then dropped", vec![vec![list(4, AFTER, &entry)], vec![list(5, LATER, &[])]], Conclusion::Pass),
        ("then kept", vec![vec![list(4, AFTER, &entry)], vec![list(5, LATER, &entry)]], Conclusion::Fail),
        (
            "dropped within a series",
            vec![vec![("crl-1", 4, AFTER, entry.to_vec()), ("crl-2", 5, LATER, Vec::new())]],
            Conclusion::Pass,
        ),
        (
            "dropped by a list of the same date, which outranks it",
            vec![vec![list(4, AFTER, &entry)], vec![list(5, AFTER, &[])]],
            Conclusion::Fail,
        ),
        (
            "dropped though the list that showed it never came",
            vec![
                vec![("crl-1", 4, BEFORE, entry.to_vec()), ("crl-2", 5, AFTER, entry.to_vec())],
                vec![list(6, "2031-11-20T00:00:00Z", &entry)],
                vec![list(7, LATER, &[])],
            ],
            Conclusion::Fail,
        ),
    ];
    let wrong = cases.into_iter().filter_map(|(what, ceremonies, conclusion)| {
        let workshop = after_revocation(ceremonies);
        let wrong = misjudged(&workshop, &anchors(&workshop), conclusion, CheckId::Fresh);
        wrong.map(|wrong| format!("{what}: {wrong}"))
    });
    all_are_noticed(wrong.collect());
}

#[test]
fn one_list_of_a_series_after_the_other_may_be_published() {
    use Publication::{Current, Embargoed, Expired, Superseded};
    let ledger = ledger(&with_series(&HONEST));
    let until = |date| Embargoed { until: instant(date) };
    let (second, third) = ("2026-12-31T09:30:00Z", "2027-01-30T09:30:00Z");
    // The lists of the two ceremonies before have the date of the series' first.
    let outranked = |by| Publication::Withdrawn(Withdrawal::Outranked { by });
    for (at, expected) in [
        ("2026-12-31T09:29:59Z", [Current, until(second), until(third)]),
        ("2026-12-31T09:30:00Z", [Superseded { by: 4 }, Current, until(third)]),
        ("2027-01-30T09:30:00Z", [Superseded { by: 5 }, Superseded { by: 5 }, Current]),
        ("2027-03-31T09:30:00Z", [Superseded { by: 5 }, Superseded { by: 5 }, Expired]),
    ] {
        let lists = published(&ledger, at);
        assert_eq!(lists[..2], [(1, outranked(3)), (2, outranked(3))], "{at}");
        assert_eq!(lists[2..], [(3, expected[0]), (4, expected[1]), (5, expected[2])], "{at}");
    }
}

#[test]
fn a_list_in_an_emergency_outranks_what_was_signed_ahead() {
    let mut workshop = with_series(&HONEST);
    workshop.lists("emergency", vec![("crl", 6, "2027-01-15T00:00:00Z", Vec::new())], &HONEST);
    let ledger = ledger(&workshop);
    let outranked = Publication::Withdrawn(Withdrawal::Outranked { by: 6 });
    let lists = published(&ledger, "2027-01-30T09:30:00Z");
    // What was published before stays what it was; what was to come never comes.
    assert_eq!(lists[3], (4, Publication::Superseded { by: 6 }));
    assert_eq!(lists[4], (5, outranked));
    assert_eq!(lists[5], (6, Publication::Current));
    assert!(ledger.open_duties().all(|open| open.duty.id != name("crl-3")));
}

#[test]
fn a_list_that_was_signed_ahead_is_withdrawn_by_a_revocation() {
    let mut workshop = with_series(&HONEST);
    // The ceremony revokes and then ends early: its own list never comes.
    let tricks = Tricks {
        plan: |plan| {
            for step in &mut plan.steps {
                if let Action::IssueCrl { number, .. } = &mut step.action {
                    *number = 6;
                }
            }
        },
        items: |items| {
            super::signed::cut_at(items, |event| super::signed::starts(event, "crl"));
            let aborted = Aborted { burnt_serials: Vec::new(), ..super::signed::nothing_signed() };
            super::signed::abort(items, aborted);
        },
        ..super::signed::SEALED_BY_ONE
    };
    workshop.revocation(&tricks);
    let ledger = ledger(&workshop);
    let withdrawn = Publication::Withdrawn(Withdrawal::Incomplete { ordinal: 4 });
    let lists = published(&ledger, "2026-12-31T09:30:00Z");
    assert_eq!(lists[2..], [(3, Publication::Current), (4, withdrawn), (5, withdrawn)]);
}
