//! Certificates and CRLs below what was issued, made by rcgen.

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertificateRevocationListParams, DistinguishedName,
    DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, RevocationReason,
    RevokedCertParams, SanType, SerialNumber, date_time_ymd,
};

/// A CA that issues with a key of ours, which need not be that of its certificate.
pub(crate) struct Authority {
    pub(crate) certificate: String,
    issuer: Issuer<'static, KeyPair>,
    key_identifier: Vec<u8>,
}

fn serial() -> SerialNumber {
    SerialNumber::from_slice(&[[1].as_slice(), &rand()].concat())
}

/// Sixteen octets that differ each time: a key's beginning.
fn rand() -> [u8; 16] {
    KeyPair::generate().unwrap().public_key_raw()[1..17].try_into().unwrap()
}

fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2030, 12, 30);
    params.serial_number = Some(serial());
    params.use_authority_key_identifier_extension = true;
    params
}

fn ca(name: &str) -> CertificateParams {
    let mut params = named(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

/// A root that nobody here trusts.
pub(crate) fn foreign_root() -> String {
    ca("Another Root").self_signed(&KeyPair::generate().unwrap()).unwrap().pem()
}

impl Authority {
    /// By its certificate in PEM.
    pub(crate) fn of(certificate: String, key: KeyPair) -> Self {
        let issuer = Issuer::from_ca_cert_pem(&certificate, key).unwrap();
        let (_, pem) = x509_parser::pem::parse_x509_pem(certificate.as_bytes()).unwrap();
        let parsed = pem.parse_x509().unwrap();
        let key_identifier = parsed
            .iter_extensions()
            .find_map(|extension| match extension.parsed_extension() {
                x509_parser::extensions::ParsedExtension::SubjectKeyIdentifier(value) => {
                    Some(value.0.to_vec())
                }
                _ => None,
            })
            .expect("a subjectKeyIdentifier");
        Self { certificate, issuer, key_identifier }
    }

    fn sign(&self, params: &CertificateParams, key: &KeyPair) -> Certificate {
        params.signed_by(key, &self.issuer).unwrap()
    }

    /// A leaf as a workload has it, with a SPIFFE ID and a name in the DNS.
    pub(crate) fn leaf(&self) -> String {
        self.leaf_called("workload.lab.example.org")
    }

    /// The same with another name in the DNS.
    pub(crate) fn leaf_called(&self, host: &str) -> String {
        let mut params = named("workload");
        params.subject_alt_names = vec![
            SanType::URI("spiffe://lab.example.org/workload".try_into().unwrap()),
            SanType::DnsName(host.try_into().unwrap()),
        ];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(&params, &KeyPair::generate().unwrap()).pem()
    }

    /// A CA below this one, which leaves room for nothing below itself.
    pub(crate) fn below(&self) -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = self.sign(&ca("Below"), &key).pem();
        Self::of(certificate, key)
    }

    /// A CA certificate without keyUsage.
    pub(crate) fn bare(&self) -> String {
        let mut params = ca("Bare");
        params.key_usages = Vec::new();
        self.sign(&params, &KeyPair::generate().unwrap()).pem()
    }

    /// A CRL that revokes nothing.
    pub(crate) fn crl(&self) -> String {
        self.revoke(Vec::new())
    }

    /// A CRL with an entry that is only suspended, which no CA certificate can be.
    pub(crate) fn hold(&self) -> String {
        self.revoke(vec![RevokedCertParams {
            serial_number: serial(),
            revocation_time: date_time_ymd(2026, 1, 1),
            reason_code: Some(RevocationReason::CertificateHold),
            invalidity_date: None,
        }])
    }

    fn revoke(&self, revoked_certs: Vec<RevokedCertParams>) -> String {
        let params = CertificateRevocationListParams {
            this_update: date_time_ymd(2026, 1, 2),
            next_update: date_time_ymd(2030, 1, 1),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs,
            key_identifier_method: KeyIdMethod::PreSpecified(self.key_identifier.clone()),
        };
        params.signed_by(&self.issuer).unwrap().pem().unwrap()
    }
}
