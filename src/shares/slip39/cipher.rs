use pbkdf2::pbkdf2_hmac;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::Error;
use super::share::Set;

const ROUNDS: [u8; 4] = [0, 1, 2, 3];
/// 10000 iterations in all at exponent 0.
const ITERATIONS_PER_ROUND: u32 = 2500;

/// Encrypts a secret with SLIP-39's four-round Feistel network ("Encryption of the master secret").
pub(super) fn encrypt(secret: &[u8], passphrase: &[u8], set: Set) -> Result<Zeroizing<Vec<u8>>, Error> {
    feistel(secret, passphrase, set, ROUNDS.into_iter())
}

/// The inverse of [`encrypt`]: the same rounds backwards.
pub(super) fn decrypt(encrypted: &[u8], passphrase: &[u8], set: Set) -> Result<Zeroizing<Vec<u8>>, Error> {
    feistel(encrypted, passphrase, set, ROUNDS.into_iter().rev())
}

fn feistel(
    block: &[u8],
    passphrase: &[u8],
    set: Set,
    rounds: impl Iterator<Item = u8>,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let (left, right) = block.split_at_checked(block.len() / 2).ok_or(Error::Arithmetic)?;
    if left.len() != right.len() {
        return Err(Error::Arithmetic);
    }
    let mut left = Zeroizing::new(left.to_vec());
    let mut right = Zeroizing::new(right.to_vec());
    let prefix = set.salt();
    for round in rounds {
        let mut password = Zeroizing::new(Vec::with_capacity(1 + passphrase.len()));
        password.push(round);
        password.extend_from_slice(passphrase);
        let mut salt = Zeroizing::new(Vec::with_capacity(prefix.len() + right.len()));
        salt.extend_from_slice(&prefix);
        salt.extend_from_slice(&right);
        let mut mask = Zeroizing::new(vec![0; right.len()]);
        pbkdf2_hmac::<Sha256>(&password, &salt, ITERATIONS_PER_ROUND << set.iteration_exponent, &mut mask);
        for (byte, mask) in left.iter_mut().zip(mask.iter()) {
            *byte ^= mask;
        }
        std::mem::swap(&mut left, &mut right);
    }
    let mut out = Zeroizing::new(Vec::with_capacity(block.len()));
    out.extend_from_slice(&right);
    out.extend_from_slice(&left);
    Ok(out)
}
