use pkcs8::der::{AnyRef, Decode as _, Reader as _, SliceReader};

/// The DER SubjectPublicKeyInfo in a DER certificate (RFC 5280 4.1), and nothing else of it.
///
/// A card's certificate says where its key is. Nothing in it is believed: the roster says whose key it is.
pub(super) fn public_key_of(certificate: &[u8]) -> Option<&[u8]> {
    let tbs = *elements(certificate)?.first()?;
    let fields = elements(tbs)?;
    // version [0] is there in every certificate but those of version 1. Then come serialNumber, signature, issuer,
    // validity and subject.
    let before = if fields.first()?.first() == Some(&0xa0) { 6 } else { 5 };
    fields.get(before).copied()
}

/// The DER values in a SEQUENCE, each with its tag and length.
fn elements(sequence: &[u8]) -> Option<Vec<&[u8]>> {
    let mut reader = SliceReader::new(AnyRef::from_der(sequence).ok()?.value()).ok()?;
    let mut elements = Vec::new();
    while !reader.is_finished() {
        elements.push(reader.tlv_bytes().ok()?);
    }
    Some(elements)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificates_public_key_is_found_and_damaged_certificates_have_none() {
        let key = rcgen::KeyPair::generate().unwrap();
        let certificate = rcgen::CertificateParams::new(vec!["card".to_owned()]).unwrap();
        let certificate = certificate.self_signed(&key).unwrap();
        let spki = rcgen::PublicKeyData::subject_public_key_info(&key);
        assert_eq!(public_key_of(certificate.der()), Some(spki.as_slice()));
        for length in 0..certificate.der().len() {
            assert_eq!(public_key_of(&certificate.der()[..length]), None, "cut to {length}");
        }
        assert_eq!(public_key_of(b""), None);
        assert_eq!(public_key_of(b"\x30\x00"), None);
        assert_eq!(public_key_of(b"\x30\x02\x30\x00"), None);
    }
}
