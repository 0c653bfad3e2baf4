use der::Tagged;
use der::asn1::Any;

use super::{Findings, rules};
use crate::pki::name::{AttributeError, AttributeKind, text};
use crate::pki::structure::encode;
use crate::pki::{DistinguishedName, Error, Part};

/// N01 to N09, for the subject of a CA.
pub(super) fn judge(name: &Any, findings: &mut Findings) {
    let read = encode(Part::Name, name).and_then(|der| DistinguishedName::from_der(&der));
    let Some(name) = findings.take(&rules::A01, read) else {
        return;
    };
    findings.check(&rules::N01, !name.is_empty(), || "the subject is empty".to_owned());
    let mut kinds = Vec::new();
    for rdn in &name.rdns {
        findings.check(&rules::N02, rdn.len() == 1, || format!("one has {}", rdn.len()));
        for attribute in rdn {
            match AttributeKind::of(attribute.oid) {
                Some(kind) => {
                    kinds.push(kind);
                    judge_value(kind, &attribute.value, findings);
                }
                None => findings.add(&rules::N09, format!("{} is there", attribute.oid)),
            }
        }
    }
    findings.take(&rules::N03, AttributeKind::check_order(&kinds).map_err(Error::from));
    findings.take(&rules::N04, AttributeKind::check_repetition(&kinds).map_err(Error::from));
}

fn judge_value(kind: AttributeKind, value: &Any, findings: &mut Findings) {
    let Some(text) = text(value).filter(|_| kind.allows(value.tag())) else {
        findings.add(&rules::N05, format!("`{kind}` is a {}", value.tag()));
        return;
    };
    if let Err(error) = kind.check(text) {
        let rule = match error {
            AttributeError::TooLong { .. } => &rules::N06,
            AttributeError::Country => &rules::N08,
            AttributeError::Characters { .. } => &rules::N05,
            AttributeError::Empty { .. }
            | AttributeError::Deceptive { .. }
            | AttributeError::OuterSpace { .. }
            | AttributeError::Insignificant { .. }
            | AttributeError::NoAttributes
            | AttributeError::Order { .. }
            | AttributeError::Repeated { .. } => &rules::N07,
        };
        findings.add(rule, error);
    }
}
