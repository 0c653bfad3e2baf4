//! Geneses that the power cut short and that officers let go on: honest ones, and those in which something that was
//! interrupted was done twice.

use anchorite::format::*;
use anchorite::verify::{CheckId, Conclusion};

use super::bundle::{HONEST, Item, Tricks, name};
use super::mutants::Ceremony::Genesis;
use super::mutants::{all_are_noticed, anchors, hold, judged, misjudged};
use super::signed::{Attack, is_answer_of_crl};

fn resumption(unanswered: u64, keys: Vec<KeyDecision>) -> Event {
    let person = |(person, role): (&str, Role)| Present {
        name: name(person),
        roles: vec![role],
        typed: "again here".to_owned(),
    };
    Event::Resumed(Resumed {
        host: HostState {
            core_dumps_off: Protection::Done {},
            memory_locked: Protection::Done {},
            swap: Some(Vec::new()),
            ptrace_scope: None,
            hibernation: None,
        },
        machine: Machine::default(),
        present: [
            ("officer-a", Role::Officer),
            ("officer-b", Role::Officer),
            ("officer-c", Role::Officer),
            ("witness", Role::Witness),
        ]
        .into_iter()
        .map(person)
        .collect(),
        unanswered: vec![unanswered],
        keys,
        mirror: None,
        set_aside: Vec::new(),
    })
}

fn intent(op: u64, step: &str, call: Call) -> Event {
    Event::OperationIntent(OperationIntent { op, step: name(step), token: name("primary"), call })
}

fn answer(op: u64) -> Event {
    Event::OperationResult(OperationResult { op, rv: "CKR_OK".to_owned(), key: None, signature: None })
}

/// The shares are entered again and open the token.
fn logged_in(op: u64, step: &str) -> [Event; 3] {
    let by = vec![name("officer-a"), name("officer-c")];
    [
        Event::QuorumMet { step: name(step), set_id: Hex(vec![0xa1, 0xb2, 0xc3, 0xd4]), by },
        intent(op, step, Call::Login { of: PinOwner::User, path: LoginPath::Pin }),
        answer(op),
    ]
}

/// The answer to the CRL's signature never came; it is signed again.
fn signed_again(items: &mut Vec<Item>) {
    let place = items.iter().position(|item| item.as_ref().is_some_and(is_answer_of_crl)).unwrap();
    let renumbered = |item: &Item| {
        let mut event = item.clone().unwrap();
        match &mut event {
            Event::OperationIntent(intent) => intent.op = 8,
            Event::OperationResult(result) => result.op = 8,
            _ => {}
        }
        event
    };
    let again: Vec<Event> = items[place - 2..=place].iter().map(renumbered).collect();
    let resumed = [resumption(6, Vec::new())].into_iter().chain(logged_in(7, "crl")).chain(again);
    items.splice(place..=place, resumed.map(Some));
}

/// The answer to C_GenerateKeyPair never came; officers decided what becomes of the key, and then something did.
fn in_doubt(items: &mut Vec<Item>, fate: KeyFate, outcome: SettledKey) {
    let is_answer = |item: &Item| matches!(item, Some(Event::OperationResult(result)) if result.op == 4);
    let place = items.iter().position(is_answer).unwrap();
    let (Some(Event::OperationIntent(made)), Some(Event::OperationResult(answered))) =
        (items[place - 1].clone(), items[place].clone())
    else {
        panic!("no key was made")
    };
    let key = answered.key.clone().filter(|_| outcome == SettledKey::Adopted);
    let mut then = vec![resumption(4, vec![KeyDecision { op: 4, fate }])];
    then.extend(logged_in(5, "root-key"));
    let mut op = 5;
    let Call::GenerateKeyPair { algorithm, label, key_id } = made.call else { panic!("no key was made") };
    if outcome == SettledKey::Destroyed {
        for class in [KeyHalf::PrivateKey, KeyHalf::PublicKey] {
            op += 1;
            then.extend([
                intent(op, "root-key", Call::DestroyObject { class, key_id: key_id.clone() }),
                answer(op),
            ]);
        }
    }
    then.push(Event::KeySettled(KeySettled { step: name("root-key"), op: 4, outcome, key }));
    if outcome != SettledKey::Adopted {
        op += 1;
        // Nothing in the log but the ceremony's identifier tells the key's own one; the harness fills it in.
        let call = Call::GenerateKeyPair { algorithm, label, key_id: Hex(Vec::new()) };
        then.extend([
            intent(op, "root-key", call),
            Event::OperationResult(OperationResult { op, ..answered }),
        ]);
    }
    for event in items.iter_mut().skip(place + 1).flatten() {
        match event {
            Event::OperationIntent(intent) => intent.op += op - 4,
            Event::OperationResult(result) => result.op += op - 4,
            _ => {}
        }
    }
    items.splice(place..=place, then.into_iter().map(Some));
}

fn adopted(items: &mut Vec<Item>) {
    in_doubt(items, KeyFate::Adopt, SettledKey::Adopted);
}

fn destroyed(items: &mut Vec<Item>) {
    in_doubt(items, KeyFate::Destroy, SettledKey::Destroyed);
}

fn absent(items: &mut Vec<Item>) {
    in_doubt(items, KeyFate::Adopt, SettledKey::Absent);
}

/// Changes the record of the resumption.
fn resumed(items: &mut [Item], change: fn(&mut Resumed)) {
    for event in items.iter_mut().flatten() {
        if let Event::Resumed(resumed) = event {
            change(resumed);
        }
    }
}

fn settled(items: &mut [Item], change: fn(&mut KeySettled)) {
    for event in items.iter_mut().flatten() {
        if let Event::KeySettled(settled) = event {
            change(settled);
        }
    }
}

/// Takes the record that settles a key away, or moves it before the login.
fn unsettled(items: &mut Vec<Item>, early: bool) {
    let place = items.iter().position(|item| matches!(item, Some(Event::KeySettled(_)))).unwrap();
    let settled = items.remove(place);
    if early {
        let place = items.iter().position(
            |item| matches!(item, Some(Event::QuorumMet { step, .. }) if step.as_str() == "root-key"),
        );
        items.insert(place.unwrap(), settled);
    }
}

/// The second attempt at the CRL's signature.
fn second_attempt(items: &mut [Item], change: fn(&mut Call)) {
    for event in items.iter_mut().flatten() {
        if let Event::OperationIntent(OperationIntent { op: 8, call, .. }) = event {
            change(call);
        }
    }
}

fn mirror(state: MirrorState, records: u64, head: Digest) -> Option<MirrorFound> {
    Some(MirrorFound { state, records, head })
}

#[rustfmt::skip]
pub(crate) fn attacks() -> Vec<Attack> {
    use CheckId::*;
    use Conclusion::*;
    vec![
        ("a signature is begun again, and nobody says that its answer is missing", Genesis, Tricks { items: |items| { signed_again(items); resumed(items, |resumed| resumed.unanswered.clear()) }, ..HONEST }, Fail, Repetitions),
        ("a signature is begun again with another mechanism", Genesis, Tricks { items: |items| { signed_again(items); second_attempt(items, |call| if let Call::Sign { mechanism, .. } = call { mechanism.push_str("_SHA256") }) }, ..HONEST }, Fail, Repetitions),
        ("a signature is begun again over another TBS", Genesis, Tricks { items: |items| { signed_again(items); second_attempt(items, |call| if let Call::Sign { tbs_sha256, .. } = call { *tbs_sha256 = Digest::of(b"other") }) }, ..HONEST }, Fail, Repetitions),
        ("a signature is begun again, and nobody confirms it again", Genesis, Tricks { items: |items| { signed_again(items); let place = items.iter().rposition(|item| matches!(item, Some(Event::SignConfirmed { .. }))).unwrap(); items.remove(place); }, ..HONEST }, Fail, Authorised),
        ("a signature that was made is made again after a resumption", Genesis, Tricks { items: |items| { let place = items.iter().position(|item| item.as_ref().is_some_and(is_answer_of_crl)).unwrap(); let made = items[place].clone(); signed_again(items); items.insert(place, made); resumed(items, |resumed| resumed.unanswered.clear()) }, ..HONEST }, Fail, Repetitions),
        ("officers decide nothing about a key in doubt", Genesis, Tricks { items: |items| { adopted(items); resumed(items, |resumed| resumed.keys.clear()) }, ..HONEST }, Fail, Repetitions),
        ("officers decide about a key that nobody doubts", Genesis, Tricks { items: |items| { signed_again(items); resumed(items, |resumed| resumed.keys.push(KeyDecision { op: 4, fate: KeyFate::Destroy })) }, ..HONEST }, Fail, Repetitions),
        ("a key is adopted that the officers wanted destroyed", Genesis, Tricks { items: |items| in_doubt(items, KeyFate::Destroy, SettledKey::Adopted), ..HONEST }, Fail, Repetitions),
        ("a key is destroyed that the officers wanted adopted", Genesis, Tricks { items: |items| in_doubt(items, KeyFate::Adopt, SettledKey::Destroyed), ..HONEST }, Fail, Repetitions),
        ("a key is destroyed, and no call removes it", Genesis, Tricks { items: |items| { in_doubt(items, KeyFate::Destroy, SettledKey::Absent); settled(items, |settled| settled.outcome = SettledKey::Destroyed) }, ..HONEST }, Fail, Repetitions),
        ("a key is absent that was removed", Genesis, Tricks { items: |items| { destroyed(items); settled(items, |settled| settled.outcome = SettledKey::Absent) }, ..HONEST }, Fail, Repetitions),
        ("another key is made beside one in doubt", Genesis, Tricks { items: |items| { absent(items); unsettled(items, false) }, ..HONEST }, Fail, Repetitions),
        ("a key is settled before anybody logged in", Genesis, Tricks { items: |items| { absent(items); unsettled(items, true) }, ..HONEST }, Fail, Repetitions),
        ("a step is done with a key in doubt", Genesis, Tricks { items: |items| { adopted(items); unsettled(items, false) }, ..HONEST }, Fail, Repetitions),
        ("a key of another step is settled", Genesis, Tricks { items: |items| { absent(items); settled(items, |settled| settled.op = 3) }, ..HONEST }, Fail, Repetitions),
        ("the mirror ends at no place of the record", Genesis, Tricks { items: |items| { signed_again(items); resumed(items, |resumed| resumed.mirror = mirror(MirrorState::Behind, 3, Digest::of(b"other"))) }, ..HONEST }, Fail, Repetitions),
        ("the record was behind its mirror and ends nowhere", Genesis, Tricks { items: |items| { signed_again(items); resumed(items, |resumed| resumed.mirror = mirror(MirrorState::Ahead, 500, Digest::ZERO)) }, ..HONEST }, Fail, Repetitions),
        ("a ceremony goes on without its mirror", Genesis, Tricks { items: |items| { signed_again(items); resumed(items, |resumed| resumed.mirror = mirror(MirrorState::OutOfReach, 0, Digest::ZERO)) }, ..HONEST }, Fail, Repetitions),
        ("officers signed another decision about a key", Genesis, Tricks { items: adopted, seal: |seal| seal.keys.iter_mut().for_each(|key| key.fate = KeyFate::Destroy), ..HONEST }, Fail, Resumptions),
    ]
}

#[test]
fn what_an_interruption_left_open_is_not_done_twice() {
    let wrong = attacks().into_iter().filter_map(|(what, ceremony, tricks, conclusion, id)| {
        let workshop = hold(ceremony, &tricks);
        misjudged(&workshop, &anchors(&workshop), conclusion, id).map(|wrong| format!("{what}: {wrong}"))
    });
    all_are_noticed(wrong.collect());
}

#[test]
fn what_an_interruption_left_open_is_brought_to_an_end() {
    type Honest = (&'static str, fn(&mut Vec<Item>));
    let honest: [Honest; 6] = [
        ("signed again", signed_again),
        ("adopted", adopted),
        ("destroyed", destroyed),
        ("absent, to be adopted", absent),
        ("absent, to be destroyed", |items| in_doubt(items, KeyFate::Destroy, SettledKey::Absent)),
        ("the mirror is new", |items| {
            signed_again(items);
            resumed(items, |resumed| resumed.mirror = mirror(MirrorState::Absent, 0, Digest::ZERO));
        }),
    ];
    for (what, items) in honest {
        let workshop = hold(Genesis, &Tricks { items, ..HONEST });
        judged(what, &workshop, &anchors(&workshop), Conclusion::Pass, CheckId::Repetitions);
    }
}
