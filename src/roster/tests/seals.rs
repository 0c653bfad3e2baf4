use super::set_up::{Room, Signed, file, name, now, roster_with_a_deputy, signed};
use crate::format::{
    ArtifactKind, Covered, Digest, FileRef, FrozenTbs, Mode, Outcome, Role, Seal, SealKind, Statement,
};
use crate::roster::{
    Approved, Mismatch, Refused, SealTemplate, StatementProblem, approve, authorise, check_seal, seal_quorum,
};

const LOG: &[u8] = b"{}\n{}\n";
const ROOT: &[u8] = b"TBS of the root";
const CRL: &[u8] = b"TBS of the CRL";

fn frozen(step: &str, bytes: &[u8]) -> FrozenTbs {
    FrozenTbs {
        step: name(step),
        kind: ArtifactKind::Certificate,
        file: FileRef::of(file(&format!("{step}.tbs.der")), bytes),
        summary: format!("summary of {step}"),
    }
}

fn both() -> Vec<FrozenTbs> {
    vec![frozen("root", ROOT), frozen("crl", CRL)]
}

fn by(room: &Room, template: &SealTemplate, person: &str, role: Role) -> Signed {
    let person = room.roster.person(&name(person)).unwrap();
    signed(&template.for_signer(person, role, now()))
}

fn approved(room: &Room) -> Approved {
    approve(&room.context(), &room.officers(&["officer-a", "officer-b"]), now()).unwrap()
}

fn officers(room: &Room, template: &SealTemplate) -> Vec<Signed> {
    ["officer-a", "officer-b"].map(|person| by(room, template, person, Role::Officer)).into()
}

#[test]
fn a_seal_that_says_anything_else_is_refused_by_the_line_that_differs() {
    let room = Room::new();
    let template = SealTemplate::authorise(&room.opened(), Covered::of(LOG), both());
    type Change = fn(&mut Seal);
    type Fits = fn(&Mismatch) -> bool;
    let cases: [(Change, Fits); 14] = [
        (|s| s.ceremony = Digest::ZERO, |m| matches!(m, Mismatch::Ceremony(_))),
        (|s| s.mode = Mode::Rehearsal, |m| matches!(m, Mismatch::Mode(_))),
        (|s| s.outcome = Outcome::Complete, |m| matches!(m, Mismatch::Outcome(_))),
        (|s| s.covered.records = 1, |m| matches!(m, Mismatch::Covered(_))),
        (|s| s.covered.bytes = 5, |m| matches!(m, Mismatch::Covered(_))),
        (|s| s.covered.head = Digest::ZERO, |m| matches!(m, Mismatch::Covered(_))),
        (|s| s.covered.sha256 = Digest::ZERO, |m| matches!(m, Mismatch::Covered(_))),
        (|s| s.covered = Covered::of(b"{}\n"), |m| matches!(m, Mismatch::Covered(_))),
        (|s| s.plan_sha256 = Digest::ZERO, |m| matches!(m, Mismatch::Plan(_))),
        (|s| s.roster_sha256 = Digest::ZERO, |m| matches!(m, Mismatch::Roster(_))),
        (|s| s.tbs.truncate(1), |m| matches!(m, Mismatch::TbsCount(_))),
        (|s| s.tbs[1].sha256 = Digest::ZERO, |m| matches!(m, Mismatch::Tbs { number: 2 })),
        (|s| s.tbs[0].kind = ArtifactKind::Crl, |m| matches!(m, Mismatch::Tbs { number: 1 })),
        (|s| s.tbs[0].summary.push('!'), |m| matches!(m, Mismatch::Tbs { number: 1 })),
    ];
    let person = room.roster.person(&name("officer-a")).unwrap();
    for (change, fits) in cases {
        let Statement::Seal(mut seal) = template.for_signer(person, Role::Officer, now()) else {
            panic!("a seal")
        };
        change(&mut seal);
        let (statement, signature) = signed(&Statement::Seal(seal));
        let problem = check_seal(&room.roster, &template, &statement, &signature).unwrap_err();
        assert!(
            matches!(&problem, StatementProblem::Mismatch { mismatch, .. } if fits(mismatch)),
            "{problem}"
        );
    }
}

#[test]
fn no_statement_serves_as_one_of_another_kind() {
    let room = Room::new();
    let (opened, covered) = (room.opened(), Covered::of(LOG));
    let templates = [
        SealTemplate::authorise(&opened, covered, both()),
        SealTemplate::resume(&opened, covered, Vec::new()),
        SealTemplate::close(&opened, covered),
        SealTemplate::abort(&opened, covered),
    ];
    for (i, made) in templates.iter().enumerate() {
        for (j, wanted) in templates.iter().enumerate() {
            let (statement, signature) = by(&room, made, "officer-a", Role::Officer);
            match check_seal(&room.roster, wanted, &statement, &signature) {
                Ok(_) => assert_eq!(i, j),
                Err(problem) => {
                    let kind = |m: &Mismatch| matches!(m, Mismatch::Kind(_));
                    assert!(
                        i != j
                            && matches!(&problem, StatementProblem::Mismatch { mismatch, .. } if kind(mismatch))
                    );
                }
            }
        }
    }
    let (statement, signature) = room.approved_by("officer-a", Role::Officer);
    let problem = check_seal(&room.roster, &templates[2], &statement, &signature).unwrap_err();
    assert_eq!(problem.to_string(), "the statement of `officer-a` is of the kind `approval`, not `close`");
    let refused = approve(&room.context(), &officers(&room, &templates[2]), now()).unwrap_err();
    assert!(matches!(refused, Refused::Statement { number: 1, problem: StatementProblem::Kind { .. } }));
}

#[test]
fn another_roster_than_the_record_names_counts_for_nothing() {
    let room = Room::new();
    let mut opened = room.opened();
    opened.roster_sha256 = Digest::ZERO;
    let template = SealTemplate::abort(&opened, Covered::of(LOG));
    let person = room.roster.person(&name("officer-a")).unwrap();
    // One seal says what the record says, the other names the roster that is used to judge it.
    for named in [Digest::ZERO, room.roster.sha256] {
        let Statement::Seal(mut seal) = template.for_signer(person, Role::Officer, now()) else {
            panic!("a seal")
        };
        seal.roster_sha256 = named;
        let (statement, signature) = signed(&Statement::Seal(seal));
        let problem = check_seal(&room.roster, &template, &statement, &signature).unwrap_err();
        let is_roster = |mismatch: &Mismatch| matches!(mismatch, Mismatch::Roster(_));
        assert!(matches!(&problem, StatementProblem::Mismatch { mismatch, .. } if is_roster(mismatch)));
    }
}

#[test]
fn each_kind_of_seal_has_its_own_quorum() {
    let room = Room::new();
    let (opened, covered) = (room.opened(), Covered::of(LOG));
    let (a, b) = (("officer-a", Role::Officer), ("officer-b", Role::Officer));
    let (c, w) = (("officer-c", Role::Witness), ("witness", Role::Witness));
    let both_hats = ("officer-c", Role::Officer);
    let few = |role, needed, found| Some((role, needed, found));
    let cases = [
        (SealTemplate::close(&opened, covered), vec![a, b, w], None),
        (SealTemplate::close(&opened, covered), vec![c, b, a], None),
        (SealTemplate::close(&opened, covered), vec![a, b], few(Role::Witness, 1, 0)),
        (SealTemplate::close(&opened, covered), vec![a, w], few(Role::Officer, 2, 1)),
        (SealTemplate::close(&opened, covered), vec![a, c], few(Role::Officer, 2, 1)),
        (SealTemplate::close(&opened, covered), vec![a, both_hats], few(Role::Witness, 1, 0)),
        (SealTemplate::abort(&opened, covered), vec![a], None),
        (SealTemplate::abort(&opened, covered), vec![], few(Role::Officer, 1, 0)),
        (SealTemplate::resume(&opened, covered, Vec::new()), vec![a, b], None),
        (SealTemplate::resume(&opened, covered, Vec::new()), vec![b], few(Role::Officer, 2, 1)),
    ];
    for (template, signers, expected) in cases {
        let seals: Vec<Signed> =
            signers.iter().map(|(person, role)| by(&room, &template, person, *role)).collect();
        match seal_quorum(&room.roster, &template, &seals) {
            Ok(signed) => {
                assert_eq!(expected, None);
                assert_eq!(signed.len(), signers.len());
            }
            Err(Refused::TooFew { role, needed, found }) => assert_eq!(expected, few(role, needed, found)),
            Err(refused) => panic!("{refused}"),
        }
    }
}

#[test]
fn an_officer_and_their_deputy_authorise_and_close_as_one() {
    let room = Room::with(roster_with_a_deputy(), |_| ());
    let (opened, covered) = (room.opened(), Covered::of(LOG));
    let officer = |person| (person, Role::Officer);
    let witness = ("witness", Role::Witness);
    for (template, signers, found) in [
        (
            SealTemplate::authorise(&opened, covered, both()),
            vec![officer("officer-a"), officer("officer-b")],
            1,
        ),
        (SealTemplate::close(&opened, covered), vec![officer("officer-b"), officer("officer-a"), witness], 1),
        (
            SealTemplate::resume(&opened, covered, Vec::new()),
            vec![officer("officer-a"), officer("officer-b")],
            1,
        ),
        (SealTemplate::close(&opened, covered), vec![officer("officer-b"), officer("officer-c"), witness], 2),
        (SealTemplate::abort(&opened, covered), vec![officer("officer-b")], 2),
    ] {
        let seals: Vec<Signed> =
            signers.iter().map(|(person, role)| by(&room, &template, person, *role)).collect();
        match seal_quorum(&room.roster, &template, &seals) {
            Ok(_) => assert_eq!(found, 2),
            Err(Refused::CountedOnce { principal, needed: 2, found: 1, .. }) => {
                assert_eq!((principal.as_str(), found), ("officer-a", 1));
            }
            Err(refused) => panic!("{refused}"),
        }
    }
}

#[test]
fn a_deputy_of_the_witness_who_seals_does_not_count_as_an_officer_beside_them() {
    let mut roster = roster_with_a_deputy();
    for person in &mut roster.people {
        if person.name == name("officer-b") {
            person.deputy_for = Some(name("officer-c"));
        }
    }
    let room = Room::with(roster, |_| ());
    let template = SealTemplate::close(&room.opened(), Covered::of(LOG));
    let seals = [
        by(&room, &template, "officer-a", Role::Officer),
        by(&room, &template, "officer-b", Role::Officer),
        by(&room, &template, "officer-c", Role::Witness),
    ];
    let refused = seal_quorum(&room.roster, &template, &seals).unwrap_err();
    assert!(matches!(refused, Refused::CountedOnce { found: 1, .. }), "{refused}");
}

#[test]
fn nobody_counts_as_officer_and_witness_at_once() {
    let room = Room::new();
    let template = SealTemplate::close(&room.opened(), Covered::of(LOG));
    let seals = [
        by(&room, &template, "officer-a", Role::Officer),
        by(&room, &template, "officer-c", Role::Officer),
        by(&room, &template, "officer-c", Role::Witness),
    ];
    let refused = seal_quorum(&room.roster, &template, &seals).unwrap_err();
    assert!(matches!(refused, Refused::Twice { name } if name.as_str() == "officer-c"));
}

#[test]
fn only_those_who_count_are_asked_and_heard() {
    let room = Room::new();
    let (opened, covered) = (room.opened(), Covered::of(LOG));
    let asked = |template: &SealTemplate| {
        let signers = template.signers(&room.roster);
        signers.iter().map(|(person, role)| format!("{} {role}", person.name)).collect::<Vec<_>>()
    };
    let close = SealTemplate::close(&opened, covered);
    let abort = SealTemplate::abort(&opened, covered);
    assert_eq!(close.kind(), SealKind::Close);
    assert_eq!(
        asked(&close),
        ["officer-a officer", "officer-b officer", "officer-c witness", "witness witness"]
    );
    assert_eq!(asked(&abort), ["officer-a officer", "officer-b officer", "officer-c officer"]);
    for (template, person, role) in [
        (&close, "operator", Role::Operator),
        (&close, "auditor", Role::Auditor),
        (&close, "officer-c", Role::Administrator),
        (&abort, "witness", Role::Witness),
    ] {
        let (statement, signature) = by(&room, template, person, role);
        let problem = check_seal(&room.roster, template, &statement, &signature).unwrap_err();
        assert!(matches!(problem, StatementProblem::RoleDoesNotCount { .. }), "{person}: {problem}");
    }
}

#[test]
fn each_authorised_tbs_is_let_through_once_and_no_other() {
    let room = Room::new();
    let template = SealTemplate::authorise(&room.opened(), Covered::of(LOG), both());
    let mut authorised = authorise(&approved(&room), &template, &officers(&room, &template)).unwrap();
    assert_eq!(authorised.signers(), [name("officer-a"), name("officer-b")]);
    assert!(matches!(authorised.tbs(&name("root"), CRL), Err(Refused::TbsDiffers { .. })));
    assert!(matches!(authorised.tbs(&name("again"), ROOT), Err(Refused::NotAuthorised { .. })));
    assert_eq!(authorised.tbs(&name("root"), ROOT).unwrap().bytes(), ROOT);
    assert!(matches!(authorised.tbs(&name("root"), ROOT), Err(Refused::NotAuthorised { .. })));
    assert_eq!(authorised.tbs(&name("crl"), CRL).unwrap().step(), &name("crl"));
}

#[test]
fn what_is_authorised_is_every_open_tbs_of_the_plan_and_nothing_else() {
    let room = Room::new();
    type Fits = fn(&Refused) -> bool;
    let again = frozen("again", super::set_up::ROOT_TBS);
    let cases: [(Vec<FrozenTbs>, Fits); 6] = [
        (Vec::new(), |r| matches!(r, Refused::NothingToAuthorise)),
        (vec![frozen("root", ROOT)], |r| matches!(r, Refused::TbsMissing { step } if step.as_str() == "crl")),
        ([both(), vec![frozen("root", CRL)]].concat(), |r| matches!(r, Refused::TbsTwice { .. })),
        ([both(), vec![frozen("key", ROOT)]].concat(), |r| matches!(r, Refused::NoSuchSignature { .. })),
        ([both(), vec![frozen("extra", ROOT)]].concat(), |r| matches!(r, Refused::NoSuchSignature { .. })),
        ([both(), vec![frozen("again", ROOT)]].concat(), |r| matches!(r, Refused::TbsDiffers { .. })),
    ];
    for (tbs, fits) in cases {
        let template = SealTemplate::authorise(&room.opened(), Covered::of(LOG), tbs);
        let refused = authorise(&approved(&room), &template, &officers(&room, &template)).unwrap_err();
        assert!(fits(&refused), "{refused}");
    }
    let template = SealTemplate::authorise(&room.opened(), Covered::of(LOG), [both(), vec![again]].concat());
    assert!(authorise(&approved(&room), &template, &officers(&room, &template)).is_ok());

    let mut opened = room.opened();
    opened.plan_sha256 = Digest::ZERO;
    let template = SealTemplate::authorise(&opened, Covered::of(LOG), both());
    let refused = authorise(&approved(&room), &template, &officers(&room, &template)).unwrap_err();
    assert!(matches!(refused, Refused::PlanMismatch(Mismatch::Plan(_))));
}

#[test]
fn one_officer_too_few_authorises_nothing() {
    let room = Room::new();
    let template = SealTemplate::authorise(&room.opened(), Covered::of(LOG), both());
    let one = &officers(&room, &template)[..1];
    let refused = authorise(&approved(&room), &template, one).unwrap_err();
    assert!(matches!(refused, Refused::TooFew { needed: 2, found: 1, .. }));
}
