//! What the two builds are made of, as cargo resolves them, and what is said of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::table::CRATES;

/// Crates that only a ceremony needs.
const CEREMONY: &[&str] = &["argon2", "chacha20poly1305", "cryptoki", "cryptoki-sys", "hkdf", "vsss-rs"];

/// Crates with which a program reaches a network.
const NETWORK: &[&str] = &[
    "async-std",
    "curl",
    "curl-sys",
    "h2",
    "hickory-resolver",
    "hyper",
    "isahc",
    "libssh2-sys",
    "minreq",
    "mio",
    "native-tls",
    "openssl",
    "openssl-sys",
    "quinn",
    "reqwest",
    "rustls",
    "smol",
    "socket2",
    "surf",
    "tiny_http",
    "tokio",
    "tungstenite",
    "ureq",
];

/// Licences that a program under Apache-2.0 OR MIT may be built from; of an OR one is enough.
const LICENCES: &[&str] = &["Apache-2.0", "BSD-3-Clause", "ISC", "MIT", "Unicode-3.0"];

/// One line for each crate: name, version, licence, separated by spaces and a bar.
fn tree(arguments: &[&str]) -> Vec<(String, String, String)> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--prefix", "none", "--no-dedupe", "--format", "{p}|{l}"])
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().map(|line| {
        let (package, licence) = line.split_once('|').unwrap();
        let mut parts = package.split(' ');
        let name = parts.next().unwrap().to_owned();
        let version = parts.next().unwrap().trim_start_matches('v').to_owned();
        (name, version, licence.to_owned())
    });
    lines.collect()
}

fn found<'a>(tree: &[(String, String, String)], names: &[&'a str]) -> Vec<&'a str> {
    let is_there = |name: &&&str| tree.iter().any(|(found, ..)| found == **name);
    names.iter().filter(is_there).copied().collect()
}

#[test]
fn the_auditors_build_has_nothing_that_runs_a_ceremony() {
    let whole = tree(&["--edges", "normal,build"]);
    let auditors = tree(&["--edges", "normal,build", "--no-default-features"]);
    assert_eq!(found(&whole, CEREMONY), CEREMONY, "the search finds them where they are");
    assert_eq!(found(&auditors, CEREMONY), Vec::<&str>::new());
}

#[test]
fn nothing_in_the_product_reaches_a_network() {
    let product = tree(&["--edges", "normal,build"]);
    assert_eq!(found(&product, NETWORK), Vec::<&str>::new());
    let planted = [("hyper".to_owned(), "1.0.0".to_owned(), "MIT".to_owned())];
    assert_eq!(found(&planted, NETWORK), ["hyper"]);
}

#[test]
fn every_licence_in_the_product_is_one_that_fits() {
    assert!(fits("MIT/Apache-2.0") && fits("(MIT OR GPL-3.0) AND Unicode-3.0") && fits("Unlicense OR MIT"));
    assert!(!fits("GPL-3.0") && !fits("MIT AND GPL-3.0") && !fits(""));
    let misfits = tree(&["--edges", "normal,build"]).into_iter().filter(|(.., licence)| !fits(licence));
    assert_eq!(misfits.collect::<Vec<_>>(), Vec::new());
}

/// Whether an SPDX expression of ANDs over ORs, with no deeper nesting, can be met.
fn fits(expression: &str) -> bool {
    expression.split(" AND ").all(|every| {
        let any = every.trim_matches(['(', ')']).replace('/', " OR ");
        any.split(" OR ").any(|licence| LICENCES.contains(&licence))
    })
}

/// Names and versions in one section of `Cargo.toml`, which has one dependency a line.
fn section(name: &str) -> BTreeMap<String, String> {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    let (_, section) = manifest.split_once(&format!("\n[{name}]\n")).unwrap();
    let lines = section.lines().take_while(|line| !line.starts_with('['));
    let entries = lines.filter_map(|line| line.split_once(" = "));
    entries
        .map(|(name, value)| {
            let renamed = value.split_once("package = \"").map(|(_, rest)| rest.split('"').next().unwrap());
            let version = value.split_once("version = ").map_or(value, |(_, rest)| rest);
            let version = version.split('"').nth(1).unwrap().trim_start_matches('=');
            (renamed.unwrap_or(name).to_owned(), version.to_owned())
        })
        .collect()
}

#[test]
fn every_dependency_has_its_rooms_in_the_table() {
    let declared: Vec<String> =
        section("dependencies").into_keys().map(|name| name.replace('-', "_")).collect();
    let mut in_table: Vec<&str> = CRATES.iter().flat_map(|facility| facility.paths.iter().copied()).collect();
    in_table.sort_unstable();
    assert_eq!(declared, in_table);
}

#[test]
fn the_documentation_names_every_direct_dependency_once_and_truthfully() {
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/dependencies.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    let mut documented = BTreeMap::new();
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [name, version, rooms, _, licence] = cells.as_slice() else {
            panic!("a row has five cells: {row}");
        };
        let facts = ((*version).to_owned(), (*rooms).to_owned(), (*licence).to_owned());
        let twice = documented.insert(name.trim_matches('`').to_owned(), facts);
        assert!(twice.is_none(), "{name} is named twice");
    }
    let licences: BTreeMap<String, String> = tree(&["--edges", "normal,dev", "--depth", "1"])
        .into_iter()
        .map(|(name, _, licence)| (name, licence))
        .collect();
    let mut expected = BTreeMap::new();
    for (name, version) in section("dependencies") {
        let in_code = name.replace('-', "_");
        let facility = CRATES.iter().find(|facility| facility.paths == [in_code.as_str()]).unwrap();
        let rooms = facility.places.iter().map(|place| place.trim_end_matches('/').trim_end_matches(".rs"));
        expected.insert(name, (version, rooms.collect::<Vec<_>>().join(", ")));
    }
    for (name, version) in section("dev-dependencies") {
        expected.insert(name, (version, "tests".to_owned()));
    }
    let expected: BTreeMap<String, (String, String, String)> = expected
        .into_iter()
        .map(|(name, (version, rooms))| {
            let licence = licences.get(&name).unwrap().clone();
            (name, (version, rooms, licence))
        })
        .collect();
    assert_eq!(documented, expected);
}
