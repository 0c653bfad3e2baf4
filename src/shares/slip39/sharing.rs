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
mod tests {
    use super::*;
    use crate::shares::tests::{chance, subsets};

    const SECRET: [u8; 32] = *b"thirty-two octets that are fixed";

    fn points(seed: u64, threshold: u8, count: u8) -> Vec<Point> {
        split::<RoomError>(threshold, count, &SECRET, &mut chance(seed)).unwrap()
    }

    #[test]
    fn one_point_less_gives_another_value_which_the_digest_refuses() {
        for (threshold, count) in [(3, 5), (5, 9), (16, 16)] {
            let points = points(1, threshold, count);
            for chosen in subsets(points.len(), u32::from(threshold) - 1) {
                let chosen: Vec<&Point> = chosen.iter().map(|&place| &points[place]).collect();
                assert_ne!(*interpolate(&chosen, SECRET_X).unwrap(), SECRET);
                assert_eq!(recover(threshold - 1, &chosen).err(), Some(Error::Digest));
            }
        }
    }

    /// The image of an octet of SLIP-39's field, GF(2)[x]/0x11b, in GF(2)[x]/0x11d, where `sharks` computes.
    ///
    /// All fields of 256 elements are one: sending x to a root of the first polynomial carries sums to sums and
    /// products to products.
    fn image(octet: u8) -> u8 {
        let product = |a: u8, b: u8| {
            (0..8).rev().fold(0u8, |sum, bit| {
                let doubled = (sum << 1) ^ if sum & 0x80 == 0 { 0 } else { 0x1d };
                if (b >> bit) & 1 == 1 { doubled ^ a } else { doubled }
            })
        };
        let value_at = |octets: u16, x: u8| {
            (0..9).rev().fold(0u8, |sum, bit| product(sum, x) ^ u8::from((octets >> bit) & 1 == 1))
        };
        let root = (2..=255).find(|&x| value_at(0x11b, x) == 0).unwrap();
        value_at(u16::from(octet), root)
    }

    #[test]
    fn another_library_recovers_the_secret_from_the_same_points() {
        let image: Vec<u8> = (0..=255).map(image).collect();
        let image = |octet: &u8| image[usize::from(*octet)];
        let expected: Vec<u8> = SECRET.iter().map(image).collect();
        for (threshold, count) in [(2, 3), (3, 5), (5, 9), (16, 16)] {
            let points = points(2, threshold, count);
            for chosen in subsets(points.len(), u32::from(threshold)) {
                let moved = chosen.iter().map(|&place| {
                    let Point { x, y } = &points[place];
                    let bytes: Vec<u8> =
                        std::iter::once(&(x ^ SECRET_X)).chain(y.iter()).map(image).collect();
                    sharks::Share::try_from(bytes.as_slice()).unwrap()
                });
                let moved: Vec<sharks::Share> = moved.collect();
                assert_eq!(sharks::Sharks(threshold).recover(&moved).unwrap(), expected);
            }
        }
    }

    #[test]
    fn points_of_two_lengths_and_the_same_point_twice_are_refused() {
        let points = points(3, 2, 3);
        let [first, second, _] = &points[..] else { panic!("three points") };
        assert_eq!(recover(2, &[first, first]).err(), Some(Error::Duplicate));
        let short = Point { x: second.x, y: Zeroizing::new(second.y[1..].to_vec()) };
        assert_eq!(recover(2, &[first, &short]).err(), Some(Error::Arithmetic));
    }

    /// Under a fixed secret every octet of every share takes every value equally often, but where four octets
    /// are the digest of that secret under a random key, and these too: chi-square with 255 degrees of freedom,
    /// whose mean is 255 and whose standard deviation is 22.6.
    #[test]
    fn a_share_of_a_fixed_secret_is_evenly_distributed() {
        const SPLITS: u32 = 4000;
        for threshold in [2, 3] {
            let mut counts = vec![[0u32; 256]; 3];
            for seed in 0..SPLITS {
                let points = points(u64::from(seed) + 10, threshold, 3);
                for (counts, point) in counts.iter_mut().zip(&points) {
                    for &octet in point.y.iter() {
                        counts[usize::from(octet)] += 1;
                    }
                }
            }
            let expected = f64::from(SPLITS) * 32.0 / 256.0;
            for counts in &counts {
                let square = |&count: &u32| (f64::from(count) - expected).powi(2) / expected;
                let chi_square: f64 = counts.iter().map(square).sum();
                assert!((170.0..350.0).contains(&chi_square), "{chi_square}");
            }
        }
    }
}
