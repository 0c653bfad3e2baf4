//! Who is in the room, and what a break does.

use serde_json::Value;

use crate::derivation::words;
use crate::lab::{EVERYBODY, Lab, TWO_OFFICERS};
use crate::person::{Left, Person};

const BREAK: &str =
    "[[step]]\nid = \"lunch\"\ndo = \"break\"\nreason = \"Lunch.\"\nminutes = 45\nshares = \"SHARES\"\n\n";

/// Puts a break before a step of a ceremony.
fn add_break(lab: &Lab, ceremony: &str, before: &str, shares: &str) {
    let step = format!("[[step]]\nid = \"{before}\"");
    let pause = BREAK.replace("SHARES", shares);
    lab.edit(&format!("ceremonies/{ceremony}.toml"), &step, &format!("{pause}{step}"));
}

/// Has people come and go: step, `arrives` or `leaves`, who.
fn moves(lab: &Lab, movements: &[(&str, &str, &str)]) {
    let mut answers = lab.read("ceremonies/answers.toml");
    for (step, does, name) in movements {
        answers.push_str(&format!(
            "\n[[movement]]\nstep = \"{step}\"\n{does} = \"{name}\"\nnoted-by = \"witness\"\n"
        ));
    }
    lab.write("ceremonies/answers.toml", &answers);
}

/// The bodies of the last ceremony's records of a type.
fn bodies(lab: &Lab, kind: &str) -> Vec<Value> {
    let records = lab.records().into_iter().filter(|record| record["type"] == kind);
    records.map(|record| record["body"].clone()).collect()
}

fn logins(lab: &Lab) -> usize {
    bodies(lab, "op.intent").iter().filter(|body| body["call"]["function"] == "C_Login").count()
}

#[test]
fn after_a_break_a_quorum_opens_the_token_again_or_not_as_the_ceremony_says() {
    for (shares, times) in [("entered-again", 2), ("kept", 1)] {
        let lab = Lab::blank();
        add_break(&lab, "genesis", "root", shares);
        lab.hold("genesis", "blank.toml", &EVERYBODY).ends(0, "complete and sealed");
        lab.verify().ends(0, "VERDICT  PASS");
        assert_eq!((logins(&lab), bodies(&lab, "quorum.met").len()), (times, times - 1), "{shares}");
        let records = lab.records();
        let begun = records.iter().find(|record| record["type"] == "break.begun").unwrap();
        assert_eq!(begun["body"]["head"], begun["prev"]);
        assert_eq!(begun["body"]["present"].as_array().unwrap().len(), EVERYBODY.len());
        lab.bind_by_serial();
        add_break(&lab, "sign-intermediates", "vault", shares);
        lab.hold("sign-intermediates", "hsm.toml", &TWO_OFFICERS).done();
        lab.verify().ends(0, "VERDICT  PASS");
        assert_eq!((logins(&lab), bodies(&lab, "quorum.met").len()), (times, times), "{shares}");
    }
}

#[test]
fn who_comes_and_goes_is_in_the_record_and_who_left_does_nothing() {
    let lab = Lab::after_genesis();
    // Officer-a comes late and officer-c does not stay to the end.
    moves(&lab, &[("vault", "arrives", "officer-a"), ("crl", "leaves", "officer-c")]);
    add_break(&lab, "sign-intermediates", "crl", "entered-again");
    lab.hold("sign-intermediates", "hsm.toml", &TWO_OFFICERS).done();
    lab.verify().ends(0, "VERDICT  PASS");
    let [arrived, left] = ["person.arrived", "person.left"].map(|kind| bodies(&lab, kind));
    let roles = serde_json::json!(["officer"]);
    let late = serde_json::json!({ "name": "officer-a", "roles": roles, "noted_by": "witness" });
    assert_eq!(arrived, [late]);
    assert_eq!(left, [serde_json::json!({ "name": "officer-c", "noted_by": "witness" })]);
    let opened: Vec<Value> = bodies(&lab, "quorum.met").iter().map(|body| body["by"].clone()).collect();
    assert_eq!(
        opened,
        [serde_json::json!(["officer-b", "officer-c"]), serde_json::json!(["officer-a", "officer-b"])]
    );
    let confirmed: Vec<Value> =
        bodies(&lab, "sign.confirmed").iter().map(|body| body["by"].clone()).collect();
    assert_eq!(confirmed, ["officer-b", "officer-a", "officer-a"]);
    let seals = lab.path("authority/0002-sign-intermediates/seals");
    assert!(seals.join("close.officer-b.sig").exists() && !seals.join("close.officer-c.sig").exists());
}

#[test]
fn while_too_few_are_there_nothing_is_asked_but_who_comes_back() {
    for (absent, told) in [
        (["officer-a", "officer-b"], "1 of the 2 officers are here"),
        (["officer-a", "witness"], "nobody with the role witness is here"),
    ] {
        let leave = absent.map(|name| ("vault", "leaves", name));
        let lab = Lab::after_genesis();
        moves(&lab, &leave);
        lab.edit("ceremonies/answers.toml", "noted-by = \"witness\"\n", "");
        lab.hold("sign-intermediates", "hsm.toml", &TWO_OFFICERS).ends(4, told);
        assert_eq!(bodies(&lab, "sign.confirmed").len(), 1, "only what came before");
        lab.verify().ends(3, "VERDICT  INCOMPLETE");
        lab.abort("officer-b").done();
        lab.verify().ends(0, "VERDICT  PASS");

        let lab = Lab::after_genesis();
        moves(&lab, &[leave[0], leave[1], ("vault", "arrives", absent[1])]);
        lab.edit("ceremonies/answers.toml", "noted-by = \"witness\"\n", "");
        lab.hold("sign-intermediates", "hsm.toml", &TWO_OFFICERS).done();
        lab.verify().ends(0, "VERDICT  PASS");
    }
}

/// Ctrl-C, then a line.
fn interrupts_with(person: &mut Person, typed: &str) {
    person.interrupts();
    person.is_asked("officer who ends it (or Enter): ");
    person.types(typed);
}

fn notes(person: &mut Person, candidates: &str, noted_by: &str, told: &str) {
    person.is_asked(&format!("who notes it ({candidates}): "));
    person.types(noted_by);
    person.reads(told);
}

#[test]
fn people_at_a_terminal_note_who_comes_and_goes_at_any_question_and_take_a_break() {
    let lab = Lab::after_genesis();
    add_break(&lab, "sign-intermediates", "istio", "entered-again");
    lab.plan("sign-intermediates").done();
    lab.approve("sign-intermediates", "hsm.toml", &TWO_OFFICERS);
    let arguments = Lab::run_arguments("sign-intermediates", "hsm.toml");
    let mut person = Person::at(lab.command(arguments.split(" --answers").next().unwrap()));
    person.is_asked("  > ");
    interrupts_with(&mut person, "leave officer-c");
    person.reads("The record is not open yet");
    for name in EVERYBODY {
        person.is_asked("  > ");
        person.types(&format!("{name} had two eggs"));
    }

    let shown = person.is_asked("witness: type the first of the words to go on: ");
    let word = shown.split("in words").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    interrupts_with(&mut person, "leave nobody");
    person.reads("`nobody` is not on the roster");
    person.is_asked("type the first of the words to go on: ");
    interrupts_with(&mut person, "leave officer-c");
    notes(&mut person, "officer-a, officer-b, witness", "officer-b", "officer-c left, noted by officer-b");
    // Another record, another head.
    person.is_asked("witness: type the first of the words to go on: ");
    person.types(&word);
    person.reads("Not that word.");
    person.is_asked("type the first of the words to go on: ");
    let head = anchorite::format::Digest::parse(&lab.head()).unwrap();
    let word = anchorite::render::words_of(head.as_bytes())[0];
    person.types(word);

    person.is_asked("Press Enter when everybody is back");
    person.types("leave officer-b");
    notes(&mut person, "officer-a, witness", "witness", "officer-b left, noted by witness");
    person.is_asked("Press Enter when everybody is back");
    person.types("");
    person.reads("The ceremony waits: 1 of the 2 officers are here");
    person.is_asked("who comes (arrive NAME): ");
    person.types("officer-c");
    person.reads("Type `arrive`");
    person.is_asked("who comes (arrive NAME): ");
    person.types("arrive officer-b");
    notes(&mut person, "officer-a, witness", "officer-a", "officer-b arrived, noted by officer-a");
    person.reads("each bag and seal is compared");
    person.is_asked("from the paper to go on: ");
    person.types(word);

    person.reads("Share 1 of 2");
    person.is_asked_secretly("word 1 of 33: ");
    let sheet = |name: &str| words(&lab.read(&format!("custody/{name}.sheet.txt"))).join(" ");
    person.types(&sheet("officer-c"));
    person.reads("The ceremony waits: officer-c is not here");
    person.is_asked("who comes (arrive NAME): ");
    person.types("arrive officer-c");
    notes(&mut person, "officer-a, officer-b, witness", "witness", "officer-c arrived");
    person.reads("The share of officer-c is right.");
    person.is_asked_secretly("word 1 of 33: ");
    interrupts_with(&mut person, "leave officer-c");
    notes(&mut person, "officer-a, officer-b, witness", "witness", "officer-c left");
    person.reads("Share 2 of 2");
    person.is_asked_secretly("word 1 of 33: ");
    person.types(&sheet("officer-a"));
    person.is_asked("who confirms (officer-a, officer-b): ");
    person.interrupts();
    person.is_asked("officer who ends it (or Enter): ");
    person.interrupts();
    let Left { code, shown, echo } = person.leaves();
    assert!(code == 4 && echo && shown.contains("The record is unfinished"), "{code} {shown}");
    lab.verify().ends(3, "VERDICT  INCOMPLETE");
    lab.abort("officer-b").done();
    lab.verify().ends(0, "VERDICT  PASS");
}

#[test]
fn ctrl_c_in_a_break_leaves_the_record_as_it_was_and_an_officer_can_end_it() {
    let lab = Lab::after_genesis();
    add_break(&lab, "sign-intermediates", "istio", "entered-again");
    lab.plan("sign-intermediates").done();
    lab.approve("sign-intermediates", "hsm.toml", &TWO_OFFICERS);
    let arguments = Lab::run_arguments("sign-intermediates", "hsm.toml");
    let mut person = Person::at(lab.command(arguments.split(" --answers").next().unwrap()));
    for name in EVERYBODY {
        person.is_asked("  > ");
        person.types(&format!("{name} had two eggs"));
    }
    let shown = person.is_asked("witness: type the first of the words to go on: ");
    person.types(shown.split("in words").nth(1).unwrap().split_whitespace().next().unwrap());
    person.is_asked("Press Enter when everybody is back");
    person.interrupts();
    person.is_asked("officer who ends it (or Enter): ");
    person.types("");
    person.is_asked("Press Enter when everybody is back");
    person.interrupts();
    person.is_asked("officer who ends it (or Enter): ");
    person.interrupts();
    let Left { code, echo, .. } = person.leaves();
    assert!(code == 4 && echo);
    assert_eq!((bodies(&lab, "break.begun").len(), bodies(&lab, "break.ended").len()), (1, 0));
    lab.verify().ends(3, "VERDICT  INCOMPLETE");
    lab.abort("officer-b").done();
    lab.verify().ends(0, "VERDICT  PASS");
}
