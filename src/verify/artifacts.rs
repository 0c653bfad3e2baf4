use std::collections::BTreeSet;

use super::directory::artifact_path;
use super::examination::Examination;
use super::facts::Facts;
use super::signing::{certified, issuer_certificate};
use super::verdict::{Check, CheckId, Place};
use crate::format::{
    Action, ArtifactKind, CertifiedRef, Digest, FileName, HttpUrl, Name, PlannedStep, Profile, Released,
};
use crate::pki::profile::breaches;
use crate::pki::{Certificate, CertificationRequest, RevocationList, beyond_existing, unfit_to_be_certified};

/// A released object, parsed.
pub(crate) enum Object {
    Certificate(Box<Certificate>),
    Crl(Box<RevocationList>),
}

/// A released object and the step that made it.
pub(crate) struct Issued<'a> {
    pub(crate) step: &'a PlannedStep,
    pub(crate) object: Object,
    pub(crate) place: Place,
}

/// Each released file is the TBS of its step and the signature of the log, and what was signed is released.
pub(crate) fn artifacts<'a>(facts: &Facts<'a>) -> (Check, Vec<Issued<'a>>) {
    let mut examination = Examination::of(CheckId::Artifacts);
    let mut issued = Vec::new();
    let mut steps: BTreeSet<&Name> = BTreeSet::new();
    for (n, released) in facts.released() {
        let place = Place { file: artifact_path(&released.file.name), ..facts.record(n) };
        examination.demand(steps.insert(&released.step), place.clone(), || {
            format!("step {} released two objects", released.step)
        });
        match object_of(facts, n, released) {
            Ok((step, object)) => issued.push(Issued { step, object, place }),
            Err(what) => examination.fail(place, format!("{}: {what}", released.file.name)),
        }
    }
    let count = |kind| facts.released().filter(|(_, released)| released.kind == kind).count();
    let signed = facts.signatures().filter(|(operation, ..)| operation.succeeded()).count();
    let evidence = format!(
        "{} certificates, {} CRLs, {} signatures",
        count(ArtifactKind::Certificate),
        count(ArtifactKind::Crl),
        signed
    );
    (examination.finish_if(signed > 0, "nothing was signed", || evidence), issued)
}

fn object_of<'a>(
    facts: &Facts<'a>,
    n: u64,
    released: &Released,
) -> Result<(&'a PlannedStep, Object), String> {
    let Released { step, kind, file, tbs_sha256 } = released;
    let planned = facts.plan.step(step).ok_or("its step is not in the plan")?;
    let (planned_kind, ending) = match planned.action {
        Action::IssueCrl { .. } => (ArtifactKind::Crl, "crl.pem"),
        _ => (ArtifactKind::Certificate, "crt.pem"),
    };
    if *kind != planned_kind || file.name != FileName::of_step(step, ending) {
        return Err(format!("step {step} releases {step}.{ending}"));
    }
    let signature = facts
        .signatures()
        .filter(|(operation, signed, _)| operation.intent.step == *step && signed == tbs_sha256)
        .find_map(|(operation, ..)| {
            let (answered, result) = operation.result?;
            let made = result.signature.as_ref()?;
            (answered < n && made.verified).then_some(&made.value.0)
        })
        .ok_or("the log has no good signature for it")?;
    let bytes = facts.files.artifact(&file.name).unwrap_or_default();
    let tbs_file = facts.files.artifact(&FileName::of_step(step, "tbs.der")).unwrap_or_default();
    let (object, tbs, value, pem) = match kind {
        ArtifactKind::Certificate => {
            let certificate = Certificate::from_pem(bytes).map_err(|error| error.to_string())?;
            let (tbs, value, pem) =
                (certificate.tbs().to_vec(), certificate.signature().to_vec(), certificate.to_pem());
            (Object::Certificate(Box::new(certificate)), tbs, value, pem)
        }
        ArtifactKind::Crl => {
            let crl = RevocationList::from_pem(bytes).map_err(|error| error.to_string())?;
            let (tbs, value, pem) = (crl.tbs().to_vec(), crl.signature().to_vec(), crl.to_pem());
            (Object::Crl(Box::new(crl)), tbs, value, pem)
        }
    };
    if tbs != tbs_file || Digest::of(&tbs) != *tbs_sha256 {
        Err("its TBS is not the one that was signed".to_owned())
    } else if value != *signature {
        Err("its signature is not the one in the log".to_owned())
    } else if pem.as_bytes() != bytes {
        Err("it is not in the one PEM form".to_owned())
    } else {
        Ok((planned, object))
    }
}

/// Each released object says what the plan says, for the key of the plan.
pub(crate) fn as_planned(facts: &Facts<'_>, issued: &[Issued<'_>]) -> Check {
    let mut examination = Examination::of(CheckId::AsPlanned);
    for one in issued {
        let result = match &one.object {
            Object::Certificate(certificate) => certificate_is_planned(facts, one.step, certificate),
            Object::Crl(crl) => crl_is_planned(facts, one.step, crl),
        };
        if let Err(what) = result {
            examination.fail(one.place.clone(), format!("step {}: {what}", one.step.id));
        }
    }
    examination.finish_if(!issued.is_empty(), "nothing was released", || {
        format!("{} of {}", issued.len(), issued.len())
    })
}

fn certificate_is_planned(
    facts: &Facts<'_>,
    step: &PlannedStep,
    certificate: &Certificate,
) -> Result<(), String> {
    let (serial, subject, validity, profile, extensions, spki_sha256) = match &step.action {
        Action::SelfSign { key, profile, extensions, subject, serial, validity, .. } => {
            let spki = crate::ledger::key_spki_sha256(&facts.operations, key);
            (serial, subject, validity, profile, extensions, spki)
        }
        Action::SignIntermediate {
            csr, profile, extensions, subject, spki_sha256, serial, validity, ..
        } => {
            let bytes = facts.files.artifact(&csr.name).unwrap_or_default();
            let request =
                CertificationRequest::parse(bytes).map_err(|error| format!("{}: {error}", csr.name))?;
            if request.public_key().sha256() != *spki_sha256 {
                return Err(format!("{} asks for another key than the plan has", csr.name));
            }
            (serial, subject, validity, profile, extensions, Some(*spki_sha256))
        }
        Action::CrossSign { certificate: beside, extensions, subject, serial, validity, .. } => {
            stands_beside(facts, step, certificate)?;
            let spki = crate::ledger::certified_spki_sha256(facts.plan, &facts.operations, beside);
            (serial, subject, validity, &Profile::Cross, extensions, spki)
        }
        _ => return Err("it issues no certificate".to_owned()),
    };
    let issuer = issuer_certificate(facts, step).ok_or("its issuer's certificate is not in the bundle")?;
    let rules = [
        ("serial number", certificate.serial() == serial),
        ("subject", certificate.subject().der() == subject.der.0),
        ("issuer", certificate.issuer().der() == issuer.subject().der()),
        ("validity", certificate.validity() == *validity),
        ("path length", certificate.path_length() == extensions.path_length),
        ("set of extensions", certificate.planned_extensions().as_ref() == Ok(extensions)),
        ("key", Some(certificate.public_key().sha256()) == spki_sha256),
        ("profile", (*profile == Profile::Root) == matches!(step.action, Action::SelfSign { .. })),
    ];
    first_broken(&rules)?;
    match breaches(*profile, extensions, Some(certificate.public_key().kind())).first() {
        None => Ok(()),
        Some(breach) => Err(breach.to_string()),
    }
}

/// A cross-certificate copies the certificate that it stands beside, and allows no more; a request that came with that
/// certificate is signed with its key.
fn stands_beside(facts: &Facts<'_>, step: &PlannedStep, certificate: &Certificate) -> Result<(), String> {
    let Action::CrossSign { certificate: beside, csr, .. } = &step.action else { return Ok(()) };
    let existing = certified(facts, beside).ok_or("what it certifies is not in the bundle")?;
    let issuer = issuer_certificate(facts, step).ok_or("its issuer's certificate is not in the bundle")?;
    let beyond = beyond_existing(certificate.tbs(), &existing, &issuer).map_err(|error| error.to_string())?;
    if let Some(what) = beyond.first() {
        return Err(format!("it {what} the certificate that it stands beside"));
    }
    let unfit = unfit_to_be_certified(&existing);
    if let (Some(what), CertifiedRef::Input { .. }) = (unfit.first(), beside) {
        return Err(format!("what it certifies is none that a root certifies: {what}"));
    }
    if let Some(csr) = csr {
        let bytes = facts.files.artifact(&csr.name).unwrap_or_default();
        let request = CertificationRequest::parse(bytes).map_err(|error| format!("{}: {error}", csr.name))?;
        if request.public_key() != existing.public_key() {
            return Err(format!("{} is signed with another key", csr.name));
        }
    }
    Ok(())
}

fn crl_is_planned(facts: &Facts<'_>, step: &PlannedStep, crl: &RevocationList) -> Result<(), String> {
    let Action::IssueCrl { number, this_update, next_update, issuing_distribution_point, entries, .. } =
        &step.action
    else {
        return Err("it issues no CRL".to_owned());
    };
    let issuer = issuer_certificate(facts, step).ok_or("its issuer's certificate is not in the bundle")?;
    let rules = [
        ("issuer", crl.issuer().der() == issuer.subject().der()),
        ("number", crl.number() == *number),
        ("thisUpdate", crl.this_update() == *this_update),
        ("nextUpdate", crl.next_update() == *next_update),
        ("issuingDistributionPoint", {
            let planned = issuing_distribution_point.iter().map(HttpUrl::as_str);
            planned.eq(crl.issuing_distribution_point())
        }),
        ("entries", crl.entries() == entries.as_slice()),
    ];
    first_broken(&rules)
}

fn first_broken(rules: &[(&str, bool)]) -> Result<(), String> {
    match rules.iter().find(|(_, holds)| !holds) {
        None => Ok(()),
        Some((what, _)) => Err(format!("its {what} is not the planned one")),
    }
}
