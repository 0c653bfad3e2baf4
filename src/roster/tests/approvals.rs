use super::set_up::{
    ROOT_TBS, Room, binding, instant, name, now, roster, roster_of, roster_text, roster_with_a_deputy,
    serial, signed,
};
use crate::format::{
    Approval, Digest, Environment, Mode, Plan, Role, Roster, Rule, ShareSetName, Statement, Waiver,
};
use crate::roster::{Context, Mismatch, PolicyFinding, Refused, StatementProblem, approve, policy};

fn other() -> Digest {
    Digest::of(b"other")
}

fn mismatch(refused: Refused) -> Option<Mismatch> {
    match refused {
        Refused::Statement { number: 2, problem: StatementProblem::Mismatch { mismatch, .. } } => {
            Some(mismatch)
        }
        _ => None,
    }
}

#[test]
fn enough_officers_open_exactly_their_plan() {
    let room = Room::new();
    let approvals = room.officers(&["officer-b", "officer-a"]);
    let approved = approve(&room.context(), &approvals, now()).unwrap();
    assert_eq!(approved.plan(), &room.plan);
    assert_eq!(approved.plan_sha256(), Digest::of(&room.plan_bytes));
    assert_eq!(approved.roster(), &room.roster);
    assert_eq!(approved.signers(), [name("officer-b"), name("officer-a")]);
}

#[test]
fn an_approval_of_anything_else_is_refused_by_the_line_that_differs() {
    type Change = fn(&mut Approval);
    type Fits = fn(&Mismatch) -> bool;
    let cases: [(Change, Fits); 13] = [
        (|a| a.plan_sha256 = other(), |m| matches!(m, Mismatch::Plan(_))),
        (|a| a.authority = name("elsewhere"), |m| matches!(m, Mismatch::Authority(_))),
        (|a| a.environment = Environment::Staging, |m| matches!(m, Mismatch::Environment(_))),
        (|a| a.mode = Mode::Rehearsal, |m| matches!(m, Mismatch::Mode(_))),
        (|a| a.ordinal = 3, |m| matches!(m, Mismatch::Ordinal(d) if d.expected == 2 && d.found == 3)),
        (|a| a.previous_head = other(), |m| matches!(m, Mismatch::PreviousHead(_))),
        (|a| a.roster_sha256 = other(), |m| matches!(m, Mismatch::Roster(_))),
        (|a| a.binding_sha256 = other(), |m| matches!(m, Mismatch::Binding(_))),
        (|a| a.tokens[0].1 = serial("another"), |m| matches!(m, Mismatch::Tokens(_))),
        (|a| a.tokens.reverse(), |m| matches!(m, Mismatch::Tokens(_))),
        (|a| a.tokens.truncate(1), |m| matches!(m, Mismatch::Tokens(_))),
        (|a| a.window.from = instant("2026-12-01T08:59:59Z"), |m| matches!(m, Mismatch::Window(_))),
        (|a| a.window.to = instant("2026-12-01T17:00:01Z"), |m| matches!(m, Mismatch::Window(_))),
    ];
    let room = Room::new();
    for (change, fits) in cases {
        let mut approval = room.approval("officer-b", Role::Officer);
        change(&mut approval);
        let approvals =
            vec![room.approved_by("officer-a", Role::Officer), signed(&Statement::Approval(approval))];
        let refused = approve(&room.context(), &approvals, now()).unwrap_err();
        let text = refused.to_string();
        assert!(mismatch(refused).is_some_and(|m| fits(&m)), "{text}");
    }
}

#[test]
fn a_plan_for_another_run_is_refused_though_officers_approved_it() {
    type Change = fn(&mut Plan);
    type Fits = fn(&Refused) -> bool;
    let cases: [(Change, Fits); 7] = [
        (|p| p.roster_sha256 = other(), |r| matches!(r, Refused::PlanMismatch(Mismatch::Roster(_)))),
        (|p| p.authority = name("elsewhere"), |r| matches!(r, Refused::PlanMismatch(Mismatch::Authority(_)))),
        (
            |p| p.environment = Environment::Staging,
            |r| matches!(r, Refused::PlanMismatch(Mismatch::Environment(_))),
        ),
        (
            |p| p.mode = Mode::Rehearsal,
            |r| matches!(r, Refused::Plan(crate::format::JsonError::OtherMode(_))),
        ),
        (|p| p.ordinal = 3, |r| matches!(r, Refused::PlanMismatch(Mismatch::Ordinal(_)))),
        (|p| p.previous_head = other(), |r| matches!(r, Refused::PlanMismatch(Mismatch::PreviousHead(_)))),
        (
            |p| p.tokens.push(name("third")),
            |r| matches!(r, Refused::TokenNotBound { token } if token.as_str() == "third"),
        ),
    ];
    for (change, fits) in cases {
        let room = Room::with(roster(), change);
        let approvals = room.officers(&["officer-a", "officer-b"]);
        let refused = approve(&room.context(), &approvals, now()).unwrap_err();
        assert!(fits(&refused), "{refused}");
    }
    let room = Room::new();
    let mut spaced = room.plan_bytes.clone();
    spaced.push(b'\n');
    let context = Context { plan_bytes: &spaced, ..room.context() };
    assert!(matches!(approve(&context, &[], now()), Err(Refused::Plan(_))));
}

#[test]
fn another_machine_is_not_the_one_that_was_approved() {
    let room = Room::new();
    let approvals = room.officers(&["officer-a", "officer-b"]);
    let mut moved = binding();
    moved.sha256 = other();
    let context = Context { binding: &moved, ..room.context() };
    let refused = approve(&context, &approvals, now()).unwrap_err();
    assert!(matches!(
        refused,
        Refused::Statement {
            number: 1,
            problem: StatementProblem::Mismatch { mismatch: Mismatch::Binding(_), .. }
        }
    ));
}

#[test]
fn the_window_is_kept_to_the_second() {
    let room = Room::new();
    let approvals = room.officers(&["officer-a", "officer-b"]);
    for (time, opens) in [
        ("2026-12-01T08:59:59Z", false),
        ("2026-12-01T09:00:00Z", true),
        ("2026-12-01T17:00:00Z", true),
        ("2026-12-01T17:00:01Z", false),
    ] {
        match approve(&room.context(), &approvals, instant(time)) {
            Ok(_) => assert!(opens, "{time}"),
            Err(refused) => {
                assert!(!opens && matches!(refused, Refused::OutsideWindow { .. }), "{time}: {refused}");
            }
        }
    }
}

#[test]
fn one_officer_never_counts_as_two_and_too_few_are_refused() {
    let room = Room::new();
    let twice = room.officers(&["officer-a", "officer-a"]);
    let refused = approve(&room.context(), &twice, now()).unwrap_err();
    assert!(matches!(refused, Refused::Twice { name } if name.as_str() == "officer-a"));
    for few in [&[][..], &["officer-a"]] {
        let refused = approve(&room.context(), &room.officers(few), now()).unwrap_err();
        assert!(
            matches!(refused, Refused::TooFew { role: Role::Officer, needed: 2, found } if found == few.len()),
            "{refused}"
        );
    }
}

#[test]
fn an_officer_and_their_deputy_approve_as_one() {
    let room = Room::with(roster_with_a_deputy(), |_| ());
    let both = room.officers(&["officer-b", "officer-a"]);
    let refused = approve(&room.context(), &both, now()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "`officer-b` and `officer-a` count once, as `officer-a`: 2 signatures in the role officer are needed and 1 \
         are there"
    );
    for enough in [&["officer-b", "officer-c"][..], &["officer-a", "officer-b", "officer-c"]] {
        approve(&room.context(), &room.officers(enough), now()).unwrap();
    }
}

#[test]
fn a_genesis_takes_the_keys_of_deputies_too() {
    let room = Room::with(roster_with_a_deputy(), |plan| {
        plan.ordinal = 1;
        plan.previous_head = Digest::ZERO;
    });
    let mut approvals = room.officers(&["officer-a", "officer-b", "officer-c"]);
    for (person, role) in
        [("witness", Role::Witness), ("operator", Role::Operator), ("auditor", Role::Auditor)]
    {
        approvals.push(room.approved_by(person, role));
    }
    approve(&room.context(), &approvals, now()).unwrap();
    approvals.remove(1);
    let refused = approve(&room.context(), &approvals, now()).unwrap_err();
    assert!(matches!(refused, Refused::NotEverybody { name } if name.as_str() == "officer-b"));
}

#[test]
fn only_officers_approve_what_is_no_genesis() {
    let room = Room::new();
    for (person, role) in
        [("witness", Role::Witness), ("auditor", Role::Auditor), ("officer-c", Role::Witness)]
    {
        let mut approvals = room.officers(&["officer-a", "officer-b"]);
        approvals.push(room.approved_by(person, role));
        let refused = approve(&room.context(), &approvals, now()).unwrap_err();
        assert!(
            matches!(
                refused,
                Refused::Statement { number: 3, problem: StatementProblem::RoleDoesNotCount { .. } }
            ),
            "{person}"
        );
    }
}

#[test]
fn everybody_on_the_roster_approves_a_genesis() {
    let room = Room::genesis();
    let everybody = [
        ("officer-a", Role::Officer),
        ("officer-b", Role::Officer),
        ("officer-c", Role::Officer),
        ("witness", Role::Witness),
        ("operator", Role::Operator),
        ("auditor", Role::Auditor),
    ];
    let approvals = everybody.map(|(person, role)| room.approved_by(person, role));
    let approved = approve(&room.context(), &approvals, now()).unwrap();
    assert_eq!(approved.signers().len(), everybody.len());

    for (missing, (person, _)) in everybody.iter().enumerate() {
        let mut fewer = approvals.to_vec();
        fewer.remove(missing);
        let refused = approve(&room.context(), &fewer, now()).unwrap_err();
        assert!(matches!(refused, Refused::NotEverybody { name } if name.as_str() == *person));
    }

    // An officer who signs in another role would prove the key but approve nothing.
    let mut evading = approvals.to_vec();
    evading[2] = room.approved_by("officer-c", Role::Administrator);
    assert!(matches!(
        approve(&room.context(), &evading, now()),
        Err(Refused::Statement { number: 3, problem: StatementProblem::RoleDoesNotCount { .. } })
    ));
}

#[test]
fn only_the_bytes_that_the_plan_fixed_may_be_signed() {
    let room = Room::new();
    let approved = approve(&room.context(), &room.officers(&["officer-a", "officer-b"]), now()).unwrap();
    let tbs = approved.tbs(&name("again"), ROOT_TBS).unwrap();
    assert_eq!((tbs.step(), tbs.sha256()), (&name("again"), Digest::of(ROOT_TBS)));
    assert_eq!(tbs.bytes(), ROOT_TBS);
    assert_eq!(tbs.into_parts(), (name("again"), ROOT_TBS.to_vec()));

    let refused = |step, bytes: &[u8]| approved.tbs(&name(step), bytes).unwrap_err();
    assert!(matches!(refused("again", b"other"), Refused::TbsDiffers { .. }));
    assert!(matches!(refused("root", ROOT_TBS), Refused::TbsNotFixed { .. }));
    assert!(matches!(refused("key", ROOT_TBS), Refused::NoSuchSignature { .. }));
    assert!(matches!(refused("nothing", ROOT_TBS), Refused::NoSuchSignature { .. }));
}

#[test]
fn production_refuses_a_roster_that_a_lab_may_have() {
    let spare = PolicyFinding::FewSpareShares { set: ShareSetName::Operate, holders: 3, threshold: 2 };
    let both = PolicyFinding::WitnessIsOfficer { name: name("officer-c") };
    assert_eq!(policy(&roster()), [both.clone(), spare]);

    let production = Roster::parse(roster_text("production").as_bytes()).unwrap();
    let room = Room::with(production, |plan| plan.environment = Environment::Production);
    let approvals = room.officers(&["officer-a", "officer-b"]);
    let refused = approve(&room.context(), &approvals, now()).unwrap_err();
    assert!(matches!(refused, Refused::Policy(finding) if finding == both));
}

fn waiver(rule: Rule) -> Waiver {
    Waiver { rule, reason: "A reason.".to_owned(), until: instant("2027-01-01T00:00:00Z") }
}

#[test]
fn a_rule_of_production_is_broken_only_under_a_waiver_of_that_rule_that_outlasts_the_window() {
    let both = [waiver(Rule::WitnessIsOfficer), waiver(Rule::FewSpareShares)];
    let short = Waiver { until: instant("2026-12-01T17:00:00Z"), ..both[0].clone() };
    type Fits = fn(&Refused) -> bool;
    let cases: [(Vec<Waiver>, Option<Fits>); 4] = [
        (both.to_vec(), None),
        (vec![both[0].clone()], Some(|r| matches!(r, Refused::Policy(PolicyFinding::FewSpareShares { .. })))),
        (
            vec![waiver(Rule::PinStrength), both[1].clone()],
            Some(|r| matches!(r, Refused::Policy(PolicyFinding::WitnessIsOfficer { .. }))),
        ),
        (vec![short, both[1].clone()], Some(|r| matches!(r, Refused::WaiverTooShort { .. }))),
    ];
    for (waivers, refusal) in cases {
        let production = Roster::parse(roster_text("production").as_bytes()).unwrap();
        let room = Room::with(production, |plan| {
            plan.environment = Environment::Production;
            plan.waivers = waivers;
        });
        let approvals = room.officers(&["officer-a", "officer-b"]);
        match (approve(&room.context(), &approvals, now()), refusal) {
            (Ok(_), None) => {}
            (Err(refused), Some(fits)) => assert!(fits(&refused), "{refused}"),
            (other, _) => panic!("{other:?}"),
        }
    }
}

#[test]
fn nobody_waives_two_shares_of_one_set_in_one_hand() {
    let finding = PolicyFinding::SeveralShares { name: name("officer-a"), set: ShareSetName::Operate };
    assert_eq!(finding.rule(), None);
}

#[test]
fn each_rule_of_production_is_found() {
    let text = roster_text("production");
    let cases = [
        ("\"operator\"]", "\"operator\", \"officer\"]", "`operator` is both operator and officer"),
        ("[\"witness\"]", "[\"witness\", \"operator\"]", "`witness` is both witness and operator"),
        (
            "key-storage = \"hardware\"\n",
            "key-storage = \"file\"\n",
            "`officer-a` is officer and keeps the signing key in a file",
        ),
        ("key-storage = \"hardware\"\n", "", "`officer-a` is officer and keeps the signing key in a file"),
        (
            "shares = [\"operate\"]",
            "shares = [\"operate\", \"operate\"]",
            "`officer-a` holds more than one share of the set `operate`",
        ),
    ];
    for (from, to, expected) in cases {
        let roster = Roster::parse(text.replacen(from, to, 1).as_bytes()).unwrap();
        let findings: Vec<String> = policy(&roster).iter().map(ToString::to_string).collect();
        assert!(findings.iter().any(|finding| finding == expected), "{expected}: {findings:?}");
    }
    let both =
        text.replace("[\"operate\"]", "[\"operate\", \"recovery\"]").replace("close", "recovery = 3\nclose");
    let spare = policy(&Roster::parse(both.as_bytes()).unwrap());
    for (set, threshold) in [(ShareSetName::Operate, 2), (ShareSetName::Recovery, 3)] {
        assert!(spare.contains(&PolicyFinding::FewSpareShares { set, holders: 3, threshold }), "{spare:?}");
    }
}

#[test]
fn a_sound_production_roster_has_no_finding() {
    let officers = ["officer-a", "officer-b", "officer-c", "officer-d"].map(|name| (name, "\"officer\""));
    let others = [("witness", "\"witness\""), ("operator", "\"operator\"")];
    let text = roster_of("production", &[&officers[..], &others].concat());
    let roster = Roster::parse(text.as_bytes()).unwrap();
    assert_eq!(policy(&roster), []);
    let room = Room::with(roster, |plan| plan.environment = Environment::Production);
    let approvals = room.officers(&["officer-a", "officer-b"]);
    assert!(approve(&room.context(), &approvals, now()).is_ok());
}
