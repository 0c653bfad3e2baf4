use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::packages::package;

/// The SLIP-39 reference tool in one Python process: a line in, a line out.
pub(crate) struct ReferenceTool {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// `combine WORDS|WORDS|...` answers the secret, `split T N SECRET EXTENDABLE` the shares; exponent 0, the least.
const PROGRAM: &str = r#"
import sys
from shamir_mnemonic import combine_mnemonics, generate_mnemonics
for line in sys.stdin:
    verb, rest = line.rstrip("\n").split(" ", 1)
    if verb == "combine":
        answer = combine_mnemonics(rest.split("|")).hex()
    else:
        threshold, count, secret, extendable = rest.split(" ")
        groups = [(int(threshold), int(count))]
        secret = bytes.fromhex(secret)
        answer = "|".join(generate_mnemonics(1, groups, secret, b"", extendable == "true", 0)[0])
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
    pub(crate) fn split(&mut self, threshold: u8, count: u8, secret: &str, extendable: bool) -> Vec<String> {
        let answer = self.ask(&format!("split {threshold} {count} {secret} {extendable}"));
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

/// The folder with the SLIP-39 reference tool.
pub(crate) fn installed() -> PathBuf {
    package(
        "shamir-mnemonic-0.3.0",
        "tests/vectors/slip39/requirements.txt",
        &["--require-hashes", "--no-deps"],
    )
}
