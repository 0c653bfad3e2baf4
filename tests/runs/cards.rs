use std::collections::BTreeMap;
use std::process::Command;

use super::card::{Card, PIN, module};
use super::lab::{EVERYBODY, Lab, collect, ran, repository};
use super::late_seals::{BUNDLE, killed_before_the_seals};
use super::person::Person;

const CARDS: [(&str, &str); 3] =
    [("officer-a", "ecdsa-p256-sha256"), ("officer-b", "rsa-pss-sha256"), ("officer-c", "ed25519")];

/// Gives every officer a card with a key of its own kind, on the roster and in the answers.
fn give_cards(lab: &Lab) -> BTreeMap<&'static str, Card> {
    let mut cards = BTreeMap::new();
    for (person, algorithm) in CARDS {
        let card = Card::new(&lab.path(&format!("cards/{person}")), person);
        lab.write(&format!("custody/{person}.passphrase"), PIN);
        let first = format!(
            "officer new {person} --role officer --generate --card-key signing --algorithm {algorithm} \
             --passphrase-file custody/{person}.passphrase"
        );
        let entry = ran(lab.command(&first).args(card.arguments())).done();
        let roster = lab.read("roster.toml");
        let (before, old) = roster.split_at(roster.find(&format!("name = \"{person}\"")).unwrap());
        let line =
            |text: &str, key: &str| text.lines().find(|line| line.starts_with(key)).unwrap().to_owned();
        let new = ["public-key", "algorithm"]
            .iter()
            .fold(old.to_owned(), |text, key| text.replacen(&line(old, key), &line(&entry, key), 1));
        lab.write("roster.toml", &format!("{before}{new}"));
        let place = format!(
            "card = {{ module = \"{}\", label = \"{person}\", variables = {{ SOFTHSM2_CONF = \"{}\" }} }}",
            module().display(),
            card.configuration().display()
        );
        lab.edit("ceremonies/answers.toml", &format!("key = \"{person}.key.pem\""), &place);
        cards.insert(person, card);
    }
    cards
}

#[test]
fn officers_approve_authorise_and_close_a_ceremony_with_cards() {
    let lab = Lab::blank();
    let cards = give_cards(&lab);
    lab.plan("genesis").done();
    for (person, card) in &cards {
        let arguments = format!(
            "officer sign --plan plans/genesis --binding blank.toml --roster roster.toml --as {person} --output \
             approvals/genesis --passphrase-file custody/{person}.passphrase --yes"
        );
        ran(lab.command(&arguments).args(card.arguments())).done();
    }
    lab.approve("genesis", "blank.toml", &["witness"]);
    let shown = lab.run("genesis", "blank.toml").done();
    lab.verify().ends(0, "VERDICT  PASS");
    for seal in ["authorise.officer-a", "authorise.officer-b", "close.officer-b", "close.officer-c"] {
        assert!(lab.path(&format!("authority/0001-genesis/seals/{seal}.sig")).exists(), "{seal}");
    }
    let script = Command::new("sh")
        .arg(repository("scripts/verify.sh"))
        .args(["authority", "--roster", "roster.toml", "--expect-head", &lab.head()])
        .current_dir(lab.path("."))
        .output()
        .unwrap();
    assert!(script.status.success(), "{}", String::from_utf8_lossy(&script.stdout));
    // The ceremony saw neither PIN nor module of a card.
    assert!(!shown.contains(PIN), "{shown}");
    let mut files = BTreeMap::new();
    collect(&lab.path("authority"), &mut files);
    collect(&lab.path("exchange"), &mut files);
    for (path, bytes) in files {
        assert!(!bytes.windows(PIN.len()).any(|part| part == PIN.as_bytes()), "{}", path.display());
    }
    assert_eq!(EVERYBODY.len(), cards.len() + 1);
}

#[test]
fn people_sign_one_after_the_other_at_the_machine_that_waits() {
    let lab = killed_before_the_seals();
    let head = lab.head();
    let digits = head[..8].to_owned();
    let mut person = Person::at(lab.command(&format!("seal {BUNDLE} --exchange exchange/late")));
    let waiting = "here: type the name and press Enter. Ctrl-C stops.";
    let statement = |name: &str| lab.read(&format!("exchange/late/close.{name}.txt"));
    person.reads(waiting);
    person.types("officer-z");
    person.reads("Nobody of that name has still to sign.");
    person.reads(waiting);
    person.types("officer-a");
    person.is_asked("officer-a: path of your key file, or `card MODULE` (Enter: not here): ");
    person.types("nowhere.pem");
    person.reads("the key file cannot be read");
    person.reads("Nothing was signed.");
    // Ctrl-C is the signing program's; the ceremony's goes on waiting.
    person.reads(waiting);
    person.types("officer-a");
    person.is_asked("not here): ");
    person.types("custody/officer-a.key.pem");
    person.is_asked("To sign, type its first 8 digits: ");
    person.types(&digits);
    person.is_asked_secretly("Passphrase of custody/officer-a.key.pem: ");
    person.interrupts();
    person.reads("Nothing was signed.");
    for name in ["officer-a", "officer-b", "witness"] {
        person.reads(waiting);
        person.types(name);
        person.is_asked(&format!("{name}: path of your key file"));
        person.types(&format!("custody/{name}.key.pem"));
        let shown = person.is_asked("To sign, type its first 8 digits: ");
        for line in statement(name).lines() {
            assert!(shown.contains(line), "`{line}` was not shown before the question:\n{shown}");
        }
        person.types(&digits);
        person.is_asked_secretly(&format!("Passphrase of custody/{name}.key.pem: "));
        person.types(lab.read(&format!("custody/{name}.passphrase")).trim());
        person.reads(&format!("{name} signed the close statement"));
    }
    let left = person.leaves();
    assert!(left.code == 0 && left.echo, "{} {}", left.code, left.shown);
    assert!(left.shown.contains("complete and sealed"), "{}", left.shown);
    lab.verify().ends(0, "VERDICT  PASS");
}
