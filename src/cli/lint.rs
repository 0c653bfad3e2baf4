use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};

use super::args::{LintArguments, OutputFormat};
use super::console::{Console, Mark};
use super::failure::{Exit, Failure};
use super::wrap::wrapped;
use crate::pki::lint::{FileContext, Finding, Judged, RULES, Rule, Severity, Unjudged, lint_file};
use crate::pki::{Certificate, Error, RevocationList};
use crate::render::escaped;

/// A CRL of a million entries has about 40 MB.
const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// `anchorite lint`
pub(crate) fn run(arguments: &LintArguments, console: &mut Console) -> Result<ExitCode, Failure> {
    let Some(path) = &arguments.file else {
        match arguments.format {
            OutputFormat::Table => RULES.iter().for_each(|rule| print_rule(rule, console)),
            OutputFormat::Json => console.line(pretty(&RULES.iter().map(|rule| rule_json(rule)).collect())?),
        }
        return Ok(ExitCode::SUCCESS);
    };
    let issuer = arguments.issuer.as_deref().map(|path| known(path, Certificate::from_file)).transpose()?;
    let previous =
        arguments.previous_crl.as_deref().map(|path| known(path, RevocationList::from_file)).transpose()?;
    let beside = arguments.beside.as_deref().map(|path| known(path, Certificate::from_file)).transpose()?;
    let context = FileContext {
        issuer: issuer.as_ref(),
        profile: arguments.profile,
        environment: arguments.environment,
        previous_crl: previous.as_ref(),
        beside: beside.as_ref(),
        pack: arguments.pack,
        at: arguments.at,
    };
    let judged = lint_file(&read(path)?, &context).map_err(|error| unjudged(path, &error))?;
    match arguments.format {
        OutputFormat::Table => table(&judged, path, arguments, console),
        OutputFormat::Json => console.line(pretty(&as_json(&judged, arguments))?),
    }
    let refused = judged.findings.iter().any(|finding| finding.rule.severity == Severity::Refusal);
    Ok(if refused { Exit::Refused.into() } else { ExitCode::SUCCESS })
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let remedy =
        "name a file with one certificate, CRL or certificate request, as in `anchorite lint root.pem`";
    File::open(path)
        .and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| Failure::usage(format!("`{}` cannot be read: {error}", shown(path)), remedy))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Failure::usage(format!("`{}` is larger than 256 MiB", shown(path)), remedy));
    }
    Ok(bytes)
}

/// A certificate or CRL that others are compared with.
fn known<T>(path: &Path, parse: fn(&[u8]) -> Result<T, Error>) -> Result<T, Failure> {
    parse(&read(path)?).map_err(|error| {
        Failure::usage(
            format!("`{}` cannot be compared with: {error}", shown(path)),
            "run `anchorite lint` on that file first",
        )
    })
}

fn unjudged(path: &Path, error: &Unjudged) -> Failure {
    let remedy = match error {
        Unjudged::File(_) | Unjudged::NotKnown => {
            "give a file with exactly one certificate, CRL or certificate request"
        }
        Unjudged::NoIssuer => "give the issuer's certificate with --issuer FILE",
    };
    Failure::usage(format!("`{}` was not judged: {error}", shown(path)), remedy)
}

fn shown(path: &Path) -> String {
    escaped(&path.display().to_string())
}

fn table(judged: &Judged, path: &Path, arguments: &LintArguments, console: &mut Console) {
    let title = format!(
        "{}: {}, in {}, by the rules of {}",
        shown(path),
        judged.kind,
        arguments.environment,
        arguments.pack
    );
    console.line(console.marked(Mark::Bold, title));
    for line in judged.summary.iter().flat_map(|summary| wrapped(&format!("  {summary}"), 100, 2)) {
        console.line(line);
    }
    for finding in &judged.findings {
        print_finding(finding, console);
    }
    if judged.previous_crl_missing {
        console.line("\nnot judged: L10, L13, L14 and T13, which need the CRL before: --previous-crl FILE");
    }
    let count = |severity| judged.findings.iter().filter(|finding| finding.rule.severity == severity).count();
    let (refusals, warnings) = (count(Severity::Refusal), count(Severity::Warning));
    let mark = match (refusals, warnings) {
        (0, 0) => Mark::Good,
        (0, _) => Mark::Warn,
        _ => Mark::Bad,
    };
    let verdict = if refusals == 0 { "ACCEPTED" } else { "REFUSED" };
    let verdict = console.marked(mark, verdict);
    let plural = |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
    console.line(format!("\n{verdict}  {}, {}", plural(refusals, "refusal"), plural(warnings, "warning")));
}

fn print_finding(finding: &Finding, console: &mut Console) {
    let (word, mark) = match finding.rule.severity {
        Severity::Refusal => ("REFUSED", Mark::Bad),
        Severity::Warning => ("WARNING", Mark::Warn),
    };
    let word = console.marked(mark, word);
    console.line(format!("\n{word}  {}  {}", finding.rule.id, finding.what));
    let rule = format!("         The rule is that {} ({}).", finding.rule.title, finding.rule.source);
    for line in wrapped(&rule, 100, 9) {
        console.line(line);
    }
}

fn print_rule(rule: &Rule, console: &mut Console) {
    let word = match rule.severity {
        Severity::Refusal => "refusal",
        Severity::Warning => "warning",
    };
    let since = rule.since.map(|day| format!(", since {day}")).unwrap_or_default();
    console.line(format!("{}  {word}  {}  {} ({}{since})", rule.id, rule.pack, rule.title, rule.source));
}

fn rule_json(rule: &Rule) -> Value {
    let severity = match rule.severity {
        Severity::Refusal => "refusal",
        Severity::Warning => "warning",
    };
    json!({
        "id": rule.id,
        "severity": severity,
        "pack": rule.pack.to_string(),
        "since": rule.since,
        "title": rule.title,
        "source": rule.source,
    })
}

fn as_json(judged: &Judged, arguments: &LintArguments) -> Value {
    let findings: Vec<Value> = judged
        .findings
        .iter()
        .map(|finding| json!({ "rule": rule_json(finding.rule), "found": finding.what }))
        .collect();
    json!({
        "schema": "anchorite-lint/v1",
        "kind": judged.kind.to_string(),
        "environment": arguments.environment,
        "pack": arguments.pack.to_string(),
        "at": arguments.at,
        "summary": judged.summary,
        "findings": findings,
        "not-judged": if judged.previous_crl_missing { vec!["L10", "L13", "L14", "T13"] } else { Vec::new() },
    })
}

fn pretty(answer: &Value) -> Result<String, Failure> {
    serde_json::to_string_pretty(answer).map_err(|error| {
        Failure::usage(format!("the answer cannot be written as JSON: {error}"), "use --format table")
    })
}
