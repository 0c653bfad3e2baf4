//! Pages in headless Chromium, driven by `tests/support/browser.py`, and what poppler reads in the PDFs.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

/// Width and height of a sheet in inches, and what poppler calls it.
pub(crate) const PAPERS: [(f64, f64, &str); 2] = [(8.27, 11.69, "(A4)"), (8.5, 11.0, "(letter)")];

/// What came of opening a page.
#[derive(Debug)]
pub(crate) struct Seen {
    /// Of the expression that was asked for.
    pub(crate) value: Value,
    /// What the page wrote to the console; breaches of its policy are there too.
    pub(crate) said: Vec<String>,
    /// Addresses that it asked for, its own aside.
    pub(crate) requested: Vec<String>,
}

impl Seen {
    /// Insists that the page said nothing and asked nobody.
    #[track_caller]
    pub(crate) fn quiet(self) -> Value {
        assert!(self.said.is_empty() && self.requested.is_empty(), "{self:?}");
        self.value
    }
}

/// Opens a page as `request` asks (the members that browser.py takes, without `page`).
#[track_caller]
pub(crate) fn open(page: &Path, request: Value) -> Seen {
    open_all(vec![(page, request)]).remove(0)
}

/// [`open`] for one page after the other in one browser.
#[track_caller]
pub(crate) fn open_all(pages: Vec<(&Path, Value)>) -> Vec<Seen> {
    let named = pages.into_iter().map(|(page, mut request)| {
        request["page"] = json!(page);
        request
    });
    let requests: Vec<Value> = named.collect();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/browser.py");
    let output = Command::new("python3").arg(script).arg(json!(requests).to_string()).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "apt-get install chromium python3: {error}");
    let answers: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let strings = |value: &Value| {
        value.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
    };
    let seen = answers.into_iter().map(|mut answer| Seen {
        said: strings(&answer["said"]),
        requested: strings(&answer["requested"]),
        value: answer["value"].take(),
    });
    seen.collect()
}

/// Prints a page and answers with the text of each sheet, after all were found to be of that paper.
#[track_caller]
pub(crate) fn print(page: &Path, until: &str, (width, height, paper): (f64, f64, &str)) -> Vec<String> {
    let pdf = page.with_extension("pdf");
    open(page, json!({"until": until, "pdf": pdf, "paper": [width, height]})).quiet();
    let sizes = poppler("pdfinfo", &["-f", "1", "-l", "1000"], &pdf, &[]);
    let sizes: Vec<&str> =
        sizes.lines().filter(|line| line.contains(" size:") && line.contains("pts")).collect();
    assert!(!sizes.is_empty() && sizes.iter().all(|line| line.ends_with(paper)), "{sizes:?}");
    let text = poppler("pdftotext", &["-layout"], &pdf, &["-"]);
    // A form feed ends each sheet.
    let sheets: Vec<String> = text.split_terminator('\u{c}').map(str::to_owned).collect();
    assert_eq!(sheets.len(), sizes.len());
    sheets
}

fn poppler(program: &str, before: &[&str], pdf: &Path, after: &[&str]) -> String {
    let output = Command::new(program).args(before).arg(pdf).args(after).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}: apt-get install poppler-utils"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
