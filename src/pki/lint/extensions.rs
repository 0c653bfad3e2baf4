//! Extensions that certificates and CRLs share.

use der::asn1::ObjectIdentifier;
use der::oid::AssociatedOid;
use x509_cert::ext::pkix::AuthorityKeyIdentifier;

use super::{Findings, rules};
use crate::pki::structure::Extension;
use crate::pki::{KeyIdentifier, extension};

/// A06 and A07.
pub(super) fn judge_set(extensions: &[Extension], profile: &[ObjectIdentifier], findings: &mut Findings) {
    if let Some(id) = extension::first_repeated(extensions) {
        findings.add(&rules::A06, format!("{id} is there twice"));
    }
    for Extension { id, critical, .. } in extensions {
        let kind = if *critical { "critical extension" } else { "extension" };
        findings.check(&rules::A07, profile.contains(id), || format!("{kind} {id} is there"));
    }
}

/// The extension and whether it is critical as it should be.
pub(super) fn find(extensions: &[Extension], id: ObjectIdentifier) -> Option<&Extension> {
    extensions.iter().find(|extension| extension.id == id)
}

/// A08 and A09.
pub(super) fn judge_authority_key_identifier(
    extensions: &[Extension],
    issuer: Option<KeyIdentifier>,
    findings: &mut Findings,
) {
    let Some(found) = find(extensions, AuthorityKeyIdentifier::OID) else {
        findings.add(&rules::A08, "it is not there");
        return;
    };
    findings.check(&rules::A08, !found.critical, || "it is critical".to_owned());
    let read = extension::read::<AuthorityKeyIdentifier>(extensions);
    let Some(Some(value)) = findings.take(&rules::A08, read) else {
        return;
    };
    let alone = value.authority_cert_issuer.is_none() && value.authority_cert_serial_number.is_none();
    findings.check(&rules::A08, alone, || "it names the issuer's issuer or serial number".to_owned());
    let Some(identifier) = value.key_identifier else {
        findings.add(&rules::A08, "it has no keyIdentifier");
        return;
    };
    if let Some(expected) = issuer {
        let same = identifier.as_bytes() == expected.0;
        findings.check(&rules::A09, same, || {
            format!("it is {}, not {expected}", base16ct::lower::encode_string(identifier.as_bytes()))
        });
    }
}
