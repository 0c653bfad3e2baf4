//! The verifiers that are not this program: `scripts/verify.py`, in one process for many records, and `scripts/verify.sh`.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock};

use anchorite::verify::{Anchors, Check, Verdict};

use crate::packages::package;

/// A line in, `PATH ROSTER HEAD ORDINAL ROOT MODE` (`-` for what was not given); a line out: the verdict, then every check as
/// `ID=STATUS`, a colon after the name of each bundle and before what concerns none.
const PROGRAM: &str = r#"
import sys
import verify
for line in sys.stdin:
    path, roster, head, ordinal, root, mode = (None if word == "-" else word for word in line.rstrip("\n").split("\t"))
    anchors = verify.Anchors(open(roster, "rb").read() if roster else None, head, int(ordinal) if ordinal else None, root, mode)
    verdict = verify.judge(path, anchors)
    parts = [(one.directory, one.checks) for one in verdict.bundles] + [("", verdict.checks)]
    words = [f"{name}: " + " ".join(f"{check.id}={check.status.replace(' ', '-')}" for check in checks) for name, checks in parts]
    print(verdict.word, " ".join(words), flush=True)
"#;

/// `scripts/verify.py`, in one process: it is imported once and judges what it is told.
pub(crate) struct PythonVerifier {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    roster: PathBuf,
}

impl PythonVerifier {
    pub(crate) fn start() -> Self {
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts");
        let mut process = Command::new("python3")
            .args(["-B", "-c", PROGRAM])
            .env("PYTHONPATH", python_path(&scripts))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 starts: apt-get install python3");
        let input = process.stdin.take().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let roster = tempfile::NamedTempFile::new().unwrap().into_temp_path().keep().unwrap();
        Self { process, input, output, roster }
    }

    /// The verdict, then each check and its status, in one line.
    pub(crate) fn judge(&mut self, path: &Path, anchors: &Anchors) -> String {
        let roster = match &anchors.roster {
            None => "-".to_owned(),
            Some(bytes) => {
                std::fs::write(&self.roster, bytes).unwrap();
                self.roster.to_str().unwrap().to_owned()
            }
        };
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        let (head, root) =
            (anchors.head.map(|head| head.to_string()), anchors.root.map(|root| root.to_string()));
        let ordinal = anchors.ordinal.map(|ordinal| ordinal.to_string());
        let mode = anchors.mode.to_string();
        let words =
            [path.to_str().unwrap(), &roster, &or_dash(head), &or_dash(ordinal), &or_dash(root), &mode];
        writeln!(self.input, "{}", words.join("\t")).unwrap();
        let mut answer = String::new();
        self.output.read_line(&mut answer).unwrap();
        assert!(!answer.is_empty(), "verify.py stopped on {}; its reason is above", path.display());
        answer.trim_end().to_owned()
    }
}

impl Drop for PythonVerifier {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_file(&self.roster);
    }
}

/// Where Python finds the verifier and its one dependency.
pub(crate) fn python_path(scripts: &Path) -> String {
    let requirements = "tests/vectors/share-file/requirements.txt";
    let installed = package("cryptography-48.0.0", requirements, &[]);
    format!("{}:{}", scripts.display(), installed.display())
}

/// The verdict of this program in the words of [`PythonVerifier::judge`].
pub(crate) fn in_words(verdict: &Verdict) -> String {
    let row = |check: &Check| format!("{}={}", check.id, check.status.to_string().replace(' ', "-"));
    let part = |name: &str, checks: &[Check]| {
        format!("{name}: {}", checks.iter().map(row).collect::<Vec<_>>().join(" "))
    };
    let bundles = verdict.bundles.iter().map(|bundle| part(&bundle.directory, &bundle.checks));
    let parts: Vec<String> = bundles.chain([part("", &verdict.checks)]).collect();
    format!("{} {}", verdict.conclusion, parts.join(" "))
}

/// Checks that only this program makes.
const ALONE: [&str; 1] = ["G2"];

/// Where the two disagree: the words of one that the other has not.
pub(crate) fn differing(verdict: &Verdict, path: &Path, anchors: &Anchors) -> Option<String> {
    static VERIFIER: OnceLock<Mutex<PythonVerifier>> = OnceLock::new();
    let verifier = VERIFIER.get_or_init(|| Mutex::new(PythonVerifier::start()));
    let theirs = verifier.lock().unwrap().judge(path, anchors);
    let ours = in_words(verdict);
    let ours: Vec<&str> = ours
        .split(' ')
        .filter(|word| !word.split_once('=').is_some_and(|(id, _)| ALONE.contains(&id)))
        .collect();
    let ours = ours.join(" ");
    let only: Vec<String> = ours
        .split(' ')
        .zip(theirs.split(' '))
        .filter(|(one, other)| one != other)
        .map(|(one, other)| format!("anchorite {one}, verify.py {other}"))
        .collect();
    (ours != theirs).then(|| format!("{} differ: {}", only.len(), only.join("; ")))
}
