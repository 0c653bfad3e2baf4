use super::{Html, Report, record_reference, table};
use crate::format::{DrillOutcome, Environment, Event, ExceptionNoted, Mode, OperatorKind, Waiver};
use crate::pki::lint;
use crate::verify::{BundleVerdict, Check, CheckId, Conclusion, Status, Verdict};

impl Report<'_> {
    /// What an auditor needs before anything else.
    pub(super) fn first(&self, html: &mut Html) {
        html.markup("<header>\n").element(
            "<p class=\"kind\">Report of a key ceremony, ",
            self.kind(),
            "</p>\n",
        );
        html.element("<h1>", self.title(), "</h1>\n");
        if self.mode == Mode::Rehearsal {
            html.markup("<p class=\"rehearsal\">REHEARSAL: nothing that was signed here counts.</p>\n");
        }
        html.markup("<div class=\"verdicts\">\n<section class=\"verdict ");
        html.markup(class(self.verdict.conclusion))
            .markup("\" id=\"verdict\">\n<h2>Verdict of anchorite</h2>\n");
        html.element("<p class=\"word\">", self.verdict.conclusion, "</p>\n");
        html.element("<p>", self.explained(), "</p>\n</section>\n");
        html.markup(
            "<section class=\"verdict\">\n<h2>This page, checked by itself</h2>\n<p class=\"word\" id=\"self\">not \
             checked</p>\n<p id=\"self-why\">No script ran: open this file in a browser that runs it.</p>\n</section>\n</div>\n",
        );
        self.other_ways(html);
        self.head(html);
        html.markup("</header>\n");
        self.needs_attention(html);
    }

    fn kind(&self) -> String {
        match self.log.and_then(|log| log.opened()) {
            Some(opened) => {
                format!(
                    "{}, {}, ceremony {} ({})",
                    opened.authority, opened.environment, opened.ordinal, opened.name
                )
            }
            None => self.name(),
        }
    }

    fn explained(&self) -> String {
        let worst =
            self.verdict.all_checks().find(|check| check.status.conclusion() == self.verdict.conclusion);
        let outcome = self.verdict.bundles.first().and_then(|bundle| bundle.outcome);
        let outcome = outcome.map_or_else(
            || "The record cannot be read.".to_owned(),
            |outcome| format!("The ceremony is {}.", outcome.to_string().replace('-', " ")),
        );
        match (self.verdict.conclusion, worst) {
            (Conclusion::Pass, _) | (_, None) => {
                format!(
                    "{outcome} Everything that could be checked holds, against the roster and the head that were given."
                )
            }
            (_, Some(check)) => format!("{outcome} {} {}: {}.", check.id, check.id.title(), check.evidence),
        }
    }

    fn other_ways(&self, html: &mut Html) {
        let head = self.verdict.head.map_or_else(|| "HEAD".to_owned(), |head| head.to_string());
        let (name, rehearsal) = (self.name(), if self.mode == Mode::Rehearsal { " --rehearsal" } else { "" });
        html.markup("<section class=\"lie\">\n<p><b>A page can lie.</b> Whoever made this file could have made it say \
             anything, its own checks included. Two commands do not believe it, with the roster and the head from a place \
             that is not this file:</p>\n<pre>");
        html.text(format!(
            "anchorite verify {name}{rehearsal} --roster ROSTER --expect-head {head} --report THIS-FILE"
        ));
        html.markup("\n")
            .text(format!("python3 verify.py {name}{rehearsal} --roster ROSTER --expect-head {head}"));
        html.markup("</pre>\n</section>\n");
    }

    fn head(&self, html: &mut Html) {
        let Some(head) = self.verdict.head else { return };
        html.markup("<section class=\"head\">\n<div id=\"head\"><h2>Head of the record</h2>\n")
            .markup("<p class=\"quiet\">Compare it with the copy that was made by hand at the end.</p>\n")
            .digest(&head)
            .markup("</div>\n")
            .qr_of_head(&head)
            .markup("</section>\n");
        let Some((log, opened)) = self.log.and_then(|log| Some((log, log.opened()?))) else { return };
        html.markup("<dl>\n").fact("ceremony", opened.ceremony_id());
        let (first, last) = (log.records().next(), log.records().next_back());
        if let (Some(first), Some(last)) = (first, last) {
            html.fact("from, to (the host's clock)", format!("{} to {}", first.t, last.t));
        }
        html.fact("records", format!("{}, {} bytes", log.lines.len(), self.files.log().len()));
        html.fact("plan, SHA-256", opened.plan_sha256).fact("roster, SHA-256", opened.roster_sha256);
        html.fact("head before", opened.previous_head);
        for (label, value) in [("place", &opened.place), ("recording", &opened.recording)] {
            if let Some(value) = value {
                html.fact(label, value);
            }
        }
        if let Some(policy) = self.plan.as_ref().and_then(|plan| plan.policy.as_ref()) {
            html.fact("policy", policy);
        }
        if let Some(rehearsed) = &opened.rehearsal {
            html.fact("rehearsed, head of that record", rehearsed.head)
                .fact("its plan, SHA-256", rehearsed.plan_sha256);
        }
        if let Some(rehearses) = self.plan.as_ref().and_then(|plan| plan.rehearses.as_ref()) {
            html.fact("rehearses the plan", rehearses.plan_sha256);
        }
        html.fact("written by", &opened.tool).markup("</dl>\n");
    }

    /// Exceptions, refusals, waivers, what is unknown, and what nobody checked.
    fn needs_attention(&self, html: &mut Html) {
        html.markup("<h2>What to look at first</h2>\n");
        self.exceptions(html);
        self.refusals(html);
        self.waivers(html);
        self.unknown(html);
        self.not_passed(html);
        html.markup("<h3>What no record can show</h3>\n<ul>\n");
        for line in Verdict::NOT_CHECKED {
            html.element("<li>", line, "</li>\n");
        }
        html.markup("</ul>\n");
    }

    fn exceptions(&self, html: &mut Html) {
        let all: Vec<_> = self
            .events(|event| match event {
                Event::ExceptionNoted(noted) => Some(noted),
                _ => None,
            })
            .collect();
        counted(html, "Exceptions", all.len());
        if all.is_empty() {
            return;
        }
        table(html, &["No", "Class", "Expected", "Happened", "Decided", "By", "Where"], |html| {
            for (n, noted) in all {
                let ExceptionNoted { number, step, class, expected, happened, decided, by } = noted;
                html.markup("<tr>")
                    .cell(number)
                    .element("<td><b>", class, "</b></td>")
                    .cell(expected)
                    .cell(happened);
                html.cell(decided).cell(by).markup("<td>");
                if let Some(step) = step {
                    html.text(step).markup(", ");
                }
                record_reference(html, n);
                html.markup("</td></tr>\n");
            }
        });
    }

    fn refusals(&self, html: &mut Html) {
        let all: Vec<_> = self
            .events(|event| match event {
                Event::Attested(attested) => attested.refusal.as_ref().map(|refusal| (attested, refusal)),
                _ => None,
            })
            .collect();
        counted(html, "Attestations that were refused", all.len());
        if all.is_empty() {
            return;
        }
        table(html, &["Who", "Would not state", "Because", "Where"], |html| {
            for (n, (attested, refusal)) in all {
                html.markup("<tr>").cell(&attested.by).cell(&attested.text).cell(refusal).markup("<td>");
                html.text(&attested.step).markup(", ");
                record_reference(html, n);
                html.markup("</td></tr>\n");
            }
        });
    }

    fn waivers(&self, html: &mut Html) {
        let all = self.plan.as_ref().map(|plan| plan.waivers.as_slice()).unwrap_or_default();
        counted(html, "Waivers", all.len());
        if all.is_empty() {
            return;
        }
        table(html, &["Rule", "Reason", "Until"], |html| {
            for Waiver { rule, reason, until } in all {
                html.markup("<tr>")
                    .code_cell(lint::described(*rule))
                    .cell(reason)
                    .cell(until)
                    .markup("</tr>\n");
            }
        });
    }

    /// What happened that nobody planned, and what the record itself leaves open.
    fn unknown(&self, html: &mut Html) {
        let mut lines: Vec<(Option<u64>, String)> = Vec::new();
        for record in self.records() {
            let line = match &record.event {
                Event::Resumed(resumed) => format!(
                    "interrupted, and resumed with {} operations unanswered",
                    resumed.unanswered.len()
                ),
                Event::Quarantined(put) => {
                    format!("{}: {} was quarantined: {}", put.step, put.file.name, put.reason)
                }
                Event::Aborted(aborted) => format!("{} ended it early: {}", aborted.by, aborted.reason),
                Event::KeySettled(settled) => {
                    format!("a key was in doubt (operation {}): {}", settled.op, settled.outcome)
                }
                Event::Drilled(drilled) if drilled.outcome == DrillOutcome::NotPlayed => {
                    format!("the drill {} was not played", drilled.kind)
                }
                _ => continue,
            };
            lines.push((Some(record.n), line));
        }
        for operation in self.operations.iter().filter(|operation| operation.unknown()) {
            let what = format!(
                "operation {} has no answer: nobody knows whether it took effect",
                operation.intent.op
            );
            lines.push((Some(operation.record), what));
        }
        for (n, found) in self.events(|event| match event {
            Event::OperationResult(result) if result.rv != "CKR_OK" => Some(result),
            _ => None,
        }) {
            lines.push((Some(n), format!("operation {} was answered with {}", found.op, found.rv)));
        }
        if let Some(opened) = self.log.and_then(|log| log.opened()) {
            if opened.environment != Environment::Production {
                let line =
                    format!("environment {}: rules of production were not asked for", opened.environment);
                lines.push((Some(0), line));
            }
            if opened.operator == OperatorKind::Scripted {
                lines.push((Some(0), "an answers file pressed the keys, not a person".to_owned()));
            }
            if let Some(exposure) = opened.host.exposure() {
                lines.push((Some(0), format!("secrets could reach a disk: {exposure}")));
            }
        }
        if self.log.is_some_and(|log| !log.torn.is_empty()) {
            lines.push((None, "the log ends with a part of a line".to_owned()));
        }
        counted(html, "Interruptions, failures and unknowns", lines.len());
        if lines.is_empty() {
            return;
        }
        html.markup("<ul>\n");
        for (n, line) in lines {
            html.element("<li>", line, " ");
            if let Some(n) = n {
                html.markup("(");
                record_reference(html, n);
                html.markup(")");
            }
            html.markup("</li>\n");
        }
        html.markup("</ul>\n");
    }

    /// Checks that did not pass, had nothing to look at, or were not made.
    fn not_passed(&self, html: &mut Html) {
        let (nothing, wrong): (Vec<&Check>, Vec<&Check>) = self
            .verdict
            .all_checks()
            .filter(|check| check.status != Status::Pass)
            .partition(|check| check.status == Status::NotApplicable);
        counted(html, "Checks that did not pass", wrong.len());
        if !wrong.is_empty() {
            self.check_table(html, wrong.into_iter());
        }
        counted(html, "Checks that had nothing to look at", nothing.len());
        if !nothing.is_empty() {
            html.markup("<p>");
            let all: Vec<String> = nothing
                .iter()
                .map(|check| format!("{} {} ({})", check.id, check.id.title(), check.evidence))
                .collect();
            html.text(all.join("; ")).markup(".</p>\n");
        }
    }

    /// A table of checks with their evidence.
    pub(super) fn check_table<'c>(&self, html: &mut Html, checks: impl Iterator<Item = &'c Check>) {
        table(html, &["Id", "Check", "Result", "Evidence", "Place"], |html| {
            for Check { id, status, evidence, place } in checks {
                html.markup("<tr class=\"").markup(row_class(*status)).markup("\">");
                html.code_cell(id)
                    .cell(id.title())
                    .element("<td class=\"result\">", status, "</td>")
                    .cell(evidence);
                let place = place.as_ref().map(|place| match (place.record, place.offset) {
                    (Some(record), Some(offset)) => {
                        format!("{} record {record} at byte {offset}", place.file)
                    }
                    _ => place.file.clone(),
                });
                html.cell(place.unwrap_or_default()).markup("</tr>\n");
            }
        });
    }

    /// The verdict over the bundle alone.
    pub(super) fn of_bundle(&self) -> impl Iterator<Item = &BundleVerdict> {
        self.verdict.bundles.iter()
    }
}

/// A heading that says how many there are.
fn counted(html: &mut Html, title: &'static str, count: usize) {
    match count {
        0 => html.element("<h3 class=\"none\">", title, ": <span>none</span></h3>\n"),
        count => html.element("<h3>", title, ": ").element("", count, "</h3>\n"),
    };
}

fn class(conclusion: Conclusion) -> &'static str {
    match conclusion {
        Conclusion::Pass => "good",
        Conclusion::Fail => "bad",
        Conclusion::Unanchored | Conclusion::Unsealed | Conclusion::Incomplete | Conclusion::Unsupported => {
            "warn"
        }
    }
}

fn row_class(status: Status) -> &'static str {
    match status {
        Status::Pass => "",
        Status::NotApplicable => "quiet",
        Status::Fail => "bad",
        Status::Unanchored
        | Status::Unsealed
        | Status::Incomplete
        | Status::Unsupported
        | Status::NotReached => "warn",
    }
}

/// Whether a check stands for what was waived: those come first everywhere.
pub(super) fn is_waivers(check: &Check) -> bool {
    check.id == CheckId::Waivers
}
