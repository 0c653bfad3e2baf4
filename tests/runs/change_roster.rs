//! People join and leave: the old quorum lets them, each new key approves for itself, and shares change hands.

use std::fs;

use crate::lab::{EVERYBODY, Lab, Ran, TWO_OFFICERS, answers_of, sha256};
use crate::person::Person;
use crate::reshare::{ceremony, lab_with_sheets_by_epoch, last};
use crate::terminal::run_by_a_person;

const RESHARE: &str = "[[step]]\nid = \"shares\"\ndo = \"reshare\"\n";

/// A roster with other entries, all else as in `roster.toml`.
fn roster_of(lab: &Lab, entries: &dyn Fn(Vec<String>) -> Vec<String>) -> String {
    let roster = lab.read("roster.toml");
    let (head, people) = roster.split_once("[[person]]").unwrap();
    let people = people.split("[[person]]").map(|entry| format!("[[person]]{entry}")).collect();
    format!("{head}{}", entries(people).concat())
}

/// Without one person.
fn without(people: Vec<String>, name: &str) -> Vec<String> {
    people.into_iter().filter(|entry| !entry.contains(&format!("name = \"{name}\""))).collect()
}

/// The step that brings a roster in.
fn step(lab: &Lab, incoming: &str) -> String {
    fs::create_dir_all(lab.path("ceremonies/inputs")).unwrap();
    lab.write("ceremonies/inputs/people.toml", incoming);
    let sha256 = sha256(incoming.as_bytes());
    format!(
        "[[step]]\nid = \"people\"\ndo = \"change-roster\"\n\
         roster = {{ file = \"inputs/people.toml\", sha256 = \"{sha256}\" }}\n\n"
    )
}

/// Officer D, who is in the room from now on.
fn officer_d(lab: &Lab) -> String {
    let entry = lab.new_person("officer-d");
    lab.write(
        "ceremonies/answers.toml",
        &format!("{}{}", lab.read("ceremonies/answers.toml"), answers_of("officer-d")),
    );
    entry
}

/// Officer C leaves and officer D joins, with new shares: planned as `people`, and the roster that comes in.
pub(crate) fn d_for_c(lab: &Lab) -> String {
    let entry = officer_d(lab);
    let incoming =
        roster_of(lab, &|people| without(people, "officer-c").into_iter().chain([entry.clone()]).collect());
    ceremony(lab, "people", &format!("{}{RESHARE}", step(lab, &incoming)));
    let planned = lab.plan("people").done();
    assert!(planned.contains("change the roster (join: officer-d; leave: officer-c)"), "{planned}");
    incoming
}

/// Signs an approval anew with a key of custody, as openssl would for anybody.
fn sign_with(lab: &Lab, ceremony: &str, person: &str, key: &str, passphrase_of: &str) {
    let file = |ending: &str| format!("approvals/{ceremony}/approval.{person}.{ending}");
    let passphrase = format!("file:custody/{passphrase_of}.passphrase");
    let (key, signature, statement) = (format!("custody/{key}"), file("sig"), file("txt"));
    let arguments =
        ["dgst", "-sha256", "-sign", &key, "-passin", &passphrase, "-out", &signature, &statement];
    lab.tool("openssl", "openssl", &arguments).done();
}

/// Runs `people` and insists that nothing came of it.
#[track_caller]
fn refused(lab: &Lab, told: &str) {
    let before = lab.consequences();
    lab.run("people", "hsm.toml").ends(1, told);
    assert!(lab.consequences() == before, "{told}");
}

/// The auditor's verdict with the roster that the authority began with.
fn verified_from(lab: &Lab, first: &str) -> Ran {
    lab.anchorite(&format!("verify authority --roster {first} --expect-head {}", lab.head()))
}

#[test]
fn one_officer_leaves_and_another_joins_with_a_key_and_a_share_of_their_own() {
    let lab = lab_with_sheets_by_epoch();
    fs::copy(lab.path("roster.toml"), lab.path("first.toml")).unwrap();
    let incoming = d_for_c(&lab);
    lab.approve("people", "hsm.toml", &["officer-a", "officer-b"]);
    refused(&lab, "`officer-d` gets a new key by this plan and has not approved it with that key");

    // Officer D counts for the new key alone, and only with that key.
    lab.approve("people", "hsm.toml", &["officer-d"]);
    fs::rename(lab.path("approvals/people/approval.officer-b.txt"), lab.path("b.txt")).unwrap();
    fs::rename(lab.path("approvals/people/approval.officer-b.sig"), lab.path("b.sig")).unwrap();
    refused(&lab, "2 signatures in the role officer are needed and 1 are there");
    fs::rename(lab.path("b.txt"), lab.path("approvals/people/approval.officer-b.txt")).unwrap();
    fs::rename(lab.path("b.sig"), lab.path("approvals/people/approval.officer-b.sig")).unwrap();
    let good = fs::read(lab.path("approvals/people/approval.officer-d.sig")).unwrap();
    lab.new_key("officer-d", "officer-d.other.pem");
    sign_with(&lab, "people", "officer-d", "officer-d.other.pem", "officer-d");
    refused(&lab, "the signature of `officer-d` does not verify");
    fs::write(lab.path("approvals/people/approval.officer-d.sig"), good).unwrap();

    let shown = lab.run("people", "hsm.toml").done();
    assert!(shown.contains("opens nothing any more: its sheets are destroyed now"), "{shown}");
    let changed = last(&lab, "roster.changed");
    assert_eq!(changed["to"], sha256(incoming.as_bytes()));
    let split = last(&lab, "quorum.split");
    let holders: Vec<&str> =
        split["shares"].as_array().unwrap().iter().map(|share| share["holder"].as_str().unwrap()).collect();
    assert_eq!(holders, ["officer-a", "officer-b", "officer-d"]);
    verified_from(&lab, "first.toml").ends(0, "VERDICT  PASS");
    lab.write("second.toml", &incoming);
    assert_eq!(verified_from(&lab, "second.toml").code, 1, "the chain begins with the first roster");

    // From here on the new people run the authority, and nobody else does.
    lab.plan("sign-intermediates").ends(1, "roster");
    lab.write("roster.toml", &incoming);
    lab.plan("sign-intermediates").done();
    lab.approve("sign-intermediates", "hsm.toml", &["officer-a", "officer-d"]);
    let as_c = "officer sign --plan plans/sign-intermediates --binding hsm.toml --as officer-c --output approvals/c \
                --key custody/officer-c.key.pem --passphrase-file custody/officer-c.passphrase --yes --roster";
    lab.anchorite(&format!("{as_c} roster.toml")).ends(1, "`officer-c`");
    lab.anchorite(&format!("{as_c} first.toml")).ends(1, "roster");
    // Whatever the tool says: officer C writes the statement by hand.
    let entry = |roster: &str, name: &str| {
        let roster = lab.read(roster);
        let entry =
            roster.split("[[person]]").find(|entry| entry.contains(&format!("name = \"{name}\""))).unwrap();
        let line = entry.lines().find(|line| line.starts_with("public-key")).unwrap();
        let der = lab.tool(
            "sh",
            "dash",
            &["-c", "printf %s \"$0\" | base64 -d | sha256sum", line.split('"').nth(1).unwrap()],
        );
        der.done()[..64].to_owned()
    };
    let statement = lab.read("approvals/sign-intermediates/approval.officer-d.txt");
    let by_hand = statement
        .replace("officer-d", "officer-c")
        .replace(&entry("roster.toml", "officer-d"), &entry("first.toml", "officer-c"));
    assert_eq!(by_hand.matches("officer-c").count(), 1);
    lab.write("approvals/sign-intermediates/approval.officer-c.txt", &by_hand);
    sign_with(&lab, "sign-intermediates", "officer-c", "officer-c.key.pem", "officer-c");
    let before = lab.consequences();
    lab.run("sign-intermediates", "hsm.toml").ends(1, "`officer-c` is not on the roster");
    assert!(lab.consequences() == before);
    for ending in ["txt", "sig"] {
        fs::remove_file(lab.path(&format!("approvals/sign-intermediates/approval.officer-c.{ending}")))
            .unwrap();
    }

    // Officer C's old share opens nothing and is known by name.
    let sheet = lab.read("custody/officer-a.operate-2.txt");
    fs::copy(lab.path("custody/officer-c.operate-1.txt"), lab.path("custody/officer-a.operate-2.txt"))
        .unwrap();
    let told = "the share of `officer-c` of the set operate, epoch 1; epoch 2 of operate is wanted; the token was not tried";
    lab.run("sign-intermediates", "hsm.toml").ends(4, told);
    lab.write("custody/officer-a.operate-2.txt", &sheet);
    lab.abort("officer-d").ends(0, "aborted and sealed");
    for directory in ["plans", "approvals", "exchange"] {
        fs::remove_dir_all(lab.path(&format!("{directory}/sign-intermediates"))).unwrap();
    }

    // Officers A and D approve, and their shares open the token.
    lab.edit("ceremonies/answers.toml", "sheet = \"officer-b.{set}-{epoch}.txt\"\n", "");
    let shown = lab.hold("sign-intermediates", "hsm.toml", &["officer-a", "officer-d"]).done();
    assert!(shown.contains("share of officer-d is right"), "{shown}");
    verified_from(&lab, "first.toml").ends(0, "VERDICT  PASS");
    let present = last(&lab, "ceremony.open")["present"].to_string();
    assert!(present.contains("officer-d") && !present.contains("officer-c"), "{present}");
}

#[test]
fn whoever_joins_decides_nothing_in_the_ceremony_that_lets_them_in() {
    let lab = lab_with_sheets_by_epoch();
    d_for_c(&lab);
    lab.approve("people", "hsm.toml", &["officer-a", "officer-b", "officer-d"]);
    let mut person = Person::at(run_by_a_person(&lab, "people", "hsm.toml"));
    for name in EVERYBODY.iter().chain(&["officer-d"]) {
        person.reads(&format!("{name} ("));
        person.is_asked("  > ");
        person.types(&format!("{name} had two eggs"));
    }
    let shown = person.reads("SHA-256 of the new roster");
    for (what, who) in [
        ("join", "officer-d"),
        ("leave", "officer-c"),
        ("get a new key", "nobody"),
        ("change their part", "nobody"),
        ("thresholds until now", "approve 2, unlock 2, close 2"),
    ] {
        let line = shown.lines().find(|line| line.trim_start().starts_with(what)).unwrap_or_default();
        assert!(line.trim_end().ends_with(who), "{what}: {shown}");
    }
    person.is_asked("who confirms (officer-a, officer-b, officer-c): ");
    person.types("officer-d");
    person.reads("Not one of these names.");
    person.killed();
}

#[test]
fn thresholds_change_with_the_people_and_bind_from_the_next_ceremony_on() {
    let lab = lab_with_sheets_by_epoch();
    fs::copy(lab.path("roster.toml"), lab.path("first.toml")).unwrap();
    let entry = officer_d(&lab);
    let mut incoming = roster_of(&lab, &|people| people.into_iter().chain([entry.clone()]).collect());
    for act in ["approve", "unlock", "close"] {
        incoming = incoming.replace(&format!("{act} = 2"), &format!("{act} = 3"));
    }
    ceremony(&lab, "people", &format!("{}{RESHARE}", step(&lab, &incoming)));
    lab.hold("people", "hsm.toml", &["officer-b", "officer-c", "officer-d"]).done();
    let split = last(&lab, "quorum.split");
    assert_eq!((&split["threshold"], split["shares"].as_array().unwrap().len()), (&3.into(), 4));

    lab.write("roster.toml", &incoming);
    lab.plan("sign-intermediates").done();
    lab.approve("sign-intermediates", "hsm.toml", &["officer-a", "officer-d"]);
    let before = lab.consequences();
    let few = "3 signatures in the role officer are needed and 2 are there";
    lab.run("sign-intermediates", "hsm.toml").ends(1, few);
    assert!(lab.consequences() == before);
    lab.approve("sign-intermediates", "hsm.toml", &["officer-c"]);
    lab.run("sign-intermediates", "hsm.toml").done();
    assert_eq!(last(&lab, "quorum.met")["by"].as_array().unwrap().len(), 3);
    verified_from(&lab, "first.toml").ends(0, "VERDICT  PASS");
    let seals = fs::read_dir(lab.path("authority/0003-sign-intermediates/seals")).unwrap();
    let names: Vec<_> = seals.map(|seal| seal.unwrap().file_name().into_string().unwrap()).collect();
    assert!(
        names.iter().filter(|name| name.starts_with("close.officer") && name.ends_with(".sig")).count() >= 3,
        "{names:?}"
    );
}

#[test]
fn a_lost_key_is_replaced_by_the_others_and_its_owner_and_no_share_changes() {
    let lab = lab_with_sheets_by_epoch();
    fs::copy(lab.path("roster.toml"), lab.path("first.toml")).unwrap();
    let entry = lab.new_key("officer-a", "officer-a.new.pem");
    let incoming = roster_of(&lab, &|people| {
        let others = without(people, "officer-a");
        [entry.clone()].into_iter().chain(others).collect()
    });
    ceremony(&lab, "people", &step(&lab, &incoming));
    let planned = lab.plan("people").done();
    assert!(planned.contains("change the roster (get a new key: officer-a)"), "{planned}");
    // The old key is gone: nobody signs this ceremony's seals with it.
    lab.edit("ceremonies/answers.toml", "key = \"officer-a.key.pem\"\n", "");

    let with_key = |name: &str, key: &str| {
        lab.anchorite(&format!(
            "officer sign --plan plans/{name} --binding hsm.toml --roster roster.toml --as officer-a --output \
             approvals/{name} --key custody/{key} --passphrase-file custody/officer-a.passphrase --yes"
        ))
    };
    lab.approve("people", "hsm.toml", &["officer-b", "officer-c"]);
    refused(&lab, "`officer-a` gets a new key by this plan and has not approved it with that key");
    assert_ne!(with_key("people", "officer-a.key.pem").code, 0, "the old key is no new key");
    with_key("people", "officer-a.new.pem").done();
    let c = ["txt", "sig"].map(|ending| lab.path(&format!("approvals/people/approval.officer-c.{ending}")));
    let kept = ["c.txt", "c.sig"].map(|name| lab.path(name));
    for (from, to) in c.iter().zip(&kept) {
        fs::rename(from, to).unwrap();
    }
    refused(&lab, "2 signatures in the role officer are needed and 1 are there");
    for (to, from) in c.iter().zip(&kept) {
        fs::rename(from, to).unwrap();
    }
    lab.run("people", "hsm.toml").done();
    let log = lab.read("authority/0002-people/log.jsonl");
    assert!(!log.contains("quorum.") && !log.contains("op.intent"), "{log}");
    verified_from(&lab, "first.toml").ends(0, "VERDICT  PASS");

    lab.write("roster.toml", &incoming);
    lab.edit(
        "ceremonies/answers.toml",
        "name = \"officer-a\"\n",
        "name = \"officer-a\"\nkey = \"officer-a.new.pem\"\n",
    );
    lab.plan("sign-intermediates").done();
    assert_ne!(with_key("sign-intermediates", "officer-a.key.pem").code, 0, "the old key is nobody's");
    with_key("sign-intermediates", "officer-a.new.pem").done();
    lab.approve("sign-intermediates", "hsm.toml", &["officer-c"]);
    let good = fs::read(lab.path("approvals/sign-intermediates/approval.officer-a.sig")).unwrap();
    sign_with(&lab, "sign-intermediates", "officer-a", "officer-a.key.pem", "officer-a");
    lab.run("sign-intermediates", "hsm.toml").ends(1, "the signature of `officer-a` does not verify");
    fs::write(lab.path("approvals/sign-intermediates/approval.officer-a.sig"), good).unwrap();
    // The shares of the first epoch open the token as before.
    lab.run("sign-intermediates", "hsm.toml").done();
    assert_eq!(last(&lab, "quorum.met")["set_id"], lab.record("quorum.split")["set_id"]);
    verified_from(&lab, "first.toml").ends(0, "VERDICT  PASS");
}

#[test]
fn no_plan_leaves_shares_in_other_hands_than_the_new_roster_says() {
    let lab = lab_with_sheets_by_epoch();
    let entry = officer_d(&lab);
    let leaves =
        roster_of(&lab, &|people| without(people, "officer-c").into_iter().chain([entry.clone()]).collect());
    let joins = roster_of(&lab, &|people| people.into_iter().chain([entry.clone()]).collect());
    let threshold = lab.read("roster.toml").replace("unlock = 2", "unlock = 3");
    let order = roster_of(&lab, &|mut people| {
        people.swap(0, 1);
        people
    });
    for (name, incoming) in
        [("leaves", &leaves), ("joins", &joins), ("threshold", &threshold), ("order", &order)]
    {
        for (place, steps) in [
            ("alone", step(&lab, incoming)),
            ("reshare-first", format!("{RESHARE}\n{}", step(&lab, incoming))),
        ] {
            let name = format!("{name}-{place}");
            ceremony(&lab, &name, &steps);
            let shown = lab.plan(&name).ends(1, "P014");
            assert!(
                shown.contains("the new roster says any") && shown.contains("reshare"),
                "{name}: {shown}"
            );
            assert!(!lab.path(&format!("plans/{name}")).exists(), "{name}");
        }
    }
}

#[test]
fn after_one_share_is_lost_the_others_deal_new_ones() {
    let lab = lab_with_sheets_by_epoch();
    let lost = lab.read("custody/officer-c.operate-1.txt");
    fs::remove_file(lab.path("custody/officer-c.operate-1.txt")).unwrap();
    lab.hold("reshare", "hsm.toml", &TWO_OFFICERS).done();
    assert_eq!(last(&lab, "quorum.met")["by"], serde_json::json!(["officer-a", "officer-b"]));
    lab.verify().ends(0, "VERDICT  PASS");
    // What was lost and found is worth nothing, and the new share is worth one.
    lab.write("found.txt", &lost);
    lab.anchorite("share check authority --roster roster.toml --holder officer-c --file found.txt")
        .ends(1, "is not in use");
    lab.edit("ceremonies/answers.toml", "sheet = \"officer-a.{set}-{epoch}.txt\"\n", "");
    lab.hold("sign-intermediates", "hsm.toml", &TWO_OFFICERS).done();
    assert_eq!(last(&lab, "quorum.met")["by"], serde_json::json!(["officer-b", "officer-c"]));
    lab.verify().ends(0, "VERDICT  PASS");
}
