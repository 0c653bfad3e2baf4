use serde::{Deserialize, Serialize};

use crate::format::Digest;

/// Which machine it is and what it runs, as far as it says: `None` for what cannot be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// SHA-256 of the running program's file (/proc/self/exe).
    pub program_sha256: Option<Digest>,
    /// Release and version of the kernel (/proc/sys/kernel/osrelease, version).
    pub kernel: Option<String>,
    /// What the kernel was started with (/proc/cmdline).
    pub command_line: Option<String>,
    /// Another one after each start (/proc/sys/kernel/random/boot_id).
    pub boot_id: Option<String>,
    /// Maker of the machine (DMI sys_vendor).
    pub vendor: Option<String>,
    /// Its model (DMI product_name).
    pub product: Option<String>,
    /// Its serial number (DMI product_serial); mostly readable by root alone.
    pub serial: Option<String>,
    /// Maker, version and date of its firmware (DMI bios_vendor, bios_version, bios_date).
    pub firmware: Option<String>,
}
