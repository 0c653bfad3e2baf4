use std::ops::RangeInclusive;

use zeroize::Zeroizing;

use super::derive::derive;
use super::error::Error;
use crate::format::{Hex, Name, PinEncoding, PinPolicy, PinTemplate, SharesSplit};
use crate::secret::{Pin, QuorumSecret};

/// Octets from which the symbols of a PIN are taken. 48 digits need more than this once in 10^70 times.
const OCTETS: usize = 128;

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

    fn template(self, policy: &PinPolicy) -> &PinTemplate {
        match self {
            Self::User => &policy.user_template,
            Self::SecurityOfficer => &policy.security_officer_template,
        }
    }
}

/// How many symbols a new token's PINs have, given the lengths in bytes that the token takes (ulMinPinLen and
/// ulMaxPinLen, CK_TOKEN_INFO): what the longer template leaves of the longest PIN, up to 160 bits.
///
/// Whether that is enough is not judged here: [`PinAlphabet::weakness`](crate::format::PinAlphabet::weakness) says,
/// and people decide.
///
/// # Errors
/// [`Error::PinDoesNotFit`].
pub fn new_pin_length(limits: RangeInclusive<u64>, encoding: &PinEncoding) -> Result<u8, Error> {
    let symbols = encoding.alphabet.most_symbols();
    let does_not_fit = Error::PinDoesNotFit { pin_min: *limits.start(), pin_max: *limits.end(), symbols };
    let templates = [&encoding.user_template, &encoding.security_officer_template];
    let overheads = templates.map(PinTemplate::overhead);
    let longest = usize::try_from(*limits.end()).unwrap_or(usize::MAX);
    let left = overheads.iter().map(|overhead| longest.saturating_sub(*overhead)).min().unwrap_or(0);
    let length = u8::try_from(left).unwrap_or(u8::MAX).min(symbols);
    let fits = |overhead: &usize| {
        u64::try_from(usize::from(length) + overhead).is_ok_and(|bytes| limits.contains(&bytes))
    };
    if length == 0 || !overheads.iter().all(fits) {
        return Err(does_not_fit);
    }
    Ok(length)
}

/// How the PINs of a token will follow from the secret of `split`, in the length of [`new_pin_length`].
///
/// # Errors
/// [`Error::PinDoesNotFit`].
pub fn new_pin_policy(
    step: &Name,
    token: &Name,
    token_id: [u8; 16],
    split: &SharesSplit,
    limits: RangeInclusive<u64>,
    encoding: &PinEncoding,
) -> Result<PinPolicy, Error> {
    let PinEncoding { alphabet, user_template, security_officer_template } = encoding;
    let length = new_pin_length(limits, encoding)?;
    Ok(PinPolicy {
        step: step.clone(),
        token: token.clone(),
        token_id: Hex(token_id.to_vec()),
        set_id: split.set_id.clone(),
        epoch: split.epoch,
        alphabet: *alphabet,
        length,
        user_template: user_template.clone(),
        security_officer_template: security_officer_template.clone(),
        entropy_bits: alphabet.bits(length),
    })
}

/// A PIN of the token that `policy` names.
///
/// HKDF-SHA-256 of the secret with salt `anchorite-quorum-secret/v1`, 128 octets. Each field of the info has its
/// length before it as two octets, big-endian: `user-pin` or `so-pin`; the authority's name; the token identifier
/// (16 octets); the epoch (4 octets, big-endian); and `ALPHABET/LENGTH/TEMPLATE` as the policy has them, the length
/// in decimal, the template that of the purpose. With S symbols in the alphabet, octets from 256 - 256 mod S
/// upwards are passed over, so that every symbol is as likely as any other; each of the first LENGTH others, modulo
/// S, is the number of a symbol. The template puts them in their place.
///
/// # Errors
/// [`Error::PinPolicy`] for a policy that [`new_pin_policy`] did not make.
pub fn derive_pin(
    secret: &QuorumSecret,
    authority: &Name,
    policy: &PinPolicy,
    purpose: PinPurpose,
) -> Result<Pin, Error> {
    let PinPolicy { alphabet, length, token_id, epoch, .. } = policy;
    if !(1..=alphabet.most_symbols()).contains(length) {
        return Err(Error::PinPolicy { member: "length" });
    }
    if token_id.0.len() != 16 {
        return Err(Error::PinPolicy { member: "token_id" });
    }
    let (symbols, template) = (alphabet.symbols(), purpose.template(policy));
    let encoding = format!("{symbols}/{length}/{template}");
    let info = [
        purpose.label().as_bytes(),
        authority.as_str().as_bytes(),
        &token_id.0,
        &epoch.to_be_bytes(),
        encoding.as_bytes(),
    ];
    let output = derive::<OCTETS>(secret, &info)?;
    let mut pin = Zeroizing::new(Vec::with_capacity(template.overhead() + usize::from(*length)));
    pin.extend_from_slice(template.before().as_bytes());
    let even = 256 - 256 % symbols.len();
    let numbers = output.iter().map(|octet| usize::from(*octet)).filter(|octet| *octet < even);
    let chosen = numbers.filter_map(|octet| symbols.as_bytes().get(octet % symbols.len()));
    pin.extend(chosen.take(usize::from(*length)));
    if pin.len() != template.before().len() + usize::from(*length) {
        return Err(Error::Derivation);
    }
    pin.extend_from_slice(template.after().as_bytes());
    Ok(Pin::new(pin))
}

#[cfg(test)]
mod tests;
