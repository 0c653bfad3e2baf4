//! Who judges chains: openssl, Python's cryptography, rustls-webpki, Go, Java. GnuTLS's program knows no time but the present,
//! and a rotation is judged at times to come.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use rustls_pki_types::{CertificateDer, UnixTime};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use crate::lab::{Lab, repository};
use crate::panel;
use crate::verifiers::python_path;

pub(crate) const NAMES: [&str; 5] = ["openssl", "cryptography", "webpki", "go", "java"];

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
pub(crate) fn ask(lab: &Lab, cases: &[Case]) -> Vec<[bool; 5]> {
    let docket = docket(lab, cases);
    let (python, go, java) = (cryptography(cases), read(&panel::go(&docket)), read(&panel::java(&docket)));
    assert_eq!((python.len(), go.len(), java.len()), (cases.len(), cases.len(), cases.len()));
    let others = python.into_iter().zip(go.into_iter().zip(java));
    let all = cases.iter().zip(others);
    all.map(|(case, (python, (go, java)))| [openssl(lab, case), python, rustls(case), go, java]).collect()
}

/// Every case as a line of `tests/judges/docket.rs`, without CRLs, and each certificate in a file.
fn docket(lab: &Lab, cases: &[Case]) -> PathBuf {
    fs::create_dir_all(lab.path("docket")).unwrap();
    let mut lines = String::new();
    for (number, case) in cases.iter().enumerate() {
        let keep = |kind: &str, texts: &[String]| {
            let names = texts.iter().enumerate().map(|(place, text)| {
                let name = format!("{number}.{kind}.{place}.pem");
                fs::write(lab.path(&format!("docket/{name}")), text).unwrap();
                name
            });
            names.collect::<Vec<_>>().join(",")
        };
        let leaf = keep("leaf", std::slice::from_ref(&case.leaf));
        let (above, roots) = (keep("above", &case.above), keep("root", &case.roots));
        lines.push_str(&format!("leaf\t{number}\t{}\t{roots}\t{leaf}\t{above}\t\n", case.at));
    }
    let path = lab.path("docket/docket.tsv");
    fs::write(&path, lines).unwrap();
    path
}

/// Verdicts in the order of the cases.
fn read(answers: &str) -> Vec<bool> {
    panel::answers(answers).into_iter().map(|answer| answer.verdict == "accepted").collect()
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
