//! What people witness, and what devices say: nothing of it can be left out, twisted or passed over in silence.

use anchorite::format::*;
use anchorite::verify::{self, CheckId, Conclusion};

use super::bundle::witnessed::device_log;
use super::bundle::{HONEST, Item, Tricks, instant, name};
use super::mutants::Ceremony::{self, Genesis, Intermediate};
use super::mutants::{all_are_noticed, anchors, hold, misjudged};
use super::signed::{Attack, SEALED_BY_ONE, abort, cut_at, left, nothing_signed, starts};

const STATEMENT: &str = "I was there, and it went as the record says.";

/// A genesis with everything that people can witness, and a device that keeps a log.
fn witnessed(plan: &mut Plan) {
    let step = |id: &str, action| PlannedStep { id: name(id), action };
    let custody = |act, expected: Option<&str>, place: Option<&str>| Action::Custody {
        item: name("primary-token"),
        act,
        expected: expected.map(str::to_owned),
        place: place.map(str::to_owned),
    };
    let log = |file: &str| Action::ImportEvidence {
        token: name("primary"),
        form: EvidenceForm::YubiHsm2Log,
        file: FileName::parse(file).unwrap(),
    };
    if let Action::Clock { beacon, .. } = &mut plan.steps[0].action {
        *beacon = true;
    }
    let before = [
        step("read-plan", Action::ReadAloud { by: Role::Officer, named: NamedDigest::Plan {} }),
        step("open-bag", custody(CustodyAct::Open, Some("A0016"), None)),
        step("log-before", log("before.log")),
    ];
    plan.steps.splice(1..1, before);
    plan.steps.extend([
        step("log-after", log("after.log")),
        step("close-bag", custody(CustodyAct::Seal, None, Some("safe 2"))),
        step("look", custody(CustodyAct::Inspect, None, None)),
        step("attest", Action::Attest { by: vec![Role::Officer, Role::Witness], text: STATEMENT.to_owned() }),
    ]);
    plan.duties.push(Duty {
        id: name("disclose"),
        kind: DutyKind::Written,
        what: "Publish the root.".to_owned(),
        due: instant("2026-12-08T00:00:00Z"),
        owner: Role::Administrator,
    });
}

fn exception(number: u64, step: &str, class: ExceptionClass, by: &str) -> Item {
    Some(Event::ExceptionNoted(ExceptionNoted {
        number,
        step: Some(name(step)),
        class,
        expected: "One thing.".to_owned(),
        happened: "Another.".to_owned(),
        decided: "To go on.".to_owned(),
        by: name(by),
    }))
}

/// Puts items behind the beginning of a step.
fn into(items: &mut Vec<Item>, step: &str, more: Vec<Item>) {
    let place = items.iter().position(|item| matches!(item, Some(event) if starts(event, step))).unwrap();
    items.splice(place + 1..place + 1, more);
}

fn excepted(items: &mut Vec<Item>, class: ExceptionClass) {
    into(items, "open-bag", vec![exception(1, "open-bag", class, "officer-a")]);
}

fn another_number(event: &mut Event) {
    if let Event::CustodyNoted(noted) = event
        && noted.act == CustodyAct::Open
    {
        noted.number = "A0061".to_owned();
    }
}

/// The later log of the device says that it did this.
macro_rules! device_did {
    ($commands:expr) => {
        Tricks {
            plan: witnessed,
            event: |event| {
                if let Event::EvidenceImported(imported) = event
                    && imported.step.as_str() == "log-after"
                {
                    imported.file = FileRef::of(imported.file.name.clone(), &device_log(&$commands));
                }
            },
            files: |files| {
                drop(files.insert("artifacts/log-after.evidence".to_owned(), device_log(&$commands)))
            },
            ..HONEST
        }
    };
}

fn counted(private_keys: u64, data: u64) -> Item {
    let Event::TokenFound(found) = super::bundle::witnessed::token(true) else { panic!("no token") };
    let objects = ObjectCounts { private_keys, public_keys: private_keys, data, ..ObjectCounts::default() };
    Some(Event::TokenFound(TokenFound { logged_in: true, objects: Some(objects), ..found }))
}

/// Two counts of the token's objects, around the making of the root's key.
fn counts(items: &mut Vec<Item>, before: (u64, u64), after: (u64, u64)) {
    into(items, "root", vec![counted(after.0, after.1)]);
    into(items, "root-key", vec![counted(before.0, before.1)]);
}

fn silent(event: &Event) -> bool {
    matches!(event, Event::Attested(attested) if attested.by.as_str() == "officer-b")
}

fn compromised(items: &mut Vec<Item>) {
    into(items, "root-key", vec![exception(1, "root-key", ExceptionClass::Compromise, "officer-a")]);
}

fn again(items: &mut Vec<Item>) {
    let place = items.iter().position(|item| matches!(item, Some(Event::Attested(_)))).unwrap();
    items.insert(place, items[place].clone());
}

fn discharging(plan: &mut Plan) {
    let discharges = Some(DutyRef { ordinal: 1, id: name("disclose") });
    let text = "It is published.".to_owned();
    plan.steps.push(PlannedStep {
        id: name("done"),
        action: Action::Confirm { by: Role::Witness, text, discharges },
    });
}

#[rustfmt::skip]
pub(crate) fn attacks() -> Vec<Attack> {
    use CheckId::*;
    use Conclusion::Fail;
    vec![
        ("an exception is missing", Genesis, Tricks { plan: witnessed, items: |items| into(items, "root-key", vec![exception(2, "root-key", ExceptionClass::Note, "officer-a")]), ..HONEST }, Fail, Witnessed),
        ("an exception that the witness decided", Genesis, Tricks { plan: witnessed, items: |items| into(items, "root-key", vec![exception(1, "root-key", ExceptionClass::Note, "witness")]), ..HONEST }, Fail, Witnessed),
        ("an exception decided by somebody who had left", Genesis, Tricks { plan: witnessed, items: |items| into(items, "attest", vec![left("deputy-a", "witness"), exception(1, "attest", ExceptionClass::Note, "deputy-a")]), ..HONEST }, Fail, Witnessed),
        ("an exception without a decision", Genesis, Tricks { plan: witnessed, items: |items| excepted(items, ExceptionClass::Note), event: |event| if let Event::ExceptionNoted(exception) = event { exception.decided.clear() }, ..HONEST }, Fail, Witnessed),
        ("an exception in another step", Genesis, Tricks { plan: witnessed, items: |items| into(items, "root-key", vec![exception(1, "root", ExceptionClass::Note, "officer-a")]), ..HONEST }, Fail, Steps),
        ("after a compromise it goes on", Genesis, Tricks { plan: witnessed, items: compromised, ..HONEST }, Fail, Witnessed),
        ("another digest was read aloud", Genesis, Tricks { plan: witnessed, event: |event| if let Event::ReadAloud(read) = event { read.digest = Digest::of(b"other") }, ..HONEST }, Fail, Witnessed),
        ("one word was asked for three times", Genesis, Tricks { plan: witnessed, event: |event| if let Event::ReadAloud(read) = event { read.positions = vec![7, 7, 7] }, ..HONEST }, Fail, Witnessed),
        ("a word that a digest has not", Genesis, Tricks { plan: witnessed, event: |event| if let Event::ReadAloud(read) = event { read.positions = vec![1, 2, 33] }, ..HONEST }, Fail, Witnessed),
        ("another role reads aloud", Genesis, Tricks { plan: witnessed, event: |event| if let Event::ReadAloud(read) = event { read.by = name("operator") }, ..HONEST }, Fail, People),
        ("another thing was read aloud", Genesis, Tricks { plan: witnessed, event: |event| if let Event::ReadAloud(read) = event { read.named = NamedDigest::Roster {} }, ..HONEST }, Fail, Steps),
        ("another sentence was stated", Genesis, Tricks { plan: witnessed, event: |event| if let Event::Attested(attested) = event { attested.text.push('!') }, ..HONEST }, Fail, Witnessed),
        ("somebody neither states it nor refuses", Genesis, Tricks { plan: witnessed, without: silent, ..HONEST }, Fail, Witnessed),
        ("somebody states it twice", Genesis, Tricks { plan: witnessed, items: again, ..HONEST }, Fail, Witnessed),
        ("somebody of another role states it", Genesis, Tricks { plan: witnessed, event: |event| if let Event::Attested(attested) = event && attested.by.as_str() == "witness" { attested.by = name("operator") }, ..HONEST }, Fail, Witnessed),
        ("a refusal without a reason", Genesis, Tricks { plan: witnessed, event: |event| if let Event::Attested(attested) = event { attested.refusal = Some(String::new()) }, ..HONEST }, Fail, Witnessed),
        ("a bag with another number, in silence", Genesis, Tricks { plan: witnessed, event: another_number, ..HONEST }, Fail, Witnessed),
        ("a bag with another number is worth a note", Genesis, Tricks { plan: witnessed, event: another_number, items: |items| excepted(items, ExceptionClass::Note), ..HONEST }, Fail, Witnessed),
        ("the expected number is bent to the bag", Genesis, Tricks { plan: witnessed, event: |event| { another_number(event); if let Event::CustodyNoted(noted) = event && noted.act == CustodyAct::Open { noted.expected = Some(noted.number.clone()) } }, ..HONEST }, Fail, Witnessed),
        ("one person reads a bag twice", Genesis, Tricks { plan: witnessed, event: |event| if let Event::CustodyNoted(noted) = event { noted.by = noted.witness.clone() }, ..HONEST }, Fail, Witnessed),
        ("no witness reads a bag", Genesis, Tricks { plan: witnessed, event: |event| if let Event::CustodyNoted(noted) = event { noted.witness = name("operator") }, ..HONEST }, Fail, Witnessed),
        ("a bag goes elsewhere", Genesis, Tricks { plan: witnessed, event: |event| if let Event::CustodyNoted(noted) = event { noted.place = Some("a pocket".to_owned()) }, ..HONEST }, Fail, Witnessed),
        ("a beacon that says nothing", Genesis, Tricks { plan: witnessed, event: |event| if let Event::Beacon(beacon) = event { beacon.value.clear() }, ..HONEST }, Fail, Witnessed),
        ("a beacon is left out", Genesis, Tricks { plan: witnessed, without: |event| matches!(event, Event::Beacon(_)), ..HONEST }, Fail, Steps),
        ("an officer takes evidence in", Genesis, Tricks { plan: witnessed, event: |event| if let Event::EvidenceImported(imported) = event { imported.by = name("officer-a") }, ..HONEST }, Fail, People),
        ("evidence changed later", Genesis, Tricks { plan: witnessed, files: |files| drop(files.insert("artifacts/log-after.evidence".to_owned(), b"nothing".to_vec())), ..HONEST }, Fail, Files),
        ("duties are dropped at the close", Genesis, Tricks { plan: witnessed, event: |event| if let Event::Closed(closed) = event { closed.duties.clear() }, ..HONEST }, Fail, Witnessed),
        ("a plan forgets the next CRL", Genesis, Tricks { plan: witnessed, duties: |duties| duties.retain(|duty| duty.kind != DutyKind::NextCrl), ..HONEST }, Fail, Witnessed),
        ("a plan puts the next CRL off", Genesis, Tricks { plan: witnessed, duties: |duties| for duty in duties { duty.due = instant("2040-01-01T00:00:00Z") }, ..HONEST }, Fail, Witnessed),
        ("a duty that is due before the end", Genesis, Tricks { plan: witnessed, duties: |duties| duties[0].due = instant("2026-12-01T10:00:00Z"), ..HONEST }, Fail, Witnessed),
        ("a duty is done that nobody had", Intermediate, Tricks { plan: discharging, ..HONEST }, Fail, Witnessed),
        ("record 0 names another place", Genesis, Tricks { plan: witnessed, opened: |opened| opened.place = Some("elsewhere".to_owned()), ..HONEST }, Fail, Opening),
        ("the device made one signature more", Genesis, device_did!([0x46, 0x56, 0x56, 0x56]), Fail, Device),
        ("the device made one key more", Genesis, device_did!([0x46, 0x46, 0x56, 0x56]), Fail, Device),
        ("the device made a signature less", Genesis, device_did!([0x46, 0x56]), Fail, Device),
        ("the device exported a key", Genesis, device_did!([0x46, 0x4a, 0x56, 0x56]), Fail, Device),
        ("the token has a key more than was made", Genesis, Tricks { plan: witnessed, items: |items| counts(items, (0, 0), (2, 0)), ..HONEST }, Fail, Device),
        ("the token lost something", Genesis, Tricks { plan: witnessed, items: |items| counts(items, (0, 1), (1, 0)), ..HONEST }, Fail, Device),
    ]
}

#[test]
fn every_attack_on_what_was_witnessed_is_noticed() {
    let wrong = attacks().into_iter().filter_map(|(what, ceremony, tricks, conclusion, id)| {
        let workshop = hold(ceremony, &tricks);
        let wrong = misjudged(&workshop, &anchors(&workshop), conclusion, id);
        wrong.map(|wrong| format!("{what}: {wrong}"))
    });
    all_are_noticed(wrong.collect());
}

/// What is as unusual as an attack, and honest: what, ceremony, tricks, what the verdict says first.
type NearMiss = (&'static str, Ceremony, Tricks, &'static [&'static str]);

#[rustfmt::skip]
fn near_misses() -> Vec<NearMiss> {
    vec![
        ("everything that people can witness", Genesis, Tricks { plan: witnessed, ..HONEST }, &[]),
        ("two exceptions, the graver told first", Genesis, Tricks { plan: witnessed, items: |items| { into(items, "root-key", vec![exception(2, "root-key", ExceptionClass::Repeated, "officer-b")]); excepted(items, ExceptionClass::Note) }, ..HONEST }, &["exception 2 (repeated)", "exception 1 (note)"]),
        ("a bag with another number, and somebody decided", Genesis, Tricks { plan: witnessed, event: another_number, items: |items| excepted(items, ExceptionClass::Doubtful), ..HONEST }, &["exception 1 (doubtful) in step open-bag"]),
        ("somebody refuses and says why", Genesis, Tricks { plan: witnessed, event: |event| if let Event::Attested(attested) = event && attested.by.as_str() == "officer-b" { attested.refusal = Some("I was called away.".to_owned()) }, ..HONEST }, &["officer-b does not attest: I was called away."]),
        ("who left before need not attest", Genesis, Tricks { plan: witnessed, items: |items| into(items, "look", vec![left("deputy-a", "witness")]), without: |event| matches!(event, Event::Attested(attested) if attested.by.as_str() == "deputy-a"), ..HONEST }, &[]),
        ("a compromise, then the abort", Genesis, Tricks { plan: witnessed, items: |items| { compromised(items); let place = items.iter().position(|item| matches!(item, Some(Event::ExceptionNoted(_)))).unwrap(); items.truncate(place + 1); abort(items, Aborted { step: Some(name("root-key")), ..nothing_signed() }) }, ..SEALED_BY_ONE }, &["exception 1 (compromise)"]),
        ("an exception outside every step", Genesis, Tricks { plan: witnessed, items: |items| { cut_at(items, |event| starts(event, "root-key")); let Some(Some(Event::ExceptionNoted(noted))) = [exception(1, "root-key", ExceptionClass::Deviation, "officer-a")].into_iter().next() else { return }; items.push(Some(Event::ExceptionNoted(ExceptionNoted { step: None, ..noted }))); abort(items, nothing_signed()) }, ..SEALED_BY_ONE }, &["exception 1 (deviation): expected"]),
        ("a token that grew by the key that was made", Genesis, Tricks { plan: witnessed, items: |items| counts(items, (0, 1), (1, 1)), ..HONEST }, &[]),
    ]
}

#[test]
fn what_is_unusual_and_honest_passes_and_is_told_first() {
    for (what, ceremony, tricks, remarks) in near_misses() {
        let workshop = hold(ceremony, &tricks);
        let wrong = misjudged(&workshop, &anchors(&workshop), Conclusion::Pass, CheckId::Witnessed);
        assert!(wrong.is_none(), "{what}: {}", wrong.unwrap_or_default());
        let (verdict, _) = verify::authority(workshop.authority(), &anchors(&workshop)).unwrap();
        let told = &verdict.bundles.last().unwrap().remarks;
        assert_eq!(told.len(), remarks.len(), "{what}: {told:?}");
        for (told, expected) in told.iter().zip(remarks) {
            assert!(told.starts_with(expected), "{what}: {told}");
        }
    }
}

#[test]
fn what_no_verifier_reads_is_named_as_not_checked() {
    let opaque = Tricks {
        plan: |plan| {
            witnessed(plan);
            for step in &mut plan.steps {
                if let Action::ImportEvidence { form, .. } = &mut step.action {
                    *form = EvidenceForm::Opaque;
                }
            }
        },
        ..HONEST
    };
    let workshop = hold(Genesis, &opaque);
    let (verdict, _) = verify::authority(workshop.authority(), &anchors(&workshop)).unwrap();
    assert_eq!(verdict.conclusion, Conclusion::Pass);
    let device = verdict.all_checks().find(|check| check.id == CheckId::Device).unwrap();
    assert!(device.evidence.contains("NOT CHECKED: log-after.evidence of primary"), "{}", device.evidence);
    assert!(verdict.bundles[0].remarks.iter().all(|remark| remark.ends_with("was taken in and NOT CHECKED")));

    // A log that has no earlier one beside it is read, and nothing is counted from it.
    let alone = Tricks {
        plan: |plan| {
            witnessed(plan);
            plan.steps.retain(|step| step.id.as_str() != "log-before");
        },
        ..HONEST
    };
    let workshop = hold(Genesis, &alone);
    let (verdict, _) = verify::authority(workshop.authority(), &anchors(&workshop)).unwrap();
    let device = verdict.all_checks().find(|check| check.id == CheckId::Device).unwrap();
    assert!(device.evidence.contains("with no earlier log to count from"), "{}", device.evidence);
}

#[test]
fn a_duty_is_done_once_and_a_bag_keeps_its_number_from_ceremony_to_ceremony() {
    let mut workshop = super::bundle::Workshop::new();
    workshop.genesis(&Tricks { plan: witnessed, ..HONEST });
    workshop.intermediate(&Tricks { plan: discharging, ..HONEST });
    let (verdict, ledger) = verify::authority(workshop.authority(), &anchors(&workshop)).unwrap();
    assert_eq!(verdict.conclusion, Conclusion::Pass);
    let open: Vec<String> =
        ledger.open_duties().map(|open| format!("{}/{}", open.ordinal, open.duty.id)).collect();
    assert_eq!(open, ["1/provision", "1/root", "2/istio", "2/crl"]);
    let bag = &ledger.bags[&name("primary-token")];
    assert_eq!((bag.number.as_deref(), bag.place.as_deref()), (Some("A0018"), Some("safe 2")));
}
