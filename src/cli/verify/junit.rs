use crate::render::escaped;
use crate::verify::{Check, Conclusion, Status, Verdict};

/// The verdict for what shows test results: a suite a bundle, a case a check, and a last suite with what concerns no single bundle
/// and the verdict itself. A check that had nothing to check is skipped; one that keeps the verdict from PASS is a failure,
/// and its type says which: `FAIL`, `UNANCHORED` and so on.
pub(super) fn of(verdict: &Verdict) -> String {
    let mut suites = Vec::new();
    for bundle in &verdict.bundles {
        suites.push(suite(&bundle.directory, &bundle.checks, None));
    }
    let name = if verdict.bundles.is_empty() { "anchors" } else { "authority" };
    suites.push(suite(name, &verdict.checks, Some(verdict.conclusion)));
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"anchorite verify\">\n{}</testsuites>",
        suites.concat()
    )
}

fn suite(name: &str, checks: &[Check], conclusion: Option<Conclusion>) -> String {
    let mut cases: Vec<String> = checks.iter().map(|check| case(name, check)).collect();
    let mut failures = checks.iter().filter(|check| check.status.conclusion() != Conclusion::Pass).count();
    if let Some(conclusion) = conclusion {
        failures += usize::from(conclusion != Conclusion::Pass);
        let message = format!("the verdict is {conclusion}");
        cases.push(element(name, "VERDICT", conclusion, &message, ""));
    }
    let skipped = checks.iter().filter(|check| check.status == Status::NotApplicable).count();
    format!(
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\">\n{}  </testsuite>\n",
        attribute(name),
        cases.len(),
        cases.concat()
    )
}

fn case(suite: &str, check: &Check) -> String {
    let title = format!("{} {}", check.id, check.id.title());
    let place = check.place.as_ref().map_or_else(String::new, |place| match (place.record, place.offset) {
        (Some(record), Some(offset)) => format!("{} record {record} at byte {offset}", place.file),
        _ => place.file.clone(),
    });
    if check.status == Status::NotApplicable {
        let reason = attribute(&check.evidence);
        return format!("{}><skipped message=\"{reason}\"/></testcase>\n", opening(suite, &title));
    }
    element(suite, &title, check.status.conclusion(), &check.evidence, &place)
}

fn element(suite: &str, title: &str, conclusion: Conclusion, message: &str, place: &str) -> String {
    let opening = opening(suite, title);
    if conclusion == Conclusion::Pass {
        return format!("{opening}/>\n");
    }
    format!(
        "{opening}><failure type=\"{conclusion}\" message=\"{}\">{}</failure></testcase>\n",
        attribute(message),
        attribute(place)
    )
}

fn opening(suite: &str, title: &str) -> String {
    format!("    <testcase classname=\"{}\" name=\"{}\"", attribute(suite), attribute(title))
}

/// Text of an attribute or an element (XML 1.0 2.4): what is foreign becomes printable ASCII first, because XML knows no
/// way to write a control character.
fn attribute(text: &str) -> String {
    escaped(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
