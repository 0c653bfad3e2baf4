use super::resolve::{Resolver, Span};
use crate::artifact;
use crate::format::{BundleDirectory, FileName, FileRef, IssuerRef, KeyRef, Name};
use crate::ledger::{CertificateEntry, CertificateRole, Issuance, KeyEntry};
use crate::pki::{Certificate, PublicKey};
use crate::script::{Code, Reference, Spanned};

/// An issuer as the plan names it, with what is known of it at plan time.
pub(super) struct Issuer {
    pub(super) reference: IssuerRef,
    /// Its certificate, unless this plan's ceremony has still to make it.
    pub(super) certificate: Option<Certificate>,
    /// What revocations and CRL numbers are counted under.
    pub(super) account: String,
}

impl Resolver<'_> {
    /// The key that a self-signed certificate is for, and the key itself where it exists.
    pub(super) fn key(&mut self, reference: &Spanned<Reference>) -> Option<(KeyRef, Option<PublicKey>)> {
        match &reference.value {
            Reference::Step(id) => Some((KeyRef::Step { id: id.clone() }, None)),
            Reference::Ledger { ordinal, id } => {
                let Some(entry) = self.sources.ledger.key(*ordinal, id) else {
                    self.not_in_ledger(&reference.span, "key", *ordinal, id);
                    return None;
                };
                if !self.key_is_there(entry, &reference.span) {
                    return None;
                }
                self.use_token(&entry.token);
                let (key, spki) = (ledger_key(entry), entry.spki.clone());
                match PublicKey::from_spki(&spki) {
                    Ok(public) => Some((key, Some(public))),
                    Err(error) => {
                        let message = format!("the recorded key cannot be used: {error}");
                        self.problem(
                            Code::NotInLedger,
                            &reference.span,
                            message,
                            "look at `anchorite authority status`",
                        );
                        None
                    }
                }
            }
        }
    }

    /// The root certificate that issues; its token is used.
    pub(super) fn issuer(&mut self, reference: &Spanned<Reference>) -> Option<Issuer> {
        let issuer = self.root(reference)?;
        if let IssuerRef::Ledger { key: KeyRef::Ledger { token, spki_sha256, .. }, .. } = &issuer.reference {
            let entry = self.sources.ledger.key_with(spki_sha256)?;
            if !self.key_is_there(entry, &reference.span) {
                return None;
            }
            self.use_token(token);
        }
        Some(issuer)
    }

    /// A root certificate, which need not issue.
    pub(super) fn root(&mut self, reference: &Spanned<Reference>) -> Option<Issuer> {
        let (ordinal, id) = match &reference.value {
            Reference::Step(id) => {
                let reference = IssuerRef::Step { id: id.clone() };
                return Some(Issuer { reference, certificate: None, account: format!("step {id}") });
            }
            Reference::Ledger { ordinal, id } => (*ordinal, id),
        };
        let ledger = self.sources.ledger;
        let entry = ledger.certificate(ordinal, id).filter(|entry| entry.role == CertificateRole::Root);
        let Some(entry) = entry else {
            self.not_in_ledger(&reference.span, "root certificate", ordinal, id);
            return None;
        };
        let key = ledger.key_with(&entry.spki_sha256);
        let Some((key, file)) = key.zip(released(entry)) else {
            let message = format!("`{id}` of ceremony {} was never finished: it cannot issue", entry.ordinal);
            self.problem(Code::NotInLedger, &reference.span, message, "name a root of a complete ceremony");
            return None;
        };
        let key = ledger_key(key);
        let (bytes, certificate) = self.recorded_certificate(&reference.span, entry, file)?;
        // One issuer of two steps is one input.
        let name = FileName::parse(&format!("issuer.{}.{id}.crt.pem", entry.ordinal))?;
        let account = entry.spki_sha256.to_string();
        let file = FileRef::of(name.clone(), &bytes);
        self.inputs.insert(name, bytes);
        let reference = IssuerRef::Ledger { ordinal: entry.ordinal, id: id.clone(), certificate: file, key };
        Some(Issuer { reference, certificate: Some(certificate), account })
    }

    /// The serial number of a certificate that is to be revoked.
    pub(super) fn revoked_certificate(
        &mut self,
        reference: &Spanned<Reference>,
        issuer: &Issuer,
    ) -> Option<crate::format::SerialNumber> {
        match &reference.value {
            Reference::Step(id) => {
                let step = self.steps.iter().find(|step| step.id == *id)?;
                step.action.serial().cloned()
            }
            Reference::Ledger { ordinal, id } => {
                let Some(entry) = self.sources.ledger.certificate(*ordinal, id) else {
                    self.not_in_ledger(&reference.span, "certificate", *ordinal, id);
                    return None;
                };
                if entry.issuer_spki_sha256.to_string() != issuer.account {
                    let message = format!("`{id}` of ceremony {} was issued by another key", entry.ordinal);
                    let remedy = "name the issuer that signed it: its CRL is where its users look";
                    self.problem(Code::NotIssuedThere, &reference.span, message, remedy);
                    return None;
                }
                Some(entry.serial.clone())
            }
        }
    }

    fn recorded_certificate(
        &mut self,
        span: &Span,
        entry: &CertificateEntry,
        file: &FileRef,
    ) -> Option<(Vec<u8>, Certificate)> {
        let directory =
            self.sources.authority.join(&entry.directory).join(BundleDirectory::Artifacts.prefix());
        let path = directory.join(&file.name);
        let read = artifact::read_known(&path, &file.sha256);
        let message = match read {
            Ok(Some(bytes)) => match Certificate::from_pem(&bytes) {
                Ok(certificate) => return Some((bytes, certificate)),
                Err(error) => format!("`{}`: {error}", path.display()),
            },
            Ok(None) => format!("`{}` is not the file of the record", path.display()),
            Err(error) => error.to_string(),
        };
        self.problem(
            Code::NotInLedger,
            span,
            message,
            "restore the authority directory from a copy that verifies",
        );
        None
    }

    fn not_in_ledger(&mut self, span: &Span, what: &str, ordinal: Option<u64>, id: &Name) {
        let from = ordinal.map_or_else(String::new, |ordinal| format!(" of ceremony {ordinal}"));
        let message = format!("the authority's records have no {what} `{id}`{from}");
        self.problem(Code::NotInLedger, span, message, "see the names with `anchorite authority status`");
    }
}

fn ledger_key(entry: &KeyEntry) -> KeyRef {
    let KeyEntry { ordinal, step, token, spki_sha256, .. } = entry;
    KeyRef::Ledger { ordinal: *ordinal, id: step.clone(), token: token.clone(), spki_sha256: *spki_sha256 }
}

fn released(entry: &CertificateEntry) -> Option<&FileRef> {
    match &entry.issuance {
        Issuance::Released(file) if entry.granted => Some(file),
        Issuance::Released(_) | Issuance::Signed | Issuance::Unknown => None,
    }
}
