use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};
use serde_json::json;

use super::ExportError;
use crate::format::KeyAlgorithm;
use crate::pki::Certificate;

/// A SPIFFE bundle (SPIFFE Trust Domain and Bundle 4; X509-SVID 6.1): one JWK a root, each with exactly one certificate, no
/// `kid`; `sequence` is greater than in every bundle before, and `refresh_hint_seconds` says how soon to look again.
///
/// # Errors
/// [`ExportError::NoJwk`].
pub fn spiffe_bundle(
    roots: &[Certificate],
    sequence: u64,
    refresh_hint_seconds: u64,
) -> Result<String, ExportError> {
    let keys = roots.iter().map(jwk).collect::<Result<Vec<_>, _>>()?;
    let bundle = json!({
        "spiffe_sequence": sequence,
        "spiffe_refresh_hint": refresh_hint_seconds,
        "keys": keys,
    });
    Ok(format!("{bundle:#}\n"))
}

/// RFC 7518 6.2.1: both coordinates at their full length.
fn jwk(root: &Certificate) -> Result<serde_json::Value, ExportError> {
    let no_jwk = || ExportError::NoJwk { subject: root.subject().to_string() };
    let key = root.public_key();
    let curve = match key.key_algorithm() {
        Some(KeyAlgorithm::EcdsaP256) => "P-256",
        Some(KeyAlgorithm::EcdsaP384) => "P-384",
        None => return Err(no_jwk()),
    };
    let (tag, coordinates) = key.ec_point().and_then(|point| point.split_first()).ok_or_else(no_jwk)?;
    let (x, y) = coordinates.split_at_checked(coordinates.len() / 2).ok_or_else(no_jwk)?;
    if *tag != 4 || x.len() != y.len() {
        return Err(no_jwk());
    }
    Ok(json!({
        "use": "x509-svid",
        "kty": "EC",
        "crv": curve,
        "x": Base64UrlUnpadded::encode_string(x),
        "y": Base64UrlUnpadded::encode_string(y),
        "x5c": [Base64::encode_string(root.der())],
    }))
}
