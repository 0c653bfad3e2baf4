//! Runs the openssl command line tool, a judge that nobody here wrote.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::path::PathBuf;
use std::process::Command;

/// A configuration for requests.
pub(crate) const REQUEST: &str = "[req]\nprompt = no\nstring_mask = utf8only\nutf8 = yes\n\
    distinguished_name = name\n[name]\nO = Example\nCN = Example Issuing\n";

pub(crate) const P256: &str = "EC -pkeyopt ec_paramgen_curve:P-256";
pub(crate) const P384: &str = "EC -pkeyopt ec_paramgen_curve:P-384";
pub(crate) const RSA2048: &str = "RSA -pkeyopt rsa_keygen_bits:2048";

/// Every kind of key that a request may carry: a name, what `genpkey` takes, how it is described.
pub(crate) const KINDS: [(&str, &str, &str); 7] = [
    ("p256", P256, "ECDSA P-256"),
    ("p384", P384, "ECDSA P-384"),
    ("p521", "EC -pkeyopt ec_paramgen_curve:P-521", "ECDSA P-521"),
    ("rsa2048", RSA2048, "RSA 2048"),
    ("rsa3072", "RSA -pkeyopt rsa_keygen_bits:3072", "RSA 3072"),
    ("rsa4096", "RSA -pkeyopt rsa_keygen_bits:4096", "RSA 4096"),
    ("ed25519", "ED25519", "Ed25519"),
];

/// openssl with a directory of its own, which every relative path means.
pub(crate) struct Openssl {
    directory: tempfile::TempDir,
}

/// What it answered.
pub(crate) struct Answer {
    /// Whether it exited with 0.
    pub(crate) success: bool,
    /// Standard output.
    pub(crate) stdout: Vec<u8>,
    /// Both outputs, for reading.
    pub(crate) text: String,
}

impl Openssl {
    pub(crate) fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    /// Puts a file where openssl finds it by name.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    /// What openssl wrote.
    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    /// Where its files are.
    pub(crate) fn directory(&self) -> &std::path::Path {
        self.directory.path()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Runs a command, words apart by spaces. The machine's own configuration changes nothing.
    pub(crate) fn ask(&self, command: &str) -> Answer {
        let output = Command::new("openssl")
            .args(command.split(' '))
            .current_dir(self.directory.path())
            .env("OPENSSL_CONF", "/dev/null")
            .output()
            .unwrap_or_else(|error| panic!("openssl cannot be run ({error}): install the package `openssl`"));
        let text = [output.stdout.as_slice(), &output.stderr].concat();
        Answer {
            success: output.status.success(),
            stdout: output.stdout,
            text: String::from_utf8_lossy(&text).into_owned(),
        }
    }

    /// The standard output of a command that must succeed.
    pub(crate) fn get(&self, command: &str) -> Vec<u8> {
        let answer = self.ask(command);
        assert!(answer.success, "openssl {command}: {}", answer.text);
        answer.stdout
    }

    /// Makes a key in `NAME.key`; `kind` is what `genpkey -algorithm` takes.
    pub(crate) fn make_key(&self, name: &str, kind: &str) {
        self.get(&format!("genpkey -quiet -out {name}.key -algorithm {kind}"));
    }

    /// A request for `NAME.key`: PEM, unless `more` says otherwise.
    pub(crate) fn make_request(&self, name: &str, configuration: &str, more: &str) -> Vec<u8> {
        self.write("request.cnf", configuration);
        self.get(format!("req -new -config request.cnf -key {name}.key {more}").trim_end())
    }

    /// The same as text.
    pub(crate) fn text(&self, command: &str) -> String {
        String::from_utf8(self.get(command)).unwrap()
    }
}
