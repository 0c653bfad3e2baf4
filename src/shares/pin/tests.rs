use sha2::Digest as _;

use super::*;
use crate::format::{Digest, PinAlphabet, ShareSetName, to_json};
use crate::shares::tests::{name, python, secret};

fn split() -> SharesSplit {
    SharesSplit {
        step: name("provision"),
        set: ShareSetName::Operate,
        set_id: Hex(vec![1, 2, 3, 4]),
        epoch: 3,
        threshold: 2,
        shares: Vec::new(),
        check: Digest::ZERO,
    }
}

fn encoding(alphabet: PinAlphabet, user: &str, security_officer: &str) -> PinEncoding {
    let template = |text| PinTemplate::parse(text).unwrap();
    PinEncoding {
        alphabet,
        user_template: template(user),
        security_officer_template: template(security_officer),
    }
}

fn policy_of(limits: RangeInclusive<u64>, encoding: &PinEncoding) -> Result<PinPolicy, Error> {
    new_pin_policy(&name("provision"), &name("primary"), [7; 16], &split(), limits, encoding)
}

fn policy(pin_max: u64) -> PinPolicy {
    policy_of(4..=pin_max, &PinEncoding::default()).unwrap()
}

fn pin(secret: &QuorumSecret, policy: &PinPolicy, purpose: PinPurpose) -> String {
    let pin = derive_pin(secret, &name("example-prod"), policy, purpose).unwrap();
    String::from_utf8(pin.expose_pin().to_vec()).unwrap()
}

#[test]
fn python_derives_the_same_pins() {
    let digits = encoding(PinAlphabet::Digits, "{pin}", "so-{pin}-end");
    let letters = encoding(PinAlphabet::Letters, "user:{pin}", "{pin}");
    let mut later = policy_of(4..=26, &letters).unwrap();
    later.epoch = 0x0102_0304;
    let policies = [
        policy_of(4..=255, &digits).unwrap(),
        policy_of(4..=20, &digits).unwrap(),
        policy_of(4..=255, &letters).unwrap(),
        later,
    ];
    for policy in &policies {
        for (purpose, label, template) in [
            (PinPurpose::User, "user-pin", &policy.user_template),
            (PinPurpose::SecurityOfficer, "so-pin", &policy.security_officer_template),
        ] {
            let recomputed = python(&format!(
                "pin(bytes([0x5a] * 32), b'{label}', b'example-prod', bytes([7] * 16), {}, '{}', {}, '{template}')",
                policy.epoch,
                policy.alphabet.symbols(),
                policy.length
            ));
            assert_eq!(pin(&secret(), policy, purpose), recomputed);
        }
    }
}

#[test]
fn every_part_of_the_policy_changes_the_pin() {
    let plain = policy(32);
    let mut pins = vec![
        pin(&secret(), &plain, PinPurpose::User),
        pin(&secret(), &plain, PinPurpose::SecurityOfficer),
        pin(&QuorumSecret::new(Zeroizing::new([0x5b; 32])), &plain, PinPurpose::User),
        pin(&secret(), &policy(31), PinPurpose::User),
    ];
    let changes: [fn(&mut PinPolicy); 4] = [
        |policy| policy.token_id.0[0] = 8,
        |policy| policy.epoch = 4,
        |policy| policy.user_template = PinTemplate::parse("user:{pin}").unwrap(),
        |policy| policy.alphabet = PinAlphabet::Digits,
    ];
    for change in changes {
        let mut policy = plain.clone();
        change(&mut policy);
        pins.push(pin(&secret(), &policy, PinPurpose::User));
    }
    let other = derive_pin(&secret(), &name("example-lab"), &plain, PinPurpose::User).unwrap();
    pins.push(String::from_utf8(other.expose_pin().to_vec()).unwrap());
    let mut beginnings: Vec<String> =
        pins.iter().map(|pin| pin.replace("user:", "")[..16].to_owned()).collect();
    beginnings.sort_unstable();
    beginnings.dedup();
    assert_eq!(beginnings.len(), pins.len());
}

#[test]
fn the_symbols_get_what_the_templates_leave_of_the_longest_pin() {
    let plain = |alphabet| encoding(alphabet, "{pin}", "{pin}");
    let composite = encoding(PinAlphabet::Letters, "user:{pin}", "administrator:{pin}");
    let letters = plain(PinAlphabet::Letters);
    let digits = plain(PinAlphabet::Digits);
    for (encoding, limits, expected) in [
        (&letters, 4..=255, Some((32, 160))),
        (&letters, 32..=32, Some((32, 160))),
        (&letters, 4..=u64::MAX, Some((32, 160))),
        (&letters, 4..=25, Some((25, 125))),
        (&letters, 0..=1, Some((1, 5))),
        (&letters, 0..=0, None),
        (&letters, 33..=64, None),
        (&letters, RangeInclusive::new(8, 7), None),
        (&digits, 4..=255, Some((48, 159))),
        (&digits, 4..=8, Some((8, 26))),
        (&digits, 49..=64, None),
        (&composite, 4..=255, Some((32, 160))),
        (&composite, 4..=40, Some((26, 130))),
        (&composite, 4..=15, Some((1, 5))),
        (&composite, 4..=14, None),
        // The user's PIN would be too short for what the other one needs of the length.
        (&composite, 30..=38, None),
    ] {
        let made = policy_of(limits.clone(), encoding);
        let (pin_min, pin_max) = limits.clone().into_inner();
        let symbols = encoding.alphabet.most_symbols();
        let expected = expected.ok_or(Error::PinDoesNotFit { pin_min, pin_max, symbols });
        assert_eq!(
            made.as_ref().map(|policy| (policy.length, policy.entropy_bits)),
            expected.as_ref().copied()
        );
        for purpose in [PinPurpose::User, PinPurpose::SecurityOfficer] {
            let fits = |policy: &PinPolicy| limits.contains(&(pin(&secret(), policy, purpose).len() as u64));
            assert!(made.as_ref().map_or(true, fits), "{limits:?}");
        }
    }
}

/// What the token says is asked once, when the policy is made; afterwards the policy alone decides.
#[test]
fn the_pins_stay_the_same_whatever_limits_the_token_reports_later() {
    let made = policy(28);
    let recorded = to_json(&made).unwrap();
    let read: PinPolicy = crate::format::from_json(&recorded).unwrap();
    for later in [4..=8, 4..=28, 4..=255] {
        // A token that reports this now would get another policy,
        let other = policy_of(later, &PinEncoding::default()).unwrap();
        // and yet the recorded one gives what it always gave.
        assert_eq!(pin(&secret(), &read, PinPurpose::User), pin(&secret(), &made, PinPurpose::User));
        let same = pin(&secret(), &other, PinPurpose::User) == pin(&secret(), &read, PinPurpose::User);
        assert_eq!(same, other.length == 28);
    }
}

/// A policy of four digits could be searched in no time, if anything in the record followed from the PIN alone.
#[test]
fn the_record_of_a_short_pin_is_the_same_whatever_the_pin_is() {
    let encoding = encoding(PinAlphabet::Digits, "{pin}", "{pin}");
    let policy = policy_of(4..=4, &encoding).unwrap();
    let recorded = String::from_utf8(to_json(&policy).unwrap()).unwrap();
    assert_eq!(
        recorded,
        "{\"step\":\"provision\",\"token\":\"primary\",\"token_id\":\"07070707070707070707070707070707\",\
         \"set_id\":\"01020304\",\"epoch\":3,\"alphabet\":\"0123456789\",\"length\":4,\
         \"user_template\":\"{pin}\",\"security_officer_template\":\"{pin}\",\"entropy_bits\":13}"
    );
    // Two secrets with the same PIN have different check values: of the PIN alone the record knows nothing.
    let mut seen = std::collections::BTreeMap::new();
    let pair = (0u32..).find_map(|seed| {
        let bytes: [u8; 32] = sha2::Sha256::digest(seed.to_be_bytes()).into();
        let found = pin(&QuorumSecret::new(Zeroizing::new(bytes)), &policy, PinPurpose::User);
        seen.insert(found, bytes).map(|other| [other, bytes])
    });
    let checks = pair.unwrap().map(|bytes| {
        let secret = QuorumSecret::new(Zeroizing::new(bytes));
        let set_id = Hex(vec![1, 2, 3, 4]);
        crate::shares::check_value(&secret, &Digest::ZERO, ShareSetName::Operate, &set_id, 3).unwrap()
    });
    assert_ne!(checks[0], checks[1]);
}

#[test]
fn a_policy_that_was_changed_gives_no_pin() {
    type Change = fn(&mut PinPolicy);
    let changes: [(Change, &str); 3] = [
        (|policy| policy.length = 0, "length"),
        (|policy| policy.length = 33, "length"),
        (|policy| policy.token_id.0.truncate(15), "token_id"),
    ];
    for (change, member) in changes {
        let mut policy = policy(32);
        change(&mut policy);
        let result = derive_pin(&secret(), &name("example-prod"), &policy, PinPurpose::User);
        assert_eq!(result.err(), Some(Error::PinPolicy { member }));
    }
}

/// Chi-square over 2000 PINs of the longest kind: 31 and 9 degrees of freedom, whose means they are; the standard
/// deviations are 7.9 and 4.2.
#[test]
fn every_symbol_of_a_pin_is_as_likely_as_any_other() {
    for (alphabet, even) in [(PinAlphabet::Letters, 8.0..64.0), (PinAlphabet::Digits, 1.0..28.0)] {
        let policy = policy_of(4..=255, &encoding(alphabet, "{pin}", "{pin}")).unwrap();
        let symbols = alphabet.symbols();
        let mut counts = vec![0u32; symbols.len()];
        for seed in 0u32..2000 {
            let secret = QuorumSecret::new(Zeroizing::new(sha2::Sha256::digest(seed.to_be_bytes()).into()));
            for symbol in pin(&secret, &policy, PinPurpose::User).chars() {
                counts[symbols.find(symbol).unwrap()] += 1;
            }
        }
        let total = f64::from(counts.iter().sum::<u32>());
        let expected = total / f64::from(u8::try_from(symbols.len()).unwrap());
        let square = |&count: &u32| (f64::from(count) - expected).powi(2) / expected;
        let chi_square: f64 = counts.iter().map(square).sum();
        assert!(even.contains(&chi_square), "{chi_square}");
    }
}
