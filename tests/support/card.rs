//! A second SoftHSM that stands for a person's card: its own configuration and store, apart from any ceremony's token.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) const PIN: &str = "pin-of-the-card";
const PUK: &str = "puk-of-the-card";

pub(crate) struct Card {
    directory: PathBuf,
    pub(crate) label: String,
}

impl Card {
    /// A new card in a directory of its own, with its PIN in the file `pin`.
    pub(crate) fn new(directory: &Path, label: &str) -> Self {
        fs::create_dir_all(directory.join("tokens")).unwrap();
        let card = Self { directory: directory.to_owned(), label: label.to_owned() };
        let text = format!(
            "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n",
            directory.join("tokens").display()
        );
        fs::write(card.configuration(), text).unwrap();
        card.write_pin("pin", PIN);
        card.make(label);
        card
    }

    /// One more token in the same reader.
    pub(crate) fn make(&self, label: &str) {
        let arguments = ["--init-token", "--free", "--label", label, "--so-pin", PUK, "--pin", PIN];
        self.tool("softhsm2-util", "softhsm2", &arguments);
    }

    /// A file beside the store.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    pub(crate) fn write_pin(&self, name: &str, pin: &str) {
        fs::write(self.path(name), pin).unwrap();
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o600)).unwrap();
    }

    pub(crate) fn configuration(&self) -> PathBuf {
        self.path("softhsm2.conf")
    }

    /// The arguments that name this card.
    pub(crate) fn arguments(&self) -> Vec<String> {
        vec![
            "--card".to_owned(),
            module().display().to_string(),
            "--card-label".to_owned(),
            self.label.clone(),
            "--card-variable".to_owned(),
            format!("SOFTHSM2_CONF={}", self.configuration().display()),
        ]
    }

    /// A program that sees this card and no other.
    #[track_caller]
    pub(crate) fn tool(&self, program: &str, package: &str, arguments: &[&str]) -> String {
        let output =
            Command::new(program).args(arguments).env("SOFTHSM2_CONF", self.configuration()).output();
        let output = output.unwrap_or_else(|error| panic!("{program}: {error}: apt-get install {package}"));
        let [shown, error] =
            [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
        assert!(output.status.success(), "{shown}{error}");
        shown
    }
}

/// Where this distribution puts SoftHSM's module, as the scripts find it.
pub(crate) fn module() -> PathBuf {
    let found = Command::new("sh")
        .args(["-c", ". scripts/install && softhsm_module"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(found.status.success(), "SoftHSM is missing: apt-get install softhsm2");
    String::from_utf8(found.stdout).unwrap().trim().into()
}
