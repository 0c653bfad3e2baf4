use std::collections::BTreeSet;

use der::oid::AssociatedOid;
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, CrlNumber};
use x509_cert::time::Time;

use super::certificate::judge_issuer;
use super::{CrlContext, Findings, extensions, judge_algorithm, rules};
use crate::format::{Environment, Instant, SerialNumber};
use crate::pki::revocation::{to_reason, to_u64};
use crate::pki::structure::{Extension, RevokedCertificate, TbsCertList};
use crate::pki::time::{has_right_form, to_instant};
use crate::pki::{Part, RevocationList, extension};

/// The longest that a CRL may last, in seconds: 365 days.
const LONGEST: i64 = 365 * 86_400;

pub(super) fn judge(tbs: &TbsCertList, context: &CrlContext<'_>, findings: &mut Findings) {
    let issuer = context.issuer;
    findings.check(&rules::L01, tbs.version == Some(1), || match tbs.version {
        Some(version) => format!("the version number is {version}"),
        None => "there is none".to_owned(),
    });
    let may_sign = issuer.is_authority() && issuer.may_sign_crls();
    findings.check(&rules::A10, may_sign, || format!("{} may not sign CRLs", issuer.subject()));
    judge_algorithm(&tbs.signature, Some(issuer.public_key()), findings);
    judge_issuer(&tbs.issuer, issuer, findings);

    let this_update = judge_time("thisUpdate", tbs.this_update, findings);
    let next_update = tbs.next_update.and_then(|time| judge_time("nextUpdate", time, findings));
    findings.check(&rules::L02, next_update > this_update, || "it is not".to_owned());
    if let (Some(this), Some(next)) = (this_update, next_update) {
        let right = next.unix_seconds() - this.unix_seconds() <= LONGEST;
        let within_a_year = next.unix_seconds() - this.unix_seconds() <= LONGEST + 86_400;
        findings.check(&rules::T10, within_a_year, || format!("it lasts from {this} to {next}"));
        let judged = context.environment != Environment::Lab;
        findings.check(&rules::L03, right || !judged, || format!("it lasts from {this} to {next}"));
    }

    let present = tbs.extensions.as_deref().unwrap_or_default();
    let profile = [AuthorityKeyIdentifier::OID, CrlNumber::OID, extension::ISSUING_DISTRIBUTION_POINT];
    extensions::judge_set(present, &profile, findings);
    extensions::judge_authority_key_identifier(present, issuer.subject_key_identifier(), findings);
    judge_number(present, context.previous_number, findings);
    if let Some(found) = extensions::find(present, extension::ISSUING_DISTRIBUTION_POINT) {
        findings.check(&rules::L11, found.critical, || "it is not critical".to_owned());
        let uris = findings.take(&rules::L12, extension::read_issuing_distribution_point(present));
        for uri in uris.unwrap_or_default() {
            findings.check(&rules::L12, uri.starts_with("http://"), || {
                format!("it names {}", uri.escape_default())
            });
        }
    }

    if let Some(revoked) = &tbs.revoked {
        findings.check(&rules::L04, !revoked.is_empty(), || "it is there and empty".to_owned());
        judge_entries(revoked, this_update, findings);
    }
}

/// L13, L14 and T13: what follows from the list before.
pub(super) fn judge_after(tbs: &TbsCertList, before: &RevocationList, findings: &mut Findings) {
    let this_update = to_instant(Part::TbsCertList, tbs.this_update).ok();
    if let Some(this) = this_update {
        let ended = before.next_update();
        findings
            .check(&rules::L13, this <= ended, || format!("it begins {this}, the one before ended {ended}"));
    }
    let revoked = tbs.revoked.as_deref().unwrap_or_default();
    let here: BTreeSet<&[u8]> = revoked.iter().map(|entry| entry.serial.as_bytes()).collect();
    for entry in before.entries() {
        let there = here.contains(entry.serial.as_content());
        findings.check(&rules::L14, there, || format!("{} is left out", entry.serial));
    }
    let known: BTreeSet<&[u8]> = before.entries().iter().map(|entry| entry.serial.as_content()).collect();
    for entry in revoked.iter().filter(|entry| !known.contains(entry.serial.as_bytes())) {
        let date = to_instant(Part::TbsCertList, entry.date).ok();
        let Some((this, date)) = this_update.zip(date) else { continue };
        let serial = base16ct::lower::encode_string(entry.serial.as_bytes());
        findings.check(&rules::T13, this.unix_seconds() - date.unix_seconds() <= 86_400, || {
            format!("{serial} was revoked at {date}")
        });
    }
}

fn judge_time(field: &str, time: Time, findings: &mut Findings) -> Option<Instant> {
    findings.check(&rules::A05, has_right_form(time), || format!("{field} has the other form"));
    findings.take(&rules::A05, to_instant(Part::TbsCertList, time))
}

fn judge_number(present: &[Extension], previous: Option<u64>, findings: &mut Findings) {
    let Some(found) = extensions::find(present, CrlNumber::OID) else {
        findings.add(&rules::L09, "it is not there");
        return;
    };
    findings.check(&rules::L09, !found.critical, || "it is critical".to_owned());
    let Some(Some(number)) = findings.take(&rules::L09, extension::read::<CrlNumber>(present)) else {
        return;
    };
    match (to_u64(&number), previous) {
        (None, _) => findings.add(&rules::L09, "it does not fit"),
        (Some(number), Some(previous)) => {
            findings.check(&rules::L10, number > previous, || format!("it is {number} after {previous}"));
        }
        (Some(_), None) => {}
    }
}

fn judge_entries(revoked: &[RevokedCertificate], this_update: Option<Instant>, findings: &mut Findings) {
    let mut seen = BTreeSet::new();
    for entry in revoked {
        let octets = entry.serial.as_bytes();
        let serial = base16ct::lower::encode_string(octets);
        if let Err(error) = SerialNumber::from_content(octets) {
            findings.add(&rules::L05, format!("{serial}: {error}"));
        }
        findings.check(&rules::L06, seen.insert(octets), || format!("{serial} is"));
        let date = judge_time("revocationDate", entry.date, findings);
        findings.check(&rules::L07, date <= this_update, || format!("that of {serial} is"));
        let present = entry.extensions.as_deref().unwrap_or_default();
        extensions::judge_set(present, &[extension::REASON_CODE], findings);
        let critical = extensions::find(present, extension::REASON_CODE).is_some_and(|found| found.critical);
        if let Some(code) = findings.take(&rules::L08, extension::read_reason_code(present)) {
            let right = code.is_some_and(|code| to_reason(code).is_some()) && !critical;
            findings.check(&rules::L08, right, || match code {
                Some(code) => {
                    format!("that of {serial} is {code}{}", if critical { ", critical" } else { "" })
                }
                None => format!("{serial} has none"),
            });
        }
    }
}
