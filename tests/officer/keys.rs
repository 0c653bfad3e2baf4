use std::os::unix::fs::symlink;

use anchorite::format::Digest;
use anchorite::officer::{KeyError, OfficerKey};
use anchorite::secret::Passphrase;

use super::set_up::{Lab, PASSPHRASE, PEOPLE, mode, text};

#[test]
fn openssl_reads_a_new_key_with_its_passphrase_and_only_with_it() {
    let lab = Lab::new();
    lab.write("wrong", b"correct horse battery stable", 0o600);
    assert_eq!(mode(&lab.path("officer-a.pem")), 0o600);
    let public_key = |passphrase: &str| {
        let passphrase = format!("file:{passphrase}");
        lab.openssl(&["pkey", "-in", "officer-a.pem", "-passin", &passphrase, "-pubout", "-outform", "DER"])
    };
    let read = public_key("passphrase");
    assert!(read.status.success(), "{}", text(&read.stderr));
    let roster = lab.roster();
    assert_eq!(roster.people[0].public_key.0, read.stdout);
    assert!(!public_key("wrong").status.success());

    let structure = text(&lab.openssl(&["asn1parse", "-in", "officer-a.pem"]).stdout);
    for part in ["PBES2", "scrypt", ":4000", ":08", ":05", "aes-256-cbc"] {
        assert!(structure.contains(part), "{part} is missing in\n{structure}");
    }
}

#[test]
fn the_printed_entry_is_a_roster_entry_and_the_fingerprint_is_the_keys() {
    let lab = Lab::new();
    let roster = lab.roster();
    for ((name, role), person) in PEOPLE.iter().zip(&roster.people) {
        assert_eq!(person.name.as_str(), *name);
        assert_eq!(person.roles, [role.parse().unwrap()]);
        assert_eq!(person.shares.len(), usize::from(*role == "officer"));
    }
    let made = lab.anchorite(&[
        "officer",
        "new",
        "officer-c",
        "--role",
        "officer",
        "--role",
        "administrator",
        "-o",
        "c.pem",
        "--passphrase-file",
        "passphrase",
    ]);
    let der =
        lab.openssl(&["pkey", "-in", "c.pem", "-passin", "file:passphrase", "-pubout", "-outform", "DER"]);
    let grouped: String = text(&made.stderr).split_whitespace().collect();
    assert!(grouped.contains(&Digest::of(&der.stdout).to_string()));
    assert!(text(&made.stdout).contains("roles = [\"officer\", \"administrator\"]"));
}

#[test]
fn no_wrong_passphrase_looks_like_a_damaged_file() {
    let lab = Lab::empty();
    // One iteration, so that thousands of guesses are quick; one in 256 decrypts to noise with valid padding.
    let arguments = "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out plain.pem";
    assert!(lab.openssl(&arguments.split(' ').collect::<Vec<_>>()).status.success());
    let arguments =
        "pkcs8 -topk8 -in plain.pem -v2 aes-256-cbc -iter 1 -passout file:passphrase -out key.pem";
    assert!(lab.openssl(&arguments.split(' ').collect::<Vec<_>>()).status.success());
    let pem = lab.read("key.pem");
    let unlock = |text: &str| OfficerKey::unlock(&pem, &Passphrase::new(text.to_owned().into())).err();
    assert_eq!(unlock(PASSPHRASE), None);
    for guess in 0..3000 {
        assert_eq!(unlock(&format!("guess {guess}")), Some(KeyError::WrongPassphrase));
    }
}

#[test]
fn an_unencrypted_key_is_refused() {
    let lab = Lab::new();
    lab.write_statement("s.txt", "officer-a");
    lab.openssl(&["pkey", "-in", "officer-a.pem", "-passin", "file:passphrase", "-out", "plain.pem"]);
    let refused = lab.sign("s.txt", "plain.pem", "passphrase");
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("holds `PRIVATE KEY`"));
}

#[test]
fn a_passphrase_file_that_others_may_read_or_that_is_no_plain_line_is_refused() {
    let lab = Lab::empty();
    lab.write("group", PASSPHRASE.as_bytes(), 0o640);
    lab.write("world", PASSPHRASE.as_bytes(), 0o604);
    lab.write("empty", b"\n", 0o600);
    lab.write("lines", b"first line of two\nsecond\n", 0o600);
    lab.write("long", &[b'x'; 1024], 0o600);
    lab.write("binary", &[0xff; 20], 0o600);
    lab.write("short", b"eleven char", 0o600);
    std::fs::create_dir(lab.path("directory")).unwrap();
    let fifo = std::process::Command::new("mkfifo").arg("-m600").arg(lab.path("fifo")).status().unwrap();
    assert!(fifo.success());
    for (file, code, expected) in [
        ("group", 1, "mode 0640"),
        ("world", 1, "mode 0604"),
        ("empty", 2, "is empty"),
        ("lines", 2, "no second line"),
        ("long", 2, "longer than 1023 bytes"),
        ("binary", 2, "cannot be read"),
        ("short", 1, "has 11 characters, at least 12 are needed"),
        ("directory", 2, "not a regular file"),
        ("fifo", 2, "not a regular file"),
        ("missing", 2, "cannot be read"),
    ] {
        let refused = lab.anchorite(&[
            "officer",
            "new",
            "x",
            "--role",
            "officer",
            "-o",
            "x.pem",
            "--passphrase-file",
            file,
        ]);
        let error = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(code), "{file}: {error}");
        assert!(error.contains(expected) && error.contains("what to do:"), "{file}: {error}");
        assert!(!lab.path("x.pem").exists());
    }
}

#[test]
fn nothing_that_exists_is_overwritten() {
    let lab = Lab::new();
    lab.write_statement("s.txt", "officer-a");
    lab.write("s.sig", b"old", 0o644);
    std::fs::create_dir(lab.path("approvals")).unwrap();
    lab.write("approvals/approval.officer-a.txt", b"old", 0o644);
    symlink("nowhere", lab.path("link.pem")).unwrap();
    let new = |output: &str| {
        lab.anchorite(&[
            "officer",
            "new",
            "x",
            "--role",
            "officer",
            "-o",
            output,
            "--passphrase-file",
            "passphrase",
        ])
    };
    let (key, before) = (lab.read("officer-a.pem"), lab.listing());
    for refused in [
        new("officer-a.pem"),
        new("link.pem"),
        lab.sign("s.txt", "officer-a.pem", "passphrase"),
        lab.approve_as("officer-a", "officer-a.pem"),
    ] {
        assert_eq!(refused.status.code(), Some(2));
        assert!(text(&refused.stderr).contains("exists already"));
    }
    assert_eq!(lab.read("officer-a.pem"), key);
    assert_eq!(lab.read("s.sig"), b"old");
    assert_eq!(lab.read("approvals/approval.officer-a.txt"), b"old");
    assert_eq!(lab.listing(), before);
}

#[test]
fn what_exists_is_refused_before_a_person_is_asked_for_anything() {
    let lab = Lab::new();
    lab.write_statement("s.txt", "officer-a");
    lab.write("s.sig", b"old", 0o644);
    // Without a terminal, asking would be the error.
    for arguments in [
        &["officer", "new", "x", "--role", "officer", "-o", "officer-a.pem"][..],
        &["officer", "sign", "s.txt", "--key", "officer-a.pem"],
    ] {
        let refused = lab.anchorite(arguments);
        assert_eq!(refused.status.code(), Some(2));
        assert!(text(&refused.stderr).contains("exists already"), "{}", text(&refused.stderr));
    }
}
