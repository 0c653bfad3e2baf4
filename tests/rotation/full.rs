//! A whole rotation: a genesis, four intermediates, a new root, everybody moved over, the old key destroyed. At every phase
//! judges that nobody here wrote accept exactly the chains that end at an anchor which is held then.

use std::fs;

use anchorite::format::Instant;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, Issuer, KeyPair, KeyUsagePurpose,
    SanType, date_time_ymd,
};

use crate::judges::{self, Case};
use crate::lab::{Lab, TWO_OFFICERS, repository, sha256};

/// Consumers that issue, as docs/rotation.md has them.
const ISSUERS: [&str; 4] = ["mesh", "proxies", "tools", "jobs"];
const EVERYBODY: [&str; 5] = ["mesh", "proxies", "tools", "jobs", "edge"];

const HEAD: &str = "[ceremony]\ntitle = \"Four intermediates\"\nname = \"intermediates\"\nauthority = \"example-lab\"\n\
    environment = \"lab\"\ntrust-domain = \"lab.example.org\"\n\
    window = { from = 2026-01-01T00:00:00Z, to = 2036-01-01T00:00:00Z }\n";

/// The rotation file of the documentation.
pub(crate) fn documented() -> String {
    let text = fs::read_to_string(repository("docs/rotation.md")).unwrap();
    let (_, rest) = text.split_once("```toml\n").expect("a rotation file");
    rest.split_once("```").unwrap().0.to_owned()
}

/// The command of the documentation that begins so; what changes from time to time is put in by `changes`, each found in it.
fn typed(beginning: &str, changes: &[(&str, &str)]) -> String {
    let text = fs::read_to_string(repository("docs/rotation.md")).unwrap();
    let blocks = text.split("```sh\n").skip(1).map(|block| block.split_once("```").expect("its end").0);
    let mut commands = blocks.flat_map(str::lines).filter_map(|line| line.strip_prefix("anchorite "));
    let command = commands.find(|command| command.starts_with(beginning)).expect(beginning);
    changes.iter().fold(command.to_owned(), |command, (from, to)| {
        assert!(command.contains(from), "`{command}` has no `{from}`");
        command.replace(from, to)
    })
}

/// A key of each issuer, and its request in `ceremonies/inputs/NAME.csr`.
fn requests(lab: &Lab, generation: &str) -> Vec<KeyPair> {
    let of = |consumer: &str| {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::OrganizationName, "Example");
        params.distinguished_name.push(DnType::CommonName, format!("{consumer} {generation}"));
        let request = params.serialize_request(&key).unwrap().pem().unwrap();
        lab.write(&format!("ceremonies/inputs/{consumer}-{generation}.csr"), &request);
        key
    };
    ISSUERS.map(of).into()
}

fn of_request(lab: &Lab, name: &str) -> String {
    sha256(lab.read(&format!("ceremonies/inputs/{name}.csr")).as_bytes())
}

/// A leaf under an intermediate, valid between two days.
fn leaf(certificate: &str, key: KeyPair, from: (i32, u8, u8), to: (i32, u8, u8)) -> String {
    let issuer = Issuer::from_ca_cert_pem(certificate, key).unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "workload");
    params.subject_alt_names = vec![SanType::DnsName("workload.lab.example.org".try_into().unwrap())];
    params.not_before = date_time_ymd(from.0, from.1, from.2);
    params.not_after = date_time_ymd(to.0, to.1, to.2);
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages =
        vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    params.signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap().pem()
}

/// A ceremony file that `rotate plan` wrote, held at once: its window is opened, its dates stay.
fn hold_written(lab: &Lab, file: &str) {
    let text = lab.read(&format!("rotation/ceremonies/{file}.toml"));
    let window = text.lines().find(|line| line.starts_with("window = ")).unwrap();
    let open = "window = { from = 2026-01-01T00:00:00Z, to = 2036-01-01T00:00:00Z }";
    lab.write(&format!("ceremonies/{file}.toml"), &text.replace(window, open));
    lab.anchorite(&format!("check ceremonies/{file}.toml")).done();
    lab.hold(file, "hsm.toml", &TWO_OFFICERS).done();
    lab.verify().ends(0, "VERDICT  PASS");
}

/// A consumer reports a bundle, and an officer signs that.
fn report(lab: &Lab, consumer: &str, phase: &str, bundle: &str, time: &str) {
    let changes = [
        ("--consumer mesh", &*format!("--consumer {consumer}")),
        ("--phase published", &format!("--phase {phase}")),
        ("bundle.pem", bundle),
    ];
    lab.anchorite(&typed("rotate report", &changes)).done();
    let statement = format!("field/{consumer}.{phase}.txt");
    let text = lab.read(&statement);
    let now = text.lines().find(|line| line.starts_with("time: ")).unwrap();
    lab.write(&statement, &text.replace(now, &format!("time: {time}")));
    let changes =
        [("field/mesh.published.txt", &*statement), ("officer-a.key.pem", "custody/officer-a.key.pem")];
    let signing = typed("officer sign", &changes);
    lab.anchorite(&format!("{signing} --passphrase-file custody/officer-a.passphrase --yes")).done();
}

fn status(lab: &Lab, at: &str) -> String {
    lab.anchorite(&typed("rotate status", &[("2026-12-09T09:05:00Z", at)])).done()
}

#[track_caller]
fn stands(lab: &Lab, at: &str, expected: &[&str]) {
    let shown = status(lab, at);
    for expected in expected {
        assert!(shown.contains(expected), "expected `{expected}` at {at}:\n{shown}");
    }
}

#[test]
fn an_old_root_is_retired_and_at_no_phase_does_anybody_refuse_a_chain_in_use() {
    let lab = Lab::after_genesis();
    for directory in ["field", "exports"] {
        fs::create_dir(lab.path(directory)).unwrap();
    }
    let old_keys = requests(&lab, "g1");
    let mut steps = HEAD.to_owned();
    for consumer in ISSUERS {
        steps.push_str(&format!(
            "\n[[step]]\nid = \"{consumer}\"\ndo = \"sign-intermediate\"\nissuer = \"ledger:root\"\n\
             csr = {{ file = \"inputs/{consumer}-g1.csr\", sha256 = \"{}\" }}\nprofile = \"intermediate\"\n\
             path-length = 1\nvalidity = {{ from = 2026-01-01T00:00:00Z, to = 2030-12-31T23:59:59Z }}\n",
            of_request(&lab, &format!("{consumer}-g1"))
        ));
    }
    lab.write("ceremonies/intermediates.toml", &steps);
    lab.hold("intermediates", "hsm.toml", &TWO_OFFICERS).done();

    let new_keys = requests(&lab, "g2");
    let mut rotation = documented();
    for consumer in ISSUERS {
        let sha256 = of_request(&lab, &format!("{consumer}-g2"));
        let named = format!("csr = \"inputs/{consumer}-g2.csr\", sha256 = \"");
        let (before, rest) = rotation.split_once(&named).expect("a successor");
        rotation = format!("{before}{named}{sha256}{}", &rest[64..]);
    }
    lab.write("rotation.toml", &rotation);
    let plan = typed("rotate plan", &[]);
    let shown = lab.anchorite(&plan).done();
    let dates: Vec<(String, Instant)> = [
        "generated",
        "published",
        "cross-signed",
        "active",
        "old-signing-stopped",
        "old-removed",
        "old-destroyed",
    ]
    .iter()
    .map(|phase| {
        let (_, rest) = shown.split_once(&format!("{phase}\n  from    ")).expect(phase);
        ((*phase).to_owned(), Instant::parse(&rest[..20]).unwrap())
    })
    .collect();
    stands(&lab, "2026-12-01T09:00:00Z", &["reached   nothing yet", "next      generated"]);

    hold_written(&lab, "1-new-root");
    fs::rename(lab.path("rotation"), lab.path("rotation-before")).unwrap();
    lab.anchorite(&plan).done();
    stands(
        &lab,
        "2026-12-01T17:00:00Z",
        &["reached   generated", "next      published", "`mesh` has not reported", "it is safe"],
    );

    // A report of another bundle, or signed by somebody else's key, opens no gate.
    report(&lab, "mesh", "published", "rotation/bundles/old.pem", "2026-12-02T09:00:00Z");
    stands(&lab, "2026-12-30T00:00:00Z", &["`mesh` reports another bundle"]);
    for ending in ["txt", "sig"] {
        fs::remove_file(lab.path(&format!("field/mesh.published.{ending}"))).unwrap();
    }
    for consumer in ISSUERS {
        report(&lab, consumer, "published", "rotation/bundles/both.pem", "2026-12-02T09:00:00Z");
    }
    stands(
        &lab,
        "2026-12-09T09:04:59Z",
        &["reached   cross-signed", "no ceremony issued the intermediate `mesh-g2`", "NOT safe"],
    );
    hold_written(&lab, "2-intermediates");
    stands(&lab, "2026-12-09T09:04:59Z", &["safe from 2026-12-09T09:05:00Z", "NOT safe"]);
    stands(
        &lab,
        "2026-12-09T09:05:00Z",
        &["next      active", "it is safe", "undo      take the cross-certificate"],
    );
    for (phase, time) in [("active", "2026-12-10T09:00:00Z"), ("old-signing-stopped", "2026-12-11T09:00:00Z")]
    {
        for consumer in ISSUERS {
            report(&lab, consumer, phase, "rotation/bundles/both.pem", time);
        }
    }
    stands(
        &lab,
        "2027-03-11T09:04:59Z",
        &["reached   old-signing-stopped", "next      old-removed", "NOT safe"],
    );
    stands(&lab, "2027-03-11T09:05:00Z", &["it is safe"]);
    exports(&lab);
    matrix(&lab, &dates, old_keys, new_keys);

    hold_written(&lab, "3-last-crl");
    for consumer in EVERYBODY {
        report(&lab, consumer, "old-removed", "rotation/bundles/new.pem", "2027-03-12T09:00:00Z");
    }
    stands(&lab, "2027-03-13T00:00:00Z", &["reached   old-removed", "next      old-destroyed"]);
    hold_written(&lab, "4-destroy");
    stands(&lab, "2027-03-14T00:00:00Z", &["reached   old-destroyed", "the rotation is complete"]);
    lab.anchorite("export authority --for go --output exports/go-after").done();
    assert_eq!(lab.read("exports/go-after/client-ca.pem"), lab.read("rotation/bundles/new.pem"));
}

/// What systems are given while both roots hold: exact names, issuer first, both anchors, and a SPIFFE bundle that counts.
fn exports(lab: &Lab) {
    let new = "authority/0004-rotate-intermediates/artifacts";
    let istio = typed("export", &[("--output istio", "--output exports/istio")]);
    lab.anchorite(&istio).done();
    for file in ["ca-cert.pem", "cert-chain.pem", "root-cert.pem", "README.txt", "MANIFEST.sha256"] {
        assert!(lab.path(&format!("exports/istio/{file}")).exists(), "istio takes {file}");
    }
    for (system, more, files) in [
        (
            "spire",
            "--issuer jobs-g2",
            ["upstream.crt", "bundle.pem", "spiffe-bundle.json", "trust_bundle.pem"].as_slice(),
        ),
        ("vault", "--issuer tools-g2", &["set-signed.pem", "roots.pem"]),
        ("linkerd", "--issuer proxies-g2", &["issuer.crt", "ca-bundle.crt"]),
        ("nginx", "", &["client-ca.pem", "crl-roots.pem"]),
    ] {
        let arguments = format!("export authority --for {system} {more} --output exports/{system}");
        lab.anchorite(arguments.replace("  ", " ").trim()).done();
        for file in files {
            assert!(lab.path(&format!("exports/{system}/{file}")).exists(), "{system} takes {file}");
        }
        let listed = lab.read(&format!("exports/{system}/MANIFEST.sha256"));
        for line in listed.lines() {
            let (digest, file) = line.split_once("  ").unwrap();
            assert_eq!(sha256(lab.read(&format!("exports/{system}/{file}")).as_bytes()), digest);
        }
    }
    let both = lab.read("rotation/bundles/both.pem");
    assert_eq!(lab.read("exports/istio/root-cert.pem"), both);
    let chain = lab.read("exports/istio/cert-chain.pem");
    let root = lab.read("authority/0003-rotate-new-root/artifacts/root-g2.crt.pem");
    assert_eq!(chain, lab.read(&format!("{new}/mesh-g2.crt.pem")) + &root);
    let bundle: serde_json::Value =
        serde_json::from_str(&lab.read("exports/spire/spiffe-bundle.json")).unwrap();
    assert_eq!(bundle["spiffe_sequence"], 2);
    let keys = bundle["keys"].as_array().unwrap();
    assert!(keys.len() == 2 && keys.iter().all(|key| key["use"] == "x509-svid" && key.get("kid").is_none()));
    assert!(keys.iter().all(|key| key["x5c"].as_array().unwrap().len() == 1));
    for (system, more, told) in [
        ("cert-manager", "--issuer mesh-g2", "only the first certificate of ca.crt"),
        ("cfssl", "--issuer mesh-g2 --cross root-g2-new-with-old", "exactly one certificate"),
        ("istio", "--issuer mesh-g2 --anchors root", "no anchor of the bundle signed"),
        ("istio", "--anchors root", "name the one that it runs on"),
    ] {
        lab.anchorite(&format!("export authority --for {system} {more} --output exports/refused"))
            .ends(1, told);
        assert!(!lab.path("exports/refused").exists());
    }
}

/// Phase x chain x anchors x judge, printed, and every verdict as predicted.
#[allow(clippy::print_stdout, reason = "the matrix is for people to read")]
fn matrix(lab: &Lab, dates: &[(String, Instant)], mut old_keys: Vec<KeyPair>, mut new_keys: Vec<KeyPair>) {
    let read = |name: &str| lab.read(&format!("authority/{name}.crt.pem"));
    let (old, new) = (read("0001-genesis/artifacts/root"), read("0003-rotate-new-root/artifacts/root-g2"));
    let cross = read("0003-rotate-new-root/artifacts/root-g2-new-with-old");
    let under_old = read("0002-intermediates/artifacts/mesh");
    let under_new = read("0004-rotate-intermediates/artifacts/mesh-g2");
    let old_leaf = leaf(&under_old, old_keys.remove(0), (2026, 12, 1), (2027, 3, 8));
    let new_leaf = leaf(&under_new, new_keys.remove(0), (2026, 12, 8), (2027, 6, 1));
    let chains = [
        ("old", old_leaf, vec![under_old]),
        ("new", new_leaf.clone(), vec![under_new.clone()]),
        ("new with cross", new_leaf, vec![under_new, cross]),
    ];
    let anchors = [("old", vec![old.clone()]), ("both", vec![old, new.clone()]), ("new", vec![new])];
    let at = |text: &str| Instant::parse(text).unwrap();
    let (old_gone, new_there) = (at("2027-03-08T00:00:00Z"), at("2026-12-08T10:05:00Z"));
    let mut cases = Vec::new();
    for (phase, date) in dates {
        for (chain, leaf, above) in &chains {
            for (held, roots) in &anchors {
                let in_time = if *chain == "old" { *date <= old_gone } else { *date >= new_there };
                let ends = match *chain {
                    "old" => *held != "new",
                    "new" => *held != "old",
                    _ => true,
                };
                cases.push(Case {
                    name: format!("{phase:<20} {chain:<15} {held:<5}"),
                    at: date.unix_seconds(),
                    leaf: leaf.clone(),
                    above: above.clone(),
                    roots: roots.clone(),
                    expected: in_time && ends,
                });
            }
        }
    }
    let verdicts = judges::ask(lab, &cases);
    println!("phase                chain           holds  {}", judges::NAMES.join(" "));
    let mut wrong = Vec::new();
    for (case, verdicts) in cases.iter().zip(&verdicts) {
        let shown = verdicts.map(|accepted| if accepted { "accepted" } else { "refused" });
        println!("{}  {}", case.name, shown.join(" "));
        wrong.extend((verdicts != &[case.expected; 5]).then(|| format!("{}: {shown:?}", case.name)));
    }
    assert!(wrong.is_empty(), "otherwise than predicted:\n{}", wrong.join("\n"));
    assert_eq!(cases.len(), 63);
}
