use super::certificate::CertificateBody;
use super::revocation::RevocationListBody;
use super::{Body as _, Error, SignatureAlgorithm};
use crate::format::ArtifactKind;

/// How many revoked serial numbers are written out before the rest is only counted.
const SERIALS_SHOWN: usize = 4;

/// One line of printable ASCII that says what a TBS would certify, made from its bytes alone.
///
/// `docs/record-format.md` gives its form; people compare it, and statements carry it.
///
/// # Errors
/// When the bytes are not a strict TBSCertificate or TBSCertList.
pub fn summary(kind: ArtifactKind, tbs: &[u8]) -> Result<String, Error> {
    match kind {
        ArtifactKind::Certificate => CertificateBody::parse(tbs).map(|body| certificate(&body)),
        ArtifactKind::Crl => RevocationListBody::parse(tbs).map(|body| crl(&body)),
    }
}

fn certificate(body: &CertificateBody) -> String {
    let authority = match &body.basic_constraints {
        Some(constraints) if constraints.ca => match constraints.path_len_constraint {
            Some(path_length) => format!("CA, path length {path_length}"),
            None => "CA, path length unlimited".to_owned(),
        },
        _ => "not a CA".to_owned(),
    };
    format!(
        "certificate: subject \"{}\", issuer \"{}\", serial {}, valid {} to {}, key {} {}, {authority}, {}",
        body.subject,
        body.issuer,
        body.serial,
        body.validity.from,
        body.validity.to,
        body.public_key.describe(),
        body.public_key.key_identifier(),
        signed_with(body.signature_algorithm),
    )
}

fn crl(body: &RevocationListBody) -> String {
    let mut revoked = format!("{} revoked", body.entries.len());
    let shown: Vec<String> =
        body.entries.iter().take(SERIALS_SHOWN).map(|entry| entry.serial.to_string()).collect();
    if !shown.is_empty() {
        revoked.push_str(&format!(" ({}", shown.join(" ")));
        match body.entries.len().saturating_sub(shown.len()) {
            0 => revoked.push(')'),
            more => revoked.push_str(&format!(" and {more} more)")),
        }
    }
    format!(
        "CRL: issuer \"{}\", number {}, this update {}, next update {}, {revoked}, {}",
        body.issuer,
        body.number,
        body.this_update,
        body.next_update,
        signed_with(body.signature_algorithm),
    )
}

fn signed_with(algorithm: SignatureAlgorithm) -> String {
    format!("signed with {algorithm}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::ReasonCode;
    use crate::pki::sample;

    #[test]
    fn a_summary_is_this_line() {
        let entries: Vec<_> = (1..=6).map(|number| sample::entry(number, ReasonCode::Superseded)).collect();
        let cases = [
            (
                ArtifactKind::Certificate,
                sample::root_tbs(None),
                "certificate: subject \"O=Example, CN=Example Root G1\", \
                 issuer \"O=Example, CN=Example Root G1\", serial 0101010101010101010101010101010101, \
                 valid 2026-12-01T00:00:00Z to 2046-11-30T23:59:59Z, \
                 key ECDSA P-256 KEY1, CA, path length unlimited, signed with ecdsa-with-SHA256",
            ),
            (
                ArtifactKind::Certificate,
                sample::intermediate_tbs(),
                "certificate: subject \"O=Example, CN=Example Issuing\", \
                 issuer \"O=Example, CN=Example Root G1\", serial 0102020202020202020202020202020202, \
                 valid 2026-12-01T00:00:00Z to 2028-11-30T23:59:59Z, \
                 key ECDSA P-256 KEY2, CA, path length 0, signed with ecdsa-with-SHA256",
            ),
            (
                ArtifactKind::Crl,
                sample::crl_tbs(&[]),
                "CRL: issuer \"O=Example, CN=Example Root G1\", number 7, this update 2027-02-01T00:00:00Z, \
                 next update 2028-02-01T00:00:00Z, 0 revoked, signed with ecdsa-with-SHA256",
            ),
            (
                ArtifactKind::Crl,
                sample::crl_tbs(&entries[..1]),
                "CRL: issuer \"O=Example, CN=Example Root G1\", number 7, this update 2027-02-01T00:00:00Z, \
                 next update 2028-02-01T00:00:00Z, 1 revoked (0101010101010101010101010101010101), \
                 signed with ecdsa-with-SHA256",
            ),
            (
                ArtifactKind::Crl,
                sample::crl_tbs(&entries),
                "CRL: issuer \"O=Example, CN=Example Root G1\", number 7, this update 2027-02-01T00:00:00Z, \
                 next update 2028-02-01T00:00:00Z, 6 revoked (0101010101010101010101010101010101 \
                 0102020202020202020202020202020202 0103030303030303030303030303030303 \
                 0104040404040404040404040404040404 and 2 more), signed with ecdsa-with-SHA256",
            ),
        ];
        for (kind, tbs, expected) in cases {
            let expected = expected
                .replace("KEY1", &sample::public_key(1).key_identifier().to_string())
                .replace("KEY2", &sample::public_key(2).key_identifier().to_string());
            assert_eq!(summary(kind, &tbs), Ok(expected));
        }
        assert!(summary(ArtifactKind::Crl, &sample::root_tbs(None)).is_err());
        assert!(summary(ArtifactKind::Certificate, &sample::crl_tbs(&[])).is_err());
    }
}
