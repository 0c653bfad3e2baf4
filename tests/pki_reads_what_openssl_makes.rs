//! Requests, keys, signatures and certificates that openssl makes are read as they are, and the unsound are
//! refused.

#[cfg(test)]
#[path = "support/openssl.rs"]
mod openssl;
#[cfg(test)]
#[path = "support/packages.rs"]
mod packages;

use std::collections::BTreeMap;

use anchorite::format::{ArtifactKind, AskedDecision, CertificateExtensions};
use anchorite::pki::{Certificate, CertificationRequest, Error, PublicKey, SignatureAlgorithm, summary};
use anchorite::weak_key::Weakness;
use openssl::{KINDS, Openssl, P256, P384, REQUEST, RSA2048};

#[test]
fn what_a_request_asks_for_is_listed_and_decided() {
    let openssl = Openssl::new();
    openssl.make_key("p256", P256);
    let configuration = "[req]\nprompt = no\ndistinguished_name = name\nattributes = more\n\
        req_extensions = asked\n[name]\nCN = x\n[more]\nchallengePassword = secret\nunstructuredName = n\n\
        [asked]\nbasicConstraints = critical, CA:TRUE, pathlen:0\nkeyUsage = keyCertSign, cRLSign\n\
        subjectKeyIdentifier = hash\nextendedKeyUsage = serverAuth\nsubjectAltName = DNS:example.org\n\
        1.2.3.4 = DER:0500\n";
    let request = CertificationRequest::parse(&openssl.make_request("p256", configuration, "")).unwrap();
    let decide = |path_length| -> Vec<(&str, AskedDecision)> {
        let planned = CertificateExtensions { path_length, ..Default::default() };
        let decided: BTreeMap<_, _> = request
            .asked()
            .iter()
            .map(|asked| {
                let decision = asked.decision(&planned, request.public_key());
                (asked.what.as_str(), decision.unwrap())
            })
            .collect();
        Vec::from_iter(decided)
    };
    assert_eq!(
        decide(Some(0)),
        [
            ("1.2.3.4", AskedDecision::Ignored),
            ("basicConstraints", AskedDecision::Honoured),
            ("challengePassword", AskedDecision::Ignored),
            ("extKeyUsage", AskedDecision::Ignored),
            ("keyUsage", AskedDecision::Overridden), // It was not asked for as critical.
            ("subjectAltName", AskedDecision::Ignored),
            ("subjectKeyIdentifier", AskedDecision::Overridden), // It was SHA-1.
            ("unstructuredName", AskedDecision::Ignored),
        ]
    );
    assert!(decide(Some(1)).contains(&("basicConstraints", AskedDecision::Overridden)));
    let plain = CertificationRequest::parse(&openssl.make_request("p256", REQUEST, "")).unwrap();
    assert!(plain.asked().is_empty());
}

#[test]
fn a_request_is_read_from_every_form_that_tools_write() {
    let openssl = Openssl::new();
    openssl.make_key("p256", P256);
    let plain = openssl.make_request("p256", REQUEST, "");
    openssl.write("plain.csr", &plain);
    let request = CertificationRequest::parse(&plain).unwrap();
    let windows = String::from_utf8(plain.clone()).unwrap().replace('\n', "\r\n");
    for form in [
        openssl.get("req -in plain.csr -outform DER"),
        openssl.get("req -in plain.csr -newhdr"),
        openssl.get("req -in plain.csr -text"),
        [b"\xef\xbb\xbf".as_slice(), windows.as_bytes()].concat(),
    ] {
        assert_eq!(
            CertificationRequest::parse(&form),
            Ok(request.clone()),
            "{}",
            String::from_utf8_lossy(&form)
        );
    }
}

#[test]
fn a_request_that_is_not_exactly_one_sound_request_is_refused() {
    let openssl = Openssl::new();
    for (name, kind) in [
        ("p256", P256),
        ("rsa2048", RSA2048),
        ("rsa1024", "RSA -pkeyopt rsa_keygen_bits:1024"),
        ("exponent3", "RSA -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_keygen_pubexp:3"),
        ("secp256k1", "EC -pkeyopt ec_paramgen_curve:secp256k1"),
        ("explicit", "EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit"),
        ("pss", "RSA-PSS -pkeyopt rsa_keygen_bits:2048"),
        ("ed448", "ED448"),
    ] {
        openssl.make_key(name, kind);
    }
    openssl.get("ec -in p256.key -conv_form compressed -out compressed.key");
    let request = |name, more| openssl.make_request(name, REQUEST, more);
    let good = request("p256", "");
    assert!(CertificationRequest::parse(&good).is_ok());
    let der = request("p256", "-outform DER");
    let another_body = {
        let changed = der.windows(7).position(|window| window == b"Example").unwrap();
        let mut der = der.clone();
        der[changed] = b'e';
        der
    };
    let another_key = {
        // The request says one key, another signed it. Both keys are P-256, so their encodings are equally
        // long.
        openssl.make_key("other", P256);
        let spki = |name| openssl.get(&format!("pkey -in {name}.key -pubout -outform DER"));
        let (own, other) = (spki("p256"), spki("other"));
        let at = der.windows(own.len()).position(|window| window == own).unwrap();
        [&der[..at], &other, &der[at + own.len()..]].concat()
    };
    type Fits = fn(&Error) -> bool;
    let cases: [(&str, Vec<u8>, Fits); 20] = [
        ("another body", another_body, |e| matches!(e, Error::ProofOfPossession)),
        ("another key", another_key, |e| matches!(e, Error::ProofOfPossession)),
        ("two requests", [good.clone(), good.clone()].concat(), |e| {
            matches!(e, Error::PemBlocks { count: 2 })
        }),
        ("and its key", [good.clone(), openssl.get("pkey -in p256.key")].concat(), |e| {
            matches!(e, Error::PemBlocks { count: 2 })
        }),
        ("a key", openssl.get("pkey -in p256.key"), |e| matches!(e, Error::PemLabel { .. })),
        ("nothing", Vec::new(), |e| matches!(e, Error::NoPem)),
        ("more octets", [der.as_slice(), b"\0"].concat(), |e| matches!(e, Error::NotDer { .. })),
        ("cut DER", der[..der.len() - 1].to_vec(), |e| matches!(e, Error::NotDer { .. })),
        ("cut PEM", good[..good.len() / 2].to_vec(), |e| matches!(e, Error::PemUnended)),
        ("SHA-1", request("rsa2048", "-sha1"), |e| matches!(e, Error::SignatureAlgorithm { .. })),
        ("MD5", request("rsa2048", "-md5"), |e| matches!(e, Error::SignatureAlgorithm { .. })),
        ("SHA-224", request("p256", "-sha224"), |e| matches!(e, Error::SignatureAlgorithm { .. })),
        ("PSS", request("rsa2048", "-sigopt rsa_padding_mode:pss"), |e| {
            matches!(e, Error::SignatureAlgorithm { .. })
        }),
        ("a PSS key", request("pss", ""), |e| matches!(e, Error::KeyAlgorithm { .. })),
        ("RSA 1024", request("rsa1024", ""), |e| matches!(e, Error::RsaModulus { bits: 1024 })),
        ("exponent 3", request("exponent3", ""), |e| matches!(e, Error::RsaExponent)),
        ("secp256k1", request("secp256k1", ""), |e| matches!(e, Error::KeyAlgorithm { .. })),
        ("explicit parameters", request("explicit", ""), |e| matches!(e, Error::KeyAlgorithm { .. })),
        ("compressed", request("compressed", ""), |e| matches!(e, Error::KeyPoint { curve: "P-256" })),
        ("Ed448", request("ed448", ""), |e| matches!(e, Error::KeyAlgorithm { .. })),
    ];
    for (what, file, fits) in cases {
        let error = CertificationRequest::parse(&file).expect_err(what);
        assert!(fits(&error), "{what}: {error}");
    }
}

#[test]
fn a_request_for_a_key_that_a_standard_prints_is_refused() {
    let openssl = Openssl::new();
    // PKCS#8 around the seed of RFC 8032 7.1 TEST 1.
    let pkcs8 = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20\
        \x9d\x61\xb1\x9d\xef\xfd\x5a\x60\xba\x84\x4a\xf4\x92\xec\x2c\xc4\
        \x44\x49\xc5\x69\x7b\x32\x69\x19\x70\x3b\xac\x03\x1c\xae\x7f\x60";
    openssl.write("printed.der", pkcs8);
    openssl.get("pkey -inform DER -in printed.der -out printed.key");
    let request = CertificationRequest::parse(&openssl.make_request("printed", REQUEST, ""));
    let printed = Weakness::Published { source_document: "RFC 8032 7.1" };
    assert_eq!(request, Err(Error::Weak(printed)));
}

#[test]
fn any_changed_octet_of_a_request_is_noticed() {
    let openssl = Openssl::new();
    for (name, kind) in [("p256", P256), ("rsa2048", RSA2048), ("ed25519", "ED25519")] {
        openssl.make_key(name, kind);
        let der = openssl.make_request(name, REQUEST, "-outform DER");
        assert!(CertificationRequest::parse(&der).is_ok());
        for position in 0..der.len() {
            let mut changed = der.clone();
            changed[position] ^= 1 << (position % 8);
            assert!(CertificationRequest::parse(&changed).is_err(), "{name}: octet {position}");
            assert!(CertificationRequest::parse(&der[..position]).is_err(), "{name}: cut at {position}");
        }
    }
}

#[test]
fn signatures_that_openssl_makes_verify_and_no_others() {
    use SignatureAlgorithm::{
        EcdsaSha256, EcdsaSha384, EcdsaSha512, Ed25519, RsaSha256, RsaSha384, RsaSha512,
    };
    let openssl = Openssl::new();
    openssl.write("message", b"message");
    for (name, kind, described) in KINDS {
        openssl.make_key(name, kind);
        let key = openssl.get(&format!("pkey -in {name}.key -pubout -outform DER"));
        let key = PublicKey::from_spki(&key).unwrap();
        assert_eq!(key.describe(), described);
        let dgst = |hash: &str| openssl.get(&format!("dgst -{hash} -sign {name}.key message"));
        let (signatures, foreign) = match described.split(' ').next() {
            Some("ECDSA") => (
                vec![
                    (EcdsaSha256, dgst("sha256")),
                    (EcdsaSha384, dgst("sha384")),
                    (EcdsaSha512, dgst("sha512")),
                ],
                Ed25519,
            ),
            Some("RSA") => (
                vec![(RsaSha256, dgst("sha256")), (RsaSha384, dgst("sha384")), (RsaSha512, dgst("sha512"))],
                EcdsaSha256,
            ),
            _ => {
                let sign = format!("pkeyutl -sign -rawin -inkey {name}.key -in message");
                (vec![(Ed25519, openssl.get(&sign))], RsaSha256)
            }
        };
        for (algorithm, signature) in &signatures {
            let verify = |message: &[u8], signature: &[u8]| key.verify(*algorithm, message, signature);
            assert_eq!(verify(b"message", signature), Ok(()), "{name} {algorithm}");
            assert_eq!(verify(b"messagf", signature), Err(Error::Signature), "{name} {algorithm}");
            let mut changed = signature.clone();
            *changed.last_mut().unwrap() ^= 1;
            assert_eq!(verify(b"message", &changed), Err(Error::Signature), "{name} {algorithm}");
            assert_eq!(verify(b"message", &[signature, [0].as_slice()].concat()), Err(Error::Signature));
            assert_eq!(verify(b"message", &[]), Err(Error::Signature), "{name} {algorithm}");
            for (other, _) in signatures.iter().filter(|(other, _)| other != algorithm) {
                let verified = key.verify(*other, b"message", signature);
                assert_eq!(verified, Err(Error::Signature), "{name} {algorithm} as {other}");
            }
            let refused = key.verify(foreign, b"message", signature);
            assert!(
                matches!(refused, Err(Error::AlgorithmNotOfKey { .. })),
                "{name} {algorithm} as {foreign}"
            );
        }
    }
}

#[test]
fn a_certificate_that_openssl_made_is_read_as_openssl_reads_it() {
    let openssl = Openssl::new();
    openssl.make_key("p384", P384);
    let root = "[root]\nbasicConstraints = critical, CA:TRUE, pathlen:3\nsubjectKeyIdentifier = hash\n\
        keyUsage = critical, keyCertSign, digitalSignature\nauthorityKeyIdentifier = keyid:always\n";
    openssl.write("root.cnf", format!("{REQUEST}{root}"));
    let der = openssl.get(
        "req -x509 -config root.cnf -extensions root -key p384.key -sha384 -days 30 \
         -set_serial 0x1234567890abcdef1234 -outform DER",
    );
    openssl.write("root.der", &der);
    let certificate = Certificate::from_der(&der).unwrap();
    assert_eq!(certificate.verify_signature(certificate.public_key()), Ok(()));
    assert_eq!(certificate.signature_algorithm(), SignatureAlgorithm::EcdsaSha384);
    assert_eq!(certificate.serial().to_string(), "1234567890abcdef1234");
    assert_eq!(certificate.subject(), certificate.issuer());
    assert_eq!(certificate.validity().seconds(), 30 * 86_400 + 1);
    assert_eq!((certificate.is_authority(), certificate.path_length()), (true, Some(3)));
    assert_eq!((certificate.may_sign_certificates(), certificate.may_sign_crls()), (true, false));
    assert_eq!(certificate.subject_key_identifier(), certificate.authority_key_identifier());
    let pem = openssl.text("x509 -inform DER -in root.der");
    assert_eq!(certificate.to_pem(), pem);
    assert_eq!(Certificate::from_pem(pem.as_bytes()), Ok(certificate.clone()));
    let respelled = pem.replace('\n', "\r\n");
    assert_eq!(Certificate::from_pem(respelled.as_bytes()), Err(Error::PemSpelling));
    let line = summary(ArtifactKind::Certificate, certificate.tbs()).unwrap();
    assert!(line.starts_with("certificate: subject \"O=Example, CN=Example Issuing\", issuer"), "{line}");
}

/// Requests of the other tools that make them most: Go, Java's keytool, Python's cryptography.
const GO: &str = r#"package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"net/url"
	"os"
)

func main() {
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	id, _ := url.Parse("spiffe://example.org")
	made, _ := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{
		Subject: pkix.Name{Organization: []string{"Example"}, CommonName: "made by Go"},
		URIs: []*url.URL{id}, DNSNames: []string{"example.org"},
	}, key)
	os.Stdout.Write(made)
}
"#;

const PYTHON: &str = r#"
import sys
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([
    x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "Example"), x509.NameAttribute(x509.NameOID.COMMON_NAME, "made by Python")]))
builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
builder = builder.add_extension(x509.NameConstraints([x509.DNSName("example.org")], None), critical=True)
builder = builder.add_attribute(x509.oid.AttributeOID.CHALLENGE_PASSWORD, b"x")
made = builder.sign(ec.generate_private_key(ec.SECP384R1()), hashes.SHA384())
sys.stdout.buffer.write(made.public_bytes(serialization.Encoding.PEM))
"#;

#[test]
fn what_go_java_and_python_make_is_read_too() {
    let directory = tempfile::tempdir().unwrap();
    let run = |program: &str, arguments: &[&str]| {
        let mut command = std::process::Command::new(program);
        command.args(arguments).current_dir(directory.path()).env("GO111MODULE", "off");
        let packages =
            packages::package("cryptography-48.0.0", "tests/vectors/share-file/requirements.txt", &[]);
        let output = command.env("PYTHONPATH", packages).output();
        let output = output.unwrap_or_else(|error| panic!("{program} cannot be run: {error}"));
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let read = |file: &[u8]| {
        let request = CertificationRequest::parse(file).unwrap();
        let mut asked: Vec<_> = request.asked().iter().map(|asked| asked.what.clone()).collect();
        asked.sort_unstable();
        (request.subject().to_string(), request.public_key().describe(), asked.join(", "))
    };
    let is = |subject: &str, key: &str, asked: &str| (subject.to_owned(), key.to_owned(), asked.to_owned());

    std::fs::write(directory.path().join("request.go"), GO).unwrap();
    let go = run("go", &["run", "request.go"]);
    assert_eq!(read(&go), is("O=Example, CN=made by Go", "ECDSA P-256", "subjectAltName"));

    let store = ["-keystore", "store.p12", "-storepass", "changeit", "-alias", "ca"];
    let generate =
        ["-genkeypair", "-keyalg", "RSA", "-keysize", "2048", "-dname", "CN=made by keytool,O=Example"];
    run("keytool", &[generate.as_slice(), &store].concat());
    let java = run("keytool", &[["-certreq", "-ext", "bc:c=ca:true,pathlen:0"].as_slice(), &store].concat());
    assert!(java.starts_with(b"-----BEGIN NEW CERTIFICATE REQUEST-----"));
    assert_eq!(
        read(&java),
        is("O=Example, CN=made by keytool", "RSA 2048", "basicConstraints, subjectKeyIdentifier")
    );

    let python = run("python3", &["-c", PYTHON]);
    assert_eq!(
        read(&python),
        is(
            "O=Example, CN=made by Python",
            "ECDSA P-384",
            "basicConstraints, challengePassword, nameConstraints"
        )
    );
}
