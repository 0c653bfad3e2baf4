//! The program and the shell script, as an auditor runs them.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use super::bundle::{HONEST, Tricks, Workshop};

/// An authority of two ceremonies, and the roster that an auditor pinned.
pub(crate) struct Authority {
    workshop: Workshop,
    roster: std::path::PathBuf,
}

impl Authority {
    pub(crate) fn of_two_ceremonies() -> Self {
        Self::with(&HONEST)
    }

    /// The second ceremony with the tricks.
    fn with(tricks: &Tricks) -> Self {
        let mut workshop = Workshop::new();
        workshop.genesis(&HONEST);
        workshop.intermediate(tricks);
        let roster = workshop.authority().with_extension("roster.toml");
        fs::write(&roster, &workshop.roster).unwrap();
        Self { workshop, roster }
    }

    pub(crate) fn path(&self) -> &Path {
        self.workshop.authority()
    }

    pub(crate) fn roster(&self) -> &str {
        self.roster.to_str().unwrap()
    }

    pub(crate) fn head(&self) -> String {
        self.workshop.head.to_string()
    }

    pub(crate) fn anchorite(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_anchorite")).args(arguments).output().unwrap()
    }

    pub(crate) fn verify(&self, path: &Path, more: &[&str]) -> (i32, String) {
        let mut arguments = vec!["verify", path.to_str().unwrap()];
        arguments.extend(more);
        let output = self.anchorite(&arguments);
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    }

    /// `scripts/verify.sh` under the strictest shell there is here.
    fn script(&self, path: &Path, more: &[&str]) -> (i32, String) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/verify.sh");
        let mut command = Command::new("sh");
        command.arg(script).arg(path).arg("--roster").arg(&self.roster).args(more);
        let output = command.output().expect("sh, coreutils, awk, sed and openssl are needed");
        let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        (output.status.code().unwrap(), text)
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.roster);
    }
}

#[test]
fn the_first_and_the_last_line_are_the_verdict_and_the_exit_code_is_its_number() {
    let authority = Authority::of_two_ceremonies();
    let (path, roster, head) =
        (authority.workshop.authority(), authority.roster.to_str().unwrap(), authority.head());
    let cases: [(&[&str], i32, &str); 3] = [
        (&["--roster", roster, "--expect-head", &head], 0, "PASS"),
        (&["--roster", roster], 5, "UNANCHORED"),
        (&["--roster", roster, "--expect-head", &"0".repeat(64)], 1, "FAIL"),
    ];
    for (arguments, code, word) in cases {
        let (found, text) = authority.verify(path, arguments);
        assert_eq!(found, code, "{text}");
        let verdict = format!("VERDICT  {word}  example, up to ceremony 2");
        assert!(text.lines().next().unwrap().starts_with(&verdict), "{text}");
        assert!(text.lines().last().unwrap().starts_with(&verdict), "{text}");
        assert!(text.contains("NOT CHECKED") && text.contains("in one room"), "{text}");
    }
    let (code, text) = authority.verify(&path.join("0001-genesis"), &["--roster", roster]);
    assert_eq!(code, 5, "a bundle is judged by itself: {text}");
    assert!(!text.contains(" H1 "), "{text}");
    let (code, text) = authority.verify(&path.join("none"), &[]);
    assert_eq!((code, text.as_str()), (2, ""));
}

#[test]
fn programs_read_the_verdict_and_the_status_as_json() {
    let authority = Authority::of_two_ceremonies();
    let (path, roster) = (authority.workshop.authority(), authority.roster.to_str().unwrap());
    let (_, text) =
        authority.verify(path, &["--roster", roster, "--expect-head", &authority.head(), "--format", "json"]);
    let verdict: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(verdict["schema"], "anchorite-verify/v1");
    assert_eq!((&verdict["verdict"], &verdict["exit"]), (&"PASS".into(), &0.into()));
    // What was waived stands first.
    assert_eq!(verdict["bundles"][1]["checks"][0]["id"], "W1");
    assert_eq!(verdict["head"], authority.head());

    let output = authority.anchorite(&[
        "authority",
        "status",
        path.to_str().unwrap(),
        "--roster",
        roster,
        "--format",
        "json",
    ]);
    assert!(output.status.success());
    let status: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(status["schema"], "anchorite-authority/v1");
    assert_eq!(status["certificates"][1]["step"], "istio");
    assert_eq!(status["crls"][1]["number"], 2);
}

/// Python's own XML reader is the judge: every case, and of what type it failed.
const CASES: &str = "
import sys, xml.etree.ElementTree as tree
for suite in tree.fromstring(sys.argv[1].encode()):
    cases = list(suite)
    failed = [case for case in cases if case.find('failure') is not None]
    skipped = [case for case in cases if case.find('skipped') is not None]
    assert [int(suite.get(n)) for n in ('tests', 'failures', 'skipped')] == [len(cases), len(failed), len(skipped)]
    for case in failed:
        print(case.get('classname') + '|' + case.get('name') + '|' + case.find('failure').get('type'))
";

#[test]
fn what_shows_test_results_reads_the_verdict_as_junit() {
    let authority = Authority::of_two_ceremonies();
    let (path, roster) = (authority.workshop.authority(), authority.roster.to_str().unwrap());
    let failed = |more: &[&str]| {
        let (_, text) = authority.verify(path, &[&["--roster", roster, "--format", "junit"], more].concat());
        let python = Command::new("python3").args(["-c", CASES, &text]).output().unwrap();
        assert!(python.status.success(), "{python:?}\n{text}");
        String::from_utf8(python.stdout).unwrap()
    };
    assert_eq!(failed(&["--expect-head", &authority.head()]), "");
    assert_eq!(
        failed(&[]),
        "authority|I1 head is the expected one|UNANCHORED\nauthority|VERDICT|UNANCHORED\n"
    );
    // A name with a quotation mark and an angle bracket in it does not break out of its attribute.
    fs::write(path.join("0002-sign-intermediates/seals/\"<x>&.txt"), "").unwrap();
    let text = failed(&["--expect-head", &authority.head()]);
    assert!(text.contains("A1 bundle layout, no stray files|FAIL"), "{text}");
}

#[test]
fn the_status_shows_what_an_authority_is() {
    let authority = Authority::of_two_ceremonies();
    let path = authority.workshop.authority();
    let output = authority.anchorite(&[
        "authority",
        "status",
        path.to_str().unwrap(),
        "--roster",
        authority.roster.to_str().unwrap(),
        "--at",
        "2026-12-03T00:00:00Z",
    ]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    let groups = authority.head();
    for part in [
        "example (lab)",
        "consistent, under the given roster",
        &groups[..4],
        "1/root-key",
        "ecdsa-p256 on primary",
        "2/istio",
        "intermediate O=Example, CN=Example Istio CA",
        "expires 2031-12-01T23:59:59Z",
        "CRL 2",
        "2027-06-01T09:30:00Z",
        "operate",
        "2 of 3",
    ] {
        assert!(text.contains(part), "{part} is missing:\n{text}");
    }
}

#[test]
fn the_shell_script_agrees_on_chain_and_seals_and_never_says_pass() {
    let authority = Authority::of_two_ceremonies();
    let path = authority.workshop.authority();
    let (code, text) = authority.script(path, &["--expect-head", &authority.head()]);
    assert_eq!(code, 0, "{text}");
    assert!(text.ends_with("chain and seals hold; not a verdict\n"), "{text}");
    assert!(!text.contains("PASS") && !text.contains("FAIL"), "{text}");
    let (code, text) = authority.script(&path.join("0001-genesis"), &[]);
    assert_eq!(code, 0, "{text}");
    let (code, text) = authority.script(path, &["--expect-head", &"0".repeat(64)]);
    assert_eq!(code, 1, "{text}");
}

type Change = (&'static str, fn(&Path));

#[test]
fn the_shell_script_notices_what_it_looks_at() {
    let changes: [Change; 13] = [
        ("a record", |b| edit(&b.join("log.jsonl"), "\"reader\":\"witness\"", "\"reader\":\"operator\"")),
        ("a close seal", |b| {
            edit(&b.join("seals/close.witness.txt"), "outcome: complete", "outcome: aborted")
        }),
        ("the witness's seal is gone", |b| remove_seal(b, "close.witness")),
        ("an authorisation is gone", |b| remove_seal(b, "authorise.officer-a")),
        ("a signature is gone", |b| fs::remove_file(b.join("seals/close.witness.sig")).unwrap()),
        ("an approval", |b| edit(&b.join("artifacts/approval.witness.txt"), "ordinal: 1", "ordinal: 2")),
        ("a certificate", |b| edit(&b.join("artifacts/root.crt.pem"), "MII", "MIJ")),
        ("the plan", |b| edit(&b.join("artifacts/plan.json"), "workshop", "workshep")),
        ("the manifest", |b| edit(&b.join("MANIFEST.sha256"), "SPEC.md", "SPEC.me")),
        ("a file more", |b| fs::write(b.join("artifacts/more.txt"), "").unwrap()),
        ("a seal more", |b| fs::write(b.join("seals/more.txt"), "").unwrap()),
        ("a link", |b| std::os::unix::fs::symlink("/dev/null", b.join("more")).unwrap()),
        ("the roster", |b| edit(&b.join("artifacts/roster.toml"), "close = 2", "close = 1")),
    ];
    for (what, change) in changes {
        let authority = Authority::of_two_ceremonies();
        let bundle = authority.workshop.authority().join("0001-genesis");
        change(&bundle);
        let (code, text) = authority.script(&bundle, &[]);
        assert_eq!(code, 1, "{what}\n{text}");
        assert!(text.ends_with("chain or seals do not hold\n"), "{what}\n{text}");
    }
    for tricks in [
        Tricks { approvers: &["officer-a", "deputy-a"], ..HONEST },
        Tricks { closers: &["officer-a", "deputy-a", "witness"], ..HONEST },
    ] {
        let authority = Authority::with(&tricks);
        let (code, text) =
            authority.script(&authority.workshop.authority().join("0002-sign-intermediates"), &[]);
        assert_eq!(code, 1, "an officer and their deputy count once\n{text}");
    }
    let authority = Authority::of_two_ceremonies();
    let path = authority.workshop.authority();
    fs::remove_dir_all(path.join("0001-genesis")).unwrap();
    let (code, text) = authority.script(path, &["--expect-head", &authority.head()]);
    assert_eq!(code, 1, "{text}");
}

fn remove_seal(bundle: &Path, stem: &str) {
    for ending in ["txt", "sig"] {
        fs::remove_file(bundle.join(format!("seals/{stem}.{ending}"))).unwrap();
    }
}

fn edit(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{} has no {from}", path.display());
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}
