//! How long a CRL of 1,000,000 entries takes from the decisions to the judged file, and in how much memory, as a ratio to
//! `openssl ca -gencrl` and `openssl crl` doing the same work.
//!
//! `cargo bench --bench crl`. It ends with an error when the time grows faster than the list, or either ratio is out of bounds.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement stops where something is not as it should be, and prints what it found"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anchorite::format::{
    CertificateExtensions, CrlEntry, Environment, Instant as Date, Profile, ReasonCode, SerialNumber, Window,
};
use anchorite::pki::lint::{CrlContext, lint_crl, lint_signed};
use anchorite::pki::{
    AttributeKind, Certificate, CertificateTemplate, CrlTemplate, DistinguishedName, PublicKey,
    RevocationList, SignatureAlgorithm, assemble,
};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use p256::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _, LineEnding};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, "work", count, directory] = arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice()
    {
        return work(count.parse().unwrap(), Path::new(directory));
    }
    let quarter = measure(250_000);
    let whole = measure(1_000_000);
    let growth = whole.own.time.as_secs_f64() / quarter.own.time.as_secs_f64();
    println!("time of 1,000,000 to 250,000 entries: {growth:.1}");
    assert!(growth < 6.0, "the time grows faster than the list");
    let time = whole.own.time.as_secs_f64() / whole.openssl.time.as_secs_f64();
    let memory = whole.own.memory as f64 / whole.openssl.memory as f64;
    println!("1,000,000 entries: {time:.2} times openssl's time, {memory:.2} times its memory");
    assert!(time < 2.0, "it takes {time:.2} times as long as openssl");
    assert!(memory < 2.5, "it takes {memory:.2} times the memory of openssl");
}

/// What one side took.
struct Taken {
    time: Duration,
    memory: u64,
}

struct Measured {
    own: Taken,
    openssl: Taken,
}

fn measure(count: u32) -> Measured {
    let directory = tempfile::tempdir().unwrap();
    prepare(directory.path(), count);
    let program = std::env::current_exe().unwrap();
    let own = taken(Command::new(program).arg("work").arg(count.to_string()).arg(directory.path()));
    let in_directory = |arguments: &str| {
        let mut command = Command::new("openssl");
        command.args(arguments.split(' ')).current_dir(directory.path());
        taken(&mut command)
    };
    // The same work: make and sign the list, write it, read it again, verify it.
    let made = in_directory("ca -gencrl -config ca.cnf -crldays 30 -out openssl.crl");
    let judged = in_directory("crl -in openssl.crl -CAfile root.pem -noout");
    let openssl = Taken { time: made.time + judged.time, memory: made.memory.max(judged.memory) };
    println!(
        "{count:8} entries: anchorite {:?}, {} MiB; openssl {:?}, {} MiB",
        own.time,
        own.memory >> 20,
        openssl.time,
        openssl.memory >> 20
    );
    Measured { own, openssl }
}

fn taken(command: &mut Command) -> Taken {
    let began = Instant::now();
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut memory = 0;
    let status = loop {
        memory = peak(&child).unwrap_or(memory).max(memory);
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    assert!(status.success(), "{command:?}");
    Taken { time: began.elapsed(), memory }
}

/// The most memory that a running process had so far, in bytes.
fn peak(child: &Child) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024)
}

fn key() -> SigningKey {
    SigningKey::from_slice(&[77; 32]).unwrap()
}

fn sign(tbs: &[u8]) -> Vec<u8> {
    let signature: Signature = key().sign(tbs);
    assemble(tbs, SignatureAlgorithm::EcdsaSha256, signature.to_der().as_bytes()).unwrap()
}

fn date(text: &str) -> Date {
    Date::parse(text).unwrap()
}

fn root() -> Certificate {
    let name =
        DistinguishedName::from_attributes(&[(AttributeKind::CN, "Example Root G1".to_owned())]).unwrap();
    let key = PublicKey::from_spki(key().verifying_key().to_public_key_der().unwrap().as_bytes()).unwrap();
    let tbs = CertificateTemplate {
        serial: &SerialNumber::from_random([0; 16]),
        issuer: &name,
        validity: Window { from: date("2026-01-01T00:00:00Z"), to: date("2046-01-01T00:00:00Z") },
        subject: &name,
        public_key: &key,
        profile: Profile::Root,
        extensions: &CertificateExtensions::default(),
        authority_key_identifier: key.key_identifier(),
        signature_algorithm: SignatureAlgorithm::EcdsaSha256,
    };
    Certificate::from_der(&sign(&tbs.to_tbs().unwrap())).unwrap()
}

/// Numbers that look drawn, in no order.
fn serial(number: u32) -> SerialNumber {
    let mut octets = [0; 16];
    for (place, octet) in octets.iter_mut().enumerate() {
        let mixed =
            u64::from(number).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15 ^ ((place as u64) << 40));
        *octet = (mixed >> 33) as u8;
    }
    let [a, b, c, d] = number.reverse_bits().to_be_bytes();
    (octets[0], octets[1], octets[2], octets[3]) = (a, b, c, d);
    SerialNumber::from_random(octets)
}

/// What openssl reads: its key, its certificate, its database of revoked certificates.
fn prepare(directory: &Path, count: u32) {
    let root = root();
    fs::write(directory.join("root.pem"), root.to_pem()).unwrap();
    fs::write(directory.join("key.pem"), key().to_pkcs8_pem(LineEnding::LF).unwrap().as_bytes()).unwrap();
    let mut index = String::new();
    for number in 0..count {
        let serial = serial(number).to_string().to_uppercase();
        writeln!(index, "R\t460101000000Z\t270101000000Z,keyCompromise\t{serial}\tunknown\t/CN={number}")
            .unwrap();
    }
    fs::write(directory.join("index.txt"), index).unwrap();
    fs::write(directory.join("crlnumber"), "07\n").unwrap();
    let settings = "[ca]\ndefault_ca=it\n[it]\ndatabase=index.txt\ncrlnumber=crlnumber\ncertificate=root.pem\n\
                    private_key=key.pem\ndefault_md=sha256\ncrl_extensions=crl_ext\nunique_subject=no\n\
                    [crl_ext]\nauthorityKeyIdentifier=keyid:always\n";
    fs::write(directory.join("ca.cnf"), settings).unwrap();
}

/// What a ceremony does with a list: build, judge, sign, write, read again, judge again.
fn work(count: u32, directory: &Path) {
    let root = Certificate::from_pem(&fs::read(directory.join("root.pem")).unwrap()).unwrap();
    let at = date("2027-01-01T00:00:00Z");
    let reason = ReasonCode::KeyCompromise;
    let entries: Vec<CrlEntry> =
        (0..count).map(|number| CrlEntry { serial: serial(number), at, reason }).collect();
    let tbs = CrlTemplate {
        issuer: root.subject(),
        authority_key_identifier: root.subject_key_identifier().unwrap(),
        number: 7,
        this_update: date("2027-02-01T00:00:00Z"),
        next_update: date("2027-03-03T00:00:00Z"),
        issuing_distribution_point: &[],
        entries: &entries,
        signature_algorithm: SignatureAlgorithm::EcdsaSha256,
    }
    .to_tbs()
    .unwrap();
    let context =
        CrlContext { issuer: &root, environment: Environment::Production, previous_number: Some(6) };
    assert_eq!(lint_crl(&tbs, &context), []);
    let der = sign(&tbs);
    let findings = lint_signed(anchorite::format::ArtifactKind::Crl, &der, &tbs, root.public_key());
    assert_eq!(findings, []);
    let list = RevocationList::from_der(&der).unwrap();
    assert_eq!(list.entries().len(), entries.len());
    let path = directory.join("anchorite.crl");
    fs::write(&path, list.to_pem()).unwrap();
    let again = RevocationList::from_pem(&fs::read(&path).unwrap()).unwrap();
    again.verify_signature(root.public_key()).unwrap();
    assert_eq!(again.der(), list.der());
}
