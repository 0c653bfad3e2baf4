//! What people read aloud, state, seal in bags and bring from devices; exceptions; duties.

use anchorite::host;
use serde_json::{Value, json};

use crate::ceremonies_held::papers;
use crate::lab::{EVERYBODY, Lab, Ran, TWO_OFFICERS, sha256};
use crate::person::Person;
use crate::reshare::{ceremony, last};
use crate::terminal::run_by_a_person;

const INSPECTION: &str = "ceremonies/inspection.toml";

fn inspect(lab: &Lab) -> Ran {
    lab.plan("inspection").done();
    lab.approve("inspection", "hsm.toml", &TWO_OFFICERS);
    papers(lab, "inspection");
    lab.run("inspection", "hsm.toml")
}

/// Adds to what the people of the laboratory do.
fn answer(lab: &Lab, more: &str) {
    let answers = lab.read("ceremonies/answers.toml");
    lab.write("ceremonies/answers.toml", &format!("{answers}\n{more}\n"));
}

/// The bodies of the last ceremony's records of a type.
fn bodies(lab: &Lab, kind: &str) -> Vec<Value> {
    let records = lab.records().into_iter().filter(|record| record["type"] == kind);
    records.map(|record| record["body"].clone()).collect()
}

#[test]
fn what_people_read_state_seal_and_bring_is_in_the_record() {
    let lab = Lab::after_genesis();
    let head = lab.head();
    inspect(&lab).ends(0, "complete and sealed");
    lab.verify().ends(0, "VERDICT  PASS");

    let opened = &lab.records()[0]["body"];
    assert_eq!(opened["place"], "Laboratory, room 3");
    assert_eq!(opened["recording"], "one camera on card 7, kept by the witness");
    let program = sha256(&std::fs::read(env!("CARGO_BIN_EXE_anchorite")).unwrap());
    assert_eq!(opened["machine"]["program_sha256"], program);

    let beacon = json!({"step": "clocks", "by": "officer-a", "source": "the lab's notice board", "value": "Soup of the day: lentils."});
    assert_eq!(bodies(&lab, "freshness.beacon"), [beacon]);
    let [plan, previous] = bodies(&lab, "read.aloud").try_into().unwrap();
    assert_eq!(plan["digest"], opened["plan_sha256"]);
    assert_eq!((&plan["named"]["of"], &plan["attempts"]), (&json!("plan"), &json!(1)));
    assert_eq!(plan["positions"].as_array().unwrap().len(), 3);
    assert_eq!(previous["digest"], head);
    let numbers: Vec<Value> = bodies(&lab, "custody")
        .iter()
        .map(|body| {
            json!([body["act"], body["number"], body["expected"], body["by"], body["witness"], body["place"]])
        })
        .collect();
    assert_eq!(
        numbers,
        [
            json!(["open", "A0016", "A0016", "officer-a", "witness", null]),
            json!(["seal", "A0017", null, "officer-a", "witness", "safe 2"]),
        ]
    );
    let evidence = last(&lab, "evidence.imported");
    assert_eq!(evidence["file"]["sha256"], sha256(b"Slot 0: primary\n"));
    assert_eq!(lab.read("authority/0002-inspection/artifacts/slots.evidence"), "Slot 0: primary\n");
    let attested: Vec<Value> = bodies(&lab, "attestation").iter().map(|body| body["by"].clone()).collect();
    assert_eq!(attested, ["officer-a", "officer-b", "officer-c", "witness"]);
    let duties = last(&lab, "ceremony.close")["duties"].clone();
    assert_eq!(duties[0]["id"], "next-inspection");
    let status = lab.anchorite("authority status authority --roster roster.toml").done();
    for told in ["2/next-inspection", "1/crl", "1/root", "A0017", "safe 2"] {
        assert!(status.contains(told), "{told}: {status}");
    }
}

#[test]
fn who_reads_from_paper_of_another_plan_does_not_get_on() {
    let lab = Lab::after_genesis();
    lab.plan("inspection").done();
    lab.approve("inspection", "hsm.toml", &TWO_OFFICERS);
    papers(&lab, "inspection");
    lab.write("custody/plan.digest", &sha256(b"another plan"));
    let shown = lab.run("inspection", "hsm.toml").ends(4, "it is of another digest");
    assert!(shown.contains("those are not the words of the plan digest"), "{shown}");
    assert_eq!(bodies(&lab, "read.aloud"), [Value::Null; 0]);
    lab.abort("officer-a").done();
    lab.verify().ends(0, "VERDICT  PASS");
}

const LOOK: &str = "[[step]]\nid = \"look\"\ndo = \"custody\"\nitem = \"primary-token\"\nact = \"inspect\"\n";

#[test]
fn a_bag_with_another_number_is_an_exception_and_never_silent() {
    for (number, decided, code, told) in [
        ("A0017", "", 0, "complete and sealed"),
        ("A0018", "", 4, "what is decided where The bag has the number A0018."),
        (
            "A0018",
            "[[exception]]\nstep = \"look\"\nat = \"mismatch\"\nclass = \"doubtful\"\ndecided = \"The token is not used.\"\nby = \"officer-b\"\n",
            0,
            "exception 1 (doubtful), decided by officer-b",
        ),
    ] {
        let lab = Lab::after_genesis();
        inspect(&lab).done();
        ceremony(&lab, "look", LOOK);
        answer(&lab, &format!("[[bag]]\nstep = \"look\"\nnumber = \"{number}\"\n\n{decided}"));
        lab.hold("look", "hsm.toml", &TWO_OFFICERS).ends(code, told);
        let noted = bodies(&lab, "custody");
        if code != 0 {
            assert_eq!(noted, [Value::Null; 0], "nothing is noted before somebody decided");
            continue;
        }
        assert_eq!((&noted[0]["expected"], &noted[0]["number"]), (&json!("A0017"), &json!(number)));
        let exceptions = bodies(&lab, "exception");
        assert_eq!(exceptions.len(), usize::from(number != "A0017"));
        lab.verify().ends(0, "VERDICT  PASS");
    }
}

#[test]
fn an_exception_is_recorded_at_any_question_and_the_question_is_asked_again() {
    let lab = Lab::after_genesis();
    answer(
        &lab,
        "[[exception]]\nstep = \"vault\"\nclass = \"repeated\"\nexpected = \"Silence.\"\nhappened = \"The telephone rang.\"\n\
         decided = \"The digest was read again.\"\nby = \"officer-b\"\n",
    );
    lab.hold("sign-intermediates", "hsm.toml", &TWO_OFFICERS)
        .ends(0, "exception 1 (repeated), decided by officer-b");
    let exception = json!({
        "number": 1, "step": "vault", "class": "repeated", "expected": "Silence.",
        "happened": "The telephone rang.", "decided": "The digest was read again.", "by": "officer-b",
    });
    assert_eq!(bodies(&lab, "exception"), [exception]);
    lab.verify().ends(0, "VERDICT  PASS");
}

#[test]
fn after_a_compromise_nothing_goes_on_but_the_abort() {
    let lab = Lab::after_genesis();
    answer(
        &lab,
        "[[exception]]\nstep = \"vault\"\nclass = \"compromise\"\nexpected = \"Three sheets.\"\nhappened = \"One envelope was open.\"\n\
         decided = \"Stop.\"\nby = \"officer-a\"\n",
    );
    let shown =
        lab.hold("sign-intermediates", "hsm.toml", &TWO_OFFICERS).ends(4, "nothing goes on after that");
    assert!(shown.contains("anchorite abort") && !shown.contains("anchorite resume"), "{shown}");
    let resume = "resume authority/0002-sign-intermediates --exchange exchange/resume --answers ceremonies/answers.toml \
                  --custody custody";
    let shown = lab.anchorite(resume).ends(1, "exception 1 says that something may be compromised");
    assert!(!shown.contains("complete"), "{shown}");
    lab.abort("officer-a").done();
    lab.verify().ends(0, "VERDICT  PASS");
}

#[test]
fn a_refusal_to_attest_ends_nothing_and_is_told_first() {
    let lab = Lab::after_genesis();
    answer(
        &lab,
        "[[refusal]]\nstep = \"attest\"\nby = \"officer-b\"\nreason = \"I was at the telephone when the bag was opened.\"\n",
    );
    inspect(&lab).ends(0, "officer-b does not state it: I was at the telephone");
    let refusals: Vec<Value> =
        bodies(&lab, "attestation").iter().map(|body| body["refusal"].clone()).collect();
    assert_eq!(refusals.iter().filter(|refusal| **refusal != Value::Null).count(), 1);
    lab.verify().ends(0, "VERDICT  PASS");
}

#[test]
fn a_file_that_a_device_did_not_give_is_not_taken_in() {
    for (spoil, told) in [
        (
            (|lab: &Lab| std::fs::remove_file(lab.path("exchange/inspection/slots.txt")).unwrap())
                as fn(&Lab),
            "No such file",
        ),
        (
            |lab| {
                let file = std::fs::File::create(lab.path("exchange/inspection/slots.txt")).unwrap();
                file.set_len(16 * 1024 * 1024 + 1).unwrap();
            },
            "more than the 16777216 that are taken in",
        ),
    ] {
        let lab = Lab::after_genesis();
        lab.plan("inspection").done();
        lab.approve("inspection", "hsm.toml", &TWO_OFFICERS);
        papers(&lab, "inspection");
        spoil(&lab);
        lab.run("inspection", "hsm.toml").ends(4, told);
        assert_eq!(bodies(&lab, "evidence.imported"), [Value::Null; 0]);
    }
}

#[test]
fn a_duty_is_open_until_a_ceremony_says_that_it_is_done() {
    let lab = Lab::after_genesis();
    inspect(&lab).done();
    let done = "[[step]]\nid = \"inspected\"\ndo = \"confirm\"\nby = \"witness\"\ntext = \"The inspection was held.\"\ndischarges = \"ledger:next-inspection\"\n";
    ceremony(&lab, "again", done);
    lab.hold("again", "hsm.toml", &TWO_OFFICERS).done();
    lab.verify().ends(0, "VERDICT  PASS");
    let status = lab.anchorite("authority status authority --roster roster.toml").done();
    assert!(!status.contains("next-inspection") && status.contains("1/crl"), "{status}");
    ceremony(&lab, "once-more", done);
    lab.plan("once-more").ends(1, "error[P017]");

    // A newer CRL takes the place of the one before.
    lab.hold("sign-intermediates", "hsm.toml", &TWO_OFFICERS).done();
    let status = lab.anchorite("authority status authority --roster roster.toml").done();
    assert!(
        status.contains("4/crl  ")
            && !status.lines().any(|line| line.contains("1/crl") && line.contains("by ")),
        "{status}"
    );
}

#[test]
fn at_a_terminal_words_are_typed_from_paper_and_an_exclamation_mark_opens_an_exception() {
    let lab = Lab::after_genesis();
    lab.edit(
        INSPECTION,
        "[[step]]\nid = \"read-head\"\ndo = \"read-aloud\"\nby = \"officer\"\ndigest = \"previous-head\"\n\n",
        "",
    );
    lab.plan("inspection").done();
    lab.approve("inspection", "hsm.toml", &TWO_OFFICERS);
    papers(&lab, "inspection");
    let mut person = Person::at(run_by_a_person(&lab, "inspection", "hsm.toml"));
    for name in EVERYBODY {
        person.reads(&format!("{name} ("));
        person.is_asked("  > ");
        person.types(&format!("!{name} is here"));
    }
    // Before the record is open `!` is a character like any other.
    person.reads("The record is open");
    for name in ["officer-a", "witness"] {
        person.is_asked("who reads it (");
        person.types(name);
        person.is_asked("what does it show");
        person.types(&host::now().to_string());
    }
    person.is_asked("who brings it (");
    person.types("!");
    person.is_asked("class: ");
    person.types("note");
    person.is_asked("what was expected: ");
    person.types("A newspaper.");
    person.is_asked("what happened: ");
    person.types("It was yesterday's.");
    person.is_asked("what was decided: ");
    person.types("The notice board serves.");
    person.is_asked("who decided it (officer-a, officer-b, officer-c): ");
    person.types("officer-b");
    person.reads("exception 1 (note), decided by officer-b");
    person.is_asked("who brings it (");
    person.types("witness");
    person.is_asked("look it up? ");
    person.types("the notice board");
    person.is_asked("what does it say? ");
    person.types("Lentils.");

    let plan = sha256(lab.read("plans/inspection/plan.json").as_bytes());
    let digest = anchorite::format::Digest::parse(&plan).unwrap();
    let words = anchorite::render::words_of(digest.as_bytes());
    for right in [false, true] {
        person.is_asked("who reads (");
        person.types("officer-a");
        for _ in 0..3 {
            person.reads("officer-a: word ");
            let position: usize = person.is_asked(": ").trim_end_matches(": ").parse().unwrap();
            person.types(if right { words[position - 1] } else { "aardvark" });
        }
        if !right {
            person.reads("not the words of the plan digest");
        }
    }
    person.reads("they are right");

    for (by, number) in
        [("officer-a", "A0016"), ("witness", "A0061"), ("officer-a", "A0016"), ("witness", "A0016")]
    {
        if by == "officer-a" {
            person.is_asked("who reads it (");
            person.types(by);
        }
        person.is_asked(&format!("{by}: the number: "));
        person.types(number);
        if number == "A0061" {
            person.reads("both read it again");
        }
    }
    person.is_asked("Press Enter when it is there: ");
    person.interrupts();
    person.is_asked("officer who ends it (or Enter): ");
    person.interrupts();
    let left = person.leaves();
    assert_eq!(left.code, 4, "{}", left.shown);
    let row = words[..4].join(" ");
    assert!(!left.shown.contains(&row), "the words are shown to nobody: {}", left.shown);
    let read = &bodies(&lab, "read.aloud")[0];
    assert_eq!((&read["attempts"], &read["by"]), (&json!(2), &json!("officer-a")));
    assert_eq!(bodies(&lab, "exception")[0]["step"], "clocks");
    assert_eq!(bodies(&lab, "custody")[0]["witness"], "witness");
    assert_eq!(lab.records()[0]["body"]["present"][0]["typed"], "!officer-a is here");
}
