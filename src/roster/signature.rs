use p256::pkcs8::{DecodePublicKey as _, EncodePublicKey as _};
use signature::Verifier as _;

use super::problem::{Differs, StatementProblem};
use crate::format::{Digest, Person, Roster, Statement, StatementAlgorithm};

/// A statement that this person of the roster signed.
#[derive(Clone, Debug)]
pub struct Signed<'r> {
    /// The signer's entry.
    pub person: &'r Person,
    /// What was signed.
    pub statement: Statement,
    /// SHA-256 of the statement's file.
    pub statement_sha256: Digest,
    /// SHA-256 of the signature's file.
    pub signature_sha256: Digest,
}

/// Reads a statement and checks that the person it names signed it: name, role, key and algorithm are those of the
/// roster, and the signature holds over the file's bytes.
///
/// Says nothing about what the statement is good for: that is for [`approve`](super::approve()),
/// [`authorise`](super::authorise()) and [`seal_quorum`](super::seal_quorum).
///
/// # Errors
/// [`StatementProblem`], the first that holds.
pub fn check_signature<'r>(
    roster: &'r Roster,
    statement: &[u8],
    signature: &[u8],
) -> Result<Signed<'r>, StatementProblem> {
    let parsed = Statement::parse(statement)?;
    let signer = parsed.signer();
    let name = signer.name.clone();
    let Some(person) = roster.person(&name) else {
        return Err(StatementProblem::UnknownSigner { name });
    };
    if !person.roles.contains(&signer.role) {
        let role = signer.role;
        return Err(StatementProblem::RoleNotHeld { name, role });
    }
    let expected = Digest::of(&person.public_key.0);
    if signer.spki_sha256 != expected {
        let found = signer.spki_sha256;
        let key = Differs { expected, found };
        return Err(StatementProblem::Key { name, key });
    }
    if signer.algorithm != person.algorithm {
        let (expected, found) = (person.algorithm, signer.algorithm);
        let algorithm = Differs { expected, found };
        return Err(StatementProblem::Algorithm { name, algorithm });
    }
    verify(person, statement, signature)?;
    Ok(Signed {
        person,
        statement: parsed,
        statement_sha256: Digest::of(statement),
        signature_sha256: Digest::of(signature),
    })
}

/// The key must be in the one DER encoding that its value has (X.690 section 10): a second one would let a person be on
/// the roster twice. Of signatures the parser takes no other either.
fn verify(person: &Person, message: &[u8], signature: &[u8]) -> Result<(), StatementProblem> {
    let spki = person.public_key.0.as_slice();
    let name = || person.name.clone();
    let bad_key = || StatementProblem::RosterKey { name: name(), algorithm: person.algorithm };
    let bad_encoding = || StatementProblem::SignatureEncoding { name: name() };
    let verified = match person.algorithm {
        StatementAlgorithm::EcdsaP256Sha256 => {
            let key = p256::PublicKey::from_public_key_der(spki).map_err(|_| bad_key())?;
            if !key.to_public_key_der().is_ok_and(|der| der.as_bytes() == spki) {
                return Err(bad_key());
            }
            let value = p256::ecdsa::Signature::from_der(signature).map_err(|_| bad_encoding())?;
            p256::ecdsa::VerifyingKey::from(&key).verify(message, &value)
        }
        StatementAlgorithm::EcdsaP384Sha384 => {
            let key = p384::PublicKey::from_public_key_der(spki).map_err(|_| bad_key())?;
            if !key.to_public_key_der().is_ok_and(|der| der.as_bytes() == spki) {
                return Err(bad_key());
            }
            let value = p384::ecdsa::Signature::from_der(signature).map_err(|_| bad_encoding())?;
            p384::ecdsa::VerifyingKey::from(&key).verify(message, &value)
        }
    };
    verified.map_err(|_| StatementProblem::Signature { name: name() })
}
