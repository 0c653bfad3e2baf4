//! What `pki` makes, openssl and two other decoders accept and read the same way.

#[cfg(test)]
#[path = "support/openssl.rs"]
mod openssl;

#[cfg(test)]
mod set_up {
    use anchorite::format::{
        CertificateExtensions, CrlEntry, Instant, KeyAlgorithm, Profile, ReasonCode, SerialNumber, Window,
    };
    use anchorite::pki::{
        AttributeKind, Certificate, CertificateTemplate, CertificationRequest, CrlTemplate,
        DistinguishedName, PublicKey, RevocationList, SignatureAlgorithm, assemble,
        ecdsa_signature_from_token,
    };
    use p256::ecdsa::signature::hazmat::PrehashSigner;

    /// A CA key that answers `r || s` to a digest, as a token does.
    pub(crate) enum TokenKey {
        P256(p256::ecdsa::SigningKey),
        P384(p384::ecdsa::SigningKey),
    }

    impl TokenKey {
        pub(crate) fn both() -> [Self; 2] {
            [
                Self::P256(p256::ecdsa::SigningKey::from_slice(&[7; 32]).unwrap()),
                Self::P384(p384::ecdsa::SigningKey::from_slice(&[7; 48]).unwrap()),
            ]
        }

        fn algorithm(&self) -> KeyAlgorithm {
            match self {
                Self::P256(_) => KeyAlgorithm::EcdsaP256,
                Self::P384(_) => KeyAlgorithm::EcdsaP384,
            }
        }

        pub(crate) fn public(&self) -> PublicKey {
            let point = match self {
                Self::P256(key) => key.verifying_key().to_sec1_point(false).as_bytes().to_vec(),
                Self::P384(key) => key.verifying_key().to_sec1_point(false).as_bytes().to_vec(),
            };
            PublicKey::from_ec_point(self.algorithm(), &point).unwrap()
        }

        pub(crate) fn signature_algorithm(&self) -> SignatureAlgorithm {
            SignatureAlgorithm::of(self.algorithm())
        }

        pub(crate) fn sign(&self, tbs: &[u8]) -> Vec<u8> {
            let digest = self.signature_algorithm().digest(tbs);
            let raw = match self {
                Self::P256(key) => {
                    let signature: p256::ecdsa::Signature = key.sign_prehash(&digest).unwrap();
                    signature.to_bytes().to_vec()
                }
                Self::P384(key) => {
                    let signature: p384::ecdsa::Signature = key.sign_prehash(&digest).unwrap();
                    signature.to_bytes().to_vec()
                }
            };
            let signature = ecdsa_signature_from_token(self.algorithm(), &raw).unwrap();
            assemble(tbs, self.signature_algorithm(), &signature).unwrap()
        }

        /// A root certificate for this key.
        pub(crate) fn root(&self, validity: Window) -> Certificate {
            let subject = DistinguishedName::from_attributes(&[
                (AttributeKind::C, "DE".to_owned()),
                (AttributeKind::O, "Example".to_owned()),
                (AttributeKind::CN, "M\u{fc}ller Root G1".to_owned()),
            ])
            .unwrap();
            let key = self.public();
            let tbs = CertificateTemplate {
                serial: &serial(0xff),
                issuer: &subject,
                validity,
                subject: &subject,
                public_key: &key,
                profile: Profile::Root,
                extensions: &CertificateExtensions::default(),
                authority_key_identifier: key.key_identifier(),
                signature_algorithm: self.signature_algorithm(),
            }
            .to_tbs()
            .unwrap();
            Certificate::from_der(&self.sign(&tbs)).unwrap()
        }

        /// An intermediate for what a request asks to be certified.
        pub(crate) fn intermediate(&self, root: &Certificate, request: &CertificationRequest) -> Certificate {
            let extensions = CertificateExtensions { path_length: Some(0), ..Default::default() };
            self.intermediate_with(&extensions, root, request)
        }

        /// The same, which says this besides.
        pub(crate) fn intermediate_with(
            &self,
            extensions: &CertificateExtensions,
            root: &Certificate,
            request: &CertificationRequest,
        ) -> Certificate {
            let tbs = CertificateTemplate {
                serial: &serial(2),
                issuer: root.subject(),
                validity: window("2026-01-01T00:00:00Z", "2036-01-01T00:00:00Z"),
                subject: request.subject(),
                public_key: request.public_key(),
                profile: Profile::Intermediate,
                extensions,
                authority_key_identifier: root.subject_key_identifier().unwrap(),
                signature_algorithm: self.signature_algorithm(),
            }
            .to_tbs()
            .unwrap();
            Certificate::from_der(&self.sign(&tbs)).unwrap()
        }

        pub(crate) fn crl(&self, root: &Certificate, number: u64, entries: &[CrlEntry]) -> RevocationList {
            let tbs = CrlTemplate {
                issuer: root.subject(),
                authority_key_identifier: root.subject_key_identifier().unwrap(),
                number,
                this_update: instant("2026-01-01T00:00:00Z"),
                next_update: instant("2036-01-01T00:00:00Z"),
                issuing_distribution_point: &[],
                entries,
                signature_algorithm: self.signature_algorithm(),
            }
            .to_tbs()
            .unwrap();
            RevocationList::from_der(&self.sign(&tbs)).unwrap()
        }
    }

    pub(crate) fn instant(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    pub(crate) fn window(from: &str, to: &str) -> Window {
        Window { from: instant(from), to: instant(to) }
    }

    /// Around 2030-01-01T00:00:00Z, the time (1893456000) at which openssl is told to judge.
    pub(crate) fn long() -> Window {
        window("2026-01-01T00:00:00Z", "2046-01-01T00:00:00Z")
    }

    pub(crate) fn serial(number: u8) -> SerialNumber {
        SerialNumber::from_random([number; 16])
    }

    pub(crate) fn entry(number: u8, reason: ReasonCode) -> CrlEntry {
        CrlEntry { serial: serial(number), at: instant("2026-01-01T00:00:00Z"), reason }
    }
}

use anchorite::format::{
    ArtifactKind, CertificateExtensions, Environment, Hex, KeyPurpose, NameConstraints, Profile, ReasonCode,
    Subject, Subtrees,
};
use anchorite::pki::lint::{CertificateContext, CrlContext, lint_certificate, lint_crl, lint_signed};
use anchorite::pki::{AttributeKind, Certificate, CertificationRequest, DistinguishedName};
use der::{Decode, Encode};
use openssl::{KINDS, Openssl, P256, REQUEST};
use set_up::{TokenKey, entry, long, serial, window};
use x509_cert::certificate::Raw;
use x509_parser::validate::{Validator, VecLogger, X509StructureValidator};

#[test]
fn openssl_accepts_a_root_and_an_intermediate_for_every_kind_of_key() {
    let openssl = Openssl::new();
    let verify = "verify -attime 1893456000 -x509_strict -check_ss_sig -CAfile root.pem";
    let environment = Environment::Production;
    for (name, kind, _) in KINDS {
        openssl.make_key(name, kind);
    }
    for token in TokenKey::both() {
        let root = token.root(long());
        openssl.write("root.pem", root.to_pem());
        openssl.get(&format!("{verify} root.pem"));
        let context = CertificateContext { issuer: None, profile: Profile::Root, environment };
        assert_eq!(lint_certificate(root.tbs(), &context), []);
        for (name, _, described) in KINDS {
            let request = CertificationRequest::parse(&openssl.make_request(name, REQUEST, "")).unwrap();
            assert_eq!(request.public_key().describe(), described);
            let intermediate = token.intermediate(&root, &request);
            openssl.write("below.pem", intermediate.to_pem());
            openssl.get(&format!("{verify} below.pem"));
            let key = openssl.get(&format!("pkey -in {name}.key -pubout -outform DER"));
            assert_eq!(intermediate.public_key().spki(), key);
            let context =
                CertificateContext { issuer: Some(&root), profile: Profile::Intermediate, environment };
            assert_eq!(lint_certificate(intermediate.tbs(), &context), []);
            let (der, tbs) = (intermediate.der(), intermediate.tbs());
            assert_eq!(lint_signed(ArtifactKind::Certificate, der, tbs, root.public_key()), []);
        }
    }
}

/// One of each extension that a plan can add, each with everything that it can hold.
#[cfg(test)]
fn every_extension() -> CertificateExtensions {
    let directory = DistinguishedName::from_attributes(&[
        (AttributeKind::C, "DE".to_owned()),
        (AttributeKind::O, "M\u{fc}ller".to_owned()),
    ])
    .unwrap();
    let directory = Subject { der: Hex(directory.der().to_vec()), text: directory.to_string() };
    CertificateExtensions {
        path_length: Some(3),
        extended_key_usage: vec![
            KeyPurpose::ServerAuth,
            KeyPurpose::ClientAuth,
            KeyPurpose::CodeSigning,
            KeyPurpose::EmailProtection,
            KeyPurpose::TimeStamping,
            KeyPurpose::OcspSigning,
        ],
        name_constraints: Some(NameConstraints {
            critical: true,
            permitted: Subtrees {
                dns: vec!["prod.example.org".parse().unwrap(), "example.net".parse().unwrap()],
                ip: vec!["10.0.0.0/8".parse().unwrap(), "2001:db8::/33".parse().unwrap()],
                uri: vec!["prod.example.org".parse().unwrap(), ".prod.example.org".parse().unwrap()],
                directory: vec![directory],
            },
            excluded: Subtrees { ip: vec!["10.1.0.0/16".parse().unwrap()], ..Default::default() },
        }),
        policies: vec!["1.3.6.1.4.1.32473.1".parse().unwrap(), "2.16.4294967295".parse().unwrap()],
        crl_distribution_points: vec![
            "http://a.example.org/root.crl".parse().unwrap(),
            "http://b.example.org:8080/root.crl".parse().unwrap(),
        ],
        authority_information_access: vec!["http://a.example.org/root.cer".parse().unwrap()],
        spiffe_id: Some("spiffe://prod.example.org".parse().unwrap()),
    }
}

#[test]
fn openssl_reads_each_extension_that_a_plan_can_add_in_one_order() {
    let openssl = Openssl::new();
    openssl.make_key("p256", P256);
    let request = CertificationRequest::parse(&openssl.make_request("p256", REQUEST, "")).unwrap();
    let [token, _] = TokenKey::both();
    let root = token.root(long());
    openssl.write("root.pem", root.to_pem());
    let planned = every_extension();
    let intermediate = token.intermediate_with(&planned, &root, &request);
    assert_eq!(intermediate.planned_extensions(), Ok(planned.clone()));
    openssl.write("below.pem", intermediate.to_pem());
    openssl.get("verify -attime 1893456000 -x509_strict -CAfile root.pem below.pem");
    let text = openssl.text("x509 -in below.pem -noout -text -nameopt RFC2253,-esc_msb,utf8,-dn_rev");
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let from = lines.iter().position(|line| *line == "X509v3 Basic Constraints: critical").unwrap();
    let to = lines
        .iter()
        .position(|line| line.starts_with("Signature Algorithm") && !line.contains("Key"))
        .unwrap();
    let to = lines
        .iter()
        .skip(to + 1)
        .position(|line| line.starts_with("Signature Algorithm"))
        .map_or(to, |at| to + 1 + at);
    let (subject, authority) =
        (request.public_key().key_identifier(), root.subject_key_identifier().unwrap());
    let colons = |identifier: String| {
        let octets: Vec<&str> = (0..20).map(|octet| &identifier[2 * octet..2 * octet + 2]).collect();
        octets.join(":").to_uppercase()
    };
    let (subject, authority) = (colons(subject.to_string()), colons(authority.to_string()));
    let expected = [
        "X509v3 Basic Constraints: critical",
        "CA:TRUE, pathlen:3",
        "X509v3 Key Usage: critical",
        "Certificate Sign, CRL Sign",
        "X509v3 Subject Key Identifier:",
        &subject,
        "X509v3 Authority Key Identifier:",
        &authority,
        "X509v3 Extended Key Usage:",
        "TLS Web Server Authentication, TLS Web Client Authentication, Code Signing, E-mail Protection, Time Stamping, OCSP Signing",
        "X509v3 Name Constraints: critical",
        "Permitted:",
        "DNS:prod.example.org",
        "DNS:example.net",
        "IP:10.0.0.0/255.0.0.0",
        "IP:2001:DB8:0:0:0:0:0:0/FFFF:FFFF:8000:0:0:0:0:0",
        "URI:prod.example.org",
        "URI:.prod.example.org",
        "DirName:C=DE,O=M\u{fc}ller",
        "Excluded:",
        "IP:10.1.0.0/255.255.0.0",
        "X509v3 Certificate Policies:",
        "Policy: 1.3.6.1.4.1.32473.1",
        "Policy: 2.16.4294967295",
        "X509v3 CRL Distribution Points:",
        "Full Name:",
        "URI:http://a.example.org/root.crl",
        "URI:http://b.example.org:8080/root.crl",
        "Authority Information Access:",
        "CA Issuers - URI:http://a.example.org/root.cer",
        "X509v3 Subject Alternative Name:",
        "URI:spiffe://prod.example.org",
    ];
    // openssl writes the name of a directory constraint in a form of its own.
    let read: Vec<&str> = lines[from..to].to_vec();
    let without_directory = |lines: &[&str]| -> Vec<String> {
        lines.iter().filter(|line| !line.starts_with("DirName:")).map(|line| (*line).to_owned()).collect()
    };
    assert_eq!(without_directory(&read), without_directory(&expected));
    assert!(read.iter().any(|line| line.starts_with("DirName:") && line.contains("DE")), "{text}");

    let context = CertificateContext {
        issuer: Some(&root),
        profile: Profile::Intermediate,
        environment: Environment::Production,
    };
    // Everything at once is not wise: a purpose that no CA may have, and constraints that some software refuses.
    let found = lint_certificate(intermediate.tbs(), &context);
    let rules: Vec<&str> = found.iter().map(|finding| finding.rule.id).collect();
    assert_eq!(rules, ["E02", "M07", "M07", "M06"], "{found:?}");
    let none = CertificateExtensions { path_length: Some(0), ..Default::default() };
    assert_eq!(token.intermediate_with(&none, &root, &request).planned_extensions(), Ok(none));
}

#[test]
fn openssl_reads_the_values_that_the_template_had() {
    let openssl = Openssl::new();
    let [token, _] = TokenKey::both();
    let root = token.root(window("2049-12-31T23:59:59Z", "2050-01-01T00:00:00Z"));
    openssl.write("root.pem", root.to_pem());
    let text = openssl.text("x509 -in root.pem -noout -text -nameopt RFC2253,-esc_msb,utf8,-dn_rev");
    for expected in [
        "Version: 3 (0x2)",
        "Serial Number:\n            01:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff\n",
        "Signature Algorithm: ecdsa-with-SHA256\n",
        "Issuer: C=DE,O=Example,CN=M\u{fc}ller Root G1\n",
        "Not Before: Dec 31 23:59:59 2049 GMT",
        "Not After : Jan  1 00:00:00 2050 GMT",
        "X509v3 Basic Constraints: critical\n                CA:TRUE\n",
        "X509v3 Key Usage: critical\n                Certificate Sign, CRL Sign\n",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    let structure = openssl.text("asn1parse -in root.pem");
    for expected in
        ["UTCTIME           :491231235959Z", "GENERALIZEDTIME   :20500101000000Z", "PRINTABLESTRING   :DE"]
    {
        assert!(structure.contains(expected), "{expected}\n{structure}");
    }
    assert_eq!(root.subject().to_string(), "C=DE, O=Example, CN=M\\C3\\BCller Root G1");

    // RFC 7093 method 1: the BIT STRING at octet 23 of a P-256 key, without its octet of unused bits.
    openssl.write("key.pem", openssl.get("x509 -in root.pem -noout -pubkey"));
    openssl.get("asn1parse -in key.pem -strparse 23 -noout -out point");
    let digest = openssl.text("dgst -sha256 -r point");
    assert!(digest.starts_with(&root.subject_key_identifier().unwrap().to_string()), "{digest}");
}

#[test]
fn openssl_accepts_empty_and_full_crls_and_finds_the_revoked_certificate() {
    let openssl = Openssl::new();
    openssl.make_key("p256", P256);
    let request = CertificationRequest::parse(&openssl.make_request("p256", REQUEST, "")).unwrap();
    // Serial 2 is the intermediate's; the order given is not the order encoded.
    let all = [
        entry(9, ReasonCode::CaCompromise),
        entry(2, ReasonCode::Superseded),
        entry(3, ReasonCode::PrivilegeWithdrawn),
    ];
    for token in TokenKey::both() {
        let root = token.root(long());
        openssl.write("root.pem", root.to_pem());
        openssl.write("below.pem", token.intermediate(&root, &request).to_pem());
        for (number, entries) in [(1, &all[..0]), (255, &all[2..]), (256, &all[..]), (u64::MAX, &all[..1])] {
            let crl = token.crl(&root, number, entries);
            assert_eq!((crl.number(), crl.entries().len()), (number, entries.len()));
            openssl.write("root.crl", crl.to_pem());
            let answer = openssl.ask("crl -in root.crl -noout -CAfile root.pem");
            assert!(answer.success && answer.text.contains("verify OK"), "{}", answer.text);
            let text = openssl.text("crl -in root.crl -noout -text");
            assert!(text.contains("Version 2 (0x1)"), "{text}");
            assert_eq!(text.contains("No Revoked Certificates."), entries.is_empty(), "{text}");
            let shown = openssl.text("crl -in root.crl -noout -crlnumber");
            let shown = shown.trim().strip_prefix("crlNumber=0x").unwrap();
            assert_eq!(u64::from_str_radix(shown, 16), Ok(number));
            let revoked = entries.iter().any(|entry| entry.serial == serial(2));
            let options = "-attime 1893456000 -x509_strict -crl_check";
            let answer =
                openssl.ask(&format!("verify {options} -CRLfile root.crl -CAfile root.pem below.pem"));
            assert_eq!(answer.success, !revoked, "{}", answer.text);
            assert_eq!(answer.text.contains("certificate revoked"), revoked, "{}", answer.text);
            let context = CrlContext {
                issuer: &root,
                environment: Environment::Lab,
                previous_number: Some(number - 1),
            };
            assert_eq!(lint_crl(crl.tbs(), &context), []);
        }
        openssl.write("root.crl", token.crl(&root, 1, &all).to_pem());
        let text = openssl.text("crl -in root.crl -noout -text");
        let expected = ["Superseded", "Privilege Withdrawn", "CA Compromise"];
        let reasons: Vec<&str> = text.lines().map(str::trim).filter(|line| expected.contains(line)).collect();
        assert_eq!(reasons, expected, "{text}");
    }
}

#[test]
fn openssl_notices_a_crl_of_another_ca() {
    let openssl = Openssl::new();
    let [token, other] = TokenKey::both();
    openssl.write("root.pem", token.root(long()).to_pem());
    openssl.write("root.crl", other.crl(&other.root(long()), 1, &[]).to_pem());
    let answer = openssl.ask("crl -in root.crl -noout -CAfile root.pem");
    assert!(!answer.text.contains("verify OK"), "{}", answer.text);
}

#[test]
fn two_other_decoders_agree() {
    let openssl = Openssl::new();
    openssl.make_key("p256", P256);
    let request = CertificationRequest::parse(&openssl.make_request("p256", REQUEST, "")).unwrap();
    for token in TokenKey::both() {
        let root = token.root(long());
        let intermediate = token.intermediate(&root, &request);
        let (_, issuer) = x509_parser::parse_x509_certificate(root.der()).unwrap();
        for certificate in [&root, &intermediate] {
            let (rest, parsed) = x509_parser::parse_x509_certificate(certificate.der()).unwrap();
            let mut logger = VecLogger::default();
            assert!(rest.is_empty() && X509StructureValidator.validate(&parsed, &mut logger));
            assert!(logger.warnings().is_empty() && logger.errors().is_empty(), "{logger:?}");
            parsed.verify_signature(Some(issuer.public_key())).unwrap();
            assert_eq!(parsed.raw_serial(), certificate.serial().as_content());
            assert_eq!(parsed.subject().as_raw(), certificate.subject().der());
            assert_eq!(parsed.issuer().as_raw(), root.subject().der());
            let not_after = certificate.validity().to.unix_seconds();
            assert_eq!(parsed.validity().not_after.timestamp(), not_after);
            let decoded =
                x509_cert::certificate::CertificateInner::<Raw>::from_der(certificate.der()).unwrap();
            assert_eq!(decoded.to_der().unwrap(), certificate.der());
            assert_eq!(decoded.tbs_certificate().to_der().unwrap(), certificate.tbs());
        }
        let crl = token.crl(&root, 5, &[entry(2, ReasonCode::KeyCompromise)]);
        let (rest, parsed) = x509_parser::parse_x509_crl(crl.der()).unwrap();
        assert!(rest.is_empty());
        parsed.verify_signature(issuer.public_key()).unwrap();
        let revoked = parsed.iter_revoked_certificates().next().unwrap();
        assert_eq!(parsed.crl_number().unwrap().to_string(), "5");
        assert_eq!(revoked.raw_serial(), serial(2).as_content());
        assert_eq!(revoked.reason_code().unwrap().1.0, 1);
        let decoded = x509_cert::crl::CertificateList::<Raw>::from_der(crl.der()).unwrap();
        assert_eq!(decoded.to_der().unwrap(), crl.der());
    }
}

#[test]
fn a_requests_name_is_copied_byte_for_byte() {
    let openssl = Openssl::new();
    openssl.make_key("p256", P256);
    let [token, _] = TokenKey::both();
    let root = token.root(long());
    openssl.write("root.pem", root.to_pem());
    let names = "C = DE\nO = Example\n0.OU = b\n1.OU = a\nCN = M\u{fc}ller\nemailAddress = ca@example.org\n";
    for (mask, name, shown) in [
        (
            "utf8only",
            names,
            "C=DE, O=Example, OU=b, OU=a, CN=M\\C3\\BCller, 1.2.840.113549.1.9.1=ca@example.org",
        ),
        (
            "default",
            names,
            "C=DE, O=Example, OU=b, OU=a, CN=#14064dfc6c6c6572, 1.2.840.113549.1.9.1=ca@example.org",
        ),
        ("pkix", "O = Example\nCN = x\n+serialNumber = 42\n", "O=Example, CN=x+SERIALNUMBER=42"),
    ] {
        let configuration = format!(
            "[req]\nprompt = no\nutf8 = yes\nstring_mask = {mask}\ndistinguished_name = name\n[name]\n{name}"
        );
        let request = openssl.make_request("p256", &configuration, "-outform DER");
        let request = CertificationRequest::parse(&request).unwrap();
        let intermediate = token.intermediate(&root, &request);
        assert_eq!(intermediate.subject().to_string(), shown);
        // The subject follows the version, in the request as openssl made it.
        let copied = [b"\x02\x01\x00", intermediate.subject().der()].concat();
        assert!(request.der().windows(copied.len()).any(|window| window == copied));
        let read = Certificate::from_pem(intermediate.to_pem().as_bytes()).unwrap();
        assert_eq!(read.subject().der(), request.subject().der());
        openssl.write("below.pem", intermediate.to_pem());
        openssl.get("verify -attime 1893456000 -x509_strict -CAfile root.pem below.pem");
    }
}
