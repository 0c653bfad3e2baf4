//! What an authority is and ever did: a pure fold over its bundles.
//!
//! The authority directory is the only database. [`Ledger::empty`] is what holds before the genesis;
//! [`Ledger::absorb`] takes in one ceremony after the other. What can only take away (a serial number that is
//! used, a CRL number, a revocation, an object that may be out in the world) counts from every record whose chain
//! holds, an aborted ceremony's included. So does a PIN that was or may have been replaced, and the number of a bag:
//! token and bag know nothing of verdicts. What gives (a key, a roster, a token, a duty) counts only when the ceremony was complete and its verdict PASS.

mod absorb;
mod adopted;
mod afterwards;
mod due;
mod entry;
mod look_up;
mod operations;
mod revoked;
mod shares;

use std::collections::{BTreeMap, BTreeSet};

use crate::format::{Digest, Environment, Instant, Log, Name, Plan, Roster, SerialNumber};

pub use adopted::KeyOrigin;
pub use afterwards::{Bag, OpenDuty};
pub use due::{Due, DueKind, Urgency};
pub use entry::{
    CeremonyEntry, CertificateEntry, CertificateRole, CrlEntryDecided, CrlIssued, Issuance, KeyEntry,
    OpenedBy, PinSource, ShareSetEntry, TokenEntry,
};
pub use operations::{
    Operation, certified_spki_sha256, issuer_key, issuer_spki_sha256, key_made, key_spki_sha256,
};
pub use revoked::{Publication, Withdrawal, carried, expiry_here};

/// Everything that a ceremony may build on, and everything that it may not repeat.
#[derive(Clone, Debug)]
pub struct Ledger {
    /// Which authority it is; `None` before the first record.
    pub identity: Option<Identity>,
    /// Ordinal of the last ceremony; 0 before the first.
    pub ordinal: u64,
    /// SHA-256 of the last line of the last log; [`Digest::ZERO`] before the first.
    pub head: Digest,
    /// SHA-256 of the roster that the first ceremony ran under, granted or not; auditors pin it.
    pub first_roster_sha256: Option<Digest>,
    /// The people of the next ceremony: the roster of the last granted one, or the roster that it brought in.
    pub roster: Option<Roster>,
    /// Every ceremony, in order.
    pub ceremonies: Vec<CeremonyEntry>,
    /// When the next ceremony is held at the latest, as the last granted one says.
    pub next_ceremony: Option<Instant>,
    /// Keys that granted ceremonies made, in that order.
    pub keys: Vec<KeyEntry>,
    /// Certificates that were, or may have been, signed.
    pub certificates: Vec<CertificateEntry>,
    /// CRLs that were, or may have been, signed.
    pub crls: Vec<CrlIssued>,
    /// Every revocation that was decided, in the order of the decisions.
    pub revocations: Vec<CrlEntryDecided>,
    /// Every share set whose commitments are durable, in the order of their dealing.
    pub share_sets: Vec<ShareSetEntry>,
    /// Tokens that granted ceremonies provisioned, each once.
    pub tokens: Vec<TokenEntry>,
    /// Serial numbers of every plan that was opened, used or not.
    pub burnt_serials: BTreeSet<SerialNumber>,
    /// For each issuer (SHA-256 of its DER SubjectPublicKeyInfo) the CRL numbers that a signature was begun for.
    pub burnt_crl_numbers: BTreeMap<Digest, BTreeSet<u64>>,
    /// What lies in a numbered bag, or did, as the last record of it says.
    pub bags: BTreeMap<Name, Bag>,
    /// What has to be done and no record says is done, oldest ceremony first; of these [`Ledger::open_duties`] leaves out what
    /// became moot.
    pub duties: Vec<OpenDuty>,
}

/// What stays the same in every record of an authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The authority's name.
    pub authority: Name,
    /// Never mixed.
    pub environment: Environment,
    /// SPIFFE trust domain, where there is one.
    pub trust_domain: Option<String>,
}

/// One ceremony as the ledger takes it in: the chain of the log holds and the plan is the one that record 0 names.
#[derive(Clone, Copy, Debug)]
pub struct BundleFacts<'a> {
    /// Name of the bundle's directory, `NNNN-name`.
    pub directory: &'a str,
    /// The record.
    pub log: &'a Log,
    /// `artifacts/plan.json`.
    pub plan: &'a Plan,
    /// `artifacts/roster.toml`.
    pub roster: &'a Roster,
    /// The roster that the ceremony brings in, where it changes it.
    pub incoming: Option<&'a Roster>,
}
