use std::collections::BTreeMap;

use serde::Serialize;

use crate::cli::failure::Failure;
use crate::format::Digest;
use crate::verify::{Check, Verdict};

#[derive(Serialize)]
struct JsonVerdict<'a> {
    schema: &'static str,
    verdict: String,
    exit: u8,
    authority: Option<String>,
    ordinal: Option<u64>,
    head: Option<Digest>,
    bundles: Vec<JsonBundle<'a>>,
    checks: Vec<JsonCheck<'a>>,
    not_checked: &'static [&'static str],
}

#[derive(Serialize)]
struct JsonBundle<'a> {
    directory: &'a str,
    ordinal: Option<u64>,
    outcome: Option<String>,
    records: u64,
    verdict: String,
    remarks: &'a [String],
    checks: Vec<JsonCheck<'a>>,
}

#[derive(Serialize)]
struct JsonCheck<'a> {
    id: &'static str,
    title: &'static str,
    status: String,
    evidence: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<BTreeMap<&'static str, serde_json::Value>>,
}

/// The verdict for programs, `anchorite-verify/v1`.
pub(super) fn of(verdict: &Verdict) -> Result<String, Failure> {
    let answer = JsonVerdict {
        schema: "anchorite-verify/v1",
        verdict: verdict.conclusion.to_string(),
        exit: verdict.conclusion.exit_code(),
        authority: verdict.authority.as_ref().map(ToString::to_string),
        ordinal: verdict.ordinal,
        head: verdict.head,
        bundles: verdict
            .bundles
            .iter()
            .map(|bundle| JsonBundle {
                directory: &bundle.directory,
                ordinal: bundle.ordinal,
                outcome: bundle.outcome.map(|outcome| outcome.to_string()),
                records: bundle.records,
                verdict: bundle.conclusion.to_string(),
                remarks: &bundle.remarks,
                checks: bundle.checks.iter().map(json_check).collect(),
            })
            .collect(),
        checks: verdict.checks.iter().map(json_check).collect(),
        not_checked: &Verdict::NOT_CHECKED,
    };
    serde_json::to_string_pretty(&answer).map_err(|error| {
        Failure::usage(format!("the verdict cannot be written as JSON: {error}"), "use --format table")
    })
}

fn json_check(check: &Check) -> JsonCheck<'_> {
    JsonCheck {
        id: check.id.id(),
        title: check.id.title(),
        status: check.status.to_string().to_ascii_lowercase(),
        evidence: &check.evidence,
        place: check.place.as_ref().map(|place| {
            let mut members = BTreeMap::from([("file", serde_json::Value::from(place.file.as_str()))]);
            members.extend(place.record.map(|record| ("record", record.into())));
            members.extend(place.offset.map(|offset| ("offset", offset.into())));
            members
        }),
    }
}
