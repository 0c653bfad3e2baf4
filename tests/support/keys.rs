//! Keys that openssl made, in the hands of a laboratory's people.

use crate::lab::{EVERYBODY, Lab};

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
