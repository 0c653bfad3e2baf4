use std::path::{Path, PathBuf};

use crate::artifact::{self, Access};
use crate::format::{Digest, FileName, FileRef, JsonError, Mode, Plan};

/// The files of a plan directory, each what `plan.json` says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanDirectory {
    /// `plan.json`, and the plan it says.
    pub plan_json: Vec<u8>,
    /// The plan.
    pub plan: Plan,
    /// `ceremony.toml`: the file that was resolved.
    pub script: Vec<u8>,
    /// `roster.toml`.
    pub roster: Vec<u8>,
    /// `inputs/`: what the plan takes in, in its order.
    pub inputs: Vec<(FileName, Vec<u8>)>,
    /// `tbs/STEP.tbs.der`: what will be signed, where that was known, in the order of the steps.
    pub tbs: Vec<(FileName, Vec<u8>)>,
}

/// A plan directory cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// One of its files.
    #[error(transparent)]
    File(#[from] artifact::Error),
    /// `plan.json` is no plan in its one encoding.
    #[error("`{}`: {source}", path.display())]
    Plan {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        source: JsonError,
    },
    /// A file's SHA-256 is not the one that `plan.json` has.
    #[error("`{}` is not the file that the plan was made with: its SHA-256 is {found}, the plan has {expected}", path.display())]
    Digest {
        /// Which file.
        path: PathBuf,
        /// What the plan has.
        expected: Digest,
        /// What it is.
        found: Digest,
    },
}

const PLAN: &str = "plan.json";
const SCRIPT: &str = "ceremony.toml";
const ROSTER: &str = "roster.toml";

impl PlanDirectory {
    /// Reads the plan directory of a ceremony and compares every file with the plan.
    ///
    /// # Errors
    /// [`DirectoryError`], the first that holds.
    pub fn read(directory: &Path) -> Result<Self, DirectoryError> {
        Self::read_in(directory, Mode::Ceremony)
    }

    /// Which mode a directory's `plan.json` says that it is of.
    ///
    /// # Errors
    /// [`DirectoryError::File`].
    pub fn announced_mode(directory: &Path) -> Result<Mode, DirectoryError> {
        Ok(Mode::announced(&artifact::read(&directory.join(PLAN))?))
    }

    /// Reads a plan directory of that mode and compares every file with the plan.
    ///
    /// # Errors
    /// [`DirectoryError`], the first that holds.
    pub fn read_in(directory: &Path, mode: Mode) -> Result<Self, DirectoryError> {
        let path = directory.join(PLAN);
        let plan_json = artifact::read(&path)?;
        let plan =
            Plan::parse_in(&plan_json, mode).map_err(|source| DirectoryError::Plan { path, source })?;
        let known = |path: PathBuf, expected: Digest| {
            let bytes = artifact::read(&path)?;
            let found = Digest::of(&bytes);
            if found == expected { Ok(bytes) } else { Err(DirectoryError::Digest { path, expected, found }) }
        };
        let script = known(directory.join(SCRIPT), plan.script_sha256)?;
        let roster = known(directory.join(ROSTER), plan.roster_sha256)?;
        let mut inputs = Vec::new();
        for FileRef { name, sha256, .. } in &plan.inputs {
            inputs.push((name.clone(), known(directory.join("inputs").join(name), *sha256)?));
        }
        let mut tbs = Vec::new();
        for step in &plan.steps {
            if let Some(Some(sha256)) = step.action.tbs_sha256() {
                let name = FileName::of_step(&step.id, "tbs.der");
                let bytes = known(directory.join("tbs").join(&name), sha256)?;
                tbs.push((name, bytes));
            }
        }
        Ok(Self { plan_json, plan, script, roster, inputs, tbs })
    }

    /// Writes a plan directory that does not exist yet.
    ///
    /// # Errors
    /// [`DirectoryError::File`].
    pub fn write(&self, directory: &Path) -> Result<(), DirectoryError> {
        artifact::create_directory(directory)?;
        artifact::create_directory(&directory.join("inputs"))?;
        artifact::create_directory(&directory.join("tbs"))?;
        artifact::create_together(&directory.join("inputs"), &self.inputs)?;
        artifact::create_together(&directory.join("tbs"), &self.tbs)?;
        // plan.json comes last: a directory that has one is whole.
        for (name, bytes) in [(SCRIPT, &self.script), (ROSTER, &self.roster), (PLAN, &self.plan_json)] {
            artifact::create_at(&directory.join(name), bytes, Access::Everybody)?;
        }
        Ok(())
    }

    /// SHA-256 of `plan.json`: the plan digest.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.plan_json)
    }
}
