use super::{Actor, Block, Expected, Html, Paper, Row};
use crate::format::{Digest, Drill, Mode, Person, Role, Waiver};
use crate::pki::lint;

impl Paper<'_> {
    /// The first page: what this ceremony is, who is there, how the paper is used.
    pub(super) fn cover(&self, html: &mut Html) {
        let plan = self.plan;
        html.markup("<header class=\"cover\">\n")
            .element("<p class=\"kind\">Runbook of a key ceremony, ", &plan.authority, "</p>\n")
            .element("<h1>", &plan.title, "</h1>\n");
        if plan.mode == Mode::Rehearsal {
            html.markup("<p class=\"rehearsal\">REHEARSAL: nothing that is signed here counts.</p>\n");
        }
        html.markup("<dl>\n")
            .fact("ceremony", format!("{} ({})", plan.ordinal, plan.name))
            .fact("authority", format!("{}, {}", plan.authority, plan.environment))
            .fact("mode", plan.mode)
            .fact("window", format!("{} to {}", plan.window.from, plan.window.to));
        if let Some(domain) = &plan.trust_domain {
            html.fact("trust domain", domain);
        }
        if let Some(policy) = &plan.policy {
            html.fact("policy", policy);
        }
        for (label, value) in [("place", &plan.place), ("recording", &plan.recording)] {
            if let Some(value) = value {
                html.fact(label, value);
            }
        }
        if let Some(next) = plan.next_ceremony {
            html.fact("next ceremony, at the latest", next);
        }
        if let Some(days) = plan.rehearsed_within_days {
            html.fact("rehearsed", format!("within {days} days before"));
        }
        if let Some(rehearses) = &plan.rehearses {
            html.fact("rehearses the plan", rehearses.plan_sha256);
        }
        html.fact("planned with", &plan.tool).markup("</dl>\n</header>\n");
        self.waivers(html);
        self.drills(html);
        html.markup("<h2>Digests to be compared</h2>\n<h3>Plan digest</h3>\n").digest(&self.digest);
        html.markup("<h3>Head of the ceremony before</h3>\n");
        match plan.previous_head {
            Digest::ZERO => html.markup("<p>None: this is the first ceremony of the authority.</p>\n"),
            head => html.digest(&head),
        };
        html.markup("<h3>Other files</h3>\n<dl>\n")
            .fact("roster, SHA-256", plan.roster_sha256)
            .fact("ceremony file, SHA-256", plan.script_sha256);
        for input in &plan.inputs {
            html.fact(format!("{}, SHA-256", input.name), input.sha256);
        }
        html.markup("</dl>\n");
        self.participants(html);
        html.markup(RULES);
    }

    fn waivers(&self, html: &mut Html) {
        if self.plan.waivers.is_empty() {
            return;
        }
        html.markup("<h2>Rules that are waived</h2>\n<table><thead><tr><th>Rule</th><th>Reason</th>")
            .markup("<th>Until</th></tr></thead><tbody>\n");
        for Waiver { rule, reason, until } in &self.plan.waivers {
            html.markup("<tr>").code_cell(lint::described(*rule)).cell(reason).cell(until).markup("</tr>\n");
        }
        html.markup("</tbody></table>\n");
    }

    /// What goes wrong on purpose, in a rehearsal.
    fn drills(&self, html: &mut Html) {
        let Some(rehearses) = &self.plan.rehearses else { return };
        html.markup(
            "<h2>Drills</h2>\n<table><thead><tr><th>Drill</th><th>In step</th><th>What was seen</th>",
        )
        .markup("<th>Initials</th></tr></thead><tbody>\n");
        for Drill { kind, step } in &rehearses.drills {
            html.markup("<tr>").code_cell(kind);
            html.cell(step.as_ref().map_or("before the record is open", |step| step.as_str()));
            html.markup("<td></td><td></td></tr>\n");
        }
        html.markup("</tbody></table>\n");
    }

    fn participants(&self, html: &mut Html) {
        let thresholds = self.roster.thresholds;
        html.markup("<h2 class=\"people-page\">People</h2>\n<p>")
            .text(format!(
                "{} officers approve, {} open the token, {} and a witness close. Everybody who comes signs on this page.",
                thresholds.approve, thresholds.unlock, thresholds.close
            ))
            .markup("</p>\n<table class=\"people\"><thead><tr><th>On the roster</th><th>Roles</th>")
            .markup("<th>Name in print</th><th>Signature</th><th>In</th><th>Out</th></tr></thead><tbody>\n");
        for person in self.people() {
            html.markup("<tr>").code_cell(&person.name).cell(roles(person));
            html.markup("<td></td><td></td><td></td><td></td></tr>\n");
        }
        for _ in 0..3 {
            html.markup("<tr><td></td><td>guest</td><td></td><td></td><td></td><td></td></tr>\n");
        }
        html.markup("</tbody></table>\n");
    }

    /// Everybody on the roster, then who joins by this ceremony.
    pub(super) fn people(&self) -> impl Iterator<Item = &Person> {
        let joining = self.incoming.into_iter().flat_map(|incoming| &incoming.people);
        let joining = joining.filter(|person| self.roster.person(&person.name).is_none());
        self.roster.people.iter().chain(joining)
    }

    /// Before the first step: the room, the plan, the record.
    pub(super) fn opening(&self) -> Block {
        let plan = self.plan;
        let officers = self.roster.thresholds.unlock;
        let mut rows = vec![
            Row::new(
                Actor::Lead,
                "notes the place, and the time by a clock that everybody sees",
                Expected::ByHand("place and time"),
            ),
            Row::seen(
                Actor::Lead,
                "sees that everybody signed the list of people",
                format!("{officers} officers or more, and a witness"),
            ),
            Row::seen(
                Actor::Keyboard,
                "starts anchorite run with this plan",
                format!(
                    "{} ({}, {}), ceremony {}",
                    plan.title, plan.authority, plan.environment, plan.ordinal
                ),
            ),
            Row::new(
                Actor::Role(Role::Witness),
                "follows on the screen while another reads the plan digest aloud from this paper",
                Expected::ReadAloud("the plan digest".to_owned(), self.digest),
            ),
        ];
        if plan.previous_head != Digest::ZERO {
            rows.push(Row::new(
                Actor::Role(Role::Witness),
                "compares the head of the ceremony before with the copy that was made by hand then",
                Expected::ReadAloud("the head of the ceremony before".to_owned(), plan.previous_head),
            ));
        }
        rows.push(Row::seen(
            Actor::Everybody,
            "types eight characters or more of their own choice, which are public",
            "the screen goes on to the next person",
        ));
        rows.push(Row::new(
            Actor::Role(Role::Witness),
            "copies the beginning of the ceremony's identifier from the screen",
            Expected::ByHand("first 16 digits"),
        ));
        Block { id: "ceremony.open".to_owned(), heading: "before the first step".to_owned(), rows }
    }

    /// After the last key was made: what it will sign is fixed and authorised.
    pub(super) fn authorisation(&self) -> Block {
        let steps: Vec<String> = self.open_steps().map(ToString::to_string).collect();
        let rows = vec![
            Row::seen(
                Actor::Keyboard,
                "sees that everything the new key will sign is fixed",
                format!("{} objects: {}", steps.len(), steps.join(", ")),
            ),
            Row::seen(
                Actor::Officers(self.roster.thresholds.approve),
                "read the authorise statement on a machine of their own, fill in the sheet, and sign the statement",
                "each line is what the step on this paper says",
            ),
        ];
        Block { id: "seal.authorise".to_owned(), heading: "before the first signature".to_owned(), rows }
    }

    /// After the last step.
    pub(super) fn close(&self) -> Block {
        let rows = vec![
            Row::new(
                Actor::Role(Role::Witness),
                "has the head of the record read aloud and copies it, in words",
                Expected::ByHand("head: write it on the sheet of the close statement"),
            ),
            Row::seen(
                Actor::Officers(self.roster.thresholds.close),
                "and a witness read the close statement and sign it",
                "the head in the statement is the one on this paper",
            ),
            Row::seen(Actor::Keyboard, "sees the end", "complete and sealed"),
            Row::seen(
                Actor::Role(Role::Witness),
                "verifies the record on another machine: anchorite verify, with the roster and the head from paper",
                "VERDICT PASS",
            ),
            Row::new(
                Actor::Lead,
                "hands copies of the record to at least three holders; fill in a line of the custody form for each",
                Expected::ByHand("holders"),
            ),
            Row::new(Actor::Lead, "notes the time", Expected::ByHand("time")),
        ];
        Block { id: "ceremony.close".to_owned(), heading: "after the last step".to_owned(), rows }
    }
}

/// A person's roles, as the roster has them.
pub(super) fn roles(person: &Person) -> String {
    person.roles.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// How the paper is used.
const RULES: &str = "<section class=\"rules\">\n<h2>How this paper is used</h2>\n<ol>\n\
    <li>Every step is read aloud before it is done. Nothing is done that is not on this paper.</li>\n\
    <li>Compare what is observed with what is expected, then write what you observed, your initials and the time. A tick \
    is enough where both are the same.</li>\n\
    <li>Digests are read as words: one person reads from the paper, another follows on the screen. The first word of a \
    pair has two syllables and the second three, so that a word that is left out is heard.</li>\n\
    <li>Whatever is not as expected stops the ceremony. Fill in an exception sheet: what was expected, what happened, \
    what was decided. Only then does it go on.</li>\n\
    <li>Who does not agree writes <i>I do not agree</i> and the reason in the place of the initials.</li>\n\
    <li>No share, PIN or passphrase is ever written on this paper.</li>\n</ol>\n</section>\n";
