//! A token is opened from paper and the record alone, by the commands of docs/disaster-recovery.md.

use std::fs;
use std::process::Command;

use crate::derivation::{self, words};
use crate::documents::blocks;
use crate::lab::{Lab, Ran, TWO_OFFICERS, module, repository};
use crate::person::Person;
use crate::python::installed;
use crate::reshare::{lab_with_sheets_by_epoch, last, secret_of};

const DOCUMENT: &str = "docs/disaster-recovery.md";

/// A laboratory after its genesis, with what the document asks for beside it.
fn after_the_disaster() -> Lab {
    let lab = Lab::after_genesis();
    for (from, to) in [
        (repository("scripts/recover-pin.py"), "recover-pin.py"),
        (repository("tests/vectors/pin/vectors.json"), "vectors.json"),
        (lab.path("custody/officer-a.sheet.txt"), "officer-a.sheet.txt"),
        (lab.path("custody/officer-b.sheet.txt"), "officer-b.sheet.txt"),
        (lab.path("custody/officer-c.sheet.txt"), "officer-c.sheet.txt"),
    ] {
        fs::copy(from, lab.path(to)).unwrap();
    }
    lab
}

/// The script with these arguments, separated by spaces.
fn script(lab: &Lab, arguments: &str) -> Command {
    let mut command = Command::new("python3");
    command
        .arg("recover-pin.py")
        .args(arguments.split(' '))
        .current_dir(lab.path(""))
        .env("PYTHONPATH", installed());
    command
}

fn recovered(lab: &Lab, arguments: &str) -> Ran {
    crate::lab::ran(&mut script(lab, arguments))
}

/// PIN alone: what the script says goes elsewhere.
fn pin(lab: &Lab, arguments: &str) -> String {
    let output = script(lab, arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}

#[test]
fn every_command_of_the_document_runs_and_ends_in_a_logged_in_token() {
    let lab = after_the_disaster();
    let all = blocks(DOCUMENT);
    let headings: Vec<&str> = all.iter().map(|(heading, _)| heading.as_str()).collect();
    assert_eq!(
        headings,
        ["What you need", "Prepare the machine", "Words from paper", "Words from files", "Log in", "Log in"]
    );
    // What people type word by word is typed in the next test.
    let typed = all.iter().filter(|(heading, _)| heading != "Words from paper");
    let commands: Vec<&str> = typed.map(|(_, commands)| commands.as_str()).collect();
    let commands =
        commands.join("\n").replace("/usr/lib/softhsm/libsofthsm2.so", &module().display().to_string());
    let shown = lab.tool("sh", "dash", &["-euc", &commands]).done();
    for expected in [
        "shamir_mnemonic-0.3.0-py3-none-any.whl: OK",
        "5 vectors hold",
        "the share of officer-c is right",
        "Private Key Object",
        "User PIN successfully initialized",
    ] {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    let again = [
        "-euc",
        "pkcs11-tool --module \"$0\" --token-label lab-root-g1 --login --pin \"$1\" -O --type privkey",
    ];
    let user = pin(&lab, "authority --token primary officer-b.sheet.txt officer-c.sheet.txt");
    assert!(!shown.contains(&user), "the PIN is on the screen");
    let module = module().display().to_string();
    let arguments = [again[0], again[1], &module, &user];
    assert!(lab.tool("sh", "dash", &arguments).done().contains("lab-root-g1"));
}

#[test]
fn people_type_their_words_hidden_and_a_slip_is_named_before_a_pin_is_derived() {
    let lab = after_the_disaster();
    let (_, command) =
        blocks(DOCUMENT).into_iter().find(|(heading, _)| heading == "Words from paper").unwrap();
    let arguments = command.trim().strip_prefix("python3 recover-pin.py ").unwrap().to_owned();
    let sheets = ["officer-a", "officer-c"].map(|officer| words(&lab.read(&format!("{officer}.sheet.txt"))));
    let [first, second] = &sheets;
    // Somebody else's environment would be the person's: `env` sets it in the new terminal.
    let mut by_hand = Command::new("env");
    by_hand.arg(format!("PYTHONPATH={}", installed().display())).args(["python3", "recover-pin.py"]);
    by_hand.args(arguments.split(' ')).current_dir(lab.path(""));
    let mut person = Person::at(by_hand);

    let question = "hidden, several on a line are fine";
    let mut slip = first.clone();
    slip.swap(4, 9);
    person.is_asked_secretly(question);
    person.types(&slip.join(" "));
    person.reads("a word is wrong");
    person.is_asked_secretly(question);
    person.types(&format!("{} anchorite", first[..32].join(" ")));
    person.reads("word 33 is not in the SLIP-39 word list");
    person.is_asked_secretly(question);
    person.types(&first[..20].join(" "));
    person.is_asked_secretly("word 21 of 33");
    let short: Vec<&str> = first[20..].iter().map(|word| &word[..4]).collect();
    person.types(&short.join(" "));
    person.reads("the share of officer-a is right");
    person.is_asked_secretly(question);
    person.types(&first.join(" "));
    person.reads("the share of officer-a was there already");
    person.is_asked_secretly(question);
    person.types(&second.join(" "));
    let left = person.leaves();
    assert_eq!(left.code, 0, "{}", left.shown);
    let expected = pin(&lab, "authority --token primary officer-a.sheet.txt officer-b.sheet.txt");
    assert!(left.shown.trim_end().ends_with(&expected), "{}", left.shown);
    assert!(!left.shown.contains(&first[..3].join(" ")), "{}", left.shown);
}

#[test]
fn a_pin_is_not_shown_on_a_terminal_unasked() {
    let lab = after_the_disaster();
    let arguments = "authority --token primary officer-a.sheet.txt officer-b.sheet.txt";
    let left = Person::at(script(&lab, arguments)).leaves();
    assert_eq!(left.code, 1);
    assert!(left.shown.contains("say --print to see it"), "{}", left.shown);
}

#[test]
fn between_two_sets_each_pin_comes_from_the_sheets_that_the_token_took_it_from() {
    let lab = lab_with_sheets_by_epoch();
    fs::copy(repository("scripts/recover-pin.py"), lab.path("recover-pin.py")).unwrap();
    let before = lab.record("pin.policy");
    lab.hold("reshare", "hsm.toml", &TWO_OFFICERS).done();
    let after = last(&lab, "pin.policy");
    let epoch = |number: u32| {
        let secret = secret_of(&lab, number, ["officer-a", "officer-b"]);
        let policy = if number == 1 { &before } else { &after };
        ["user", "so"].map(|owner| derivation::pin(&secret, "example-lab", policy, &format!("{owner}-pin")))
    };
    let (old, new) = (epoch(1), epoch(2));
    let with = |number: u32, more: &str| {
        let sheets =
            ["officer-a", "officer-c"].map(|officer| format!("custody/{officer}.operate-{number}.txt"));
        format!("authority --token primary{more} {}", sheets.join(" "))
    };
    assert_eq!(pin(&lab, &with(2, "")), new[0]);
    assert_eq!(pin(&lab, &with(1, " --epoch 1")), old[0]);

    let file = "authority/0002-reshare/log.jsonl";
    let text = lab.read(file);
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let calls: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].contains("C_SetPIN")).collect();
    let [first, second] = calls[..] else { panic!("two PINs are replaced: {calls:?}") };
    // The security officer's PIN was replaced, and then the power went.
    lab.write(file, &lines[..=first + 1].concat());
    assert_eq!(pin(&lab, &with(1, "")), old[0]);
    assert_eq!(pin(&lab, &with(2, " --purpose so")), new[1]);
    recovered(&lab, &with(1, " --purpose so")).ends(1, "these words are no share of set");
    // One call further, without its answer.
    lab.write(file, &lines[..=second].concat());
    let shown = recovered(&lab, &with(1, "")).ends(0, "epoch 2, perhaps set on the token");
    assert!(shown.contains("--epoch 2 and its sheets") && shown.contains(&old[0]), "{shown}");
    assert_eq!(pin(&lab, &with(2, " --epoch 2")), new[0]);
}

/// Text, arguments, told, and what is done to the laboratory before.
type Refusal = (&'static str, &'static str, &'static str, fn(&Lab));

#[test]
fn nothing_is_derived_from_a_record_or_shares_that_do_not_hold() {
    let log = "authority/0001-genesis/log.jsonl";
    let with_two = "authority --token primary officer-a.sheet.txt officer-b.sheet.txt";
    let refusals: [Refusal; 8] = [
        ("one sheet", "authority --token primary officer-a.sheet.txt", "2 are needed", |_| {}),
        (
            "one sheet twice",
            "authority --token primary officer-a.sheet.txt officer-a.sheet.txt",
            "1 different shares were given, 2 are needed",
            |_| {},
        ),
        (
            "another token",
            "authority --token second officer-a.sheet.txt",
            "no such PINs of the token second",
            |_| {},
        ),
        ("another epoch", "authority --token primary --epoch 2 officer-a.sheet.txt", "no such PINs", |_| {}),
        ("a wrong word", with_two, "these words are no share of set", |lab| {
            let found = words(&lab.read("officer-a.sheet.txt"));
            let other = if found[0] == "academic" { "acid" } else { "academic" };
            lab.edit("officer-a.sheet.txt", &format!(" 1. {}", found[0]), &format!(" 1. {other}"));
        }),
        ("a sheet of another authority", with_two, "these words are no share of set", |lab| {
            let other = Lab::blank();
            other.hold("genesis", "blank.toml", &crate::lab::EVERYBODY).done();
            fs::copy(other.path("custody/officer-a.sheet.txt"), lab.path("officer-a.sheet.txt")).unwrap();
        }),
        ("a record that was changed", with_two, "the chain is broken", |lab| {
            let file = "authority/0001-genesis/log.jsonl";
            let policy = lab.record("pin.policy");
            let token_id = policy["token_id"].as_str().unwrap();
            lab.edit(file, token_id, &"0".repeat(32));
        }),
        ("a ceremony that stopped before the PIN was set", with_two, "perhaps never set", |lab| {
            let file = "authority/0001-genesis/log.jsonl";
            let text = lab.read(file);
            let lines: Vec<&str> = text.split_inclusive('\n').collect();
            let until = lines.iter().position(|line| line.contains("C_InitPIN")).unwrap();
            lab.write(file, &lines[..=until].concat());
        }),
    ];
    for (what, arguments, told, spoil) in refusals {
        let lab = after_the_disaster();
        spoil(&lab);
        let shown = recovered(&lab, arguments).ends(1, told);
        assert!(shown.lines().all(|line| line.len() != 32), "{what}: {shown}");
    }
    // Asked for by its identifier, what was perhaps never set is derived all the same.
    let lab = after_the_disaster();
    let expected = pin(&lab, with_two);
    let set_id = lab.record("quorum.split")["set_id"].as_str().unwrap().to_owned();
    let text = lab.read(log);
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let until = lines.iter().position(|line| line.contains("C_InitPIN")).unwrap();
    // A power cut leaves half a line.
    lab.write(log, &format!("{}{{\"v\":\"anch", lines[..=until].concat()));
    assert_eq!(pin(&lab, &format!("{with_two} --set-id {set_id}")), expected);
}
