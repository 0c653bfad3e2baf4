use std::collections::{BTreeMap, BTreeSet};

use super::{CertificateEntry, Issuance, KeyEntry, Ledger, ShareSetEntry, TokenEntry};
use crate::format::{CrlEntry, Digest, Hex, Name, SerialNumber, ShareSetName};

impl Ledger {
    /// What holds before the genesis.
    pub fn empty() -> Self {
        Self {
            identity: None,
            ordinal: 0,
            head: Digest::ZERO,
            first_roster_sha256: None,
            roster: None,
            ceremonies: Vec::new(),
            next_ceremony: None,
            keys: Vec::new(),
            certificates: Vec::new(),
            crls: Vec::new(),
            revocations: Vec::new(),
            share_sets: Vec::new(),
            tokens: Vec::new(),
            burnt_serials: BTreeSet::new(),
            burnt_crl_numbers: BTreeMap::new(),
            bags: BTreeMap::new(),
            duties: Vec::new(),
        }
    }

    /// The certificate that step `id` issued: of that ceremony, or without an ordinal the last that is granted and
    /// released.
    ///
    /// An ordinal finds what a ceremony issued whether it is granted or not: an aborted ceremony's certificates
    /// exist and may have to be revoked.
    pub fn certificate(&self, ordinal: Option<u64>, id: &Name) -> Option<&CertificateEntry> {
        let fits = |entry: &&CertificateEntry| match ordinal {
            Some(ordinal) => entry.ordinal == ordinal,
            None => entry.granted && matches!(entry.issuance, Issuance::Released(_)),
        };
        self.certificates.iter().rev().filter(|entry| entry.step == *id).find(fits)
    }

    /// The key that step `id` made: of that ceremony, or without an ordinal the last.
    pub fn key(&self, ordinal: Option<u64>, id: &Name) -> Option<&KeyEntry> {
        self.keys
            .iter()
            .rev()
            .find(|key| key.step == *id && ordinal.is_none_or(|ordinal| key.ordinal == ordinal))
    }

    /// The key with that DER SubjectPublicKeyInfo.
    pub fn key_with(&self, spki_sha256: &Digest) -> Option<&KeyEntry> {
        self.keys.iter().find(|key| key.spki_sha256 == *spki_sha256)
    }

    /// One more than the greatest CRL number that a signature of that issuer was ever begun for; 1 for the first.
    ///
    /// `None` when the numbers are used up.
    pub fn next_crl_number(&self, issuer_spki_sha256: &Digest) -> Option<u64> {
        let greatest = self.burnt_crl_numbers.get(issuer_spki_sha256).and_then(|numbers| numbers.last());
        greatest.copied().unwrap_or(0).checked_add(1)
    }

    /// Every revocation that was decided of that issuer's certificates, in order of serial number.
    pub fn revocations(&self, issuer_spki_sha256: &Digest) -> Vec<CrlEntry> {
        let mut entries: Vec<_> = self
            .revocations
            .iter()
            .filter(|decided| decided.issuer_spki_sha256 == *issuer_spki_sha256)
            .map(|decided| decided.entry.clone())
            .collect();
        entries.sort_by(|one, other| one.serial.cmp(&other.serial));
        entries
    }

    /// Whether an earlier plan had this serial number.
    pub fn serial_is_burnt(&self, serial: &SerialNumber) -> bool {
        self.burnt_serials.contains(serial)
    }

    /// The newest share set of that name that a granted ceremony dealt or that opens a token.
    pub fn share_set(&self, set: ShareSetName) -> Option<&ShareSetEntry> {
        self.share_sets.iter().rev().find(|entry| entry.split.set == set && self.is_live(entry))
    }

    /// The share set of that name and epoch.
    pub fn share_set_of(&self, set: ShareSetName, epoch: u32) -> Option<&ShareSetEntry> {
        self.share_sets.iter().find(|entry| (entry.split.set, entry.split.epoch) == (set, epoch))
    }

    /// The epoch of the next shares of that name. No epoch is used twice, that of an aborted dealing neither: people
    /// may hold sheets of it. `None` when the numbers are used up.
    pub fn next_epoch(&self, set: ShareSetName) -> Option<u32> {
        let epochs = self.share_sets.iter().filter(|entry| entry.split.set == set);
        epochs.map(|entry| entry.split.epoch).max().unwrap_or(0).checked_add(1)
    }

    /// Whether anything may depend on the set: a token does, or it was granted and never retired.
    pub fn is_live(&self, entry: &ShareSetEntry) -> bool {
        let opens = self.opened_by_set(&entry.split.set_id).next().is_some();
        opens || entry.granted && !entry.retired
    }

    /// The tokens that the shares of a split may open.
    pub fn opened_by_set<'a>(&'a self, set_id: &'a Hex) -> impl Iterator<Item = &'a TokenEntry> {
        let depends =
            move |token: &&TokenEntry| token.policies().iter().any(|policy| policy.set_id == *set_id);
        self.tokens.iter().filter(depends)
    }

    /// The token of that name.
    pub fn token(&self, name: &Name) -> Option<&TokenEntry> {
        self.tokens.iter().rev().find(|token| token.name == *name)
    }
}
