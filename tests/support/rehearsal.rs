//! A rehearsal, held by the same commands as a ceremony.

use serde_json::Value;

use crate::lab::{Lab, Ran, sha256};

/// The directory of a rehearsal in a laboratory.
pub(crate) struct Rehearsal<'l> {
    pub(crate) lab: &'l Lab,
    pub(crate) directory: &'static str,
}

impl<'l> Rehearsal<'l> {
    /// Derives a rehearsal of `plans/NAME`.
    pub(crate) fn derive(lab: &'l Lab, name: &str, binding: &str, drills: &[&str]) -> (Self, Ran) {
        let rehearsal = Self { lab, directory: "rehearsal" };
        let ran = rehearsal.derive_again(name, binding, drills);
        (rehearsal, ran)
    }

    /// Derives another attempt in the same directory.
    pub(crate) fn derive_again(&self, name: &str, binding: &str, drills: &[&str]) -> Ran {
        let drills: String = drills.iter().map(|drill| format!(" --drill {drill}")).collect();
        self.lab.anchorite(&format!(
            "rehearse plans/{name} --binding {binding} --output {}{drills}",
            self.directory
        ))
    }

    /// Has people approve an attempt.
    pub(crate) fn approve(&self, attempt: u64, people: &[&str]) {
        let of = self.directory;
        for person in people {
            self.lab
                .anchorite(&format!(
                    "officer sign --plan {of}/{attempt}/plan --binding {of}/{attempt}/binding.toml \
                     --roster {of}/roster.toml --as {person} --output {of}/{attempt}/approvals \
                     --key {of}/custody/{person}.key.pem \
                     --passphrase-file {of}/custody/{person}.passphrase --yes"
                ))
                .done();
        }
    }

    fn exchange(&self, attempt: u64) -> String {
        let of = self.directory;
        format!("--exchange {of}/{attempt}/exchange --answers {of}/answers.toml --custody {of}/custody")
    }

    /// The arguments with which an attempt is run.
    pub(crate) fn run_arguments(&self, attempt: u64) -> String {
        let of = self.directory;
        format!(
            "run {of}/{attempt}/plan --binding {of}/{attempt}/binding.toml --authority {of}/authority \
             --approvals {of}/{attempt}/approvals {}",
            self.exchange(attempt)
        )
    }

    pub(crate) fn run(&self, attempt: u64) -> Ran {
        self.lab.anchorite(&self.run_arguments(attempt))
    }

    pub(crate) fn resume(&self, attempt: u64, bundle: &str) -> Ran {
        let of = self.directory;
        self.lab.anchorite(&format!("resume {of}/authority/{bundle} {}", self.exchange(attempt)))
    }

    /// SHA-256 of the last line of a bundle's log.
    pub(crate) fn head(&self, bundle: &str) -> String {
        let log = self.lab.read(&format!("{}/authority/{bundle}/log.jsonl", self.directory));
        sha256(log.split_inclusive('\n').next_back().unwrap_or_default().as_bytes())
    }

    pub(crate) fn verify(&self, last: &str) -> Ran {
        let of = self.directory;
        let head = self.head(last);
        self.lab.anchorite(&format!(
            "verify {of}/authority --rehearsal --roster {of}/roster.toml --expect-head {head}"
        ))
    }

    /// The bodies of a bundle's records of a type.
    pub(crate) fn records(&self, bundle: &str, kind: &str) -> Vec<Value> {
        let log = self.lab.read(&format!("{}/authority/{bundle}/log.jsonl", self.directory));
        let records = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        records.filter(|record| record["type"] == kind).map(|record| record["body"].clone()).collect()
    }
}
