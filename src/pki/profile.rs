//! What each profile demands of a certificate. A certificate that breaks its profile is never encoded.

use super::KeyKind;
use crate::format::{CertificateExtensions, KeyPurpose, Profile, SpiffeId, Subtrees};

/// What of a certificate a profile speaks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The certified key.
    Key,
    /// pathLenConstraint.
    PathLength,
    /// extKeyUsage.
    ExtendedKeyUsage,
    /// nameConstraints.
    NameConstraints,
    /// certificatePolicies, cRLDistributionPoints, authorityInfoAccess.
    Publications,
    /// subjectAltName.
    SpiffeId,
}

/// Something that a profile does not allow, or needs and does not find.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the profile `{profile}` {needs} ({origin})")]
pub struct Breach {
    /// Whose rule.
    pub profile: Profile,
    /// About what.
    pub subject: Subject,
    /// What it needs, as the end of a sentence.
    pub needs: &'static str,
    /// Where that comes from.
    pub origin: &'static str,
}

/// Which path lengths.
#[derive(Clone, Copy)]
enum PathLength {
    Any,
    AtLeastOne,
    Zero,
}

/// Which keys.
#[derive(Clone, Copy)]
enum Keys {
    Any,
    EcdsaOrRsa,
    P256OrP384OrRsa,
    P256,
}

/// What extKeyUsage may be, where there is one. None at all is always good.
#[derive(Clone, Copy)]
enum Purposes {
    None,
    Any,
    WithServer,
    WithClient,
}

/// Which SPIFFE ID.
#[derive(Clone, Copy)]
enum Identity {
    None,
    Optional,
    ConsulCluster,
}

/// Which subtrees.
#[derive(Clone, Copy)]
enum Constraints {
    None,
    NoDns,
    HostsAndAddresses,
    Any,
}

struct Rules {
    path_length: PathLength,
    /// Where the file says none.
    default_path_length: Option<u8>,
    keys: Keys,
    purposes: Purposes,
    identity: Identity,
    constraints: Constraints,
    /// Whether policies, CRL distribution points and caIssuers make sense.
    publications: bool,
    /// The document, or the file of the system that looks at the certificate.
    source: &'static str,
}

const ANYTHING: Rules = Rules {
    path_length: PathLength::Any,
    default_path_length: None,
    keys: Keys::Any,
    purposes: Purposes::Any,
    identity: Identity::Optional,
    constraints: Constraints::Any,
    publications: true,
    source: "RFC 5280 4.2",
};

/// A CA for one system: Go's default verification wants serverAuth wherever there is an extKeyUsage.
const ISSUING: Rules = Rules {
    default_path_length: Some(0),
    keys: Keys::EcdsaOrRsa,
    purposes: Purposes::WithServer,
    identity: Identity::None,
    constraints: Constraints::HostsAndAddresses,
    ..ANYTHING
};

fn rules(profile: Profile) -> Rules {
    match profile {
        // BR 7.1.2.1: no extKeyUsage, and nothing else that a user of the root could have to know.
        Profile::Root => Rules {
            purposes: Purposes::None,
            constraints: Constraints::None,
            publications: false,
            source: "BR 7.1.2.1.2, RFC 5280 6.1.1(d)",
            ..ANYTHING
        },
        Profile::Cross => ANYTHING,
        Profile::Intermediate => Rules { default_path_length: Some(0), ..ANYTHING },
        Profile::DeviceIssuing => Rules {
            path_length: PathLength::Zero,
            purposes: Purposes::WithClient,
            constraints: Constraints::Any,
            source: "Cloudflare Access, mutual TLS; Google endpoint verification: devices show clientAuth, keys are RSA or ECDSA",
            ..ISSUING
        },
        Profile::GatewayMtls => Rules {
            path_length: PathLength::Zero,
            source: "nginx ssl_verify_depth 1: one CA between root and leaf; Go crypto/x509 VerifyOptions.KeyUsages",
            ..ISSUING
        },
        Profile::SpireUpstreamDisk => Rules {
            path_length: PathLength::AtLeastOne,
            default_path_length: Some(1),
            identity: Identity::Optional,
            constraints: Constraints::Any,
            source: "SPIRE pkg/server/plugin/upstreamauthority/disk, pkg/server/ca/validation.go: it signs a CA below, with an EC or \
                     RSA key",
            ..ISSUING
        },
        Profile::VaultIssuing => Rules {
            path_length: PathLength::Zero,
            keys: Keys::Any,
            source: "OpenBao builtin/logical/pki/storage.go importIssuer; leaf roles need no CA below",
            ..ISSUING
        },
        Profile::VaultSubca => Rules {
            path_length: PathLength::AtLeastOne,
            default_path_length: Some(1),
            keys: Keys::Any,
            source: "OpenBao builtin/logical/pki: a mount that signs intermediates",
            ..ISSUING
        },
        Profile::CertManagerCa => {
            Rules { source: "cert-manager pkg/issuer/ca/setup.go, pkg/util/pki", ..ISSUING }
        }
        Profile::IstioCacerts => Rules {
            keys: Keys::P256OrP384OrRsa,
            constraints: Constraints::Any,
            source: "Istio security/pkg/pki/util/keycertbundle.go Verify",
            ..ISSUING
        },
        Profile::LinkerdIssuer => Rules {
            path_length: PathLength::Zero,
            keys: Keys::P256,
            source: "linkerd2 pkg/issuercerts/issuercerts.go CheckIssuerCertAlgoRequirements, VerifyAndBuildCreds",
            ..ISSUING
        },
        Profile::ConsulConnectRoot => Rules {
            path_length: PathLength::AtLeastOne,
            default_path_length: Some(1),
            keys: Keys::P256,
            identity: Identity::ConsulCluster,
            // Leaves have a name of DNS's form in CN and only a URI in subjectAltName: OpenSSL, Java and GnuTLS refuse them
            // below a DNS constraint.
            constraints: Constraints::NoDns,
            source: "Consul agent/connect/ca/common.go validateSetIntermediate, provider_consul.go CrossSignCA",
            ..ISSUING
        },
        Profile::ConsulVaultRoot => Rules {
            path_length: PathLength::AtLeastOne,
            default_path_length: Some(1),
            keys: Keys::P256,
            constraints: Constraints::NoDns,
            source: "Consul agent/connect/ca/provider_vault.go GenerateRoot",
            ..ISSUING
        },
        Profile::StepCa => {
            Rules { source: "step-ca authority/authority.go init, authority/internal/constraints", ..ISSUING }
        }
        Profile::Cfssl => Rules { source: "cfssl signer/local NewSignerFromFile", ..ISSUING },
        Profile::AwsPcaSub => Rules {
            purposes: Purposes::Any,
            constraints: Constraints::Any,
            source: "AWS Private CA API, ImportCertificateAuthorityCertificate",
            ..ISSUING
        },
    }
}

/// The path length of a certificate of that profile that says none; `None` means unlimited.
pub fn default_path_length(profile: Profile) -> Option<u8> {
    rules(profile).default_path_length
}

/// Everything in which a certificate breaks its profile. Without a key, all but what concerns the key.
pub fn breaches(profile: Profile, said: &CertificateExtensions, key: Option<KeyKind>) -> Vec<Breach> {
    let Rules { path_length, keys, purposes, identity, constraints, publications, source, .. } =
        rules(profile);
    let mut found = Vec::new();
    let mut demand = |subject, holds: bool, needs| {
        if !holds {
            found.push(Breach { profile, subject, needs, origin: source });
        }
    };
    let length = said.path_length;
    match path_length {
        PathLength::Any => {}
        PathLength::AtLeastOne => {
            demand(
                Subject::PathLength,
                length != Some(0),
                "needs a path length of at least 1: another CA stands below",
            );
        }
        PathLength::Zero => {
            demand(Subject::PathLength, length == Some(0), "needs path length 0: no other CA stands below");
        }
    }
    if let Some(key) = key {
        let (fits, needs) = match keys {
            Keys::Any => (true, ""),
            Keys::EcdsaOrRsa => (key != KeyKind::Ed25519, "needs an ECDSA or RSA key"),
            Keys::P256OrP384OrRsa => (
                matches!(key, KeyKind::P256 | KeyKind::P384 | KeyKind::Rsa(_)),
                "needs an ECDSA P-256 or P-384 key, or an RSA key",
            ),
            Keys::P256 => (key == KeyKind::P256, "needs an ECDSA P-256 key"),
        };
        demand(Subject::Key, fits, needs);
    }
    let usage = said.extended_key_usage.as_slice();
    let (fits, needs) = match purposes {
        _ if usage.is_empty() => (true, ""),
        Purposes::Any => (true, ""),
        Purposes::None => (false, "has no extended key usage"),
        Purposes::WithServer => (
            usage.contains(&KeyPurpose::ServerAuth),
            "needs `server-auth` wherever there is an extended key usage",
        ),
        Purposes::WithClient => (
            usage.contains(&KeyPurpose::ClientAuth),
            "needs `client-auth` wherever there is an extended key usage",
        ),
    };
    demand(Subject::ExtendedKeyUsage, fits, needs);
    if let Some(lists) = &said.name_constraints {
        let both = [&lists.permitted, &lists.excluded];
        let none = |of: fn(&Subtrees) -> bool| both.into_iter().all(of);
        let (fits, needs) = match constraints {
            Constraints::Any => (true, ""),
            Constraints::None => (false, "has no name constraints"),
            Constraints::NoDns => (
                none(|list| list.dns.is_empty()),
                "has no DNS constraints: its leaves are named by a URI, with a host name in CN",
            ),
            Constraints::HostsAndAddresses => (
                none(|list| list.uri.is_empty() && list.directory.is_empty()),
                "has DNS and IP constraints only",
            ),
        };
        demand(Subject::NameConstraints, fits, needs);
        demand(
            Subject::NameConstraints,
            !none(Subtrees::is_empty),
            "has no name constraints without a subtree",
        );
    }
    let published = !said.policies.is_empty()
        || !said.crl_distribution_points.is_empty()
        || !said.authority_information_access.is_empty();
    demand(
        Subject::Publications,
        publications || !published,
        "has no policies, CRL distribution points and caIssuers",
    );
    let id = said.spiffe_id.as_ref();
    match identity {
        Identity::Optional => {}
        Identity::None => demand(Subject::SpiffeId, id.is_none(), "has no SPIFFE ID"),
        Identity::ConsulCluster => demand(
            Subject::SpiffeId,
            id.is_some_and(is_consul_cluster),
            "needs the SPIFFE ID of its cluster, `spiffe://UUID.consul`",
        ),
    }
    // X509-SVID 3.2: a signing certificate's SPIFFE ID has no path.
    demand(
        Subject::SpiffeId,
        id.is_none_or(|id| id.path().is_empty()),
        "has a SPIFFE ID without a path, as every CA (X509-SVID 3.2)",
    );
    found
}

/// `UUID.consul`, the trust domain of a Consul cluster.
fn is_consul_cluster(id: &SpiffeId) -> bool {
    let Some(uuid) = id.trust_domain().strip_suffix(".consul") else { return false };
    let groups: Vec<usize> = uuid.split('-').map(str::len).collect();
    let hexadecimal = |c: char| matches!(c, '0'..='9' | 'a'..='f' | '-');
    groups == [8, 4, 4, 4, 12] && uuid.chars().all(hexadecimal)
}
