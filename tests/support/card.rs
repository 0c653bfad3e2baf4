//! A second SoftHSM that stands for a person's card: its own configuration and store, apart from any ceremony's token.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

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
        succeeded(&self.tool("softhsm2-util", "softhsm2", &arguments));
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

    /// OpenSC's tool, logged in to this card.
    pub(crate) fn pkcs11_tool(&self, arguments: &[&str]) -> String {
        let module = module();
        let module = module.to_str().unwrap();
        let first = ["--module", module, "--token-label", &self.label, "--login", "--pin", PIN];
        let output = self.tool("pkcs11-tool", "opensc", &[&first[..], arguments].concat());
        succeeded(&output);
        String::from_utf8(output.stdout).unwrap()
    }

    fn tool(&self, program: &str, package: &str, arguments: &[&str]) -> Output {
        let output =
            Command::new(program).args(arguments).env("SOFTHSM2_CONF", self.configuration()).output();
        output.unwrap_or_else(|error| panic!("{program}: {error}: apt-get install {package}"))
    }

    /// Sets and clears CKF flags of the card's only token.
    ///
    /// A file of the store is a generation number, then attributes as type, kind and value, all big-endian.
    pub(crate) fn change_flags(&self, set: u64, clear: u64) {
        // SoftHSM's own attribute that holds CK_TOKEN_INFO.flags, and the kind of a number.
        const TOKEN_FLAGS: [u8; 16] = [0, 0, 0, 0, 0x80, 0, 0x53, 0x4b, 0, 0, 0, 0, 0, 0, 0, 2];
        let mut tokens = fs::read_dir(self.path("tokens")).unwrap();
        let path = tokens.next().unwrap().unwrap().path().join("token.object");
        assert!(tokens.next().is_none());
        let mut bytes = fs::read(&path).unwrap();
        let places: Vec<usize> =
            (0..bytes.len()).filter(|at| bytes[*at..].starts_with(&TOKEN_FLAGS)).collect();
        assert_eq!(places.len(), 1);
        let value = &mut bytes[places[0] + 16..places[0] + 24];
        let flags = u64::from_be_bytes((&*value).try_into().unwrap());
        value.copy_from_slice(&((flags | set) & !clear).to_be_bytes());
        fs::write(path, bytes).unwrap();
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

#[track_caller]
fn succeeded(output: &Output) {
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
