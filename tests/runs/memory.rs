//! What a process that holds a ceremony still knows when the scope of a secret has ended.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::derivation::{derived, inside, pin, secret, words};
use crate::lab::{EVERYBODY, Lab, Ran, TWO_OFFICERS};
use crate::no_secret_leaves_custody::{Secret, plain, secrets_of_words};
use crate::person::{Left, Person};
use crate::process_memory::{Needle, found, halves, memory, runs};
use crate::terminal::{
    answer_genesis_up_to_the_entropy, at_the_first_word, confirm_signature, everybody_is_here,
    run_by_a_person, sheet, sign,
};

const OFFICERS: [&str; 3] = ["officer-a", "officer-b", "officer-c"];

/// Everything about one share set, in every form that is searched for.
struct Searched {
    texts: Vec<Secret>,
    bytes: Vec<Needle>,
}

impl Searched {
    /// The sheets' words, and what was typed for the secret.
    fn of(sheets: &[Vec<String>], typed: &[String]) -> Self {
        let mut searched = Self { texts: Vec::new(), bytes: Vec::new() };
        for (officer, words) in OFFICERS.iter().zip(sheets) {
            searched.texts.extend(secrets_of_words(officer, words));
            searched.bytes.extend(runs(officer, words));
        }
        for text in typed {
            searched
                .texts
                .push(Secret { what: "entropy".to_owned(), plain: plain(text.as_bytes()).trim().to_owned() });
        }
        let mnemonics: Vec<String> = sheets.iter().map(|words| words.join(" ")).collect();
        let inside = inside(&mnemonics[..2]);
        for (what, hex) in ["encrypted secret", "value of a share", "value of a share"].iter().zip(inside) {
            searched.bytes.extend(halves(what, &octets(&hex)));
        }
        searched.bytes.extend(halves("quorum secret", &octets(&secret(&mnemonics[..2]))));
        searched
    }

    /// The PINs that follow, and what is between the secret and them.
    fn and_pins(mut self, lab: &Lab, sheets: &[Vec<String>]) -> Self {
        let mnemonics: Vec<String> = sheets[..2].iter().map(|words| words.join(" ")).collect();
        let (quorum, policy) = (secret(&mnemonics), lab.record("pin.policy"));
        for purpose in ["user-pin", "so-pin"] {
            let pin = pin(&quorum, "example-lab", &policy, purpose);
            self.bytes.extend(halves(purpose, pin.as_bytes()));
            for (what, hex) in derived(&quorum, "example-lab", &policy, purpose) {
                self.bytes.extend(halves(what, &octets(&hex)));
            }
        }
        self
    }

    /// Where which of them are in the person's program now.
    fn found_in(&self, person: &mut Person) -> BTreeMap<String, Vec<String>> {
        self.found_in_process(person.process())
    }

    fn found_in_process(&self, process: u64) -> BTreeMap<String, Vec<String>> {
        let mappings = memory(process);
        let mut places = found(&mappings, &self.bytes);
        for (line, bytes) in &mappings {
            let text = plain(bytes);
            for Secret { what, plain } in &self.texts {
                if text.contains(plain.as_str()) {
                    places.entry(what.clone()).or_default().push(line.clone());
                }
            }
        }
        places
    }

    #[track_caller]
    fn nowhere_in(&self, person: &mut Person, when: &str) {
        let places = self.found_in(person);
        assert!(places.is_empty(), "{when}: {places:#?}");
    }
}

fn octets(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|place| u8::from_str_radix(&hex[place..place + 2], 16).unwrap()).collect()
}

#[test]
fn no_share_secret_or_pin_is_left_in_memory_when_its_scope_has_ended() {
    let lab = Lab::blank();
    lab.plan("genesis").done();
    lab.approve("genesis", "blank.toml", &EVERYBODY);
    let mut person = Person::at(run_by_a_person(&lab, "genesis", "blank.toml"));
    everybody_is_here(&mut person);
    answer_genesis_up_to_the_entropy(&mut person);
    let typed = OFFICERS.map(|officer| format!("{officer} threw 6 2 5 1 3 3"));
    for typed in &typed {
        person.is_asked_secretly("(hidden) > ");
        person.types(typed);
    }
    // The search finds a sheet while it is shown,
    let page = person.is_asked_secretly("Press Enter to show it. ");
    assert!(page.contains("officer-a"), "{page}");
    person.types("");
    let first_page = person.is_asked_secretly("Press Enter for the rest. ");
    let text = Secret {
        what: "a sheet".to_owned(),
        plain: plain(first_page.rsplit("1. ").next().unwrap().split('\n').next().unwrap().as_bytes())
            .trim()
            .to_owned(),
    };
    let shown = Searched { texts: vec![text], bytes: Vec::new() };
    assert!(
        !shown.found_in(&mut person).is_empty(),
        "the search does not find a sheet that is on the screen"
    );
    person.types("");
    let last_page = person.is_asked_secretly("Press Enter to wipe it");
    person.types("");
    let sheets =
        [words(&(first_page + &last_page)), sheet(&mut person, "officer-b"), sheet(&mut person, "officer-c")];
    let searched = Searched::of(&sheets, &typed);
    for (officer, words) in OFFICERS.iter().zip(&sheets) {
        person.reads(&format!("{officer} enters 33 words"));
        person.is_asked_secretly("word 1 of 33: ");
        if *officer == "officer-c" {
            // and what was entered while more is waited for.
            let places = searched.found_in(&mut person);
            assert!(places.contains_key("value of a share"), "{places:#?}");
        }
        person.types(&words.join(" "));
        person.reads(&format!("The share of {officer} is right."));
    }
    person.reads("Waiting for signatures of the authorise statement");
    let searched = searched.and_pins(&lab, &sheets);
    searched.nowhere_in(&mut person, "logged in");
    sign(&lab, "genesis", "authorise", &["officer-a", "officer-c"]);
    confirm_signature(&mut person, "certificate");
    confirm_signature(&mut person, "CRL");
    person.reads("Waiting for signatures of the close statement");
    searched.nowhere_in(&mut person, "logged out");
    sign(&lab, "genesis", "close", &["officer-a", "officer-b", "witness"]);
    let Left { code, shown, .. } = person.leaves();
    assert_eq!(code, 0, "{shown}");
}

#[test]
fn nothing_of_a_quorum_is_left_in_memory_when_it_opened_the_token() {
    let (lab, mut person) = at_the_first_word();
    let sheets = OFFICERS.map(|officer| words(&lab.read(&format!("custody/{officer}.sheet.txt"))));
    let searched = Searched::of(&sheets, &[]).and_pins(&lab, &sheets);
    let mut wrong = sheets[0].clone();
    wrong[6] = if wrong[6] == "academic" { "acid" } else { "academic" }.to_owned();
    person.types(&wrong.join(" "));
    person.is_asked_secretly("word 7 of 33: ");
    person.types(&sheets[0][6]);
    person.reads("The share of officer-a is right.");
    person.is_asked_secretly("word 1 of 33: ");
    person.types(&sheets[2].join(" "));
    person.reads("logged in to token");
    person.is_asked("who confirms");
    searched.nowhere_in(&mut person, "logged in");
}

#[test]
fn words_of_a_share_that_is_given_up_are_wiped() {
    let (lab, mut person) = at_the_first_word();
    let sheets = OFFICERS.map(|officer| words(&lab.read(&format!("custody/{officer}.sheet.txt"))));
    let searched = Searched::of(&sheets, &[]);
    person.types(&sheets[0].join(" "));
    person.reads("The share of officer-a is right.");
    person.is_asked_secretly("word 1 of 33: ");
    person.presses("\t");
    person.types(&sheets[1][..20].join(" "));
    person.is_asked_secretly("word 21 of 33: ");
    let places = searched.found_in(&mut person);
    assert!(places.contains_key("marked numbers of officer-b"), "{places:#?}");
    person.interrupts();
    person.is_asked("officer who ends it (or Enter): ");
    person.types("officer-b");
    person.is_asked("why, in a sentence: ");
    person.types("One sheet is missing");
    person.is_asked("type abort to end the ceremony: ");
    person.types("abort");
    person.reads("Waiting for signatures of the abort statement");
    searched.nowhere_in(&mut person, "aborted");
}

#[test]
fn a_ceremony_by_an_answers_file_forgets_its_shares_as_well() {
    let lab = Lab::after_genesis();
    lab.plan("sign-intermediates").done();
    lab.approve("sign-intermediates", "hsm.toml", &TWO_OFFICERS);
    let sheets = OFFICERS.map(|officer| words(&lab.read(&format!("custody/{officer}.sheet.txt"))));
    let searched = Searched::of(&sheets, &[]).and_pins(&lab, &sheets);
    let child = lab.start("sign-intermediates", "hsm.toml");
    let deadline = Instant::now() + Duration::from_secs(60);
    while !lab.path("exchange/sign-intermediates/close.officer-a.sig").exists() {
        assert!(Instant::now() < deadline, "nobody signs the close");
        std::thread::sleep(Duration::from_millis(5));
    }
    // Held still among the other signatures, which take their time.
    let process = child.id().to_string();
    lab.tool("kill", "procps", &["-STOP", &process]).done();
    let places = searched.found_in_process(child.id().into());
    lab.tool("kill", "procps", &["-CONT", &process]).done();
    Ran::from(child.wait_with_output().unwrap()).done();
    assert!(places.is_empty(), "{places:#?}");
}
