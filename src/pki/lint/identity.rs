//! subjectAltName of a CA: the SPIFFE ID of a trust domain.

use der::asn1::Any;
use der::oid::AssociatedOid;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use super::{Findings, constraints, extensions, rules};
use crate::format::SpiffeId;
use crate::pki::extension;
use crate::pki::structure::Extension;

/// U01 to U07. `issuers` are the extensions of the issuer's certificate.
pub(super) fn judge(
    subject: &Any,
    present: &[Extension],
    issuers: Option<&[Extension]>,
    findings: &mut Findings,
) {
    let names = findings.take(&rules::U01, extension::read::<SubjectAltName>(present)).flatten();
    let names = names.map(|names| names.0).unwrap_or_default();
    if let Some(found) = extensions::find(present, SubjectAltName::OID) {
        findings.check(&rules::U01, !names.is_empty(), || "it is empty".to_owned());
        findings.check(&rules::U04, !found.critical, || "it is critical".to_owned());
    }
    let uris: Vec<&str> = names
        .iter()
        .filter_map(|name| match name {
            GeneralName::UniformResourceIdentifier(uri) => Some(uri.as_str()),
            _ => None,
        })
        .collect();
    findings.check(&rules::U01, uris.len() <= 1, || format!("there are {}", uris.len()));
    for uri in uris {
        let shown = uri.escape_default();
        match uri.parse::<SpiffeId>() {
            Ok(id) => judge_id(&id, present, findings),
            Err(error) => findings.add(&rules::U02, format!("{shown}: {error}")),
        }
    }
    if let Some(issuers) = issuers {
        constraints::judge_names(subject, &names, issuers, findings);
    }
}

fn judge_id(id: &SpiffeId, present: &[Extension], findings: &mut Findings) {
    findings.check(&rules::U03, id.path().is_empty(), || format!("{id} has one"));
    let domain = id.trust_domain();
    findings.check(&rules::U05, domain.contains('.') && !domain.contains('_'), || format!("it is {domain}"));
    let hosts = constraints::permitted_hosts(present);
    let right = hosts.is_empty() || hosts.iter().any(|host| host == domain);
    findings.check(&rules::U07, right, || format!("{} below {domain}", hosts.join(", ")));
}
