use super::set_up::{Room, key, now, roster_text};
use crate::format::{Base64, Roster, StatementAlgorithm};
use crate::roster::{KeyProblem, Refused, SignatureProblem, StatementKey, approve, key_problems};
use crate::weak_key::Weakness;

use StatementAlgorithm::{EcdsaP256Sha256, EcdsaP384Sha384, Ed25519, RsaPssSha256};

/// A number of that many bits without a small divisor; nothing here asks whether it is a product of two primes.
fn modulus(bits: usize) -> Vec<u8> {
    let mut modulus = vec![0; bits.div_ceil(8)];
    modulus[0] = 1 << ((bits - 1) % 8);
    let end = modulus.len() - 2;
    for tail in (1..=u16::MAX).step_by(2) {
        modulus[end..].copy_from_slice(&tail.to_be_bytes());
        if (2..752).all(|divisor| !divides(divisor, &modulus)) {
            return modulus;
        }
    }
    panic!("no such modulus");
}

fn divides(divisor: u32, modulus: &[u8]) -> bool {
    modulus.iter().fold(0, |rest, octet| (rest * 256 + u32::from(*octet)) % divisor) == 0
}

fn ed25519(point: [u8; 32]) -> Vec<u8> {
    [b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00".as_slice(), &point].concat()
}

/// A y coordinate that is not reduced: p + `low`, of 2^255 - 19 + `low`.
fn unreduced(low: u8) -> [u8; 32] {
    let mut point = [0xff; 32];
    point[0] = 0xed + low;
    point[31] = 0x7f;
    point
}

#[test]
fn a_weak_or_twice_spelled_key_is_refused_by_name() {
    let rsa = |bits: usize, exponent: &[u8]| StatementKey::from_rsa(&modulus(bits), exponent).err();
    let f4 = &[1, 0, 1];
    assert_eq!(rsa(3072, f4), None);
    assert_eq!(rsa(8192, f4), None);
    for bits in [2048, 3064, 3073] {
        let found = u32::try_from(bits).unwrap();
        assert_eq!(rsa(bits, f4), Some(KeyProblem::RsaModulus { bits: found }), "{bits}");
    }
    let mut even = modulus(3072);
    even[383] &= 0xfe;
    let no_number = Some(KeyProblem::Encoding { algorithm: RsaPssSha256 });
    assert_eq!(StatementKey::from_rsa(&even, f4).err(), no_number, "no modulus is even");
    let mut tripled = modulus(3072);
    while !divides(3, &tripled) {
        tripled[300] += 1;
    }
    assert_eq!(StatementKey::from_rsa(&tripled, f4).err(), Some(Weakness::SmallFactor { factor: 3 }.into()));
    for exponent in [&[3][..], &[0xff, 0xff]] {
        assert_eq!(rsa(3072, exponent), Some(KeyProblem::RsaExponent), "{exponent:?}");
    }
    for exponent in [&[1][..], &[1, 0, 2], &[2, 0, 0, 0, 1]] {
        assert_eq!(rsa(3072, exponent), no_number, "{exponent:?}");
    }

    let point = |point| StatementKey::read(Ed25519, &ed25519(point)).err();
    let weak = Some(KeyProblem::Ed25519Point);
    assert_eq!(point([0; 32]), weak, "a point of order 4");
    assert_eq!(point(std::array::from_fn(|place| u8::from(place == 0))), weak, "the neutral point");
    let unreduced: Vec<_> = (0..=18).map(|low| point(unreduced(low))).collect();
    let no_point = Some(KeyProblem::Encoding { algorithm: Ed25519 });
    assert!(unreduced.iter().all(|found| *found == weak || *found == no_point), "{unreduced:?}");
    assert!(unreduced[2..].contains(&weak), "some of them are points of large order");

    let p256 = key("officer-a").spki();
    assert!(StatementKey::read(EcdsaP256Sha256, &p256).is_ok());
    let mut beside = p256.clone();
    beside[90] ^= 1;
    for (algorithm, spki) in [
        (EcdsaP256Sha256, beside),
        (EcdsaP384Sha384, p256.clone()),
        (Ed25519, p256.clone()),
        (RsaPssSha256, p256.clone()),
        (EcdsaP256Sha256, key("auditor").spki()),
        (Ed25519, ed25519([9; 32])[..43].to_vec()),
        (EcdsaP256Sha256, [p256.as_slice(), &[0]].concat()),
        (EcdsaP256Sha256, Vec::new()),
    ] {
        assert_eq!(StatementKey::read(algorithm, &spki).err(), Some(KeyProblem::Encoding { algorithm }));
    }
}

#[test]
fn a_signature_has_one_form_under_each_kind_of_key() {
    let rsa = StatementKey::from_rsa(&modulus(3072), &[1, 0, 1]).unwrap();
    for (length, problem) in [
        (0, SignatureProblem::Encoding),
        (383, SignatureProblem::Encoding),
        (385, SignatureProblem::Encoding),
        (384, SignatureProblem::Wrong),
    ] {
        assert_eq!(rsa.verify(b"text", &vec![1; length]), Err(problem), "{length}");
    }
    let point = ed25519_dalek::SigningKey::from_bytes(&[7; 32]).verifying_key();
    let edwards = StatementKey::from_point(Ed25519, point.as_bytes()).unwrap();
    for (length, problem) in [(63, SignatureProblem::Encoding), (65, SignatureProblem::Encoding)] {
        assert_eq!(edwards.verify(b"text", &vec![1; length]), Err(problem), "{length}");
    }
    assert_eq!(edwards.verify(b"text", &[1; 64]), Err(SignatureProblem::Wrong));
    assert!(StatementKey::from_point(RsaPssSha256, &[4; 65]).is_err());
}

#[test]
fn an_ed25519_signature_whose_s_is_not_reduced_does_not_verify() {
    use ed25519_dalek::Signer as _;
    let private = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
    let public = StatementKey::from_point(Ed25519, private.verifying_key().as_bytes()).unwrap();
    let good = private.sign(b"text").to_bytes();
    assert_eq!(public.verify(b"text", &good), Ok(()));
    assert_eq!(public.verify(b"test", &good), Err(SignatureProblem::Wrong));
    // The same S plus the group order L (RFC 8032 5.1.7 demands S < L).
    let order = *b"\xed\xd3\xf5\x5c\x1a\x63\x12\x58\xd6\x9c\xf7\xa2\xde\xf9\xde\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10";
    let mut second = good;
    let mut carry = 0;
    for (octet, more) in second[32..].iter_mut().zip(order) {
        let sum = u16::from(*octet) + u16::from(more) + carry;
        *octet = u8::try_from(sum & 0xff).unwrap();
        carry = sum >> 8;
    }
    assert_eq!(public.verify(b"text", &second), Err(SignatureProblem::Wrong));
}

#[test]
fn a_weak_key_refuses_the_ceremony_although_its_owner_signs_nothing() {
    let rsa = StatementKey::from_rsa(&modulus(3072), &[1, 0, 1]).unwrap().spki().to_vec();
    for (spki, sound) in [(rsa, true), (ed25519([0; 32]), false)] {
        let algorithm = if sound { RsaPssSha256 } else { Ed25519 };
        let old = key("auditor");
        let text = roster_text("lab")
            .replace(&Base64(old.spki()).to_string(), &Base64(spki).to_string())
            .replace("ecdsa-p384-sha384", &algorithm.to_string());
        let roster = Roster::parse(text.as_bytes()).unwrap();
        assert_eq!(key_problems(&roster).is_empty(), sound);
        let room = Room::with(roster, |_| ());
        let approvals = room.officers(&["officer-a", "officer-b"]);
        match approve(&room.context(), &approvals, now()) {
            Ok(_) => assert!(sound),
            Err(refused) => {
                assert!(!sound && matches!(refused, Refused::RosterKey(_)), "{refused}");
                assert_eq!(
                    refused.to_string(),
                    "the public key of `auditor` on the roster is an Ed25519 point of small order, or not in its one encoding"
                );
            }
        }
    }
}
