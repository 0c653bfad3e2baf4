/// A rule, and where it comes from.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Never given to another rule. Its letter says what it judges: `A` any object, `C` certificates, `N`
    /// names, `R` roots, `I` intermediates, `L` revocation lists, `Q` requests, `S` signed objects.
    pub id: &'static str,
    /// What is so when the rule holds.
    pub title: &'static str,
    /// The document and section that demand it.
    pub source: &'static str,
    /// What a finding means.
    pub severity: Severity,
}

/// What a finding means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// A person has to know, and may go on.
    Warning,
    /// It is not signed.
    Refusal,
}

macro_rules! rules {
    ($($id:ident $severity:ident $title:literal, $source:literal;)*) => {
        $(pub(super) static $id: Rule =
            Rule { id: stringify!($id), title: $title, source: $source, severity: Severity::$severity };)*

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
        "BR 7.1.2.1, 7.1.2.6";
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
        "BR 7.1.4.1";
    N03 Warning "attributes stand in the usual order",
        "BR 7.1.4.1";
    N04 Warning "no attribute is there twice, DC and STREET excepted",
        "BR 7.1.4.1";
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
        "BR 7.1.2.1.1";
    R03 Warning "a root has no pathLenConstraint",
        "BR 7.1.2.1.4";
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
}
