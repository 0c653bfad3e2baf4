//! The same sums in another library: `sharks`, which computes in another field of 256 elements.

use super::field::{SLIP39, product};
use super::*;

/// `sharks` computes in GF(2)[x]/(x^8 + x^4 + x^3 + x^2 + 1).
const THEIRS: u16 = 0x11d;

/// The image of each octet of SLIP-39's field in that of `sharks`.
///
/// All fields of 256 elements are one: sending x to a root of the first polynomial carries sums to sums and
/// products to products.
fn images() -> [u8; 256] {
    let value_at = |octets: u16, x: u8| {
        (0..9).rev().fold(0u8, |sum, bit| product(THEIRS, sum, x) ^ u8::from((octets >> bit) & 1 == 1))
    };
    let root = (2..=255).find(|&x| value_at(SLIP39, x) == 0).unwrap();
    std::array::from_fn(|octet| value_at(u16::try_from(octet).unwrap(), root))
}

/// Every T and N that a set can have.
fn quorums() -> impl Iterator<Item = (u8, u8)> {
    (2..=16).flat_map(|count| (2..=count).map(move |threshold| (threshold, count)))
}

/// `count` different ones of the places below `limit`, in an order of chance.
fn chosen(seed: u64, count: u8, limit: u8) -> Vec<u8> {
    let mut chance = chance(seed);
    let mut left: Vec<u8> = (0..limit).collect();
    let draw = |_| {
        let mut octet = [0];
        chance(&mut octet).unwrap();
        left.swap_remove(usize::from(octet[0]) % left.len())
    };
    (0..count).map(draw).collect()
}

#[test]
fn another_library_recovers_10000_secrets_from_the_same_points() {
    let image = images();
    let image = |octet: &u8| image[usize::from(*octet)];
    let expected: Vec<u8> = SECRET.iter().map(image).collect();
    let rounds = 84;
    assert!(quorums().count() * rounds > 10_000);
    for (seed, (threshold, count)) in (0u64..).zip((0..rounds).flat_map(|_| quorums())) {
        let points = points(2 + seed, threshold, count);
        let moved = chosen(seed, threshold, count).into_iter().map(|place| {
            let Point { x, y } = &points[usize::from(place)];
            let bytes: Vec<u8> = std::iter::once(&(x ^ SECRET_X)).chain(y.iter()).map(image).collect();
            sharks::Share::try_from(bytes.as_slice()).unwrap()
        });
        let moved: Vec<sharks::Share> = moved.collect();
        assert_eq!(sharks::Sharks(threshold).recover(&moved).unwrap(), expected, "{threshold} of {count}");
    }
}

#[test]
fn the_points_of_another_library_are_combined_to_its_secret() {
    let image = images();
    let back = |octet: &u8| u8::try_from(image.iter().position(|found| found == octet).unwrap()).unwrap();
    let secret: Vec<u8> = SECRET.iter().map(|octet| image[usize::from(*octet)]).collect();
    for (seed, (threshold, count)) in (0u64..).zip(quorums()) {
        let dealt: Vec<sharks::Share> =
            sharks::Sharks(threshold).dealer(&secret).take(usize::from(count)).collect();
        let points = chosen(seed, threshold, count).into_iter().map(|place| {
            let bytes: Vec<u8> = Vec::from(&dealt[usize::from(place)]).iter().map(back).collect();
            let (x, y) = bytes.split_first().unwrap();
            Point { x: *x, y: Zeroizing::new(y.to_vec()) }
        });
        let points: Vec<Point> = points.collect();
        let found = interpolate(&points.iter().collect::<Vec<_>>(), 0).unwrap();
        assert_eq!(*found, SECRET, "{threshold} of {count}");
    }
}
