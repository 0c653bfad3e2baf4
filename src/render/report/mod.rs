//! The report: one file about one record, for people, with a copy of the record in it that the page checks itself.
//!
//! Everything in it follows from the bundle's files and the verdict over them, so that the same bundle and anchors give the
//! same bytes. It is convenience and no evidence: it says so, and which two commands are.

mod certificates;
mod checks;
mod event;
mod first;
mod hierarchy;
mod people;
mod shares;
mod tokens;

use super::html::{Html, Page};
use crate::format::{Base64, Digest, Event, Log, Mode, Person, Plan, Record, Roster, bundle_directory_name};
use crate::ledger::Operation;
use crate::verify::{BundleFiles, Verdict};

/// The report of one bundle: one HTML file that fetches nothing.
///
/// `verdict` is the one over these files.
pub fn report(files: &BundleFiles, verdict: &Verdict) -> String {
    let mode = Mode::announced(files.log());
    let log = Log::parse_in(files.log(), mode).ok();
    let plan = files.get("artifacts/plan.json").and_then(|bytes| Plan::parse_in(bytes, mode).ok());
    let roster = files.get("artifacts/roster.toml").and_then(|bytes| Roster::parse_in(bytes, mode).ok());
    let incoming = plan.as_ref().and_then(Plan::incoming_roster).and_then(|file| {
        let bytes = files.get(&format!("artifacts/{}", file.name))?;
        Roster::parse_in(bytes, mode).ok()
    });
    let operations = log.as_ref().map(Operation::all).unwrap_or_default();
    let report = Report { files, verdict, mode, log: log.as_ref(), plan, roster, incoming, operations };
    report.page()
}

/// A bundle on its way to paper. What could not be read is not there, and a check says why.
struct Report<'a> {
    files: &'a BundleFiles,
    verdict: &'a Verdict,
    mode: Mode,
    log: Option<&'a Log>,
    plan: Option<Plan>,
    roster: Option<Roster>,
    /// The roster that the plan brings in.
    incoming: Option<Roster>,
    operations: Vec<Operation<'a>>,
}

impl Report<'_> {
    fn page(&self) -> String {
        let mut body = Html::default();
        self.first(&mut body);
        self.people(&mut body);
        self.timeline(&mut body);
        self.issued(&mut body);
        self.shares(&mut body);
        self.tokens(&mut body);
        self.checks(&mut body);
        self.signatures(&mut body);
        self.copy(&mut body);
        let head = self.verdict.head.map_or_else(String::new, |head| head.to_string());
        Page {
            title: format!("Report: {}", self.title()),
            style: include_str!("report.css"),
            foot: [format!("{}  head {head}", self.name()), String::new()],
            script: Some(include_str!("report.js")),
            body,
        }
        .finish()
    }

    /// The bundle's own name, whatever its directory is called here.
    fn name(&self) -> String {
        let opened = self.log.and_then(|log| log.opened());
        opened.map_or_else(
            || self.files.name.clone(),
            |opened| bundle_directory_name(opened.ordinal, &opened.name),
        )
    }

    fn title(&self) -> String {
        self.plan.as_ref().map_or_else(|| self.name(), |plan| plan.title.clone())
    }

    fn records(&self) -> impl Iterator<Item = &Record> {
        self.log.into_iter().flat_map(Log::records)
    }

    /// Numbers of records and what they say, where `wanted` finds something.
    fn events<'r, T: 'r>(
        &'r self,
        wanted: impl Fn(&'r Event) -> Option<T> + 'r,
    ) -> impl Iterator<Item = (u64, T)> + 'r {
        self.records().filter_map(move |record| Some((record.n, wanted(&record.event)?)))
    }

    /// Everybody on the roster, then who joins.
    fn everybody(&self) -> impl Iterator<Item = &Person> {
        let present = self.roster.as_ref();
        let joining = self.incoming.iter().flat_map(|incoming| &incoming.people);
        let joining =
            joining.filter(move |person| present.is_none_or(|roster| roster.person(&person.name).is_none()));
        present.into_iter().flat_map(|roster| &roster.people).chain(joining)
    }

    /// Every file of the bundle, and the keys whose signatures the page checks.
    fn copy(&self, html: &mut Html) {
        html.markup("<script type=\"application/json\" id=\"record\">\n{\"files\": {\n");
        for (number, (path, bytes)) in self.files.iter().enumerate() {
            html.markup(if number > 0 { ",\n\"" } else { "\"" }).plain(path).markup("\": \"");
            html.plain(Base64(bytes.to_vec())).markup("\"");
        }
        html.markup("\n},\n\"keys\": [\n");
        let rosters = self.roster.iter().chain(&self.incoming);
        for (number, person) in rosters.flat_map(|roster| &roster.people).enumerate() {
            html.markup(if number > 0 { ",\n{\"name\": \"" } else { "{\"name\": \"" }).plain(&person.name);
            html.markup("\", \"alg\": \"").plain(person.algorithm);
            html.markup("\", \"spki\": \"").plain(&person.public_key).markup("\"}");
        }
        html.markup("\n]}\n</script>\n");
    }
}

/// A reference to a record in the timeline.
fn record_reference(html: &mut Html, n: u64) {
    html.element("<a href=\"#r", n, "\">").element("record ", n, "</a>");
}

/// A table with these headings, its rows written by `rows`.
fn table(html: &mut Html, headings: &[&'static str], rows: impl FnOnce(&mut Html)) {
    html.markup("<div class=\"wide\"><table><thead><tr>");
    for heading in headings {
        html.element("<th>", heading, "</th>");
    }
    html.markup("</tr></thead><tbody>\n");
    rows(html);
    html.markup("</tbody></table></div>\n");
}

/// The first 16 digits, in groups: enough to find a digest again in the same page.
fn short(digest: &Digest) -> String {
    super::hex_groups(digest).chars().take(19).collect()
}

/// Names with commas, or a dash.
fn listed<T: std::fmt::Display>(all: impl IntoIterator<Item = T>) -> String {
    let all: Vec<String> = all.into_iter().map(|one| one.to_string()).collect();
    if all.is_empty() { "-".to_owned() } else { all.join(", ") }
}
