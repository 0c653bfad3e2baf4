//! The ceremony file that a plan could have come from.

use serde_json::Value;

use super::Plan;

/// A file that says of every step what it can say as the plan does.
pub(super) fn of(plan: &Plan) -> String {
    let plan = serde_json::to_value(plan).unwrap();
    let mut text = "[ceremony]\n".to_owned();
    for (key, member) in [
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
    ] {
        text.push_str(&line(key, &plan[member]));
    }
    for waiver in plan["waivers"].as_array().unwrap() {
        text.push_str("\n[[waiver]]\n");
        waiver.as_object().unwrap().iter().for_each(|(key, value)| text.push_str(&line(key, value)));
    }
    for duty in plan["duties"].as_array().unwrap().iter().filter(|duty| duty["kind"] == "written") {
        text.push_str("\n[[duty]]\n");
        let members = duty.as_object().unwrap().iter().filter(|(key, _)| *key != "kind");
        members.for_each(|(key, value)| text.push_str(&line(key, value)));
    }
    let steps = plan["steps"].as_array().unwrap();
    let embargoed = |step: &&Value| !step["action"]["embargo"].is_null();
    for (place, step) in steps.iter().enumerate().filter(|(_, step)| !embargoed(step)) {
        text.push_str("\n[[step]]\n");
        let series: Vec<&Value> = steps[place + 1..].iter().take_while(embargoed).collect();
        match series.first() {
            None => text.push_str(&line("id", &step["id"])),
            Some(second) => {
                let date = |step: &Value| {
                    super::Instant::parse(step["action"]["this_update"].as_str().unwrap()).unwrap()
                };
                let days = (date(second).unix_seconds() - date(step).unix_seconds()) / 86_400;
                let id = step["id"].as_str().unwrap().trim_end_matches("-1");
                text.push_str(&format!(
                    "id = \"{id}\"\nseries = {{ count = {}, every-days = {days} }}\n",
                    series.len() + 1
                ));
            }
        }
        for (member, value) in step["action"].as_object().unwrap() {
            text.push_str(&match member.as_str() {
                "subject" => format!("subject = {}\n", subject(value)),
                "extensions" => extensions(value),
                "issuer" | "key" => format!("{member} = \"{}\"\n", reference(value)),
                "issued" => {
                    let files = value.as_array().unwrap().iter();
                    let files: Vec<_> =
                        files.map(|file| format!("{{ sha256 = {} }}", file["sha256"])).collect();
                    format!("issued = [{}]\n", files.join(", "))
                }
                "certificate" if value["from"].is_string() => match value["from"].as_str().unwrap() {
                    "input" => line("certificate", &value["certificate"]),
                    _ => format!("certificate = \"{}\"\n", reference(value)),
                },
                "beacon" => format!("beacon = \"{}\"\n", if value == true { "brought" } else { "none" }),
                "expected" => line("number", value),
                "named" => line("digest", &value["of"]),
                "wipe" if value == true => "content = \"wipe\"\n".to_owned(),
                "entry" => format!("at = {}\nreason = {}\n", value["at"].as_str().unwrap(), value["reason"]),
                "wipe" | "encoding" | "serial" | "tbs_sha256" | "asked" | "shares" | "from" | "to"
                | "spki_sha256" | "number" | "entries" | "csr" | "roster" | "key_id" | "discharges"
                | "root" | "below" | "list" | "joins" | "leaves" | "new_keys" | "embargo" => String::new(),
                _ => line(&member.replace('_', "-"), value),
            });
        }
    }
    text
}

/// Nothing for null; instants without quotation marks.
fn line(key: &str, value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Object(members) => {
            let members: Vec<_> =
                members.iter().map(|(key, value)| line(key, value).trim_end().to_owned()).collect();
            format!("{key} = {{ {} }}\n", members.join(", "))
        }
        Value::String(text) if super::Instant::parse(text).is_some() => format!("{key} = {text}\n"),
        other => format!("{key} = {other}\n"),
    }
}

/// What is absent or empty is left out.
fn extensions(value: &Value) -> String {
    let mut text = String::new();
    for (member, value) in value.as_object().unwrap() {
        let key = member.replace('_', "-");
        match value {
            Value::Array(items) if items.is_empty() => {}
            Value::Object(constraints) => {
                let list = |name: &str| {
                    let of = |kind: &str| &constraints[name][kind];
                    let directory: Vec<_> = of("directory").as_array().unwrap().iter().map(subject).collect();
                    let (dns, ip, uri) = (of("dns"), of("ip"), of("uri"));
                    format!(
                        "{{ dns = {dns}, ip = {ip}, uri = {uri}, directory = [{}] }}",
                        directory.join(", ")
                    )
                };
                let critical = &constraints["critical"];
                let (permitted, excluded) = (list("permitted"), list("excluded"));
                text.push_str(&format!(
                    "{key} = {{ critical = {critical}, permitted = {permitted}, excluded = {excluded} }}\n"
                ));
            }
            _ => text.push_str(&line(&key, value)),
        }
    }
    text
}

fn subject(value: &Value) -> String {
    let attributes: Vec<_> = value["text"]
        .as_str()
        .unwrap()
        .split(", ")
        .map(|attribute| attribute.split_once('=').unwrap())
        .map(|(kind, value)| format!("{{ {kind} = \"{value}\" }}"))
        .collect();
    format!("[{}]", attributes.join(", "))
}

fn reference(value: &Value) -> String {
    let id = value["id"].as_str().unwrap();
    match value["from"].as_str().unwrap() {
        "ledger" => format!("ledger:{}/{id}", value["ordinal"]),
        _ => id.to_owned(),
    }
}
