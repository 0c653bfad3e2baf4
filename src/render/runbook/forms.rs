use super::cover::roles;
use super::{Html, Paper};
use crate::format::{Duty, ExceptionClass, MEANINGS, Role};

/// How many numbered exception sheets and empty lines of custody a runbook has.
const EXCEPTION_SHEETS: usize = 4;
const CUSTODY_LINES: usize = 14;

/// From a line in the margin to the end of the ceremony; one of them is circled.
const CLASSES: [ExceptionClass; 5] = [
    ExceptionClass::Note,
    ExceptionClass::Deviation,
    ExceptionClass::Repeated,
    ExceptionClass::Doubtful,
    ExceptionClass::Compromise,
];

impl Paper<'_> {
    /// What is filled in beside the steps.
    pub(super) fn forms(&self, html: &mut Html) {
        for number in 1..=EXCEPTION_SHEETS {
            self.exception(html, number);
        }
        self.custody(html);
        self.duties(html);
        self.statements(html);
    }

    fn duties(&self, html: &mut Html) {
        if self.plan.duties.is_empty() {
            return;
        }
        html.markup("<section class=\"sheet\" id=\"duties\">\n<h2>Duties after the ceremony</h2>\n<table><thead><tr>")
            .markup("<th>Id</th><th>What</th><th>Due</th><th>Who</th><th>Taken on, initials</th></tr></thead><tbody>\n");
        for Duty { id, kind, what, due, owner } in &self.plan.duties {
            html.markup("<tr>").element("<td><code>", id, "</code><br>").text(kind).markup("</td>");
            html.cell(what).cell(due).cell(owner).markup("<td></td></tr>\n");
        }
        html.markup("</tbody></table>\n</section>\n");
    }

    fn exception(&self, html: &mut Html, number: usize) {
        html.element("<section class=\"sheet exception\" id=\"exception.", number, "\">\n")
            .element("<h2>Exception ", format!("{number} of {EXCEPTION_SHEETS}"), "</h2>\n")
            .markup("<table class=\"form\"><tbody>\n<tr><th>Step</th><td></td><th>Date and time</th><td></td></tr>\n")
            .markup("<tr><th>Class</th><td colspan=\"3\" class=\"classes\">");
        for class in CLASSES {
            html.element("<span>", class, "</span> ");
        }
        html.markup("</td></tr>\n")
            .markup("<tr><th>Expected</th><td colspan=\"3\" class=\"tall\"></td></tr>\n")
            .markup("<tr><th>What happened</th><td colspan=\"3\" class=\"tall\"></td></tr>\n")
            .markup("<tr><th>Decided</th><td colspan=\"3\" class=\"tall\"></td></tr>\n")
            .markup("<tr><th>Who decided</th><td></td><th>Signature</th><td></td></tr>\n")
            .markup("<tr><th>Witness</th><td></td><th>Signature</th><td></td></tr>\n")
            .markup("</tbody></table>\n</section>\n");
    }

    fn custody(&self, html: &mut Html) {
        html.markup("<section class=\"sheet\" id=\"custody\">\n<h2>Custody</h2>\n")
            .markup("<p>One line for each thing that changes hands: tokens, cards, share sheets, media, copies of the ")
            .markup("record.</p>\n<table class=\"custody\"><thead><tr><th>Time</th><th>What</th>")
            .markup("<th>Serial number</th><th>Bag or seal</th><th>Whole</th><th>From, initials</th>")
            .markup("<th>To, initials</th></tr></thead><tbody>\n");
        for token in &self.plan.tokens {
            html.markup("<tr><td></td><td>token <code>").text(token);
            html.markup("</code></td><td></td><td></td><td></td><td></td><td></td></tr>\n");
        }
        for _ in self.plan.tokens.len()..CUSTODY_LINES {
            html.markup("<tr><td></td><td></td><td></td><td></td><td></td><td></td><td></td></tr>\n");
        }
        html.markup("</tbody></table>\n</section>\n");
    }

    /// A sheet for each person who signs a statement: what it says, and what to compare before signing.
    fn statements(&self, html: &mut Html) {
        let signs = |role: &Role| matches!(role, Role::Officer | Role::Witness);
        for person in self.people().filter(|person| person.roles.iter().any(signs)) {
            html.element("<section class=\"sheet\" id=\"statements.", &person.name, "\">\n<h2>")
                .element("Statements of <code>", &person.name, "</code></h2>\n")
                .element("<p>Role: ", roles(person), "</p>\n")
                .markup("<h3>Plan digest, in every statement</h3>\n")
                .digest(&self.digest);
            for (kind, meaning) in MEANINGS {
                // Nobody signs those two in a ceremony that goes as planned; their forms are the same.
                if matches!(kind, "resume" | "abort")
                    || !self.signs(person.roles.contains(&Role::Officer), kind)
                {
                    continue;
                }
                html.element("<h3>", kind, "</h3>\n").element("<blockquote>", meaning, "</blockquote>\n");
                html.markup("<table class=\"form\"><tbody>\n");
                if kind != "approval" {
                    html.markup("<tr><th>Ceremony</th><td></td><th>Records</th><td></td></tr>\n")
                        .markup("<tr><th>Head, in words</th><td colspan=\"3\" class=\"tall\"></td></tr>\n");
                }
                html.markup("<tr><th>I do not agree, because</th><td colspan=\"3\"></td></tr>\n")
                    .markup("<tr><th>Date and time</th><td></td><th>Signature</th><td></td></tr>\n")
                    .markup("</tbody></table>\n");
            }
            html.markup("</section>\n");
        }
    }

    /// Whether somebody signs that kind of statement in this ceremony.
    fn signs(&self, officer: bool, kind: &str) -> bool {
        match kind {
            "authorise" => officer && self.open_steps().next().is_some(),
            // Everybody's key is proven in the first ceremony.
            "approval" => officer || self.plan.ordinal == 1,
            _ => true,
        }
    }
}
