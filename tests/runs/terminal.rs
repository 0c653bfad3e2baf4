use std::process::Command;
use std::time::{Duration, Instant};

use anchorite::host;

use crate::derivation::words;
use crate::lab::{EVERYBODY, Lab, TWO_OFFICERS};
use crate::person::{Left, Person};

/// A run without an answers file.
fn run_by_a_person(lab: &Lab, name: &str, binding: &str) -> Command {
    let arguments = Lab::run_arguments(name, binding);
    lab.command(arguments.split(" --answers").next().unwrap())
}

/// Everybody says that they are here.
fn everybody_is_here(person: &mut Person) {
    for name in EVERYBODY {
        person.reads(&format!("{name} ("));
        person.is_asked("  > ");
        person.types(&format!("{name} had two eggs"));
    }
}

/// Signs a statement in a second process, as soon as it is there.
#[track_caller]
fn sign(lab: &Lab, ceremony: &str, kind: &str, people: &[&str]) {
    for name in people {
        let statement = format!("exchange/{ceremony}/{kind}.{name}.txt");
        let deadline = Instant::now() + Duration::from_secs(60);
        while !lab.path(&statement).exists() {
            assert!(Instant::now() < deadline, "{statement} never came");
            std::thread::sleep(Duration::from_millis(10));
        }
        lab.anchorite(&format!(
            "officer sign {statement} --key custody/{name}.key.pem \
             --passphrase-file custody/{name}.passphrase --yes"
        ))
        .done();
    }
}

/// Confirms a signature with the word that the screen asks for.
fn confirm_signature(person: &mut Person, what: &str) {
    let shown = person.is_asked("who confirms (officer-a, officer-b, officer-c): ");
    assert!(shown.contains(&format!("The root key signs this {what}.")), "{shown}");
    let word = shown.split("in words").nth(1).unwrap();
    let word = word.split_whitespace().next().unwrap().to_owned();
    person.types("officer-b");
    person.is_asked("officer-b: type the first of the words to go on: ");
    person.types("yes");
    person.reads("Not that word.");
    person.is_asked("type the first of the words to go on: ");
    person.types(&word);
}

/// Opens the share set of a later ceremony up to the first hidden word.
fn at_the_first_word() -> (Lab, Person) {
    let lab = Lab::after_genesis();
    lab.plan("sign-intermediates").done();
    lab.approve("sign-intermediates", "hsm.toml", &TWO_OFFICERS);
    let mut person = Person::at(run_by_a_person(&lab, "sign-intermediates", "hsm.toml"));
    everybody_is_here(&mut person);
    person.reads("The record is open");
    person.is_asked_secretly("word 1 of 33: ");
    (lab, person)
}

/// What stands on the screen outside of the moments when a sheet is shown to one pair of eyes.
fn for_everybody(shown: &str) -> String {
    let mut open = String::new();
    for (place, part) in shown.split("\u{1b}[?1049h").enumerate() {
        open.push_str(if place == 0 { part } else { part.split_once("\u{1b}[?1049l").unwrap().1 });
    }
    open
}

#[test]
fn people_at_a_terminal_hold_a_genesis_and_nobody_sees_a_secret() {
    let lab = Lab::blank();
    lab.plan("genesis").done();
    lab.approve("genesis", "blank.toml", &EVERYBODY);
    let mut person = Person::at(run_by_a_person(&lab, "genesis", "blank.toml"));
    everybody_is_here(&mut person);

    for (candidates, reader) in [
        ("officer-a, officer-b, officer-c, witness", "officer-a"),
        ("officer-b, officer-c, witness", "witness"),
    ] {
        person.is_asked(&format!("who reads it ({candidates}): "));
        person.types(reader);
        person.is_asked(&format!("{reader}: what does it show"));
        let now = host::now();
        if reader == "officer-a" {
            person.types("nine o'clock");
            person.reads("Year-month-day");
            person.is_asked("what does it show");
            person.types("2020-01-01T00:00:00Z");
            person.reads("s are allowed");
            person.is_asked("who reads it");
            person.types(reader);
            person.is_asked("what does it show");
        }
        person.types(&now.to_string());
    }
    person.reads("Everybody on the roster is here and the machine has no network");
    person.is_asked("witness: type the last word of the sentence to go on: ");
    person.types("network");

    let shown = person.is_asked("who confirms (officer-a, officer-b, officer-c): ");
    assert!(shown.contains("The blank token `primary` will be initialised"), "{shown}");
    person.types("witness");
    person.reads("Not one of these names.");
    person.is_asked("who confirms");
    person.types("officer-c");
    person.is_asked("officer-c: type the label it gets to go on: ");
    person.types("lab-root-g1");

    let officers = ["officer-a", "officer-b", "officer-c"];
    let typed = officers.map(|officer| format!("{officer} threw 6 2 5 1 3 3"));
    for (officer, typed) in officers.iter().zip(&typed) {
        person.is_asked_secretly("(hidden) > ");
        assert!(officer.starts_with("officer"));
        person.types(typed);
    }
    let sheets = officers.map(|officer| {
        person.reads(&format!("{officer}: your share is shown next."));
        person.is_asked("press Enter. ");
        person.types("");
        let mut sheet = person.is_asked("Press Enter for the rest. ");
        person.types("");
        sheet.push_str(&person.is_asked("Press Enter to hide it. "));
        for page in sheet.split("\u{1b}[2J\u{1b}[H") {
            assert!(page.lines().count() <= 24, "a line scrolled away:\n{page}");
        }
        assert!(sheet.contains(&format!("holder        {officer}")), "{sheet}");
        person.types("");
        words(&sheet)
    });
    for (officer, words) in officers.iter().zip(&sheets) {
        person.reads(&format!("{officer} types 33 words"));
        if *officer == "officer-b" {
            let mut wrong = words.clone();
            wrong[19] = if wrong[19] == "academic" { "acid" } else { "academic" }.to_owned();
            person.is_asked_secretly("word 1 of 33: ");
            person.types(&wrong.join(" "));
            person.reads("check word 20. The token was not tried. Enter the share again.");
            assert!(!lab.read("authority/0001-genesis/log.jsonl").contains("op.intent"));
            person.reads(&format!("{officer} types 33 words"));
        }
        // On three lines, the second with beginnings of words only.
        person.is_asked_secretly("word 1 of 33: ");
        person.types(&words[..10].join(" "));
        person.is_asked_secretly("word 11 of 33: ");
        let short: Vec<&str> = words[10..20].iter().map(|word| &word[..4]).collect();
        person.types(&short.join("  "));
        person.is_asked_secretly("word 21 of 33: ");
        person.types(&words[20..].join(" ").to_uppercase());
        person.reads(&format!("The share of {officer} is right."));
    }
    person.reads("Waiting for signatures of the authorise statement");
    sign(&lab, "genesis", "authorise", &["officer-a", "officer-c"]);
    confirm_signature(&mut person, "certificate");
    person.reads("root.crt.pem written");
    confirm_signature(&mut person, "CRL");
    person.reads("Waiting for signatures of the close statement");
    sign(&lab, "genesis", "close", &["officer-a", "officer-b", "witness"]);
    let Left { code, shown, echo } = person.leaves();
    assert!(code == 0 && echo && shown.contains("complete and sealed"), "{shown}");
    lab.verify().ends(0, "VERDICT  PASS");
    assert_eq!(lab.record("ceremony.open")["operator"], "terminal");

    let open = for_everybody(&shown).to_lowercase();
    for typed in &typed {
        assert!(!open.contains(typed), "{typed} is on the screen");
    }
    for words in &sheets {
        for two in words.windows(2) {
            assert!(!open.contains(&two.join(" ")), "{two:?} is on the screen: {open}");
        }
    }
    // What was shown on the alternate screen was wiped there before it was left.
    assert_eq!(shown.matches("\u{1b}[2J\u{1b}[3J\u{1b}[H\u{1b}[?1049l").count(), 3);
}

#[test]
fn ctrl_c_at_a_question_leaves_a_sane_terminal_and_a_truthful_record() {
    let lab = Lab::blank();
    lab.plan("genesis").done();
    lab.approve("genesis", "blank.toml", &EVERYBODY);
    let mut person = Person::at(run_by_a_person(&lab, "genesis", "blank.toml"));
    everybody_is_here(&mut person);
    person.is_asked("who reads it");
    person.interrupts();
    person.is_asked("officer who ends it (or Enter): ");
    person.types("");
    person.is_asked("who reads it");
    person.interrupts();
    person.is_asked("officer who ends it (or Enter): ");
    person.types("witness");
    person.reads("no officer of this ceremony");
    person.is_asked("who reads it");
    person.interrupts();
    person.is_asked("officer who ends it (or Enter): ");
    person.interrupts();
    let Left { code, shown, echo } = person.leaves();
    assert!(code == 4 && echo, "{code} {shown}");
    assert!(shown.contains("The record is unfinished"), "{shown}");
    lab.verify().ends(3, "VERDICT  INCOMPLETE");
    lab.abort("officer-b").done();
    lab.verify().ends(0, "VERDICT  PASS");
}

#[test]
fn ctrl_c_at_a_hidden_word_turns_the_echo_on_and_an_officer_can_end_the_ceremony() {
    let (lab, mut person) = at_the_first_word();
    person.interrupts();
    person.is_asked("officer who ends it (or Enter): ");
    person.types("officer-b");
    person.is_asked("why, in a sentence: ");
    person.types("One sheet is missing");
    person.is_asked("type abort to end the ceremony: ");
    person.types("no");
    person.reads("Not confirmed.");
    person.is_asked_secretly("word 1 of 33: ");
    person.interrupts();
    person.is_asked("officer who ends it (or Enter): ");
    person.types("officer-b");
    person.is_asked("why, in a sentence: ");
    person.types("One sheet is missing");
    person.is_asked("type abort to end the ceremony: ");
    person.types("abort");
    person.reads("Waiting for signatures of the abort statement");
    sign(&lab, "sign-intermediates", "abort", &["officer-b"]);
    let Left { code, shown, echo } = person.leaves();
    assert!(code == 4 && echo && shown.contains("aborted and sealed"), "{code} {shown}");
    assert_eq!(lab.record("ceremony.abort")["reason"], "One sheet is missing");
    lab.verify().ends(0, "VERDICT  PASS");
}

#[test]
fn ctrl_c_twice_at_a_hidden_word_leaves_the_echo_on_and_the_record_unfinished() {
    let (lab, mut person) = at_the_first_word();
    person.interrupts();
    person.is_asked("officer who ends it (or Enter): ");
    person.interrupts();
    let Left { code, shown, echo } = person.leaves();
    assert!(code == 4 && echo, "{code} {shown}");
    assert!(!lab.read("authority/0002-sign-intermediates/log.jsonl").contains("C_Login"));
    lab.verify().ends(3, "VERDICT  INCOMPLETE");
}

#[test]
fn ctrl_c_while_signatures_are_awaited_leaves_the_record_to_be_sealed_later() {
    let lab = Lab::blank();
    lab.plan("genesis").done();
    lab.approve("genesis", "blank.toml", &EVERYBODY);
    let mut person = Person::at(run_by_a_person(&lab, "genesis", "blank.toml"));
    everybody_is_here(&mut person);
    person.is_asked("who reads it");
    person.interrupts();
    person.is_asked("officer who ends it (or Enter): ");
    person.types("officer-a");
    person.is_asked("why, in a sentence: ");
    person.types("Somebody is ill");
    person.is_asked("type abort to end the ceremony: ");
    person.types("abort");
    person.reads("Waiting for signatures of the abort statement");
    person.interrupts();
    person.is_asked("officer who ends it (or Enter): ");
    person.interrupts();
    let Left { code, shown, echo } = person.leaves();
    assert!(code == 4 && echo && shown.contains("misses seals"), "{code} {shown}");
    lab.verify().ends(4, "VERDICT  UNSEALED");
    lab.seal().ends(0, "aborted and sealed");
    lab.verify().ends(0, "VERDICT  PASS");
}

#[test]
fn of_two_that_begin_with_the_same_approvals_one_holds_the_ceremony() {
    let lab = Lab::blank();
    lab.plan("genesis").done();
    lab.approve("genesis", "blank.toml", &EVERYBODY);
    let mut person = Person::at(run_by_a_person(&lab, "genesis", "blank.toml"));
    person.reads("officer-a (");
    lab.run("genesis", "blank.toml").done();
    let before = lab.consequences();
    person.is_asked("  > ");
    person.types("officer-a had two eggs");
    for name in &EVERYBODY[1..] {
        person.reads(&format!("{name} ("));
        person.is_asked("  > ");
        person.types("nothing yet, thank you");
    }
    let Left { code, shown, .. } = person.leaves();
    assert!(code == 1 && shown.contains("its approvals are used up"), "{code} {shown}");
    assert!(lab.consequences() == before);
}
