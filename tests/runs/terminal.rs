use std::process::Command;
use std::time::{Duration, Instant};

use anchorite::host;

use crate::derivation::words;
use crate::lab::{EVERYBODY, Lab, TWO_OFFICERS};
use crate::person::{Left, Person};
use crate::python::ReferenceTool;

/// A run without an answers file.
pub(crate) fn run_by_a_person(lab: &Lab, name: &str, binding: &str) -> Command {
    let arguments = Lab::run_arguments(name, binding);
    lab.command(arguments.split(" --answers").next().unwrap())
}

/// Everybody says that they are here.
pub(crate) fn everybody_is_here(person: &mut Person) {
    for name in EVERYBODY {
        person.reads(&format!("{name} ("));
        person.is_asked("  > ");
        person.types(&format!("{name} had two eggs"));
    }
}

/// Everything that is asked in a genesis before the first secret.
pub(crate) fn answer_genesis_up_to_the_entropy(person: &mut Person) {
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
}

/// Signs a statement in a second process, as soon as it is there.
#[track_caller]
pub(crate) fn sign(lab: &Lab, ceremony: &str, kind: &str, people: &[&str]) {
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
pub(crate) fn confirm_signature(person: &mut Person, what: &str) {
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
pub(crate) fn at_the_first_word() -> (Lab, Person) {
    at_the_first_word_in(Lab::after_genesis())
}

/// The same in a laboratory that held its genesis in another way.
pub(crate) fn at_the_first_word_in(lab: Lab) -> (Lab, Person) {
    lab.plan("sign-intermediates").done();
    lab.approve("sign-intermediates", "hsm.toml", &TWO_OFFICERS);
    let mut person = Person::at(run_by_a_person(&lab, "sign-intermediates", "hsm.toml"));
    everybody_is_here(&mut person);
    person.reads("The record is open");
    person.is_asked_secretly("word 1 of 33: ");
    (lab, person)
}

/// What stood on the screen when no sheet did.
fn for_everybody(shown: &str) -> String {
    let mut open = String::new();
    for (place, part) in shown.split("\u{1b}[?1049h").enumerate() {
        let (apart, after) = if place == 0 { ("", part) } else { part.split_once("\u{1b}[?1049l").unwrap() };
        if !apart.contains("SHARE OF A QUORUM SECRET") {
            open.push_str(apart);
        }
        open.push_str(after);
    }
    open
}

/// Reads one officer's sheet, page by page, and has it wiped; answers with its words.
pub(crate) fn sheet(person: &mut Person, officer: &str) -> Vec<String> {
    person.reads(&format!("{officer}: your share is shown next. Everybody but {officer} looks away."));
    person.is_asked_secretly("Press Enter to show it. ");
    person.types("");
    let mut sheet = person.is_asked_secretly("Press Enter for the rest. ");
    person.types("");
    sheet.push_str(&person.is_asked_secretly("Press Enter to wipe it"));
    for page in sheet.split("\u{1b}[2J\u{1b}[H") {
        assert!(page.lines().count() <= 24, "a line scrolled away:\n{page}");
    }
    assert!(sheet.contains(&format!("holder        {officer}")), "{sheet}");
    person.types("");
    words(&sheet)
}

/// Another word of the list.
fn another(word: &str) -> &'static str {
    if word == "academic" { "acid" } else { "academic" }
}

#[test]
fn people_at_a_terminal_hold_a_genesis_and_nobody_sees_a_secret() {
    let lab = Lab::blank();
    lab.plan("genesis").done();
    lab.approve("genesis", "blank.toml", &EVERYBODY);
    let mut person = Person::at(run_by_a_person(&lab, "genesis", "blank.toml"));
    everybody_is_here(&mut person);

    answer_genesis_up_to_the_entropy(&mut person);
    let officers = ["officer-a", "officer-b", "officer-c"];
    let typed = officers.map(|officer| format!("{officer} threw 6 2 5 1 3 3"));
    for (officer, typed) in officers.iter().zip(&typed) {
        person.is_asked_secretly("(hidden) > ");
        assert!(officer.starts_with("officer"));
        person.types(typed);
    }
    let sheets = officers.map(|officer| sheet(&mut person, officer));
    for (officer, words) in officers.iter().zip(&sheets) {
        person.reads(&format!("{officer} enters 33 words"));
        person.is_asked_secretly("word 1 of 33: ");
        if *officer == "officer-b" {
            let mut wrong = words.clone();
            wrong[19] = another(&words[19]).to_owned();
            person.types(&wrong.join(" "));
            person.reads("check word 20. The token was not tried.");
            assert!(!lab.read("authority/0001-genesis/log.jsonl").contains("op.intent"));
            // No other word is typed again.
            person.is_asked_secretly("word 20 of 33: ");
            person.presses(&words[19]);
            person.presses(" ");
        } else {
            if *officer == "officer-a" {
                person.types(&sheets[1].join(" "));
                person.reads("this is the share of `officer-b`, and that of `officer-a` is wanted");
                person.is_asked_secretly("word 1 of 33: ");
            }
            // On three lines, the second with beginnings of words only.
            person.types(&words[..10].join(" "));
            person.is_asked_secretly("word 11 of 33: ");
            let short: Vec<&str> = words[10..20].iter().map(|word| &word[..4]).collect();
            person.types(&short.join("  "));
            person.is_asked_secretly("word 21 of 33: ");
            person.types(&words[20..].join(" ").to_uppercase());
        }
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
        // Two words may stand beside each other in the program's own text; three do not by chance.
        for three in words.windows(3) {
            assert!(!open.contains(&three.join(" ")), "{three:?} is on the screen: {open}");
        }
    }
    // What was shown on the alternate screen was wiped there before it was left.
    let apart = shown.matches("\u{1b}[?1049h").count();
    assert_eq!(shown.matches("\u{1b}[2J\u{1b}[3J\u{1b}[H\u{1b}[?1049l").count(), apart);
    assert!(apart >= 6, "{apart}");
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

#[test]
fn every_mistake_of_three_officers_is_named_and_none_costs_a_try_of_the_pin() {
    let (lab, mut person) = at_the_first_word();
    let log = || lab.read("authority/0002-sign-intermediates/log.jsonl");
    let [a, b, c] = ["officer-a", "officer-b", "officer-c"]
        .map(|officer| words(&lab.read(&format!("custody/{officer}.sheet.txt"))));
    let with = |words: &[String], places: &[usize]| {
        let mut words = words.to_vec();
        places.iter().for_each(|&place| words[place] = another(&words[place]).to_owned());
        words.join(" ")
    };

    // One wrong word: it alone is typed again, with a slip that the list knows nothing of.
    person.types(&with(&a, &[6]));
    person.reads("the words do not fit together: check word 7. The token was not tried.");
    person.is_asked_secretly("word 7 of 33: ");
    person.presses("qqq");
    person.reads("no word of the list begins so");
    person.presses(" ");
    person.reads("word 7 is not in the list");
    person.presses("\u{7f}\u{7f}\u{7f}");
    person.presses(&a[6][..4]);
    person.reads("complete; Space goes on");
    person.presses(" ");
    person.reads("The share of officer-a is right.");
    person.reads("1 of 2: officer-a ok");

    person.is_asked_secretly("word 1 of 33: ");
    person.types(&a.join(" "));
    person.reads("the share of `officer-a` was entered already. The token was not tried.");
    person.is_asked_secretly("word 1 of 33: ");
    // Two words wrong: nobody knows which, so all can be pasted once more.
    person.types(&with(&c, &[3, 21]));
    person.reads("the words do not fit together: more than one is wrong");
    person.is_asked_secretly("word 1 of 33: ");
    person.types(&with(&c, &[3, 12, 21]));
    person.reads("the words do not fit together");
    person.reads("of 33: ");
    let mut swapped = c.clone();
    let other = (11..33).find(|&place| swapped[place] != swapped[9]).unwrap();
    swapped.swap(9, other);
    // Wherever that left the person, at the first word again.
    person.presses(&"\u{1b}[D".repeat(33));
    person.is_asked_secretly("word 1 of 33: ");
    person.types(&swapped.join(" "));
    person.reads("the words do not fit together: more than one is wrong");
    person.is_asked_secretly("word 1 of 33: ");
    // A share of another authority, and one that never was.
    let foreign = ReferenceTool::start().split(2, 3, &"5a".repeat(32), true);
    person.types(&foreign[0]);
    person.reads("another set. The token was not tried.");
    person.is_asked_secretly("word 1 of 33: ");
    let mut unknown = b.clone();
    unknown[4] = "anchorite".to_owned();
    person.types(&unknown.join(" "));
    person.reads("word 5 is not in the list");
    assert!(!log().contains("C_Login") && !log().contains("quorum.met"), "{}", log());
    // Only what is being typed is shown, and only when somebody wants to see it.
    person.presses("\t");
    person.presses(&b[4][..4]);
    person.reads(&format!("word 5 of 33: {}", b[4]));
    person.presses("\n");
    person.reads("The share of officer-b is right.");
    person.reads("logged in to token");
    assert_eq!(log().matches("C_Login").count(), 1);
    let Left { shown, .. } = person.killed();
    let shown = for_everybody(&shown).to_lowercase();
    for words in [&a, &b, &c] {
        assert!(!words.windows(2).any(|two| shown.contains(&two.join(" "))), "{shown}");
    }
}

#[test]
fn the_screen_for_words_fits_a_small_terminal_and_a_locale_without_utf_8() {
    for (locale, columns, rows, expected) in [
        ("C", 80, 24, ["0 of 2: nobody yet", ">.......... ........... ...........", "word 1 of 33: **"]),
        ("C.UTF-8", 40, 12, ["0 of 2: nobody yet", ">\u{b7}\u{b7}", "word 1 of 33: \u{2022}\u{2022}"]),
        ("C.UTF-8", 30, 3, ["word 1 of 33: \u{2022}\u{2022}", "type on", ">"]),
    ] {
        let lab = Lab::after_genesis();
        lab.plan("sign-intermediates").done();
        lab.approve("sign-intermediates", "hsm.toml", &TWO_OFFICERS);
        let mut command = run_by_a_person(&lab, "sign-intermediates", "hsm.toml");
        command.env("LC_ALL", locale);
        let mut person = Person::at_a_terminal_of(command, columns, rows);
        everybody_is_here(&mut person);
        person.is_asked_secretly("word 1 of 33: ");
        person.presses("ac");
        person.reads("type on");
        let Left { shown, .. } = person.killed();
        let last = shown.rsplit("\u{1b}[H").next().unwrap();
        for part in expected {
            assert!(last.contains(part), "{locale} {columns}x{rows}: no {part:?} in {last:?}");
        }
        assert!(last.lines().count() <= rows.into(), "{last:?}");
        let widest = last
            .split("\n")
            .map(|row| row.trim_start_matches('\r').split('\u{1b}').next().unwrap().chars().count())
            .max();
        assert!(widest <= Some(columns.into()), "{last:?}");
    }
}
