use zeroize::Zeroizing;

use super::derive::derive;
use super::error::Error;
use crate::format::{Hex, Name, PinPolicy, SharesSplit};
use crate::secret::{Pin, QuorumSecret};

/// The symbols of a PIN: capital letters and digits but I, O, 0 and 1. 32, so that five bits choose one evenly.
const ALPHABET: &str = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const BITS_PER_SYMBOL: u32 = 5;
const MOST_SYMBOLS: u8 = 32;
const LEAST_BITS: u32 = 128;
const PLACE_OF_PIN: &str = "{pin}";

/// Whose PIN it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinPurpose {
    /// CKU_USER.
    User,
    /// CKU_SO.
    SecurityOfficer,
}

impl PinPurpose {
    fn label(self) -> &'static str {
        match self {
            Self::User => "user-pin",
            Self::SecurityOfficer => "so-pin",
        }
    }
}

/// How the PINs of a token will follow from the secret of `split`, given the lengths that the token takes
/// (ulMinPinLen and ulMaxPinLen, CK_TOKEN_INFO).
///
/// # Errors
/// [`Error::PinTooWeak`] under 128 bits, [`Error::PinTooShort`] where the token wants more than 32 symbols.
pub fn new_pin_policy(
    step: &Name,
    token: &Name,
    token_id: [u8; 16],
    split: &SharesSplit,
    pin_min: u64,
    pin_max: u64,
) -> Result<PinPolicy, Error> {
    let length = u8::try_from(pin_max).unwrap_or(u8::MAX).min(MOST_SYMBOLS);
    let bits = u32::from(length) * BITS_PER_SYMBOL;
    if bits < LEAST_BITS {
        return Err(Error::PinTooWeak { pin_max, bits });
    }
    if pin_min > u64::from(length) {
        return Err(Error::PinTooShort { pin_min });
    }
    Ok(PinPolicy {
        step: step.clone(),
        token: token.clone(),
        token_id: Hex(token_id.to_vec()),
        set_id: split.set_id.clone(),
        epoch: split.epoch,
        alphabet: ALPHABET.to_owned(),
        length,
        template: PLACE_OF_PIN.to_owned(),
        entropy_bits: bits,
    })
}

/// A PIN of the token that `policy` names.
///
/// HKDF-SHA-256 of the secret with salt `anchorite-quorum-secret/v1`. Each field of the info has its length before
/// it as two octets, big-endian: `user-pin` or `so-pin`; the authority's name; the token identifier (16 octets);
/// the epoch (4 octets, big-endian); and `ALPHABET/LENGTH/TEMPLATE` as the policy has them, the length in decimal.
/// The low five bits of each of the first LENGTH octets choose a symbol; the template puts them in their place.
///
/// # Errors
/// [`Error::PinPolicy`] for a policy that [`new_pin_policy`] did not make.
pub fn derive_pin(
    secret: &QuorumSecret,
    authority: &Name,
    policy: &PinPolicy,
    purpose: PinPurpose,
) -> Result<Pin, Error> {
    let PinPolicy { alphabet, length, template, .. } = policy;
    let (before, after) = template.split_once(PLACE_OF_PIN).ok_or(Error::PinPolicy { member: "template" })?;
    let symbols = alphabet.as_bytes();
    if !is_alphabet(symbols) {
        return Err(Error::PinPolicy { member: "alphabet" });
    }
    if u32::from(*length) * BITS_PER_SYMBOL < LEAST_BITS || *length > MOST_SYMBOLS {
        return Err(Error::PinPolicy { member: "length" });
    }
    let encoding = format!("{alphabet}/{length}/{template}");
    let info = [
        purpose.label().as_bytes(),
        authority.as_str().as_bytes(),
        &policy.token_id.0,
        &policy.epoch.to_be_bytes(),
        encoding.as_bytes(),
    ];
    let output = derive(secret, &info)?;
    let mut pin = Zeroizing::new(Vec::with_capacity(template.len() + usize::from(*length)));
    pin.extend_from_slice(before.as_bytes());
    for octet in output.iter().take(usize::from(*length)) {
        let symbol = symbols.get(usize::from(octet & 31)).ok_or(Error::PinPolicy { member: "alphabet" })?;
        pin.push(*symbol);
    }
    pin.extend_from_slice(after.as_bytes());
    Ok(Pin::new(pin))
}

/// 32 different printable characters.
fn is_alphabet(symbols: &[u8]) -> bool {
    let printable = symbols.iter().all(u8::is_ascii_graphic);
    let mut sorted = symbols.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    printable && symbols.len() == 32 && sorted.len() == 32
}

#[cfg(test)]
mod tests {
    use sha2::Digest as _;

    use super::*;
    use crate::format::{Digest, ShareSetName};
    use crate::shares::tests::{name, python, secret};

    fn split() -> SharesSplit {
        SharesSplit {
            step: name("provision"),
            set: ShareSetName::Operate,
            set_id: Hex(vec![1, 2, 3, 4]),
            epoch: 3,
            threshold: 2,
            shares: Vec::new(),
            check: Digest::ZERO,
        }
    }

    fn policy(pin_max: u64) -> PinPolicy {
        new_pin_policy(&name("provision"), &name("primary"), [7; 16], &split(), 4, pin_max).unwrap()
    }

    fn pin(secret: &QuorumSecret, policy: &PinPolicy, purpose: PinPurpose) -> String {
        let pin = derive_pin(secret, &name("example-prod"), policy, purpose).unwrap();
        String::from_utf8(pin.expose_pin().to_vec()).unwrap()
    }

    #[test]
    fn python_derives_the_same_pins() {
        let mut long = policy(255);
        let mut short = policy(26);
        long.template = "user:{pin}".to_owned();
        short.epoch = 0x0102_0304;
        let alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
        for (policy, purpose, label, encoding, expected) in [
            (&long, PinPurpose::User, "user-pin", "32/user:{pin}", "user:5SWZSKAR95PY8ZNZVRB4KC4Z65TCHHQV"),
            (
                &long,
                PinPurpose::SecurityOfficer,
                "so-pin",
                "32/user:{pin}",
                "user:573GCVXTCC253C425H3TVDDF6KHTDCXR",
            ),
            (&short, PinPurpose::User, "user-pin", "26/{pin}", "NSURFYP6VVZ6CTSHQ53VUTL6KT"),
        ] {
            let found = pin(&secret(), policy, purpose);
            let (prefix, length) = if policy.length == 32 { ("user:", 32) } else { ("", 26) };
            let recomputed = python(&format!(
                "'{prefix}' + pin(hkdf(b'anchorite-quorum-secret/v1', bytes([0x5a] * 32), sized(2, \
                 b'{label}', b'example-prod', bytes([7] * 16), ({}).to_bytes(4, 'big'), \
                 b'{alphabet}/{encoding}')), {length})",
                policy.epoch
            ));
            assert_eq!(found, recomputed);
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn every_part_of_the_policy_changes_the_pin() {
        let plain = policy(32);
        let mut pins = vec![
            pin(&secret(), &plain, PinPurpose::User),
            pin(&secret(), &plain, PinPurpose::SecurityOfficer),
            pin(&QuorumSecret::new(Zeroizing::new([0x5b; 32])), &plain, PinPurpose::User),
            pin(&secret(), &policy(31), PinPurpose::User),
        ];
        let changes: [fn(&mut PinPolicy); 3] = [
            |policy| policy.token_id.0[0] = 8,
            |policy| policy.epoch = 4,
            |policy| policy.template = "user:{pin}".to_owned(),
        ];
        for change in changes {
            let mut policy = plain.clone();
            change(&mut policy);
            pins.push(pin(&secret(), &policy, PinPurpose::User));
        }
        let other = derive_pin(&secret(), &name("example-lab"), &plain, PinPurpose::User).unwrap();
        pins.push(String::from_utf8(other.expose_pin().to_vec()).unwrap());
        let mut beginnings: Vec<String> =
            pins.iter().map(|pin| pin.replace("user:", "")[..16].to_owned()).collect();
        beginnings.sort_unstable();
        beginnings.dedup();
        assert_eq!(beginnings.len(), pins.len());
    }

    #[test]
    fn a_pin_has_128_bits_or_is_refused() {
        for (pin_min, pin_max, expected) in [
            (4, 255, Ok((32, 160))),
            (32, 32, Ok((32, 160))),
            (4, 26, Ok((26, 130))),
            (4, u64::MAX, Ok((32, 160))),
            (4, 25, Err(Error::PinTooWeak { pin_max: 25, bits: 125 })),
            (0, 0, Err(Error::PinTooWeak { pin_max: 0, bits: 0 })),
            (33, 64, Err(Error::PinTooShort { pin_min: 33 })),
        ] {
            let made = new_pin_policy(&name("provision"), &name("hsm"), [7; 16], &split(), pin_min, pin_max);
            assert_eq!(made.map(|policy| (policy.length, policy.entropy_bits)), expected);
        }
    }

    #[test]
    fn a_policy_that_was_changed_gives_no_pin() {
        type Change = fn(&mut PinPolicy);
        let changes: [(Change, &str); 7] = [
            (|policy| policy.length = 0, "length"),
            (|policy| policy.length = 25, "length"),
            (|policy| policy.length = 33, "length"),
            (|policy| policy.template = "pin".to_owned(), "template"),
            (|policy| policy.alphabet = "A".repeat(32), "alphabet"),
            (|policy| policy.alphabet = "0123456789".to_owned(), "alphabet"),
            (|policy| policy.alphabet.replace_range(0..1, " "), "alphabet"),
        ];
        for (change, member) in changes {
            let mut policy = policy(32);
            change(&mut policy);
            let result = derive_pin(&secret(), &name("example-prod"), &policy, PinPurpose::User);
            assert_eq!(result.err(), Some(Error::PinPolicy { member }));
        }
    }

    /// Chi-square over 64000 symbols, 31 degrees of freedom: the mean is 31, the standard deviation 7.9.
    #[test]
    fn every_symbol_of_a_pin_is_as_likely_as_any_other() {
        let policy = policy(32);
        let mut counts = [0u32; 32];
        for seed in 0u32..2000 {
            let secret = QuorumSecret::new(Zeroizing::new(sha2::Sha256::digest(seed.to_be_bytes()).into()));
            for symbol in pin(&secret, &policy, PinPurpose::User).chars() {
                counts[ALPHABET.find(symbol).unwrap()] += 1;
            }
        }
        let chi_square: f64 = counts.iter().map(|&count| (f64::from(count) - 2000.0).powi(2) / 2000.0).sum();
        assert!((8.0..64.0).contains(&chi_square), "{chi_square}");
    }
}
