//! extKeyUsage and certificatePolicies.

use std::collections::BTreeSet;

use der::asn1::ObjectIdentifier;
use der::oid::AssociatedOid;
use x509_cert::ext::pkix::{
    CertificatePolicies, ExtendedKeyUsage, InhibitAnyPolicy, PolicyConstraints, PolicyMappings,
};

use super::{Findings, Rule, extensions, rules};
use crate::pki::extension;
use crate::pki::structure::Extension;

/// id-kp (RFC 5280 4.2.1.12) and what BR 7.1.2.10.6 says of it below a publicly trusted root.
const SERVER_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1");
const CLIENT_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2");
const OCSP_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.9");

/// anyExtendedKeyUsage (RFC 5280 4.2.1.12).
const ANY_PURPOSE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37.0");

/// anyPolicy (RFC 5280 4.2.1.4).
const ANY_POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.32.0");

/// The reserved policies: extended validation, domain, organization and individual validated (BR 7.1.6.1).
const RESERVED: [ObjectIdentifier; 4] = [
    ObjectIdentifier::new_unwrap("2.23.140.1.1"),
    ObjectIdentifier::new_unwrap("2.23.140.1.2.1"),
    ObjectIdentifier::new_unwrap("2.23.140.1.2.2"),
    ObjectIdentifier::new_unwrap("2.23.140.1.2.3"),
];

/// Where a certificate stands, for the rules of public trust.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Root,
    BelowARoot,
    /// A cross-certificate, and whether it is for a CA of another organization than its issuer's.
    Cross {
        foreign: bool,
    },
}

/// E01 to E05, and T03, T05, T11 and T12 for what is below a root.
pub(super) fn judge(present: &[Extension], standing: Standing, findings: &mut Findings) {
    judge_processing(present, findings);
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
    if standing != Standing::Root {
        let ids = policies.as_deref().map(ids).unwrap_or_default();
        let reserved = ids.iter().filter(|id| RESERVED.contains(id)).count();
        let right = reserved == 1 && !ids.contains(&ANY_POLICY) || ids == [ANY_POLICY];
        findings.check(&rules::T03, right, || format!("it says {} policies, {reserved} reserved", ids.len()));
        let absent = purposes.is_none();
        let purposes = purposes.map(|ExtendedKeyUsage(purposes)| purposes).unwrap_or_default();
        let of_servers = purposes.contains(&SERVER_AUTH)
            && purposes.iter().all(|purpose| [SERVER_AUTH, CLIENT_AUTH].contains(purpose));
        let said = || format!("it says {} purposes", purposes.len());
        match standing {
            Standing::Cross { foreign: true } => findings.check(&rules::T12, of_servers, said),
            Standing::Cross { foreign: false } => {
                let right = absent || of_servers || purposes == [ANY_PURPOSE];
                findings.check(&rules::T05, right, said);
            }
            Standing::Root | Standing::BelowARoot => findings.check(&rules::T05, of_servers, said),
        }
        let is_cross = matches!(standing, Standing::Cross { .. });
        findings.check(&rules::T11, !(is_cross && absent), || "it is not there".to_owned());
    }
}

/// E05. No profile has these extensions (A07); this says whether they would be right.
fn judge_processing(present: &[Extension], findings: &mut Findings) {
    let rule = &rules::E05;
    for id in [PolicyConstraints::OID, InhibitAnyPolicy::OID] {
        let critical = extensions::find(present, id).is_none_or(|found| found.critical);
        findings.check(rule, critical, || format!("{id} is not critical"));
    }
    let constraints = findings.take(rule, extension::read::<PolicyConstraints>(present)).flatten();
    if let Some(PolicyConstraints { require_explicit_policy, inhibit_policy_mapping }) = constraints {
        let says = require_explicit_policy.is_some() || inhibit_policy_mapping.is_some();
        findings.check(rule, says, || "policyConstraints is empty".to_owned());
    }
    findings.take(rule, extension::read::<InhibitAnyPolicy>(present));
    let mappings = findings.take(rule, extension::read::<PolicyMappings>(present)).flatten();
    if let Some(PolicyMappings(mappings)) = mappings {
        findings.check(rule, !mappings.is_empty(), || "policyMappings is empty".to_owned());
        let any = mappings.iter().any(|mapping| {
            [mapping.issuer_domain_policy, mapping.subject_domain_policy].contains(&ANY_POLICY)
        });
        findings.check(rule, !any, || "anyPolicy is mapped".to_owned());
    }
}

/// Not empty, nothing twice, not critical.
fn judge_list<T: AssociatedOid>(
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
