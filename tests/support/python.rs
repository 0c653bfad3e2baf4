use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The SLIP-39 reference tool in one Python process: a line in, a line out.
pub(crate) struct ReferenceTool {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// `combine WORDS|WORDS|...` answers the secret, `split T N SECRET` the shares; extendable, exponent 0.
const PROGRAM: &str = r#"
import sys
from shamir_mnemonic import combine_mnemonics, generate_mnemonics
for line in sys.stdin:
    verb, rest = line.rstrip("\n").split(" ", 1)
    if verb == "combine":
        answer = combine_mnemonics(rest.split("|")).hex()
    else:
        threshold, count, secret = rest.split(" ")
        groups = [(int(threshold), int(count))]
        answer = "|".join(generate_mnemonics(1, groups, bytes.fromhex(secret), b"", True, 0)[0])
    print(answer, flush=True)
"#;

impl ReferenceTool {
    pub(crate) fn start() -> Self {
        let mut process = Command::new("python3")
            .args(["-c", PROGRAM])
            .env("PYTHONPATH", installed())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 starts: apt-get install python3");
        let input = process.stdin.take().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        Self { process, input, output }
    }

    /// Rebuilds the secret, in hexadecimal.
    pub(crate) fn combine(&mut self, shares: &[&str]) -> String {
        self.ask(&format!("combine {}", shares.join("|")))
    }

    /// Splits a secret given in hexadecimal.
    pub(crate) fn split(&mut self, threshold: u8, count: u8, secret: &str) -> Vec<String> {
        let answer = self.ask(&format!("split {threshold} {count} {secret}"));
        answer.split('|').map(str::to_owned).collect()
    }

    fn ask(&mut self, line: &str) -> String {
        writeln!(self.input, "{line}").unwrap();
        let mut answer = String::new();
        self.output.read_line(&mut answer).unwrap();
        assert!(!answer.is_empty(), "the reference tool refused and stopped; its reason is above");
        answer.trim_end().to_owned()
    }
}

impl Drop for ReferenceTool {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The folder with the reference tool, installed below `target/` once, at the version and digest that
/// `requirements.txt` names.
pub(crate) fn installed() -> PathBuf {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("shamir-mnemonic-0.3.0");
    if !place.exists() {
        let unfinished = place.with_extension(std::process::id().to_string());
        let requirements = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/slip39/requirements.txt");
        let status = Command::new("python3")
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"])
            .args(["--only-binary=:all:", "--require-hashes", "-r", requirements, "--target"])
            .arg(&unfinished)
            .env("PIP_ROOT_USER_ACTION", "ignore")
            .status();
        let done = status.is_ok_and(|status| status.success());
        assert!(done, "pip installs shamir-mnemonic 0.3.0 from PyPI: apt-get install python3-pip");
        // Another test process may have been first; then its folder is the same.
        if std::fs::rename(&unfinished, &place).is_err() {
            let _ = std::fs::remove_dir_all(&unfinished);
        }
    }
    place
}
