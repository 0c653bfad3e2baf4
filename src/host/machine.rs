use std::fs::{self, File};

use crate::format::{Digest, Machine};

/// What this machine says of itself and of what runs on it. A program cannot vouch for itself: that is to be compared with
/// what other machines say of the same files.
pub fn machine() -> Machine {
    let kernel = [read("/proc/sys/kernel/osrelease"), read("/proc/sys/kernel/version")];
    let dmi = |name: &str| read(&format!("/sys/class/dmi/id/{name}"));
    Machine {
        program_sha256: File::open("/proc/self/exe").and_then(Digest::of_all).ok(),
        kernel: joined(&kernel),
        command_line: read("/proc/cmdline"),
        boot_id: read("/proc/sys/kernel/random/boot_id"),
        vendor: dmi("sys_vendor"),
        product: dmi("product_name"),
        serial: dmi("product_serial"),
        firmware: joined(&[dmi("bios_vendor"), dmi("bios_version"), dmi("bios_date")]),
    }
}

fn joined(parts: &[Option<String>]) -> Option<String> {
    let known: Vec<&str> = parts.iter().flatten().map(String::as_str).collect();
    (!known.is_empty()).then(|| known.join(", "))
}

/// One line of /proc or /sys; `None` where there is none, it may not be read, or it says nothing.
fn read(path: &str) -> Option<String> {
    let text = fs::read(path).ok()?;
    let text = String::from_utf8_lossy(&text).trim().to_owned();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_running_program_and_kernel_are_named_as_other_tools_name_them() {
        let machine = machine();
        let program = std::env::current_exe().unwrap();
        assert_eq!(machine.program_sha256, Some(Digest::of(&fs::read(program).unwrap())));
        let uname = std::process::Command::new("uname").arg("-r").output().unwrap();
        let release = String::from_utf8(uname.stdout).unwrap();
        assert!(machine.kernel.unwrap().starts_with(release.trim()));
        assert!(machine.boot_id.is_some_and(|id| id.len() == 36));
    }

    #[test]
    fn what_a_machine_does_not_say_is_left_out() {
        assert_eq!(read("/sys/class/dmi/id/no-such-file"), None);
        assert_eq!(joined(&[None, Some("1.2".to_owned()), None]).as_deref(), Some("1.2"));
        assert_eq!(joined(&[None]), None);
    }
}
