//! What a certificate says besides, from the tables of the steps that issue one.

use toml::de::DeValue;

use super::fields::{Entry, Fields, Read, Report, Reported};
use super::shape::{NAME_CONSTRAINTS, SUBTREES};
use super::value::each_once;
use super::vocabulary::AttributeKind;
use super::{Code, Spanned};
use crate::format::{DnsConstraint, HttpUrl, IpConstraint, KeyPurpose, PolicyId, SpiffeId, UriConstraint};

/// What a step that issues a certificate says of its extensions; the profile decides about what is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extensions {
    /// basicConstraints pathLenConstraint.
    pub path_length: Option<Spanned<u8>>,
    /// extKeyUsage.
    pub extended_key_usage: Option<Spanned<Vec<Spanned<KeyPurpose>>>>,
    /// nameConstraints.
    pub name_constraints: Option<Spanned<NameConstraints>>,
    /// certificatePolicies.
    pub policies: Option<Spanned<Vec<Spanned<PolicyId>>>>,
    /// cRLDistributionPoints.
    pub crl_distribution_points: Option<Spanned<Vec<Spanned<HttpUrl>>>>,
    /// authorityInfoAccess, caIssuers.
    pub authority_information_access: Option<Spanned<Vec<Spanned<HttpUrl>>>>,
    /// subjectAltName.
    pub spiffe_id: Option<Spanned<SpiffeId>>,
}

/// nameConstraints as they are written; at least one subtree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameConstraints {
    /// Whether the extension is critical.
    pub critical: bool,
    /// permittedSubtrees.
    pub permitted: Subtrees,
    /// excludedSubtrees.
    pub excluded: Subtrees,
}

/// Subtrees as they are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subtrees {
    /// dNSName.
    pub dns: Vec<Spanned<DnsConstraint>>,
    /// iPAddress.
    pub ip: Vec<Spanned<IpConstraint>>,
    /// uniformResourceIdentifier.
    pub uri: Vec<Spanned<UriConstraint>>,
    /// directoryName, most significant attribute first.
    pub directory: Vec<Spanned<Vec<(AttributeKind, String)>>>,
}

impl Subtrees {
    fn is_empty(&self) -> bool {
        self.dns.is_empty() && self.ip.is_empty() && self.uri.is_empty() && self.directory.is_empty()
    }
}

/// The keys that every step has which issues a certificate.
pub(super) fn extensions(fields: &Fields<'_>, report: &mut Report<'_>) -> Result<Extensions, Reported> {
    let path_length = fields.optional("path-length", report);
    let extended_key_usage = fields.optional("extended-key-usage", report);
    let name_constraints = fields.optional("name-constraints", report);
    let policies = fields.optional("policies", report);
    let crl_distribution_points = fields.optional("crl-distribution-points", report);
    let authority_information_access = fields.optional("authority-information-access", report);
    let spiffe_id = fields.optional("spiffe-id", report);
    Ok(Extensions {
        path_length: path_length?,
        extended_key_usage: extended_key_usage?,
        name_constraints: name_constraints?,
        policies: policies?,
        crl_distribution_points: crl_distribution_points?,
        authority_information_access: authority_information_access?,
        spiffe_id: spiffe_id?,
    })
}

impl Read for NameConstraints {
    fn read(entry: &Entry<'_>, report: &mut Report<'_>) -> Result<Self, Reported> {
        let Some(table) = entry.value.as_table() else {
            return Err(entry.wrong_type(report));
        };
        let fields = Fields::open(table, &NAME_CONSTRAINTS, entry.span.clone(), report);
        let critical = fields.optional::<bool>("critical", report);
        let permitted = fields.optional::<Subtrees>("permitted", report);
        let excluded = fields.optional::<Subtrees>("excluded", report);
        let (critical, permitted, excluded) = (critical?, permitted?, excluded?);
        let list = |list: Option<Spanned<Subtrees>>| list.map(|list| list.value).unwrap_or_default();
        let constraints = Self {
            critical: critical.is_none_or(|critical| critical.value),
            permitted: list(permitted),
            excluded: list(excluded),
        };
        if constraints.permitted.is_empty() && constraints.excluded.is_empty() {
            let message = "name constraints permit or exclude something (RFC 5280 4.2.1.10)";
            return Err(report.refuse(
                Code::MalformedExtension,
                entry.span.clone(),
                message,
                entry.for_example(),
            ));
        }
        Ok(constraints)
    }
}

impl Read for Subtrees {
    fn read(entry: &Entry<'_>, report: &mut Report<'_>) -> Result<Self, Reported> {
        let Some(table) = entry.value.as_table() else {
            return Err(entry.wrong_type(report));
        };
        let fields = Fields::open(table, &SUBTREES, entry.span.clone(), report);
        let dns = fields.optional::<Vec<_>>("dns", report);
        let ip = fields.optional::<Vec<_>>("ip", report);
        let uri = fields.optional::<Vec<_>>("uri", report);
        let directory = fields.optional::<Vec<_>>("directory", report);
        Ok(Self {
            dns: dns?.map(|list| list.value).unwrap_or_default(),
            ip: ip?.map(|list| list.value).unwrap_or_default(),
            uri: uri?.map(|list| list.value).unwrap_or_default(),
            directory: directory?.map(|list| list.value).unwrap_or_default(),
        })
    }
}

impl Read for Vec<Spanned<Vec<(AttributeKind, String)>>> {
    fn read(entry: &Entry<'_>, report: &mut Report<'_>) -> Result<Self, Reported> {
        let DeValue::Array(items) = entry.value else {
            return Err(entry.wrong_type(report));
        };
        let names: Vec<_> = items
            .iter()
            .map(|item| {
                let entry = Entry { key: entry.key, value: item.get_ref(), span: item.span() };
                Ok(Spanned { value: Read::read(&entry, report)?, span: entry.span })
            })
            .collect();
        names.into_iter().collect()
    }
}

macro_rules! parsed_texts {
    ($($type:ty),+) => {$(
        impl Read for $type {
            fn read(entry: &Entry<'_>, report: &mut Report<'_>) -> Result<Self, Reported> {
                entry.text(report)?.parse().map_err(|error: crate::format::MalformedValue| {
                    report.refuse(Code::MalformedExtension, entry.span.clone(), error.reason, entry.for_example())
                })
            }
        }

        impl Read for Vec<Spanned<$type>> {
            fn read(entry: &Entry<'_>, report: &mut Report<'_>) -> Result<Self, Reported> {
                each_once(entry, report, <$type>::read)
            }
        }
    )+};
}
parsed_texts!(SpiffeId, DnsConstraint, IpConstraint, UriConstraint, PolicyId, HttpUrl);
