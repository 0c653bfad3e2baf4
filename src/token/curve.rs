use crate::format::{KeyAlgorithm, StatementAlgorithm};

/// CKA_EC_PARAMS of the algorithm's curve: the DER object identifier (RFC 5480 2.1.1.1).
pub(super) fn parameters(algorithm: KeyAlgorithm) -> &'static [u8] {
    match algorithm {
        // 1.2.840.10045.3.1.7
        KeyAlgorithm::EcdsaP256 => &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07],
        // 1.3.132.0.34
        KeyAlgorithm::EcdsaP384 => &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22],
    }
}

/// CKA_EC_PARAMS of Ed25519: the DER object identifier 1.3.101.112 (RFC 8410 section 3).
pub(super) const ED25519: &[u8] = &[0x06, 0x03, 0x2b, 0x65, 0x70];
/// Its other spelling: the DER PrintableString `edwards25519` (PKCS#11 3.0, 2.3.10).
const ED25519_NAME: &[u8] = b"\x13\x0cedwards25519";

/// The algorithm and the point that CKA_EC_PARAMS and CKA_EC_POINT of a person's key give, or `None` when it is on a curve
/// that statements are not signed with.
pub(super) fn statement_point<'v>(
    parameters: &[u8],
    value: &'v [u8],
) -> Option<(StatementAlgorithm, &'v [u8])> {
    if parameters == ED25519 || parameters == ED25519_NAME {
        // 32 octets bare, which can look like DER, or in an OCTET STRING; the lengths tell the forms apart.
        let point = match value {
            [0x04, 32, point @ ..] if point.len() == 32 => point,
            point if point.len() == 32 => point,
            _ => return None,
        };
        return Some((StatementAlgorithm::Ed25519, point));
    }
    let (algorithm, curve) = [
        (StatementAlgorithm::EcdsaP256Sha256, KeyAlgorithm::EcdsaP256),
        (StatementAlgorithm::EcdsaP384Sha384, KeyAlgorithm::EcdsaP384),
    ]
    .into_iter()
    .find(|(_, curve)| parameters == self::parameters(*curve))?;
    Some((algorithm, decode_point(curve, value)?))
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
    fn a_persons_point_is_read_on_the_curves_that_statements_know() {
        let edwards = [4, 30, 7].iter().copied().chain([9; 29]).collect::<Vec<u8>>();
        for parameters in [ED25519, ED25519_NAME] {
            for value in [edwards.clone(), wrapped(&[0x04, 32], &edwards)] {
                let found = statement_point(parameters, &value);
                assert_eq!(found, Some((StatementAlgorithm::Ed25519, edwards.as_slice())));
            }
            for value in [&edwards[1..], &wrapped(&[0x04, 33], &edwards), &wrapped(&[0x03, 33, 0], &edwards)]
            {
                assert_eq!(statement_point(parameters, value), None);
            }
        }
        let p384 = point(KeyAlgorithm::EcdsaP384, 0x11);
        let found = statement_point(parameters(KeyAlgorithm::EcdsaP384), &p384);
        assert_eq!(found, Some((StatementAlgorithm::EcdsaP384Sha384, p384.as_slice())));
        assert_eq!(statement_point(parameters(KeyAlgorithm::EcdsaP256), &p384), None);
        assert_eq!(statement_point(b"\x06\x05\x2b\x81\x04\x00\x0a", &p384), None, "secp256k1");
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
