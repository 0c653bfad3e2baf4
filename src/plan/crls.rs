use super::ledger_references::Issuer;
use super::resolve::{Resolver, Span};
use crate::format::{Action, CrlEntry, Digest, HttpUrl, Instant, SerialNumber};
use crate::ledger::{self, CertificateRole};
use crate::script::{Code, Step, StepBody};

impl Resolver<'_> {
    pub(super) fn revoke(&mut self, step: &Step) -> Option<Action> {
        let StepBody::Revoke { issuer, certificate, reason, at } = &step.body else {
            return None;
        };
        let issuer = self.issuer(issuer)?;
        let serial = self.revoked_certificate(certificate, &issuer)?;
        let entry = CrlEntry { serial, at: at.value, reason: reason.value };
        if self.decided(&issuer).iter().any(|before| before.serial == entry.serial) {
            let message = format!("`{}` is revoked already", certificate.value);
            self.problem(
                Code::RevokedTwice,
                &certificate.span,
                message,
                "leave this step out: every CRL carries it",
            );
            return None;
        }
        self.revoked.push((issuer.account, entry.clone()));
        Some(Action::Revoke { issuer: issuer.reference, certificate: certificate.value.to_string(), entry })
    }

    pub(super) fn issue_crl(&mut self, step: &Step) -> Option<Action> {
        let StepBody::IssueCrl {
            issuer, this_update, next_update, issuing_distribution_point, ahead, ..
        } = &step.body
        else {
            return None;
        };
        let issuer_span = issuer.span.clone();
        let issuer = self.issuer(issuer)?;
        let first = match &issuer.certificate {
            Some(certificate) => self.sources.ledger.next_crl_number(&certificate.public_key().sha256()),
            None => Some(1),
        };
        let before = self.crls.get(&issuer.account).copied().unwrap_or(0);
        let Some(number) = first.and_then(|first| first.checked_add(before)) else {
            let message = "this issuer has no CRL number left".to_owned();
            self.problem(Code::NotInLedger, &issuer_span, message, "issue under a new root");
            return None;
        };
        self.crls.insert(issuer.account.clone(), before + 1);
        let entries = self.entries(&issuer, this_update.value);
        let places = issuing_distribution_point.iter().flat_map(|urls| &urls.value);
        let places: Vec<HttpUrl> = places.map(|url| url.value.clone()).collect();
        if let Some(written) = issuing_distribution_point {
            self.places_are_the_certificates(&written.span, &issuer, &places, this_update.value);
        }
        let action = |tbs_sha256| Action::IssueCrl {
            issuer: issuer.reference.clone(),
            number,
            this_update: this_update.value,
            next_update: next_update.value,
            embargo: ahead.then_some(this_update.value),
            issuing_distribution_point: places.clone(),
            entries: entries.clone(),
            tbs_sha256,
        };
        let Some(certificate) = &issuer.certificate else {
            return Some(action(None));
        };
        let sha256 = self.fix(step, &action(None), Some(certificate), None)?;
        self.tell_what_is_withdrawn(step, &certificate.public_key().sha256(), number, this_update.value);
        Some(action(Some(sha256)))
    }

    /// Every revocation of an issuer's certificates: what is recorded, and what this plan decides so far.
    fn decided(&self, issuer: &Issuer) -> Vec<CrlEntry> {
        let recorded = issuer.certificate.as_ref().map(|certificate| certificate.public_key().sha256());
        let mut decided = recorded.map(|spki| self.sources.ledger.revocations(&spki)).unwrap_or_default();
        let here = self.revoked.iter().filter(|(account, _)| *account == issuer.account);
        decided.extend(here.map(|(_, entry)| entry.clone()));
        decided
    }

    /// What an issuer's CRL of that date carries.
    fn entries(&self, issuer: &Issuer, this_update: Instant) -> Vec<CrlEntry> {
        let ledger = self.sources.ledger;
        let recorded = issuer.certificate.as_ref().map(|certificate| certificate.public_key().sha256());
        let mut earlier = recorded.map(|spki| ledger.effective_crls(&spki)).unwrap_or_default();
        earlier.extend(self.steps.iter().filter_map(|step| match &step.action {
            Action::IssueCrl { issuer: signer, this_update, entries, .. } if *signer == issuer.reference => {
                Some((*this_update, entries.as_slice()))
            }
            _ => None,
        }));
        let expires = |serial: &SerialNumber| {
            let recorded = recorded.and_then(|spki| ledger.expiry(&spki, serial));
            recorded.or_else(|| ledger::expiry_here(self.steps.iter(), serial))
        };
        ledger::carried(self.decided(issuer), expires, &earlier, this_update)
    }

    /// A client takes a list with issuingDistributionPoint for certificates only that name the same place
    /// (RFC 5280 6.3.3 (b)(2)); for all others it would have no list.
    fn places_are_the_certificates(
        &mut self,
        span: &Span,
        issuer: &Issuer,
        places: &[HttpUrl],
        this_update: Instant,
    ) {
        let recorded = issuer.certificate.as_ref().map(|certificate| certificate.public_key().sha256());
        let before = self.sources.ledger.certificates.iter();
        let before = before.filter(|entry| {
            Some(entry.issuer_spki_sha256) == recorded
                && matches!(entry.role, CertificateRole::Intermediate | CertificateRole::EndEntity)
                && entry.validity.to >= this_update
        });
        let before = before.map(|entry| {
            (format!("{}/{}", entry.ordinal, entry.step), entry.crl_distribution_points.as_slice())
        });
        let here = self.steps.iter().filter_map(|step| match &step.action {
            Action::SignIntermediate { issuer: signer, extensions, .. } if *signer == issuer.reference => {
                Some((step.id.to_string(), extensions.crl_distribution_points.as_slice()))
            }
            _ => None,
        });
        let other = before.chain(here).find(|(_, named)| *named != places);
        if let Some((certificate, named)) = other {
            let named: Vec<String> = named.iter().map(|url| format!("`{url}`")).collect();
            let named = if named.is_empty() { "no place".to_owned() } else { named.join(", ") };
            let message = format!("the certificate `{certificate}` names {named} for its list");
            let remedy =
                "name the places that every certificate of this issuer names, or leave the extension out";
            self.problem(Code::OtherPlace, span, message, remedy);
        }
    }

    /// Lists that were signed ahead and that nobody may publish once this one is there.
    fn tell_what_is_withdrawn(&mut self, step: &Step, issuer: &Digest, number: u64, this_update: Instant) {
        let ahead = self.sources.ledger.signed_ahead(issuer, this_update);
        if !ahead.is_empty() {
            let numbers: Vec<String> = ahead.iter().map(|crl| crl.number.to_string()).collect();
            self.warnings.push(format!(
                "step `{}`: CRL {number} withdraws CRL {}, signed ahead of their time: destroy them, nobody may publish them \
                 any more",
                step.id.value,
                numbers.join(", ")
            ));
        }
    }
}
