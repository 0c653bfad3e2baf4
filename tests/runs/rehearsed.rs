//! Rehearsals that are held to their end on SoftHSM.

use anchorite::format::{
    Action, Digest, DrillKind, DrillOutcome, Event, Instant, Log, LogLine, Mode, Plan, Roster,
};
use anchorite::roster::{DrillProblem, NotRehearsed, RehearsalEvidence, drills_passed, rehearsed};
use serde_json::json;

use crate::lab::{EVERYBODY, Lab, TWO_OFFICERS};
use crate::rehearsal::Rehearsal;

#[test]
fn a_genesis_is_rehearsed_with_drills_that_cost_nothing() {
    let lab = Lab::blank();
    lab.plan("genesis").done();
    let before = lab.consequences();
    let (rehearsal, derived) =
        Rehearsal::derive(&lab, "genesis", "blank.toml", &["wrong-word", "missing-officer", "wrong-token"]);
    let shown = derived.done();
    for told in
        ["REHEARSAL: nothing of this counts", "step root: subject", "drill wrong-word, in step provision"]
    {
        assert!(shown.contains(told), "{told}: {shown}");
    }
    rehearsal.approve(1, &EVERYBODY);
    let shown = rehearsal.run(1).ends(0, "complete and sealed");
    for officer in ["officer-a", "officer-b", "officer-c"] {
        let sheet = lab.read(&format!("rehearsal/custody/{officer}.operate-1.txt"));
        assert!(sheet.starts_with("REHEARSAL: THIS SHARE OPENS NOTHING AFTERWARDS\n"), "{officer}");
    }
    assert_eq!(shown.matches("[REHEARSAL] step ").count(), 6, "{shown}");
    let verdict = rehearsal.verify("0001-genesis").ends(0, "VERDICT  PASS");
    assert!(verdict.contains("REHEARSAL") && verdict.contains("3 drills passed"), "{verdict}");
    let head = rehearsal.head("0001-genesis");
    let told = format!("verify rehearsal/authority --roster rehearsal/roster.toml --expect-head {head}");
    lab.anchorite(&told).ends(1, "This is the record of a rehearsal");
    let drilled = rehearsal.records("0001-genesis", "drill");
    let passed =
        |kind: &str, step: serde_json::Value| json!({ "kind": kind, "step": step, "outcome": "passed" });
    assert_eq!(
        drilled,
        [
            passed("wrong-token", json!(null)),
            passed("wrong-word", json!("provision")),
            passed("missing-officer", json!("root"))
        ]
    );
    assert_eq!(lab.consequences(), before, "the ceremony's token and authority are untouched");
}

#[test]
fn a_later_ceremony_is_rehearsed_with_stand_ins_and_goes_on_after_a_power_cut() {
    let lab = Lab::after_genesis();
    lab.plan("sign-intermediates").done();
    let before = lab.consequences();
    let (rehearsal, derived) =
        Rehearsal::derive(&lab, "sign-intermediates", "hsm.toml", &["power-cut", "wrong-word"]);
    derived.done();
    rehearsal.approve(2, &TWO_OFFICERS);
    let cut = lab.command(&rehearsal.run_arguments(2)).output().unwrap();
    assert_eq!(cut.status.code(), None, "the process is killed: {cut:?}");
    let bundle = "0002-sign-intermediates";
    rehearsal.verify(bundle).ends(3, "VERDICT  INCOMPLETE");
    rehearsal.resume(2, bundle).ends(0, "complete and sealed");
    rehearsal.verify(bundle).ends(0, "VERDICT  PASS");
    let drilled = rehearsal.records(bundle, "drill");
    assert_eq!(drilled.len(), 2);
    assert!(drilled.iter().all(|drill| drill["outcome"] == "passed"), "{drilled:?}");
    assert_eq!(lab.consequences(), before, "the ceremony's token and authority are untouched");
}

/// Holds a rehearsal of a genesis whose plan asks for one; answers with the rehearsal.
fn rehearsed_genesis(lab: &Lab) -> Rehearsal<'_> {
    lab.edit("ceremonies/genesis.toml", "policy = ", "rehearsed-within-days = 30\npolicy = ");
    lab.plan("genesis").done();
    let (rehearsal, derived) =
        Rehearsal::derive(lab, "genesis", "blank.toml", &["wrong-word@provision", "missing-officer@root"]);
    derived.done();
    rehearsal.approve(1, &EVERYBODY);
    rehearsal.run(1).ends(0, "complete and sealed");
    rehearsal
}

#[test]
fn a_plan_that_asks_for_a_rehearsal_runs_only_after_one_of_it() {
    let lab = Lab::blank();
    let rehearsal = rehearsed_genesis(&lab);
    lab.approve("genesis", "blank.toml", &EVERYBODY);
    let before = lab.consequences();
    lab.run("genesis", "blank.toml").ends(1, "asks for a rehearsal within 30 days");
    let run = format!("{} --rehearsal", Lab::run_arguments("genesis", "blank.toml"));
    let bundle = "rehearsal/authority/0001-genesis";
    let seals = lab.path(bundle).join("seals");
    let witness = seals.join("close.witness.sig");
    let kept = std::fs::read(&witness).unwrap();
    std::fs::remove_file(&witness).unwrap();
    lab.anchorite(&format!("{run} {bundle}")).ends(1, "do not hold");
    std::fs::write(&witness, kept).unwrap();
    assert_eq!(lab.consequences(), before, "nothing happened");

    lab.anchorite(&format!("{run} {bundle}")).ends(0, "complete and sealed");
    assert_eq!(lab.record("ceremony.open")["rehearsal"]["head"], rehearsal.head("0001-genesis"));
    // The directory of the rehearsal is thrown away.
    std::fs::remove_dir_all(lab.path("rehearsal")).unwrap();
    let verdict = lab.verify().ends(0, "VERDICT  PASS");
    assert!(verdict.contains("within 30 days, head"), "{verdict}");
}

/// What a ceremony's record keeps of a rehearsal, from the rehearsal's bundle.
fn evidence(lab: &Lab, bundle: &str) -> RehearsalEvidence {
    let read = |name: &str| std::fs::read(lab.path(&format!("{bundle}/{name}"))).unwrap();
    let close = |person: &&str| {
        (read(&format!("seals/close.{person}.txt")), read(&format!("seals/close.{person}.sig")))
    };
    RehearsalEvidence {
        plan: read("artifacts/plan.json"),
        log: read("log.jsonl"),
        roster: read("artifacts/roster.toml"),
        seals: EVERYBODY.iter().map(close).collect(),
    }
}

#[test]
fn a_rehearsal_counts_for_its_own_ceremony_whole_and_in_time() {
    let lab = Lab::blank();
    rehearsed_genesis(&lab);
    let plan = Plan::parse(lab.read("plans/genesis/plan.json").as_bytes()).unwrap();
    let good = evidence(&lab, "rehearsal/authority/0001-genesis");
    let log = Log::parse_in(&good.log, Mode::Rehearsal).unwrap();
    let ended = log.records().next_back().unwrap().t;
    let after = |seconds: i64| Instant::from_unix_seconds(ended.unix_seconds() + seconds).unwrap();
    for (seconds, counts) in [(0, true), (30 * 86_400, true), (-1, false), (30 * 86_400 + 1, false)] {
        let found = rehearsed(&plan, &good, after(seconds));
        assert_eq!(found.is_ok(), counts, "{seconds}: {found:?}");
    }

    type Change = fn(&mut Plan);
    let others: [(&str, Change); 6] = [
        ("script_sha256", |plan| plan.script_sha256 = Digest::ZERO),
        ("tool", |plan| plan.tool.push('x')),
        ("the roster", |plan| plan.roster_sha256 = Digest::ZERO),
        ("the order of steps", |plan| plan.steps.swap(0, 1)),
        ("step root: validity", |plan| {
            for step in &mut plan.steps {
                if let Action::SelfSign { validity, .. } = &mut step.action {
                    validity.to = validity.from;
                }
            }
        }),
        ("step room: text", |plan| {
            for step in &mut plan.steps {
                if let Action::Confirm { text, .. } = &mut step.action {
                    text.push('!');
                }
            }
        }),
    ];
    for (what, change) in others {
        let mut other = plan.clone();
        change(&mut other);
        let told = rehearsed(&other, &good, after(1)).unwrap_err().to_string();
        assert!(told.contains("it rehearses something else") && told.contains(what), "{what}: {told}");
    }

    let last = good.log.len() - good.log.split_inclusive(|byte| *byte == b'\n').next_back().unwrap().len();
    type Fits = fn(&NotRehearsed) -> bool;
    let damaged: [(&str, RehearsalEvidence, Fits); 6] = [
        ("another plan", RehearsalEvidence { plan: b"{}".to_vec(), ..good.clone() }, |e| {
            matches!(e, NotRehearsed::OtherFile { what: "plan.json" })
        }),
        ("another roster", RehearsalEvidence { roster: b"x".to_vec(), ..good.clone() }, |e| {
            matches!(e, NotRehearsed::OtherFile { what: "roster.toml" })
        }),
        ("not to its end", RehearsalEvidence { log: good.log[..last].to_vec(), ..good.clone() }, |e| {
            matches!(e, NotRehearsed::NotComplete { .. })
        }),
        ("no witness", RehearsalEvidence { seals: good.seals[..3].to_vec(), ..good.clone() }, |e| {
            matches!(e, NotRehearsed::NotSealed(_))
        }),
        ("nothing", RehearsalEvidence::default(), |e| matches!(e, NotRehearsed::Unreadable { .. })),
        (
            "a ceremony",
            RehearsalEvidence {
                log: String::from_utf8(good.log.clone())
                    .unwrap()
                    .replace("anchorite-rehearsal-log", "anchorite-log")
                    .into(),
                ..good.clone()
            },
            |e| matches!(e, NotRehearsed::Unreadable { .. }),
        ),
    ];
    for (what, evidence, fits) in damaged {
        let error = rehearsed(&plan, &evidence, after(1)).unwrap_err();
        assert!(fits(&error), "{what}: {error}");
    }
    // One officer more or less than enough makes no difference.
    let enough = RehearsalEvidence { seals: good.seals[1..].to_vec(), ..good };
    rehearsed(&plan, &enough, after(1)).unwrap();
}

#[test]
fn a_drill_counts_once_in_its_step_and_with_what_it_leaves_in_the_record() {
    let lab = Lab::blank();
    rehearsed_genesis(&lab);
    let good = evidence(&lab, "rehearsal/authority/0001-genesis");
    let plan = Plan::parse_in(&good.plan, Mode::Rehearsal).unwrap();
    let roster = Roster::parse_in(&good.roster, Mode::Rehearsal).unwrap();
    let log = || Log::parse_in(&good.log, Mode::Rehearsal).unwrap();
    assert_eq!(drills_passed(&plan, &log(), &roster), Ok(2));
    let is_drill = |line: &LogLine| matches!(line.record.event, Event::Drilled(_));

    let mut without = log();
    without.lines.retain(|line| !is_drill(line));
    let mut twice = log();
    let again = twice.lines.iter().find(|line| is_drill(line)).unwrap().clone();
    let place = twice.lines.iter().position(is_drill).unwrap();
    twice.lines.insert(place, again.clone());
    let mut late = log();
    late.lines.remove(place);
    late.lines.insert(late.lines.len() - 1, again);
    let mut not_played = log();
    for line in &mut not_played.lines {
        if let Event::Drilled(drilled) = &mut line.record.event {
            drilled.outcome = DrillOutcome::NotPlayed;
        }
    }
    for (what, log) in [("none", without), ("twice", twice), ("late", late), ("not played", not_played)] {
        let found = drills_passed(&plan, &log, &roster);
        assert!(matches!(found, Err(DrillProblem::NotPassed { .. })), "{what}: {found:?}");
    }
    let mut nobody_left = log();
    nobody_left.lines.retain(|line| !matches!(line.record.event, Event::Left(_) | Event::Arrived(_)));
    let found = drills_passed(&plan, &nobody_left, &roster);
    assert_eq!(found, Err(DrillProblem::NotShown { kind: DrillKind::MissingOfficer }));
    let mut one_left = log();
    let first = one_left.lines.iter().position(|line| matches!(line.record.event, Event::Left(_))).unwrap();
    one_left.lines.remove(first);
    let found = drills_passed(&plan, &one_left, &roster);
    assert_eq!(found, Err(DrillProblem::NotShown { kind: DrillKind::MissingOfficer }));
    let mut other = plan.clone();
    other.rehearses.as_mut().unwrap().drills.pop();
    assert_eq!(
        drills_passed(&other, &log(), &roster),
        Err(DrillProblem::NotPlanned { kind: DrillKind::MissingOfficer })
    );
    other.rehearses.as_mut().unwrap().drills.clear();
    assert_eq!(drills_passed(&other, &log(), &roster), Err(DrillProblem::None));
}

#[test]
fn an_attempt_is_aborted_for_the_drill_and_the_next_one_held_to_its_end() {
    let lab = Lab::blank();
    lab.plan("genesis").done();
    let (rehearsal, derived) = Rehearsal::derive(&lab, "genesis", "blank.toml", &["abort@root"]);
    derived.done();
    rehearsal.approve(1, &EVERYBODY);
    rehearsal.run(1).ends(4, "aborted and sealed");
    let verdict = rehearsal.verify("0001-genesis").ends(0, "VERDICT  PASS");
    assert!(verdict.contains("1 drills passed"), "{verdict}");
    rehearsal
        .derive_again("genesis", "blank.toml", &["wrong-token"])
        .ends(0, "drill abort, before the first step");
    for person in ["officer-a", "officer-b", "officer-c"] {
        std::fs::remove_file(lab.path(&format!("rehearsal/custody/{person}.operate-1.txt"))).unwrap();
    }
    rehearsal.approve(2, &TWO_OFFICERS);
    rehearsal.run(2).ends(0, "complete and sealed");
    rehearsal.verify("0002-genesis").ends(0, "VERDICT  PASS");
    assert_eq!(rehearsal.records("0002-genesis", "drill").len(), 2);
}

#[test]
fn an_exception_is_recorded_for_the_drill() {
    let lab = Lab::blank();
    lab.plan("genesis").done();
    let (rehearsal, derived) = Rehearsal::derive(&lab, "genesis", "blank.toml", &["exception@clock"]);
    derived.done();
    rehearsal.approve(1, &EVERYBODY);
    rehearsal.run(1).ends(0, "complete and sealed");
    let recorded = rehearsal.records("0001-genesis", "exception");
    assert_eq!(recorded.len(), 1, "{recorded:?}");
    assert_eq!(recorded[0]["happened"], "The drill wants an exception.");
    rehearsal.verify("0001-genesis").ends(0, "1 drills passed");
}

#[test]
fn a_drill_that_nobody_plays_fails_the_rehearsal() {
    let lab = Lab::blank();
    lab.plan("genesis").done();
    // Nobody is asked anything while the key is made: there is no moment in which to play it.
    let (rehearsal, derived) = Rehearsal::derive(&lab, "genesis", "blank.toml", &["exception@root-key"]);
    derived.done();
    rehearsal.approve(1, &EVERYBODY);
    rehearsal.run(1).ends(0, "NOT PLAYED");
    assert_eq!(rehearsal.records("0001-genesis", "drill")[0]["outcome"], "not-played");
    rehearsal.verify("0001-genesis").ends(1, "J1");
}

#[test]
fn what_cannot_be_a_rehearsal_is_refused_before_anything_is_made() {
    let lab = Lab::after_genesis();
    lab.plan("sign-intermediates").done();
    let rehearse = "rehearse plans/sign-intermediates --binding hsm.toml --output rehearsal";
    lab.anchorite(rehearse).ends(2, "--drill");
    for (drill, code, told) in [
        ("flood", 2, "a drill is power-cut, wrong-word"),
        ("power-cut@nowhere", 1, "the plan has no step `nowhere`"),
        ("wrong-token@crl", 2, "the token is looked at before the first step"),
    ] {
        lab.anchorite(&format!("{rehearse} --drill {drill}")).ends(code, told);
    }
    assert!(!lab.path("rehearsal").exists());
    let (rehearsal, derived) = Rehearsal::derive(&lab, "sign-intermediates", "hsm.toml", &["wrong-token"]);
    derived.done();
    // A rehearsal is not rehearsed, and its roster plans no ceremony.
    lab.anchorite("rehearse rehearsal/2/plan --binding hsm.toml --output again --drill wrong-token")
        .ends(1, "this is of a rehearsal");
    lab.anchorite(
        "plan ceremonies/sign-intermediates.toml --authority authority --roster rehearsal/roster.toml --output other",
    )
    .ends(2, "this is of a rehearsal");
    // The ceremony's token under the rehearsal's binding: the same machine, the wrong token.
    let serial = lab.serial();
    let binding = lab.read("rehearsal/2/binding.toml");
    let stand_in = binding.lines().find_map(|line| line.strip_prefix("serial = ")).unwrap().to_owned();
    assert_ne!(stand_in, format!("\"{serial}\""), "the stand-in is another token");
    assert!(lab.read("rehearsal/2/plan/plan.json").contains(&format!("\"forbidden_tokens\":[\"{serial}\"]")));
    rehearsal.approve(2, &TWO_OFFICERS);
    rehearsal.run(2).done();
}

#[test]
fn a_ceremony_is_rehearsed_as_the_document_says() {
    let lab = Lab::blank();
    lab.edit("ceremonies/genesis.toml", "policy = ", "rehearsed-within-days = 30\npolicy = ");
    lab.anchorite("plan ceremonies/genesis.toml --authority authority --roster roster.toml --output plan")
        .done();
    std::fs::copy(lab.path("blank.toml"), lab.path("hsm.toml")).unwrap();
    let answers = |of: &str, file: &str| format!(" --answers {file}/answers.toml --custody {of}custody");
    let mut run = 0;
    for (_, block) in crate::documents::blocks("docs/rehearsal.md") {
        for command in block.replace("\\\n", " ").lines() {
            let command = command.split_whitespace().collect::<Vec<_>>().join(" ");
            let command = command.strip_prefix("anchorite ").expect("a command of this program").to_owned();
            run += 1;
            let command = match command.split(' ').next() {
                Some("officer") => {
                    for person in EVERYBODY {
                        let file = format!("rehearsal/custody/{person}.passphrase");
                        let command = command.replace("officer-a", person);
                        lab.anchorite(&format!("{command} --passphrase-file {file} --yes")).done();
                    }
                    continue;
                }
                Some("run") if command.contains("--rehearsal") => {
                    for person in EVERYBODY {
                        lab.anchorite(&format!(
                            "officer sign --plan plan --binding hsm.toml --roster roster.toml --as {person} \
                             --output approvals --key custody/{person}.key.pem \
                             --passphrase-file custody/{person}.passphrase --yes"
                        ))
                        .done();
                    }
                    command + &answers("", "ceremonies")
                }
                Some("run") => command + &answers("rehearsal/", "rehearsal"),
                Some("verify") => {
                    let log = lab.read("rehearsal/authority/0001-genesis/log.jsonl");
                    let last = log.split_inclusive('\n').next_back().unwrap();
                    command.replace("HEAD", &crate::lab::sha256(last.as_bytes()))
                }
                _ => command,
            };
            lab.anchorite(&command).done();
        }
    }
    assert_eq!(run, 5, "every command of the document");
    lab.verify().ends(0, "VERDICT  PASS");
}
