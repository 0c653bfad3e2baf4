use std::process::Command;

use crate::keys::give_keys;
use crate::lab::{EVERYBODY, Lab, repository};

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
