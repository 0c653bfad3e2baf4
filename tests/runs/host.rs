use std::process::Command;

use crate::lab::{EVERYBODY, Lab, Ran, ran};

/// The program without the capability to lock memory, under a limit in KiB (RLIMIT_MEMLOCK, soft and hard).
fn under_a_limit(lab: &Lab, kibibytes: u32, arguments: &str) -> Ran {
    let program = lab.command(arguments);
    let mut limited = Command::new("sh");
    limited
        .args(["-c", "ulimit -l \"$0\" && exec setpriv --bounding-set=-ipc_lock --inh-caps=-ipc_lock \"$@\""])
        .arg(kibibytes.to_string())
        .arg(program.get_program())
        .args(program.get_args())
        .current_dir(program.get_current_dir().unwrap());
    ran(&mut limited)
}

#[test]
fn the_record_says_how_the_machine_kept_secrets_in_its_memory() {
    let lab = Lab::blank();
    let shown = lab.hold("genesis", "blank.toml", &EVERYBODY).done();
    assert!(shown.contains("host: core dumps off, memory "), "{shown}");
    let host = lab.record("ceremony.open")["host"].clone();
    assert_eq!(host["core_dumps_off"]["state"], "done");
    let swaps = std::fs::read_to_string("/proc/swaps").unwrap();
    assert_eq!(host["swap"].as_array().unwrap().len(), swaps.lines().count() - 1);
}

#[test]
fn a_machine_that_lets_little_memory_be_locked_is_named_and_the_ceremony_does_not_run_out_of_it() {
    for kibibytes in [64, 4 << 10] {
        let lab = Lab::blank();
        lab.plan("genesis").done();
        lab.approve("genesis", "blank.toml", &EVERYBODY);
        let shown = under_a_limit(&lab, kibibytes, &Lab::run_arguments("genesis", "blank.toml")).done();
        assert!(shown.contains("memory not locked (refused with errno 12)"), "{kibibytes}: {shown}");
        let host = lab.record("ceremony.open")["host"].clone();
        assert_eq!(host["memory_locked"]["state"], "refused", "{kibibytes}");
        assert_eq!(host["memory_locked"]["errno"], 12, "{kibibytes}");
        let swap = host["swap"].as_array().unwrap().len();
        assert_eq!(shown.contains("warning: secrets can reach a disk"), swap > 0, "{shown}");
        lab.verify().ends(0, "VERDICT  PASS");
    }
}
