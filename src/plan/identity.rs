//! Who is who: one authority in all files, one key for a name, one name for a key, and trust domains that do not lie in one
//! another.

use super::resolve::{Resolver, Span};
use crate::format::{Action, Digest, PlannedStep, Subject, Window};
use crate::ledger::CertificateRole;
use crate::script::Code;

impl Resolver<'_> {
    /// The file, the roster and the records speak of one authority.
    pub(super) fn authority_agrees(&mut self) {
        let (script, roster, ledger) = (self.sources.script, self.sources.roster, self.sources.ledger);
        let ceremony = &script.ceremony;
        let mut differ = |span: &Span, what: &str, here: String, where_: &str, there: String| {
            if here != there {
                let message = format!("the {what} is `{here}` here and `{there}` in the {where_}");
                self.problem(Code::OtherAuthority, span, message, "use the files of one authority together");
            }
        };
        let (authority, environment) = (&ceremony.authority, &ceremony.environment);
        differ(
            &authority.span,
            "authority",
            authority.value.to_string(),
            "roster",
            roster.authority.to_string(),
        );
        differ(
            &environment.span,
            "environment",
            environment.value.to_string(),
            "roster",
            roster.environment.to_string(),
        );
        if let Some(identity) = &ledger.identity {
            differ(
                &authority.span,
                "authority",
                authority.value.to_string(),
                "record",
                identity.authority.to_string(),
            );
            let recorded = identity.environment.to_string();
            differ(&environment.span, "environment", environment.value.to_string(), "record", recorded);
            let text = |domain: Option<&str>| domain.unwrap_or("none").to_owned();
            let domain = ceremony.trust_domain.as_ref();
            let span = domain.map_or(&authority.span, |domain| &domain.span);
            let here = text(domain.map(|domain| domain.value.as_str()));
            differ(span, "trust domain", here, "record", text(identity.trust_domain.as_deref()));
        }
        // After an aborted genesis nothing is granted, and the keys on its roster are the ones that were proven.
        let current = ledger.roster.as_ref().map(|roster| roster.sha256).or(ledger.first_roster_sha256);
        if let Some(current) = current {
            differ(
                &authority.span,
                "SHA-256 of the roster",
                roster.sha256.to_string(),
                "record",
                current.to_string(),
            );
        }
        self.trust_domain_is_apart();
        self.roster_fits();
    }

    /// Refuses a certificate for a name that has another key, or a key that has another name (RFC 5280 4.1.2.6): relying systems
    /// find issuers by name. And a second certificate of an intermediate's key while the first holds: the two could not be
    /// revoked apart. What an aborted ceremony left does not count: it is done again with the same request.
    ///
    /// `spki_sha256` is `None` for a key that this ceremony makes. In a rehearsal nobody is who they are.
    pub(super) fn is_who_it_was(
        &mut self,
        span: &Span,
        subject: &Subject,
        spki_sha256: Option<Digest>,
        role: CertificateRole,
        validity: &Window,
    ) {
        if self.sources.rehearses.is_some() {
            return;
        }
        let ledger = self.sources.ledger;
        for entry in ledger.certificates.iter().filter(|entry| entry.granted) {
            let (ordinal, step) = (entry.ordinal, &entry.step);
            let same_subject = entry.subject.der == subject.der;
            let same_key = spki_sha256 == Some(entry.spki_sha256);
            let what = match (same_subject, same_key) {
                (true, false) => {
                    format!("{} is the subject of {ordinal}/{step}, which has another key", subject.text)
                }
                (false, true) => {
                    format!("the key is that of {ordinal}/{step}, whose subject is {}", entry.subject.text)
                }
                (true, true) if role == CertificateRole::Intermediate => {
                    let revoked = ledger.revocations.iter().any(|decided| {
                        decided.issuer_spki_sha256 == entry.issuer_spki_sha256
                            && decided.entry.serial == entry.serial
                    });
                    if revoked || entry.validity.to < validity.from {
                        continue;
                    }
                    format!(
                        "the key has a certificate that holds until {}, {ordinal}/{step}",
                        entry.validity.to
                    )
                }
                _ => continue,
            };
            self.identity_is_taken(span, what);
            return;
        }
        if let Some(what) = self.taken_in_this_ceremony(subject, spki_sha256, role) {
            self.identity_is_taken(span, what);
        }
    }

    /// The same among the requests of one ceremony: no second one has the key or the name of a first, or the name of a root.
    fn taken_in_this_ceremony(
        &self,
        subject: &Subject,
        spki_sha256: Option<Digest>,
        role: CertificateRole,
    ) -> Option<String> {
        if role != CertificateRole::Intermediate {
            return None;
        }
        self.steps.iter().find_map(|PlannedStep { id, action }| {
            let (theirs, key) = match action {
                Action::SignIntermediate { subject, spki_sha256, .. } => (subject, Some(*spki_sha256)),
                Action::SelfSign { subject, .. } => (subject, None),
                _ => return None,
            };
            if key.is_some() && key == spki_sha256 {
                Some(format!("the key is that of the step `{id}`, whose subject is {}", theirs.text))
            } else if theirs.der == subject.der {
                Some(format!("{} is the subject of the step `{id}`, which has another key", subject.text))
            } else {
                None
            }
        })
    }

    fn identity_is_taken(&mut self, span: &Span, what: String) {
        let remedy = "have a new key made, and give it a name of its own, such as the next generation's";
        self.problem(Code::IdentityTaken, span, what, remedy);
    }

    /// Refuses a trust domain that another authority beside this one has, or that lies in one of its, or the other way round: a
    /// name constraint for the outer one lets the inner one's names through.
    pub(super) fn trust_domain_is_apart(&mut self) {
        let ceremony = &self.sources.script.ceremony;
        let Some(domain) = &ceremony.trust_domain else { return };
        let lies_in = |inner: &str, outer: &str| {
            inner.strip_suffix(outer).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        let clash = self.sources.neighbours.iter().find(|other| {
            other.authority != ceremony.authority.value
                && other
                    .trust_domain
                    .as_ref()
                    .is_some_and(|theirs| lies_in(theirs, &domain.value) || lies_in(&domain.value, theirs))
        });
        if let Some(other) = clash {
            let theirs = other.trust_domain.as_deref().unwrap_or_default();
            let message =
                format!("`{}` and `{theirs}`, of the authority `{}`, overlap", domain.value, other.authority);
            let remedy = "choose trust domains of which none is a part of another: `prod.example.org` and `lab.example.org`";
            self.problem(Code::TrustDomainOverlaps, &domain.span, message, remedy);
        }
    }
}
