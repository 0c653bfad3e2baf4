use super::certificates::{Shown, ShownCrl};
use super::{Html, Report};
use crate::pki::Certificate;

/// Of the drawing, in its own units.
const WIDTH: usize = 560;
const ROW: usize = 58;
const BOX: usize = 46;
const INDENT: usize = 26;
/// As many letters of a name fit a box.
const LETTERS: usize = 56;

/// A box of the drawing.
struct Node {
    depth: usize,
    /// The row of its issuer.
    below: Option<usize>,
    lines: [String; 2],
    class: &'static str,
}

impl Report<'_> {
    /// Who certified whom, as a tree from the root down.
    pub(super) fn hierarchy(&self, html: &mut Html, certificates: &[Shown], crls: &[ShownCrl]) {
        let mut nodes = Vec::new();
        for (place, shown) in certificates.iter().enumerate() {
            let issued_by_other = issuer_of(certificates, place, &shown.certificate).is_some();
            if !issued_by_other {
                grow(&mut nodes, certificates, crls, place, 0, None);
            }
        }
        let height = nodes.len() * ROW + 6;
        html.element(
            "<div class=\"wide\"><svg class=\"hierarchy\" role=\"img\" aria-label=\"who certified whom\" viewBox=\"0 0 ",
            WIDTH,
            " ",
        );
        html.element("", height, "\">\n");
        for (row, node) in nodes.iter().enumerate() {
            let (x, y) = (node.depth * INDENT + 1, row * ROW + 2);
            if let Some(below) = node.below {
                let (from, to) = (below * ROW + 2 + BOX, y + BOX / 2);
                let trunk = x - INDENT / 2;
                html.element("<path d=\"", format!("M{trunk} {from}V{to}H{x}"), "\"/>");
            }
            html.element("<rect class=\"", node.class, "\" x=\"").element("", x, "\" y=\"").element(
                "",
                y,
                "\" rx=\"3\" width=\"",
            );
            html.element("", WIDTH - x - 1, "\" height=\"").element("", BOX, "\"/>");
            for (line, text) in node.lines.iter().enumerate() {
                let class = if line == 0 { "<text class=\"name\" x=\"" } else { "<text x=\"" };
                html.element(class, x + 10, "\" y=\"")
                    .element("", y + 19 + line * 17, "\">")
                    .element("", text, "</text>");
            }
            html.markup("\n");
        }
        html.markup("</svg></div>\n");
    }
}

/// The place of the certificate that issued this one, another than itself.
fn issuer_of(all: &[Shown], place: usize, certificate: &Certificate) -> Option<usize> {
    all.iter()
        .position(|other| other.certificate.subject() == certificate.issuer())
        .filter(|found| *found != place)
}

/// The box of a certificate, then those of its CRLs and of what it certified.
fn grow(
    nodes: &mut Vec<Node>,
    all: &[Shown],
    crls: &[ShownCrl],
    place: usize,
    depth: usize,
    below: Option<usize>,
) {
    let Some(shown) = all.get(place) else { return };
    // Names that certify each other in a circle end here.
    if depth > all.len() {
        return;
    }
    let certificate = &shown.certificate;
    let row = nodes.len();
    let earlier = if shown.step.is_none() { ", from an earlier ceremony" } else { "" };
    nodes.push(Node {
        depth,
        below,
        lines: [
            clipped(&certificate.subject().to_string()),
            format!(
                "{} until {}{earlier}",
                certificate.public_key().describe(),
                day(&certificate.validity().to.to_string())
            ),
        ],
        class: if shown.step.is_none() { "earlier" } else { "here" },
    });
    for crl in crls.iter().filter(|crl| crl.list.issuer() == certificate.subject()) {
        let revoked = crl.list.entries().len();
        nodes.push(Node {
            depth: depth + 1,
            below: Some(row),
            lines: [
                format!("CRL {}", crl.list.number()),
                format!("{revoked} revoked, next update {}", day(&crl.list.next_update().to_string())),
            ],
            class: "crl",
        });
    }
    for next in 0..all.len() {
        let child = all.get(next).and_then(|other| issuer_of(all, next, &other.certificate));
        if child == Some(place) {
            grow(nodes, all, crls, next, depth + 1, Some(row));
        }
    }
}

/// The end of a name says whose it is.
fn clipped(name: &str) -> String {
    let letters = name.chars().count();
    if letters <= LETTERS {
        return name.to_owned();
    }
    format!("...{}", name.chars().skip(letters - LETTERS).collect::<String>())
}

fn day(instant: &str) -> &str {
    instant.split('T').next().unwrap_or(instant)
}
