use hkdf::HkdfExtract;
use sha2::Sha256;
use zeroize::{Zeroize as _, Zeroizing};

use super::error::Error;
use crate::format::{Digest, Hex, Name, ShareSetName};
use crate::secret::{Passphrase, QuorumSecret};

/// HKDF's salt (RFC 5869 2.2) wherever a quorum secret is the input.
const SALT: &[u8] = b"anchorite-quorum-secret/v1";
/// HKDF's salt where a quorum secret is the output.
const NEW_SECRET_SALT: &[u8] = b"anchorite-new-quorum-secret/v1";

/// A new quorum secret out of every source of chance there is: as long as one of them is good, so is the secret.
///
/// HKDF-SHA-256, salt `anchorite-new-quorum-secret/v1`, empty info. The input is `operating-system`, its octets,
/// then `token` and its octets where there is a token to ask, then for each person `typed`, the name and what that
/// person typed; each of these with its length before it as eight octets, big-endian.
///
/// # Errors
/// [`Error::Derivation`], for no input that fits in memory.
pub fn new_quorum_secret(
    operating_system: &[u8; 32],
    token: Option<&[u8]>,
    typed: &[(Name, Passphrase)],
) -> Result<QuorumSecret, Error> {
    let mut extract = HkdfExtract::<Sha256>::new(Some(NEW_SECRET_SALT));
    let mut take = |input: &[u8]| -> Result<(), Error> {
        let length = u64::try_from(input.len()).map_err(|_| Error::Derivation)?;
        extract.input_ikm(&length.to_be_bytes());
        extract.input_ikm(input);
        Ok(())
    };
    take(b"operating-system")?;
    take(operating_system)?;
    if let Some(token) = token {
        take(b"token")?;
        take(token)?;
    }
    for (name, passphrase) in typed {
        take(b"typed")?;
        take(name.as_str().as_bytes())?;
        take(passphrase.expose_passphrase().as_bytes())?;
    }
    expand(extract, &[]).map(QuorumSecret::new)
}

/// What the record says of a secret, so that a rebuilt one is known to be right before anything follows from it.
///
/// HKDF-SHA-256 as for a PIN; the fields of the info are `check`, the identifier of the ceremony that split the
/// secret (32 octets), the set's name as the record spells it, its identifier (4 octets) and its epoch (4 octets,
/// big-endian).
///
/// # Errors
/// [`Error::Derivation`], for no set identifier that a record can hold.
pub fn check_value(
    secret: &QuorumSecret,
    ceremony: &Digest,
    set: ShareSetName,
    set_id: &Hex,
    epoch: u32,
) -> Result<Digest, Error> {
    let set = set.to_string();
    let info = [b"check", ceremony.as_bytes().as_slice(), set.as_bytes(), &set_id.0, &epoch.to_be_bytes()];
    Ok(Digest::from_bytes(*derive(secret, &info)?))
}

/// HKDF-SHA-256 of a quorum secret; each field of the info has its length before it as two octets, big-endian.
pub(super) fn derive<const OCTETS: usize>(
    secret: &QuorumSecret,
    info: &[&[u8]],
) -> Result<Zeroizing<[u8; OCTETS]>, Error> {
    let mut extract = HkdfExtract::<Sha256>::new(Some(SALT));
    extract.input_ikm(secret.expose_secret());
    let mut prefixed = Vec::new();
    for field in info {
        let length = u16::try_from(field.len()).map_err(|_| Error::Derivation)?;
        prefixed.extend_from_slice(&length.to_be_bytes());
        prefixed.extend_from_slice(field);
    }
    expand(extract, &prefixed)
}

fn expand<const OCTETS: usize>(
    extract: HkdfExtract<Sha256>,
    info: &[u8],
) -> Result<Zeroizing<[u8; OCTETS]>, Error> {
    let (mut key, hkdf) = extract.finalize();
    key.as_mut_slice().zeroize();
    let mut output = Zeroizing::new([0; OCTETS]);
    hkdf.expand(info, output.as_mut_slice()).map_err(|_| Error::Derivation)?;
    Ok(output)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shares::tests::{python, secret};

    fn typed(name: &str, text: &str) -> (Name, Passphrase) {
        (name.parse().unwrap(), Passphrase::new(Zeroizing::new(text.to_owned())))
    }

    #[test]
    fn python_derives_the_same_check_value_and_new_secret() {
        let ceremony = Digest::from_bytes([9; 32]);
        let check =
            check_value(&secret(), &ceremony, ShareSetName::Recovery, &Hex(vec![1, 2, 3, 4]), 3).unwrap();
        let recomputed = python(
            "hkdf(b'anchorite-quorum-secret/v1', bytes([0x5a] * 32), sized(2, b'check', bytes([9] * 32), \
             b'recovery', bytes([1, 2, 3, 4]), bytes([0, 0, 0, 3]))).hex()",
        );
        assert_eq!(check.to_string(), recomputed);
        assert_eq!(check.to_string(), "8cfafe32ed4b6862e9690f2e97c765061ef06b953137e2255e525f97d74e9299");

        let people = [typed("officer-a", "dice 4 2 6"), typed("officer-b", "")];
        let made = new_quorum_secret(&[3; 32], Some(&[4; 20]), &people).unwrap();
        let recomputed = python(
            "hkdf(b'anchorite-new-quorum-secret/v1', sized(8, b'operating-system', bytes([3] * 32), b'token', \
             bytes([4] * 20), b'typed', b'officer-a', b'dice 4 2 6', b'typed', b'officer-b', b''), b'').hex()",
        );
        assert_eq!(Digest::from_bytes(*made.expose_secret()).to_string(), recomputed);
    }

    #[test]
    fn every_source_of_chance_changes_a_new_secret() {
        let made = |token: Option<&[u8]>, typed: &[(Name, Passphrase)]| {
            *new_quorum_secret(&[3; 32], token, typed).unwrap().expose_secret()
        };
        let secrets = [
            *new_quorum_secret(&[4; 32], None, &[]).unwrap().expose_secret(),
            made(None, &[]),
            made(Some(&[]), &[]),
            made(Some(&[0]), &[]),
            made(None, &[typed("token", "")]),
            made(None, &[typed("a", "bc")]),
            made(None, &[typed("ab", "c")]),
            made(None, &[typed("a", "b"), typed("c", "")]),
            made(None, &[typed("c", ""), typed("a", "b")]),
        ];
        let mut different: Vec<[u8; 32]> = secrets.to_vec();
        different.sort_unstable();
        different.dedup();
        assert_eq!(different.len(), secrets.len());
    }
}
