use std::fmt::Write as _;

use super::{DAY, Known, Schedule, after};
use crate::format::{Consumer, Instant, Rotation, RotationPhase, Window};

/// Days that a CRL lasts at most (BR 7.2).
const CRL_DAYS: i64 = 365;

/// A ceremony file that a rotation needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CeremonyText {
    /// Which phase it makes.
    pub phase: RotationPhase,
    /// Its file name.
    pub file: &'static str,
    /// The ceremony file.
    pub text: String,
}

/// The ceremony files of a rotation, in order. That of the new intermediates is left out where nobody has a successor.
pub fn ceremonies(rotation: &Rotation, known: &Known<'_>, schedule: &Schedule) -> Vec<CeremonyText> {
    let mut all = vec![new_root(rotation, known)];
    if rotation.consumer.iter().any(|consumer| consumer.successor.is_some()) {
        all.push(switch(rotation, known, schedule.date(RotationPhase::Active)));
    }
    all.push(final_crl(rotation, known, schedule.date(RotationPhase::OldRemoved)));
    all.push(destroy(rotation, known, schedule.date(RotationPhase::OldDestroyed)));
    all
}

/// A ceremony file that begins.
struct Script {
    text: String,
    /// The first second of its window.
    from: Instant,
}

impl Script {
    fn begun(rotation: &Rotation, known: &Known<'_>, title: &str, name: &str, from: Instant) -> Self {
        let domain =
            known.trust_domain.map_or_else(String::new, |domain| format!("trust-domain = \"{domain}\"\n"));
        let to = after(from, i64::from(rotation.window_hours) * 3600);
        let text = format!(
            "# Written by `anchorite rotate plan`. Read it as any ceremony file: people approve what it becomes.\n\n\
             [ceremony]\ntitle = \"{title}\"\nname = \"{name}\"\nauthority = \"{}\"\nenvironment = \"{}\"\n{domain}\
             window = {{ from = {from}, to = {to} }}\n",
            rotation.authority, known.environment
        );
        Self { text, from }
    }

    /// A step; `body` are its other lines.
    fn step(&mut self, id: impl std::fmt::Display, kind: &str, body: &str) {
        // Writing to a String cannot fail.
        let _ = write!(self.text, "\n[[step]]\nid = \"{id}\"\ndo = \"{kind}\"\n{body}");
    }

    /// A CRL that lasts as long as it may, and no longer than its issuer.
    fn crl(&mut self, id: &str, issuer: &str, issuer_ends: Instant) {
        let (from, to) = (self.from, after(self.from, CRL_DAYS * DAY).min(issuer_ends));
        self.step(
            id,
            "issue-crl",
            &format!("issuer = \"{issuer}\"\nthis-update = {from}\nnext-update = {to}\n"),
        );
    }

    fn ends(self, phase: RotationPhase, file: &'static str) -> CeremonyText {
        CeremonyText { phase, file, text: self.text }
    }
}

fn validity(window: Window) -> String {
    format!("validity = {{ from = {}, to = {} }}\n", window.from, window.to)
}

/// The new key, its root, a cross-certificate each way, and a CRL of both roots.
fn new_root(rotation: &Rotation, known: &Known<'_>) -> CeremonyText {
    let (old, new) = (&rotation.old, &rotation.new);
    let mut script = Script::begun(
        rotation,
        known,
        &format!("A new root for {}", rotation.authority),
        "rotate-new-root",
        rotation.start,
    );
    script.step(
        &new.key,
        "generate-key",
        &format!(
            "token = \"{}\"\nalgorithm = \"{}\"\nlabel = \"{}\"\nbackup = \"none\"\n",
            new.token, new.algorithm, new.label
        ),
    );
    script.step(
        &new.id,
        "self-sign",
        &format!(
            "key = \"{}\"\nprofile = \"root\"\nsubject = [{{ O = \"{}\" }}, {{ CN = \"{}\" }}]\n{}",
            new.key,
            new.organization,
            new.common_name,
            validity(new.validity)
        ),
    );
    // Both hold from the new root's beginning to the end of the one that ends first (RFC 9810 4.4).
    let overlap = Window { from: new.validity.from, to: new.validity.to.min(known.old.validity.to) };
    for (id, issuer, certified) in [
        ("new-with-old", format!("ledger:{old}"), new.id.to_string()),
        ("old-with-new", new.id.to_string(), format!("ledger:{old}")),
    ] {
        let body = format!("issuer = \"{issuer}\"\ncertificate = \"{certified}\"\n{}", validity(overlap));
        script.step(format!("{}-{id}", new.id), "cross-sign", &body);
    }
    script.crl("crl-old", &format!("ledger:{old}"), known.old.validity.to);
    script.crl("crl-new", new.id.as_str(), new.validity.to);
    script.ends(RotationPhase::Generated, "1-new-root.toml")
}

/// The successors, and a CRL of the new root.
fn switch(rotation: &Rotation, known: &Known<'_>, active: Instant) -> CeremonyText {
    // Signed a window before they are installed.
    let from = after(active, -i64::from(rotation.window_hours) * 3600);
    let mut script = Script::begun(
        rotation,
        known,
        &format!("New intermediates for {}", rotation.authority),
        "rotate-intermediates",
        from,
    );
    for successor in rotation.consumer.iter().filter_map(|consumer| consumer.successor.as_ref()) {
        let to = after(from, i64::from(successor.days) * DAY).min(rotation.new.validity.to);
        script.step(
            &successor.id,
            "sign-intermediate",
            &format!(
                "issuer = \"ledger:{}\"\ncsr = {{ file = \"{}\", sha256 = \"{}\" }}\nprofile = \"intermediate\"\n\
                 path-length = {}\n{}",
                rotation.new.id,
                successor.csr,
                successor.sha256,
                successor.path_length,
                validity(Window { from, to })
            ),
        );
    }
    script.crl("crl-new", &format!("ledger:{}", rotation.new.id), rotation.new.validity.to);
    script.ends(RotationPhase::Active, "2-intermediates.toml")
}

/// Every old intermediate is revoked, in a last CRL of the old root.
fn final_crl(rotation: &Rotation, known: &Known<'_>, removed: Instant) -> CeremonyText {
    let old = &rotation.old;
    let mut script = Script::begun(
        rotation,
        known,
        &format!("The last CRL of the old root of {}", rotation.authority),
        "rotate-last-crl",
        removed,
    );
    let mut revoked = Vec::new();
    for Consumer { intermediate, .. } in &rotation.consumer {
        let Some(id) = intermediate.as_ref().filter(|id| !revoked.contains(id)) else { continue };
        let body = format!(
            "issuer = \"ledger:{old}\"\ncertificate = \"ledger:{id}\"\nreason = \"superseded\"\nat = {removed}\n"
        );
        script.step(format!("revoke-{}", revoked.len() + 1), "revoke", &body);
        revoked.push(id);
    }
    script.crl("crl-last", &format!("ledger:{old}"), known.old.validity.to);
    script.ends(RotationPhase::OldRemoved, "3-last-crl.toml")
}

/// The old key goes.
fn destroy(rotation: &Rotation, known: &Known<'_>, destroyed: Instant) -> CeremonyText {
    let title = format!("The old key of {} is destroyed", rotation.authority);
    let mut script = Script::begun(rotation, known, &title, "rotate-destroy", destroyed);
    script.step("old-key-gone", "destroy-key", &format!("key = \"ledger:{}\"\n", known.old_key));
    script.ends(RotationPhase::OldDestroyed, "4-destroy.toml")
}
