use super::problem::{Differs, StatementProblem};
use super::public_key::{RosterKeyProblem, SignatureProblem, StatementKey};
use crate::format::{Digest, Person, Roster, Statement};

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
    let key = StatementKey::read(person.algorithm, &person.public_key.0)
        .map_err(|problem| RosterKeyProblem { name: name.clone(), problem })?;
    key.verify(statement, signature).map_err(|problem| match problem {
        SignatureProblem::Encoding => {
            StatementProblem::SignatureEncoding { name, algorithm: person.algorithm }
        }
        SignatureProblem::Wrong => StatementProblem::Signature { name },
    })?;
    Ok(Signed {
        person,
        statement: parsed,
        statement_sha256: Digest::of(statement),
        signature_sha256: Digest::of(signature),
    })
}
