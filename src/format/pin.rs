use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::hex::serde_by_text;
use super::{Hex, Name};

/// What PINs look like that are derived for a token: whatever a token or its PIN pad takes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinEncoding {
    /// The symbols.
    pub alphabet: PinAlphabet,
    /// What CKU_USER is given, with the symbols in their place.
    pub user_template: PinTemplate,
    /// What CKU_SO is given.
    pub security_officer_template: PinTemplate,
}

/// The symbols of a PIN. The record spells them out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum PinAlphabet {
    /// Capital letters and digits but I, O, 0 and 1: 32, five bits each.
    #[default]
    #[serde(rename = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789")]
    Letters,
    /// For PIN pads.
    #[serde(rename = "0123456789")]
    Digits,
}

impl PinAlphabet {
    /// The symbols in the order of their numbers from 0. Frozen: recorded PINs follow from them.
    pub fn symbols(self) -> &'static str {
        match self {
            Self::Letters => "ABCDEFGHJKLMNPQRSTUVWXYZ23456789",
            Self::Digits => "0123456789",
        }
    }

    /// As many symbols as make up to 160 bits: beyond that a PIN only gets harder to type.
    pub fn most_symbols(self) -> u8 {
        match self {
            Self::Letters => 32,
            Self::Digits => 48,
        }
    }

    /// log2 of the number of PINs of `length` symbols, rounded down.
    pub fn bits(self, length: u8) -> u32 {
        let length = u32::from(length);
        match self {
            Self::Letters => length * 5,
            // log2(10) to five places; no length below 256 comes closer to a whole number than that.
            Self::Digits => length * 332_192 / 100_000,
        }
    }

    /// What somebody with the token, or with a copy of its memory, could do to PINs of `length` symbols.
    ///
    /// `locks_out`: whether the token stops taking PINs after a few wrong ones.
    pub fn weakness(self, length: u8, locks_out: bool) -> Option<PinWeakness> {
        match self.bits(length) {
            bits @ 0..64 => Some(PinWeakness::Short { bits }),
            bits @ 64..128 if !locks_out => Some(PinWeakness::NoLockOut { bits }),
            _ => None,
        }
    }
}

const PLACE_OF_PIN: &str = "{pin}";

/// What a token is given as a PIN, with `{pin}` exactly once, in the place of the derived symbols.
///
/// Printable ASCII without spaces, 64 characters at most. Public: it stands in plan and record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinTemplate {
    before: String,
    after: String,
}

impl PinTemplate {
    /// Reads a template.
    pub fn parse(text: &str) -> Option<Self> {
        let (before, after) = text.split_once(PLACE_OF_PIN)?;
        let fits = text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_graphic());
        let once = !after.contains(PLACE_OF_PIN);
        (fits && once).then(|| Self { before: before.to_owned(), after: after.to_owned() })
    }

    /// What stands before the symbols.
    pub fn before(&self) -> &str {
        &self.before
    }

    /// What stands after them.
    pub fn after(&self) -> &str {
        &self.after
    }

    /// How many bytes of a PIN are not symbols.
    pub fn overhead(&self) -> usize {
        self.before.len() + self.after.len()
    }
}

impl Default for PinTemplate {
    /// The symbols alone.
    fn default() -> Self {
        Self { before: String::new(), after: String::new() }
    }
}

impl fmt::Display for PinTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { before, after } = self;
        write!(f, "{before}{PLACE_OF_PIN}{after}")
    }
}

serde_by_text!(PinTemplate, PinTemplate::parse, "a template with {pin} once, printable ASCII, 64 characters");

/// How PINs follow from a quorum secret. Frozen: whatever the token says later, the same PINs come out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinPolicy {
    /// In which step.
    pub step: Name,
    /// Name of the token whose PINs they are.
    pub token: Name,
    /// 16 random octets, drawn before the token has a serial number.
    pub token_id: Hex,
    /// The split that opens it.
    pub set_id: Hex,
    /// The set's epoch.
    pub epoch: u32,
    /// The symbols a PIN is made of.
    pub alphabet: PinAlphabet,
    /// How many symbols.
    pub length: u8,
    /// What CKU_USER is given.
    pub user_template: PinTemplate,
    /// What CKU_SO is given.
    pub security_officer_template: PinTemplate,
    /// log2 of the number of possible PINs, rounded down.
    pub entropy_bits: u32,
}

impl PinPolicy {
    /// What somebody with the token, or with a copy of its memory, could do to PINs of this policy.
    ///
    /// `locks_out`: whether the token stops taking PINs after a few wrong ones. The count follows from alphabet
    /// and length; [`entropy_bits`](Self::entropy_bits) is not believed.
    pub fn weakness(&self, locks_out: bool) -> Option<PinWeakness> {
        self.alphabet.weakness(self.length, locks_out)
    }
}

/// Why PINs can be guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PinWeakness {
    /// Under 64 bits: within reach whatever the token does against guessing, once its memory is copied.
    #[error("the PINs have {bits} bits, and no token should have fewer than 64")]
    Short {
        /// log2 of the number of PINs, rounded down.
        bits: u32,
    },
    /// Under 128 bits on a token that takes guesses for ever.
    #[error("the PINs have {bits} bits, and a token that does not lock out needs at least 128")]
    NoLockOut {
        /// log2 of the number of PINs, rounded down.
        bits: u32,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_has_the_place_of_the_pin_once() {
        for text in ["{pin}", "user:{pin}", "{pin}-so", "a/{pin}/b", "{{pin}}"] {
            let template = PinTemplate::parse(text).unwrap();
            assert_eq!(template.to_string(), text);
            assert_eq!(template.overhead(), text.len() - 5);
        }
        let long = format!("{}{{pin}}", "u".repeat(60));
        for text in ["", "pin", "{pin}{pin}", "user {pin}", "us\u{e9}r{pin}", "{pin}\n", &long] {
            assert_eq!(PinTemplate::parse(text), None, "{text}");
        }
    }

    #[test]
    fn entropy_is_rounded_down_and_160_bits_are_enough() {
        for alphabet in [PinAlphabet::Letters, PinAlphabet::Digits] {
            let symbols = f64::from(u8::try_from(alphabet.symbols().len()).unwrap());
            for length in 0..=u8::MAX {
                let bits = f64::from(length) * symbols.log2();
                assert_eq!(f64::from(alphabet.bits(length)), bits.floor(), "{length}");
            }
            let most = alphabet.most_symbols();
            assert!(
                f64::from(most) * symbols.log2() <= 160.0 && f64::from(most + 1) * symbols.log2() > 160.0
            );
        }
    }

    #[test]
    fn a_pin_is_weak_under_64_bits_and_without_lock_out_under_128() {
        let policy = |alphabet, length| PinPolicy {
            step: "provision".parse().unwrap(),
            token: "primary".parse().unwrap(),
            token_id: Hex(vec![7; 16]),
            set_id: Hex(vec![1, 2, 3, 4]),
            epoch: 1,
            alphabet,
            length,
            user_template: PinTemplate::default(),
            security_officer_template: PinTemplate::default(),
            // What the record claims does not count.
            entropy_bits: 160,
        };
        let short = |bits| Some(PinWeakness::Short { bits });
        let open = |bits| Some(PinWeakness::NoLockOut { bits });
        for (alphabet, length, locking, guessable) in [
            (PinAlphabet::Letters, 32, None, None),
            (PinAlphabet::Letters, 26, None, None),
            (PinAlphabet::Letters, 25, None, open(125)),
            (PinAlphabet::Letters, 13, None, open(65)),
            (PinAlphabet::Letters, 12, short(60), short(60)),
            (PinAlphabet::Digits, 48, None, None),
            (PinAlphabet::Digits, 39, None, None),
            (PinAlphabet::Digits, 38, None, open(126)),
            (PinAlphabet::Digits, 20, None, open(66)),
            (PinAlphabet::Digits, 19, short(63), short(63)),
            (PinAlphabet::Digits, 8, short(26), short(26)),
            (PinAlphabet::Digits, 0, short(0), short(0)),
        ] {
            let policy = policy(alphabet, length);
            assert_eq!((policy.weakness(true), policy.weakness(false)), (locking, guessable), "{length}");
        }
    }
}
