//! What relying systems and TLS stacks would reject, each with its reason and where that is known from.

use crate::format::{CertificateExtensions, KeyPurpose, Profile, Subtrees};
use crate::pki::KeyKind;
use crate::script::RelyingSystem::{self, *};

/// A certificate as far as it is known.
pub(super) struct Facts<'a> {
    pub(super) profile: Profile,
    pub(super) extensions: &'a CertificateExtensions,
    /// The certified key.
    pub(super) key: Option<KeyKind>,
    /// The key that signs.
    pub(super) signs: Option<KeyKind>,
}

/// Something that some systems reject.
pub(super) struct Row {
    /// What tests and documentation call it.
    pub(super) id: &'static str,
    pub(super) systems: &'static [RelyingSystem],
    rejects: fn(&Facts<'_>) -> bool,
    /// What would be rejected, and how.
    pub(super) reason: &'static str,
    /// Source file, documentation or issue of that system.
    pub(super) source: &'static str,
    pub(super) remedy: &'static str,
    /// Whether it depends on keys, some of which only the plan knows.
    pub(super) about_keys: bool,
}

impl Row {
    /// The row as a message.
    pub(super) fn sentence(&self, system: RelyingSystem) -> String {
        format!("`{system}` would reject this: {} ({})", self.reason, self.source)
    }
}

/// Systems that verify with Go's crypto/x509.
const GO: &[RelyingSystem] = &[Spire, Istio, Linkerd, Consul, Vault, CertManager, StepCa, Cfssl, Go];

/// Every row.
pub(super) static ROWS: &[Row] = &[
    Row {
        id: "go-key-usage",
        systems: GO,
        rejects: |facts| {
            let usage = &facts.extensions.extended_key_usage;
            !usage.is_empty() && !usage.contains(&KeyPurpose::ServerAuth)
        },
        reason: "an extended key usage without `server-auth` fails Go's default verification of the chain",
        source: "Go crypto/x509 VerifyOptions.KeyUsages; measured with Go 1.19 and 1.27",
        remedy: "leave `extended-key-usage` out, or add `server-auth`",
        about_keys: false,
    },
    Row {
        id: "device-key-usage",
        systems: &[CloudflareAccess, Beyondcorp],
        rejects: |facts| {
            let usage = &facts.extensions.extended_key_usage;
            !usage.is_empty() && !usage.contains(&KeyPurpose::ClientAuth)
        },
        reason: "devices show certificates for `client-auth`, which the CA's extended key usage leaves out",
        source: "Cloudflare Access, mutual TLS; Google endpoint verification, device certificates",
        remedy: "leave `extended-key-usage` out, or add `client-auth`",
        about_keys: false,
    },
    Row {
        id: "uri-constraint-refused",
        systems: &[Linkerd, Rustls, Python],
        rejects: |facts| any_subtree(facts, |list| !list.uri.is_empty()),
        reason: "a URI name constraint makes it refuse every chain whose leaf is named by a URI",
        source: "rustls-webpki 0.103.12 on, GHSA-965h-392x-2mh5; Python cryptography 50; measured",
        remedy: "leave the URI constraints out: what separates trust domains is one root each",
        about_keys: false,
    },
    Row {
        id: "uri-constraint-ignored",
        systems: &[Gnutls],
        rejects: |facts| any_subtree(facts, |list| !list.uri.is_empty()),
        reason: "GnuTLS does not enforce URI name constraints, and takes leaves of other trust domains",
        source: "GnuTLS 3.7, measured",
        remedy: "leave the URI constraints out, and do not rely on them",
        about_keys: false,
    },
    Row {
        id: "critical-directory-constraint",
        systems: &[Spire, Istio, Linkerd, Consul, Vault, CertManager, StepCa, Cfssl, Go, Python],
        rejects: |facts| {
            let critical =
                facts.extensions.name_constraints.as_ref().is_some_and(|constraints| constraints.critical);
            critical && any_subtree(facts, |list| !list.directory.is_empty())
        },
        reason: "a critical name constraint on directory names is an unhandled critical extension there",
        source: "golang/go issue 15196; pyca/cryptography issue 15014; measured with Go 1.27",
        remedy: "leave `directory` out, or write `critical = false`",
        about_keys: false,
    },
    Row {
        id: "directory-constraint",
        systems: &[Linkerd, Rustls],
        rejects: |facts| any_subtree(facts, |list| !list.directory.is_empty()),
        reason: "rustls-webpki refuses every chain below a name constraint on directory names, critical or not",
        source: "rustls/webpki issue 19; measured with 0.103.16",
        remedy: "leave `directory` out",
        about_keys: false,
    },
    Row {
        id: "consul-dns-constraint",
        systems: &[Consul],
        rejects: |facts| any_subtree(facts, |list| !list.dns.is_empty()),
        reason: "Consul's leaves have a host name in CN and only a URI in subjectAltName: OpenSSL, Java and GnuTLS hold a DNS \
                 constraint against the CN and refuse them",
        source: "Consul agent/connect; measured with OpenSSL 3.0, Java 17, GnuTLS 3.7",
        remedy: "leave the DNS constraints out",
        about_keys: false,
    },
    Row {
        id: "cert-manager-cross",
        systems: &[CertManager],
        rejects: |facts| facts.profile == Profile::Cross,
        reason: "its Secret holds one line of certificates; a cross-certificate beside the direct chain is \"certificate chain is \
                 malformed or broken\"",
        source: "cert-manager pkg/util/pki/parse_certificate_chain.go ParseSingleCertificateChain",
        remedy: "distribute both roots instead of a cross-certificate",
        about_keys: false,
    },
    Row {
        id: "linkerd-anchor-key",
        systems: &[Linkerd],
        rejects: |facts| {
            let good = |key| matches!(key, KeyKind::P256 | KeyKind::Rsa(2048 | 4096));
            facts.profile == Profile::Root && facts.key.is_some_and(|key| !good(key))
        },
        reason: "a trust anchor has an ECDSA P-256 key, or an RSA key of 2048 or 4096 bits",
        source: "linkerd2 pkg/issuercerts/issuercerts.go CheckTrustAnchorAlgoRequirements",
        remedy: "make the root key with `ecdsa-p256`",
        about_keys: true,
    },
    Row {
        id: "linkerd-issuer-signature",
        systems: &[Linkerd],
        rejects: |facts| {
            facts.profile != Profile::Root
                && facts
                    .signs
                    .is_some_and(|key| matches!(key, KeyKind::P384 | KeyKind::P521 | KeyKind::Ed25519))
        },
        reason: "an issuer's certificate is signed with ECDSA and SHA-256, or with RSA",
        source: "linkerd2 pkg/issuercerts/issuercerts.go CheckIssuerCertAlgoRequirements",
        remedy: "issue it under a root with an `ecdsa-p256` key",
        about_keys: true,
    },
    Row {
        id: "consul-algorithm-family",
        systems: &[Consul],
        rejects: |facts| {
            let family = |key| match key {
                KeyKind::P256 | KeyKind::P384 | KeyKind::P521 => 0,
                KeyKind::Rsa(_) => 1,
                KeyKind::Ed25519 => 2,
            };
            facts.key.zip(facts.signs).is_some_and(|(key, signs)| family(key) != family(signs))
        },
        reason: "a CA whose key is of another family than its issuer's cannot cross-sign at the next rotation: \
                 \"requested SignatureAlgorithm does not match private key type\"",
        source: "Consul agent/connect/ca/provider_consul.go CrossSignCA, issue 10070",
        remedy: "ask for a request with an ECDSA key",
        about_keys: true,
    },
    Row {
        id: "istio-key",
        systems: &[Istio],
        rejects: |facts| facts.key.is_some_and(|key| matches!(key, KeyKind::P521 | KeyKind::Ed25519)),
        reason: "it takes CA keys of ECDSA P-256 and P-384 and of RSA",
        source: "Istio security/pkg/pki/util/keycertbundle.go Verify",
        remedy: "ask for a request with such a key",
        about_keys: true,
    },
    Row {
        id: "ed25519",
        systems: &[CloudflareAccess, GoogleLoadBalancer, AwsPca, Spire],
        rejects: |facts| facts.key == Some(KeyKind::Ed25519) || facts.signs == Some(KeyKind::Ed25519),
        reason: "it takes ECDSA and RSA, and no Ed25519",
        source: "Cloudflare Access, mutual TLS; Google Cloud TrustConfig; AWS Private CA KeyAlgorithm; SPIRE upstreamauthority/disk",
        remedy: "ask for a request with an ECDSA or RSA key",
        about_keys: true,
    },
    Row {
        id: "aws-rsa-size",
        systems: &[AwsPca],
        rejects: |facts| {
            facts.profile == Profile::AwsPcaSub
                && facts.key.is_some_and(
                    |key| matches!(key, KeyKind::Rsa(bits) if ![2048, 3072, 4096].contains(&bits)),
                )
        },
        reason: "its CAs have RSA keys of 2048, 3072 or 4096 bits",
        source: "AWS Private CA API, CertificateAuthorityConfiguration KeyAlgorithm",
        remedy: "take the request that AWS made",
        about_keys: true,
    },
];

/// The rows by which a system would reject a certificate.
pub(super) fn refused(system: RelyingSystem, facts: &Facts<'_>) -> Vec<&'static Row> {
    let concerned = concerns(system, facts.profile);
    ROWS.iter().filter(|row| concerned && row.systems.contains(&system) && (row.rejects)(facts)).collect()
}

/// Whether a system meets certificates of that profile. What is for one system is not held against another's rules; TLS stacks
/// meet everything.
fn concerns(system: RelyingSystem, profile: Profile) -> bool {
    let own: &[RelyingSystem] = match profile {
        Profile::Root | Profile::Intermediate | Profile::Cross => return true,
        Profile::DeviceIssuing => &[CloudflareAccess, Beyondcorp],
        Profile::GatewayMtls => &[Envoy, AwsApiGateway, GoogleLoadBalancer, Nginx, Haproxy, Apache],
        Profile::SpireUpstreamDisk => &[Spire],
        Profile::VaultIssuing => &[Vault],
        Profile::VaultSubca => &[Vault, Spire, Consul],
        Profile::CertManagerCa => &[CertManager],
        Profile::IstioCacerts => &[Istio, Envoy],
        Profile::LinkerdIssuer => &[Linkerd],
        Profile::ConsulConnectRoot | Profile::ConsulVaultRoot => &[Consul, Envoy],
        Profile::StepCa => &[StepCa],
        Profile::Cfssl => &[Cfssl],
        Profile::AwsPcaSub => &[AwsPca],
    };
    own.contains(&system) || [Go, Node, Rustls, Gnutls, Java, Python, Openssl].contains(&system)
}

fn any_subtree(facts: &Facts<'_>, has: fn(&Subtrees) -> bool) -> bool {
    facts
        .extensions
        .name_constraints
        .as_ref()
        .is_some_and(|constraints| has(&constraints.permitted) || has(&constraints.excluded))
}

#[cfg(test)]
mod tests;
