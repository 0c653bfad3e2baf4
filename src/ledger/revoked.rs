//! What a CRL carries, and whether one may be published.

use super::{CrlIssued, Issuance, Ledger};
use crate::format::{CrlEntry, Digest, Instant, PlannedStep, SerialNumber};

/// Whether a CRL may be published at a point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Publication {
    /// Its ceremony released it in no complete record: it is evidence, and nobody publishes it.
    Unfinished,
    /// Never again, or never at all.
    Withdrawn(Withdrawal),
    /// Not before its date.
    Embargoed {
        /// Its thisUpdate.
        until: Instant,
    },
    /// A newer one has taken its place.
    Superseded {
        /// The number of the newer one.
        by: u64,
    },
    /// Nothing newer is there, and it has run out.
    Expired,
    /// It is the one to publish.
    Current,
}

/// Why a CRL is withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withdrawal {
    /// A CRL with a greater number and no later date. Clients that hold both take the one with the later thisUpdate, or the one
    /// that they saw last: this one would make the newer one's revocations undone.
    Outranked {
        /// That CRL's number.
        by: u64,
    },
    /// It was signed ahead of its time, and a certificate was revoked since that it does not list.
    Incomplete {
        /// The ceremony that revoked it.
        ordinal: u64,
    },
}

impl Ledger {
    /// notAfter of the certificate with that serial number of that issuer; `None` where no record has it.
    pub fn expiry(&self, issuer_spki_sha256: &Digest, serial: &SerialNumber) -> Option<Instant> {
        let issued = |entry: &&super::CertificateEntry| {
            entry.issuer_spki_sha256 == *issuer_spki_sha256 && entry.serial == *serial
        };
        self.certificates.iter().find(issued).map(|entry| entry.validity.to)
    }

    /// thisUpdate and entries of every CRL of that issuer that was, or will be, published.
    pub fn effective_crls(&self, issuer_spki_sha256: &Digest) -> Vec<(Instant, &[CrlEntry])> {
        let of_issuer = self.crls.iter().filter(|crl| crl.issuer_spki_sha256 == *issuer_spki_sha256);
        let effective = of_issuer.filter(|crl| is_published(crl) && self.withdrawal(crl).is_none());
        effective.map(|crl| (crl.this_update, crl.entries.as_slice())).collect()
    }

    /// The CRLs of that issuer that are not withdrawn yet, and are by another of that date: signed ahead of their time.
    pub fn signed_ahead(&self, issuer_spki_sha256: &Digest, this_update: Instant) -> Vec<&CrlIssued> {
        let of_issuer = self.crls.iter().filter(|crl| crl.issuer_spki_sha256 == *issuer_spki_sha256);
        let ahead = of_issuer.filter(|crl| crl.embargo.is_some_and(|until| until >= this_update));
        ahead.filter(|crl| is_published(crl) && self.withdrawal(crl).is_none()).collect()
    }

    /// Whether a CRL of this ledger may be published then.
    pub fn publication(&self, crl: &CrlIssued, at: Instant) -> Publication {
        if !is_published(crl) {
            return Publication::Unfinished;
        }
        if let Some(withdrawal) = self.withdrawal(crl) {
            return Publication::Withdrawn(withdrawal);
        }
        if let Some(until) = crl.embargo.filter(|until| *until > at) {
            return Publication::Embargoed { until };
        }
        let newer =
            self.after(crl).filter(|other| other.this_update <= at && self.withdrawal(other).is_none());
        match newer.map(|other| other.number).max() {
            Some(by) => Publication::Superseded { by },
            None if crl.next_update <= at => Publication::Expired,
            None => Publication::Current,
        }
    }

    fn withdrawal(&self, crl: &CrlIssued) -> Option<Withdrawal> {
        let outranks = self.after(crl).filter(|other| other.this_update <= crl.this_update);
        if let Some(by) = outranks.map(|other| other.number).max() {
            return Some(Withdrawal::Outranked { by });
        }
        crl.embargo?;
        let missing = self.revocations.iter().find(|decided| {
            decided.issuer_spki_sha256 == crl.issuer_spki_sha256
                && decided.ordinal > crl.ordinal
                && crl.entries.iter().all(|entry| entry.serial != decided.entry.serial)
        });
        missing.map(|decided| Withdrawal::Incomplete { ordinal: decided.ordinal })
    }

    /// The CRLs of the same issuer with greater numbers that may be published at some time.
    fn after<'a>(&'a self, crl: &'a CrlIssued) -> impl Iterator<Item = &'a CrlIssued> {
        self.crls.iter().filter(|other| {
            other.issuer_spki_sha256 == crl.issuer_spki_sha256
                && other.number > crl.number
                && is_published(other)
        })
    }
}

fn is_published(crl: &CrlIssued) -> bool {
    crl.granted && matches!(crl.issuance, Issuance::Released(_))
}

/// notAfter of the certificate with that serial number, where a step of this plan issues it.
pub fn expiry_here<'a>(
    steps: impl IntoIterator<Item = &'a PlannedStep>,
    serial: &SerialNumber,
) -> Option<Instant> {
    let mut steps = steps.into_iter();
    let issuing = steps.find(|step| step.action.serial() == Some(serial))?;
    issuing.action.validity().map(|validity| validity.to)
}

/// What a CRL of that date carries, in order of serial number: every revocation that was decided but those of certificates
/// that had expired when a CRL of an earlier date carried them: an entry stays until it was on one CRL after the end
/// of its certificate's validity (RFC 5280 3.3). One of unknown end stays for ever.
pub fn carried(
    decided: Vec<CrlEntry>,
    expires: impl Fn(&SerialNumber) -> Option<Instant>,
    earlier: &[(Instant, &[CrlEntry])],
    this_update: Instant,
) -> Vec<CrlEntry> {
    let mut entries = decided;
    entries.retain(|entry| {
        let Some(expiry) = expires(&entry.serial).filter(|expiry| *expiry < this_update) else {
            return true;
        };
        let shown = earlier.iter().any(|(date, entries)| {
            expiry < *date
                && *date < this_update
                && entries.iter().any(|earlier| earlier.serial == entry.serial)
        });
        !shown
    });
    entries.sort_by(|one, other| one.serial.cmp(&other.serial));
    entries
}
