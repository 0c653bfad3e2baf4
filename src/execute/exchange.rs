use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::Stop;
use super::operator::{Notice, Operator, Waiting};
use crate::artifact::{self, Access, system};
use crate::format::{FileName, MAX_EVIDENCE_BYTES, Name, Roster, SealKind, Statement};
use crate::record::SignedBytes;
use crate::roster::{Refused, StatementProblem};

/// The directory through which statements reach their signers and signatures come back.
///
/// A statement is `KIND.NAME.txt`, complete with the signer's time; its signature `KIND.NAME.sig`. Who signs, and
/// with what, is nothing that this process could know: it never sees a key.
pub struct Exchange {
    directory: PathBuf,
}

impl Exchange {
    /// Uses `directory`, which is made when it is missing.
    ///
    /// # Errors
    /// What the file system says.
    pub fn at(directory: &Path) -> Result<Self, artifact::Error> {
        fs::create_dir_all(directory).map_err(system("creating", directory))?;
        Ok(Self { directory: directory.to_owned() })
    }

    /// Writes the statements and waits until `enough` accepts the signatures that came back. What `check` refuses, and what
    /// is another person's, counts as not signed.
    pub(super) fn collect<T>(
        &self,
        operator: &mut dyn Operator,
        statements: &[Statement],
        check: impl Fn(&SignedBytes) -> Result<Name, StatementProblem>,
        enough: impl Fn(&[SignedBytes]) -> Result<T, Refused>,
    ) -> Result<(T, Vec<SignedBytes>), Stop> {
        let kind = statements.first().map(Statement::kind_name).unwrap_or_default();
        let mut missing = Vec::new();
        for statement in statements {
            missing.push((statement.signer().name.clone(), self.offer(statement)?));
        }
        let mut accepted: BTreeMap<Name, SignedBytes> = BTreeMap::new();
        loop {
            let mut still_missing = Vec::new();
            for (name, path) in missing {
                match take_signature(&name, &path, &check)? {
                    Taken::Nothing => still_missing.push((name, path)),
                    Taken::Good(signed) => {
                        operator.show(&Notice::Done { text: format!("{name} signed the {kind} statement") });
                        accepted.insert(name, signed);
                    }
                    Taken::Bad(text) => {
                        operator.show(&Notice::Refused { text });
                        still_missing.push((name, path));
                    }
                }
            }
            missing = still_missing;
            let signed: Vec<SignedBytes> = accepted.values().cloned().collect();
            match enough(&signed) {
                Ok(result) => return Ok((result, signed)),
                Err(refused) => operator.wait(&Waiting {
                    kind: kind.clone(),
                    missing: &missing,
                    signed: &accepted.keys().cloned().collect::<Vec<_>>(),
                    needed: refused.to_string(),
                })?,
            }
        }
    }

    /// The pairs of statement and signature of that kind that lie there already, by the names of their files.
    pub(super) fn ready_made(
        &self,
        kind: SealKind,
        roster: &Roster,
    ) -> Result<Vec<(Name, SignedBytes)>, Stop> {
        let mut found = Vec::new();
        for person in &roster.people {
            let statement = self.directory.join(format!("{kind}.{}.txt", person.name));
            let signature = statement.with_extension("sig");
            if [&statement, &signature].iter().all(|path| fs::symlink_metadata(path).is_ok()) {
                found.push((person.name.clone(), (artifact::read(&statement)?, artifact::read(&signature)?)));
            }
        }
        Ok(found)
    }

    /// Where a file from a device has to lie.
    pub(super) fn path_of(&self, file: &FileName) -> PathBuf {
        self.directory.join(file)
    }

    /// The bytes of a file from a device, or what is wrong with it, for people.
    pub(super) fn evidence(&self, file: &FileName) -> Result<Vec<u8>, String> {
        let bytes = artifact::read(&self.path_of(file)).map_err(|error| error.to_string())?;
        if bytes.len() > MAX_EVIDENCE_BYTES {
            return Err(format!(
                "{file} has {} bytes, more than the {MAX_EVIDENCE_BYTES} that are taken in",
                bytes.len()
            ));
        }
        Ok(bytes)
    }

    /// Writes one statement, in the place of an older one: an offer is no evidence until it is signed.
    fn offer(&self, statement: &Statement) -> Result<PathBuf, Stop> {
        let stem = format!("{}.{}", statement.kind_name(), statement.signer().name);
        let path = self.directory.join(format!("{stem}.txt"));
        for old in [path.clone(), path.with_extension("sig")] {
            if fs::symlink_metadata(&old).is_ok() {
                fs::remove_file(&old).map_err(system("removing", &old))?;
            }
        }
        artifact::create_at(&path, &statement.encode(), Access::Everybody)?;
        Ok(path)
    }
}

enum Taken {
    Nothing,
    Good(SignedBytes),
    Bad(String),
}

fn take_signature(
    name: &Name,
    statement: &Path,
    check: &impl Fn(&SignedBytes) -> Result<Name, StatementProblem>,
) -> Result<Taken, Stop> {
    let path = statement.with_extension("sig");
    if fs::symlink_metadata(&path).is_err() {
        return Ok(Taken::Nothing);
    }
    let pair = (artifact::read(statement)?, artifact::read(&path)?);
    let problem = match check(&pair) {
        Ok(signer) if signer == *name => return Ok(Taken::Good(pair)),
        Ok(signer) => format!("it is the statement of {signer}"),
        Err(problem) => problem.to_string(),
    };
    // Moved away, so that it is named once and a new one can be put in its place.
    let refused = path.with_extension("sig.refused");
    fs::rename(&path, &refused).map_err(system("renaming", &path))?;
    Ok(Taken::Bad(format!("{}: {problem}", path.display())))
}
