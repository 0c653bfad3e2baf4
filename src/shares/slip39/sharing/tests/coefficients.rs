//! Chi-square over what a split draws: 255 degrees of freedom, so a mean of 255 and a standard deviation of 22.6.

use super::field::{SLIP39, inverse, product};
use super::*;

const SPLITS: u32 = 4000;
/// Four standard deviations around the mean.
const EVEN: std::ops::Range<f64> = 165.0..345.0;

fn chi_square(counts: &[u32; 256]) -> f64 {
    let expected = f64::from(counts.iter().sum::<u32>()) / 256.0;
    counts.iter().map(|&count| (f64::from(count) - expected).powi(2) / expected).sum()
}

/// Coefficients of the polynomial through as many points as it has coefficients, the secret being the first:
/// abscissas are counted from [`SECRET_X`].
///
/// Newton's divided differences, then Horner's scheme: another way than the product's Lagrange sums.
fn coefficients(points: &[(u8, u8)], inverses: &[u8; 256]) -> Vec<u8> {
    let x: Vec<u8> = points.iter().map(|(x, _)| x ^ SECRET_X).collect();
    let mut differences: Vec<u8> = points.iter().map(|(_, y)| *y).collect();
    for order in 1..points.len() {
        for place in (order..points.len()).rev() {
            let run = inverses[usize::from(x[place] ^ x[place - order])];
            differences[place] = product(SLIP39, differences[place] ^ differences[place - 1], run);
        }
    }
    let mut polynomial: Vec<u8> = Vec::new();
    for (x, difference) in x.iter().zip(&differences).rev() {
        // Times (X + x), plus the difference.
        polynomial.insert(0, 0);
        for place in 0..polynomial.len() - 1 {
            polynomial[place] ^= product(SLIP39, polynomial[place + 1], *x);
        }
        polynomial[0] ^= difference;
    }
    polynomial
}

/// How often each coefficient of the polynomials of a fixed secret took each value; the first is the secret.
fn counted(threshold: u8, change: fn(&mut Vec<u8>)) -> Vec<[u32; 256]> {
    let inverses = std::array::from_fn(|x| if x == 0 { 0 } else { inverse(u8::try_from(x).unwrap()) });
    let mut counts = vec![[0; 256]; usize::from(threshold)];
    for seed in 0..SPLITS {
        let points = points(u64::from(seed) + 10, threshold, threshold);
        for (place, secret) in SECRET.iter().enumerate() {
            let values: Vec<(u8, u8)> = points.iter().map(|point| (point.x, point.y[place])).collect();
            let mut found = coefficients(&values, &inverses);
            assert_eq!(found[0], *secret);
            change(&mut found);
            for (counts, coefficient) in counts.iter_mut().zip(found) {
                counts[usize::from(coefficient)] += 1;
            }
        }
    }
    counts
}

#[test]
fn every_coefficient_of_a_split_is_as_likely_as_any_other_zero_included() {
    for threshold in [2, 3, 5] {
        for (degree, counts) in counted(threshold, |_| {}).iter().enumerate().skip(1) {
            let found = chi_square(counts);
            assert!(EVEN.contains(&found), "coefficient {degree} of {threshold}: {found}");
            // 500 are expected; the standard deviation is 22.3.
            assert!((400..600).contains(&counts[0]), "coefficient {degree} of {threshold}: {}", counts[0]);
        }
    }
}

/// The defect of RUSTSEC-2024-0398, planted: the highest coefficient is never zero.
#[test]
fn a_highest_coefficient_that_is_never_zero_is_noticed() {
    let counts = counted(3, |polynomial| {
        let highest = polynomial.last_mut().unwrap();
        *highest = (*highest).max(1);
    });
    assert!(EVEN.contains(&chi_square(&counts[1])));
    assert!(!EVEN.contains(&chi_square(&counts[2])), "{}", chi_square(&counts[2]));
}

/// What a holder has is as even as the coefficients, but where four octets are the digest of the secret under a
/// random key, and these too.
#[test]
fn a_share_of_a_fixed_secret_is_evenly_distributed() {
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
        for counts in &counts {
            assert!(EVEN.contains(&chi_square(counts)), "{}", chi_square(counts));
        }
    }
}
