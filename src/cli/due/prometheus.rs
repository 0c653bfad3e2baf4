//! The text format of Prometheus, for the textfile collector.

use super::Agenda;
use crate::ledger::Due;

/// A gauge for each date, and what lets an alert notice that this file is old.
pub(super) fn metrics(agenda: &Agenda<'_>) -> String {
    let Agenda { authority, ledger, at, lead_days, due } = agenda;
    let authority = escaped(authority);
    let mut text = String::from(
        "# HELP anchorite_due_timestamp_seconds When something has to be done, in seconds since 1970.\n\
         # TYPE anchorite_due_timestamp_seconds gauge\n",
    );
    for Due { id, kind, by, .. } in due {
        text.push_str(&format!(
            "anchorite_due_timestamp_seconds{{authority=\"{authority}\",id=\"{}\",kind=\"{}\"}} {}\n",
            escaped(id),
            kind.word(),
            by.unix_seconds()
        ));
    }
    for (name, help, value) in [
        (
            "anchorite_due_lead_seconds",
            "How long before its date something counts as due, in seconds.",
            i64::from(*lead_days) * 86_400,
        ),
        (
            "anchorite_due_computed_timestamp_seconds",
            "For which instant this file was written, in seconds since 1970.",
            at.unix_seconds(),
        ),
        (
            "anchorite_authority_ceremonies",
            "How many ceremonies the authority's records hold.",
            i64::try_from(ledger.ordinal).unwrap_or(i64::MAX),
        ),
    ] {
        text.push_str(&format!(
            "# HELP {name} {help}\n# TYPE {name} gauge\n{name}{{authority=\"{authority}\"}} {value}\n"
        ));
    }
    text
}

/// A label's value.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
