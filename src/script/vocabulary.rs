//! The words of a ceremony file that no other file has.

/// What a token may hold when it is initialised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenContent {
    /// Nothing: it was never initialised.
    Blank,
    /// Something that is destroyed, after its serial number was typed.
    Wipe,
}

/// Who holds the quorum that opens a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuorumHolder {
    /// The officers, in shares.
    Shares,
    /// The token, in cards or keys of its own.
    Token,
}

/// What derived PINs are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinSymbols {
    /// Capital letters and digits.
    Letters,
    /// Digits, for PIN pads.
    Digits,
}

/// Which shares open a token afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Onto {
    /// Shares that are dealt in this step.
    New,
    /// The newest that there are.
    Newest,
}

/// Whether somebody brings to a clock step what nobody could know earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BeaconWanted {
    /// Nobody does.
    None,
    /// Somebody does.
    Brought,
}

/// A digest that is read aloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigestWord {
    /// The plan digest.
    Plan,
    /// The roster's.
    Roster,
    /// The ceremony file's.
    Script,
    /// The head of the ceremony before.
    PreviousHead,
    /// An input's.
    Input,
}

/// What is left of a key when its token breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backup {
    /// Nothing.
    None,
    /// A second device of the same vendor.
    Device,
    /// A blob wrapped under the recovery quorum's key.
    Wrapped,
}

/// An attribute of a distinguished name (X.520), by its short name (RFC 4519).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttributeKind {
    /// DC
    DomainComponent,
    /// C
    CountryName,
    /// ST
    StateOrProvinceName,
    /// L
    LocalityName,
    /// postalCode
    PostalCode,
    /// street
    StreetAddress,
    /// O
    OrganizationName,
    /// OU
    OrganizationalUnitName,
    /// CN
    CommonName,
}

impl AttributeKind {
    /// How many characters a value may have (RFC 5280 appendix A.1, BR 7.1.4.2; RFC 1035 2.3.4 for DC).
    pub(crate) fn max_characters(self) -> usize {
        match self {
            Self::CountryName => 2,
            Self::PostalCode => 40,
            Self::DomainComponent => 63,
            Self::OrganizationName | Self::OrganizationalUnitName | Self::CommonName => 64,
            Self::StateOrProvinceName | Self::LocalityName | Self::StreetAddress => 128,
        }
    }

    /// Whether a name may hold several of it (BR 7.1.4.1).
    pub(crate) fn may_repeat(self) -> bool {
        matches!(self, Self::DomainComponent | Self::StreetAddress)
    }
}

/// A system that takes the certificates in. The plan refuses what it would reject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelyingSystem {
    /// SPIRE, UpstreamAuthority `disk`.
    Spire,
    /// HashiCorp Vault or OpenBao, PKI secrets engine.
    Vault,
    /// cert-manager, CA issuer.
    CertManager,
    /// Istio, plug-in CA.
    Istio,
    /// Envoy without a mesh.
    Envoy,
    /// Linkerd, identity issuer.
    Linkerd,
    /// Consul service mesh.
    Consul,
    /// Smallstep step-ca.
    StepCa,
    /// Cloudflare cfssl.
    Cfssl,
    /// AWS Private CA, subordinate.
    AwsPca,
    /// AWS API Gateway, mTLS truststore.
    AwsApiGateway,
    /// Cloudflare Access, mTLS.
    CloudflareAccess,
    /// Google BeyondCorp, device certificates.
    Beyondcorp,
    /// Google load balancers, TrustConfig.
    GoogleLoadBalancer,
    /// nginx, client certificates.
    Nginx,
    /// HAProxy, client certificates.
    Haproxy,
    /// Apache httpd, client certificates.
    Apache,
    /// Node.js `tls`.
    Node,
    /// Go `crypto/tls`.
    Go,
    /// rustls, with rustls-webpki.
    Rustls,
    /// GnuTLS.
    Gnutls,
    /// Java PKIX.
    Java,
    /// Python `cryptography`, its X.509 verification.
    Python,
    /// OpenSSL.
    Openssl,
}
