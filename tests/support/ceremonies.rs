//! The committed ceremonies, in an order in which a laboratory can hold them.

use std::fs;

use crate::lab::{Lab, sha256};

/// The genesis, then the others by name.
pub(crate) fn committed(lab: &Lab) -> Vec<String> {
    let entries = fs::read_dir(lab.path("ceremonies")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut found: Vec<String> = names
        .filter_map(|name| name.strip_suffix(".toml").map(str::to_owned))
        .filter(|name| {
            let text = lab.read(&format!("ceremonies/{name}.toml"));
            text.contains("[ceremony]")
        })
        .collect();
    found.sort_by_key(|name| (name != "genesis", name.clone()));
    found
}

/// Gives the sheets of the genesis names with their epoch, and has the answers do so from then on.
pub(crate) fn keep_sheets_by_epoch(lab: &Lab) {
    for officer in ["officer-a", "officer-b", "officer-c"] {
        let sheet = |epoch: &str| lab.path(&format!("custody/{officer}.{epoch}.txt"));
        fs::rename(lab.path(&format!("custody/{officer}.sheet.txt")), sheet("operate-1")).unwrap();
        lab.edit(
            "ceremonies/answers.toml",
            &format!("sheet = \"{officer}.sheet.txt\""),
            &format!("sheet = \"{officer}.{{set}}-{{epoch}}.txt\""),
        );
    }
}

/// What people have on paper, and what a device gave.
pub(crate) fn papers(lab: &Lab, name: &str) {
    let plan = sha256(lab.read(&format!("plans/{name}/plan.json")).as_bytes());
    let head = if lab.bundles().is_empty() { plan.clone() } else { lab.head() };
    for (name, digest) in [("plan.digest", plan), ("head.digest", head)] {
        let _ = fs::remove_file(lab.path(&format!("custody/{name}")));
        lab.keep(name, &format!("{digest}\n"));
    }
    fs::create_dir_all(lab.path(&format!("exchange/{name}"))).unwrap();
    lab.write(&format!("exchange/{name}/slots.txt"), "Slot 0: primary\n");
}
