//! A root that was made elsewhere, and the ceremony that adopts it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anchorite::format::*;
use anchorite::pki::{
    Certificate, CertificateTemplate, CrlTemplate, DistinguishedName, ForeignList, PublicKey,
    SignatureAlgorithm, adopted_certificate, adopted_list, assemble,
};
use p256::ecdsa::SigningKey;

use super::{Files, PEOPLE, Tricks, Workshop, file_name, instant, name, serial, sign, spki, subject, window};

const ALGORITHM: SignatureAlgorithm = SignatureAlgorithm::EcdsaSha256;

fn distinguished(common_name: &str) -> DistinguishedName {
    DistinguishedName::from_der(&subject(common_name).der.0).unwrap()
}

/// A CA certificate in PEM: the key with that number, called so, by the signing key under the root's name.
fn certificate(signs: &SigningKey, common_name: &str, key: &SigningKey, number: u8) -> Vec<u8> {
    let (issuer, own) = (distinguished("Example Root G1"), distinguished(common_name));
    let (public, above) =
        (PublicKey::from_spki(&spki(key)).unwrap(), PublicKey::from_spki(&spki(signs)).unwrap());
    let root = own == issuer;
    let template = CertificateTemplate {
        serial: &serial(number),
        issuer: &issuer,
        validity: window(
            "2020-01-01T00:00:00Z",
            if root { "2046-11-30T23:59:59Z" } else { "2030-11-30T23:59:59Z" },
        ),
        subject: &own,
        public_key: &public,
        profile: if root { Profile::Root } else { Profile::Intermediate },
        extensions: &CertificateExtensions { path_length: (!root).then_some(0), ..Default::default() },
        authority_key_identifier: above.key_identifier(),
        signature_algorithm: ALGORITHM,
    };
    let tbs = template.to_tbs().unwrap();
    let der = assemble(&tbs, ALGORITHM, &sign(signs, &tbs)).unwrap();
    Certificate::from_der(&der).unwrap().to_pem().into_bytes()
}

/// The first of the issued certificates as somebody else would have signed it.
pub(crate) fn forged() -> Vec<u8> {
    certificate(&key(57), "Old CA 1", &key(56), 11)
}

fn key(number: u8) -> SigningKey {
    SigningKey::from_slice(&[number; 32]).unwrap()
}

/// What the adopted CRL carries.
pub(crate) fn revoked() -> CrlEntry {
    CrlEntry { serial: serial(12), at: instant("2025-01-01T00:00:00Z"), reason: ReasonCode::Superseded }
}

impl Workshop {
    /// A complete first ceremony: a token is taken over, and a root is adopted with two certificates and a CRL.
    pub(crate) fn adoption(&mut self, tricks: &Tricks) -> PathBuf {
        let root = certificate(&self.root, "Example Root G1", &self.root, 10);
        let issued = [
            certificate(&self.root, "Old CA 1", &key(56), 11),
            certificate(&self.root, "Old CA 2", &key(58), 12),
        ];
        let crl = CrlTemplate {
            issuer: &distinguished("Example Root G1"),
            authority_key_identifier: PublicKey::from_spki(&spki(&self.root)).unwrap().key_identifier(),
            number: 41,
            this_update: instant("2026-06-01T00:00:00Z"),
            next_update: instant("2027-06-01T00:00:00Z"),
            issuing_distribution_point: &[],
            entries: &[revoked()],
            signature_algorithm: ALGORITHM,
        };
        let tbs = crl.to_tbs().unwrap();
        let der = assemble(&tbs, ALGORITHM, &sign(&self.root, &tbs)).unwrap();
        let list = ForeignList::from_der(&der).unwrap();
        let files = Files::from([
            ("old-root.crt.pem".to_owned(), root),
            ("old-root-1.crt.pem".to_owned(), issued[0].clone()),
            ("old-root-2.crt.pem".to_owned(), issued[1].clone()),
            ("old-root.crl.pem".to_owned(), list.to_pem().into_bytes()),
        ]);
        let file = |name: &str| FileRef::of(file_name(name), &files[name]);
        let said = |name: &str| adopted_certificate(&Certificate::from_pem(&files[name]).unwrap());
        let adopt = Action::AdoptAuthority {
            token: name("primary"),
            label: "old-root".to_owned(),
            certificate: file("old-root.crt.pem"),
            issued: vec![file("old-root-1.crt.pem"), file("old-root-2.crt.pem")],
            crl: Some(file("old-root.crl.pem")),
            without_crl: None,
            reason_where_none: Some(ReasonCode::CessationOfOperation),
            algorithm: KeyAlgorithm::EcdsaP256,
            root: said("old-root.crt.pem"),
            below: vec![said("old-root-1.crt.pem"), said("old-root-2.crt.pem")],
            list: Some(adopted_list(&list, None).unwrap()),
        };
        let holders = PEOPLE.iter().filter(|(person, _)| person.starts_with("officer-"));
        let take_over = Action::Provision {
            token: name("primary"),
            label: "example-root".to_owned(),
            mode: ProvisionMode::SetPin,
            wipe: false,
            shares: Some(Shares::New {
                set: ShareSetName::Operate,
                epoch: 1,
                threshold: 2,
                holders: holders.map(|(person, _)| name(person)).collect(),
            }),
            encoding: PinEncoding::default(),
        };
        let steps = vec![("take-over", take_over), ("old-root", adopt)];
        let inputs: BTreeMap<_, _> = files;
        self.hold("adoption", steps, inputs, tricks)
    }

    /// A complete second ceremony: the first CRL that is signed here.
    pub(crate) fn after_adoption(&mut self, tricks: &Tricks) -> PathBuf {
        self.lists("lists", vec![("crl", 42, "2026-12-01T09:30:00Z", vec![revoked()])], tricks)
    }
}
