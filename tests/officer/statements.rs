use anchorite::format::{Base64, Statement};
use anchorite::roster::check_signature;

use super::set_up::{Lab, mode, text};

#[test]
fn openssl_verifies_what_an_officer_signs() {
    let lab = Lab::new();
    let statement = lab.write_statement("s.txt", "officer-a");
    let signed = lab.anchorite(&[
        "officer",
        "sign",
        "s.txt",
        "--key",
        "officer-a.pem",
        "--roster",
        "roster.toml",
        "--passphrase-file",
        "passphrase",
        "--yes",
    ]);
    assert_eq!(signed.status.code(), Some(0), "{}", text(&signed.stderr));
    assert!(text(&signed.stdout).contains(&statement.to_string()), "the statement is shown in full");
    assert!(text(&signed.stderr).contains("openssl dgst -sha256 -verify public.pem -signature s.sig s.txt"));
    assert_eq!(mode(&lab.path("s.sig")), 0o644);

    lab.openssl(&[
        "pkey",
        "-in",
        "officer-a.pem",
        "-passin",
        "file:passphrase",
        "-pubout",
        "-out",
        "public.pem",
    ]);
    let verify = |file: &str| {
        let arguments = ["dgst", "-sha256", "-verify", "public.pem", "-signature", "s.sig", file];
        lab.openssl(&arguments).status.success()
    };
    assert!(verify("s.txt"));
    lab.write("changed.txt", text(&lab.read("s.txt")).replace("ordinal: 1", "ordinal: 2").as_bytes(), 0o644);
    assert!(!verify("changed.txt"));
    assert!(check_signature(&lab.roster(), &lab.read("s.txt"), &lab.read("s.sig")).is_ok());
}

#[test]
fn what_openssl_alone_makes_and_signs_counts() {
    for (curve, hash, algorithm) in
        [("P-256", "-sha256", "ecdsa-p256-sha256"), ("P-384", "-sha384", "ecdsa-p384-sha384")]
    {
        let lab = Lab::new();
        let parameter = format!("ec_paramgen_curve:{curve}");
        let made = lab.openssl(&[
            "genpkey",
            "-algorithm",
            "EC",
            "-pkeyopt",
            &parameter,
            "-aes256",
            "-pass",
            "file:passphrase",
            "-out",
            "own.pem",
        ]);
        assert!(made.status.success(), "{}", text(&made.stderr));
        let der = lab.openssl(&[
            "pkey",
            "-in",
            "own.pem",
            "-passin",
            "file:passphrase",
            "-pubout",
            "-outform",
            "DER",
        ]);
        let roster = text(&lab.read("roster.toml"));
        let old = lab.roster().people[0].public_key.to_string();
        let own = Base64(der.stdout).to_string();
        let roster = roster.replace(&old, &own).replacen("ecdsa-p256-sha256", algorithm, 1);
        lab.write("roster.toml", roster.as_bytes(), 0o644);
        lab.write_plan(|_| ());
        lab.write_statement("s.txt", "officer-a");

        let arguments =
            ["dgst", hash, "-sign", "own.pem", "-passin", "file:passphrase", "-out", "s.sig", "s.txt"];
        assert!(lab.openssl(&arguments).status.success());
        let by_openssl = lab.read("s.sig");
        let roster = lab.roster();
        assert!(check_signature(&roster, &lab.read("s.txt"), &by_openssl).is_ok(), "{curve}");

        std::fs::remove_file(lab.path("s.sig")).unwrap();
        let signed = lab.sign("s.txt", "own.pem", "passphrase");
        assert_eq!(signed.status.code(), Some(0), "{}", text(&signed.stderr));
        assert!(check_signature(&roster, &lab.read("s.txt"), &lab.read("s.sig")).is_ok(), "{curve}");
    }
}

#[test]
fn a_key_signs_only_statements_that_name_it() {
    let lab = Lab::new();
    lab.write_statement("a.txt", "officer-a");
    let mut mixed = lab.write_statement("mixed.txt", "officer-a");
    if let Statement::Approval(approval) = &mut mixed {
        approval.signer.algorithm = anchorite::format::StatementAlgorithm::EcdsaP384Sha384;
    }
    lab.write("mixed.txt", &mixed.encode(), 0o644);
    lab.write("letter.txt", b"Dear all,\n", 0o644);
    lab.write("spaced.txt", &[&lab.read("a.txt")[..], b"\n"].concat(), 0o644);
    let before = lab.listing();
    for (statement, key, code, expected) in [
        ("a.txt", "officer-b.pem", 1, "the statement is for the key with SHA-256"),
        ("mixed.txt", "officer-a.pem", 1, "the statement is for ecdsa-p384-sha384"),
        ("letter.txt", "officer-a.pem", 1, "letter.txt: the first line is neither"),
        ("spaced.txt", "officer-a.pem", 1, "spaced.txt: line"),
        ("roster.toml", "officer-a.pem", 2, "does not end in `.txt`"),
        ("missing.txt", "officer-a.pem", 2, "cannot be read"),
        ("a.txt", "roster.toml", 2, "not PEM"),
    ] {
        let refused = lab.sign(statement, key, "passphrase");
        let error = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(code), "{statement}: {error}");
        assert!(error.contains(expected), "{expected}:\n{error}");
    }
    lab.write("other-roster.toml", &[&lab.read("roster.toml")[..], b"\n"].concat(), 0o644);
    let refused = lab.anchorite(&[
        "officer",
        "sign",
        "a.txt",
        "--key",
        "officer-a.pem",
        "--roster",
        "other-roster.toml",
        "--passphrase-file",
        "passphrase",
        "--yes",
    ]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("the statement is for the roster"));
    std::fs::remove_file(lab.path("other-roster.toml")).unwrap();
    assert_eq!(lab.listing(), before);
}

#[test]
fn a_wrong_passphrase_opens_nothing_and_is_never_shown() {
    let lab = Lab::new();
    lab.write_statement("s.txt", "officer-a");
    lab.write("wrong", b"not the passphrase", 0o600);
    let refused = lab.sign("s.txt", "officer-a.pem", "wrong");
    assert_eq!(refused.status.code(), Some(1));
    let (shown, error) = (text(&refused.stdout), text(&refused.stderr));
    assert!(error.contains("the passphrase does not open the key file"), "{error}");
    assert!(!format!("{shown}{error}").contains("not the passphrase"));
    assert!(!lab.path("s.sig").exists());

    lab.write("passphrase", b"not the passphrase", 0o600);
    assert_eq!(lab.approve_as("officer-a", "officer-a.pem").status.code(), Some(1));
    assert!(!lab.path("approvals").exists());
}
