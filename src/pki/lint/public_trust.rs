//! What only public trust asks of a subject and of validity; the rules on extensions stand with the extensions.

use der::asn1::Any;

use super::{Findings, rules};
use crate::format::Window;
use crate::pki::name::AttributeKind;
use crate::pki::structure::encode;
use crate::pki::{DistinguishedName, Part};

/// T01 and T02.
pub(super) fn judge_subject(name: &Any, findings: &mut Findings) {
    let name = encode(Part::Name, name).and_then(|der| DistinguishedName::from_der(&der));
    let Ok(name) = name else { return };
    let attributes = name.rdns.iter().flat_map(|rdn| rdn.iter());
    let kinds: Vec<AttributeKind> =
        attributes.filter_map(|attribute| AttributeKind::of(attribute.oid)).collect();
    for kind in [AttributeKind::C, AttributeKind::O, AttributeKind::CN] {
        findings.check(&rules::T01, kinds.contains(&kind), || format!("{kind} is not there"));
    }
    let unit = kinds.contains(&AttributeKind::OU);
    findings.check(&rules::T02, !unit, || "it is there".to_owned());
}

/// The values of O in a name, for T12.
pub(super) fn organizations(name: &Any) -> Vec<Vec<u8>> {
    let name = encode(Part::Name, name).and_then(|der| DistinguishedName::from_der(&der));
    let rdns = name.map(|name| name.rdns).unwrap_or_default();
    let attributes = rdns.into_iter().flatten();
    let own = attributes.filter(|one| AttributeKind::of(one.oid) == Some(AttributeKind::O));
    own.map(|one| one.value.value().to_vec()).collect()
}

/// T09. A day has 86,400 seconds, and the last second counts (BR 1.6.1).
pub(super) fn judge_validity_of_root(validity: Window, findings: &mut Findings) {
    let right = (2922 * 86_400..=9132 * 86_400).contains(&validity.seconds());
    findings.check(&rules::T09, right, || format!("it is valid for {} days", validity.seconds() / 86_400));
}
