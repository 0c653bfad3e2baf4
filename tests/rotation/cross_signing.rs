//! Another organisation's root under ours, with and without proof that its holder has the key.

use crate::lab::{Lab, TWO_OFFICERS, sha256};

const HEAD: &str = "[ceremony]\ntitle = \"A partner under our root\"\nname = \"partner\"\nauthority = \"example-lab\"\n\
    environment = \"lab\"\ntrust-domain = \"lab.example.org\"\n\
    window = { from = 2026-01-01T00:00:00Z, to = 2036-01-01T00:00:00Z }\n";

/// A root, a request of the same key and one of another, as the partner's openssl makes them.
fn partner(lab: &Lab) {
    let openssl = |arguments: &str| {
        let arguments: Vec<&str> = arguments.split(' ').collect();
        lab.tool("openssl", "openssl", &arguments).done()
    };
    for key in ["partner", "other"] {
        openssl(&format!("genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out {key}.key"));
        openssl(&format!(
            "req -new -key {key}.key -subj /O=Partner/CN={key} -out ceremonies/inputs/{key}.csr"
        ));
    }
    openssl(
        "req -new -x509 -key partner.key -subj /O=Partner/CN=Partner-Root -days 3650 -addext \
         keyUsage=critical,keyCertSign,cRLSign -out ceremonies/inputs/partner.pem",
    );
    openssl(
        "req -new -x509 -key partner.key -subj /O=Partner/CN=No-CA -days 3650 -addext \
         basicConstraints=critical,CA:FALSE -out ceremonies/inputs/leaf.pem",
    );
}

fn ceremony(lab: &Lab, certificate: &str, csr: Option<&str>, more: &str) {
    let file = |name: &str| {
        let bytes = std::fs::read(lab.path(&format!("ceremonies/inputs/{name}"))).unwrap();
        format!("{{ file = \"inputs/{name}\", sha256 = \"{}\" }}", sha256(&bytes))
    };
    let csr = csr.map_or_else(String::new, |csr| format!("csr = {}\n", file(csr)));
    let text = format!(
        "{HEAD}\n[[step]]\nid = \"partner\"\ndo = \"cross-sign\"\nissuer = \"ledger:root\"\ncertificate = {}\n{csr}\
         validity = {{ from = 2026-11-01T00:00:00Z, to = 2030-12-31T23:59:59Z }}\n{more}",
        file(certificate)
    );
    lab.write("ceremonies/partner.toml", &text);
}

#[test]
fn a_foreign_root_is_certified_with_its_name_key_and_identifier_and_its_chains_end_at_ours() {
    let lab = Lab::after_genesis();
    partner(&lab);
    ceremony(&lab, "partner.pem", Some("partner.csr"), "path-length = 1\n");
    lab.hold("partner", "hsm.toml", &TWO_OFFICERS).done();
    lab.verify().ends(0, "VERDICT  PASS");
    let (cross, own) = ("authority/0002-partner/artifacts/partner.crt.pem", "ceremonies/inputs/partner.pem");
    for field in ["-subject", "-pubkey", "-ext=subjectKeyIdentifier"] {
        let of = |file: &str| {
            let field: Vec<&str> = field.split('=').collect();
            let arguments = [&["x509", "-in", file, "-noout"], field.as_slice()].concat();
            lab.tool("openssl", "openssl", &arguments).done()
        };
        assert_eq!(of(cross), of(own));
    }
    let strictly =
        ["verify", "-x509_strict", "-CAfile", "authority/0001-genesis/artifacts/root.crt.pem", cross];
    lab.tool("openssl", "openssl", &strictly).ends(0, "OK");
    lab.anchorite(&format!(
        "lint {cross} --profile cross --issuer authority/0001-genesis/artifacts/root.crt.pem --environment lab"
    ))
    .done();
    // Its revocation is the root's to decide, as that of an intermediate.
    lab.write(
        "ceremonies/revoke.toml",
        &format!(
            "{}\n[[step]]\nid = \"no-more\"\ndo = \"revoke\"\nissuer = \"ledger:root\"\ncertificate = \"ledger:partner\"\n\
             reason = \"superseded\"\nat = 2026-12-01T00:00:00Z\n\n[[step]]\nid = \"crl\"\ndo = \"issue-crl\"\n\
             issuer = \"ledger:root\"\nthis-update = 2026-12-01T00:00:00Z\nnext-update = 2027-01-31T23:59:59Z\n",
            HEAD.replace("\"partner\"", "\"revoke\"")
        ),
    );
    lab.hold("revoke", "hsm.toml", &TWO_OFFICERS).done();
    lab.verify().ends(0, "VERDICT  PASS");
}

#[test]
fn what_is_no_root_or_nobodys_key_is_refused_and_what_nothing_shows_is_said() {
    let lab = Lab::after_genesis();
    partner(&lab);
    ceremony(&lab, "partner.pem", None, "");
    lab.plan("partner").ends(0, "nothing shows that whoever brought");
    let paper = lab.anchorite("script plans/partner --output runbook.html");
    paper.done();
    assert!(lab.read("runbook.html").contains("NOT SHOWN"));
    std::fs::remove_dir_all(lab.path("plans/partner")).unwrap();

    ceremony(&lab, "partner.pem", Some("other.csr"), "");
    lab.plan("partner").ends(1, "error[P007]");
    ceremony(&lab, "leaf.pem", None, "");
    lab.plan("partner").ends(1, "error[P035]");
    ceremony(&lab, "partner.pem", None, "");
    lab.edit("ceremonies/partner.toml", "2030-12-31", "2040-12-31");
    lab.plan("partner").ends(1, "error[P036]");
    std::fs::copy(
        lab.path("authority/0001-genesis/artifacts/root.crt.pem"),
        lab.path("ceremonies/inputs/partner.pem"),
    )
    .unwrap();
    ceremony(&lab, "partner.pem", None, "");
    lab.plan("partner").ends(1, "refer to it with `ledger:`");
    assert!(!lab.path("plans/partner").exists());
}

#[test]
fn a_destroyed_key_is_gone_from_the_token_and_from_every_plan() {
    let lab = Lab::after_genesis();
    let head = HEAD.replace("\"partner\"", "\"retire\"");
    let gone = "[[step]]\nid = \"gone\"\ndo = \"destroy-key\"\nkey = \"ledger:root-key\"\n";
    let later = "\n[[step]]\nid = \"crl\"\ndo = \"issue-crl\"\nissuer = \"ledger:root\"\n\
        this-update = 2026-12-01T00:00:00Z\nnext-update = 2027-01-31T23:59:59Z\n";
    lab.write("ceremonies/retire.toml", &format!("{head}\n{gone}{later}"));
    lab.plan("retire").ends(1, "error[P037]");
    lab.write("ceremonies/retire.toml", &format!("{head}\n{gone}"));
    lab.hold("retire", "hsm.toml", &TWO_OFFICERS).done();
    lab.verify().ends(0, "VERDICT  PASS");
    let found = lab.records().into_iter().rfind(|record| record["type"] == "token.info").unwrap();
    assert_eq!(found["body"]["objects"]["private_keys"], 0);
    assert_eq!(found["body"]["objects"]["public_keys"], 0);
    lab.write("ceremonies/retire.toml", &format!("{head}{later}").replace("\"retire\"", "\"late\""));
    lab.plan("retire").ends(1, "is destroyed in ceremony 2");
    lab.write("ceremonies/retire.toml", &format!("{head}\n{gone}"));
    lab.plan("retire").ends(1, "is destroyed in ceremony 2");
}
