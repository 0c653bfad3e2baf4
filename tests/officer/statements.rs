use anchorite::format::Statement;
use anchorite::roster::{StatementProblem, check_signature};

use super::set_up::{ALGORITHMS, Algorithm, Lab, mode, text};

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
fn what_openssl_alone_makes_and_signs_counts_and_what_is_signed_here_openssl_verifies() {
    for algorithm in ALGORITHMS {
        let name = algorithm.name;
        let lab = Lab::new();
        algorithm.make_key(&lab);
        lab.first_person_has(name);
        let roster = lab.roster();
        let counts =
            |statement: &[u8], signature: &[u8]| check_signature(&roster, statement, signature).is_ok();
        let verified = || {
            let command = Algorithm::command(algorithm.verify);
            lab.openssl(&command.split_whitespace().collect::<Vec<_>>()).status.success()
        };

        lab.openssl_ok(&Algorithm::command(algorithm.sign));
        let (statement, by_openssl) = (lab.read("s.txt"), lab.read("s.sig"));
        assert!(counts(&statement, &by_openssl), "{name}");
        std::fs::remove_file(lab.path("s.sig")).unwrap();
        let signed = lab.sign("s.txt", "own.pem", "passphrase");
        assert_eq!(signed.status.code(), Some(0), "{name}: {}", text(&signed.stderr));
        assert!(text(&signed.stderr).contains(&format!("openssl {}", Algorithm::command(algorithm.verify))));
        let made_here = lab.read("s.sig");
        assert!(verified() && counts(&statement, &made_here), "{name}");

        for signature in [by_openssl, made_here] {
            for place in [0, signature.len() / 2, signature.len() - 1] {
                let mut changed = signature.clone();
                changed[place] ^= 1;
                lab.write("s.sig", &changed, 0o644);
                assert!(!counts(&statement, &changed) && !verified(), "{name}: octet {place}");
            }
            lab.write("s.sig", &signature, 0o644);
            let other = text(&statement).replace("ordinal: 1", "ordinal: 2");
            lab.write("s.txt", other.as_bytes(), 0o644);
            assert!(!counts(other.as_bytes(), &signature) && !verified(), "{name}: another statement");
            lab.write("s.txt", &statement, 0o644);
            assert!(!counts(&statement, &[&signature[..], &[0]].concat()), "{name}: one octet more");
        }
    }
}

#[test]
fn a_signature_of_the_same_key_in_another_form_does_not_count() {
    let lab = Lab::new();
    for (made, others) in [
        (
            &ALGORITHMS[2],
            &[
                "dgst -sha256 -sign KEY -passin file:passphrase -out SIGNATURE TEXT",
                "dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:20 -sign KEY -passin \
                 file:passphrase -out SIGNATURE TEXT",
                "dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 -sigopt rsa_mgf1_md:sha1 -sign \
                 KEY -passin file:passphrase -out SIGNATURE TEXT",
                "dgst -sha384 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 -sign KEY -passin \
                 file:passphrase -out SIGNATURE TEXT",
            ][..],
        ),
        (&ALGORITHMS[0], &["dgst -sha384 -sign KEY -passin file:passphrase -out SIGNATURE TEXT"]),
        (&ALGORITHMS[1], &["dgst -sha256 -sign KEY -passin file:passphrase -out SIGNATURE TEXT"]),
    ] {
        made.make_key(&lab);
        lab.first_person_has(made.name);
        for other in others {
            lab.openssl_ok(&Algorithm::command(other));
            let problem = check_signature(&lab.roster(), &lab.read("s.txt"), &lab.read("s.sig")).unwrap_err();
            assert!(matches!(problem, StatementProblem::Signature { .. }), "{other}: {problem}");
        }
    }
}

#[test]
fn keys_of_every_algorithm_are_made_here_but_rsa_and_openssl_reads_them() {
    for algorithm in ALGORITHMS {
        let lab = Lab::new();
        let arguments =
            "officer new officer-a --role officer -o own.pem --passphrase-file passphrase --algorithm";
        let arguments = [&arguments.split(' ').collect::<Vec<_>>()[..], &[algorithm.name]].concat();
        let made = lab.anchorite(&arguments);
        if algorithm.name == "rsa-pss-sha256" {
            assert_eq!(made.status.code(), Some(1));
            assert!(text(&made.stderr).contains("a key file for rsa-pss-sha256 is not made here"));
            continue;
        }
        assert_eq!(made.status.code(), Some(0), "{}", text(&made.stderr));
        assert!(text(&made.stdout).contains(&format!("algorithm = \"{}\"", algorithm.name)));
        lab.openssl_ok("pkey -in own.pem -passin file:passphrase -pubout -out public.pem");
        lab.first_person_has(algorithm.name);
        let public_key = lab.roster().people[0].public_key.to_string();
        assert!(text(&made.stdout).contains(&public_key), "openssl sees the same public key");
        assert_eq!(lab.sign("s.txt", "own.pem", "passphrase").status.code(), Some(0));
        lab.openssl_ok(&Algorithm::command(algorithm.verify));
    }
}

#[test]
fn a_short_rsa_key_signs_nothing_and_stands_on_no_roster() {
    let lab = Lab::new();
    lab.openssl_ok(
        "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -aes256 -pass file:passphrase -out own.pem",
    );
    lab.openssl_ok("pkey -in own.pem -passin file:passphrase -pubout -out public.pem");
    lab.first_person_has("rsa-pss-sha256");
    let refused = lab.sign("s.txt", "own.pem", "passphrase");
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("RSA modulus of 2048 bits"), "{}", text(&refused.stderr));
    lab.openssl_ok(&Algorithm::command(ALGORITHMS[2].sign));
    let problem = check_signature(&lab.roster(), &lab.read("s.txt"), &lab.read("s.sig")).unwrap_err();
    assert!(matches!(problem, StatementProblem::RosterKey(_)), "{problem}");
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
        ("letter.txt", "officer-a.pem", 1, "letter.txt: the first line is none of"),
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
