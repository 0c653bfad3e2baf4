use serde::{Deserialize, Serialize};

/// A certificate profile: what a CA certificate is for, and so what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// Self-signed CA certificate.
    Root,
    /// CA certificate under a root, for no system in particular.
    Intermediate,
    /// CA certificate for a key that another CA certificate certifies already.
    Cross,
    /// CA that issues to devices and people.
    DeviceIssuing,
    /// CA that issues to gateways and their clients.
    GatewayMtls,
    /// CA of SPIRE's `disk` UpstreamAuthority.
    SpireUpstreamDisk,
    /// CA of a Vault or OpenBao mount that issues to servers and clients.
    VaultIssuing,
    /// CA of a Vault or OpenBao mount that issues CA certificates.
    VaultSubca,
    /// CA of a cert-manager CA issuer.
    CertManagerCa,
    /// Istio's plugged-in CA.
    IstioCacerts,
    /// Linkerd's identity issuer.
    LinkerdIssuer,
    /// Root of Consul's built-in CA.
    ConsulConnectRoot,
    /// CA of the Vault mount that Consul's `vault` provider takes for its root.
    ConsulVaultRoot,
    /// Intermediate of Smallstep's step-ca.
    StepCa,
    /// CA of Cloudflare's cfssl.
    Cfssl,
    /// Subordinate of AWS Private CA.
    AwsPcaSub,
}
