use std::fmt;

use serde::{Deserialize, Serialize};

/// What keeps the secrets of a process inside it, on the machine that runs a ceremony.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostState {
    /// Core dumps and debuggers of other users shut out: PR_SET_DUMPABLE 0 (prctl(2)) and RLIMIT_CORE 0, soft and hard.
    pub core_dumps_off: Protection,
    /// All memory kept out of swap, that of later allocations too (mlockall(2)).
    pub memory_locked: Protection,
    /// Areas that the machine swaps to, as /proc/swaps names them; `None` where it does not say.
    pub swap: Option<Vec<String>>,
    /// Yama's ptrace_scope, 0 to 3: which processes may attach to others; `None` where the kernel has no Yama.
    pub ptrace_scope: Option<u8>,
    /// Whether the kernel offers to write memory to a disk (`disk` in /sys/power/state); `None` where it does not say.
    pub hibernation: Option<bool>,
}

/// What came of asking the operating system for a protection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Protection {
    /// It is in force.
    Done {},
    /// The operating system said no.
    Refused {
        /// Its error number (errno(3)).
        errno: i32,
    },
    /// The operating system does not have it (ENOSYS).
    NotHere {},
}

/// A way on which secrets could leave a machine's memory for a disk.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Exposure {
    /// A crash would write memory to a file.
    #[error("core dumps could not be turned off ({found})")]
    CoreDumps {
        /// What the operating system answered.
        found: Protection,
    },
    /// Memory is not locked, and there is swap or nobody knows.
    #[error("memory is not locked ({found}), and {}", swap_in_words(.swap.as_deref()))]
    Swap {
        /// What the operating system answered to locking.
        found: Protection,
        /// As [`HostState::swap`].
        swap: Option<Vec<String>>,
    },
}

impl HostState {
    /// The first way on which secrets could reach a disk; in production there may be none.
    pub fn exposure(&self) -> Option<Exposure> {
        if self.core_dumps_off != (Protection::Done {}) {
            return Some(Exposure::CoreDumps { found: self.core_dumps_off });
        }
        let no_swap = self.swap.as_ref().is_some_and(Vec::is_empty);
        if self.memory_locked != (Protection::Done {}) && !no_swap {
            return Some(Exposure::Swap { found: self.memory_locked, swap: self.swap.clone() });
        }
        None
    }
}

impl fmt::Display for HostState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { core_dumps_off, memory_locked, swap, ptrace_scope, hibernation } = self;
        match core_dumps_off {
            Protection::Done {} => f.write_str("core dumps off")?,
            found => write!(f, "core dumps possible ({found})")?,
        }
        match memory_locked {
            Protection::Done {} => f.write_str(", memory locked")?,
            found => write!(f, ", memory not locked ({found})")?,
        }
        write!(f, ", {}", swap_in_words(swap.as_deref()))?;
        match hibernation {
            Some(true) => f.write_str(", hibernation possible")?,
            Some(false) => f.write_str(", no hibernation")?,
            None => {}
        }
        match ptrace_scope {
            Some(scope) => write!(f, ", ptrace scope {scope}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done {} => f.write_str("done"),
            Self::Refused { errno } => write!(f, "refused with errno {errno}"),
            Self::NotHere {} => f.write_str("not offered here"),
        }
    }
}

fn swap_in_words(swap: Option<&[String]>) -> String {
    match swap {
        None => "whether there is swap is not known".to_owned(),
        Some([]) => "no swap".to_owned(),
        Some(areas) => format!("swap on {}", areas.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DONE: Protection = Protection::Done {};
    const REFUSED: Protection = Protection::Refused { errno: 12 };

    fn state(core_dumps_off: Protection, memory_locked: Protection, swap: Option<&[&str]>) -> HostState {
        let swap = swap.map(|areas| areas.iter().map(|&area| area.to_owned()).collect());
        HostState { core_dumps_off, memory_locked, swap, ptrace_scope: Some(1), hibernation: Some(false) }
    }

    #[test]
    fn the_state_of_a_machine_is_one_line() {
        let known = state(DONE, REFUSED, Some(&["/dev/sda2"]));
        assert_eq!(
            known.to_string(),
            "core dumps off, memory not locked (refused with errno 12), swap on /dev/sda2, no hibernation, ptrace scope 1"
        );
        let unknown = HostState { ptrace_scope: None, hibernation: None, ..state(REFUSED, DONE, Some(&[])) };
        assert_eq!(
            unknown.to_string(),
            "core dumps possible (refused with errno 12), memory locked, no swap"
        );
    }

    #[test]
    fn secrets_stay_in_memory_when_it_is_locked_or_there_is_no_swap_and_no_core_is_ever_dumped() {
        let not_here = Protection::NotHere {};
        for (state, told) in [
            (state(DONE, DONE, Some(&[])), None),
            (state(DONE, DONE, Some(&["/dev/sda2"])), None),
            (state(DONE, DONE, None), None),
            (state(DONE, REFUSED, Some(&[])), None),
            (
                state(DONE, REFUSED, Some(&["/dev/sda2", "/swap"])),
                Some("memory is not locked (refused with errno 12), and swap on /dev/sda2, /swap"),
            ),
            (
                state(DONE, not_here, None),
                Some("memory is not locked (not offered here), and whether there is swap is not known"),
            ),
            (
                state(REFUSED, DONE, Some(&[])),
                Some("core dumps could not be turned off (refused with errno 12)"),
            ),
        ] {
            assert_eq!(state.exposure().map(|exposure| exposure.to_string()).as_deref(), told);
        }
    }
}
