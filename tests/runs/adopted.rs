//! A root that was made elsewhere becomes an authority: asserted first, proven by the next CRL.

use serde_json::Value;

use crate::lab::{EVERYBODY, Lab, TWO_OFFICERS, repository};

const PIN: &str = "user-pin-of-before";
const SO: &str = "so-pin-of-before";

const OPENSSL: &str = "[ca]\ndefault_ca = old\n[old]\ndatabase = old-index\nnew_certs_dir = .\nserial = old-serial\n\
    crlnumber = old-crlnumber\ncertificate = inputs/old-root.crt.pem\nprivate_key = old-root.key\ndefault_md = sha256\n\
    default_days = 3650\ndefault_crl_days = 3650\npolicy = any\nunique_subject = no\nx509_extensions = below\n\
    crl_extensions = list\n[any]\ncommonName = supplied\n\
    [root]\nbasicConstraints = critical,CA:TRUE\nkeyUsage = critical,keyCertSign,cRLSign\nsubjectKeyIdentifier = hash\n\
    [below]\nbasicConstraints = critical,CA:TRUE,pathlen:0\nkeyUsage = critical,keyCertSign,cRLSign\n\
    subjectKeyIdentifier = hash\nauthorityKeyIdentifier = keyid\n[list]\nauthorityKeyIdentifier = keyid\n\
    [req]\nprompt = no\ndistinguished_name = name\n[name]\nCN = unused\n";

const NEXT: &str = r#"[ceremony]
title = "The first CRL of the adopted root"
name = "next-crl"
authority = "example-lab"
environment = "lab"
trust-domain = "lab.example.org"
window = { from = 2026-01-01T00:00:00Z, to = 2036-01-01T00:00:00Z }

[[step]]
id = "revoke-two"
do = "revoke"
issuer = "ledger:old-root"
certificate = "ledger:old-root-2"
reason = "superseded"
at = 2036-01-01T00:00:00Z

[[step]]
id = "crl"
do = "issue-crl"
issuer = "ledger:old-root"
this-update = 2036-01-01T00:00:00Z
next-update = 2036-06-30T00:00:00Z
"#;

/// A laboratory whose token SoftHSM's own tool initialised, with the key of a root that openssl made and used: two
/// intermediates and a third, revoked one, and a CRL with the number 0x1000.
pub(crate) fn with_an_old_root() -> Lab {
    let lab = Lab::blank();
    let openssl = |arguments: &str| {
        lab.tool("openssl", "openssl", &arguments.split(' ').collect::<Vec<_>>()).done();
    };
    lab.write("old-openssl.cnf", OPENSSL);
    for (file, text) in [("index", ""), ("serial", "2000\n"), ("crlnumber", "1000\n")] {
        lab.write(&format!("old-{file}"), text);
    }
    openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out old-root.key");
    openssl(
        "req -new -x509 -config old-openssl.cnf -extensions root -key old-root.key -subj /O=Example/CN=Old-Root \
         -days 7300 -out ceremonies/inputs/old-root.crt.pem",
    );
    lab.edit("old-openssl.cnf", "inputs/old-root", "ceremonies/inputs/old-root");
    for name in ["one", "two", "three"] {
        openssl(&format!("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out old-{name}.key"));
        openssl(&format!(
            "req -new -config old-openssl.cnf -key old-{name}.key -subj /CN={name} -out old-{name}.csr"
        ));
        openssl(&format!(
            "ca -batch -notext -config old-openssl.cnf -in old-{name}.csr -out ceremonies/inputs/{name}.crt.pem"
        ));
    }
    openssl("ca -config old-openssl.cnf -revoke ceremonies/inputs/three.crt.pem");
    openssl("ca -config old-openssl.cnf -gencrl -out ceremonies/inputs/old.crl.pem");
    let token = ["--init-token", "--free", "--label", "old-token", "--so-pin", SO, "--pin", PIN];
    lab.tool("softhsm2-util", "softhsm2", &token).done();
    openssl("pkcs8 -topk8 -nocrypt -in old-root.key -out old-root.p8");
    let import = [
        "--import",
        "old-root.p8",
        "--token",
        "old-token",
        "--label",
        "old-root",
        "--id",
        "0a",
        "--pin",
        PIN,
    ];
    lab.tool("softhsm2-util", "softhsm2", &import).done();
    let list: Value =
        serde_json::from_str(&lab.anchorite("token list --binding blank.toml --format json").done()).unwrap();
    let tokens = list["tokens"].as_array().unwrap();
    let serial =
        tokens.iter().find(|token| token["initialised"] == true).unwrap()["serial"].as_str().unwrap();
    lab.write_binding("hsm.toml", &crate::lab::module(), &format!("serial = \"{serial}\""));
    lab.keep("primary.user", &format!("{PIN}\n"));
    lab.keep("primary.so", &format!("{SO}\n"));
    let pins =
        "\n[[token]]\nname = \"primary\"\nuser = \"primary.user\"\nsecurity-officer = \"primary.so\"\n";
    lab.write("ceremonies/answers.toml", &format!("{}{pins}", lab.read("ceremonies/answers.toml")));
    lab.write("ceremonies/adoption.toml", &adoption(&lab));
    lab.write("ceremonies/next-crl.toml", NEXT);
    lab
}

/// The ceremony file of the documentation, with the digests of what lies in `inputs`, and a third certificate.
fn adoption(lab: &Lab) -> String {
    let document = std::fs::read_to_string(repository("docs/adoption.md")).unwrap();
    let text = document.split("```toml\n").nth(1).unwrap().split_once("```").unwrap().0;
    let third = "  { file = \"inputs/three.crt.pem\", sha256 = \"0\" },\n]";
    let lines = text.replacen("]\ncrl = ", &format!("{third}\ncrl = "), 1);
    let with_digest =
        |line: &str| match line.split_once("file = \"").and_then(|(_, rest)| rest.split_once('"')) {
            Some((file, _)) => {
                let sha256 =
                    anchorite::format::Digest::of(lab.read(&format!("ceremonies/{file}")).as_bytes());
                let (before, after) = line.split_once("sha256 = \"").unwrap();
                format!("{before}sha256 = \"{sha256}\"{}", after.split_once('"').unwrap().1)
            }
            None => line.to_owned(),
        };
    lines.lines().map(with_digest).collect::<Vec<_>>().join("\n") + "\n"
}

/// What is shown, without the ends of lines.
fn flat(shown: &str) -> String {
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn an_adopted_root_is_asserted_until_its_next_crl_proves_the_key() {
    let lab = with_an_old_root();
    lab.hold("adoption", "hsm.toml", &EVERYBODY).ends(0, "complete and sealed");
    let verdict = lab.verify().ends(0, "VERDICT  PASS");
    assert!(verdict.contains("ASSERTED, not proven: O=Example, CN=Old-Root was made elsewhere"), "{verdict}");
    assert!(verdict.contains("copies of it may exist"), "{verdict}");

    let status = "authority status authority --roster roster.toml --at 2026-06-01T00:00:00Z";
    let shown = flat(&lab.anchorite(status).done());
    assert!(shown.contains("adopted: ASSERTED, NOT PROVEN"), "{shown}");
    let json = |lab: &Lab| -> Value {
        serde_json::from_str(&lab.anchorite(&format!("{status} --format json")).done()).unwrap()
    };
    let told = json(&lab);
    assert_eq!(told["keys"][0]["possession"], "asserted");
    assert_eq!(told["certificates"].as_array().unwrap().len(), 4);
    assert_eq!(told["crls"][0]["number"], 0x1000);
    let due = lab.anchorite("due authority --roster roster.toml --at 2026-06-01T00:00:00Z");
    assert!(flat(&due.shown).contains("until then its possession is asserted, not proven"), "{}", due.shown);
    let report = "report authority/0001-adoption -o report.html";
    lab.anchorite(report).done();
    assert!(lab.read("report.html").contains("ASSERTED, not proven: O=Example, CN=Old-Root"));

    lab.hold("next-crl", "hsm.toml", &TWO_OFFICERS).ends(0, "complete and sealed");
    let verdict = lab.verify().ends(0, "VERDICT  PASS");
    assert!(verdict.contains("adopted, signs here: its token has the private key"), "{verdict}");
    let told = json(&lab);
    assert_eq!(
        (&told["keys"][0]["possession"], &told["keys"][0]["proven_in"]),
        (&"proven".into(), &2.into())
    );
    let shown = flat(&lab.anchorite(status).done());
    assert!(shown.contains("adopted, proven in ceremony 2"), "{shown}");
    let due = lab.anchorite("due authority --roster roster.toml --at 2026-06-01T00:00:00Z").shown;
    assert!(!due.contains("prove-possession"), "{due}");

    // openssl, which made the old one, takes the new list under the old root, with its entry and the new one.
    let list = "authority/0002-next-crl/artifacts/crl.crl.pem";
    let root = "ceremonies/inputs/old-root.crt.pem";
    let text = lab.tool("openssl", "openssl", &["crl", "-in", list, "-CAfile", root, "-noout", "-text"]);
    let text = text.ends(0, "verify OK");
    for found in
        ["4097", "Serial Number: 2002", "Cessation Of Operation", "Serial Number: 2001", "Superseded"]
    {
        assert!(text.contains(found), "{found}: {text}");
    }
    assert!(!text.contains("Serial Number: 2000"), "{text}");
}

/// Makes the ceremony file anew after `change`, and insists that the plan says why it will not do.
#[track_caller]
fn refused(change: impl FnOnce(&Lab), told: &str) {
    let lab = with_an_old_root();
    change(&lab);
    lab.write("ceremonies/adoption.toml", &adoption(&lab));
    let shown = flat(&lab.plan("adoption").ends(1, "P060"));
    assert!(shown.contains(told), "{told}: {shown}");
}

fn openssl(lab: &Lab, arguments: &str) {
    lab.tool("openssl", "openssl", &arguments.split(' ').collect::<Vec<_>>()).done();
}

#[test]
fn what_the_root_did_not_sign_or_what_no_ceremony_could_go_on_with_is_refused() {
    let other_root = "req -new -x509 -config old-openssl.cnf -extensions root -key old-one.key -subj /O=Example/CN=Old-Root -days 7300 -out";
    refused(
        |lab| openssl(lab, &format!("{other_root} ceremonies/inputs/one.crt.pem")),
        "`inputs/one.crt.pem`: its signature does not verify under the root's key",
    );
    refused(
        |lab| openssl(lab, &format!("{other_root} ceremonies/inputs/old-root.crt.pem")),
        "`inputs/old.crl.pem`: its signature does not verify under the root's key",
    );
    refused(
        |lab| lab.write("ceremonies/inputs/two.crt.pem", &lab.read("ceremonies/inputs/old-root.crt.pem")),
        "another certificate's too",
    );
    refused(
        |lab| {
            lab.write(
                "ceremonies/inputs/one.crt.pem",
                &lab.read("2000.pem").replace("-----END", "text\n-----END"),
            )
        },
        "`inputs/one.crt.pem`:",
    );
    let without_usage = |lab: &Lab| {
        lab.edit(
            "old-openssl.cnf",
            "keyUsage = critical,keyCertSign,cRLSign",
            "keyUsage = critical,keyCertSign",
        );
        openssl(
            lab,
            "req -new -x509 -config old-openssl.cnf -extensions root -key old-root.key -subj /O=Example/CN=Old-Root \
             -days 7300 -out ceremonies/inputs/old-root.crt.pem",
        );
    };
    refused(without_usage, "its key may not sign CRLs");
    let of_another_domain = |lab: &Lab| {
        lab.edit(
            "old-openssl.cnf",
            "[below]\n",
            "[below]\nsubjectAltName = URI:spiffe://other.example.org\n",
        );
        openssl(
            lab,
            "ca -batch -notext -config old-openssl.cnf -in old-one.csr -out ceremonies/inputs/one.crt.pem",
        );
    };
    refused(of_another_domain, "its SPIFFE ID is of the trust domain `other.example.org`");
}

#[test]
fn an_entry_without_a_reason_is_carried_only_with_one_that_people_chose() {
    let lab = with_an_old_root();
    lab.edit("ceremonies/adoption.toml", "reason-where-none = \"cessation-of-operation\"\n", "");
    let shown = flat(&lab.plan("adoption").ends(1, "P060"));
    assert!(shown.contains("say `reason-where-none`"), "{shown}");
}

#[test]
fn another_key_under_the_label_is_not_adopted() {
    let lab = with_an_old_root();
    let token = ["--token", "old-token", "--pin", PIN];
    lab.edit("ceremonies/adoption.toml", "label = \"old-root\"", "label = \"other\"");
    openssl(&lab, "pkcs8 -topk8 -nocrypt -in old-one.key -out old-one.p8");
    let import = ["--import", "old-one.p8", "--label", "other", "--id", "0b"];
    lab.tool("softhsm2-util", "softhsm2", &[&import[..], &token].concat()).done();
    lab.plan("adoption").done();
    let rehearsed =
        lab.anchorite("rehearse plans/adoption --binding hsm.toml --output rehearsal --drill wrong-word");
    assert!(flat(&rehearsed.shown).contains("adopts a root that was made elsewhere"), "{}", rehearsed.shown);
    lab.approve("adoption", "hsm.toml", &EVERYBODY);
    let ran = lab.run("adoption", "hsm.toml");
    assert_ne!(ran.code, 0, "{}", ran.shown);
    assert!(ran.shown.contains("other"), "{}", ran.shown);
    assert!(!lab.read("authority/0001-adoption/log.jsonl").contains("authority.adopted"));
}

#[test]
fn a_root_is_the_first_thing_that_an_authority_adopts() {
    let lab = with_an_old_root();
    lab.hold("adoption", "hsm.toml", &EVERYBODY).ends(0, "complete and sealed");
    let again = lab.read("ceremonies/adoption.toml").replace("\"adoption\"", "\"again\"");
    let (head, _) = again.split_once("[[step]]").unwrap();
    let (_, adopt) = again.rsplit_once("[[step]]").unwrap();
    let adopt = adopt.replace("id = \"old-root\"", "id = \"again\"");
    lab.write("ceremonies/again.toml", &format!("{head}[[step]]{adopt}"));
    lab.plan("again").ends(1, "the authority has a key since ceremony 1, `old-root`");
}

#[test]
fn a_first_list_without_a_number_and_a_certificate_of_no_ca_are_taken_in_too() {
    let lab = with_an_old_root();
    lab.edit("old-openssl.cnf", "crl_extensions = list\n", "");
    lab.edit("old-openssl.cnf", "crlnumber = old-crlnumber\n", "");
    openssl(&lab, "ca -config old-openssl.cnf -gencrl -out ceremonies/inputs/old.crl.pem");
    lab.edit(
        "old-openssl.cnf",
        "[below]\nbasicConstraints = critical,CA:TRUE,pathlen:0\nkeyUsage = critical,keyCertSign,cRLSign\n",
        "[below]\nkeyUsage = critical,digitalSignature\n",
    );
    openssl(
        &lab,
        "ca -batch -notext -config old-openssl.cnf -in old-two.csr -out ceremonies/inputs/two.crt.pem",
    );
    lab.write("ceremonies/adoption.toml", &adoption(&lab));
    lab.hold("adoption", "hsm.toml", &EVERYBODY).ends(0, "complete and sealed");
    lab.verify().ends(0, "VERDICT  PASS");
    let status = "authority status authority --roster roster.toml --at 2026-06-01T00:00:00Z";
    let shown = flat(&lab.anchorite(status).done());
    assert!(shown.contains("end entity CN=two"), "{shown}");
    lab.hold("next-crl", "hsm.toml", &TWO_OFFICERS).ends(0, "complete and sealed");
    lab.verify().ends(0, "VERDICT  PASS");
    let told: Value =
        serde_json::from_str(&lab.anchorite(&format!("{status} --format json")).done()).unwrap();
    assert_eq!((&told["crls"][0]["number"], &told["crls"][1]["number"]), (&0.into(), &1.into()));
}

#[test]
fn where_there_never_was_a_list_the_first_one_is_due_at_once() {
    let lab = with_an_old_root();
    let text = lab.read("ceremonies/adoption.toml");
    let lines: String = text
        .lines()
        .filter(|line| !line.starts_with("reason-where-none"))
        .map(|line| match line.starts_with("crl = ") {
            true => "without-crl = \"Nothing was ever revoked.\"\n".to_owned(),
            false => format!("{line}\n"),
        })
        .collect();
    lab.write("ceremonies/adoption.toml", &lines);
    lab.hold("adoption", "hsm.toml", &EVERYBODY).ends(0, "complete and sealed");
    lab.verify().ends(0, "VERDICT  PASS");
    let due = lab.anchorite("due authority --roster roster.toml --at 2035-12-31T00:00:00Z").ends(1, "");
    let overdue = due.split("soon").next().unwrap();
    assert!(overdue.contains("prove-possession"), "{due}");
}
