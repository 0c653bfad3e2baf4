use std::collections::BTreeMap;

use super::Break;
use crate::format::{Environment, Name, Rotation, Window};
use crate::ledger::{CertificateEntry, CertificateRole, Issuance, Ledger};

/// What the authority's records say of a rotation.
#[derive(Clone, Debug)]
pub struct Known<'a> {
    /// Never mixed.
    pub environment: Environment,
    /// SPIFFE trust domain, where there is one.
    pub trust_domain: Option<&'a str>,
    /// The root that goes.
    pub old: &'a CertificateEntry,
    /// The step that made its key.
    pub old_key: &'a Name,
    /// Whether that key is destroyed.
    pub old_destroyed: bool,
    /// The root that comes, once it is there.
    pub new: Option<&'a CertificateEntry>,
    /// The new root under the old one, once it is there.
    pub cross: Option<&'a CertificateEntry>,
    /// Validity of every intermediate that was released, by its step.
    pub intermediates: BTreeMap<&'a Name, Window>,
    /// How many roots there were before the new one.
    pub roots_before: u64,
}

impl<'a> Known<'a> {
    /// Reads the ledger.
    ///
    /// # Errors
    /// When it is another authority's, or has no such root.
    pub fn of(ledger: &'a Ledger, rotation: &Rotation) -> Result<Self, Break> {
        let identity = ledger.identity.as_ref().filter(|identity| identity.authority == rotation.authority);
        let identity =
            identity.ok_or_else(|| Break::OtherAuthority { authority: rotation.authority.clone() })?;
        let released =
            |entry: &&CertificateEntry| entry.granted && matches!(entry.issuance, Issuance::Released(_));
        let of_role =
            |role| ledger.certificates.iter().filter(released).filter(move |entry| entry.role == role);
        let no_root = || Break::NoRoot { id: rotation.old.clone() };
        let old =
            of_role(CertificateRole::Root).find(|entry| entry.step == rotation.old).ok_or_else(no_root)?;
        let old_key = ledger.key_with(&old.spki_sha256).ok_or_else(no_root)?;
        let new = of_role(CertificateRole::Root).find(|entry| entry.step == rotation.new.id);
        let cross = new.and_then(|new| {
            of_role(CertificateRole::Cross).find(|entry| {
                entry.spki_sha256 == new.spki_sha256 && entry.issuer_spki_sha256 == old.spki_sha256
            })
        });
        let others = of_role(CertificateRole::Root).filter(|entry| entry.step != rotation.new.id);
        Ok(Self {
            environment: identity.environment,
            trust_domain: identity.trust_domain.as_deref(),
            old,
            old_key: &old_key.step,
            old_destroyed: old_key.destroyed.is_some(),
            new,
            cross,
            intermediates: of_role(CertificateRole::Intermediate)
                .map(|entry| (&entry.step, entry.validity))
                .collect(),
            roots_before: others.count() as u64,
        })
    }

    /// The sequence number of the SPIFFE bundle with both anchors: each root came with one, and each but the last two went
    /// with one.
    pub fn sequence_of_both(&self) -> u64 {
        2 * self.roots_before
    }
}
