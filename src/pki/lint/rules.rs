use std::fmt;
use std::str::FromStr;

use crate::format::Instant;

/// A rule, and where it comes from.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Never given to another rule. Its letter says what it judges: `A` any object, `C` certificates, `N`
    /// names, `R` roots, `I` intermediates, `L` revocation lists, `Q` requests, `S` signed objects, `E` purposes and
    /// policies, `D` places where others fetch something, `M` name constraints, `U` SPIFFE IDs, `K` cross-certificates,
    /// `T` what only public trust asks for.
    pub id: &'static str,
    /// What is so when the rule holds.
    pub title: &'static str,
    /// The document and section that demand it.
    pub source: &'static str,
    /// What a finding means.
    pub severity: Severity,
    /// The first of the packs that have the rule.
    pub pack: Pack,
    /// The day from which on it holds, as `YYYY-MM-DD`; `None` for one as old as certificates of version 3.
    pub since: Option<&'static str>,
}

impl Rule {
    /// Whether the rule is one of a pack and held on that day; without a day, whether it is one of the pack.
    pub(super) fn holds(&self, pack: Pack, at: Option<Instant>) -> bool {
        let in_force = match (self.since, at) {
            (Some(since), Some(at)) => at.to_string().as_str() >= since,
            _ => true,
        };
        self.pack <= pack && in_force
    }
}

/// Which rules somebody has to keep; the later pack has those of the earlier one, too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pack {
    /// A private CA.
    #[default]
    Private,
    /// A CA whose root browsers and operating systems trust.
    PublicTrust,
}

impl fmt::Display for Pack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Private => "private",
            Self::PublicTrust => "public-trust",
        })
    }
}

impl FromStr for Pack {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "private" => Ok(Self::Private),
            "public-trust" => Ok(Self::PublicTrust),
            _ => Err("expected private or public-trust"),
        }
    }
}

/// What a finding means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// A person has to know, and may go on.
    Warning,
    /// It is not signed.
    Refusal,
}

macro_rules! since {
    () => {
        None
    };
    ($day:literal) => {
        Some($day)
    };
}

macro_rules! pack {
    () => {
        Pack::Private
    };
    ($pack:ident) => {
        Pack::$pack
    };
}

macro_rules! rules {
    ($($id:ident $severity:ident $title:literal, $source:literal $(since $day:literal)? $(only $pack:ident)?;)*) => {
        $(pub(super) static $id: Rule = Rule {
            id: stringify!($id),
            title: $title,
            source: $source,
            severity: Severity::$severity,
            pack: pack!($($pack)?),
            since: since!($($day)?),
        };)*

        /// Every rule. BR is the CA/Browser Forum's TLS Baseline Requirements 2.2.6, whose rules for CA
        /// certificates are taken over where they also make sense for a private CA.
        pub static RULES: &[&Rule] = &[$(&$id),*];
    };
}

rules! {
    A01 Refusal "the bytes are the one DER encoding of their structure",
        "RFC 5280 4.1 and 5.1, X.690 10 and 11";
    A02 Refusal "the signature algorithm is on the closed list, byte for byte",
        "RFC 5280 4.1.1.2, BR 7.1.3.2";
    A03 Refusal "the signature algorithm and its hash fit the issuer's key",
        "BR 7.1.3.2.2, RFC 5758 3.2";
    A04 Refusal "the issuer is the issuing CA's subject, byte for byte",
        "RFC 5280 4.1.2.4 and 5.1.2.3, BR 7.1.4.1";
    A05 Refusal "a time is UTCTime through 2049 and GeneralizedTime from 2050",
        "RFC 5280 4.1.2.5 and 5.1.2.4";
    A06 Refusal "no extension is there twice",
        "RFC 5280 4.2";
    A07 Refusal "no extension is there but those of the profile",
        "RFC 5280 4.2, BR 7.1.2";
    A08 Refusal "authorityKeyIdentifier is there, not critical, with a keyIdentifier alone",
        "RFC 5280 4.2.1.1 and 5.2.1, BR 7.1.2.11.1";
    A09 Refusal "authorityKeyIdentifier is the issuing CA's subject key identifier",
        "RFC 5280 4.2.1.1 and 5.2.1";
    A10 Refusal "the issuer is a CA whose key may sign this",
        "RFC 5280 4.2.1.3, 4.2.1.9 and 6.1.4(k)(n), 6.3.3(f)";

    C01 Refusal "the version is v3",
        "RFC 5280 4.1.2.1, BR 7.1.1";
    C02 Refusal "the serial number is positive and has at most 20 octets",
        "RFC 5280 4.1.2.2";
    C03 Refusal "the serial number has room for 64 random bits",
        "BR 7.1.2.1, 7.1.2.6" since "2016-09-30";
    C04 Refusal "the key is sound and its algorithm known, byte for byte",
        "BR 6.1.5, 6.1.6, 7.1.3.1, RFC 5480 2.2";
    C05 Refusal "there is no issuerUniqueID and no subjectUniqueID",
        "RFC 5280 4.1.2.8, BR 7.1.2.1";
    C06 Refusal "notAfter is later than notBefore",
        "RFC 5280 4.1.2.5";
    C07 Refusal "basicConstraints is there, critical, with cA TRUE",
        "RFC 5280 4.2.1.9, BR 7.1.2.10.4";
    C08 Refusal "keyUsage is there, critical, with keyCertSign and cRLSign and no other",
        "RFC 5280 4.2.1.3, BR 7.1.2.10.7, X509-SVID 4.3";
    C09 Refusal "subjectKeyIdentifier is there, not critical, and SHA-1 or the beginning of SHA-256 of the key",
        "RFC 5280 4.2.1.2(1), RFC 7093 2(1), BR 7.1.2.11.4";

    N01 Refusal "a CA has a name",
        "RFC 5280 4.1.2.6";
    N02 Refusal "each relative distinguished name has one attribute",
        "BR 7.1.4.1" since "2023-09-15";
    N03 Warning "attributes stand in the usual order",
        "BR 7.1.4.1" since "2023-09-15";
    N04 Warning "no attribute is there twice, DC and STREET excepted",
        "BR 7.1.4.1" since "2023-09-15";
    N05 Refusal "an attribute has the string type that its definition demands",
        "RFC 5280 4.1.2.4 and A.1, RFC 4519 2.4";
    N06 Refusal "an attribute is as long as X.520 allows",
        "RFC 5280 A.1";
    N07 Refusal "a person can read the value as it is",
        "RFC 5280 7.1, BR 7.1.4.1";
    N08 Refusal "C is an assigned code in capitals",
        "RFC 5280 A.1, BR 7.1.4.2";
    N09 Warning "only usual attributes are there",
        "BR 7.1.4.2";

    R01 Refusal "a root's issuer is its subject, byte for byte",
        "RFC 5280 3.2, BR 7.1.2.1";
    R02 Warning "outside a lab, a root is valid for 2922 to 9132 days",
        "BR 7.1.2.1.1" since "2023-09-15";
    R03 Warning "a root has no pathLenConstraint",
        "BR 7.1.2.1.4" since "2023-09-15";
    R04 Warning "a root has authorityKeyIdentifier",
        "RFC 5280 4.2.1.1, BR 7.1.2.1.3";

    I01 Refusal "the key is not the issuer's own",
        "RFC 5280 6.1";
    I02 Refusal "the subject is not the issuer's own",
        "RFC 5280 6.1";
    I03 Refusal "the validity lies within the issuer's",
        "RFC 5280 6.1.3(a)(2)";
    I04 Refusal "the issuer's pathLenConstraint leaves room",
        "RFC 5280 4.2.1.9 and 6.1.4(l)(m)";

    L01 Refusal "the version is v2",
        "RFC 5280 5.1.2.1";
    L02 Refusal "nextUpdate is there and later than thisUpdate",
        "RFC 5280 5.1.2.5";
    L03 Warning "outside a lab, nextUpdate is within 365 days of thisUpdate",
        "BR 4.9.7, 7.2";
    L04 Refusal "revokedCertificates is absent when nothing is revoked",
        "RFC 5280 5.1.2.6";
    L05 Refusal "each revoked serial number is one that a certificate can have",
        "RFC 5280 4.1.2.2 and 5.1.2.6";
    L06 Refusal "no serial number is revoked twice",
        "RFC 5280 5.1.2.6";
    L07 Warning "no revocationDate is later than thisUpdate",
        "RFC 5280 5.1.2.6";
    L08 Refusal "each entry has a reasonCode, not critical, that a CA certificate can have",
        "RFC 5280 5.3.1, BR 7.2.2";
    L09 Refusal "cRLNumber is there, not critical, and fits into 64 bits",
        "RFC 5280 5.2.3";
    L10 Refusal "cRLNumber is greater than every one before",
        "RFC 5280 5.2.3";
    L11 Refusal "issuingDistributionPoint is critical",
        "RFC 5280 5.2.5, BR 7.2.2.1";
    L12 Refusal "issuingDistributionPoint has a fullName of http URIs and nothing else",
        "RFC 5280 5.2.5, BR 7.2.2.1";
    L13 Warning "thisUpdate is not later than nextUpdate of the CRL before",
        "RFC 5280 5.1.2.5, BR 4.9.7";
    L14 Warning "what the CRL before revoked is revoked in this one, too, until its certificate has expired",
        "RFC 5280 3.3 and 5.1.2.6";

    Q01 Refusal "the request is the one DER encoding of its structure, v1, with attributes",
        "RFC 2986 4, X.690 10 and 11";
    Q02 Refusal "the key is sound, its algorithm known, and no other has its private half",
        "BR 6.1.1.3, 6.1.5, 6.1.6, 7.1.3.1";
    Q03 Refusal "the request is signed with its own key, by an accepted algorithm",
        "RFC 2986 4.2, BR 3.2.1, 7.1.3.2";
    Q04 Refusal "no extension is asked for twice",
        "RFC 5280 4.2";

    S01 Refusal "the signed object is the one DER encoding, its algorithm the same inside and outside",
        "RFC 5280 4.1.1.2 and 5.1.1.2, X.690 10 and 11";
    S02 Refusal "what was signed is what was judged, byte for byte",
        "BR 4.3.1.2";
    S03 Refusal "the signature verifies with the issuer's key",
        "RFC 5280 4.1.1.3 and 5.1.1.3";

    E01 Refusal "extKeyUsage says at least one purpose, none twice, and is not critical",
        "RFC 5280 4.2.1.12, BR 7.1.2.10.6";
    E02 Refusal "a CA may not answer for its issuer: there is no purpose OCSPSigning",
        "RFC 6960 4.2.2.2, BR 7.1.2.10.6";
    E03 Refusal "certificatePolicies says at least one policy, none twice, and is not critical",
        "RFC 5280 4.2.1.4";
    E04 Warning "anyPolicy stands alone, and no policy has a qualifier",
        "RFC 5280 4.2.1.4, BR 7.1.2.10.5";
    E05 Refusal "policyConstraints and inhibitAnyPolicy are critical and say how many; policyMappings maps neither to nor from anyPolicy",
        "RFC 5280 4.2.1.5, 4.2.1.11 and 4.2.1.14";

    D01 Refusal "each distribution point has a fullName of http URIs and nothing else",
        "RFC 5280 4.2.1.13, BR 7.1.2.11.2";
    D02 Warning "there is one distribution point",
        "BR 7.1.2.11.2";
    D03 Refusal "authorityInfoAccess says http URIs, of caIssuers or OCSP, and none twice",
        "RFC 5280 4.2.2.1, BR 7.1.2.10.3";
    D04 Refusal "cRLDistributionPoints and authorityInfoAccess are not critical",
        "RFC 5280 4.2.1.13 and 4.2.2.1";
    D05 Refusal "no place is one of the issuer's own certificate: what lies there is of the issuer's issuer",
        "RFC 5280 4.2.1.13, Mozilla bug 1991215";

    M01 Refusal "nameConstraints has a subtree, and no list is empty",
        "RFC 5280 4.2.1.10";
    M02 Refusal "a subtree has neither minimum nor maximum",
        "RFC 5280 4.2.1.10";
    M03 Refusal "a subtree is a host, a range of addresses or a directory name as its form demands",
        "RFC 5280 4.2.1.10";
    M04 Warning "nameConstraints is critical",
        "RFC 5280 4.2.1.10, BR 7.1.2.10.8";
    M05 Refusal "what is permitted lies within what the issuer's certificate permits",
        "RFC 5280 6.1.4(g)";
    M06 Warning "no subtree of a critical extension is a directory name, which Go, rustls and Python refuse",
        "golang/go 15196, rustls/webpki 19, pyca/cryptography 15014";
    M07 Warning "no subtree is a URI, which rustls and Python refuse and GnuTLS ignores",
        "RFC 5280 4.2.1.10, rustls/webpki GHSA-965h-392x-2mh5";
    M08 Warning "a subtree is a DNS name, an address, a URI or a directory name",
        "BR 7.1.2.5.2";

    U01 Refusal "subjectAltName is not empty and has one URI at most",
        "X509-SVID 2";
    U02 Refusal "a URI is a SPIFFE ID",
        "SPIFFE-ID 2.1 to 2.3";
    U03 Refusal "the SPIFFE ID of a CA has no path",
        "X509-SVID 3.2";
    U04 Warning "subjectAltName is not critical beside a subject",
        "RFC 5280 4.2.1.6";
    U05 Warning "a trust domain has two labels at least and no underscore, or Java and BoringSSL refuse what constrains it",
        "RFC 5280 4.2.1.10, RFC 1123 2.1";
    U06 Refusal "its own names lie within the issuer's name constraints",
        "RFC 5280 6.1.3(b) and (c)";
    U07 Warning "a URI that is permitted is the trust domain",
        "X509-SVID 4.2";

    K01 Refusal "subject, key and subjectKeyIdentifier are those of the certificate beside it, byte for byte",
        "RFC 4210 4.4, BR 7.1.2.2.2";
    K02 Refusal "notBefore is not earlier than that of the certificate beside it",
        "BR 7.1.2.2.1";
    K03 Warning "notAfter is not later than that of the certificate beside it",
        "RFC 4210 4.4";

    T01 Refusal "the subject has C, O and CN",
        "BR 7.1.2.10.2" since "2023-09-15" only PublicTrust;
    T02 Refusal "the subject has no OU",
        "BR 7.1.2.10.2" since "2023-09-15" only PublicTrust;
    T03 Refusal "below a root certificatePolicies says one reserved policy, or anyPolicy alone",
        "BR 7.1.2.10.5" since "2023-09-15" only PublicTrust;
    T04 Refusal "below a root cRLDistributionPoints is there",
        "BR 7.1.2.11.2" since "2023-09-15" only PublicTrust;
    T05 Refusal "below a root extKeyUsage says serverAuth, and beside it at most clientAuth; a cross-certificate may say anyExtendedKeyUsage alone",
        "BR 7.1.2.10.6" since "2023-09-15" only PublicTrust;
    T06 Warning "below a root authorityInfoAccess is there",
        "BR 7.1.2.10.3" since "2023-09-15" only PublicTrust;
    T07 Refusal "nameConstraints says which directory names, DNS names, IPv4 and IPv6 addresses are permitted",
        "BR 7.1.2.5.2" since "2023-09-15" only PublicTrust;
    T08 Refusal "nameConstraints says nothing of other forms of names",
        "BR 7.1.2.5.2" since "2023-09-15" only PublicTrust;
    T09 Refusal "a root is valid for 2922 to 9132 days",
        "BR 7.1.2.1.1" since "2023-09-15" only PublicTrust;
    T10 Refusal "nextUpdate is within twelve months of thisUpdate",
        "BR 4.9.7" only PublicTrust;
    T11 Warning "a cross-certificate has extKeyUsage",
        "BR 7.1.2.2.3" since "2023-09-15" only PublicTrust;
    T12 Refusal "a cross-certificate for another organization says serverAuth, and beside it at most clientAuth",
        "BR 7.1.2.2.3 and 7.1.2.2.5" since "2023-09-15" only PublicTrust;
    T13 Warning "what the CRL before did not revoke was revoked within 24 hours before thisUpdate",
        "BR 4.9.7" only PublicTrust;
}
