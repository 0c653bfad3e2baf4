//! What must hold of every reader of foreign bytes, whatever the bytes are: it does not panic, and what it accepts it
//! accepts in one spelling only.
//!
//! The fuzz targets and `tests/foreign_bytes.rs` call the same functions.
#![allow(dead_code, reason = "each fuzz target calls one of them")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use anchorite::format::{
    Binding, DnsConstraint, Environment, HttpUrl, IpConstraint, Log, Manifest, Plan, PolicyId, Roster,
    Rotation, SpiffeId, Statement, UriConstraint, to_json,
};
use anchorite::pki::lint::{FileContext, Pack, lint_file};
use anchorite::pki::{Certificate, CertificationRequest, DistinguishedName, ForeignList, RevocationList};
use anchorite::verify::{Anchors, BundleFiles, Conclusion, bundle_files};

/// `log.jsonl`.
pub(crate) fn record(bytes: &[u8]) {
    if let Ok(log) = Log::parse(bytes) {
        let mut again = Vec::new();
        for record in log.records() {
            again.extend(to_json(record).unwrap());
            again.push(b'\n');
        }
        assert!(bytes.starts_with(&again), "a line has a second spelling");
    }
}

/// Approvals and seals.
pub(crate) fn statement(bytes: &[u8]) {
    if let Ok(statement) = Statement::parse(bytes) {
        assert_eq!(statement.encode(), bytes);
    }
}

/// `roster.toml`.
pub(crate) fn roster(bytes: &[u8]) {
    let _ = Roster::parse(bytes);
}

/// `binding.toml`.
pub(crate) fn binding(bytes: &[u8]) {
    let _ = Binding::parse(bytes);
}

/// `MANIFEST.sha256`.
pub(crate) fn manifest(bytes: &[u8]) {
    if let Ok(manifest) = Manifest::parse(bytes) {
        assert_eq!(manifest.encode(), bytes);
    }
}

/// `plan.json`.
pub(crate) fn plan(bytes: &[u8]) {
    if let Ok(plan) = Plan::parse(bytes) {
        assert_eq!(plan.encode().unwrap(), bytes);
    }
}

/// `ceremony.toml`: every mistake has a place in the file and is shown there.
pub(crate) fn script(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Err(mistakes) = anchorite::script::parse(text) {
        assert!(!mistakes.is_empty());
        let _ = anchorite::script::render(&mistakes, "ceremony.toml", text, false);
    }
}

/// `rotation.toml`.
pub(crate) fn rotation(bytes: &[u8]) {
    let _ = Rotation::parse(bytes);
}

/// A Name in DER.
pub(crate) fn name(bytes: &[u8]) {
    if let Ok(name) = DistinguishedName::from_der(bytes) {
        assert_eq!(name.der(), bytes, "a name has a second spelling");
        assert!(name.to_string().bytes().all(|byte| matches!(byte, b' '..=b'~')), "{name}");
    }
}

/// Texts that extensions are made of: SPIFFE IDs, subtrees, addresses, policies.
pub(crate) fn identifier(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(id) = text.parse::<SpiffeId>() {
        assert_eq!(format!("spiffe://{}{}", id.trust_domain(), id.path()), text);
    }
    if let Ok(range) = text.parse::<IpConstraint>() {
        assert_eq!(IpConstraint::from_octets(&range.octets()), Some(range), "a range has a second spelling");
    }
    let _ = (text.parse::<DnsConstraint>(), text.parse::<UriConstraint>());
    let _ = (text.parse::<HttpUrl>(), text.parse::<PolicyId>());
}

/// Certificates, CRLs and certificate requests, in DER or PEM.
pub(crate) fn x509(bytes: &[u8]) {
    if let Ok(request) = CertificationRequest::from_der(bytes) {
        assert_eq!(request.der(), bytes, "an accepted request has a second spelling");
    }
    let issuer = Certificate::from_file(bytes).ok();
    if let Some(certificate) = &issuer {
        assert_eq!(Certificate::from_der(certificate.der()).as_ref(), Ok(certificate));
        assert_eq!(Certificate::from_pem(certificate.to_pem().as_bytes()).as_ref(), Ok(certificate));
    }
    if let Ok(list) = ForeignList::from_file(bytes) {
        assert_eq!(ForeignList::from_der(list.der()), Ok(list));
    }
    if let Ok(list) = RevocationList::from_file(bytes) {
        assert_eq!(RevocationList::from_der(list.der()), Ok(list));
    }
    if let Ok(request) = CertificationRequest::parse(bytes) {
        assert_eq!(CertificationRequest::parse(request.der()), Ok(request));
    }
    let context = FileContext {
        issuer: issuer.as_ref(),
        profile: None,
        environment: Environment::Production,
        previous_crl: None,
        beside: issuer.as_ref(),
        pack: Pack::PublicTrust,
        at: None,
    };
    if let Ok(judged) = lint_file(bytes, &context) {
        for finding in judged.findings {
            assert!(finding.to_string().bytes().all(|byte| matches!(byte, b' '..=b'~')), "{finding}");
        }
    }
}

/// A whole bundle: the first octet chooses a file of the golden record, the others are put in its place.
pub(crate) fn bundle(bytes: &[u8]) {
    let Some((chosen, content)) = bytes.split_first() else { return };
    let golden = golden();
    let Some(path) = golden.files.keys().nth(usize::from(*chosen) % golden.files.len()) else { return };
    let mut files = golden.files.clone();
    let changed = files.insert(path.clone(), content.to_vec()).as_deref() != Some(content);
    let verdict = bundle_files(&BundleFiles::of(golden.name.clone(), files), &golden.anchors);
    assert_eq!(verdict.conclusion == Conclusion::Pass, !changed, "{path}: {:?}", verdict.conclusion);
}

struct Golden {
    name: String,
    files: BTreeMap<String, Vec<u8>>,
    anchors: Anchors,
}

/// The record of `tests/vectors/record`, which passes.
fn golden() -> &'static Golden {
    static GOLDEN: OnceLock<Golden> = OnceLock::new();
    GOLDEN.get_or_init(|| {
        // The package is the product's or, beside it, the one of the fuzz targets.
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        let vectors = [package.to_owned(), package.join("..")].map(|root| root.join("tests/vectors/record"));
        let vectors = vectors.iter().find(|path| path.exists()).unwrap();
        let name = "0001-genesis";
        let read = BundleFiles::read(&vectors.join("authority").join(name)).unwrap();
        let files = read.iter().map(|(path, bytes)| (path.to_owned(), bytes.to_vec())).collect();
        let head = std::fs::read_to_string(vectors.join("head.txt")).unwrap();
        let anchors = Anchors {
            roster: Some(std::fs::read(vectors.join("roster.toml")).unwrap()),
            head: anchorite::format::Digest::parse(head.trim()),
            ..Anchors::default()
        };
        Golden { name: name.to_owned(), files, anchors }
    })
}
