use std::fmt;

use super::vocabulary::{
    AttributeKind, Backup, BeaconWanted, DigestWord, Onto, PinSymbols, QuorumHolder, RelyingSystem,
    TokenContent,
};
use crate::format::{
    CustodyAct, Environment, EvidenceForm, KeyAlgorithm, KeyPurpose, Profile, ProvisionMode, ReasonCode,
    Role, Rule, ShareSetName, SharesAfterBreak, StepKind,
};

/// A closed enum whose variants a ceremony file names by one word each.
pub(super) trait Word: Copy + fmt::Display + 'static {
    /// Every variant, in the order in which people are told of them.
    const ALL: &'static [Self];

    /// The variant of that spelling.
    fn spelled(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|word| word.to_string() == text)
    }
}

/// The spelling of each variant.
pub(super) fn spellings<T: Word>() -> Vec<String> {
    T::ALL.iter().map(T::to_string).collect()
}

// The match makes a forgotten variant a compile error.
macro_rules! words {
    ($type:ident: $($variant:ident),+ $(,)?) => {
        impl Word for $type {
            const ALL: &'static [Self] = &[$(Self::$variant),+];
        }
        const _: fn($type) = |word| match word { $($type::$variant => ()),+ };
    };
}

macro_rules! spelled_words {
    ($type:ident: $($variant:ident = $spelling:literal),+ $(,)?) => {
        words!($type: $($variant),+);
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(match self { $(Self::$variant => $spelling),+ })
            }
        }
    };
}

words!(Environment: Production, Staging, Lab);
words!(Rule:
    OperatorIsOfficer, WitnessIsOperator, WitnessIsOfficer, FewSpareShares, OfficerKeyInFile, NoMirror, PinStrength,
    N03, N04, N09, R02, R03, R04, L03, L07, E04, D02, M04, M06, M07, M08, U04, U05, U07);
words!(Role: Administrator, Operator, Witness, Officer, Auditor);
words!(KeyAlgorithm: EcdsaP256, EcdsaP384);
words!(Profile:
    Root, Intermediate, Cross, DeviceIssuing, GatewayMtls, SpireUpstreamDisk, VaultIssuing, VaultSubca, CertManagerCa,
    IstioCacerts, LinkerdIssuer, ConsulConnectRoot, ConsulVaultRoot, StepCa, Cfssl, AwsPcaSub);
words!(KeyPurpose: ServerAuth, ClientAuth, CodeSigning, EmailProtection, TimeStamping, OcspSigning);
words!(ProvisionMode: Init, SetPin, Adopt);
words!(ShareSetName: Operate, Recovery);
words!(CustodyAct: Open, Seal, Inspect);
words!(EvidenceForm: YubiHsm2Log, Opaque);
words!(SharesAfterBreak: EnteredAgain, Kept);
words!(ReasonCode:
    KeyCompromise, CaCompromise, AffiliationChanged, Superseded, CessationOfOperation, PrivilegeWithdrawn);
words!(StepKind:
    Provision, Reshare, ChangeRoster, GenerateKey, SelfSign, SignIntermediate, Revoke, IssueCrl, Clock, Confirm, Break,
    ReadAloud, Custody, ImportEvidence, Attest, InspectToken, BackUpKey, RestoreKey, DestroyKey, CrossSign,
    AdoptAuthority);

spelled_words!(TokenContent: Blank = "blank", Wipe = "wipe");
spelled_words!(QuorumHolder: Shares = "shares", Token = "token");
spelled_words!(PinSymbols: Letters = "letters", Digits = "digits");
spelled_words!(BeaconWanted: None = "none", Brought = "brought");
spelled_words!(DigestWord:
    Plan = "plan",
    Roster = "roster",
    Script = "script",
    PreviousHead = "previous-head",
    Input = "input");
spelled_words!(Onto: New = "new", Newest = "newest");
spelled_words!(Backup: None = "none", Device = "device", Wrapped = "wrapped");
spelled_words!(AttributeKind:
    DomainComponent = "DC",
    CountryName = "C",
    StateOrProvinceName = "ST",
    LocalityName = "L",
    PostalCode = "postalCode",
    StreetAddress = "street",
    OrganizationName = "O",
    OrganizationalUnitName = "OU",
    CommonName = "CN");
spelled_words!(RelyingSystem:
    Spire = "spire",
    Vault = "vault",
    CertManager = "cert-manager",
    Istio = "istio",
    Envoy = "envoy",
    Linkerd = "linkerd",
    Consul = "consul",
    StepCa = "step-ca",
    Cfssl = "cfssl",
    AwsPca = "aws-pca",
    AwsApiGateway = "aws-api-gateway",
    CloudflareAccess = "cloudflare-access",
    Beyondcorp = "beyondcorp",
    GoogleLoadBalancer = "google-load-balancer",
    Nginx = "nginx",
    Haproxy = "haproxy",
    Apache = "apache",
    Node = "node",
    Go = "go",
    Rustls = "rustls",
    Gnutls = "gnutls",
    Java = "java",
    Python = "python",
    Openssl = "openssl");
