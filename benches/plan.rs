//! How long planning a ceremony of 1,000 requests takes, and in how much memory, as a ratio to openssl, which verifies the same
//! requests and issues a certificate for each in one process.
//!
//! `cargo bench --bench plan`. It ends with an error when the time grows faster than the number of requests, or past a few
//! times openssl's.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a measurement stops where something is not as it should be, and prints what it found"
)]

#[path = "../tests/support/bundle.rs"]
#[allow(dead_code)]
mod bundle;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anchorite::format::Digest;

use bundle::{HONEST, Workshop};

const CEREMONY: &str = "[ceremony]\ntitle = \"Many intermediates\"\nname = \"many\"\nauthority = \"example\"\n\
    environment = \"lab\"\nwindow = { from = 2026-12-02T09:00:00Z, to = 2026-12-02T17:00:00Z }\n";

const CONFIGURATION: &str = "[ca]\ndefault_ca = here\n[here]\ndatabase = index.txt\nnew_certs_dir = new\nserial = serial\n\
    certificate = root.pem\nprivate_key = root.key\ndefault_md = sha256\ndefault_days = 365\npolicy = any\n\
    unique_subject = no\nx509_extensions = issued\n[any]\norganizationName = optional\ncommonName = supplied\n\
    [issued]\nbasicConstraints = critical, CA:TRUE, pathlen:0\nkeyUsage = critical, keyCertSign, cRLSign\n\
    subjectKeyIdentifier = hash\nauthorityKeyIdentifier = keyid\n";

/// Runs a command to its end; how long it took and the most memory that it had, in bytes.
fn measured(command: &mut Command, directory: &Path) -> (Duration, u64) {
    let began = Instant::now();
    let errors = fs::File::create(directory.join("errors")).unwrap();
    let mut child = command.current_dir(directory).stdout(Stdio::null()).stderr(errors).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let ended = loop {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        peak = peak.max(kilobytes.unwrap_or_default() * 1024);
        if let Some(ended) = child.try_wait().unwrap() {
            break ended;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let told = fs::read_to_string(directory.join("errors")).unwrap();
    assert!(ended.success(), "{command:?}: {told}");
    (began.elapsed(), peak)
}

/// The shortest of three, and its memory.
fn shortest(mut once: impl FnMut() -> (Duration, u64)) -> (Duration, u64) {
    (0..3).map(|_| once()).min().unwrap()
}

/// Requests of different keys and names, in `inputs/`.
fn requests(directory: &Path, count: usize) -> Vec<String> {
    fs::create_dir_all(directory.join("inputs")).unwrap();
    let mut names = Vec::new();
    for number in 0..count {
        let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(rcgen::DnType::OrganizationName, "Example");
        params.distinguished_name.push(rcgen::DnType::CommonName, format!("Example Issuing {number}"));
        let request = params.serialize_request(&rcgen::KeyPair::generate().unwrap()).unwrap();
        let name = format!("inputs/{number}.csr.pem");
        fs::write(directory.join(&name), request.pem().unwrap()).unwrap();
        names.push(name);
    }
    names
}

fn plan(workshop: &Workshop, directory: &Path, requests: &[String]) -> (Duration, u64) {
    let mut ceremony = CEREMONY.to_owned();
    for (number, name) in requests.iter().enumerate() {
        let sha256 = Digest::of(&fs::read(directory.join(name)).unwrap());
        write!(
            ceremony,
            "\n[[step]]\nid = \"issuing-{number}\"\ndo = \"sign-intermediate\"\nissuer = \"ledger:root\"\n\
             csr = {{ file = \"{name}\", sha256 = \"{sha256}\" }}\nprofile = \"intermediate\"\npath-length = 0\n\
             validity = {{ from = 2026-12-02T00:00:00Z, to = 2028-11-30T23:59:59Z }}\n"
        )
        .unwrap();
    }
    fs::write(directory.join("many.toml"), ceremony).unwrap();
    fs::write(directory.join("roster.toml"), &workshop.roster).unwrap();
    shortest(|| {
        let _ = fs::remove_dir_all(directory.join("plan"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_anchorite"));
        command.args(["plan", "many.toml", "--roster", "roster.toml", "--output", "plan", "--authority"]);
        measured(command.arg(workshop.authority()), directory)
    })
}

fn openssl(directory: &Path, requests: &[String]) -> (Duration, u64) {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut root = rcgen::CertificateParams::new(Vec::new()).unwrap();
    root.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    fs::write(directory.join("root.pem"), root.self_signed(&key).unwrap().pem()).unwrap();
    fs::write(directory.join("root.key"), key.serialize_pem()).unwrap();
    fs::write(directory.join("ca.cnf"), CONFIGURATION).unwrap();
    shortest(|| {
        let _ = fs::remove_dir_all(directory.join("new"));
        fs::create_dir(directory.join("new")).unwrap();
        fs::write(directory.join("index.txt"), "").unwrap();
        fs::write(directory.join("serial"), "1122334455667788\n").unwrap();
        let mut command = Command::new("openssl");
        command.args(["ca", "-batch", "-notext", "-config", "ca.cnf", "-infiles"]).args(requests);
        measured(&mut command, directory)
    })
}

fn main() {
    let mut workshop = Workshop::new();
    workshop.genesis(&HONEST);
    let place = tempfile::tempdir().unwrap();
    let directory = place.path();
    let all = requests(directory, 1000);
    let (quarter, _) = plan(&workshop, directory, &all[..250]);
    let (whole, memory) = plan(&workshop, directory, &all);
    let (theirs, their_memory) = openssl(directory, &all);
    let ratio = whole.as_secs_f64() / theirs.as_secs_f64();
    println!(
        "1,000 requests: planned in {whole:?} and {memory} bytes, openssl {theirs:?} and {their_memory} bytes"
    );
    println!(
        "{ratio:.1} times the time, {:.1} times the memory; 1,000 to 250 requests: {:.1}",
        memory as f64 / their_memory as f64,
        whole.as_secs_f64() / quarter.as_secs_f64()
    );
    assert!(whole < quarter * 8, "the time grows faster than the number of requests");
    assert!(ratio < 3.0, "planning takes {ratio:.0} times as long as openssl");
}
