use std::fs;
use std::hint::black_box;

use rustix::io::Errno;
use rustix::mm::{MlockAllFlags, mlockall, munlockall};
use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit};

use crate::format::{HostState, Protection};

/// What a ceremony may allocate at once: Argon2id over 64 MiB, and as much again.
const LARGEST_ALLOCATION: usize = 128 << 20;

/// Keeps this process's memory out of core files, debuggers and swap as far as the operating system lets it, and
/// reads what else could carry memory to a disk.
///
/// For the beginning of every verb that handles secrets. Doing it again is harmless and looks at the machine again;
/// execve(2) undoes all of it but the limit on core files.
pub fn harden() -> HostState {
    HostState {
        core_dumps_off: protection(core_dumps_off()),
        memory_locked: protection(memory_locked()),
        swap: fs::read_to_string("/proc/swaps").ok().map(|text| swap_areas(&text)),
        ptrace_scope: read("/proc/sys/kernel/yama/ptrace_scope").and_then(|scope| scope.parse().ok()),
        hibernation: read("/sys/power/state").map(|states| states.split(' ').any(|state| state == "disk")),
    }
}

/// Both are needed: a core_pattern with a pipe ignores RLIMIT_CORE, and execve(2) makes a process dumpable again.
fn core_dumps_off() -> Result<(), Errno> {
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)
}

/// Locks all memory, now and later, page by page as it is used.
///
/// Where RLIMIT_MEMLOCK counts, every later allocation counts too, and one too many would end the program in the
/// middle of a ceremony. So the largest one is tried here, and all memory is let go again when it fails.
fn memory_locked() -> Result<(), Errno> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Memlock);
    // May fail: what counts is what can be locked.
    let _ = setrlimit(Resource::Memlock, Rlimit { current: maximum, maximum });
    mlockall(MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT)?;
    let mut largest = Vec::<u8>::new();
    let room = largest.try_reserve_exact(LARGEST_ALLOCATION);
    // Memory that nothing uses need not be asked for at all.
    black_box(&largest);
    if room.is_err() {
        munlockall()?;
        return Err(Errno::NOMEM);
    }
    Ok(())
}

fn protection(result: Result<(), Errno>) -> Protection {
    match result {
        Ok(()) => Protection::Done {},
        Err(Errno::NOSYS) => Protection::NotHere {},
        Err(error) => Protection::Refused { errno: error.raw_os_error() },
    }
}

/// The first column of each line of /proc/swaps (proc(5)) after the heading.
fn swap_areas(text: &str) -> Vec<String> {
    let lines = text.lines().skip(1);
    lines.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

fn read(path: &str) -> Option<String> {
    fs::read_to_string(path).ok().map(|text| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_swap_area_is_named() {
        let text = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n\
                    /dev/dm-1                               partition\t1003516\t\t0\t\t-2\n\
                    /var/my\\040swap                        file\t\t1048572\t\t0\t\t-3\n";
        assert_eq!(swap_areas(text), ["/dev/dm-1", "/var/my\\040swap"]);
        assert_eq!(swap_areas("Filename\tType\tSize\tUsed\tPriority\n"), [""; 0]);
    }
}
