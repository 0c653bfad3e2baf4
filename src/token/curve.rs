use crate::format::KeyAlgorithm;

/// CKA_EC_PARAMS of the algorithm's curve: the DER object identifier (RFC 5480 2.1.1.1).
pub(super) fn parameters(algorithm: KeyAlgorithm) -> &'static [u8] {
    match algorithm {
        // 1.2.840.10045.3.1.7
        KeyAlgorithm::EcdsaP256 => &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07],
        // 1.3.132.0.34
        KeyAlgorithm::EcdsaP384 => &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22],
    }
}

/// Bytes of a field element: of each coordinate, of r and of s (SEC 1 2.3.5).
pub(super) fn field_bytes(algorithm: KeyAlgorithm) -> usize {
    match algorithm {
        KeyAlgorithm::EcdsaP256 => 32,
        KeyAlgorithm::EcdsaP384 => 48,
    }
}

/// Bytes of the algorithm's hash: SHA-256 or SHA-384 (FIPS 180-4).
pub(super) fn digest_bytes(algorithm: KeyAlgorithm) -> usize {
    match algorithm {
        KeyAlgorithm::EcdsaP256 => 32,
        KeyAlgorithm::EcdsaP384 => 48,
    }
}

/// The uncompressed point (SEC 1 2.3.3) in a CKA_EC_POINT, or `None` when it is none of this curve.
///
/// PKCS#11 asks for a DER OCTET STRING; tokens also give the bare point or a BIT STRING. The bare form is tried
/// first, and every form has one length only, so no value can be read in two ways.
pub(super) fn decode_point(algorithm: KeyAlgorithm, value: &[u8]) -> Option<&[u8]> {
    let length = 1 + 2 * field_bytes(algorithm);
    let uncompressed = |point: &[u8]| point.len() == length && point.first() == Some(&0x04);
    if uncompressed(value) {
        return Some(value);
    }
    // Lengths below 128 take one byte in DER (X.690 8.1.3.4); both curves' points are shorter.
    let point = match value {
        [0x04, octets, point @ ..] if usize::from(*octets) == point.len() => point,
        [0x03, octets, 0x00, point @ ..] if usize::from(*octets) == point.len() + 1 => point,
        _ => return None,
    };
    uncompressed(point).then_some(point)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: [KeyAlgorithm; 2] = [KeyAlgorithm::EcdsaP256, KeyAlgorithm::EcdsaP384];

    fn point(algorithm: KeyAlgorithm, fill: u8) -> Vec<u8> {
        let mut point = vec![0x04];
        point.resize(1 + 2 * field_bytes(algorithm), fill);
        point
    }

    fn wrapped(head: &[u8], point: &[u8]) -> Vec<u8> {
        [head, point].concat()
    }

    #[test]
    fn a_point_is_read_bare_in_an_octet_string_and_in_a_bit_string() {
        for algorithm in BOTH {
            let point = point(algorithm, 0x5a);
            let length = u8::try_from(point.len()).unwrap();
            for value in
                [point.clone(), wrapped(&[0x04, length], &point), wrapped(&[0x03, length + 1, 0x00], &point)]
            {
                assert_eq!(decode_point(algorithm, &value), Some(point.as_slice()));
            }
        }
    }

    #[test]
    fn a_bare_point_that_looks_like_der_is_taken_as_it_is() {
        for algorithm in BOTH {
            let mut point = point(algorithm, 0x11);
            point[1] = u8::try_from(point.len() - 2).unwrap();
            assert_eq!(decode_point(algorithm, &point), Some(point.as_slice()));
        }
    }

    #[test]
    fn what_is_no_point_of_the_curve_is_refused() {
        let p256 = point(KeyAlgorithm::EcdsaP256, 0x5a);
        let mut compressed = p256[..33].to_vec();
        compressed[0] = 0x02;
        let mut hybrid = p256.clone();
        hybrid[0] = 0x06;
        for value in [
            Vec::new(),
            vec![0x04],
            compressed,
            hybrid.clone(),
            wrapped(&[0x04, 65], &hybrid),
            point(KeyAlgorithm::EcdsaP384, 0x5a),
            wrapped(&[0x04, 64], &p256),
            wrapped(&[0x04, 66], &p256),
            wrapped(&[0x04, 65], &p256[..64]),
            wrapped(&[0x04, 0x81, 65], &p256),
            wrapped(&[0x03, 66, 0x01], &p256),
            wrapped(&[0x30, 65], &p256),
            wrapped(&[0x04, 67, 0x04, 65], &p256),
        ] {
            assert_eq!(decode_point(KeyAlgorithm::EcdsaP256, &value), None, "{value:02x?}");
        }
    }
}
