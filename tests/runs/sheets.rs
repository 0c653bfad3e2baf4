//! Sheets in every form, dealt and entered again, and opened by people without anchorite.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use crate::derivation::words;
use crate::lab::{EVERYBODY, Lab, TWO_OFFICERS, ran, repository};
use crate::packages::package;
use crate::person::Person;
use crate::terminal::at_the_first_word_in;

/// Officer A has text, officer B a page, officer C an encrypted file.
fn answers_of_three_forms(lab: &Lab) {
    lab.edit(
        "ceremonies/answers.toml",
        "sheet = \"officer-b.sheet.txt\"",
        "sheet = \"officer-b.sheet.html\"\nsheet-form = \"html\"",
    );
    lab.edit(
        "ceremonies/answers.toml",
        "sheet = \"officer-c.sheet.txt\"",
        "sheet = \"officer-c.share\"\nsheet-form = \"encrypted\"\nsheet-passphrase = \"officer-c.passphrase\"",
    );
}

fn three_forms() -> Lab {
    let lab = Lab::blank();
    answers_of_three_forms(&lab);
    lab.hold("genesis", "blank.toml", &EVERYBODY).done();
    lab.bind_by_serial();
    lab
}

/// Opens a share file with the Python that docs/share-file.md prints.
fn opened_by_a_stranger(lab: &Lab, file: &str, passphrase: &str) -> crate::lab::Ran {
    let document = fs::read_to_string(repository("docs/share-file.md")).unwrap();
    let program = document.split("```python\n").nth(1).unwrap().split("```").next().unwrap();
    let cryptography: PathBuf =
        package("cryptography-48.0.0", "tests/vectors/share-file/requirements.txt", &[]);
    let mut python = Command::new("python3");
    python.args(["-c", program, file, passphrase]).current_dir(lab.path("")).env("PYTHONPATH", cryptography);
    ran(&mut python)
}

#[test]
fn sheets_of_every_form_are_written_for_their_holder_alone_and_open_the_token() {
    let lab = three_forms();
    for file in ["officer-a.sheet.txt", "officer-b.sheet.html", "officer-c.share"] {
        let mode = fs::metadata(lab.path("custody").join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    // The page and the encrypted file: whoever is first in the answers enters a share.
    let answers = lab.read("ceremonies/answers.toml");
    let without_a = answers.replacen("sheet = \"officer-a.sheet.txt\"\n", "", 1);
    lab.write("ceremonies/answers.toml", &without_a);
    let shown = lab.hold("sign-intermediates", "hsm.toml", &TWO_OFFICERS).done();
    for officer in ["officer-b", "officer-c"] {
        assert!(shown.contains(&format!("share of {officer} is right")), "{shown}");
    }
    lab.verify().ends(0, "VERDICT  PASS");
}

#[test]
fn a_stranger_opens_a_share_file_with_the_document_alone() {
    let lab = three_forms();
    let found = opened_by_a_stranger(&lab, "custody/officer-c.share", "custody/officer-c.passphrase").done();
    assert_eq!(found.split_whitespace().count(), 33);
    // And what was opened is the share: written as a sheet, it is right.
    let sheet: String =
        (1..).zip(found.split_whitespace()).map(|(n, word)| format!("{n}. {word}\n")).collect();
    lab.write("opened.txt", &sheet);
    lab.anchorite("share check authority --holder officer-c --file opened.txt")
        .ends(0, "the words are right");

    let refused = opened_by_a_stranger(&lab, "custody/officer-c.share", "custody/officer-a.passphrase");
    refused.ends(1, "InvalidTag");
    lab.edit("custody/officer-c.share", "holder: officer-c", "holder: officer-b");
    opened_by_a_stranger(&lab, "custody/officer-c.share", "custody/officer-c.passphrase")
        .ends(1, "InvalidTag");
}

#[test]
fn at_a_terminal_sheets_go_to_the_directory_that_the_command_line_names() {
    let lab = Lab::blank();
    lab.edit("ceremonies/genesis.toml", "[[step]]\nid = \"clock\"\ndo = \"clock\"\nreaders = 2\n", "");
    lab.plan("genesis").done();
    lab.approve("genesis", "blank.toml", &EVERYBODY);
    fs::create_dir(lab.path("medium")).unwrap();
    let arguments = Lab::run_arguments("genesis", "blank.toml");
    let arguments =
        format!("{} --sheets medium --sheet-form encrypted", arguments.split(" --answers").next().unwrap());
    let mut person = Person::at(lab.command(&arguments));
    for name in EVERYBODY {
        person.reads(&format!("{name} ("));
        person.is_asked("  > ");
        person.types(&format!("{name} had two eggs"));
    }
    person.is_asked("type the last word of the sentence to go on: ");
    person.types("network");
    person.is_asked("who confirms");
    person.types("officer-c");
    person.is_asked("type the label it gets to go on: ");
    person.types("lab-root-g1");
    for _ in 0..3 {
        person.is_asked_secretly("(hidden) > ");
        person.types("4 2 6 6 1 3");
    }
    let passphrase = "correct horse battery staple";
    person.reads("officer-a: your share is written to a file next.");
    person.is_asked("Press Enter. ");
    person.types("");
    person.is_asked_secretly("new passphrase, 12 characters or more: ");
    person.types("too short");
    person.reads("That is too short.");
    person.is_asked_secretly("new passphrase");
    person.types(passphrase);
    person.is_asked_secretly("the same again: ");
    person.types("something else entirely");
    person.reads("The two differ.");
    person.is_asked_secretly("new passphrase");
    person.types(passphrase);
    person.is_asked_secretly("the same again: ");
    person.types(passphrase);
    person.reads("officer-a.operate-1.share is written.");
    person.is_asked("Done? Press Enter. ");
    person.interrupts();
    person.interrupts();
    let left = person.leaves();
    assert!(left.echo && !left.shown.contains(passphrase), "{}", left.shown);

    lab.write("passphrase", &format!("{passphrase}\n"));
    let found = opened_by_a_stranger(&lab, "medium/officer-a.operate-1.share", "passphrase").done();
    assert_eq!(found.split_whitespace().count(), 33);
    let page: String =
        (1..).zip(found.split_whitespace()).map(|(n, word)| format!("{n}. {word}\n")).collect();
    assert_eq!(words(&page).len(), 33);
}

#[test]
fn at_the_terminal_a_share_file_and_its_passphrase_are_as_good_as_words() {
    let (lab, mut person) = at_the_first_word_in(three_forms());
    person.presses("@");
    person.is_asked("path of your share file: ");
    person.types("custody/nothing.share");
    person.reads("nothing.share");
    person.is_asked_secretly("word 1 of 33: ");
    person.presses("@");
    person.is_asked("path of your share file: ");
    person.types("custody/officer-c.share");
    person.is_asked_secretly("its passphrase: ");
    person.types("not the passphrase");
    person.is_asked_secretly("word 1 of 33: ");
    person.presses("@");
    person.is_asked("path of your share file: ");
    person.types("custody/officer-c.share");
    person.is_asked_secretly("its passphrase: ");
    let passphrase = lab.read("custody/officer-c.passphrase").trim().to_owned();
    person.types(&passphrase);
    person.reads("The share of officer-c is right.");
    person.is_asked_secretly("word 1 of 33: ");
    person.types(&words(&lab.read("custody/officer-a.sheet.txt")).join(" "));
    person.reads("logged in to token");
    let left = person.killed();
    assert!(!left.shown.contains(&passphrase), "{}", left.shown);
}
