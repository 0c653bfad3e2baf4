//! `scripts/verify.py` says at its top in which order it is read, and where each check is.

use anchorite::verify::CheckId;

const SCRIPT: &str = include_str!("../../scripts/verify.py");

/// Checks that whoever asks for them makes on the way, or that only this program makes.
const WITHOUT_A_FUNCTION: [&str; 9] = ["C2", "G2", "H1", "H2", "H3", "H4", "I1", "I2", "I3"];

#[test]
fn its_table_of_contents_is_that_of_its_sections() {
    let (top, _) = SCRIPT.split_once("import argparse").unwrap();
    let listed = top.lines().filter_map(|line| line.strip_prefix("    ")?.trim_start().split_once("  "));
    let listed: Vec<String> = listed
        .filter(|(number, _)| number.parse::<usize>().is_ok())
        .map(|(number, title)| format!("{number}. {title}"))
        .collect();
    let sections: Vec<&str> = SCRIPT.lines().filter_map(|line| line.strip_prefix("# --- ")).collect();
    assert!(sections.len() > 10);
    assert_eq!(listed, sections);
}

#[test]
fn every_check_is_a_function_that_begins_with_its_id() {
    for id in CheckId::ALL {
        let id = id.to_string();
        let count = SCRIPT.matches(&format!("\ndef {}_", id.to_lowercase())).count();
        assert_eq!(count, usize::from(!WITHOUT_A_FUNCTION.contains(&id.as_str())), "{id}");
    }
}
