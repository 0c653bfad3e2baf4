//! What ceremonies issue, and what stands below it.

use std::fs;

use rcgen::KeyPair;
use serde_json::Value;
use x509_parser::prelude::*;

use crate::ceremonies::{committed, keep_sheets_by_epoch, papers};
use crate::docket::{Docket, Expected, Question};
use crate::lab::{EVERYBODY, Lab, TWO_OFFICERS, sha256};
use crate::leaves::{Authority, foreign_root};
use crate::panel::der;
use crate::profiles::{self, PROFILES};

/// Intermediates that a ceremony of this test issues: name, profile, what its step says beside.
const ISSUED: [(&str, &str, &str); 2] =
    [("open", "intermediate", "path-length = 1"), ("closed", "intermediate", "path-length = 0")];

/// May 2026, in seconds: every CRL of this test holds then.
pub(crate) const DAY: i64 = 1_777_600_000;
/// June 2027: the root's CRLs are stale, everything else holds.
const LATER: i64 = 1_811_800_000;

/// Every ceremony of this repository, held.
pub(crate) fn committed_ceremonies(docket: &mut Docket) {
    let lab = Lab::blank();
    for (place, name) in committed(&lab).iter().enumerate() {
        let (binding, people) =
            if place == 0 { ("blank.toml", &EVERYBODY[..]) } else { ("hsm.toml", &TWO_OFFICERS[..]) };
        lab.plan(name).done();
        lab.approve(name, binding, people);
        papers(&lab, name);
        lab.run(name, binding).ends(0, "complete and sealed");
        if place == 0 {
            lab.bind_by_serial();
            keep_sheets_by_epoch(&lab);
        }
    }
    take_in(docket, &lab, "committed");
}

/// What an authority issued becomes objects of the docket, and each certificate below a root the end of a path.
fn take_in(docket: &mut Docket, lab: &Lab, prefix: &str) {
    let mut issued = Vec::new();
    for bundle in lab.bundles() {
        let artifacts = format!("authority/{bundle}/artifacts");
        let plan: Value = serde_json::from_str(&lab.read(&format!("{artifacts}/plan.json"))).unwrap();
        for step in plan["steps"].as_array().unwrap() {
            let (id, action) = (step["id"].as_str().unwrap(), &step["action"]);
            let role = match action["do"].as_str().unwrap() {
                "cross-sign" => "cross",
                _ => action["profile"].as_str().unwrap_or("crl"),
            };
            for kind in ["crt", "crl"] {
                let file = format!("{artifacts}/{id}.{kind}.pem");
                if lab.path(&file).exists() {
                    let name = format!("{prefix}.{bundle}.{id}.pem");
                    docket.keep(&name, &lab.read(&file));
                    issued.push((bundle.clone(), role.to_owned(), name));
                }
            }
        }
    }
    for (bundle, role, file) in &issued {
        let issuer = issuer_of(docket, file, issued.iter().map(|(.., file)| file));
        let question = Question::Object { role: role.clone(), file: file.clone(), issuer: issuer.clone() };
        docket.add(file, role, Expected::Good, question);
        let crl = issued.iter().find(|(other, role, list)| {
            other == bundle
                && role == "crl"
                && issuer_of(docket, list, issued.iter().map(|(.., file)| file)) == issuer
        });
        if let Some((.., crl)) = crl.filter(|_| role != "crl" && issuer != *file) {
            let question = Question::Path {
                to_leaf: false,
                at: this_update(docket, crl) + 86_400,
                anchor: issuer,
                certificate: file.clone(),
                above: Vec::new(),
                crls: vec![crl.clone()],
            };
            docket.add(&format!("path to {file}"), "issuing CA", Expected::Good, question);
        }
    }
}

/// The certificate with the key that the authorityKeyIdentifier names.
fn issuer_of<'a>(docket: &Docket, file: &str, all: impl Iterator<Item = &'a String>) -> String {
    let bytes = der(&docket.path().join(file));
    let identifier = match X509Certificate::from_der(&bytes) {
        Ok((_, certificate)) => authority_key_identifier(certificate.extensions()),
        Err(_) => {
            authority_key_identifier(CertificateRevocationList::from_der(&bytes).unwrap().1.extensions())
        }
    };
    let mut all = all.filter(|name| subject_key_identifier(docket, name).as_ref() == Some(&identifier));
    all.next().unwrap_or_else(|| panic!("no issuer of {file}")).clone()
}

fn authority_key_identifier(extensions: &[X509Extension<'_>]) -> Vec<u8> {
    let found = extensions.iter().find_map(|extension| match extension.parsed_extension() {
        ParsedExtension::AuthorityKeyIdentifier(value) => value.key_identifier.as_ref(),
        _ => None,
    });
    found.expect("an authorityKeyIdentifier").0.to_vec()
}

fn subject_key_identifier(docket: &Docket, file: &str) -> Option<Vec<u8>> {
    let bytes = der(&docket.path().join(file));
    let (_, certificate) = X509Certificate::from_der(&bytes).ok()?;
    certificate.extensions().iter().find_map(|extension| match extension.parsed_extension() {
        ParsedExtension::SubjectKeyIdentifier(value) => Some(value.0.to_vec()),
        _ => None,
    })
}

fn this_update(docket: &Docket, file: &str) -> i64 {
    let bytes = der(&docket.path().join(file));
    CertificateRevocationList::from_der(&bytes).unwrap().1.last_update().timestamp()
}

/// A ceremony of this test.
pub(crate) fn ceremony(name: &str, steps: &str) -> String {
    format!(
        "[ceremony]\ntitle = \"{name}\"\nname = \"{name}\"\nauthority = \"example-lab\"\nenvironment = \"lab\"\n\
         trust-domain = \"lab.example.org\"\npolicy = \"Lab policy 1.0\"\n\
         window = {{ from = 2026-01-01T00:00:00Z, to = 2036-01-01T00:00:00Z }}\n{steps}"
    )
}

/// Intermediates whose keys are at hand, leaves below them, and everything that can be wrong on the way.
pub(crate) fn chains(docket: &mut Docket) {
    let lab = Lab::after_genesis();
    let keys: Vec<KeyPair> = ISSUED.iter().chain(&PROFILES).map(|_| KeyPair::generate().unwrap()).collect();
    let mut steps = String::new();
    for ((name, profile, more), key) in ISSUED.iter().chain(&PROFILES).zip(&keys) {
        steps.push_str(&sign(&lab, name, key, "ledger:root", &format!("profile = \"{profile}\"\n{more}")));
    }
    steps.push_str(&issue_crl("ledger:root", "2026-03-01T00:00:00Z", "2027-02-28T00:00:00Z"));
    lab.write("ceremonies/issuing.toml", &ceremony("issuing", &steps));
    lab.hold("issuing", "hsm.toml", &TWO_OFFICERS).ends(0, "complete and sealed");

    let revocations: String = ISSUED.iter().map(|(name, ..)| revoke(name)).collect();
    let steps =
        format!("{revocations}{}", issue_crl("ledger:root", "2026-04-01T00:00:00Z", "2027-03-31T00:00:00Z"));
    lab.write("ceremonies/revoking.toml", &ceremony("revoking", &steps));
    lab.hold("revoking", "hsm.toml", &TWO_OFFICERS).ends(0, "complete and sealed");

    let newer = KeyPair::generate().unwrap();
    profiles::cross(&lab, &newer);
    take_in(docket, &lab, "chains");
    docket.keep("foreign-root.pem", &foreign_root());
    docket.keep("forged.crl.pem", &authority(docket, ROOT, KeyPair::generate().unwrap()).crl());
    let mut keys = keys.into_iter();
    for ((name, ..), key) in ISSUED.iter().zip(&mut keys) {
        paths(docket, name, key);
    }
    for ((name, ..), key) in PROFILES.iter().zip(keys) {
        profiles::leaf(docket, name, key);
    }
    profiles::across(docket, newer);
    spoilt(docket);
}

/// A request with that key, and the step that signs it.
pub(crate) fn sign(lab: &Lab, name: &str, key: &KeyPair, issuer: &str, more: &str) -> String {
    let mut request = rcgen::CertificateParams::new(Vec::new()).unwrap();
    request.distinguished_name = rcgen::DistinguishedName::new();
    request.distinguished_name.push(rcgen::DnType::OrganizationName, "Example");
    request.distinguished_name.push(rcgen::DnType::CommonName, format!("lab.example.org {name}"));
    let request = request.serialize_request(key).unwrap().pem().unwrap();
    fs::write(lab.path(&format!("ceremonies/inputs/{name}.csr.pem")), &request).unwrap();
    format!(
        "\n[[step]]\nid = \"{name}\"\ndo = \"sign-intermediate\"\nissuer = \"{issuer}\"\n\
         csr = {{ file = \"inputs/{name}.csr.pem\", sha256 = \"{}\" }}\n{more}\n\
         validity = {{ from = 2026-01-01T00:00:00Z, to = 2030-12-31T23:59:59Z }}\n",
        sha256(request.as_bytes()),
    )
}

/// Objects that each of the judges has to find wanting, or else its silence about the others says nothing.
fn spoilt(docket: &mut Docket) {
    let issuer = "chains.0002-issuing.open.pem".to_owned();
    let bare = docket.keep("bare.pem", &authority(docket, &issuer, KeyPair::generate().unwrap()).bare());
    let held = docket.keep("held.crl.pem", &authority(docket, &issuer, KeyPair::generate().unwrap()).hold());
    for (place, role, file, expected) in [
        ("certificate signed by another key", "intermediate", bare.as_str(), Expected::Refused),
        ("CRL signed by another key", "crl", "forged.crl.pem", Expected::Refused),
        ("certificate without keyUsage", "intermediate", bare.as_str(), Expected::Findings),
        ("CRL with certificateHold", "crl", held.as_str(), Expected::Findings),
    ] {
        let issuer = if file == "forged.crl.pem" { ROOT.to_owned() } else { issuer.clone() };
        let question = Question::Object { role: role.to_owned(), file: file.to_owned(), issuer };
        docket.add(place, place, expected, question);
    }
}

/// A CA by its certificate in the docket; the key may be another's.
pub(crate) fn authority(docket: &Docket, certificate: &str, key: KeyPair) -> Authority {
    Authority::of(fs::read_to_string(docket.path().join(certificate)).unwrap(), key)
}

/// The id of the step is that of its issuer's, but for the first root.
pub(crate) fn issue_crl(issuer: &str, from: &str, to: &str) -> String {
    let id = if issuer == "ledger:root" { "crl".to_owned() } else { format!("crl-of-{issuer}") };
    format!(
        "\n[[step]]\nid = \"{id}\"\ndo = \"issue-crl\"\nissuer = \"{issuer}\"\n\
         this-update = {from}\nnext-update = {to}\n"
    )
}

fn revoke(name: &str) -> String {
    format!(
        "\n[[step]]\nid = \"revoke-{name}\"\ndo = \"revoke\"\nissuer = \"ledger:root\"\n\
         certificate = \"ledger:{name}\"\nreason = \"superseded\"\nat = 2026-03-15T00:00:00Z\n"
    )
}

pub(crate) const ROOT: &str = "chains.0001-genesis.root.pem";
pub(crate) const BEFORE: &str = "chains.0002-issuing.crl.pem";
const AFTER: &str = "chains.0003-revoking.crl.pem";

/// Paths through an intermediate, good ones and one for each thing that can be wrong with them.
fn paths(docket: &mut Docket, name: &str, key: KeyPair) {
    let issuer = format!("chains.0002-issuing.{name}.pem");
    let own = authority(docket, &issuer, key);
    let other = authority(docket, &issuer, KeyPair::generate().unwrap());
    let sub = own.below();
    let keep = |kind: &str, text: String| docket.keep(&format!("{name}.{kind}.pem"), &text);
    let leaf = keep("leaf", own.leaf());
    let stolen = keep("stolen", other.leaf());
    let crl = keep("crl", own.crl());
    let sub_certificate = keep("sub", sub.certificate.clone());
    let sub_leaf = keep("sub-leaf", sub.leaf());
    let sub_crl = keep("sub-crl", sub.crl());
    let direct = || (vec![issuer.clone()], vec![crl.clone()]);
    let room = if name == "closed" { Expected::Refused } else { Expected::Good };
    let below = (vec![sub_certificate, issuer.clone()], vec![crl.clone(), sub_crl]);
    for (scenario, expected, at, anchor, root_crl, certificate, (above, mut crls)) in [
        ("a leaf", Expected::Good, DAY, ROOT, BEFORE, &leaf, direct()),
        ("a leaf under another root", Expected::Refused, DAY, "foreign-root.pem", BEFORE, &leaf, direct()),
        ("a leaf signed by another key", Expected::Refused, DAY, ROOT, BEFORE, &stolen, direct()),
        ("the intermediate revoked", Expected::Refused, DAY, ROOT, AFTER, &leaf, direct()),
        ("the root's CRL stale", Expected::Refused, LATER, ROOT, BEFORE, &leaf, direct()),
        ("the root's CRL forged", Expected::Refused, DAY, ROOT, "forged.crl.pem", &leaf, direct()),
        ("a CA below the intermediate", room, DAY, ROOT, BEFORE, &sub_leaf, below),
    ] {
        crls.push(root_crl.to_owned());
        let (anchor, certificate) = (anchor.to_owned(), certificate.clone());
        let question = Question::Path { to_leaf: true, at, anchor, certificate, above, crls };
        let place = match expected {
            Expected::Good if scenario.starts_with("a CA") => "a CA below one with room",
            _ if scenario.starts_with("a CA") => "a CA below one without room",
            _ => scenario,
        };
        docket.add(&format!("{place}, {name}"), place, expected, question);
    }
}
