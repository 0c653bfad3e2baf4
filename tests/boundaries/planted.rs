//! Every rule is seen to fail: offences are planted and have to be found, by name.

use std::collections::{BTreeMap, BTreeSet};

use super::rules::{cycle, offences, stale};
use super::source::Source;
use super::table::{CRATES, FACILITIES, ROOMS};

/// File, text, what the checker has to say; each in a spelling that a search for words would miss or mistake.
const OFFENCES: &[(&str, &str, &str)] = &[
    ("pki/planted.rs", "use crate::{format, host};", "`pki` may not use `host`"),
    ("pki/planted.rs", "use crate::{format::{Name, Digest}, token::{Token}};", "`pki` may not use `token`"),
    ("pki/planted.rs", "fn f() { super::super::host::now(); }", "`pki` may not use `host`"),
    ("pki/mod.rs", "fn f() { super::host::now(); }", "`pki` may not use `host`"),
    ("pki/mod.rs", "mod inner { fn f() { super::super::host::now(); } }", "`pki` may not use `host`"),
    ("artifact.rs", "fn f() { super::host::now(); }", "`artifact` may not use `host`"),
    ("pki/planted.rs", "fn f() -> Vec<crate::shares::Sheet> {}", "`pki` may not use `shares`"),
    (
        "pki/planted.rs",
        "#[cfg(feature = \"ceremony\")]\nuse crate::token;",
        "planted.rs:2: `pki` may not use `token`",
    ),
    ("verify/planted.rs", "use crate as all;", "`verify` may not use `the root`"),
    ("verify/planted.rs", "use crate::*;", "`verify` may not use `*`"),
    ("verify/planted.rs", "use anchorite::execute::run;", "`verify` may not use `execute`"),
    ("main.rs", "fn f() { anchorite::token::Token::open(); }", "`main` may not use `token`"),
    ("cellar/mod.rs", "", "room `cellar` is not in the table"),
    ("execute/mod.rs", "pub use crate::shares::Sheet;", "`crate::shares::Sheet` is handed on"),
    ("execute/mod.rs", "pub(crate) use crate::shares::Sheet;", "`crate::shares::Sheet` is handed on"),
    ("token/mod.rs", "pub use cryptoki::session::Session;", "`cryptoki::session::Session` is handed on"),
    ("plan/planted.rs", "use std::fs::*;", "`std::fs::*` hides what is used"),
    (
        "plan/planted.rs",
        "use std as system; fn f() { system::fs::write(); }",
        "may not write, rename or remove files",
    ),
    (
        "plan/planted.rs",
        "use std::{io, fs as disk}; fn f() { disk::remove_file(); }",
        "may not write, rename",
    ),
    (
        "verify/directory.rs",
        "use std::fs::File; fn f() { File::create(); }",
        "may not write, rename or remove",
    ),
    ("plan/planted.rs", "fn f() { ::std::fs::read(); }", "may not see files at all"),
    ("shares/planted.rs", "fn f() { std::io::stdout(); }", "may not see the terminal"),
    ("format/planted.rs", "fn f() { println!(); }", "may not see the terminal"),
    ("roster/planted.rs", "use std::time; fn f() { time::SystemTime::now(); }", "may not ask a clock"),
    ("roster/planted.rs", "use std::time::Instant; fn f() { Instant::now(); }", "may not ask a clock"),
    ("shares/planted.rs", "use getrandom as chance;", "may not ask the operating system for chance"),
    ("token/session.rs", "fn f() { unsafe { g() } }", "may not use unsafe code"),
    ("token/session.rs", "#![allow(unsafe_code)]", "may not use unsafe code"),
    (
        "execute/issue.rs",
        "fn f() { token\n.sign_digest(); }",
        "issue.rs:2: `sign_digest`: this place may not have a token",
    ),
    (
        "execute/issue.rs",
        "use crate::token::Token; fn f() { let g = Token::sign_digest; }",
        "may not have a token sign",
    ),
    ("token/key.rs", "fn f() { list.C_SignInit; }", "may not call PKCS#11's signing functions"),
    ("execute/signer.rs", "fn f() { token.sign_for_owner(); }", "may not have an officer's card sign"),
    ("execute/unlock.rs", "fn f() { pin.expose_pin(); }", "may not read a PIN"),
    ("cli/terminal.rs", "fn f() { words.expose_words(); }", "may not read the words of a share"),
    ("execute/provision.rs", "fn f() { secret.expose_secret(); }", "may not read a quorum secret"),
    ("execute/provision.rs", "fn f() { text.expose_passphrase(); }", "may not read a passphrase"),
    (
        "execute/planted.rs",
        "fn f() { crate::roster::ApprovedTbs::of(); }",
        "`ApprovedTbs` is made in `roster` only",
    ),
    (
        "execute/planted.rs",
        "use crate::roster::ApprovedTbs as Tbs; fn f() { Tbs::of(); }",
        "`ApprovedTbs` is made in `roster` only",
    ),
    (
        "roster/planted.rs",
        "#[derive(Clone, Debug)] pub struct ApprovedTbs { a: u8 }",
        "a proof and may not be Clone",
    ),
    ("roster/planted.rs", "impl<'de> Deserialize<'de> for Approved {}", "a proof and may not be Deserialize"),
    ("roster/planted.rs", "pub struct Authorised { pub(crate) a: u8 }", "`Authorised` has a public field"),
    ("secret.rs", "#[derive(Debug)]\npub struct Pin(Vec<u8>);", "`Pin` is a secret and may not be Debug"),
    (
        "shares/planted.rs",
        "impl fmt::Display for QuorumSecret {}",
        "`QuorumSecret` is a secret and may not be Display",
    ),
    ("secret.rs", "pub struct ShareWords(pub String);", "`ShareWords` has a public field"),
    ("token/util.rs", "", "the name says nothing"),
    ("token/helpers/mod.rs", "", "the name says nothing"),
];

#[test]
fn each_planted_offence_is_found() {
    for (path, text, expected) in OFFENCES {
        let found = offences(&[Source::new(path, text)]);
        assert!(
            found.iter().any(|offence| offence.contains(expected)),
            "{path}: {text}: expected `{expected}`, found {found:#?}"
        );
    }
}

#[test]
fn every_use_that_the_table_does_not_allow_is_found() {
    for (room, allowed) in ROOMS {
        for (other, _) in ROOMS.iter().filter(|(other, _)| other != room && !allowed.contains(other)) {
            let source = Source::new(&format!("{room}/planted.rs"), &format!("use crate::{other}::Planted;"));
            let found = offences(&[source]);
            assert_eq!(found.len(), 1, "{room} uses {other}: {found:?}");
        }
    }
    for facility in CRATES.iter().chain(FACILITIES) {
        for name in facility.paths.iter().map(|path| format!("use {path};")) {
            assert_found(facility.what, &name);
        }
        for name in facility.words {
            assert_found(facility.what, &format!("fn f() {{ x.{name}(); }}"));
        }
    }
}

/// The room that is named in no row may do nothing.
fn assert_found(what: &str, text: &str) {
    let found = offences(&[Source::new("ledger/planted.rs", text)]);
    let expected = format!("this place may not {what}");
    assert!(found.iter().any(|offence| offence.ends_with(&expected)), "{text}: {found:?}");
}

#[test]
fn what_is_no_offence_is_left_alone() {
    for (path, text) in [
        ("pki/planted.rs", "// use crate::token;\n/* unsafe /* println!() */ crate::token */ fn f() {}"),
        (
            "pki/planted.rs",
            r###"const A: &str = "unsafe \" crate::token"; const B: &str = r#"" unsafe "#;"###,
        ),
        (
            "pki/planted.rs",
            "const A: char = '\"'; const B: char = '\\''; fn f<'a>(x: &'a str) {} // ' unsafe",
        ),
        ("pki/planted.rs", "#[cfg(test)]\nmod tests { use crate::token; fn f() { unsafe {} } }"),
        ("pki/planted.rs", "#[cfg(test)]\n#[path = \"x.rs\"]\nmod tests;\npub(crate) fn f() {}"),
        ("pki/mod.rs", "mod host; pub use host::Planted; fn f() { host::g(); self::host::g(); }"),
        ("roster/mod.rs", "mod signature;\npub use signature::Signed;"),
        ("pki/name/mod.rs", "use super::key::PublicKey; fn f() -> impl Iterator + use<'_> {}"),
        ("execute/planted.rs", "use crate::{artifact::{self, Error}, format};"),
    ] {
        assert_eq!(offences(&[Source::new(path, text)]), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn a_long_file_is_found_and_its_tests_are_not_counted() {
    let product = "fn f() {}\n".repeat(350);
    let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "fn f() {}\n".repeat(350));
    assert!(offences(&[Source::new("pki/planted.rs", &format!("{product}{tests}"))]).is_empty());
    let found = offences(&[Source::new("pki/planted.rs", &format!("{product}fn g() {{}}\n"))]);
    assert_eq!(found, ["pki/planted.rs: 351 lines, more than 350: split by meaning"]);
}

#[test]
fn an_entry_of_the_table_that_nothing_needs_is_found() {
    let found = stale(&[Source::new("pki/planted.rs", "use der::Encode;")]);
    for expected in [
        "there is no room `verify`",
        "`pki` does not use `format`",
        "`token/` does not use the crate [\"cryptoki\"]",
        "`token/raw.rs` does not use unsafe code []",
    ] {
        assert!(found.iter().any(|entry| entry == expected), "{expected}: {found:#?}");
    }
    assert!(!found.iter().any(|entry| entry.contains("[\"der\"]")));
}

#[test]
fn rooms_in_a_circle_are_found_however_long_it_is() {
    let graph = |edges: &[(&str, &[&str])]| -> BTreeMap<String, BTreeSet<String>> {
        let used = |rooms: &[&str]| rooms.iter().map(|room| (*room).to_owned()).collect();
        edges.iter().map(|(room, rooms)| ((*room).to_owned(), used(rooms))).collect()
    };
    let line = graph(&[("a", &["b", "c"]), ("b", &["c"]), ("c", &[])]);
    assert!(cycle(&line).is_empty());
    let circle = graph(&[("a", &["b"]), ("b", &["c"]), ("c", &["b"]), ("d", &[])]);
    assert_eq!(cycle(&circle), ["a", "b", "c"]);
}
