//! `share check` and `share status`: what one person can find out alone.

use std::fs;

use serde_json::Value;

use crate::derivation::words;
use crate::lab::{EVERYBODY, Lab, TWO_OFFICERS};
use crate::person::Person;

const CHECK: &str = "share check authority --roster roster.toml --holder officer-b";

/// Officer B's sheet with the words changed.
fn changed(lab: &Lab, change: impl FnOnce(&mut Vec<String>)) {
    let mut found = words(&lab.read("custody/officer-b.sheet.txt"));
    change(&mut found);
    let page: String = (1..).zip(&found).map(|(number, word)| format!("{number}. {word}\n")).collect();
    lab.write("changed.txt", &page);
}

/// The answers' ceremony ends at that step, as an officer would end it.
fn aborted_at(lab: &Lab, step: &str) {
    let answers = lab.read("ceremonies/answers.toml");
    let abort = format!("\n[abort]\nstep = \"{step}\"\nby = \"officer-a\"\nreason = \"a bag is torn\"\n");
    lab.write("ceremonies/answers.toml", &format!("{answers}{abort}"));
    lab.hold("genesis", "blank.toml", &EVERYBODY).ends(4, "aborted");
    lab.write("ceremonies/answers.toml", &answers);
}

#[test]
fn a_holder_checks_a_share_alone_and_learns_which_set_it_is_of() {
    let lab = Lab::after_genesis();
    let set_id = lab.record("quorum.split")["set_id"].as_str().unwrap().to_owned();
    let shown = lab.anchorite(&format!("{CHECK} --file custody/officer-b.sheet.txt")).done();
    for expected in [
        "officer-b: the words are right",
        "share   2 of 3, any 2 are needed",
        &format!("set     operate, epoch 1, set id {set_id}"),
        "dealt   0001-genesis, step provision",
        "live    yes, this set is in use",
    ] {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    let record = "share check authority/0001-genesis --holder officer-b --file custody/officer-b.sheet.txt";
    lab.anchorite(record).ends(0, "live    not looked at");
    // What the check touches is nothing.
    let log = lab.read("authority/0001-genesis/log.jsonl");
    assert_eq!(log.matches("quorum.met").count(), 0);
}

/// What, told, and what stands in `changed.txt`.
type Mistake = (&'static str, &'static str, fn(&Lab));

#[test]
fn a_wrong_share_is_named_and_no_word_of_it_is_shown() {
    let mistakes: [Mistake; 8] = [
        ("no word", "word 5 is not in the SLIP-39 word list", |lab| {
            changed(lab, |words| words[4] = "anchorite".to_owned());
        }),
        ("one wrong word", "the words do not fit together: check word 7", |lab| {
            changed(lab, |words| words[6] = if words[6] == "acid" { "acne" } else { "acid" }.to_owned());
        }),
        ("two words swapped", "more than one is wrong, or two changed places", |lab| {
            changed(lab, |words| {
                let other = (11..33).find(|place| words[*place] != words[9]).unwrap();
                words.swap(9, other);
            });
        }),
        ("two wrong words", "more than one is wrong, or two changed places", |lab| {
            changed(lab, |words| {
                for place in [3, 20] {
                    words[place] = if words[place] == "acid" { "acne" } else { "acid" }.to_owned();
                }
            });
        }),
        ("another officer's", "this is the share of `officer-a`, and that of `officer-b` is wanted", |lab| {
            fs::copy(lab.path("custody/officer-a.sheet.txt"), lab.path("changed.txt")).unwrap();
        }),
        ("another authority's", "not the share that was dealt to `officer-b`", |lab| {
            let other = Lab::blank();
            other.hold("genesis", "blank.toml", &EVERYBODY).done();
            fs::copy(other.path("custody/officer-b.sheet.txt"), lab.path("changed.txt")).unwrap();
        }),
        ("32 words", "no sheet of 33 numbered words and no share file", |lab| {
            let found = words(&lab.read("custody/officer-b.sheet.txt"));
            let page: String =
                (1..33).zip(&found).map(|(number, word)| format!("{number}. {word}\n")).collect();
            lab.write("changed.txt", &page);
        }),
        ("no text", "no sheet of 33 numbered words and no share file", |lab| {
            fs::write(lab.path("changed.txt"), [0xff; 40]).unwrap();
        }),
    ];
    for (what, told, change) in mistakes {
        let lab = Lab::after_genesis();
        change(&lab);
        let ran = lab.anchorite(&format!("{CHECK} --file changed.txt"));
        assert!(ran.code == 1 || ran.code == 2, "{what}: {}", ran.shown);
        assert!(ran.shown.contains(told) && ran.shown.contains("what to do:"), "{what}: {}", ran.shown);
        for two in words(&lab.read("custody/officer-b.sheet.txt")).windows(2) {
            assert!(!ran.shown.contains(&two.join(" ")), "{what}: {}", ran.shown);
        }
    }
}

#[test]
fn a_name_or_set_without_a_share_is_said_so_before_words_are_asked_for() {
    let lab = Lab::after_genesis();
    for arguments in [
        "share check authority --holder witness",
        "share check authority --holder officer-b --set recovery",
        "share check authority/0001-genesis --holder officer-z",
    ] {
        lab.anchorite(arguments).ends(2, "no share of the set");
    }
    lab.anchorite("share check nowhere --holder officer-b").ends(2, "nowhere");
}

#[test]
fn words_are_typed_hidden_and_asked_for_again_after_a_slip() {
    let lab = Lab::after_genesis();
    let found = words(&lab.read("custody/officer-b.sheet.txt"));
    let mut person = Person::at(lab.command(CHECK));
    person.is_asked_secretly("word 1 of 33: ");
    let mut slip = found.clone();
    slip[16] = if slip[16] == "acid" { "acne" } else { "acid" }.to_owned();
    person.types(&slip.join(" "));
    person.reads("the words do not fit together: check word 17");
    person.is_asked_secretly("word 17 of 33: ");
    // Only the wrong word is typed again, and its first four letters do.
    person.presses(&found[16][..4]);
    person.reads("complete; Space goes on");
    person.presses(" ");
    let left = person.leaves();
    assert_eq!(left.code, 0, "{}", left.shown);
    assert!(left.echo && left.shown.contains("officer-b: the words are right"), "{}", left.shown);
    assert!(!left.shown.contains(&found[..2].join(" ")), "{}", left.shown);

    let mut person = Person::at(lab.command(CHECK));
    person.is_asked_secretly("word 1 of 33: ");
    person.interrupts();
    let left = person.leaves();
    assert!(left.code == 4 && left.echo, "{}", left.shown);
}

#[test]
fn a_share_of_a_ceremony_that_was_aborted_is_right_and_not_in_use() {
    let lab = Lab::blank();
    aborted_at(&lab, "root");
    let arguments = format!("{CHECK} --file custody/officer-b.sheet.txt");
    let shown = lab.anchorite(&arguments).ends(1, "0001-genesis did not give the authority its set");
    assert!(shown.contains("the words are right"), "{shown}");

    for officer in ["officer-a", "officer-b", "officer-c"] {
        let sheet = lab.path(&format!("custody/{officer}.sheet.txt"));
        fs::rename(&sheet, sheet.with_extension("old")).unwrap();
    }
    fs::remove_dir_all(lab.path("softhsm/tokens")).unwrap();
    fs::create_dir_all(lab.path("softhsm/tokens")).unwrap();
    for directory in ["plans", "approvals", "exchange"] {
        fs::remove_dir_all(lab.path(directory)).unwrap();
    }
    lab.hold("genesis", "blank.toml", &TWO_OFFICERS).done();
    lab.anchorite(&arguments).ends(0, "live    yes, this set is in use");
    let live = lab.records().iter().find(|record| record["type"] == "quorum.split").unwrap()["body"].clone();
    let set_id = live["set_id"].as_str().unwrap();
    let old = format!("{CHECK} --file custody/officer-b.sheet.old");
    let shown = lab.anchorite(&old).ends(1, &format!("is not in use: set {set_id}, epoch 2, is"));
    assert!(shown.contains("dealt   0001-genesis"), "{shown}");
}

#[test]
fn a_record_that_does_not_hold_says_nothing_of_what_is_in_use() {
    let lab = Lab::after_genesis();
    let file = "authority/0001-genesis/seals/close.witness.sig";
    fs::write(lab.path(file), [0x30; 70]).unwrap();
    let shown =
        lab.anchorite(&format!("{CHECK} --file custody/officer-b.sheet.txt")).ends(1, "live    unknown");
    assert!(shown.contains("the words are right"), "{shown}");
    lab.edit("authority/0001-genesis/log.jsonl", "\"threshold\":2", "\"threshold\":3");
    lab.anchorite(&format!("{CHECK} --file custody/officer-b.sheet.txt")).ends(1, "`prev` is");
}

#[test]
fn the_status_names_sets_epochs_thresholds_holders_and_which_is_live() {
    let lab = Lab::after_genesis();
    let shown = lab.anchorite("share status authority --roster roster.toml").done();
    let set_id = lab.record("quorum.split")["set_id"].as_str().unwrap().to_owned();
    for expected in [
        "consistent, under the given roster",
        "operate, epoch 1  live",
        &format!("set id    {set_id}"),
        "dealt in  ceremony 1, step provision",
        "opens     token primary",
        "needs     any 2 of 3 shares",
        "share  2  officer-b",
    ] {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    let json = lab.anchorite("share status authority --roster roster.toml --format json").done();
    let json: Value = serde_json::from_str(&json).unwrap();
    let set = &json["share_sets"][0];
    assert_eq!((set["live"].as_bool(), set["threshold"].as_u64()), (Some(true), Some(2)));
    assert_eq!(set["shares"][2]["holder"], "officer-c");
    assert_eq!(set["opens"][0], "primary");

    let lab = Lab::blank();
    aborted_at(&lab, "root");
    let told = "operate, epoch 1  of an aborted ceremony";
    lab.anchorite("share status authority --roster roster.toml").ends(0, told);
}
