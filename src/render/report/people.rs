use super::{Html, Report, listed, short, table};
use crate::format::{Event, KeyStorage, Name, Opened, SealKind, Statement};

impl Report<'_> {
    /// Who was there, with which part, and what they signed.
    pub(super) fn people(&self, html: &mut Html) {
        html.markup("<h2>People</h2>\n");
        let opened = self.log.and_then(|log| log.opened());
        if let Some(roster) = &self.roster {
            let thresholds = roster.thresholds;
            html.element(
                "<p>",
                format!(
                    "{} officers approve, {} open a token, {} and a witness close.",
                    thresholds.approve, thresholds.unlock, thresholds.close
                ),
                "</p>\n",
            );
        }
        table(html, &["Who", "Roles", "There", "Signed", "Key"], |html| {
            for person in self.everybody() {
                html.markup("<tr>").code_cell(&person.name);
                let deputy =
                    person.deputy_for.as_ref().map_or_else(String::new, |of| format!(", deputy for {of}"));
                html.cell(format!("{}{deputy}", listed(&person.roles)));
                html.cell(
                    opened.map_or_else(|| "-".to_owned(), |opened| self.presence(opened, &person.name)),
                );
                html.cell(self.signed_by(&person.name));
                let storage = match person.key_storage {
                    KeyStorage::Hardware => "in hardware",
                    KeyStorage::File => "in a file",
                };
                html.cell(format!(
                    "{}, {storage}, SHA-256 {}",
                    person.algorithm,
                    short(&crate::format::Digest::of(&person.public_key.0))
                ));
                html.markup("</tr>\n");
            }
        });
        self.statements(html);
    }

    /// When somebody was in the room.
    fn presence(&self, opened: &Opened, name: &Name) -> String {
        let mut there = opened.present.iter().any(|present| present.name == *name);
        let mut said = vec![if there { "from the beginning" } else { "not at the beginning" }.to_owned()];
        for record in self.records() {
            match &record.event {
                Event::Arrived(arrived) if arrived.name == *name => said.push(format!("came {}", record.t)),
                Event::Left(left) if left.name == *name => said.push(format!("left {}", record.t)),
                Event::Resumed(resumed) => {
                    let now = resumed.present.iter().any(|present| present.name == *name);
                    if now != there {
                        let what = if now { "there" } else { "not there" };
                        said.push(format!("{what} when it was resumed"));
                    }
                    there = now;
                    continue;
                }
                _ => continue,
            }
            there = matches!(record.event, Event::Arrived(_));
        }
        listed(said)
    }

    /// Statements with their paths, as far as they can be read.
    fn all_statements(&self) -> impl Iterator<Item = (&str, Statement)> {
        self.files.iter().filter_map(|(path, bytes)| {
            let statement =
                path.ends_with(".txt") && (path.starts_with("seals/") || path.contains("/approval."));
            Some((path, Statement::parse(bytes).ok().filter(|_| statement)?))
        })
    }

    fn signed_by(&self, name: &Name) -> String {
        let mut kinds: Vec<(u8, String)> = self
            .all_statements()
            .filter(|(_, statement)| statement.signer().name == *name)
            .map(|(_, statement)| (order(&statement), statement.kind_name()))
            .collect();
        kinds.sort();
        listed(kinds.into_iter().map(|(_, kind)| kind))
    }

    fn statements(&self, html: &mut Html) {
        html.markup("<h3>Statements</h3>\n<p class=\"quiet\">The signatures over them are checked by anchorite (B1 to B6) \
             and by this page.</p>\n");
        let mut all: Vec<_> = self.all_statements().collect();
        all.sort_by_key(|(path, statement)| (order(statement), *path));
        table(
            html,
            &["Statement", "Who", "As", "Algorithm", "Time (the signer's clock)", "Covers"],
            |html| {
                for (_, statement) in all {
                    let signer = statement.signer();
                    html.markup("<tr>").cell(statement.kind_name()).code_cell(&signer.name).cell(signer.role);
                    html.cell(signer.algorithm).element("<td class=\"time\">", signer.time, "</td>");
                    html.cell(match &statement {
                        Statement::Approval(_) => "the plan".to_owned(),
                        Statement::Seal(seal) => {
                            format!("records 0 to {}", seal.covered.records.saturating_sub(1))
                        }
                        Statement::Field(_) => "no record".to_owned(),
                    });
                    html.markup("</tr>\n");
                }
            },
        );
    }

    /// A line for each person who was there, to be signed on paper.
    pub(super) fn signatures(&self, html: &mut Html) {
        html.markup("<section class=\"signatures\">\n<h2>Signatures on paper</h2>\n<p>I have compared the head on this \
             paper with the one that I copied by hand, and read the exceptions. Who does not agree writes why.</p>\n");
        table(
            html,
            &["On the roster", "Name in print", "Signature and date", "I do not agree, because"],
            |html| {
                for person in self.everybody() {
                    html.markup("<tr>").code_cell(&person.name).markup("<td></td><td></td><td></td></tr>\n");
                }
                html.markup("<tr><td>auditor</td><td></td><td></td><td></td></tr>\n");
            },
        );
        html.markup("</section>\n");
    }
}

/// Statements in the order in which a ceremony asks for them.
fn order(statement: &Statement) -> u8 {
    match statement {
        Statement::Approval(_) | Statement::Field(_) => 0,
        Statement::Seal(seal) => match seal.kind {
            SealKind::Resume => 1,
            SealKind::Authorise => 2,
            SealKind::Close => 3,
            SealKind::Abort => 4,
        },
    }
}
