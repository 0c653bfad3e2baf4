//! extKeyUsage and certificatePolicies.

use std::collections::BTreeSet;

use der::asn1::ObjectIdentifier;
use x509_cert::ext::pkix::{CertificatePolicies, ExtendedKeyUsage};

use super::{Findings, Rule, extensions, rules};
use crate::pki::extension;
use crate::pki::structure::Extension;

/// id-kp (RFC 5280 4.2.1.12) and what BR 7.1.2.10.6 says of it below a publicly trusted root.
const SERVER_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1");
const CLIENT_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2");
const OCSP_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.9");

/// anyPolicy (RFC 5280 4.2.1.4).
const ANY_POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.32.0");

/// The reserved policies: extended validation, domain, organization and individual validated (BR 7.1.6.1).
const RESERVED: [ObjectIdentifier; 4] = [
    ObjectIdentifier::new_unwrap("2.23.140.1.1"),
    ObjectIdentifier::new_unwrap("2.23.140.1.2.1"),
    ObjectIdentifier::new_unwrap("2.23.140.1.2.2"),
    ObjectIdentifier::new_unwrap("2.23.140.1.2.3"),
];

/// E01 to E04, and T03 and T05 for what is below a root.
pub(super) fn judge(present: &[Extension], below_root: bool, findings: &mut Findings) {
    let purposes = findings.take(&rules::E01, extension::read::<ExtendedKeyUsage>(present)).flatten();
    if let Some(ExtendedKeyUsage(purposes)) = &purposes {
        judge_list::<ExtendedKeyUsage>(&rules::E01, present, purposes, findings);
        findings.check(&rules::E02, !purposes.contains(&OCSP_SIGNING), || "it is there".to_owned());
    }
    let policies = findings.take(&rules::E03, extension::read::<CertificatePolicies>(present)).flatten();
    let policies = policies.map(|CertificatePolicies(policies)| policies);
    let ids = |policies: &[x509_cert::ext::pkix::certpolicy::PolicyInformation]| {
        policies.iter().map(|policy| policy.policy_identifier).collect::<Vec<_>>()
    };
    if let Some(policies) = &policies {
        let ids = ids(policies);
        judge_list::<CertificatePolicies>(&rules::E03, present, &ids, findings);
        let alone = !ids.contains(&ANY_POLICY) || ids.len() == 1;
        findings.check(&rules::E04, alone, || "anyPolicy stands beside another".to_owned());
        let qualified = policies.iter().any(|policy| policy.policy_qualifiers.is_some());
        findings.check(&rules::E04, !qualified, || "a policy has a qualifier".to_owned());
    }
    if below_root {
        let ids = policies.as_deref().map(ids).unwrap_or_default();
        let reserved = ids.iter().filter(|id| RESERVED.contains(id)).count();
        let right = reserved == 1 && !ids.contains(&ANY_POLICY) || ids == [ANY_POLICY];
        findings.check(&rules::T03, right, || format!("it says {} policies, {reserved} reserved", ids.len()));
        let purposes = purposes.map(|ExtendedKeyUsage(purposes)| purposes).unwrap_or_default();
        let right = purposes.contains(&SERVER_AUTH)
            && purposes.iter().all(|purpose| [SERVER_AUTH, CLIENT_AUTH].contains(purpose));
        findings.check(&rules::T05, right, || format!("it says {} purposes", purposes.len()));
    }
}

/// Not empty, nothing twice, not critical.
fn judge_list<T: der::oid::AssociatedOid>(
    rule: &'static Rule,
    present: &[Extension],
    ids: &[ObjectIdentifier],
    findings: &mut Findings,
) {
    let critical = extensions::find(present, T::OID).is_some_and(|found| found.critical);
    findings.check(rule, !critical, || "it is critical".to_owned());
    findings.check(rule, !ids.is_empty(), || "it is empty".to_owned());
    let different: BTreeSet<_> = ids.iter().collect();
    findings.check(rule, different.len() == ids.len(), || "it says one twice".to_owned());
}
