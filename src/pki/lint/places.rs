//! cRLDistributionPoints and authorityInfoAccess: where others fetch what belongs to a certificate.

use std::collections::BTreeSet;

use der::asn1::ObjectIdentifier;
use der::oid::AssociatedOid;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{AuthorityInfoAccessSyntax, CrlDistributionPoints};

use super::{Findings, extensions, rules};
use crate::pki::extension;
use crate::pki::structure::Extension;

/// id-ad (RFC 5280 4.2.2.1).
const METHODS: [ObjectIdentifier; 2] =
    [ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1"), ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.2")];

/// D01 to D05, and T04 and T06 for what is below a root. `issuers` are the extensions of the issuer's certificate.
pub(super) fn judge(present: &[Extension], issuers: Option<&[Extension]>, findings: &mut Findings) {
    for id in [CrlDistributionPoints::OID, AuthorityInfoAccessSyntax::OID] {
        let critical = extensions::find(present, id).is_some_and(|found| found.critical);
        findings.check(&rules::D04, !critical, || format!("{id} is critical"));
    }
    let points = findings.take(&rules::D01, extension::read::<CrlDistributionPoints>(present)).flatten();
    if let Some(CrlDistributionPoints(points)) = &points {
        findings.check(&rules::D01, !points.is_empty(), || "there is no point".to_owned());
        findings.check(&rules::D02, points.len() <= 1, || format!("there are {}", points.len()));
        for point in points {
            let names = match &point.distribution_point {
                Some(DistributionPointName::FullName(names)) if !names.is_empty() => names.as_slice(),
                _ => &[],
            };
            let right = !names.is_empty() && names.iter().all(|name| http(name).is_some());
            findings.check(&rules::D01, right, || "one has another name".to_owned());
            let whole = point.reasons.is_none() && point.crl_issuer.is_none();
            findings.check(&rules::D01, whole, || "one is of some reasons or another issuer".to_owned());
        }
    }
    let access = findings.take(&rules::D03, extension::read::<AuthorityInfoAccessSyntax>(present)).flatten();
    if let Some(AuthorityInfoAccessSyntax(access)) = &access {
        findings.check(&rules::D03, !access.is_empty(), || "there is none".to_owned());
        let mut seen = BTreeSet::new();
        for place in access {
            let Some(uri) = http(&place.access_location).filter(|_| METHODS.contains(&place.access_method))
            else {
                findings.add(&rules::D03, "one is another");
                continue;
            };
            findings.check(&rules::D03, seen.insert((place.access_method, uri.to_owned())), || {
                format!("{} is there twice", uri.escape_default())
            });
        }
    }
    if let Some(issuers) = issuers {
        findings.check(&rules::T04, points.is_some(), || "it is not there".to_owned());
        findings.check(&rules::T06, access.is_some(), || "it is not there".to_owned());
        let theirs = places(issuers);
        for place in places(present).intersection(&theirs) {
            findings.add(&rules::D05, format!("{} is", place.escape_default()));
        }
    }
}

/// Every http URI of both extensions.
fn places(present: &[Extension]) -> BTreeSet<String> {
    let points = extension::read::<CrlDistributionPoints>(present).ok().flatten();
    let points = points.map(|points| points.0).unwrap_or_default();
    let names = points.into_iter().filter_map(|point| match point.distribution_point {
        Some(DistributionPointName::FullName(names)) => Some(names),
        _ => None,
    });
    let access = extension::read::<AuthorityInfoAccessSyntax>(present).ok().flatten();
    let access = access.map(|access| access.0).unwrap_or_default();
    let all = names.flatten().chain(access.into_iter().map(|place| place.access_location));
    all.filter_map(|name| http(&name).map(str::to_owned)).collect()
}

fn http(name: &GeneralName) -> Option<&str> {
    match name {
        GeneralName::UniformResourceIdentifier(uri) => {
            Some(uri.as_str()).filter(|uri| uri.starts_with("http://"))
        }
        _ => None,
    }
}
