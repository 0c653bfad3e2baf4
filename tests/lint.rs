//! `anchorite lint` judges files that openssl made, by the rules that `docs/lints.md` lists.

#[cfg(test)]
#[path = "support/openssl.rs"]
mod openssl;
#[cfg(test)]
#[path = "support/packages.rs"]
mod packages;

#[cfg(test)]
mod tests {
    use std::process::Command;

    use anchorite::pki::lint::{RULES, Severity};

    use super::openssl::{Openssl, P256, REQUEST};
    use super::packages::package;

    const ROOT: &str = "[req]\nprompt = no\nstring_mask = utf8only\ndistinguished_name = name\n\
        [name]\nO = Example\nCN = Example Root\n\
        [root]\nbasicConstraints = critical, CA:TRUE\nkeyUsage = critical, keyCertSign, cRLSign\n\
        subjectKeyIdentifier = hash\nauthorityKeyIdentifier = keyid:always\n\
        [bare]\nbasicConstraints = CA:TRUE\nkeyUsage = keyCertSign, cRLSign\nsubjectKeyIdentifier = hash\n\
        [issuing]\nbasicConstraints = critical, CA:TRUE, pathlen:0\n\
        keyUsage = critical, keyCertSign, cRLSign\nsubjectKeyIdentifier = hash\n\
        authorityKeyIdentifier = keyid:always\n\
        [ca]\ndefault_ca = here\n[here]\ndatabase = index.txt\ncrlnumber = number\ndefault_md = sha256\n\
        [crl]\nauthorityKeyIdentifier = keyid:always\n";

    /// The end of the page.
    const ELSEWHERE: &str = "\n## What no single file shows\n\n\
        `anchorite lint` compares with one more file where it is given: the issuer's certificate (`--issuer`), the CRL before\n\
        (`--previous-crl`: L10, L13, L14, T13), another certificate for the same key (`--beside`: K01 to K03). What needs more is judged \
        where\nmore is known. Codes with a letter and three digits are those of `check` and `plan` (ceremony-file.md), the others checks \
        of\n`verify` (record-format.md).\n\n\
        | what has to hold | source | where it is judged |\n|---|---|---|\n\
        | A serial number or CRL number is used once. | RFC 5280 4.1.2.2, 5.2.3 | P009, `F6` |\n\
        | A name has one key and a key one name; who has a certificate that holds gets no second one. | RFC 5280 4.1.2.6 | P045 |\n\
        | notBefore and thisUpdate fit the day of the signature. | BR 7.1.2.1.1, 7.1.2.10.1 | R022, in production |\n\
        | A root that is issued again for the same key lasts 2922 to 9132 days, too. | BR 7.1.2.1.1 | R02, by its own dates |\n\
        | Whoever asks for a certificate has the key. | BR 3.2.1 | Q03, P007; of a cross-certificate with `csr`, `F4` |\n\
        | Only the key, and a subject that people saw, comes from a request. | BR 3.2.1 | `asked` in the plan, `F4` |\n\
        | A cross-certificate allows no more, and lasts no longer, than the certificate beside it. | RFC 4210 4.4 | P036, `F4` |\n\
        | A certificate says where the CRL is published. | BR 7.1.2.11.2 | P047, `F10` |\n\
        | Each CRL carries the revocations until one CRL after the certificate's end. | RFC 5280 3.3 | `plan` writes them, `F6` |\n\
        | The first CRL comes within 24 hours of the first certificate, the next before the last one ends. | BR 4.9.7 | `plan` remarks \
        on a new root without one; R080, R081, `F10` |\n\
        | A SPIFFE bundle has for each root one JWK with `use` x509-svid, one certificate and no `kid`. | X509-SVID 6.1 | \
        `export` and `rotate plan` write no other; `tests/rotation/` |\n\n\
        Some rules are stricter here than in their source. An RSA key has an odd exponent from 65537 to 2^33 - 1 and no factor below 752 \
        (C04, Q02);\nBR 6.1.6 only advises it. No profile has policyConstraints, inhibitAnyPolicy or policyMappings (A07); E05 says of \
        what others made whether\nthey are right. Algorithms that are not on the list, ML-DSA among them, are refused (A02, C04).\n";

    /// What a run printed and its exit code.
    fn lint(openssl: &Openssl, arguments: &str) -> (i32, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_anchorite"))
            .arg("lint")
            .args(arguments.split(' '))
            .current_dir(openssl.directory())
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8(text).unwrap())
    }

    fn rules(text: &str) -> Vec<&str> {
        let finding = |line: &'_ str| line.starts_with("REFUSED  ") || line.starts_with("WARNING  ");
        let lines = text.lines().filter(|line| finding(line) && !line.contains("refusal"));
        let mut rules: Vec<_> = lines.filter_map(|line| line.split("  ").nth(1)).collect();
        rules.sort_unstable();
        rules
    }

    /// A root, an intermediate, a CRL and a request, all by openssl.
    fn authority() -> Openssl {
        let openssl = Openssl::new();
        openssl.write("ca.cnf", ROOT);
        for name in ["root", "issuing"] {
            openssl.make_key(name, P256);
        }
        let self_sign =
            "req -x509 -config ca.cnf -key root.key -days 7300 -sha256 -set_serial 0x1122334455667788";
        openssl.get(&format!("{self_sign} -extensions root -out root.pem"));
        openssl.get(&format!("{self_sign} -extensions bare -out bare.pem"));
        openssl.get("x509 -in root.pem -outform DER -out root.der");
        openssl.write("issuing.csr", openssl.make_request("issuing", REQUEST, ""));
        openssl.get(
            "x509 -req -in issuing.csr -CA root.pem -CAkey root.key -days 700 -sha256 -extfile ca.cnf \
             -extensions issuing -set_serial 0x1122334455667799 -out issuing.pem"
                .replace("              ", "")
                .trim(),
        );
        openssl.write("index.txt", "");
        openssl.write("number", "07\n");
        openssl.get(
            "ca -gencrl -config ca.cnf -name here -cert root.pem -keyfile root.key -crldays 90 -crlexts crl -out root.crl",
        );
        openssl
    }

    #[test]
    fn what_other_software_makes_is_judged_by_the_same_rules() {
        let openssl = authority();
        let cases: [(&str, i32, &[&str]); 14] = [
            ("root.pem", 0, &[]),
            ("root.der", 0, &[]),
            ("issuing.csr", 0, &[]),
            ("issuing.pem --issuer root.pem", 0, &[]),
            ("issuing.pem --issuer root.pem --profile root", 1, &["A09", "R01", "R02", "R03", "S03"]),
            ("root.crl --issuer root.pem", 0, &[]),
            ("root.crl --issuer root.pem --previous-crl root.crl", 1, &["L10"]),
            ("root.pem --pack public-trust", 1, &["T01"]),
            ("issuing.pem --issuer root.pem --pack public-trust", 1, &["T01", "T03", "T04", "T05", "T06"]),
            ("issuing.pem --issuer root.pem --pack public-trust --at 2023-09-14T00:00:00Z", 0, &[]),
            ("root.pem --beside root.pem", 0, &[]),
            ("issuing.pem --issuer root.pem --beside root.pem", 1, &["K01", "K01", "K01"]),
            ("bare.pem", 1, &["C07", "C08", "R04"]),
            ("root.crl --issuer issuing.pem", 1, &["A04", "A09", "S03"]),
        ];
        for (arguments, code, expected) in cases {
            let (found_code, text) = lint(&openssl, arguments);
            assert_eq!((rules(&text), found_code), (expected.to_vec(), code), "{arguments}\n{text}");
        }
    }

    /// The warnings of `scripts/verify.py`, which was written from `docs/record-format.md`.
    fn second_opinion(openssl: &Openssl, file: &str) -> Vec<String> {
        const PROGRAM: &str = "import sys, verify\n\
            tbs = verify.read_signed(open(sys.argv[1], 'rb').read()).tbs\n\
            found = verify.warnings(tbs, tbs.issuer == tbs.subject)\n\
            print(*sorted(rule for rule, broken in found if broken))";
        let mut python = Command::new("python3");
        python.args(["-B", "-c", PROGRAM, file]).current_dir(openssl.directory());
        let installed = package("cryptography-48.0.0", "tests/vectors/share-file/requirements.txt", &[]);
        let scripts = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts");
        python.env("PYTHONPATH", format!("{scripts}:{}", installed.display()));
        let output = python.output().unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn both_implementations_warn_of_the_same() {
        let openssl = Openssl::new();
        openssl.make_key("root", P256);
        let cases: [(&str, &str, &[&str]); 10] = [
            ("/O=Example/CN=Example Root", "authorityKeyIdentifier = keyid:always", &[]),
            ("/DC=org/DC=example/CN=Example Root", "authorityKeyIdentifier = keyid:always", &[]),
            ("/CN=Example Root/O=Example", "authorityKeyIdentifier = keyid:always", &["N03"]),
            ("/serialNumber=7/O=Example/CN=Example Root", "authorityKeyIdentifier = keyid:always", &[]),
            ("/OU=one/OU=two/CN=Example Root", "authorityKeyIdentifier = keyid:always", &["N04"]),
            ("/title=Example/CN=Example Root", "authorityKeyIdentifier = keyid:always", &["N09"]),
            ("/CN=Example Root", "", &["R04"]),
            (
                "/CN=Example Root",
                "authorityKeyIdentifier = keyid:always\nsubjectAltName = critical, URI:spiffe://a_b",
                &["U04", "U05"],
            ),
            (
                "/CN=Example Root",
                "authorityKeyIdentifier = keyid:always\ncrlDistributionPoints = URI:http://a.example, URI:http://b.example",
                &["D02"],
            ),
            (
                "/CN=Example Root",
                "authorityKeyIdentifier = keyid:always\nnameConstraints = permitted;email:example.org",
                &["M04", "M08"],
            ),
        ];
        for (number, (subject, extensions, expected)) in cases.into_iter().enumerate() {
            let (config, file) = (format!("{number}.cnf"), format!("{number}.pem"));
            let text = format!(
                "[req]\ndistinguished_name = name\nstring_mask = utf8only\n[name]\n[root]\nbasicConstraints = critical, CA:TRUE\n\
                 keyUsage = critical, keyCertSign, cRLSign\nsubjectKeyIdentifier = hash\n{extensions}\n"
            );
            openssl.write(&config, text);
            let made = Command::new("openssl")
                .args([
                    "req",
                    "-x509",
                    "-config",
                    &config,
                    "-extensions",
                    "root",
                    "-key",
                    "root.key",
                    "-days",
                    "7300",
                ])
                .args(["-sha256", "-set_serial", "0x1122334455667788", "-subj", subject, "-out", &file])
                .current_dir(openssl.directory())
                .output()
                .unwrap();
            assert!(made.status.success(), "{made:?}");
            let (_, shown) = lint(&openssl, &file);
            let warned: Vec<&str> = rules(&shown)
                .into_iter()
                .filter(|rule| shown.contains(&format!("WARNING  {rule}")))
                .collect();
            assert_eq!(warned, expected, "{subject} {extensions}\n{shown}");
            assert_eq!(second_opinion(&openssl, &file), expected, "{subject} {extensions}");
        }
    }

    #[test]
    fn what_cannot_be_judged_is_not_accepted() {
        let openssl = authority();
        openssl.write("two.pem", [openssl.read("root.pem"), openssl.read("issuing.pem")].concat());
        for (arguments, expected) in [
            ("issuing.pem", "give the issuer's certificate with --issuer FILE"),
            ("root.crl", "give the issuer's certificate with --issuer FILE"),
            ("root.key", "`PRIVATE KEY`"),
            ("two.pem", "2 PEM blocks"),
            ("missing.pem", "cannot be read"),
            ("issuing.pem --issuer root.key", "cannot be compared with"),
        ] {
            let (code, text) = lint(&openssl, arguments);
            assert!(code == 2 && text.contains(expected), "{arguments}: {code}\n{text}");
        }
    }

    #[test]
    fn the_page_of_rules_is_the_table_of_rules() {
        let mut page = "# The rules\n\n\
            Everything that anchorite signs is judged by these rules before and after; `verify` judges it again, and \
            `anchorite lint FILE`\njudges what other software made. A **refusal** is not signed. A **warning** in a \
            lab is for a person to know;\nelsewhere what it warns of is not signed unless the officers approve a \
            [waiver](ceremony-file.md#waiver) of that rule. BR is the CA/Browser Forum's\nTLS Baseline Requirements \
            2.2.6, whose rules for CA certificates are taken over where they also make sense for a private CA. Each \
            rule has a\ntest that shows something it refuses and something close to it that it lets pass \
            (`src/pki/lint/tests/`). This page is compared with\n`anchorite lint --rules` by a test.\n\n\
            There are two packs. `private` is what a ceremony is judged by. `public-trust` has these rules and more, \
            for a CA whose root browsers\nand operating systems trust: `anchorite lint FILE --pack public-trust`. A \
            rule with a day holds for what begins on that day or later,\nby notBefore or thisUpdate; \
            `--at 2026-12-01T09:00:00Z` judges a file by the rules of another day. With `--beside FILE` a certificate \
            is\nheld against another one for the same key, too, as a cross-certificate has to be.\n\n\
            Judges that nobody here wrote look at everything that the tests' ceremonies issue: openssl, GnuTLS, Java, \
            Go, rustls-webpki,\nPython's cryptography, pkilint and zlint. Where one of them says otherwise than \
            expected, `tests/judges/exceptions.toml` says why.\n\n\
            | rule | | pack | since | holds when | source |\n|---|---|---|---|---|---|\n"
            .to_owned();
        for rule in RULES {
            let severity = match rule.severity {
                Severity::Refusal => "refusal",
                Severity::Warning => "warning",
            };
            let since = rule.since.unwrap_or_default();
            page.push_str(&format!(
                "| {} | {severity} | {} | {since} | {} | {} |\n",
                rule.id, rule.pack, rule.title, rule.source
            ));
        }
        page.push_str(ELSEWHERE);
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/lints.md");
        if std::env::var_os("ANCHORITE_WRITE_DOCS").is_some() {
            std::fs::write(path, &page).unwrap();
        }
        assert_eq!(std::fs::read_to_string(path).unwrap(), page, "ANCHORITE_WRITE_DOCS=1 writes it anew");
        let output =
            Command::new(env!("CARGO_BIN_EXE_anchorite")).args(["lint", "--rules"]).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), RULES.len());
    }
}
