use serde::{Deserialize, Serialize};

use super::{DnsConstraint, HttpUrl, IpConstraint, PolicyId, SpiffeId, Subject, UriConstraint};

/// What a CA certificate says besides what every CA certificate says.
///
/// An empty list and an absent member mean that the certificate has no such extension. Criticality and order are not
/// chosen here: both follow from the kind of extension, but for name constraints.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateExtensions {
    /// basicConstraints pathLenConstraint (RFC 5280 4.2.1.9); absent means unlimited.
    pub path_length: Option<u8>,
    /// extKeyUsage (RFC 5280 4.2.1.12), never critical.
    pub extended_key_usage: Vec<KeyPurpose>,
    /// nameConstraints (RFC 5280 4.2.1.10).
    pub name_constraints: Option<NameConstraints>,
    /// certificatePolicies (RFC 5280 4.2.1.4) without qualifiers, never critical.
    pub policies: Vec<PolicyId>,
    /// cRLDistributionPoints (RFC 5280 4.2.1.13): places of the one CRL of the issuer, never critical.
    pub crl_distribution_points: Vec<HttpUrl>,
    /// authorityInfoAccess (RFC 5280 4.2.2.1): places of the issuer's certificate (caIssuers), never critical.
    pub authority_information_access: Vec<HttpUrl>,
    /// subjectAltName (RFC 5280 4.2.1.6) with one URI, never critical because there is a subject.
    pub spiffe_id: Option<SpiffeId>,
}

/// KeyPurposeId (RFC 5280 4.2.1.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyPurpose {
    /// id-kp-serverAuth
    ServerAuth,
    /// id-kp-clientAuth
    ClientAuth,
    /// id-kp-codeSigning
    CodeSigning,
    /// id-kp-emailProtection
    EmailProtection,
    /// id-kp-timeStamping
    TimeStamping,
    /// id-kp-OCSPSigning
    OcspSigning,
}

/// nameConstraints (RFC 5280 4.2.1.10); at least one subtree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameConstraints {
    /// Whether one who does not understand it has to refuse the certificate.
    pub critical: bool,
    /// permittedSubtrees.
    pub permitted: Subtrees,
    /// excludedSubtrees.
    pub excluded: Subtrees,
}

/// Subtrees by their form of name, encoded in this order, each list in its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subtrees {
    /// dNSName.
    pub dns: Vec<DnsConstraint>,
    /// iPAddress.
    pub ip: Vec<IpConstraint>,
    /// uniformResourceIdentifier.
    pub uri: Vec<UriConstraint>,
    /// directoryName.
    pub directory: Vec<Subject>,
}

impl CertificateExtensions {
    /// All of it for people, in the order in which it is encoded: what is absent is not said, but for the path length.
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        let length = self.path_length.map_or_else(|| "unlimited".to_owned(), |length| length.to_string());
        let mut facts = vec![("path length", length)];
        facts.extend(
            self.extended_key_usage.iter().map(|purpose| ("extended key usage", purpose.to_string())),
        );
        if let Some(constraints) = &self.name_constraints {
            let critical = if constraints.critical { "critical" } else { "not critical" };
            facts.push(("name constraints", critical.to_owned()));
            let subtrees = [("permitted", &constraints.permitted), ("excluded", &constraints.excluded)];
            facts.extend(
                subtrees
                    .iter()
                    .flat_map(|(list, subtrees)| subtrees.lines().into_iter().map(move |line| (*list, line))),
            );
        }
        facts.extend(self.policies.iter().map(|policy| ("policy", policy.to_string())));
        facts.extend(self.crl_distribution_points.iter().map(|url| ("CRL at", url.to_string())));
        facts.extend(
            self.authority_information_access.iter().map(|url| ("issuer's certificate at", url.to_string())),
        );
        facts.extend(self.spiffe_id.iter().map(|id| ("SPIFFE ID", id.to_string())));
        facts
    }
}

impl Subtrees {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.dns.is_empty() && self.ip.is_empty() && self.uri.is_empty() && self.directory.is_empty()
    }

    /// One line each, for people.
    fn lines(&self) -> Vec<String> {
        let dns = self.dns.iter().map(|host| format!("DNS {host}"));
        let ip = self.ip.iter().map(|range| format!("IP {range}"));
        let uri = self.uri.iter().map(|host| format!("URI {host}"));
        let directory = self.directory.iter().map(|name| format!("directory \"{}\"", name.text));
        dns.chain(ip).chain(uri).chain(directory).collect()
    }
}
