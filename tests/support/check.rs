use std::fs;
use std::path::Path;
use std::process::Command;

/// What a run of the program left behind.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs the program in the package's directory.
pub(crate) fn anchorite(arguments: &[&str]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_anchorite"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the program starts");
    Run {
        code: output.status.code().expect("the program ends by itself"),
        stdout: String::from_utf8(output.stdout).expect("standard output is text"),
        stderr: String::from_utf8(output.stderr).expect("standard error is text"),
    }
}

/// Path and text of every bad ceremony file.
pub(crate) fn fixtures() -> Vec<(String, String)> {
    let directory = "tests/bad-ceremonies/check";
    let mut found: Vec<_> = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(directory))
        .expect("the fixtures are there")
        .map(|entry| {
            let entry = entry.expect("the directory can be read");
            let text = fs::read_to_string(entry.path()).expect("a fixture is text");
            (format!("{directory}/{}", entry.file_name().display()), text)
        })
        .collect();
    found.sort();
    assert!(!found.is_empty());
    found
}

/// The codes that a fixture's first line names, in the order in which they are to be printed.
pub(crate) fn expected_codes(text: &str) -> Vec<String> {
    let first = text.lines().next().and_then(|line| line.strip_prefix("# expect: "));
    let codes = first.expect("a fixture begins with `# expect: CODE ...`");
    codes.split_whitespace().map(str::to_owned).collect()
}

/// The codes that the program printed.
pub(crate) fn codes(stdout: &str) -> Vec<String> {
    stdout
        .lines()
        .filter_map(|line| line.strip_prefix("error[")?.split_once(']'))
        .map(|(code, _)| code.to_owned())
        .collect()
}

/// The complete ceremony files in `docs/ceremony-file.md`.
pub(crate) fn documented_examples() -> Vec<String> {
    let documentation = include_str!("../../docs/ceremony-file.md");
    documentation
        .split("```toml\n")
        .skip(1)
        .filter_map(|rest| rest.split_once("```"))
        .map(|(example, _)| example.to_owned())
        .filter(|example| example.contains("[ceremony]"))
        .collect()
}

/// Writes a file for one test and answers with its path.
pub(crate) fn scratch(name: &str, bytes: &[u8]) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, bytes).expect("the scratch directory can be written to");
    path.display().to_string()
}
