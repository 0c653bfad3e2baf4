use super::resolve::{Resolver, Span};
use crate::format::{Action, Instant, KeyRef};
use crate::ledger::{CertificateEntry, KeyEntry};
use crate::script::{Code, Reference, Spanned, Step};

impl Resolver<'_> {
    /// A key of an earlier ceremony that is there still.
    pub(super) fn destroy_key(&mut self, step: &Step, key: &Spanned<Reference>) -> Option<Action> {
        let Reference::Ledger { ordinal, id } = &key.value else { return None };
        let (reference, _) = self.key(key)?;
        let ledger = self.sources.ledger;
        let entry = ledger.key(*ordinal, id)?;
        if let Some(ends) = self.outlasts_its_crl(entry) {
            self.warnings.push(format!(
                "step `{}`: the last CRL of this key ends before a certificate that it issued, on {ends}: nobody can revoke \
                 that one afterwards, and some systems refuse it when the CRL is out of date",
                step.id.value
            ));
        }
        Some(Action::DestroyKey { key: reference, key_id: entry.key_id.clone() })
    }

    /// When the last certificate of a key ends, where no CRL of the key reaches so far (BR 4.9.7).
    fn outlasts_its_crl(&self, key: &KeyEntry) -> Option<Instant> {
        let ledger = self.sources.ledger;
        let revoked = ledger.revocations(&key.spki_sha256);
        let here = |entry: &&CertificateEntry| {
            entry.issuer_spki_sha256 == key.spki_sha256 && entry.spki_sha256 != key.spki_sha256
        };
        let live = ledger.certificates.iter().filter(here).filter(|entry| {
            !revoked
                .iter()
                .chain(self.revoked.iter().map(|(_, entry)| entry))
                .any(|one| one.serial == entry.serial)
        });
        let ends = live.map(|entry| entry.validity.to).max()?;
        let planned = self.steps.iter().filter_map(|step| match &step.action {
            Action::IssueCrl { issuer, next_update, .. } => match issuer {
                crate::format::IssuerRef::Ledger { key: KeyRef::Ledger { spki_sha256, .. }, .. }
                    if *spki_sha256 == key.spki_sha256 =>
                {
                    Some(*next_update)
                }
                _ => None,
            },
            _ => None,
        });
        let issued = ledger
            .crls
            .iter()
            .filter(|crl| crl.granted && crl.issuer_spki_sha256 == key.spki_sha256)
            .map(|crl| crl.next_update);
        let reaches = issued.chain(planned).max();
        (reaches < Some(ends)).then_some(ends)
    }

    /// Whether a key signs: not after it was destroyed, here or before.
    pub(super) fn key_is_there(&mut self, entry: &KeyEntry, span: &Span) -> bool {
        let here = self.steps.iter().find(|step| match &step.action {
            Action::DestroyKey { key: KeyRef::Ledger { spki_sha256, .. }, .. } => {
                *spki_sha256 == entry.spki_sha256
            }
            _ => false,
        });
        let when = match (entry.destroyed, here) {
            (Some(ordinal), _) => format!("in ceremony {ordinal}"),
            (None, Some(step)) => format!("in step `{}`", step.id),
            (None, None) => return true,
        };
        let message = format!("the key `{}` of ceremony {} is destroyed {when}", entry.step, entry.ordinal);
        self.problem(Code::KeyDestroyed, span, message, "use another key, or destroy this one later");
        false
    }
}
