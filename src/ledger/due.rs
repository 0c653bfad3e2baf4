//! What has to be done by when.

use super::{CrlIssued, KeyEntry, Ledger, OpenDuty, Publication};
use crate::format::{Duty, DutyKind, Instant, Role};

/// Something that has to be done by a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// `ORDINAL/ID` of what it follows from; with the kind unique in an authority.
    pub id: String,
    /// What kind of thing it is.
    pub kind: DueKind,
    /// What has to be done.
    pub what: String,
    /// From when on it can be done, where that is not now.
    pub from: Option<Instant>,
    /// By when.
    pub by: Instant,
    /// Who sees to it, where a record says so.
    pub owner: Option<Role>,
}

/// What kind of thing is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DueKind {
    /// A certificate ends.
    CertificateExpiry,
    /// The last list of an issuer ends, and another has to be there.
    NextCrl,
    /// A list that was signed ahead takes over.
    PublishCrl,
    /// A duty that a ceremony file has.
    Written,
    /// Holders look at their shares.
    ShareCheck,
    /// Nothing shows yet that the token of an adopted root has its key.
    ProvePossession,
    /// The next ceremony, as the last one's file says.
    NextCeremony,
}

impl DueKind {
    /// The word for it, in kebab case.
    pub fn word(self) -> &'static str {
        match self {
            Self::CertificateExpiry => "certificate-expiry",
            Self::NextCrl => "next-crl",
            Self::PublishCrl => "publish-crl",
            Self::Written => "written",
            Self::ShareCheck => "share-check",
            Self::ProvePossession => "prove-possession",
            Self::NextCeremony => "next-ceremony",
        }
    }
}

/// How close a date is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// It has passed.
    Overdue,
    /// It is within the lead time.
    Soon,
    /// It is further away.
    Later,
}

impl Due {
    /// How close it is at a time: `Soon` within that many days.
    pub fn urgency(&self, at: Instant, lead_days: u32) -> Urgency {
        if self.by <= at {
            Urgency::Overdue
        } else if at.plus_days(lead_days).is_none_or(|horizon| self.by <= horizon) {
            Urgency::Soon
        } else {
            Urgency::Later
        }
    }
}

impl Ledger {
    /// Everything that is due at that time or later, the next first: duties that are open, lists that take over, and the next
    /// ceremony. Whether a list was published no record says: one that takes over is due until its successor does.
    pub fn due(&self, at: Instant) -> Vec<Due> {
        let mut due: Vec<Due> = self.open_duties().map(of_duty).collect();
        due.extend(self.crls.iter().filter_map(|crl| self.take_over(crl, at)));
        due.extend(self.keys.iter().filter(|key| key.is_asserted()).map(|key| self.possession(key)));
        due.extend(self.next_ceremony.map(|by| Due {
            id: format!("{}/next-ceremony", self.ordinal),
            kind: DueKind::NextCeremony,
            what: "Hold the next ceremony.".to_owned(),
            from: None,
            by,
            owner: None,
        }));
        due.sort_by(|one, other| (one.by, one.kind, &one.id).cmp(&(other.by, other.kind, &other.id)));
        due
    }

    /// By the end of the last CRL of an adopted root another has to be there, and only its key makes one. Without a CRL, now:
    /// the ceremony that adopted it is past.
    fn possession(&self, key: &KeyEntry) -> Due {
        let of_key = self.crls.iter().filter(|crl| crl.issuer_spki_sha256 == key.spki_sha256);
        let adopted = self.ceremonies.iter().find(|ceremony| ceremony.ordinal == key.ordinal);
        let by = of_key.map(|crl| crl.next_update).max().or(adopted.map(|ceremony| ceremony.ended));
        Due {
            id: format!("{}/{}", key.ordinal, key.step),
            kind: DueKind::ProvePossession,
            what: format!(
                "Sign a CRL with the adopted key {}: until then its possession is asserted, not proven.",
                key.label
            ),
            from: None,
            by: by.unwrap_or(Instant::EPOCH),
            owner: None,
        }
    }

    /// A list under embargo has to be out when the one before it ends.
    fn take_over(&self, crl: &CrlIssued, at: Instant) -> Option<Due> {
        let from = crl.embargo?;
        let waits = matches!(
            self.publication(crl, at),
            Publication::Embargoed { .. } | Publication::Current | Publication::Expired
        );
        let of_issuer = self.crls.iter().filter(|other| other.issuer_spki_sha256 == crl.issuer_spki_sha256);
        let before = of_issuer.filter(|other| other.granted && other.number < crl.number);
        let before = before.max_by_key(|other| other.number)?;
        // Once that has passed, whoever reads this learns from the clients, not from here.
        (waits && before.next_update > at).then(|| Due {
            id: format!("{}/{}", crl.ordinal, crl.step),
            kind: DueKind::PublishCrl,
            what: format!("Publish CRL {} in the place of CRL {}.", crl.number, before.number),
            from: Some(from),
            by: before.next_update,
            owner: None,
        })
    }
}

fn of_duty(open: &OpenDuty) -> Due {
    let OpenDuty { ordinal, duty: Duty { id, kind, what, due, owner } } = open;
    Due {
        id: format!("{ordinal}/{id}"),
        kind: match kind {
            DutyKind::Written => DueKind::Written,
            DutyKind::NextCrl => DueKind::NextCrl,
            DutyKind::ShareCheck => DueKind::ShareCheck,
            DutyKind::CertificateExpiry => DueKind::CertificateExpiry,
        },
        what: what.clone(),
        from: None,
        by: *due,
        owner: Some(*owner),
    }
}
