//! Public keys whose private half others have, or can find: printed in documents, or made by a bad generator
//! (CA/Browser Forum BR 6.1.1.3).

use rsa::BoxedUint;

use crate::format::Digest;

/// Why somebody else can sign with a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Weakness {
    /// The private half is there for everybody to read.
    #[error("its private half is printed in {source_document}")]
    Published {
        /// Where.
        source_document: &'static str,
    },
    /// The modulus is no product of two large primes (BR 6.1.6).
    #[error("{factor} divides its RSA modulus (BR 6.1.6)")]
    SmallFactor {
        /// The smallest divisor.
        factor: u16,
    },
    /// Primes of the form `k * M + (65537^a mod M)`, which some smart cards and TPMs made until 2017.
    #[error("its RSA modulus has the mark of the generator of CVE-2017-15361 (ROCA)")]
    Roca,
    /// Primes so close together that Fermat's method finds them at once (CVE-2022-26320).
    #[error("the primes of its RSA modulus are close together, and quickly found (CVE-2022-26320)")]
    ClosePrimes,
}

/// Keys that standards print whole, so that people copy them: SHA-256 of the DER SubjectPublicKeyInfo, two spaces, where.
const PUBLISHED: &str = include_str!("../tests/vectors/weak-key/published.txt");

/// The primes that divide `M` of the ROCA generator for every length of key, without 2.
const ROCA_PRIMES: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103,
    107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/// How far Fermat's method goes: primes of 1024 bits that differ by less than about 2^516 are found.
const FERMAT_ROUNDS: u32 = 100;

/// Judges any key by its DER SubjectPublicKeyInfo.
///
/// # Errors
/// [`Weakness::Published`].
pub fn check_published(spki: &[u8]) -> Result<(), Weakness> {
    let digest = Digest::of(spki).to_string();
    match PUBLISHED.lines().filter_map(|line| line.split_once("  ")).find(|(known, _)| *known == digest) {
        Some((_, source_document)) => Err(Weakness::Published { source_document }),
        None => Ok(()),
    }
}

/// Judges an RSA modulus, big-endian.
///
/// # Errors
/// [`Weakness::SmallFactor`], [`Weakness::Roca`], [`Weakness::ClosePrimes`].
pub fn check_rsa_modulus(modulus: &[u8]) -> Result<(), Weakness> {
    if let Some(factor) = (2..752).find(|factor| remainder(modulus, u32::from(*factor)) == 0) {
        return Err(Weakness::SmallFactor { factor });
    }
    // The product of two numbers of that form is, modulo each prime, a power of 65537 too. Of the moduli of
    // other generators about one in 2^27 is.
    if ROCA_PRIMES.iter().all(|prime| is_power_of_65537(remainder(modulus, *prime), *prime)) {
        return Err(Weakness::Roca);
    }
    if has_close_primes(&BoxedUint::from_be_slice_vartime(modulus)) {
        Err(Weakness::ClosePrimes)
    } else {
        Ok(())
    }
}

fn remainder(number: &[u8], divisor: u32) -> u32 {
    number.iter().fold(0, |rest, octet| (rest * 256 + u32::from(*octet)) % divisor)
}

fn is_power_of_65537(number: u32, prime: u32) -> bool {
    let mut power = 1;
    // The order of a group of residues is below the prime.
    for _ in 0..prime {
        if power == number {
            return true;
        }
        power = power * (65537 % prime) % prime;
    }
    false
}

/// Fermat: a product of two primes is a difference of squares, of small ones when the primes are close.
fn has_close_primes(modulus: &BoxedUint) -> bool {
    let one = BoxedUint::one();
    let mut middle = modulus.floor_sqrt_vartime().wrapping_add(&one);
    (0..FERMAT_ROUNDS).any(|_| {
        // The difference fits into the width of the modulus, so that the squares need not.
        let difference = middle.wrapping_square().wrapping_sub(modulus);
        middle.wrapping_add_assign(&one);
        difference.checked_sqrt_vartime().is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Hex;

    /// The keys of other generators, and primes a little farther apart, pass.
    #[test]
    fn a_modulus_that_others_can_factor_is_refused() {
        let cases = [
            (include_str!("../tests/vectors/weak-key/roca-2048.hex"), Err(Weakness::Roca)),
            (include_str!("../tests/vectors/weak-key/close-primes-2048.hex"), Err(Weakness::ClosePrimes)),
            (include_str!("../tests/vectors/weak-key/distant-primes-2048.hex"), Ok(())),
        ];
        for (modulus, expected) in cases {
            assert_eq!(check_rsa_modulus(&Hex::parse(modulus.trim()).unwrap().0), expected);
        }
        assert_eq!(check_rsa_modulus(&[0xff; 256]), Err(Weakness::SmallFactor { factor: 3 }));
    }

    #[test]
    fn a_key_that_a_standard_prints_is_refused() {
        let point =
            "302a300506032b6570032100d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        let spki = Hex::parse(point).unwrap().0;
        let published = Weakness::Published { source_document: "RFC 8032 7.1" };
        assert_eq!(check_published(&spki), Err(published));
        let mut other = spki;
        other[43] ^= 1;
        assert_eq!(check_published(&other), Ok(()));
    }
}
