//! What is due, as people, calendars and monitoring read it.

use std::process::Command;

use crate::lab::{Lab, TWO_OFFICERS, ran, repository};
use crate::packages::package;

/// Python with the readers of calendars and of Prometheus' text format.
fn python(lab: &Lab, program: &str) -> String {
    let packages = package("due", "tests/vectors/due/requirements.txt", &[]);
    let mut command = Command::new("python3");
    command.args(["-c", program]).env("PYTHONPATH", packages).current_dir(lab.path("."));
    ran(&mut command).done()
}

const CALENDAR: &str = r#"
import icalendar, sys
data = open("due.ics", "rb").read()
assert all(len(line) <= 75 for line in data.split(b"\r\n")), "a line is too long"
assert b"\n" not in data.replace(b"\r\n", b""), "a line does not end in CRLF"
calendar = icalendar.Calendar.from_ical(data)
assert calendar["VERSION"] == "2.0" and calendar["PRODID"]
events = list(calendar.walk("VEVENT"))
assert not calendar.errors and all(not event.errors for event in events)
assert len({event["UID"] for event in events}) == len(events)
for event in events:
    alarm, = event.walk("VALARM")
    print(event["UID"], event["DTSTART"].dt.isoformat(), alarm["TRIGGER"].dt.days, event["SUMMARY"])
"#;

const METRICS: &str = r#"
from prometheus_client.parser import text_string_to_metric_families
for family in text_string_to_metric_families(open("due.prom").read()):
    assert family.type == "gauge" and family.documentation, family
    for sample in family.samples:
        print(sample.name, sample.labels["authority"], sample.labels.get("id"), sample.labels.get("kind"), int(sample.value))
"#;

#[test]
fn what_is_due_is_told_to_people_calendars_and_monitoring_alike() {
    let lab = Lab::after_genesis();
    lab.edit(
        "ceremonies/sign-intermediates.toml",
        "policy = ",
        "next-ceremony = 2036-06-01T00:00:00Z\npolicy = ",
    );
    lab.edit(
        "ceremonies/sign-intermediates.toml",
        "next-update = 2027-01-31T23:59:59Z",
        "next-update = 2036-06-02T00:00:00Z",
    );
    lab.hold("sign-intermediates", "hsm.toml", &TWO_OFFICERS).ends(0, "complete and sealed");
    let due = |rest: &str| lab.anchorite(&format!("due authority {rest} --roster roster.toml"));

    // The genesis' list has a newer one; its shares are checked a year after its window.
    let quiet = due("--at 2029-01-01T00:00:00Z --lead-days 30").ends(0, "later");
    assert!(!quiet.contains("soon") && !quiet.contains("overdue"), "{quiet}");
    assert!(quiet.contains("2030-12-31T23:59:59Z  certificate-expiry 2/istio"), "{quiet}");
    assert!(!quiet.contains("1/crl"), "{quiet}");
    let soon = due("--at 2030-12-01T00:00:00Z --lead-days 30").ends(0, "later");
    assert!(!soon.contains("soon"), "31 days are more than 30: {soon}");
    due("--at 2030-12-02T00:00:00Z --lead-days 30").ends(1, "soon");
    due("--at 2030-12-31T23:59:59Z --lead-days 0").ends(1, "overdue");
    let all = due("--at 2029-01-01T00:00:00Z --format json").done();
    let all: serde_json::Value = serde_json::from_str(&all).unwrap();
    let all = all["due"].as_array().unwrap();
    let kinds: Vec<&str> = all.iter().map(|one| one["kind"].as_str().unwrap()).collect();
    for kind in ["certificate-expiry", "next-crl", "share-check", "next-ceremony"] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }

    let at = "--at 2029-01-01T00:00:00Z --lead-days 30";
    lab.write("due.ics", &due(&format!("{at} --format icalendar")).done());
    let calendar = python(&lab, CALENDAR);
    assert_eq!(calendar.lines().count(), all.len(), "{calendar}");
    let istio =
        "2.istio.certificate-expiry@example-lab.anchorite 2030-12-31T23:59:59+00:00 -30 example-lab: ";
    assert!(calendar.contains(istio), "{calendar}");
    lab.write("due.prom", &due(&format!("{at} --format prometheus")).done());
    let metrics = python(&lab, METRICS);
    let dates = metrics.lines().filter(|line| line.starts_with("anchorite_due_timestamp_seconds ")).count();
    assert_eq!(dates, all.len(), "{metrics}");
    assert!(
        metrics.contains("anchorite_due_timestamp_seconds example-lab 2/istio certificate-expiry 1924991999"),
        "{metrics}"
    );
    assert!(metrics.contains("anchorite_due_lead_seconds example-lab None None 2592000"), "{metrics}");

    // Records that do not hold say nothing of what is due.
    lab.edit("authority/0002-sign-intermediates/artifacts/ceremony.toml", "Lab policy 1.0", "Lab policy 1.1");
    due("--lead-days 30").ends(1, "the records do not hold: FAIL");
}

#[test]
fn an_authority_tells_what_is_and_what_was() {
    let lab = Lab::after_genesis();
    let status =
        lab.anchorite("authority status authority --roster roster.toml --at 2026-03-01T00:00:00Z").done();
    for told in ["1/root-key", "current; 2026-01-01T00:00:00Z", "2 of 3", "open duties", "1/root "] {
        assert!(status.contains(told), "{told}: {status}");
    }
    assert!(status.lines().all(|line| line.chars().count() <= 100), "{status}");
    let ledger = lab.anchorite("authority ledger authority --roster roster.toml").done();
    for told in
        ["0001-genesis", "complete, ", "serial numbers        1, 0 of them in no certificate", "1 of key"]
    {
        assert!(ledger.contains(told), "{told}: {ledger}");
    }
    let json = lab
        .anchorite("authority ledger authority --format json --roster roster.toml --at 2027-03-01T00:00:00Z")
        .done();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["schema"], "anchorite-ledger/v1");
    assert_eq!(json["ceremonies"][0]["head"], json["head"]);
    assert_eq!(json["burnt_serials"][0], json["certificates"][0]["serial"]);
    assert_eq!(json["burnt_crl_numbers"][0]["numbers"], serde_json::json!([1]));
    assert_eq!(json["crls"][0]["publication"], "expired");
}

#[test]
fn the_commands_of_the_page_about_due_dates_do_what_it_says() {
    let lab = Lab::after_genesis();
    let path = std::path::Path::new(env!("CARGO_BIN_EXE_anchorite")).parent().unwrap().to_owned();
    let blocks = crate::documents::blocks("docs/due.md");
    assert_eq!(blocks.len(), 3, "{blocks:?}");
    assert!(repository("docs/due.md").is_file());
    for (heading, block) in blocks {
        let commands = format!("PATH={}:$PATH\nset +e\n{block}", path.display());
        let shown = lab.tool("sh", "dash", &["-uc", &commands]).shown;
        assert!(!shown.contains("error:"), "{heading}: {shown}");
    }
    assert!(lab.read("due.ics").starts_with("BEGIN:VCALENDAR\r\n"));
    assert!(lab.read("due.prom").contains("anchorite_authority_ceremonies{authority=\"example-lab\"} 1"));
}
