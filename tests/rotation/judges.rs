//! Who judges chains: openssl, Python's cryptography, rustls-webpki.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use rustls_pki_types::{CertificateDer, UnixTime};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use crate::lab::{Lab, repository};
use crate::verifiers::python_path;

pub(crate) const NAMES: [&str; 3] = ["openssl", "cryptography", "webpki"];

/// A leaf, what is shown with it, and what is trusted.
pub(crate) struct Case {
    pub(crate) name: String,
    /// Seconds since 1970.
    pub(crate) at: i64,
    pub(crate) leaf: String,
    pub(crate) above: Vec<String>,
    pub(crate) roots: Vec<String>,
    pub(crate) expected: bool,
}

/// Whether each judge accepts, in the order of [`NAMES`].
pub(crate) fn ask(lab: &Lab, cases: &[Case]) -> Vec<[bool; 3]> {
    let python = cryptography(cases);
    cases.iter().zip(python).map(|(case, python)| [openssl(lab, case), python, rustls(case)]).collect()
}

fn openssl(lab: &Lab, case: &Case) -> bool {
    for (name, text) in
        [("leaf", &case.leaf), ("above", &case.above.concat()), ("roots", &case.roots.concat())]
    {
        fs::write(lab.path(&format!("judged.{name}.pem")), text).unwrap();
    }
    let at = case.at.to_string();
    let arguments = [
        "verify",
        "-x509_strict",
        "-check_ss_sig",
        "-attime",
        &at,
        "-CAfile",
        "judged.roots.pem",
        "-untrusted",
        "judged.above.pem",
        "judged.leaf.pem",
    ];
    lab.tool("openssl", "openssl", &arguments).code == 0
}

const PROGRAM: &str = "
import datetime, json, sys
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store
read = lambda texts: [x509.load_pem_x509_certificate(text.encode()) for text in texts]
for at, leaf, above, roots in json.load(sys.stdin):
    time = datetime.datetime.fromtimestamp(at, datetime.timezone.utc).replace(tzinfo=None)
    try:
        PolicyBuilder().store(Store(read(roots))).time(time).build_client_verifier().verify(read([leaf])[0], read(above))
        print(1)
    except Exception:
        print(0)
";

fn cryptography(cases: &[Case]) -> Vec<bool> {
    let cases: Vec<_> = cases.iter().map(|case| (case.at, &case.leaf, &case.above, &case.roots)).collect();
    let mut child = Command::new("python3")
        .args(["-B", "-c", PROGRAM])
        .env("PYTHONPATH", python_path(&repository("scripts")))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&serde_json::to_vec(&cases).unwrap()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().lines().map(|line| line == "1").collect()
}

fn rustls(case: &Case) -> bool {
    let der = |text: &String| {
        let (_, pem) = x509_parser::pem::parse_x509_pem(text.as_bytes()).unwrap();
        CertificateDer::from(pem.contents)
    };
    let (leaf, above): (_, Vec<_>) = (der(&case.leaf), case.above.iter().map(der).collect());
    let roots: Vec<_> = case.roots.iter().map(der).collect();
    let anchors: Vec<_> = roots.iter().map(|root| anchor_from_trusted_cert(root).unwrap()).collect();
    let time = UnixTime::since_unix_epoch(Duration::from_secs(case.at.try_into().unwrap()));
    let usage = KeyUsage::client_auth();
    let leaf = EndEntityCert::try_from(&leaf).unwrap();
    leaf.verify_for_usage(webpki::ALL_VERIFICATION_ALGS, &anchors, &above, time, usage, None, None).is_ok()
}
