//! The promises of the room as a whole: what is dealt unlocks, and nothing else does.

mod dealing;
mod entering;

use std::collections::VecDeque;
use std::process::Command;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::slip39::{Share, Word};
use super::{Deal, Error, ShareProblem, ShareRequest, ShareSource, Sheet, Unlocked};
use super::{deal, unlock, verify_all, words_from_sheet};
use crate::format::{Digest, Mode, Name, ShareCommitment, ShareSetName, SharesSplit};
use crate::secret::{QuorumSecret, ShareWords};

/// Octets that are the same in every run.
pub(in crate::shares) fn chance(seed: u64) -> impl FnMut(&mut [u8]) -> Result<(), Error> {
    let mut counter = seed << 32;
    move |buffer| {
        for octet in buffer {
            counter += 1;
            *octet = Sha256::digest(counter.to_be_bytes())[0];
        }
        Ok(())
    }
}

pub(in crate::shares) fn name(text: &str) -> Name {
    text.parse().unwrap()
}

pub(in crate::shares) fn secret() -> QuorumSecret {
    QuorumSecret::new(Zeroizing::new([0x5a; 32]))
}

fn holders(count: u8) -> Vec<Name> {
    (0..count).map(|place| name(&format!("officer-{}", char::from(b'a' + place)))).collect()
}

/// A split with its sheets, as everybody in the room together would see it.
struct Dealt {
    ceremony: Digest,
    split: SharesSplit,
    sheets: Vec<String>,
    words: Vec<String>,
}

fn dealt_in(ceremony: &str, seed: u64, threshold: u8, count: u8) -> Dealt {
    let ceremony = Digest::of(ceremony.as_bytes());
    let mut sheets = Vec::new();
    let terms = Deal {
        mode: Mode::Ceremony,
        authority: &name("example-lab"),
        ceremony: &ceremony,
        step: &name("provision"),
        set: ShareSetName::Operate,
        epoch: 1,
        threshold,
        holders: &holders(count),
    };
    let split = deal::<Error>(&terms, &secret(), &mut chance(seed), &mut |sheet: &Sheet<'_>| {
        let mut bytes = Vec::new();
        sheet.write_to(&mut bytes).unwrap();
        assert_eq!(usize::from(sheet.index()), sheets.len() + 1);
        sheets.push(String::from_utf8(bytes).unwrap());
        Ok(())
    });
    let read = |sheet: &String| words_from_sheet(sheet).unwrap().expose_words().to_owned();
    let words = sheets.iter().map(read).collect();
    Dealt { ceremony, split: split.unwrap(), sheets, words }
}

fn dealt(threshold: u8, count: u8) -> Dealt {
    dealt_in("genesis", 1, threshold, count)
}

/// Every way to choose `size` of `count` places.
pub(in crate::shares) fn subsets(count: usize, size: u32) -> impl Iterator<Item = Vec<usize>> {
    (0u32..1 << count)
        .filter(move |subset| subset.count_ones() == size)
        .map(move |subset| (0..count).filter(|place| (subset >> place) & 1 == 1).collect())
}

/// Answers in order, then gives up.
#[derive(Default)]
struct Answers {
    left: VecDeque<String>,
    asked: Vec<(Option<Name>, Vec<Name>, usize)>,
    problems: Vec<ShareProblem>,
    accepted: Vec<(u8, Name)>,
}

#[derive(Debug, PartialEq)]
enum Stop {
    NoMoreAnswers,
    TheRecordIsFull,
    Room(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Room(error)
    }
}

impl ShareSource for Answers {
    type Error = Stop;

    fn share(&mut self, request: &ShareRequest<'_>) -> Result<ShareWords, Stop> {
        self.asked.push((request.wanted.cloned(), request.done.to_vec(), request.needed));
        let words = self.left.pop_front().ok_or(Stop::NoMoreAnswers)?;
        Ok(ShareWords::new(Zeroizing::new(words)))
    }

    fn refused(&mut self, _: &ShareRequest<'_>, problem: &ShareProblem) -> Result<(), Stop> {
        self.problems.push(problem.clone());
        Ok(())
    }

    fn accepted(&mut self, _: &ShareRequest<'_>, share: &ShareCommitment) -> Result<(), Stop> {
        self.accepted.push((share.index, share.holder.clone()));
        Ok(())
    }
}

fn answers<'a>(words: impl IntoIterator<Item = &'a str>) -> Answers {
    Answers { left: words.into_iter().map(str::to_owned).collect(), ..Answers::default() }
}

fn unlock_with(dealt: &Dealt, source: &mut Answers) -> Result<Unlocked, Stop> {
    unlock(&dealt.ceremony, &dealt.split, &[], source)
}

/// What is said to one wrong entry at the beginning.
fn problem_with(dealt: &Dealt, words: &str) -> ShareProblem {
    let mut source = answers([words]);
    assert!(matches!(unlock_with(dealt, &mut source), Err(Stop::NoMoreAnswers)));
    assert!(source.accepted.is_empty());
    source.problems.pop().expect("it was refused")
}

/// HKDF as RFC 5869 has it, the length prefixes, and PINs.
const HKDF: &str = "
import hmac, sys
def sized(width, *fields):
    return b''.join(len(field).to_bytes(width, 'big') + field for field in fields)
def hkdf(salt, key, info, blocks=1):
    key, output, block = hmac.digest(salt, key, 'sha256'), b'', b''
    for number in range(1, blocks + 1):
        block = hmac.digest(key, block + info + bytes([number]), 'sha256')
        output += block
    return output
def pin(secret, label, authority, token_id, epoch, alphabet, length, template):
    encoding = f'{alphabet}/{length}/{template}'.encode()
    info = sized(2, label, authority, token_id, epoch.to_bytes(4, 'big'), encoding)
    output = hkdf(b'anchorite-quorum-secret/v1', secret, info, 4)
    even = [octet for octet in output if octet < 256 // len(alphabet) * len(alphabet)]
    return template.replace('{pin}', ''.join(alphabet[octet % len(alphabet)] for octet in even[:length]))
";

/// What Python makes of an expression.
pub(in crate::shares) fn python(expression: &str) -> String {
    let output = Command::new("python3").args(["-c", &format!("{HKDF}print({expression}, end='')")]).output();
    let output = output.expect("python3 starts: apt-get install python3");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
