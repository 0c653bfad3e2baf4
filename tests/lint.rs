//! `anchorite lint` judges files that openssl made, by the rules that `docs/lints.md` lists.

#[cfg(test)]
#[path = "support/openssl.rs"]
mod openssl;
#[cfg(test)]
#[path = "support/packages.rs"]
mod packages;
#[cfg(test)]
#[path = "lint/page.rs"]
mod page;

#[cfg(test)]
mod tests {
    use std::process::Command;

    use anchorite::pki::CertificationRequest;
    use rcgen::{Attribute, CertificateParams, DistinguishedName, DnType, KeyPair};

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

    /// What a Python program that knows `scripts/verify.py` prints of some files.
    fn second_opinion(openssl: &Openssl, program: &str, files: &[&str]) -> String {
        let mut python = Command::new("python3");
        python.args(["-B", "-c", program]).args(files).current_dir(openssl.directory());
        let installed = package("cryptography-48.0.0", "tests/vectors/share-file/requirements.txt", &[]);
        let scripts = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts");
        python.env("PYTHONPATH", format!("{scripts}:{}", installed.display()));
        let output = python.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The warnings of `scripts/verify.py`, which was written from `docs/record-format.md`.
    const WARNINGS: &str = "import sys, verify\n\
        tbs = verify.read_signed(open(sys.argv[1], 'rb').read()).tbs\n\
        found = verify.warnings(tbs, tbs.issuer == tbs.subject)\n\
        print(*sorted(rule for rule, broken in found if broken))";

    /// Whether it takes each request.
    const REQUESTS: &str = "import sys, verify\n\
        for name in sys.argv[1:]:\n    \
            try:\n        verify.key_of_request(open(name, 'rb').read()); print('taken')\n    \
            except verify.Bad as problem:\n        print(problem)";

    /// A request with attributes: identifier and DER of its SET of values.
    fn asking(subject: &str, attributes: Vec<(&'static [u64], &[u8])>) -> String {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, subject);
        let attributes =
            attributes.into_iter().map(|(oid, values)| Attribute { oid, values: values.to_vec() });
        let key = KeyPair::generate().unwrap();
        params.serialize_request_with_attributes(&key, attributes.collect()).unwrap().pem().unwrap()
    }

    /// An extensionRequest of subjectAltNames, each the DNS name `a` and one octet.
    fn names(last_octets: &[u8]) -> Vec<u8> {
        let name = |octet: &u8| {
            [b"\x30\x0d\x06\x03\x55\x1d\x11\x04\x06\x30\x04\x82\x02a".as_slice(), &[*octet]].concat()
        };
        let all: Vec<u8> = last_octets.iter().flat_map(name).collect();
        let length = u8::try_from(all.len()).unwrap();
        [&[0x31, length + 2, 0x30, length], all.as_slice()].concat()
    }

    #[test]
    fn both_implementations_take_the_same_requests() {
        const PASSWORD: &[u64] = &[1, 2, 840, 113549, 1, 9, 7];
        const EXTENSIONS: &[u64] = &[1, 2, 840, 113549, 1, 9, 14];
        const OF_MICROSOFT: &[u64] = &[1, 3, 6, 1, 4, 1, 311, 2, 1, 14];
        let good = asking("x", Vec::new());
        let spoilt = {
            let at = good.find("\nM").unwrap() + 30;
            let other = if good.as_bytes()[at] == b'A' { "B" } else { "A" };
            format!("{}{other}{}", &good[..at], &good[at + 1..])
        };
        let cases: Vec<(&str, String, bool)> = vec![
            ("plain", good.clone(), true),
            ("CRLF", good.replace('\n', "\r\n"), true),
            (
                "a byte order mark and the older label",
                format!("\u{feff}{}", good.replace("CERTIFICATE REQ", "NEW CERTIFICATE REQ")),
                true,
            ),
            ("text around it", format!("Request of istio\n\n{good}\nend\n"), true),
            ("two in one file", format!("{good}{good}"), false),
            ("another label", good.replace("CERTIFICATE REQUEST", "CERTIFICATE"), false),
            ("no end", good.replace("-----END", "END"), false),
            ("a changed octet", spoilt, false),
            ("a password", asking("x", vec![(PASSWORD, b"\x31\x03\x0c\x01a")]), true),
            ("a password with NUL", asking("x", vec![(PASSWORD, b"\x31\x03\x0c\x01\0")]), false),
            (
                "a password of two octets a character",
                asking("x", vec![(PASSWORD, b"\x31\x06\x1e\x04\x01\x0a\0a")]),
                true,
            ),
            ("a line feed of two octets", asking("x", vec![(PASSWORD, b"\x31\x06\x1e\x04\0\x0a\0a")]), false),
            ("two passwords in one", asking("x", vec![(PASSWORD, b"\x31\x06\x0c\x01a\x0c\x01b")]), false),
            (
                "two passwords",
                asking("x", vec![(PASSWORD, b"\x31\x03\x0c\x01a"), (PASSWORD, b"\x31\x03\x0c\x01b")]),
                false,
            ),
            ("no password", asking("x", vec![(PASSWORD, b"\x31\x00")]), false),
            ("a name", asking("x", vec![(EXTENSIONS, &names(b"b"))]), true),
            ("a name with DEL", asking("x", vec![(EXTENSIONS, &names(b"\x7f"))]), false),
            ("an extension twice", asking("x", vec![(EXTENSIONS, &names(b"bc"))]), false),
            (
                "two extension requests",
                asking("x", vec![(EXTENSIONS, &names(b"b")), (OF_MICROSOFT, &names(b"b"))]),
                false,
            ),
            ("a subject with NUL", asking("x\0y", Vec::new()), false),
        ];
        let openssl = Openssl::new();
        for (what, text, _) in &cases {
            openssl.write(what, text);
        }
        let files: Vec<&str> = cases.iter().map(|(what, ..)| *what).collect();
        let second = second_opinion(&openssl, REQUESTS, &files);
        assert_eq!(second.lines().count(), cases.len(), "{second}");
        for ((what, text, expected), second) in cases.iter().zip(second.lines()) {
            let read = CertificationRequest::parse(text.as_bytes());
            assert_eq!(
                (read.is_ok(), second == "taken"),
                (*expected, *expected),
                "{what}: {read:?}, {second}"
            );
        }
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
            let second = second_opinion(&openssl, WARNINGS, &[&file]);
            assert_eq!(second.split_whitespace().collect::<Vec<_>>(), expected, "{subject} {extensions}");
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
}
