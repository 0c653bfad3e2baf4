//! PINs as others derive them: vectors made with another library's HKDF, and the script for a disaster.
#![cfg(feature = "ceremony")]

#[cfg(test)]
mod vectors {
    use std::path::Path;
    use std::process::Command;

    use anchorite::format::{
        Digest, Hex, Name, PinAlphabet, PinPolicy, PinTemplate, ShareSetName, from_json,
    };
    use anchorite::secret::QuorumSecret;
    use anchorite::shares::{PinPurpose, check_value, derive_pin};
    use serde_json::Value;
    use zeroize::Zeroizing;

    const FILE: &str = "tests/vectors/pin/vectors.json";

    fn vectors() -> Vec<Value> {
        serde_json::from_str(include_str!("vectors/pin/vectors.json")).unwrap()
    }

    fn text<'a>(vector: &'a Value, member: &str) -> &'a str {
        vector[member].as_str().unwrap()
    }

    fn octets(vector: &Value, member: &str) -> Hex {
        Hex::parse(text(vector, member)).unwrap()
    }

    fn policy(vector: &Value) -> PinPolicy {
        let alphabet: PinAlphabet = from_json(vector["alphabet"].to_string().as_bytes()).unwrap();
        let template = |member| PinTemplate::parse(text(vector, member)).unwrap();
        let length = u8::try_from(vector["length"].as_u64().unwrap()).unwrap();
        PinPolicy {
            step: "provision".parse().unwrap(),
            token: "primary".parse().unwrap(),
            token_id: octets(vector, "token_id"),
            set_id: octets(vector, "set_id"),
            epoch: u32::try_from(vector["epoch"].as_u64().unwrap()).unwrap(),
            alphabet,
            length,
            user_template: template("user_template"),
            security_officer_template: template("security_officer_template"),
            entropy_bits: alphabet.bits(length),
        }
    }

    #[test]
    fn every_vector_gives_its_check_value_and_its_pins() {
        assert_eq!(vectors().len(), 5);
        for vector in &vectors() {
            let secret = QuorumSecret::new(Zeroizing::new(octets(vector, "secret").0.try_into().unwrap()));
            let policy = policy(vector);
            let set = match text(vector, "set") {
                "operate" => ShareSetName::Operate,
                _ => ShareSetName::Recovery,
            };
            let ceremony = Digest::parse(text(vector, "ceremony")).unwrap();
            let check = check_value(&secret, &ceremony, set, &policy.set_id, policy.epoch).unwrap();
            assert_eq!(check.to_string(), text(vector, "check"), "{}", vector["name"]);
            let authority: Name = text(vector, "authority").parse().unwrap();
            for (purpose, member) in
                [(PinPurpose::User, "user_pin"), (PinPurpose::SecurityOfficer, "security_officer_pin")]
            {
                let pin = derive_pin(&secret, &authority, &policy, purpose).unwrap();
                assert_eq!(pin.expose_pin(), text(vector, member).as_bytes(), "{}: {member}", vector["name"]);
            }
            for (template, member) in [
                (&policy.user_template, "user_encoding"),
                (&policy.security_officer_template, "security_officer_encoding"),
            ] {
                let encoding = format!("{}/{}/{template}", policy.alphabet.symbols(), policy.length);
                assert_eq!(encoding, text(vector, member));
            }
        }
    }

    fn recomputed(file: &Path) -> (bool, String) {
        let output = Command::new("python3")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/recover-pin.py"))
            .args(["--check-vectors".as_ref(), file.as_os_str()])
            .output()
            .expect("python3 is missing: apt-get install python3");
        (output.status.success(), String::from_utf8(output.stderr).unwrap())
    }

    #[test]
    fn the_script_for_a_disaster_recomputes_every_vector_and_notices_a_wrong_one() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
        assert_eq!(recomputed(&file), (true, "5 vectors hold\n".to_owned()));
        let directory = tempfile::tempdir().unwrap();
        for member in ["secret", "ceremony", "set_id", "token_id", "check", "user_pin"] {
            let mut vectors = vectors();
            let other = vectors[1][member].clone();
            vectors[0][member] = other;
            let changed = directory.path().join("changed.json");
            std::fs::write(&changed, serde_json::to_vec(&vectors).unwrap()).unwrap();
            let (done, told) = recomputed(&changed);
            assert!(!done && told.contains("not what the vector says"), "{member}: {told}");
        }
    }
}
