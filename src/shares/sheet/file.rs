//! The share file, `anchorite-share-file/v1`: normative in `docs/share-file.md`.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::AeadInOut as _;
use chacha20poly1305::{ChaCha20Poly1305, Key, KeyInit as _, Nonce};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::Facts;
use crate::format::{Hex, Magic, ShareCommitment, SharesSplit};
use crate::secret::{Passphrase, ShareWords};

/// The first line.
const FORMAT: Magic =
    Magic { ceremony: "anchorite-share-file/v1", rehearsal: "anchorite-rehearsal-share-file/v1" };
/// The shortest passphrase of a new file. Its copies can be guessed at without limit.
pub const MIN_PASSPHRASE_CHARACTERS: usize = 12;
/// For new files: the second of the two sets that RFC 9106 section 4 recommends.
const NEW: Cost = Cost { memory_kib: 64 * 1024, passes: 3, lanes: 4 };
/// What a file may ask of a reader: 1 GiB, and minutes rather than days.
const MOST: Cost = Cost { memory_kib: 1024 * 1024, passes: 64, lanes: 16 };
const SALT_OCTETS: usize = 16;
const NONCE_OCTETS: usize = 12;
/// 33 words of at most eight letters have 296 characters with their spaces. Spaces fill every share up to this, so
/// that the length of a file says nothing about its words.
const PADDED: usize = 300;
const TAG_OCTETS: usize = 16;

/// Why a share file was not written or not opened. Says nothing about words or passphrase.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShareFileError {
    /// Too easy to guess for a file that may be copied.
    #[error("the passphrase has {characters} characters, at least {MIN_PASSPHRASE_CHARACTERS} are needed")]
    ShortPassphrase {
        /// How many it has.
        characters: usize,
    },
    /// The first line is another.
    #[error("this is no share file: its first line is not `{}`", FORMAT.ceremony)]
    Format,
    /// A line is missing, wrong, or not where it belongs.
    #[error("line {number} of the share file is not `{label}: ...` in the form that {} has", FORMAT.ceremony)]
    Line {
        /// Counted from 1.
        number: usize,
        /// What it has to say.
        label: &'static str,
    },
    /// More memory or time than is given to any file, or none that Argon2 takes.
    #[error(
        "the share file asks for an Argon2id with {memory_kib} KiB, {passes} passes and {lanes} lanes, which is not run"
    )]
    Cost {
        /// m of RFC 9106.
        memory_kib: u32,
        /// t.
        passes: u32,
        /// p.
        lanes: u32,
    },
    /// The host has not that much memory, or does not give it.
    #[error("there is not enough memory for the share file's Argon2id ({memory_kib} KiB)")]
    Memory {
        /// m of RFC 9106.
        memory_kib: u32,
    },
    /// The tag does not match: both look the same from here.
    #[error("the passphrase is wrong, or the share file was changed")]
    NotOpened,
    /// What was just written did not open again. Nothing was handed out.
    #[error("the new share file does not open again")]
    SelfTest,
}

/// Argon2id's parameters: m in KiB, t and p (RFC 9106 section 3.1).
#[derive(Clone, Copy, PartialEq, Eq)]
struct Cost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

/// Encrypts a share under a key from the passphrase; every line before the last is authenticated with it.
pub(super) fn seal<E: From<ShareFileError>>(
    facts: &Facts<'_>,
    words: &ShareWords,
    passphrase: &Passphrase,
    random: &mut dyn FnMut(&mut [u8]) -> Result<(), E>,
) -> Result<Vec<u8>, E> {
    let characters = passphrase.expose_passphrase().chars().count();
    if characters < MIN_PASSPHRASE_CHARACTERS {
        return Err(ShareFileError::ShortPassphrase { characters }.into());
    }
    let (mut salt, mut nonce) = ([0; SALT_OCTETS], [0; NONCE_OCTETS]);
    random(&mut salt)?;
    random(&mut nonce)?;
    let header = header(facts, NEW, &salt, &nonce);

    let mut plain = Zeroizing::new(Vec::with_capacity(PADDED + TAG_OCTETS));
    plain.extend_from_slice(words.expose_words().as_bytes());
    plain.resize(PADDED, b' ');
    cipher(passphrase, &salt, NEW)?
        .encrypt_in_place(&Nonce::from(nonce), header.as_bytes(), &mut *plain)
        .map_err(|_| ShareFileError::SelfTest)?;
    let file = format!("{header}sealed: {}\n", Hex(plain.to_vec())).into_bytes();

    let opened = open_share_file(&file, passphrase)?;
    let same = opened.expose_words().as_bytes().ct_eq(words.expose_words().as_bytes());
    if bool::from(same) { Ok(file) } else { Err(ShareFileError::SelfTest.into()) }
}

/// Whether these bytes mean to be a share file, of this version or another.
pub fn is_share_file(file: &[u8]) -> bool {
    [FORMAT.ceremony, FORMAT.rehearsal]
        .iter()
        .any(|first| file.starts_with(first.trim_end_matches(char::is_alphanumeric).as_bytes()))
}

/// The words in a share file. Whose they are is judged where they are entered.
///
/// # Errors
/// [`ShareFileError`].
pub fn open_share_file(file: &[u8], passphrase: &Passphrase) -> Result<ShareWords, ShareFileError> {
    let Sealed { header, cost, salt, nonce, ciphertext } = read(file)?;
    let mut plain = Zeroizing::new(ciphertext);
    cipher(passphrase, &salt, cost)?
        .decrypt_in_place(&Nonce::from(nonce), header, &mut *plain)
        .map_err(|_| ShareFileError::NotOpened)?;
    let words = std::str::from_utf8(&plain).map_err(|_| ShareFileError::NotOpened)?.trim_end_matches(' ');
    Ok(ShareWords::new(Zeroizing::new(words.to_owned())))
}

fn cipher(passphrase: &Passphrase, salt: &[u8], cost: Cost) -> Result<ChaCha20Poly1305, ShareFileError> {
    let Cost { memory_kib, passes, lanes } = cost;
    let refused = ShareFileError::Cost { memory_kib, passes, lanes };
    if memory_kib > MOST.memory_kib || passes > MOST.passes || lanes > MOST.lanes {
        return Err(refused);
    }
    let mut key = Zeroizing::new([0; 32]);
    let parameters = Params::new(memory_kib, passes, lanes, Some(key.len())).map_err(|_| refused.clone())?;
    Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters)
        .hash_password_into(passphrase.expose_passphrase().as_bytes(), salt, key.as_mut_slice())
        .map_err(|error| match error {
            argon2::Error::OutOfMemory => ShareFileError::Memory { memory_kib },
            _ => refused,
        })?;
    Ok(ChaCha20Poly1305::new(&Key::from(*key)))
}

/// Every line but the last, each ended by a line feed.
fn header(facts: &Facts<'_>, cost: Cost, salt: &[u8], nonce: &[u8]) -> String {
    let Facts { mode, authority, ceremony, split, share } = facts;
    let SharesSplit { set, set_id, epoch, .. } = split;
    let ShareCommitment { index, holder, .. } = share;
    let Cost { memory_kib, passes, lanes } = cost;
    let (salt, nonce) = (Hex(salt.to_vec()), Hex(nonce.to_vec()));
    format!(
        "{}\nauthority: {authority}\nceremony: {ceremony}\nset: {set}\nset-id: {set_id}\nepoch: {epoch}\n\
         share: {index}\nholder: {holder}\nkdf: argon2id\nmemory-kib: {memory_kib}\npasses: {passes}\n\
         lanes: {lanes}\nsalt: {salt}\naead: chacha20-poly1305\nnonce: {nonce}\n",
        FORMAT.of(*mode)
    )
}

/// A share file as far as it can be read without the passphrase.
struct Sealed<'a> {
    /// What is authenticated beside the words.
    header: &'a [u8],
    cost: Cost,
    salt: [u8; SALT_OCTETS],
    nonce: [u8; NONCE_OCTETS],
    ciphertext: Vec<u8>,
}

/// The lines between the first and the last, in order. Those of the share itself are for people: who opens the file
/// compares the words with a commitment.
const LINES: [&str; 14] = [
    "authority",
    "ceremony",
    "set",
    "set-id",
    "epoch",
    "share",
    "holder",
    "kdf",
    "memory-kib",
    "passes",
    "lanes",
    "salt",
    "aead",
    "nonce",
];

fn read(file: &[u8]) -> Result<Sealed<'_>, ShareFileError> {
    let text = std::str::from_utf8(file).map_err(|_| ShareFileError::Format)?;
    let mut lines = text.split_inclusive('\n');
    // Whose words they are, and of which ceremony, is judged by their commitment: a rehearsal's never fits a ceremony's.
    let first = lines.next().and_then(|line| line.strip_suffix('\n')).unwrap_or_default();
    if FORMAT.mode(first).is_none() {
        return Err(ShareFileError::Format);
    }
    let mut number = 1;
    let mut length = first.len() + 1;
    let mut next = |label: &'static str| {
        number += 1;
        let line = lines.next().unwrap_or_default();
        let value = line.strip_suffix('\n').and_then(|line| line.strip_prefix(label)?.strip_prefix(": "));
        value.map(|value| (line.len(), value)).ok_or(ShareFileError::Line { number, label })
    };
    let mut values = [""; LINES.len()];
    for (value, label) in values.iter_mut().zip(LINES) {
        let (bytes, found) = next(label)?;
        *value = found;
        length += bytes;
    }
    let (_, sealed) = next("sealed")?;
    let [.., kdf, memory, passes, lanes, salt, aead, nonce] = values;
    let wrong = |label: &'static str| {
        let number = LINES.iter().position(|line| *line == label).unwrap_or(LINES.len()) + 2;
        ShareFileError::Line { number, label }
    };
    let decimal = |label, value: &str| value.parse::<u32>().map_err(|_| wrong(label));
    for (label, found, only) in [("kdf", kdf, "argon2id"), ("aead", aead, "chacha20-poly1305")] {
        if found != only {
            return Err(wrong(label));
        }
    }
    let cost = Cost {
        memory_kib: decimal("memory-kib", memory)?,
        passes: decimal("passes", passes)?,
        lanes: decimal("lanes", lanes)?,
    };
    let ciphertext = Hex::parse(sealed).filter(|octets| octets.0.len() == PADDED + TAG_OCTETS);
    let ciphertext = ciphertext.filter(|_| lines.next().is_none()).ok_or_else(|| wrong("sealed"))?;
    Ok(Sealed {
        header: file.get(..length).unwrap_or_default(),
        cost,
        salt: octets(salt).ok_or_else(|| wrong("salt"))?,
        nonce: octets(nonce).ok_or_else(|| wrong("nonce"))?,
        ciphertext: ciphertext.0,
    })
}

fn octets<const COUNT: usize>(text: &str) -> Option<[u8; COUNT]> {
    Hex::parse(text)?.0.try_into().ok()
}
