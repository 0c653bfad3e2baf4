use std::process::Command;

use super::lab::{EVERYBODY, Lab, repository};

/// What openssl's `genpkey` takes, and the roster's name for it.
const ALGORITHMS: [(&str, &str); 4] = [
    ("RSA -pkeyopt rsa_keygen_bits:3072", "rsa-pss-sha256"),
    ("ED25519", "ed25519"),
    ("EC -pkeyopt ec_paramgen_curve:P-384", "ecdsa-p384-sha384"),
    ("EC -pkeyopt ec_paramgen_curve:P-256", "ecdsa-p256-sha256"),
];

/// Gives everybody a key that openssl made, each of another algorithm.
pub(crate) fn give_keys(lab: &Lab) {
    for (person, (make, algorithm)) in EVERYBODY.iter().zip(ALGORITHMS) {
        let (key, pass) = (format!("custody/{person}.key.pem"), format!("file:custody/{person}.passphrase"));
        let mut arguments = vec!["genpkey", "-quiet", "-aes256", "-pass", &pass, "-out", &key, "-algorithm"];
        arguments.extend(make.split(' '));
        lab.tool("openssl", "openssl", &arguments).done();
        let script = format!("openssl pkey -in {key} -passin {pass} -pubout -outform DER | base64 -w0");
        let public = lab.tool("sh", "coreutils", &["-ec", &script]).done();
        let roster = lab.read("roster.toml");
        let (before, entry) = roster.split_at(roster.find(&format!("name = \"{person}\"")).unwrap());
        let line = |key: &str| entry.lines().find(|line| line.starts_with(key)).unwrap();
        let entry = entry.replacen(line("public-key"), &format!("public-key = \"{public}\""), 1).replacen(
            line("algorithm"),
            &format!("algorithm = \"{algorithm}\""),
            1,
        );
        lab.write("roster.toml", &format!("{before}{entry}"));
    }
}

#[test]
fn people_with_keys_of_every_algorithm_hold_a_ceremony_that_both_verifiers_accept() {
    let lab = Lab::blank();
    give_keys(&lab);
    lab.hold("genesis", "blank.toml", &EVERYBODY).done();
    lab.verify().ends(0, "PASS");
    let script = || {
        Command::new("sh")
            .arg(repository("scripts/verify.sh"))
            .args(["authority", "--roster", "roster.toml", "--expect-head", &lab.head()])
            .current_dir(lab.path("."))
            .output()
            .unwrap()
    };
    let good = script();
    assert!(good.status.success(), "{}", String::from_utf8_lossy(&good.stdout));
    for signature in [
        "artifacts/approval.officer-a.sig",
        "seals/authorise.officer-b.sig",
        "seals/close.officer-c.sig",
        "seals/close.witness.sig",
    ] {
        let path = lab.path(&format!("authority/0001-genesis/{signature}"));
        let bytes = std::fs::read(&path).unwrap();
        let mut changed = bytes.clone();
        let last = changed.len() - 1;
        changed[last] ^= 1;
        std::fs::write(&path, &changed).unwrap();
        assert!(!script().status.success(), "{signature}");
        lab.verify().ends(1, "FAIL");
        std::fs::write(&path, &bytes).unwrap();
    }
}
