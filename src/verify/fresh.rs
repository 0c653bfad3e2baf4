use std::collections::{BTreeMap, BTreeSet};

use super::examination::Examination;
use super::facts::Facts;
use super::verdict::{Check, CheckId};
use crate::format::{
    Action, CertifiedRef, CrlEntry, Digest, Event, FileRef, Hex, IssuerRef, KeyRef, Name, PlannedStep,
    SerialNumber,
};
use crate::ledger::{self, CertificateRole, Issuance, Ledger};

/// Serial numbers and CRL numbers are new, CRLs carry every revocation, and what the plan takes from earlier
/// ceremonies is what they left.
pub(crate) fn fresh(facts: &Facts<'_>) -> Check {
    let mut examination = Examination::of(CheckId::Fresh);
    let mut serials: BTreeSet<&SerialNumber> = BTreeSet::new();
    let mut numbers: BTreeMap<Digest, u64> = BTreeMap::new();
    let mut looked = 0;
    for step in &facts.plan.steps {
        let result = match &step.action {
            Action::SelfSign { serial, key, .. } => {
                looked += 1;
                serial_is_new(facts, &mut serials, serial).and_then(|()| key_is_known(facts, key))
            }
            Action::SignIntermediate { serial, issuer, .. } => {
                looked += 1;
                serial_is_new(facts, &mut serials, serial).and_then(|()| issuer_is_known(facts, issuer))
            }
            Action::CrossSign { serial, issuer, certificate, .. } => {
                looked += 1;
                serial_is_new(facts, &mut serials, serial)
                    .and_then(|()| issuer_is_known(facts, issuer))
                    .and_then(|()| certified_is_known(facts, certificate))
            }
            Action::DestroyKey { key, key_id } => {
                looked += 1;
                key_is_known(facts, key).and_then(|()| key_id_is_known(facts, key, key_id))
            }
            Action::IssueCrl { issuer, .. } => {
                looked += 1;
                issuer_is_known(facts, issuer).and_then(|()| match facts.issuer_spki(issuer) {
                    Some(spki) => crl_follows(facts, &mut numbers, step, spki),
                    None => Ok(()),
                })
            }
            Action::Revoke { issuer, entry, .. } => {
                looked += 1;
                issuer_is_known(facts, issuer).and_then(|()| revocation_fits(facts, issuer, entry))
            }
            _ => Ok(()),
        };
        if let Err(what) = result {
            examination.fail(facts.record(0), format!("step {}: {what}", step.id));
        }
    }
    let against = match facts.before {
        Some(before) if before.ordinal > 0 => format!("against {} earlier ceremonies", before.ordinal),
        Some(_) => "the first ceremony".to_owned(),
        None => "within this bundle only: earlier ceremonies were not given".to_owned(),
    };
    examination.finish_if(looked > 0, "nothing is issued, revoked or destroyed", || {
        format!("{} serial numbers, {against}", serials.len())
    })
}

fn serial_is_new<'a>(
    facts: &Facts<'_>,
    serials: &mut BTreeSet<&'a SerialNumber>,
    serial: &'a SerialNumber,
) -> Result<(), String> {
    let burnt = facts.before.is_some_and(|before| before.serial_is_burnt(serial));
    if serials.insert(serial) && !burnt {
        Ok(())
    } else {
        Err(format!("the serial number {serial} was used before"))
    }
}

fn key_is_known(facts: &Facts<'_>, key: &KeyRef) -> Result<(), String> {
    let (KeyRef::Ledger { ordinal, id, token, spki_sha256 }, Some(before)) = (key, facts.before) else {
        return Ok(());
    };
    let known =
        before.key(Some(*ordinal), id).filter(|key| key.spki_sha256 == *spki_sha256 && key.token == *token);
    match known {
        Some(key) if key.destroyed.is_none() => Ok(()),
        Some(_) => Err(format!("the key {id} of ceremony {ordinal} was destroyed")),
        None => Err(format!("ceremony {ordinal} gave no such key in step {id}")),
    }
}

fn key_id_is_known(facts: &Facts<'_>, key: &KeyRef, key_id: &Hex) -> Result<(), String> {
    match (key, facts.before) {
        (KeyRef::Step { id }, _) => Err(format!("{id} is destroyed in the ceremony that makes it")),
        (KeyRef::Ledger { spki_sha256, .. }, Some(before)) => match before.key_with(spki_sha256) {
            Some(known) if known.key_id == *key_id => Ok(()),
            _ => Err(format!("{key_id} is not the CKA_ID of that key")),
        },
        (KeyRef::Ledger { .. }, None) => Ok(()),
    }
}

fn issuer_is_known(facts: &Facts<'_>, issuer: &IssuerRef) -> Result<(), String> {
    let (IssuerRef::Ledger { ordinal, id, certificate, key }, Some(before)) = (issuer, facts.before) else {
        return Ok(());
    };
    certificate_is_known(before, (*ordinal, id), certificate, key_of(key))?;
    key_is_known(facts, key)
}

fn certified_is_known(facts: &Facts<'_>, certified: &CertifiedRef) -> Result<(), String> {
    let (CertifiedRef::Ledger { ordinal, id, certificate, spki_sha256 }, Some(before)) =
        (certified, facts.before)
    else {
        return Ok(());
    };
    certificate_is_known(before, (*ordinal, id), certificate, Some(*spki_sha256))
}

/// An earlier ceremony released that root certificate, of that key.
fn certificate_is_known(
    before: &Ledger,
    (ordinal, id): (u64, &Name),
    certificate: &FileRef,
    spki_sha256: Option<Digest>,
) -> Result<(), String> {
    let entry = before
        .certificate(Some(ordinal), id)
        .filter(|entry| entry.granted && entry.role == CertificateRole::Root)
        .filter(|entry| spki_sha256 == Some(entry.spki_sha256))
        .ok_or_else(|| format!("ceremony {ordinal} gave no such certificate in step {id}"))?;
    let same = matches!(&entry.issuance, Issuance::Released(file) if file.sha256 == certificate.sha256);
    if same {
        Ok(())
    } else {
        Err(format!("{} is not the certificate that ceremony {ordinal} released", certificate.name))
    }
}

fn key_of(key: &KeyRef) -> Option<Digest> {
    match key {
        KeyRef::Ledger { spki_sha256, .. } => Some(*spki_sha256),
        KeyRef::Step { .. } => None,
    }
}

/// The number is greater than every earlier one, and the entries are what a CRL of that date carries.
fn crl_follows(
    facts: &Facts<'_>,
    numbers: &mut BTreeMap<Digest, u64>,
    step: &PlannedStep,
    spki: Digest,
) -> Result<(), String> {
    let Action::IssueCrl { number, this_update, entries, .. } = &step.action else {
        return Ok(());
    };
    let number = *number;
    let earlier = facts
        .before
        .and_then(|before| before.burnt_crl_numbers.get(&spki)?.last().copied())
        .max(numbers.get(&spki).copied());
    if earlier.is_some_and(|earlier| number <= earlier) {
        return Err(format!("CRL number {number} is not greater than {}", earlier.unwrap_or_default()));
    }
    numbers.insert(spki, number);
    let Some(before) = facts.before else { return Ok(()) };
    // Decisions of a ceremony that was aborted before this step are not in its log, nor is this CRL.
    let started = facts.records().find_map(|record| match &record.event {
        Event::StepStarted { step: started, .. } if *started == step.id => Some(record.n),
        _ => None,
    });
    let Some(started) = started else { return Ok(()) };
    let mut decided = before.revocations(&spki);
    decided.extend(facts.revoked_before(started, &spki));
    let steps = &facts.plan.steps;
    let mut earlier = before.effective_crls(&spki);
    earlier.extend(steps.iter().take_while(|other| other.id != step.id).filter_map(
        |other| match &other.action {
            Action::IssueCrl { issuer, this_update, entries, .. }
                if facts.issuer_spki(issuer) == Some(spki) =>
            {
                Some((*this_update, entries.as_slice()))
            }
            _ => None,
        },
    ));
    let expires =
        |serial: &SerialNumber| before.expiry(&spki, serial).or_else(|| ledger::expiry_here(steps, serial));
    let expected = ledger::carried(decided, expires, &earlier, *this_update);
    if expected == *entries {
        Ok(())
    } else {
        Err(format!("the CRL has {} entries, and {} belong on it", entries.len(), expected.len()))
    }
}

/// What is revoked was issued by that issuer, and only once.
fn revocation_fits(facts: &Facts<'_>, issuer: &IssuerRef, entry: &CrlEntry) -> Result<(), String> {
    let (Some(before), Some(spki)) = (facts.before, facts.issuer_spki(issuer)) else {
        return Ok(());
    };
    let twice = before.revocations(&spki).iter().any(|earlier| earlier.serial == entry.serial);
    if twice {
        return Err(format!("{} was revoked before", entry.serial));
    }
    if issued_before(before, &spki, &entry.serial) || issued_here(facts, &entry.serial) {
        Ok(())
    } else {
        Err(format!("{} was never issued", entry.serial))
    }
}

fn issued_before(before: &Ledger, spki: &Digest, serial: &SerialNumber) -> bool {
    before
        .certificates
        .iter()
        .any(|certificate| certificate.issuer_spki_sha256 == *spki && certificate.serial == *serial)
}

fn issued_here(facts: &Facts<'_>, wanted: &SerialNumber) -> bool {
    facts.plan.steps.iter().any(|step| step.action.serial() == Some(wanted))
}
