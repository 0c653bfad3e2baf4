//! nameConstraints, and names under those of the issuer.

use der::asn1::Any;
use der::oid::AssociatedOid;
use x509_cert::ext::pkix::NameConstraints;
use x509_cert::ext::pkix::constraints::name::GeneralSubtree;
use x509_cert::ext::pkix::name::GeneralName;

use super::{Findings, extensions, rules};
use crate::format::{DnsConstraint, IpConstraint, UriConstraint};
use crate::pki::structure::{Extension, encode};
use crate::pki::{DistinguishedName, Part, extension};

/// M01 to M08, T07 and T08. `issuers` are the extensions of the issuer's certificate.
pub(super) fn judge(present: &[Extension], issuers: Option<&[Extension]>, findings: &mut Findings) {
    let Some(Some(own)) = findings.take(&rules::M01, extension::read::<NameConstraints>(present)) else {
        return;
    };
    let lists = [&own.permitted_subtrees, &own.excluded_subtrees];
    let filled = lists.iter().any(|list| list.is_some())
        && lists.iter().all(|list| list.as_ref().is_none_or(|list| !list.is_empty()));
    findings.check(&rules::M01, filled, || "a list is empty, or both are absent".to_owned());
    let critical = extensions::find(present, NameConstraints::OID).is_some_and(|found| found.critical);
    findings.check(&rules::M04, critical, || "it is not".to_owned());
    let permitted = own.permitted_subtrees.as_deref().unwrap_or_default();
    let excluded = own.excluded_subtrees.as_deref().unwrap_or_default();
    for GeneralSubtree { base, minimum, maximum } in permitted.iter().chain(excluded) {
        findings.check(&rules::M02, *minimum == 0 && maximum.is_none(), || format!("{} has one", show(base)));
        findings.check(&rules::M03, is_well_formed(base), || format!("{} is another", show(base)));
        let form = Form::of(base);
        findings.check(&rules::M06, form != Form::Directory || !critical, || "there is one".to_owned());
        findings.check(&rules::M07, form != Form::Uri, || format!("{} is there", show(base)));
        findings.check(&rules::M08, form != Form::Other, || format!("{} is there", show(base)));
        findings.check(&rules::T08, !matches!(form, Form::Uri | Form::Other), || show(base));
    }
    judge_completeness(permitted, excluded, findings);
    if let Some(outer) = issuers.and_then(constraints) {
        for base in permitted.iter().map(|subtree| &subtree.base) {
            let outer = of_form(outer.permitted_subtrees.as_deref(), Form::of(base));
            let inside = outer.is_empty() || outer.iter().any(|outer| contains(outer, base));
            findings.check(&rules::M05, inside, || format!("{} is outside", show(base)));
        }
    }
}

/// U06, for the names of the certificate itself.
pub(super) fn judge_names(
    subject: &Any,
    alternative: &[GeneralName],
    issuers: &[Extension],
    findings: &mut Findings,
) {
    let Some(outer) = constraints(issuers) else { return };
    let directory = encode(Part::Name, subject).ok().and_then(|der| {
        let name: Option<x509_cert::name::Name> = der::Decode::from_der(&der).ok();
        name.map(GeneralName::DirectoryName)
    });
    for name in directory.iter().chain(alternative) {
        let base = match name {
            GeneralName::UniformResourceIdentifier(uri) => {
                host_of(uri.as_str()).unwrap_or_else(|| name.clone())
            }
            other => other.clone(),
        };
        let permitted = of_form(outer.permitted_subtrees.as_deref(), Form::of(&base));
        let inside = permitted.is_empty() || permitted.iter().any(|outer| contains(outer, &base));
        findings.check(&rules::U06, inside, || format!("{} is permitted by none", show(name)));
        let excluded = of_form(outer.excluded_subtrees.as_deref(), Form::of(&base));
        let outside = !excluded.iter().any(|outer| contains(outer, &base));
        findings.check(&rules::U06, outside, || format!("{} is excluded", show(name)));
    }
}

/// URI subtrees that are permitted.
pub(super) fn permitted_hosts(present: &[Extension]) -> Vec<String> {
    let own = constraints(present);
    let permitted = own.as_ref().and_then(|own| own.permitted_subtrees.as_deref());
    of_form(permitted, Form::Uri).into_iter().map(show_bare).collect()
}

/// BR 7.1.2.5.2: each of these forms is either permitted in part or excluded as a whole.
fn judge_completeness(permitted: &[GeneralSubtree], excluded: &[GeneralSubtree], findings: &mut Findings) {
    let directory = permitted.iter().any(|subtree| Form::of(&subtree.base) == Form::Directory);
    findings.check(&rules::T07, directory, || "no directory name is permitted".to_owned());
    for (form, name, everything) in [
        (Form::Dns, "DNS names", [].as_slice()),
        (Form::Ipv4, "IPv4 addresses", &[0; 8]),
        (Form::Ipv6, "IPv6 addresses", &[0; 32]),
    ] {
        let is_everything = |base: &GeneralName| match base {
            GeneralName::DnsName(host) => host.as_bytes() == everything,
            GeneralName::IpAddress(range) => range.as_bytes() == everything,
            _ => false,
        };
        let said = permitted.iter().any(|subtree| Form::of(&subtree.base) == form)
            || excluded.iter().any(|subtree| Form::of(&subtree.base) == form && is_everything(&subtree.base));
        findings.check(&rules::T07, said, || format!("nothing is said of {name}"));
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Dns,
    Ipv4,
    Ipv6,
    Uri,
    Directory,
    Other,
}

impl Form {
    fn of(name: &GeneralName) -> Self {
        match name {
            GeneralName::DnsName(_) => Self::Dns,
            GeneralName::IpAddress(range) if matches!(range.as_bytes().len(), 4 | 8) => Self::Ipv4,
            GeneralName::IpAddress(_) => Self::Ipv6,
            GeneralName::UniformResourceIdentifier(_) => Self::Uri,
            GeneralName::DirectoryName(_) => Self::Directory,
            _ => Self::Other,
        }
    }
}

fn constraints(present: &[Extension]) -> Option<NameConstraints> {
    extension::read::<NameConstraints>(present).ok().flatten()
}

fn of_form(subtrees: Option<&[GeneralSubtree]>, form: Form) -> Vec<&GeneralName> {
    let bases = subtrees.unwrap_or_default().iter().map(|subtree| &subtree.base);
    bases.filter(|base| Form::of(base) == form).collect()
}

/// RFC 5280 4.2.1.10 for each form; what excludes everything of a form is well-formed, too (BR 7.1.2.5.2).
fn is_well_formed(base: &GeneralName) -> bool {
    match base {
        GeneralName::DnsName(host) => {
            host.as_str().is_empty() || host.as_str().parse::<DnsConstraint>().is_ok()
        }
        GeneralName::IpAddress(range) => IpConstraint::from_octets(range.as_bytes()).is_some(),
        GeneralName::UniformResourceIdentifier(host) => host.as_str().parse::<UriConstraint>().is_ok(),
        GeneralName::DirectoryName(name) => {
            encode(Part::Name, name).is_ok_and(|der| DistinguishedName::from_der(&der).is_ok())
        }
        _ => true,
    }
}

/// Whether everything under `inner` is under `outer`, both of one form.
fn contains(outer: &GeneralName, inner: &GeneralName) -> bool {
    match (outer, inner) {
        (GeneralName::DnsName(outer), GeneralName::DnsName(inner)) => {
            let (outer, inner) = (outer.as_str(), inner.as_str());
            outer.is_empty()
                || inner == outer
                || inner.strip_suffix(outer).is_some_and(|rest| rest.ends_with('.'))
        }
        (GeneralName::UniformResourceIdentifier(outer), GeneralName::UniformResourceIdentifier(inner)) => {
            let (outer, inner) = (outer.as_str(), inner.as_str());
            inner == outer || outer.starts_with('.') && inner.ends_with(outer)
        }
        (GeneralName::IpAddress(outer), GeneralName::IpAddress(inner)) => {
            let (outer, inner) = (outer.as_bytes(), inner.as_bytes());
            let Some(((base, mask), (address, own))) =
                outer.split_at_checked(outer.len() / 2).zip(inner.split_at_checked(outer.len() / 2))
            else {
                return false;
            };
            // An address without a mask is a range of one.
            let own = own.iter().copied().chain(std::iter::repeat(0xff));
            base.iter()
                .zip(mask)
                .zip(address.iter().zip(own))
                .all(|((base, mask), (address, own))| address & mask == *base && own & mask == *mask)
        }
        (GeneralName::DirectoryName(outer), GeneralName::DirectoryName(inner)) => {
            outer.len() <= inner.len()
                && outer.iter_rdn().zip(inner.iter_rdn()).all(|(outer, inner)| outer == inner)
        }
        (outer, inner) => outer == inner,
    }
}

/// The host of a URI, as a name that a constraint is compared with (RFC 3986 3.2).
fn host_of(uri: &str) -> Option<GeneralName> {
    let (_, rest) = uri.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?.split(':').next()?;
    der::asn1::Ia5String::new(host).ok().map(GeneralName::UniformResourceIdentifier)
}

fn show(name: &GeneralName) -> String {
    match name {
        GeneralName::DnsName(_) => format!("DNS \"{}\"", show_bare(name)),
        GeneralName::IpAddress(_) => format!("IP {}", show_bare(name)),
        GeneralName::UniformResourceIdentifier(_) => format!("URI \"{}\"", show_bare(name)),
        GeneralName::DirectoryName(_) => format!("directory name \"{}\"", show_bare(name)),
        _ => "a name of another form".to_owned(),
    }
}

fn show_bare(name: &GeneralName) -> String {
    match name {
        GeneralName::DnsName(text) | GeneralName::UniformResourceIdentifier(text) => {
            text.as_str().escape_default().to_string()
        }
        GeneralName::IpAddress(range) => base16ct::lower::encode_string(range.as_bytes()),
        GeneralName::DirectoryName(name) => encode(Part::Name, name)
            .and_then(|der| DistinguishedName::from_der(&der))
            .map_or_else(|error| error.to_string(), |name| name.to_string()),
        _ => String::new(),
    }
}
