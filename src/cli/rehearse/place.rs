use std::fs;
use std::path::{Path, PathBuf};

use super::people::Person;
use crate::artifact::{self, Access};
use crate::cli::failure::Failure;
use crate::cli::plan::read;
use crate::format::{Binding, Digest, Log, Mode, Name, Outcome, Plan, Roster, bundle_directory_name};
use crate::ledger::Ledger;

/// Where the distributions put SoftHSM's module.
const SOFTHSM: [&str; 6] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/lib64/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
];

const WARNING: &str = "REHEARSAL. Everything here is thrown away when the rehearsal is over: keys, passphrases,\n\
                       share sheets and software tokens of people who only practise.\n";

/// The directory of a rehearsal.
///
/// `roster.toml`, `custody/`, `softhsm/`, `inputs/` and `authority/` serve every attempt; `N/` has the plan, the binding, the
/// approvals and the exchanged statements of the attempt that has ordinal N.
pub(super) struct Place {
    directory: PathBuf,
    new: bool,
}

impl Place {
    /// A directory that does not exist yet, or one that an earlier attempt made.
    pub(super) fn at(directory: &Path) -> Result<Self, Failure> {
        let new = fs::symlink_metadata(directory).is_err();
        if new {
            make(directory)?;
        } else if fs::symlink_metadata(directory.join("softhsm.conf")).is_err() {
            return Err(Failure::usage(
                format!("`{}` exists and holds no rehearsal", directory.display()),
                "choose an output directory that does not exist",
            ));
        }
        let directory = fs::canonicalize(directory).map_err(|error| {
            Failure::usage(format!("`{}`: {error}", directory.display()), "choose another directory")
        })?;
        Ok(Self { directory, new })
    }

    pub(super) fn is_new(&self) -> bool {
        self.new
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(super) fn authority(&self) -> PathBuf {
        self.directory.join("authority")
    }

    pub(super) fn inputs(&self) -> PathBuf {
        self.directory.join("inputs")
    }

    pub(super) fn custody(&self) -> PathBuf {
        self.directory.join("custody")
    }

    pub(super) fn roster(&self) -> PathBuf {
        self.directory.join("roster.toml")
    }

    pub(super) fn answers(&self) -> PathBuf {
        self.directory.join("answers.toml")
    }

    /// What belongs to the attempt with that ordinal.
    pub(super) fn of_attempt(&self, ordinal: u64) -> PathBuf {
        self.directory.join(ordinal.to_string())
    }

    pub(super) fn plan(&self, ordinal: u64) -> PathBuf {
        self.of_attempt(ordinal).join("plan")
    }

    /// A software token store of its own, and what the answers file of a rehearsal without people says.
    pub(super) fn prepare(&self, people: &[Person], module: Option<&Path>) -> Result<(), Failure> {
        let tokens = self.directory.join("softhsm");
        make(&tokens)?;
        let configuration = format!(
            "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n",
            tokens.display()
        );
        let module = module
            .map(Path::to_owned)
            .or_else(|| SOFTHSM.iter().map(PathBuf::from).find(|path| fs::symlink_metadata(path).is_ok()));
        let module = module.ok_or_else(|| {
            Failure::usage(
                "SoftHSM is not where the distributions put it",
                "install it, or name it with --module",
            )
        })?;
        let module = fs::canonicalize(&module).map_err(|error| {
            Failure::usage(format!("`{}`: {error}", module.display()), "name SoftHSM's module with --module")
        })?;
        let answers: String = people.iter().map(Person::answers).collect();
        let answers = format!("format = \"anchorite-answers/v1\"\n{answers}");
        let module = format!(
            "[module]\npath = \"{}\"\nsha256 = \"{}\"\n\n[variables]\nSOFTHSM2_CONF = \"{}\"\n",
            module.display(),
            Digest::of(&read(&module)?),
            self.directory.join("softhsm.conf").display()
        );
        for (name, text) in [
            ("WARNING.txt", WARNING),
            ("answers.toml", &answers),
            ("module.toml", &module),
            ("softhsm.conf", &configuration),
        ] {
            write(&self.directory.join(name), text.as_bytes(), Access::Everybody)?;
        }
        Ok(())
    }

    /// Writes the binding of an attempt: each token by the serial number that its stand-in has, or the blank one.
    pub(super) fn bind(&self, ordinal: u64, tokens: &[Name], ledger: &Ledger) -> Result<(), Failure> {
        let module = read(&self.directory.join("module.toml"))?;
        let mut text = format!(
            "format = \"{}\"\n\n{}",
            Binding::FORMAT.of(Mode::Rehearsal),
            String::from_utf8_lossy(&module)
        );
        for token in tokens {
            let address = match ledger.token(token) {
                Some(entry) => format!("serial = \"{}\"", entry.serial),
                None => "blank = true".to_owned(),
            };
            text.push_str(&format!("\n[[token]]\nname = \"{token}\"\n{address}\nprofile = \"softhsm\"\n"));
        }
        write(&self.of_attempt(ordinal).join("binding.toml"), text.as_bytes(), Access::Everybody)
    }

    /// The plan of an attempt and how it ended; `None` where that place is a stand-in's, or nobody's.
    pub(super) fn attempt(&self, ordinal: u64) -> Result<Option<(Plan, Outcome)>, Failure> {
        let Ok(bytes) = artifact::read(&self.plan(ordinal).join("plan.json")) else { return Ok(None) };
        let damaged = |error: String| Failure::refused(error, "rehearse in a new directory");
        let plan = Plan::parse_in(&bytes, Mode::Rehearsal).map_err(|error| damaged(error.to_string()))?;
        let bundle = self.authority().join(bundle_directory_name(plan.ordinal, &plan.name));
        let log = Log::parse_in(&read(&bundle.join("log.jsonl"))?, Mode::Rehearsal)
            .map_err(|error| damaged(error.to_string()))?;
        Ok(Some((plan, log.outcome())))
    }
}

/// Reads the roster of a rehearsal.
pub(super) fn roster(bytes: &[u8]) -> Result<Roster, Failure> {
    Roster::parse_in(bytes, Mode::Rehearsal)
        .map_err(|error| Failure::refused(error, "rehearse in a new directory"))
}

pub(super) fn make(directory: &Path) -> Result<(), Failure> {
    artifact::create_directory(directory)
        .map_err(|error| Failure::usage(error, "choose an output directory in one that exists"))
}

pub(super) fn write(path: &Path, bytes: &[u8], access: Access) -> Result<(), Failure> {
    artifact::create_at(path, bytes, access)
        .map_err(|error| Failure::usage(error, "rehearse in a new directory"))
}
