//! What a plan says that a CA certificate says, as extensions and back. Order and criticality are fixed here, once.

use der::asn1::{Ia5String, ObjectIdentifier};
use der::oid::AssociatedOid;
use der::{Decode, Encode};
use x509_cert::ext::pkix::certpolicy::PolicyInformation;
use x509_cert::ext::pkix::constraints::name::GeneralSubtree;
use x509_cert::ext::pkix::crl::dp::DistributionPoint;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{
    AccessDescription, AuthorityInfoAccessSyntax, BasicConstraints, CertificatePolicies,
    CrlDistributionPoints, ExtendedKeyUsage, NameConstraints, SubjectAltName,
};

use super::{make, octets, read};
use crate::format::{self, CertificateExtensions, Hex, HttpUrl, IpConstraint, KeyPurpose, Subject, Subtrees};
use crate::pki::structure::{Extension, decode, encode};
use crate::pki::{DistinguishedName, Error, Part};

/// caIssuers (RFC 5280 4.2.2.1).
const CA_ISSUERS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.2");

/// KeyPurposeIds (RFC 5280 4.2.1.12).
const PURPOSES: [(KeyPurpose, ObjectIdentifier); 6] = [
    (KeyPurpose::ServerAuth, ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1")),
    (KeyPurpose::ClientAuth, ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2")),
    (KeyPurpose::CodeSigning, ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.3")),
    (KeyPurpose::EmailProtection, ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.4")),
    (KeyPurpose::TimeStamping, ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8")),
    (KeyPurpose::OcspSigning, ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.9")),
];

/// What a plan can add to the extensions that every CA certificate has, in the order in which it is encoded.
pub(in crate::pki) const OPTIONAL: [ObjectIdentifier; 6] = [
    ExtendedKeyUsage::OID,
    NameConstraints::OID,
    CertificatePolicies::OID,
    CrlDistributionPoints::OID,
    AuthorityInfoAccessSyntax::OID,
    SubjectAltName::OID,
];

/// Everything but the path length, which basicConstraints has.
pub(super) fn write(planned: &CertificateExtensions) -> Result<Vec<Extension>, Error> {
    let mut extensions = Vec::new();
    if !planned.extended_key_usage.is_empty() {
        let known =
            |purpose: &KeyPurpose| PURPOSES.iter().find(|(known, _)| known == purpose).map(|(_, oid)| *oid);
        let usage = planned.extended_key_usage.iter().filter_map(known).collect();
        extensions.push(make(false, &ExtendedKeyUsage(usage))?);
    }
    if let Some(constraints) = &planned.name_constraints {
        let value = NameConstraints {
            permitted_subtrees: subtrees(&constraints.permitted)?,
            excluded_subtrees: subtrees(&constraints.excluded)?,
        };
        extensions.push(make(constraints.critical, &value)?);
    }
    if !planned.policies.is_empty() {
        let part = Part::Extension(CertificatePolicies::OID);
        let policy = |policy: &format::PolicyId| {
            let policy_identifier = ObjectIdentifier::new(policy.as_str()).map_err(|_| {
                Error::Unplannable { part, what: "a policy of more arcs than there is room for" }
            })?;
            Ok(PolicyInformation { policy_identifier, policy_qualifiers: None })
        };
        let policies = planned.policies.iter().map(policy).collect::<Result<_, Error>>()?;
        extensions.push(make(false, &CertificatePolicies(policies))?);
    }
    if !planned.crl_distribution_points.is_empty() {
        // One distribution point with several places: they all hold one and the same CRL (RFC 5280 4.2.1.13).
        let places = planned.crl_distribution_points.iter();
        let places =
            places.map(|url| uri(CrlDistributionPoints::OID, url.as_str())).collect::<Result<_, _>>()?;
        let point = DistributionPoint {
            distribution_point: Some(DistributionPointName::FullName(places)),
            reasons: None,
            crl_issuer: None,
        };
        extensions.push(make(false, &CrlDistributionPoints(vec![point]))?);
    }
    if !planned.authority_information_access.is_empty() {
        let access = |url: &HttpUrl| {
            let access_location = uri(AuthorityInfoAccessSyntax::OID, url.as_str())?;
            Ok(AccessDescription { access_method: CA_ISSUERS, access_location })
        };
        let places = planned.authority_information_access.iter().map(access).collect::<Result<_, Error>>()?;
        extensions.push(make(false, &AuthorityInfoAccessSyntax(places))?);
    }
    if let Some(id) = &planned.spiffe_id {
        extensions.push(make(false, &SubjectAltName(vec![uri(SubjectAltName::OID, id.as_str())?]))?);
    }
    Ok(extensions)
}

/// What a plan would have to say for a certificate to have these extensions.
///
/// What every CA certificate has is not looked at, and neither is what no plan can add: a rule judges that.
pub(in crate::pki) fn read_planned(extensions: &[Extension]) -> Result<CertificateExtensions, Error> {
    let order = |extension: &Extension| OPTIONAL.iter().position(|known| *known == extension.id);
    let order: Vec<_> = extensions.iter().filter_map(order).collect();
    if !order.is_sorted() {
        return Err(unplannable::<BasicConstraints>("extensions beside it in another order"));
    }
    let constraints: Option<BasicConstraints> = read(extensions)?;
    Ok(CertificateExtensions {
        path_length: constraints.and_then(|value| value.path_len_constraint),
        extended_key_usage: read_purposes(extensions)?,
        name_constraints: read_name_constraints(extensions)?,
        policies: read_policies(extensions)?,
        crl_distribution_points: read_distribution_points(extensions)?,
        authority_information_access: read_access(extensions)?,
        spiffe_id: read_identity(extensions)?,
    })
}

/// The value of an extension that is critical exactly when the plan's would be.
fn read_as<T>(extensions: &[Extension], critical: Option<bool>) -> Result<Option<T>, Error>
where
    T: AssociatedOid + for<'a> Decode<'a, Error = der::Error> + Encode,
{
    let found = extensions.iter().find(|extension| extension.id == T::OID);
    if found.zip(critical).is_some_and(|(found, critical)| found.critical != critical) {
        return Err(unplannable::<T>("another criticality"));
    }
    read(extensions)
}

fn unplannable<T: AssociatedOid>(what: &'static str) -> Error {
    Error::Unplannable { part: Part::Extension(T::OID), what }
}

fn read_purposes(extensions: &[Extension]) -> Result<Vec<KeyPurpose>, Error> {
    let usage: Option<ExtendedKeyUsage> = read_as(extensions, Some(false))?;
    let known =
        |oid: ObjectIdentifier| PURPOSES.iter().find(|(_, known)| *known == oid).map(|(purpose, _)| *purpose);
    let purposes: Option<Vec<_>> =
        usage.map(|usage| usage.0).unwrap_or_default().into_iter().map(known).collect();
    purposes.ok_or_else(|| unplannable::<ExtendedKeyUsage>("a purpose that is none of RFC 5280 4.2.1.12"))
}

fn read_policies(extensions: &[Extension]) -> Result<Vec<format::PolicyId>, Error> {
    let policies: Option<CertificatePolicies> = read_as(extensions, Some(false))?;
    let policy = |policy: PolicyInformation| match policy.policy_qualifiers {
        None => policy
            .policy_identifier
            .to_string()
            .parse()
            .map_err(|_| unplannable::<CertificatePolicies>("no policy")),
        Some(_) => Err(unplannable::<CertificatePolicies>("a policy with qualifiers")),
    };
    policies.map(|policies| policies.0).unwrap_or_default().into_iter().map(policy).collect()
}

fn read_distribution_points(extensions: &[Extension]) -> Result<Vec<HttpUrl>, Error> {
    let other = || unplannable::<CrlDistributionPoints>("something else than the places of one whole CRL");
    let Some(CrlDistributionPoints(points)) = read_as(extensions, Some(false))? else {
        return Ok(Vec::new());
    };
    match points.as_slice() {
        [
            DistributionPoint {
                distribution_point: Some(DistributionPointName::FullName(names)),
                reasons: None,
                crl_issuer: None,
            },
        ] if !names.is_empty() => names.iter().map(|name| read_uri(name).ok_or_else(other)).collect(),
        _ => Err(other()),
    }
}

fn read_access(extensions: &[Extension]) -> Result<Vec<HttpUrl>, Error> {
    let other =
        || unplannable::<AuthorityInfoAccessSyntax>("something else than places of the issuer's certificate");
    let access: Option<AuthorityInfoAccessSyntax> = read_as(extensions, Some(false))?;
    let place = |access: &AccessDescription| match access.access_method == CA_ISSUERS {
        true => read_uri(&access.access_location).ok_or_else(other),
        false => Err(other()),
    };
    access.map(|access| access.0).unwrap_or_default().iter().map(place).collect()
}

fn read_identity(extensions: &[Extension]) -> Result<Option<format::SpiffeId>, Error> {
    let names: Option<SubjectAltName> = read_as(extensions, Some(false))?;
    match names.map(|names| names.0).as_deref() {
        None => Ok(None),
        Some([name]) if let Some(id) = read_uri(name) => Ok(Some(id)),
        Some(_) => Err(unplannable::<SubjectAltName>("something else than one SPIFFE ID")),
    }
}

fn read_name_constraints(extensions: &[Extension]) -> Result<Option<format::NameConstraints>, Error> {
    let critical = extensions.iter().find(|extension| extension.id == NameConstraints::OID);
    let Some((critical, value)) = critical.zip(read_as::<NameConstraints>(extensions, None)?) else {
        return Ok(None);
    };
    Ok(Some(format::NameConstraints {
        critical: critical.critical,
        permitted: read_subtrees(value.permitted_subtrees)?,
        excluded: read_subtrees(value.excluded_subtrees)?,
    }))
}

/// Absent, not empty, where there is none: GeneralSubtrees ::= SEQUENCE SIZE (1..MAX).
fn subtrees(planned: &Subtrees) -> Result<Option<Vec<GeneralSubtree>>, Error> {
    let id = NameConstraints::OID;
    let mut bases = Vec::new();
    for host in &planned.dns {
        bases.push(GeneralName::DnsName(ia5(id, host.as_str())?));
    }
    for range in &planned.ip {
        bases.push(GeneralName::IpAddress(octets(id, &range.octets())?));
    }
    for host in &planned.uri {
        bases.push(uri(id, host.as_str())?);
    }
    for Subject { der, .. } in &planned.directory {
        bases.push(GeneralName::DirectoryName(decode(Part::Name, &der.0)?));
    }
    let subtrees: Vec<_> =
        bases.into_iter().map(|base| GeneralSubtree { base, minimum: 0, maximum: None }).collect();
    Ok((!subtrees.is_empty()).then_some(subtrees))
}

fn read_subtrees(found: Option<Vec<GeneralSubtree>>) -> Result<Subtrees, Error> {
    let other = || unplannable::<NameConstraints>("a subtree that no plan has");
    let Some(found) = found else { return Ok(Subtrees::default()) };
    let mut subtrees = Subtrees::default();
    let mut order = Vec::new();
    for GeneralSubtree { base, minimum, maximum } in found {
        if minimum != 0 || maximum.is_some() {
            return Err(other());
        }
        order.push(match base {
            GeneralName::DnsName(host) => {
                subtrees.dns.push(host.as_str().parse().map_err(|_| other())?);
                0
            }
            GeneralName::IpAddress(range) => {
                subtrees.ip.push(IpConstraint::from_octets(range.as_bytes()).ok_or_else(other)?);
                1
            }
            GeneralName::UniformResourceIdentifier(host) => {
                subtrees.uri.push(host.as_str().parse().map_err(|_| other())?);
                2
            }
            GeneralName::DirectoryName(name) => {
                let name = DistinguishedName::from_der(&encode(Part::Name, &name)?)?;
                subtrees.directory.push(Subject { der: Hex(name.der().to_vec()), text: name.to_string() });
                3
            }
            _ => return Err(other()),
        });
    }
    if order.is_empty() || !order.is_sorted() { Err(other()) } else { Ok(subtrees) }
}

fn uri(id: ObjectIdentifier, text: &str) -> Result<GeneralName, Error> {
    ia5(id, text).map(GeneralName::UniformResourceIdentifier)
}

fn ia5(id: ObjectIdentifier, text: &str) -> Result<Ia5String, Error> {
    Ia5String::new(text).map_err(|reason| Error::NotEncodable { part: Part::Extension(id), reason })
}

fn read_uri<T: std::str::FromStr>(name: &GeneralName) -> Option<T> {
    match name {
        GeneralName::UniformResourceIdentifier(text) => text.as_str().parse().ok(),
        _ => None,
    }
}
