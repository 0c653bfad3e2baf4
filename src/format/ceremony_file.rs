use serde_json::{Map, Value};

use super::roster::parse_toml;
use super::{Instant, Plan};

/// A ceremony file, as far as a plan repeats what it says. The script's own reader knows far more of it; this one reads files
/// of any year.
#[derive(Clone, Debug)]
pub struct CeremonyFile(Map<String, Value>);

/// What a plan repeats of the table `[ceremony]`: the file's key, the plan's member.
const OF_CEREMONY: [(&str, &str); 11] = [
    ("title", "title"),
    ("name", "name"),
    ("authority", "authority"),
    ("environment", "environment"),
    ("trust-domain", "trust_domain"),
    ("policy", "policy"),
    ("place", "place"),
    ("recording", "recording"),
    ("next-ceremony", "next_ceremony"),
    ("window", "window"),
    ("rehearsed-within-days", "rehearsed_within_days"),
];

/// More lists than any series has.
const MAX_SERIES: u32 = 1000;

impl CeremonyFile {
    /// Reads a file of TOML.
    ///
    /// # Errors
    /// Why it is none.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let file: Map<String, Value> =
            parse_toml(bytes).map_err(|(line, reason)| format!("line {line}: {reason}"))?;
        Ok(Self(file.into_iter().map(|(key, value)| (key, plain(value))).collect()))
    }

    /// Where the plan says something else than this file, a sentence each. `subject` writes a subject's attributes, each a
    /// type and a value, as a plan does.
    pub fn differences(
        &self,
        plan: &Plan,
        subject: impl Fn(&[(String, String)]) -> Option<String>,
    ) -> Vec<String> {
        let Ok(plan) = serde_json::to_value(plan) else {
            return vec!["the plan has no JSON form".to_owned()];
        };
        let mut differences = Vec::new();
        let mut demand = |same: bool, what: String| {
            if !same {
                differences.push(what);
            }
        };
        let ceremony = self.0.get("ceremony");
        for (key, member) in OF_CEREMONY {
            let written = ceremony.and_then(|table| table.get(key)).unwrap_or(&Value::Null);
            demand(plan.get(member) == Some(written), format!("the plan has another {key}"));
        }
        let none = Value::Array(Vec::new());
        let waivers = self.0.get("waiver").unwrap_or(&none);
        demand(plan.get("waivers") == Some(waivers), "the plan has other waivers".to_owned());
        let duties: Vec<Value> = list(plan.get("duties"))
            .iter()
            .filter(|duty| text(duty.get("kind")) == "written")
            .map(without_kind)
            .collect();
        let written = list(self.0.get("duty"));
        demand(written == duties, "the plan has other duties".to_owned());
        let written: Vec<Value> = list(self.0.get("step")).iter().flat_map(members).collect();
        let planned = list(plan.get("steps"));
        demand(
            written.len() == planned.len(),
            format!("the plan has {} steps, the file {}", planned.len(), written.len()),
        );
        for (written, planned) in written.iter().zip(planned) {
            let id = text(planned.get("id"));
            demand(
                text(written.get("id")) == id,
                format!("the plan has the step {id} where the file has not"),
            );
            let action = planned.get("action").unwrap_or(&Value::Null);
            for (key, value) in written.as_object().into_iter().flatten().filter(|(key, _)| *key != "id") {
                demand(is_planned(key, value, action, &subject), format!("step {id} has another {key}"));
            }
        }
        differences
    }
}

/// The steps of a plan that a step of the file stands for: itself, or each list of its series. `issue-crl` and
/// `adopt-authority` say besides what follows where their keys are left out.
fn members(step: &Value) -> Vec<Value> {
    if let Some(step) = step.as_object().filter(|step| text(step.get("do")) == "adopt-authority") {
        let mut step = step.clone();
        for key in ["crl", "without-crl", "reason-where-none"] {
            step.entry(key).or_insert(Value::Null);
        }
        return vec![Value::Object(step)];
    }
    let Some(step) = step.as_object().filter(|step| text(step.get("do")) == "issue-crl") else {
        return vec![step.clone()];
    };
    let mut first = step.clone();
    let series = first.remove("series");
    first.insert("embargo".to_owned(), Value::Null);
    first.entry("issuing-distribution-point").or_insert_with(|| Value::Array(Vec::new()));
    let number = |key: &str| series.as_ref()?.get(key)?.as_u64()?.try_into().ok();
    let Some((count, every_days)) = number("count").zip(number("every-days")) else {
        return vec![Value::Object(first)];
    };
    let member = |place: u32| {
        let mut member = first.clone();
        member.insert("id".to_owned(), format!("{}-{}", text(step.get("id")), place + 1).into());
        for key in ["this-update", "next-update"] {
            let first = Instant::parse(text(step.get(key)))?;
            member
                .insert(key.to_owned(), first.plus_days(place.checked_mul(every_days)?)?.to_string().into());
        }
        if place > 0 {
            member.insert("embargo".to_owned(), member.get("this-update")?.clone());
        }
        Some(Value::Object(member))
    };
    (0..count.min(MAX_SERIES)).filter_map(member).collect()
}

/// What steps that issue certificates say of extensions; the plan has it in one place.
const OF_EXTENSIONS: [&str; 7] = [
    "path-length",
    "extended-key-usage",
    "name-constraints",
    "policies",
    "crl-distribution-points",
    "authority-information-access",
    "spiffe-id",
];

/// Whether name constraints of the file, where what is left out means none and critical, are the plan's.
fn constraints_are_planned(
    written: &Value,
    planned: &Value,
    subject: &impl Fn(&[(String, String)]) -> Option<String>,
) -> bool {
    let critical = written.get("critical").unwrap_or(&Value::Bool(true));
    let same_list = |name: &str| {
        let (written, planned) = (written.get(name), planned.get(name));
        let of = |lists: Option<&Value>, kind: &str| list(lists.and_then(|lists| lists.get(kind))).to_vec();
        let directory: Vec<_> =
            of(written, "directory").iter().map(|name| name_of(name, subject).map(Value::String)).collect();
        let planned_directory: Vec<_> =
            of(planned, "directory").iter().map(|name| name.get("text").cloned()).collect();
        directory == planned_directory
            && ["dns", "ip", "uri"].iter().all(|kind| of(written, kind) == of(planned, kind))
    };
    planned.get("critical") == Some(critical) && same_list("permitted") && same_list("excluded")
}

/// A distinguished name of the file as a plan shows it.
fn name_of(written: &Value, subject: &impl Fn(&[(String, String)]) -> Option<String>) -> Option<String> {
    let attributes = list(Some(written)).iter().filter_map(Value::as_object).flatten();
    let attributes: Vec<(String, String)> =
        attributes.map(|(kind, value)| (kind.clone(), text(Some(value)).to_owned())).collect();
    subject(&attributes)
}

/// Whether what a step of the file says is what the plan has, where the plan repeats it.
fn is_planned(
    key: &str,
    written: &Value,
    action: &Value,
    subject: &impl Fn(&[(String, String)]) -> Option<String>,
) -> bool {
    let member = |name: &str| action.get(name);
    match (key, text(member("do"))) {
        ("key" | "issuer", _) => refers(text(Some(written)), member(key)),
        ("certificate", "cross-sign") => match written {
            Value::String(reference) => refers(reference, member(key)),
            _ => {
                let file = member(key).and_then(|planned| planned.get("certificate"));
                file.and_then(|file| file.get("sha256")) == written.get("sha256")
            }
        },
        ("subject", _) => {
            name_of(written, subject).as_deref()
                == member("subject").and_then(|subject| subject.get("text")?.as_str())
        }
        (key, _) if OF_EXTENSIONS.contains(&key) => {
            let planned = member("extensions").and_then(|extensions| extensions.get(key.replace('-', "_")));
            match key {
                "name-constraints" => {
                    constraints_are_planned(written, planned.unwrap_or(&Value::Null), subject)
                }
                _ => planned == Some(written),
            }
        }
        ("content", _) => member("wipe") == Some(&Value::Bool(written == "wipe")),
        ("quorum", "provision") => member("shares").is_some_and(Value::is_null) == (written == "token"),
        ("beacon", "clock") => member("beacon") == Some(&Value::Bool(written == "brought")),
        ("number", "custody") => member("expected") == Some(written),
        ("digest", "read-aloud") => member("named").and_then(|named| named.get("of")) == Some(written),
        ("issued", "adopt-authority") => {
            let digests = |files: Option<&Value>| {
                list(files).iter().map(|file| file.get("sha256").cloned()).collect::<Vec<_>>()
            };
            digests(Some(written)) == digests(member(key))
        }
        ("at" | "reason", "revoke") => member("entry").and_then(|entry| entry.get(key)) == Some(written),
        _ => match (written, member(&key.replace('-', "_"))) {
            (Value::Object(written), Some(Value::Object(planned))) => {
                written.iter().all(|(key, value)| planned.get(key).is_none_or(|planned| planned == value))
            }
            // Another shape: the plan says it in its own way.
            (Value::Object(_) | Value::String(_), Some(Value::Array(_) | Value::Object(_))) | (_, None) => {
                true
            }
            (written, Some(planned)) => written == planned,
        },
    }
}

/// Whether a reference of the file (`root`, `ledger:root`, `ledger:2/root`) means what the plan refers to.
fn refers(written: &str, planned: Option<&Value>) -> bool {
    let member = |name: &str| planned.and_then(|planned| planned.get(name));
    let id = text(member("id"));
    match (written.strip_prefix("ledger:"), text(member("from"))) {
        (None, "step") => written == id,
        (Some(rest), "ledger") => match rest.split_once('/') {
            Some((ordinal, step)) => {
                step == id
                    && member("ordinal")
                        .and_then(Value::as_u64)
                        .is_some_and(|found| ordinal.parse() == Ok(found))
            }
            None => rest == id,
        },
        _ => false,
    }
}

/// A duty as a ceremony file has it.
fn without_kind(duty: &Value) -> Value {
    let members = duty.as_object().into_iter().flatten().filter(|(key, _)| *key != "kind");
    Value::Object(members.map(|(key, value)| (key.clone(), value.clone())).collect())
}

fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text(value: Option<&Value>) -> &str {
    value.and_then(Value::as_str).unwrap_or_default()
}

/// The value with instants as the texts that they are in JSON.
fn plain(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(instant)) = members.get("$__toml_private_datetime") {
                return Value::String(instant.clone());
            }
            Value::Object(members.into_iter().map(|(key, value)| (key, plain(value))).collect())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(plain).collect()),
        other => other,
    }
}
