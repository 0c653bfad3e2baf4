//! A module between the program and SoftHSM that ends the process at a chosen call, holds the quorum itself, or says
//! other things of the token than SoftHSM does.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::lab::{Lab, module, repository};

/// The module, built for one laboratory.
pub(crate) struct Proxy {
    directory: PathBuf,
    library: PathBuf,
}

impl Proxy {
    pub(crate) fn of(lab: &Lab) -> Self {
        let directory = lab.path("proxy");
        fs::create_dir_all(&directory).unwrap();
        let library = directory.join("proxy.so");
        let compiled = Command::new("cc")
            .args(["-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter", "-shared", "-fPIC", "-o"])
            .arg(&library)
            .arg(format!("-DMODULE=\"{}\"", module().display()))
            .arg(format!("-DDIRECTORY=\"{}\"", directory.display()))
            .arg(repository("tests/support/proxy.c"))
            .arg("-ldl")
            .output()
            .expect("cc is missing: apt-get install gcc");
        assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
        Self { directory, library }
    }

    /// Writes a binding to a token behind this module.
    pub(crate) fn bind(&self, lab: &Lab, name: &str, address: &str) {
        lab.write_binding(name, &self.library, address);
    }

    /// The process ends before or after the Nth call of a function, counted from 1.
    pub(crate) fn kill(&self, when: &str, function: &str, number: usize) {
        fs::write(self.directory.join("kill"), format!("{when} {function} {number}\n")).unwrap();
    }

    /// No call ends the process any more.
    pub(crate) fn spare(&self) {
        let _ = fs::remove_file(self.directory.join("kill"));
    }

    /// Tokens authenticate people on the device, who then know this PIN.
    pub(crate) fn hold_quorum(&self, pin: &str) {
        fs::write(self.directory.join("pin"), pin).unwrap();
    }

    /// Tokens claim these flags beside their own (CK_TOKEN_INFO.flags).
    pub(crate) fn claim(&self, flags: u64) {
        fs::write(self.directory.join("flags"), format!("{flags:x}\n")).unwrap();
    }

    /// Tokens say that a PIN has at most so many bytes.
    pub(crate) fn limit_pins(&self, most: u64) {
        fs::write(self.directory.join("pin-max"), format!("{most}\n")).unwrap();
    }

    /// The last bit of every signature is the other one, or not any more.
    pub(crate) fn sign_wrongly(&self, wrongly: bool) {
        let file = self.directory.join("wrong");
        if wrongly { fs::write(file, "").unwrap() } else { fs::remove_file(file).unwrap() }
    }

    /// Every key says that it can be extracted.
    pub(crate) fn let_keys_out(&self) {
        fs::write(self.directory.join("extractable"), "").unwrap();
    }

    /// The calls with a side effect since this was asked last.
    pub(crate) fn calls(&self) -> Vec<String> {
        let path = self.directory.join("log");
        let log = fs::read_to_string(&path).unwrap_or_default();
        let _ = fs::remove_file(path);
        log.lines().map(str::to_owned).collect()
    }
}
