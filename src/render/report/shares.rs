use super::{Html, Report, listed, record_reference, table};
use crate::format::{Event, PinPolicy, SharesSplit};

impl Report<'_> {
    /// Who holds what, who entered what, and what opens which token.
    pub(super) fn shares(&self, html: &mut Html) {
        html.markup("<h2>Shares and quorum</h2>\n");
        let splits: Vec<(u64, &SharesSplit)> = self
            .events(|event| match event {
                Event::SharesSplit(split) => Some(split),
                _ => None,
            })
            .collect();
        if splits.is_empty() {
            html.markup("<p>No secret was split in this ceremony.</p>\n");
        }
        for (n, split) in splits {
            let SharesSplit { set, set_id, epoch, threshold, shares, .. } = split;
            html.markup("<h3>")
                .text(format!("Set {set}, epoch {epoch} ({set_id}): any {threshold} of {}", shares.len()));
            html.markup("</h3>\n<p class=\"quiet\">");
            record_reference(html, n);
            html.markup(". A commitment lets its holder check one share alone; it says nothing about the words.</p>\n");
            table(html, &["Share", "Holder", "Entered again", "Commitment"], |html| {
                for share in shares {
                    let again = self.events(|event| match event {
                        Event::ShareVerified { set_id: of, index, .. } => {
                            (of == set_id && *index == share.index).then_some(())
                        }
                        _ => None,
                    });
                    let again: Vec<String> = again.map(|(n, ())| format!("record {n}")).collect();
                    html.markup("<tr>").cell(share.index).code_cell(&share.holder).cell(listed(again));
                    html.long_cell(share.commitment).markup("</tr>\n");
                }
            });
        }
        self.what_opens(html);
    }

    fn what_opens(&self, html: &mut Html) {
        let mut lines = Vec::new();
        for record in self.records() {
            let line = match &record.event {
                Event::PinPolicy(PinPolicy {
                    token, set_id, epoch, alphabet, length, entropy_bits, ..
                }) => {
                    let digits = matches!(alphabet, crate::format::PinAlphabet::Digits);
                    let symbols = if digits { "digits" } else { "letters and digits" };
                    format!(
                        "PINs of token {token}: {length} {symbols}, {entropy_bits} bits, from set {set_id} of epoch {epoch}"
                    )
                }
                Event::QuorumMet { set_id, by, .. } => format!("quorum of set {set_id}: {}", listed(by)),
                Event::TokenMoved { token, set_id, .. } => format!("token {token} moved to set {set_id}"),
                Event::SharesRetired { set_id, .. } => {
                    format!("set {set_id} retired: its sheets open nothing")
                }
                _ => continue,
            };
            lines.push((record.n, line));
        }
        if lines.is_empty() {
            return;
        }
        html.markup("<h3>What opened, and what opens now</h3>\n<ul>\n");
        for (n, line) in lines {
            html.element("<li>", line, " (");
            record_reference(html, n);
            html.markup(")</li>\n");
        }
        html.markup("</ul>\n");
    }
}
