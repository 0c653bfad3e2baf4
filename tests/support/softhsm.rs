//! A fresh SoftHSM for each test, and a process of its own for each part of a test that loads a module.
//!
//! A PKCS#11 module's state is the process's, and SoftHSM reads `SOFTHSM2_CONF` when it is initialised, so tests
//! that share a process would share tokens and logins.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

const DIRECTORY: &str = "ANCHORITE_TEST_DIRECTORY";
const PART: &str = "ANCHORITE_TEST_PART";

/// A directory with a SoftHSM configuration and its tokens; removed when the test ends.
pub(crate) struct SoftHsm {
    test: &'static str,
    directory: PathBuf,
    _owner: Option<TempDir>,
}

impl SoftHsm {
    /// `test` is the name of the calling test function, as `cargo test -- --list` shows it.
    pub(crate) fn for_test(test: &'static str) -> Self {
        if let Some(directory) = std::env::var_os(DIRECTORY) {
            return Self { test, directory: directory.into(), _owner: None };
        }
        let owner = tempfile::tempdir().expect("a temporary directory");
        let directory = owner.path().to_owned();
        std::fs::create_dir(directory.join("tokens")).expect("a directory for tokens");
        let configuration = format!(
            "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n",
            directory.join("tokens").display()
        );
        let softhsm = Self { test, directory, _owner: Some(owner) };
        std::fs::write(softhsm.configuration(), configuration).expect("a configuration");
        softhsm
    }

    /// Runs a part of the test in a process of its own, in which `SOFTHSM2_CONF` names this SoftHSM.
    ///
    /// The test function is run again in that process, up to the part that is meant; what stands before it outside
    /// of any part runs there, too.
    pub(crate) fn process(&self, part: &str, scenario: impl FnOnce(&Self)) {
        self.process_with(part, &[], scenario);
    }

    /// As [`SoftHsm::process`], with more variables.
    pub(crate) fn process_with(&self, part: &str, variables: &[(&str, &Path)], scenario: impl FnOnce(&Self)) {
        let done = self.path(&format!("{part}.done"));
        if let Ok(meant) = std::env::var(PART) {
            if meant == part {
                scenario(self);
                std::fs::write(done, "").expect("a mark");
                // The rest of the test is the first process's.
                std::process::exit(0);
            }
            return;
        }
        let output = self
            .tool(&std::env::current_exe().expect("the path of this test"))
            .args([self.test, "--exact", "--nocapture", "--test-threads=1"])
            .env(DIRECTORY, &self.directory)
            .env(PART, part)
            .envs(variables.iter().copied())
            .output()
            .expect("this test, started again");
        // Without the mark no test of that name ran, which would pass for success.
        assert!(
            output.status.success() && done.exists(),
            "part `{part}` of `{}` ended with {}\n{}{}",
            self.test,
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }

    /// A program that sees this SoftHSM.
    pub(crate) fn tool(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env("SOFTHSM2_CONF", self.configuration());
        command
    }

    /// The configuration file.
    pub(crate) fn configuration(&self) -> PathBuf {
        self.path("softhsm2.conf")
    }

    /// A file beside the tokens, for what parts hand to each other.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Where Debian, Ubuntu, Fedora and Alpine put the module.
    pub(crate) fn module() -> PathBuf {
        [
            "/usr/lib/softhsm/libsofthsm2.so",
            "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
            "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
            "/usr/lib64/pkcs11/libsofthsm2.so",
            "/usr/lib/pkcs11/libsofthsm2.so",
        ]
        .into_iter()
        .map(PathBuf::from)
        .find(|path| path.exists())
        .expect("SoftHSM is missing: apt-get install softhsm2")
    }
}
