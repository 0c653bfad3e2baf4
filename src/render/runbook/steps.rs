use super::shares::{provision, reshare};
use super::witnessed::{clock, custody, import_evidence, pause};
use super::{Actor, Block, Expected, Paper, Row};
use crate::format::{
    Action, ArtifactKind, Asked, CertifiedRef, CrlEntry, Digest, FileRef, KeyRef, Name, PlannedStep, Role,
    SharesAfterBreak, StepKind, Window,
};
use crate::ledger::issuer_key;
use crate::pki;
use crate::render::digest::words_of;

impl Paper<'_> {
    /// A step of the plan, act by act.
    pub(super) fn step(&self, number: usize, step: &PlannedStep) -> Block {
        let PlannedStep { id, action } = step;
        let rows = match action {
            Action::Provision { token, label, mode, wipe, shares, .. } => {
                provision(token, label, *mode, *wipe, shares.as_ref())
            }
            Action::Reshare { set, from, to, tokens } => reshare(*set, from, to, tokens),
            Action::ChangeRoster { roster, joins, leaves, new_keys } => {
                let facts = vec![
                    ("join", listed(joins)),
                    ("leave", listed(leaves)),
                    ("get a new key", listed(new_keys)),
                ];
                vec![
                    Row::new(
                        Actor::Role(Role::Officer),
                        "compares the change of people with the screen",
                        Expected::Facts(facts),
                    ),
                    Row::new(
                        Actor::Role(Role::Officer),
                        "compares the new roster and types the first eight digits of its SHA-256",
                        Expected::ReadAloud("the SHA-256 of the new roster".to_owned(), roster.sha256),
                    ),
                ]
            }
            Action::GenerateKey { token, algorithm, label } => {
                let facts = vec![
                    ("token", token.to_string()),
                    ("algorithm", algorithm.to_string()),
                    ("label", label.clone()),
                ];
                let mut rows = self.opening_of_token(number);
                rows.push(Row::new(
                    Actor::Keyboard,
                    "lets the token make the key; the screen says so",
                    Expected::Facts(facts),
                ));
                rows.push(Row::new(
                    Actor::Role(Role::Witness),
                    "copies the beginning of the SHA-256 of the public key from the screen",
                    Expected::ByHand("first 16 digits"),
                ));
                rows
            }
            Action::SelfSign { profile, extensions, subject, serial, validity, .. } => {
                let mut facts = vec![("profile", profile.to_string()), ("subject", subject.text.clone())];
                facts.extend(certificate(&serial.to_string(), validity));
                facts.extend(extensions.facts());
                self.signature(number, step, ArtifactKind::Certificate, facts)
            }
            Action::SignIntermediate {
                csr, profile, extensions, subject, asked, serial, validity, ..
            } => {
                let mut facts = vec![
                    ("profile", profile.to_string()),
                    ("request", csr.name.to_string()),
                    ("subject", subject.text.clone()),
                ];
                facts.extend(certificate(&serial.to_string(), validity));
                facts.extend(extensions.facts());
                facts.extend(asked.iter().map(|Asked { what, decision }| match decision {
                    crate::format::AskedDecision::Honoured => ("asked for and given", what.clone()),
                    crate::format::AskedDecision::Overridden => ("asked for and set otherwise", what.clone()),
                    crate::format::AskedDecision::Ignored => ("asked for and left out", what.clone()),
                }));
                self.signature(number, step, ArtifactKind::Certificate, facts)
            }
            Action::CrossSign { certificate: beside, csr, extensions, subject, serial, validity, .. } => {
                let mut facts = vec![
                    ("certified once more", subject.text.clone()),
                    ("proof of possession", possession(beside, csr.as_ref())),
                ];
                if let Some(file) = beside.file() {
                    facts.push(("its certificate, SHA-256 of the file", file.sha256.to_string()));
                }
                facts.extend(certificate(&serial.to_string(), validity));
                facts.extend(extensions.facts());
                self.signature(number, step, ArtifactKind::Certificate, facts)
            }
            Action::DestroyKey { key, .. } => {
                let mut rows = self.opening_of_token(number);
                if let KeyRef::Ledger { ordinal, id, token, spki_sha256 } = key {
                    let facts = vec![
                        ("token", token.to_string()),
                        ("key", format!("{id} of ceremony {ordinal}")),
                        ("SHA-256 of its public key", spki_sha256.to_string()),
                    ];
                    rows.push(Row::new(
                        Actor::Role(Role::Officer),
                        "compares the key on the screen, which nobody can bring back",
                        Expected::Facts(facts),
                    ));
                    rows.push(Row::seen(
                        Actor::Role(Role::Officer),
                        "types the word that lets the token remove it",
                        first_word(spki_sha256),
                    ));
                }
                rows.push(Row::seen(
                    Actor::Role(Role::Witness),
                    "sees that the token has neither half of it any more",
                    "the key is gone",
                ));
                rows
            }
            Action::AdoptAuthority { .. } => self.adoption(number, action),
            Action::Revoke { certificate, entry, .. } => {
                let mut facts = vec![("certificate", certificate.clone())];
                facts.extend(revoked(entry));
                vec![Row::new(
                    Actor::Role(Role::Officer),
                    "compares the revocation, which nobody can take back, and types its reason",
                    Expected::Facts(facts),
                )]
            }
            Action::IssueCrl {
                number: crl,
                this_update,
                next_update,
                embargo,
                issuing_distribution_point,
                entries,
                ..
            } => {
                let mut facts = vec![
                    ("CRL number", crl.to_string()),
                    ("this update", this_update.to_string()),
                    ("next update", next_update.to_string()),
                    ("revoked", entries.len().to_string()),
                ];
                facts.extend(embargo.map(|until| ("not to be published before", until.to_string())));
                facts.extend(issuing_distribution_point.iter().map(|uri| ("published at", uri.to_string())));
                facts.extend(entries.iter().flat_map(revoked));
                self.signature(number, step, ArtifactKind::Crl, facts)
            }
            Action::Clock { readers, tolerance_seconds, beacon } => {
                clock(*readers, *tolerance_seconds, *beacon)
            }
            Action::ReadAloud { by, named } => vec![
                Row::new(
                    Actor::Role(*by),
                    "reads the digest aloud from their own copy of this paper, and types the words that the screen asks for by \
                     their numbers",
                    Expected::ReadAloud(named.to_string(), self.plan.digest_named(named, self.digest)),
                ),
                Row::seen(Actor::Role(Role::Witness), "follows on another copy", "the same words"),
            ],
            Action::Attest { by, text } => {
                let act = "everybody of this role who is here states the sentence, or says why not";
                by.iter().map(|role| Row::seen(Actor::Role(*role), act, text.clone())).collect()
            }
            Action::Custody { item, act, expected, place } => {
                custody(item, *act, expected.as_deref(), place.as_deref())
            }
            Action::ImportEvidence { token, form, file } => import_evidence(token, *form, file),
            Action::Break { reason, minutes, shares } => pause(reason, *minutes, *shares),
            Action::Confirm { by, text, discharges } => {
                let done = discharges
                    .as_ref()
                    .map_or_else(String::new, |duty| format!("; duty {duty} is done with it"));
                vec![Row::seen(
                    Actor::Role(*by),
                    format!("reads the sentence aloud, and types its last word when it is true{done}"),
                    text.clone(),
                )]
            }
        };
        let of = self.plan.steps.len();
        Block {
            id: id.to_string(),
            heading: format!("{}, step {number} of {of}", title(action.kind())),
            rows,
        }
    }

    /// One signature of a CA key.
    fn signature(
        &self,
        number: usize,
        step: &PlannedStep,
        kind: ArtifactKind,
        facts: Vec<(&'static str, String)>,
    ) -> Vec<Row> {
        let mut rows = self.opening_of_token(number);
        rows.push(Row::new(
            Actor::Role(Role::Officer),
            "reads from the screen what will be signed; everybody compares",
            Expected::Facts(facts),
        ));
        let first_word = match step.action.tbs_sha256().flatten() {
            Some(digest) => {
                rows.push(Row::new(
                    Actor::Role(Role::Officer),
                    "follows on the screen while another reads the digest aloud from this paper",
                    Expected::ReadAloud("the SHA-256 of what is signed".to_owned(), digest),
                ));
                first_word(&digest)
            }
            None => {
                rows.push(Row::seen(
                    Actor::Role(Role::Officer),
                    "compares the digest on the screen with the sheet of seal.authorise",
                    "the same words",
                ));
                "the first of the words on the screen".to_owned()
            }
        };
        if let Some(Ok(summary)) = self.tbs(&step.id).map(|bytes| pki::summary(kind, bytes)) {
            rows.push(Row::seen(
                Actor::Role(Role::Witness),
                "compares the line that the screen shows of what is signed",
                summary,
            ));
        }
        rows.push(Row::seen(
            Actor::Role(Role::Officer),
            "types the word that lets the key sign once",
            first_word,
        ));
        let ending = match kind {
            ArtifactKind::Certificate => "crt.pem",
            ArtifactKind::Crl => "crl.pem",
        };
        let written = format!("{}.{ending} written", step.id);
        rows.push(Row::seen(
            Actor::Role(Role::Witness),
            "sees that the signature was verified and released",
            written,
        ));
        rows
    }

    /// The quorum, where the step is the first to use its token since people came or came back.
    pub(super) fn opening_of_token(&self, number: usize) -> Vec<Row> {
        let mut open: Vec<&Name> = Vec::new();
        let mut now = None;
        for step in self.plan.steps.iter().take(number) {
            now = None;
            match &step.action {
                Action::Break { shares: SharesAfterBreak::EnteredAgain, .. } => open.clear(),
                Action::Provision { token, .. } => open.push(token),
                // A reshare closes each token that it moves.
                Action::Reshare { tokens, .. } => open.retain(|token| !tokens.contains(*token)),
                action => {
                    now = self.token_of(action).filter(|token| !open.contains(token));
                    open.extend(now);
                }
            }
        }
        let Some(token) = now else { return Vec::new() };
        let unlock = self.roster.thresholds.unlock;
        let act = format!(
            "enter their shares, each alone at the screen, to open token {token}; a device with a quorum of its own is \
             opened on the device"
        );
        vec![Row::seen(Actor::Officers(unlock), act, format!("logged in to token {token} as user"))]
    }

    fn token_of(&self, action: &Action) -> Option<&Name> {
        let of_key = |key: &KeyRef| match key {
            KeyRef::Ledger { token, .. } => self.plan.tokens.iter().find(|name| *name == token),
            KeyRef::Step { id } => match &self.plan.step(id)?.action {
                Action::GenerateKey { token, .. } => Some(token),
                _ => None,
            },
        };
        match action {
            Action::GenerateKey { token, .. } | Action::AdoptAuthority { token, .. } => {
                self.plan.tokens.iter().find(|name| *name == token)
            }
            Action::SelfSign { key, .. } | Action::DestroyKey { key, .. } => of_key(key),
            Action::SignIntermediate { issuer, .. }
            | Action::CrossSign { issuer, .. }
            | Action::IssueCrl { issuer, .. } => of_key(issuer_key(self.plan, issuer)?),
            _ => None,
        }
    }
}

fn certificate(serial: &str, validity: &Window) -> [(&'static str, String); 3] {
    [
        ("serial number", serial.to_owned()),
        ("not before", validity.from.to_string()),
        ("not after", validity.to.to_string()),
    ]
}

/// What shows that whoever brought a certificate has its key.
fn possession(certified: &CertifiedRef, csr: Option<&FileRef>) -> String {
    match (certified, csr) {
        (CertifiedRef::Step { .. } | CertifiedRef::Ledger { .. }, _) => "a key of this authority".to_owned(),
        (CertifiedRef::Input { .. }, Some(csr)) => format!("the request {}", csr.name),
        (CertifiedRef::Input { .. }, None) => "NOT SHOWN".to_owned(),
    }
}

fn revoked(entry: &CrlEntry) -> [(&'static str, String); 3] {
    let CrlEntry { serial, at, reason } = entry;
    [("serial number", serial.to_string()), ("revoked at", at.to_string()), ("reason", reason.to_string())]
}

pub(super) fn first_word(digest: &Digest) -> String {
    words_of(digest.as_bytes()).first().copied().unwrap_or_default().to_owned()
}

pub(super) fn listed(names: &[Name]) -> String {
    if names.is_empty() {
        return "nobody".to_owned();
    }
    names.iter().map(Name::to_string).collect::<Vec<_>>().join(", ")
}

/// What a kind of step is called in a heading.
fn title(kind: StepKind) -> String {
    kind.to_string().replace('-', " ")
}
