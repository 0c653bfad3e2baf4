//! rustls-webpki, in this process.

use rustls_pki_types::{CertificateDer, UnixTime};
use webpki::{
    CertRevocationList, EndEntityCert, ExpirationPolicy, KeyUsage, OwnedCertRevocationList,
    RevocationCheckDepth, RevocationOptionsBuilder, UnknownStatusPolicy, anchor_from_trusted_cert,
};

use crate::docket::{Answer, Docket, Question};
use crate::panel::der;

pub(crate) fn judge(docket: &Docket) -> Vec<Answer> {
    let verdicts = docket.items.iter().filter_map(|item| {
        let result = match &item.question {
            Question::Object { role, file, issuer } => object(docket, role, file, issuer),
            Question::Path { to_leaf: false, .. } => return None,
            Question::Path { at, anchor, certificate, above, crls, .. } => {
                path(docket, *at, anchor, certificate, above, crls)
            }
        };
        Some(Answer {
            judge: "webpki".to_owned(),
            item: item.name.clone(),
            verdict: if result.is_ok() { "accepted" } else { "refused" }.to_owned(),
            text: result.err().unwrap_or_default(),
        })
    });
    verdicts.collect()
}

fn words(error: webpki::Error) -> String {
    format!("{error:?}")
}

/// A certificate's signature by an anchor of its issuer's name and key, or whether a CRL can be read: its signature is
/// looked at in a path alone.
fn object(docket: &Docket, role: &str, file: &str, issuer: &str) -> Result<(), String> {
    let bytes = der(&docket.path().join(file));
    if role == "crl" {
        return OwnedCertRevocationList::from_der(&bytes).map(drop).map_err(words);
    }
    let issuer = CertificateDer::from(der(&docket.path().join(issuer)));
    let certificate = CertificateDer::from(bytes);
    anchor_from_trusted_cert(&issuer).map_err(words)?;
    anchor_from_trusted_cert(&certificate).map_err(words)?;
    let issuer = EndEntityCert::try_from(&issuer).map_err(words)?;
    let (tbs, signature) = parts(&certificate);
    issuer.verify_signature(webpki::ring::ECDSA_P256_SHA256, &tbs, &signature).map_err(words)
}

/// What is signed, and the signature, as x509-parser sees them.
fn parts(certificate: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (_, certificate) = x509_parser::parse_x509_certificate(certificate).unwrap();
    (certificate.tbs_certificate.as_ref().to_vec(), certificate.signature_value.data.to_vec())
}

fn path(
    docket: &Docket,
    at: i64,
    anchor: &str,
    leaf: &str,
    above: &[String],
    crls: &[String],
) -> Result<(), String> {
    let read = |name: &str| CertificateDer::from(der(&docket.path().join(name)));
    let (anchor, leaf) = (read(anchor), read(leaf));
    let above: Vec<CertificateDer<'_>> = above.iter().map(|name| read(name)).collect();
    let anchors = [anchor_from_trusted_cert(&anchor).map_err(words)?];
    let mut lists = Vec::new();
    for name in crls {
        let list = OwnedCertRevocationList::from_der(&der(&docket.path().join(name))).map_err(words)?;
        lists.push(CertRevocationList::from(list));
    }
    let lists: Vec<&CertRevocationList<'_>> = lists.iter().collect();
    let revocation = RevocationOptionsBuilder::new(&lists)
        .map_err(|error| format!("{error:?}"))?
        .with_depth(RevocationCheckDepth::Chain)
        .with_status_policy(UnknownStatusPolicy::Deny)
        .with_expiration_policy(ExpirationPolicy::Enforce)
        .build();
    let time = UnixTime::since_unix_epoch(std::time::Duration::from_secs(at.try_into().unwrap()));
    EndEntityCert::try_from(&leaf)
        .map_err(words)?
        .verify_for_usage(
            webpki::ALL_VERIFICATION_ALGS,
            &anchors,
            &above,
            time,
            KeyUsage::client_auth(),
            Some(revocation),
            None,
        )
        .map(drop)
        .map_err(words)
}
