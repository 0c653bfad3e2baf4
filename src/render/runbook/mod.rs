//! The runbook: what people hold in their hands while a ceremony runs.
//!
//! Everything on it follows from the plan directory. Steps have the plan's ids, which the screen and the record have
//! too; what belongs to no step has the record's own name with a dot, which no step can have.

mod adoption;
mod cover;
mod forms;
mod shares;
mod steps;
mod witnessed;

use super::html::{Html, Page};
use crate::format::{Action, Digest, FileName, Name, Plan, Role, Roster, bundle_directory_name};
use crate::plan::PlanDirectory;

/// The printable runbook of a plan: one HTML page for A4 and Letter, the same bytes for the same plan.
///
/// `roster` is the plan's own, `incoming` the one that it brings in.
pub fn runbook(directory: &PlanDirectory, roster: &Roster, incoming: Option<&Roster>) -> String {
    let plan = &directory.plan;
    let paper = Paper { directory, plan, digest: directory.digest(), roster, incoming };
    let mut body = Html::default();
    paper.cover(&mut body);
    body.markup("<section class=\"acts\">\n");
    paper.act(&mut body, 1, "Opening", vec![paper.opening()]);
    let mut blocks: Vec<Block> = Vec::new();
    let first_open = plan.steps.iter().position(|step| step.action.tbs_sha256() == Some(None));
    for (number, step) in plan.steps.iter().enumerate() {
        if first_open == Some(number) {
            blocks.push(paper.authorisation());
        }
        blocks.push(paper.step(number + 1, step));
    }
    paper.act(&mut body, 2, "Steps", blocks);
    paper.act(&mut body, 3, "Close", vec![paper.close()]);
    body.markup("</section>\n");
    paper.forms(&mut body);
    let place = bundle_directory_name(plan.ordinal, &plan.name);
    Page {
        title: format!("Runbook: {}", plan.title),
        style: include_str!("runbook.css"),
        foot: [format!("{} {place}  plan {}", plan.authority, paper.digest), String::new()],
        script: None,
        body,
    }
    .finish()
}

/// A plan on its way to paper.
struct Paper<'a> {
    directory: &'a PlanDirectory,
    plan: &'a Plan,
    digest: Digest,
    roster: &'a Roster,
    incoming: Option<&'a Roster>,
}

/// What is done under one heading.
struct Block {
    /// A step's id, or a record's name with a dot.
    id: String,
    /// What kind of step, and which of how many.
    heading: String,
    rows: Vec<Row>,
}

/// One act of one person: what is done, and what is compared.
struct Row {
    actor: Actor,
    act: String,
    expected: Expected,
}

/// Who does it.
enum Actor {
    /// Who leads: the administrator, where the roster has one.
    Lead,
    /// Who types: the operator, where the roster has one.
    Keyboard,
    /// One person of that role.
    Role(Role),
    /// As many officers as that.
    Officers(u8),
    /// One person.
    Person(Name),
    /// Anybody, once.
    Somebody,
    /// Everybody in the room.
    Everybody,
}

/// What has to be seen before anybody initials.
enum Expected {
    /// A sentence.
    Sentence(String),
    /// Labelled values.
    Facts(Vec<(&'static str, String)>),
    /// A digest that one person reads from this paper while another follows on the screen.
    ReadAloud(String, Digest),
    /// Something that only the room knows: it is copied by hand into the space for it.
    ByHand(&'static str),
}

impl Row {
    fn new(actor: Actor, act: impl Into<String>, expected: Expected) -> Self {
        Self { actor, act: act.into(), expected }
    }

    fn seen(actor: Actor, act: impl Into<String>, expected: impl Into<String>) -> Self {
        Self::new(actor, act, Expected::Sentence(expected.into()))
    }
}

impl Paper<'_> {
    fn has(&self, role: Role) -> bool {
        self.roster.people.iter().any(|person| person.roles.contains(&role))
    }

    fn actor(&self, actor: &Actor) -> String {
        match actor {
            Actor::Lead if self.has(Role::Administrator) => Role::Administrator.to_string(),
            Actor::Lead => "whoever leads".to_owned(),
            Actor::Keyboard if self.has(Role::Operator) => Role::Operator.to_string(),
            Actor::Keyboard => "whoever is at the keyboard".to_owned(),
            Actor::Role(role) => role.to_string(),
            Actor::Officers(count) => format!("{count} officers"),
            Actor::Person(name) => name.to_string(),
            Actor::Somebody => "somebody".to_owned(),
            Actor::Everybody => "everybody".to_owned(),
        }
    }

    /// What a step signs, where the plan fixes it already.
    fn tbs(&self, step: &Name) -> Option<&[u8]> {
        let name = FileName::of_step(step, "tbs.der");
        self.directory.tbs.iter().find(|(file, _)| *file == name).map(|(_, bytes)| bytes.as_slice())
    }

    /// Steps whose TBS are fixed only once the new key is there.
    fn open_steps(&self) -> impl Iterator<Item = &Name> {
        let open = |action: &Action| action.tbs_sha256() == Some(None);
        self.plan.steps.iter().filter(move |step| open(&step.action)).map(|step| &step.id)
    }

    fn act(&self, html: &mut Html, number: usize, title: &'static str, blocks: Vec<Block>) {
        html.markup("<h2>").text(format!("Act {number}. {title}")).markup("</h2>\n");
        for block in blocks {
            html.element("<table class=\"steps\" id=\"step.", &block.id, "\">\n<thead>\n")
                .element("<tr class=\"step\"><th colspan=\"6\"><code>", &block.id, "</code> ")
                .element("<span>", block.heading, "</span></th></tr>\n")
                .markup("<tr><th>No</th><th>Who and what</th><th>Expected</th><th>Observed</th>")
                .markup("<th>Initials</th><th>Time</th></tr>\n</thead>\n<tbody>\n");
            for (number, row) in (1..).zip(block.rows) {
                self.row(html, number, row);
            }
            html.markup("</tbody>\n</table>\n");
        }
    }

    fn row(&self, html: &mut Html, number: usize, row: Row) {
        let aloud = matches!(row.expected, Expected::ReadAloud(..));
        html.markup(if aloud { "<tr class=\"aloud\">" } else { "<tr>" }).cell(number);
        html.element("<td><b>", self.actor(&row.actor), "</b><br>").text(row.act).markup("</td><td>");
        match &row.expected {
            Expected::Sentence(text) => {
                html.text(text);
            }
            Expected::Facts(facts) => {
                html.markup("<dl>");
                for (label, value) in facts {
                    html.fact(label, value);
                }
                html.markup("</dl>");
            }
            Expected::ReadAloud(label, _) => {
                html.text(format!("{label}, below"));
            }
            Expected::ByHand(what) => {
                html.element("<span class=\"by-hand\">", what, "</span>");
            }
        }
        html.markup("</td><td></td><td></td><td></td></tr>\n");
        if let Expected::ReadAloud(_, digest) = row.expected {
            html.markup("<tr><td></td><td colspan=\"5\">").digest(&digest).markup("</td></tr>\n");
        }
    }
}
