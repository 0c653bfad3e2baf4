use super::steps::first_word;
use super::{Actor, Expected, Paper, Row};
use crate::format::{Action, Role};

impl Paper<'_> {
    /// A root that was made elsewhere: a witness compares its papers and states them.
    pub(super) fn adoption(&self, number: usize, action: &Action) -> Vec<Row> {
        let Action::AdoptAuthority { token, label, certificate, without_crl, root, below, list, .. } = action
        else {
            return Vec::new();
        };
        let mut facts = vec![
            ("root", root.subject.text.clone()),
            ("serial number", root.serial.to_string()),
            ("not after", root.validity.to.to_string()),
            ("SHA-256 of its file", certificate.sha256.to_string()),
            ("key", format!("{label} on token {token}")),
            ("SHA-256 of its public key", root.spki_sha256.to_string()),
        ];
        let issued = |one: &crate::format::AdoptedCertificate| {
            ("issued", format!("serial {}, {}, until {}", one.serial, one.subject.text, one.validity.to))
        };
        facts.extend(below.iter().map(issued));
        match list {
            Some(list) => {
                let number = list.number.map_or_else(|| "no number".to_owned(), |number| number.to_string());
                facts.push(("last CRL", format!("{number}, {} to {}", list.this_update, list.next_update)));
                let revoked = |entry: &crate::format::CrlEntry| {
                    ("revoked", format!("serial {}, {}, {}", entry.serial, entry.at, entry.reason))
                };
                facts.extend(list.entries.iter().map(revoked));
            }
            None => facts.push(("no CRL", without_crl.clone().unwrap_or_default())),
        }
        let mut rows = self.opening_of_token(number);
        rows.push(Row::new(
            Actor::Role(Role::Witness),
            "compares this with the papers of whoever kept the root until now, and that it is everything",
            Expected::Facts(facts),
        ));
        rows.push(Row::seen(
            Actor::Role(Role::Witness),
            "states so by typing the first word of the public key's SHA-256",
            first_word(&root.spki_sha256),
        ));
        rows
    }
}
