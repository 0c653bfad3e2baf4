use super::Stop;
use super::engine::Engine;
use crate::format::{Action, CertifiedRef, FileRef, IssuerRef, KeyAlgorithm, KeyRef, Name};
use crate::pki::{Certificate, PublicKey};

/// A key that can sign in this run.
#[derive(Clone)]
pub(super) struct SigningKey {
    /// The token that holds it.
    pub(super) token: Name,
    pub(super) algorithm: KeyAlgorithm,
    /// CKA_LABEL.
    pub(super) label: String,
    pub(super) public: PublicKey,
}

impl Engine<'_> {
    /// The key that a plan names.
    pub(super) fn signing_key(&self, key: &KeyRef) -> Result<SigningKey, Stop> {
        match key {
            KeyRef::Step { id } => self
                .keys
                .get(id)
                .cloned()
                .ok_or(Stop::Plan { step: id.clone(), what: "its key was not made" }),
            KeyRef::Ledger { ordinal, id, .. } => {
                let entry = self.ceremony.ledger.key(Some(*ordinal), id);
                let entry =
                    entry.ok_or_else(|| Stop::not_in_ledger(format!("key `{id}` of ceremony {ordinal}")))?;
                Ok(SigningKey {
                    token: entry.token.clone(),
                    algorithm: entry.algorithm,
                    label: entry.label.clone(),
                    public: PublicKey::from_spki(&entry.spki)?,
                })
            }
        }
    }

    /// The key with which an issuer signs.
    pub(super) fn issuer_key(&self, issuer: &IssuerRef) -> Result<SigningKey, Stop> {
        match issuer {
            IssuerRef::Ledger { key, .. } => self.signing_key(key),
            IssuerRef::Step { id } => match self.plan().step(id).map(|step| &step.action) {
                Some(Action::SelfSign { key, .. }) => self.signing_key(key),
                _ => Err(Stop::Plan { step: id.clone(), what: "it issues, but makes no root certificate" }),
            },
        }
    }

    /// An issuer's certificate: from an earlier ceremony, or issued in this one.
    pub(super) fn issuer_certificate(&self, issuer: &IssuerRef) -> Result<Certificate, Stop> {
        match issuer {
            IssuerRef::Ledger { certificate, .. } => Ok(Certificate::from_pem(&self.input(certificate)?)?),
            IssuerRef::Step { id } => {
                let what = "its certificate was not issued yet";
                self.certificates.get(id).cloned().ok_or(Stop::Plan { step: id.clone(), what })
            }
        }
    }

    /// A root that is certified once more: an input, or issued in this ceremony.
    pub(super) fn certified(&self, certified: &CertifiedRef) -> Result<Certificate, Stop> {
        match certified {
            CertifiedRef::Ledger { certificate, .. } | CertifiedRef::Input { certificate, .. } => {
                Ok(Certificate::from_pem(&self.input(certificate)?)?)
            }
            CertifiedRef::Step { id } => {
                let what = "its certificate was not issued yet";
                self.certificates.get(id).cloned().ok_or(Stop::Plan { step: id.clone(), what })
            }
        }
    }

    /// One of the plan's inputs, read from the bundle and compared once more.
    pub(super) fn input(&self, file: &FileRef) -> Result<Vec<u8>, Stop> {
        let bytes = self.bundle.read_artifact(&file.name)?;
        let reason = "its SHA-256 is not the one of the plan";
        file.matches(&bytes).then_some(bytes).ok_or(Stop::Bundle { file: "input", reason: reason.to_owned() })
    }
}
