//! The judges at work, each in its own process.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use crate::docket::{Answer, Docket, Question};
use crate::packages::package;
use crate::webpki_judge;

/// What everybody says.
pub(crate) fn ask(docket: &Docket) -> Vec<Answer> {
    let lines = docket.write();
    thread::scope(|scope| {
        let benches = [
            scope.spawn(|| answers(&python(&lines))),
            scope.spawn(|| answers(&go(&lines))),
            scope.spawn(|| answers(&java(&lines))),
            scope.spawn(|| one_by_one("openssl", docket, openssl)),
            scope.spawn(|| one_by_one("gnutls", docket, gnutls)),
            scope.spawn(|| webpki_judge::judge(docket)),
        ];
        benches.into_iter().flat_map(|bench| bench.join().unwrap()).collect()
    })
}

fn here(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judges").join(name)
}

fn python(docket: &Path) -> String {
    let packages = package("judges-pkilint-0.13.3", "tests/judges/requirements.txt", &["--no-deps"]);
    let mut command = Command::new("python3");
    output(
        command.arg(here("judge.py")).env("PYTHONPATH", packages).env("PYTHONDONTWRITEBYTECODE", "1"),
        docket,
    )
}

pub(crate) fn java(docket: &Path) -> String {
    let mut command = Command::new("java");
    output(command.args(["-XX:TieredStopAtLevel=1", "-Xshare:auto"]).arg(here("Judge.java")), docket)
}

/// Built once; cargo's folder keeps the program.
pub(crate) fn go(docket: &Path) -> String {
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("judges-go");
    let mut build = Command::new("go");
    build.args(["build", "-mod=readonly", "-o"]).arg(&program).arg(".").current_dir(here("go"));
    let built = build.output().unwrap_or_else(|error| panic!("go: {error}: install Go 1.25 or later"));
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    output(&mut Command::new(program), docket)
}

/// What a judge prints who takes the docket as its argument, in the docket's directory.
fn output(command: &mut Command, docket: &Path) -> String {
    let program = format!("{:?}", command.get_program());
    let output = command.arg(docket).current_dir(docket.parent().unwrap()).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}: scripts/test installs it"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

pub(crate) fn answers(text: &str) -> Vec<Answer> {
    let lines = text.lines().map(|line| {
        let fields: Vec<&str> = line.split('\t').collect();
        let [judge, item, verdict, text] = fields[..] else { panic!("not an answer: {line}") };
        Answer {
            judge: judge.to_owned(),
            item: item.to_owned(),
            verdict: verdict.to_owned(),
            text: text.to_owned(),
        }
    });
    lines.collect()
}

/// Asks a command line tool about each item.
fn one_by_one(judge: &str, docket: &Docket, arguments: fn(&Docket, &Question) -> Command) -> Vec<Answer> {
    let verdicts = docket.items.iter().map(|item| {
        let mut command = arguments(docket, &item.question);
        let output = command.current_dir(docket.path()).env("OPENSSL_CONF", "/dev/null").output();
        let output = output.unwrap_or_else(|error| panic!("{judge}: {error}: scripts/test installs it"));
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        let verdict = if output.status.success() { "accepted" } else { "refused" };
        Answer { judge: judge.to_owned(), item: item.name.clone(), verdict: verdict.to_owned(), text }
    });
    verdicts.collect()
}

fn openssl(docket: &Docket, question: &Question) -> Command {
    let mut command = Command::new("openssl");
    match question {
        Question::Object { role, file, issuer } if role == "crl" => {
            // `crl -CAfile` prints what it found and succeeds all the same, so the exit code has to be made.
            let script = "openssl crl -in \"$0\" -CAfile \"$1\" -noout 2>&1 | grep '^verify OK'";
            command = Command::new("sh");
            command.args(["-c", script, file, issuer]);
        }
        Question::Object { file, issuer, .. } => {
            command.args(["verify", "-x509_strict", "-check_ss_sig", "-partial_chain", "-no_check_time"]);
            command.args(["-trusted", issuer, file]);
        }
        Question::Path { at, anchor, certificate, above, crls, .. } => {
            command.args(["verify", "-x509_strict", "-check_ss_sig", "-CAfile", anchor]);
            command.args(["-crl_check_all", "-extended_crl", "-attime", &at.to_string()]);
            for crl in crls {
                command.args(["-CRLfile", crl]);
            }
            if !above.is_empty() {
                command.args(["-untrusted", &together("openssl", docket, above)]);
            }
            command.arg(certificate);
        }
    }
    command
}

fn gnutls(docket: &Docket, question: &Question) -> Command {
    let mut command = Command::new("certtool");
    match question {
        Question::Object { role, file, issuer } if role == "crl" => {
            command.args(["--verify-crl", "--load-ca-certificate", issuer, "--infile", file]);
        }
        Question::Object { file, issuer, .. } => {
            command.args(["--verify", "--load-ca-certificate", issuer, "--infile", file]);
        }
        Question::Path { anchor, certificate, above, crls, .. } => {
            let chain: Vec<String> = [certificate.clone()].into_iter().chain(above.iter().cloned()).collect();
            command.args([
                "--verify",
                "--load-ca-certificate",
                anchor,
                "--infile",
                &together("gnutls", docket, &chain),
            ]);
            command.args(["--load-crl", &together("gnutls", docket, crls)]);
        }
    }
    command
}

/// A file with all of them in it, of one judge alone: they work at the same time.
fn together(judge: &str, docket: &Docket, names: &[String]) -> String {
    let name = format!("{}.{judge}", names.join("+"));
    let text: String =
        names.iter().map(|name| fs::read_to_string(docket.path().join(name)).unwrap()).collect();
    fs::write(docket.path().join(&name), text).unwrap();
    name
}

/// The one block of a PEM file.
pub(crate) fn der(path: &Path) -> Vec<u8> {
    let text = fs::read(path).unwrap();
    let (_, pem) = x509_parser::pem::parse_x509_pem(&text).unwrap();
    pem.contents
}
