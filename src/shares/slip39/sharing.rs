use pbkdf2::hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use vsss_rs::Gf256;
use zeroize::{Zeroize as _, Zeroizing};

use super::Error;
use crate::shares::error::Error as RoomError;

/// Where the polynomials take the value of the secret (SLIP-39, "Shamir's secret sharing scheme").
const SECRET_X: u8 = 255;
/// Where they take the value of the digest share.
const DIGEST_X: u8 = 254;
/// Octets of the digest share that are digest; the rest is its random key.
const DIGEST_LENGTH: usize = 4;

/// One value of the polynomials over GF(256), one polynomial an octet.
pub(super) struct Point {
    pub(super) x: u8,
    pub(super) y: Zeroizing<Vec<u8>>,
}

/// Splits `secret` into points 0 to `count` - 1, any `threshold` of which recover it. 2 <= T <= N <= 16.
///
/// T - 2 points are random; with the digest share and the secret they fix the polynomials.
pub(super) fn split<E: From<RoomError>>(
    threshold: u8,
    count: u8,
    secret: &[u8],
    random: &mut dyn FnMut(&mut [u8]) -> Result<(), E>,
) -> Result<Vec<Point>, E> {
    let mut draw = |length: usize| -> Result<Zeroizing<Vec<u8>>, E> {
        let mut bytes = Zeroizing::new(vec![0; length]);
        random(&mut bytes)?;
        Ok(bytes)
    };
    let free = threshold.saturating_sub(2);
    let mut base = Vec::with_capacity(usize::from(threshold));
    for x in 0..free {
        base.push(Point { x, y: draw(secret.len())? });
    }
    let key = draw(secret.len().saturating_sub(DIGEST_LENGTH))?;
    let mut digest_share = Zeroizing::new(Vec::with_capacity(secret.len()));
    digest_share.extend_from_slice(digest(&key, secret).map_err(RoomError::from)?.as_slice());
    digest_share.extend_from_slice(&key);
    base.push(Point { x: DIGEST_X, y: digest_share });
    base.push(Point { x: SECRET_X, y: Zeroizing::new(secret.to_vec()) });

    let base: Vec<&Point> = base.iter().collect();
    let mut points = Vec::with_capacity(usize::from(count));
    for x in 0..count {
        points.push(Point { x, y: interpolate(&base, x).map_err(RoomError::from)? });
    }
    Ok(points)
}

/// The secret that exactly `threshold` points fix, checked against the digest share.
pub(super) fn recover(threshold: u8, points: &[&Point]) -> Result<Zeroizing<Vec<u8>>, Error> {
    if threshold == 1 {
        // A single share is the secret itself and has no digest.
        let point = points.first().ok_or(Error::Arithmetic)?;
        return Ok(Zeroizing::new(point.y.to_vec()));
    }
    let secret = interpolate(points, SECRET_X)?;
    let digest_share = interpolate(points, DIGEST_X)?;
    let (found, key) = digest_share.split_at_checked(DIGEST_LENGTH).ok_or(Error::Arithmetic)?;
    if bool::from(digest(key, &secret)?.ct_eq(found)) { Ok(secret) } else { Err(Error::Digest) }
}

/// The polynomials through `points` at `x`.
///
/// The library recovers at 0 only. In GF(256) subtraction is XOR, so moving every abscissa by `x` moves the
/// wanted value to 0.
fn interpolate(points: &[&Point], x: u8) -> Result<Zeroizing<Vec<u8>>, Error> {
    if let Some(point) = points.iter().find(|point| point.x == x) {
        return Ok(Zeroizing::new(point.y.to_vec()));
    }
    let mut moved = Zeroizing::new(Vec::with_capacity(points.len()));
    for point in points {
        let mut share = Vec::with_capacity(1 + point.y.len());
        share.push(point.x ^ x);
        share.extend_from_slice(&point.y);
        moved.push(share);
    }
    match Gf256::combine_bytes(moved.as_slice()) {
        Ok(value) => Ok(Zeroizing::new(value)),
        Err(vsss_rs::Error::SharingDuplicateIdentifier) => Err(Error::Duplicate),
        Err(_) => Err(Error::Arithmetic),
    }
}

/// The first four octets of HMAC-SHA-256 of the secret.
fn digest(key: &[u8], secret: &[u8]) -> Result<Zeroizing<[u8; DIGEST_LENGTH]>, Error> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|_| Error::Arithmetic)?;
    mac.update(secret);
    let mut tag = mac.finalize().into_bytes();
    let mut out = Zeroizing::new([0; DIGEST_LENGTH]);
    for (byte, tag) in out.iter_mut().zip(tag.iter()) {
        *byte = *tag;
    }
    tag.as_mut_slice().zeroize();
    Ok(out)
}

#[cfg(test)]
mod tests;
