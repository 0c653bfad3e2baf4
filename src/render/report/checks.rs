use super::first::is_waivers;
use super::{Html, Report, table};
use crate::format::{Digest, Duty, Event};

impl Report<'_> {
    /// Duties, every check, and every file.
    pub(super) fn checks(&self, html: &mut Html) {
        self.duties(html);
        html.markup("<h2>Checks of anchorite</h2>\n");
        for bundle in self.of_bundle() {
            let (waived, others): (Vec<_>, Vec<_>) =
                bundle.checks.iter().partition(|check| is_waivers(check));
            self.check_table(html, waived.into_iter().chain(others).chain(&self.verdict.checks));
        }
        html.markup(
            "<h2>Checks of this page</h2>\n<div class=\"wide\"><table><thead><tr><th>Result</th><th>Of</th>",
        )
        .markup("<th>What</th><th>Where</th></tr></thead><tbody id=\"self-checks\"></tbody></table></div>\n");
        html.markup("<h2>Files</h2>\n<p class=\"quiet\">A copy of each is in this page.</p>\n");
        table(html, &["Path", "Bytes", "SHA-256"], |html| {
            for (path, bytes) in self.files.iter() {
                html.markup("<tr>")
                    .code_cell(path)
                    .cell(bytes.len())
                    .code_cell(Digest::of(bytes))
                    .markup("</tr>\n");
            }
        });
    }

    fn duties(&self, html: &mut Html) {
        let closed = self.records().find_map(|record| match &record.event {
            Event::Closed(closed) => Some(&closed.duties),
            _ => None,
        });
        let Some(duties) = closed.filter(|duties| !duties.is_empty()) else { return };
        html.markup("<h2>Duties from here on</h2>\n");
        table(html, &["Due", "What", "Who", "Id"], |html| {
            let mut duties: Vec<&Duty> = duties.iter().collect();
            duties.sort_by_key(|duty| duty.due);
            for Duty { id, kind, what, due, owner } in duties {
                html.markup("<tr>").element("<td class=\"time\">", due, "</td>").cell(what).cell(owner);
                html.cell(format!("{id} ({kind})")).markup("</tr>\n");
            }
        });
    }
}
