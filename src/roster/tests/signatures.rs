use p256::elliptic_curve::sec1::ToSec1Point as _;

use super::set_up::{Room, key, name, roster, roster_text, signed};
use crate::format::{Base64, Digest, Role, Roster, Statement, StatementAlgorithm, StatementError};
use crate::roster::{StatementProblem, check_signature};

fn approval(person: &str, role: Role) -> (Statement, Vec<u8>, Vec<u8>) {
    let statement = Statement::Approval(Room::new().approval(person, role));
    let (bytes, signature) = signed(&statement);
    (statement, bytes, signature)
}

#[test]
fn a_signature_of_either_curve_is_that_of_the_person_it_names() {
    let roster = roster();
    for (person, role) in [("officer-a", Role::Officer), ("auditor", Role::Auditor)] {
        let (statement, bytes, signature) = approval(person, role);
        let signed = check_signature(&roster, &bytes, &signature).unwrap();
        assert_eq!(signed.person.name, name(person));
        assert_eq!(signed.statement, statement);
        assert_eq!(signed.statement_sha256, Digest::of(&bytes));
        assert_eq!(signed.signature_sha256, Digest::of(&signature));
    }
}

#[test]
fn a_statement_that_names_another_signer_role_key_or_algorithm_is_refused() {
    let roster = roster();
    type Change = fn(&mut crate::format::Signer);
    type Fits = fn(&StatementProblem) -> bool;
    let cases: [(Change, Fits); 4] = [
        (|s| s.name = name("stranger"), |p| matches!(p, StatementProblem::UnknownSigner { .. })),
        (|s| s.role = Role::Witness, |p| matches!(p, StatementProblem::RoleNotHeld { .. })),
        (|s| s.spki_sha256 = Digest::of(b"other"), |p| matches!(p, StatementProblem::Key { .. })),
        (
            |s| s.algorithm = StatementAlgorithm::EcdsaP384Sha384,
            |p| matches!(p, StatementProblem::Algorithm { .. }),
        ),
    ];
    for (change, fits) in cases {
        let mut approval = Room::new().approval("officer-a", Role::Officer);
        change(&mut approval.signer);
        let bytes = Statement::Approval(approval).encode();
        let problem = check_signature(&roster, &bytes, &key("officer-a").sign(&bytes)).unwrap_err();
        assert!(fits(&problem), "{problem}");
    }
}

#[test]
fn a_signature_counts_only_over_these_bytes_by_this_key_in_its_one_encoding() {
    let roster = roster();
    for (person, role) in [("officer-a", Role::Officer), ("auditor", Role::Auditor)] {
        let (_, bytes, good) = approval(person, role);
        let foreign = key(if person == "auditor" { "nobody" } else { "officer-b" });
        let mut trailing = good.clone();
        trailing.push(0);
        // The same value with a length in two octets, which BER allows and DER does not.
        let long = [&[0x30, 0x81, good[1]], &good[2..]].concat();
        // The same r with a zero in front that its sign does not ask for.
        let mut padded = good.clone();
        padded.splice(2..4, [2, good[3] + 1, 0]);
        padded[1] += 1;
        for (signature, verifies_elsewhere) in [
            (foreign.sign(&bytes), true),
            (key(person).sign(b"something else"), true),
            (trailing, false),
            (long, false),
            (padded, false),
            (Vec::new(), false),
            (good[..good.len() - 1].to_vec(), false),
        ] {
            let problem = check_signature(&roster, &bytes, &signature).unwrap_err();
            let fits = match &problem {
                StatementProblem::Signature { .. } => verifies_elsewhere,
                StatementProblem::SignatureEncoding { .. } => !verifies_elsewhere,
                _ => false,
            };
            assert!(fits, "{person}: {problem}");
        }
        for place in [0, bytes.len() / 2, bytes.len() - 2] {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            assert!(check_signature(&roster, &changed, &good).is_err(), "byte {place}");
        }
    }
    let problem = check_signature(&roster, b"pay the bearer\n", b"").unwrap_err();
    assert_eq!(problem, StatementProblem::Form(StatementError::Format));
}

#[test]
fn a_roster_key_has_one_encoding_so_nobody_is_on_the_roster_twice() {
    let (mut statement, _, _) = approval("officer-a", Role::Officer);
    let spki = key("officer-a").spki();
    let point = p256::PublicKey::from_sec1_bytes(&spki[26..]).unwrap();
    let compressed = point.to_sec1_point(true);
    let mut short = spki[..26].to_vec();
    short[1] = 57;
    short[24] = 34;
    short.extend_from_slice(compressed.as_bytes());
    let p384 = p384_key();
    for spki in [short, p384, b"no key".to_vec()] {
        let old = Base64(key("officer-a").spki()).to_string();
        let text = roster_text("lab").replace(&old, &Base64(spki.clone()).to_string());
        let roster = Roster::parse(text.as_bytes()).unwrap();
        let Statement::Approval(approval) = &mut statement else { panic!("an approval") };
        approval.signer.spki_sha256 = Digest::of(&spki);
        let bytes = statement.encode();
        let problem = check_signature(&roster, &bytes, &key("officer-a").sign(&bytes)).unwrap_err();
        assert!(matches!(problem, StatementProblem::RosterKey { .. }), "{problem}");
    }
}

fn p384_key() -> Vec<u8> {
    use p256::pkcs8::EncodePublicKey as _;
    let key = p384::SecretKey::from_slice(&[2; 48]).unwrap();
    key.public_key().to_public_key_der().unwrap().into_vec()
}
