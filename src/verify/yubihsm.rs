//! The log of a YubiHSM 2, as `yubihsm-shell` prints it (`audit get`).
//!
//! Each entry is 16 octets, big-endian: number, command, length of the data, session key, target key, second key, result,
//! tick; then the first 16 octets of the SHA-256 of those and of the digest of the entry before. The store has 62 places.

use crate::format::{Digest, Hex};

/// A command that changes which keys there are, or uses one.
const GENERATE_ASYMMETRIC_KEY: u8 = 0x46;
const SIGN: [u8; 4] = [
    0x47, // RSA PKCS#1
    0x55, // RSA PSS
    0x56, // ECDSA
    0x6a, // EdDSA
];
const DELETE_OBJECT: u8 = 0x58;
/// What no ceremony does on such a device: keys are put in or taken out, or all is wiped.
const NEVER: [(u8, &str); 6] = [
    (0x08, "reset the device"),
    (0x44, "put an authentication key in"),
    (0x45, "put a key in"),
    (0x4a, "exported a key"),
    (0x4b, "imported a key"),
    (0x4c, "put a wrap key in"),
];
/// Bit of the result of a command that succeeded.
const SUCCEEDED: u8 = 0x80;

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) number: u16,
    command: u8,
    result: u8,
    digest: Vec<u8>,
}

/// A log whose chain holds.
#[derive(Clone, Debug)]
pub(crate) struct DeviceLog(Vec<Entry>);

/// What happened between two logs of a device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Between {
    pub(crate) keys_made: usize,
    pub(crate) signatures: usize,
    pub(crate) objects_deleted: usize,
    /// What no ceremony does.
    pub(crate) never: Vec<&'static str>,
}

impl Entry {
    fn did(&self, command: u8) -> bool {
        self.command == command && self.result == command | SUCCEEDED
    }
}

impl DeviceLog {
    /// Reads the text; the first entry's digest is taken as it is, because the one before is not there.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(text).map_err(|_| "it is no text".to_owned())?;
        let mut entries: Vec<Entry> = Vec::new();
        for line in text.lines().map(str::trim) {
            if let Some((count, what)) = line.split_once(" unlogged ") {
                if count != "0" {
                    return Err(format!("the device says that it did not log {count} {what}"));
                }
                continue;
            }
            let Some(fields) = line.strip_prefix("item:") else { continue };
            let (octets, digest) = entry(fields).ok_or_else(|| format!("this is no entry: {line}"))?;
            let [n0, n1, command, .., result, _, _, _, _] = octets;
            let number = u16::from_be_bytes([n0, n1]);
            if let Some(before) = entries.last() {
                if number != before.number.wrapping_add(1) {
                    return Err(format!("entry {number} follows {}", before.number));
                }
                let expected = Digest::of(&[octets.as_slice(), &before.digest].concat());
                if expected.as_bytes().get(..16) != Some(digest.as_slice()) {
                    return Err(format!("the digest of entry {number} does not follow from the one before"));
                }
            }
            entries.push(Entry { number, command, result, digest });
        }
        if entries.is_empty() { Err("it has no entry".to_owned()) } else { Ok(Self(entries)) }
    }

    /// What happened after an earlier log of the same device.
    pub(crate) fn since(&self, earlier: &Self) -> Result<Between, String> {
        let last = earlier.0.last().ok_or("the earlier log is empty")?;
        let known = self.0.iter().position(|entry| entry.number == last.number);
        let new = match known {
            Some(at) if self.0.get(at) == Some(last) => self.0.get(at + 1..).unwrap_or_default(),
            Some(_) => return Err(format!("entry {} is another than before", last.number)),
            None => return Err(format!("entry {}, the last of the earlier log, is missing", last.number)),
        };
        let count = |commands: &[u8]| {
            new.iter().filter(|entry| commands.iter().any(|command| entry.did(*command))).count()
        };
        Ok(Between {
            keys_made: count(&[GENERATE_ASYMMETRIC_KEY]),
            signatures: count(&SIGN),
            objects_deleted: count(&[DELETE_OBJECT]),
            never: NEVER
                .iter()
                .filter(|(command, _)| new.iter().any(|entry| entry.did(*command)))
                .map(|(_, what)| *what)
                .collect(),
        })
    }
}

/// `NUMBER -- cmd: 0xNN -- length: N -- session key: 0xNNNN -- ... -- tick: N -- hash: HEX` as octets and digest.
fn entry(fields: &str) -> Option<([u8; 16], Vec<u8>)> {
    let mut values = fields.split(" -- ").map(|field| field.rsplit(' ').next().unwrap_or_default());
    let mut number = |radix_prefix: bool| -> Option<u32> {
        let value = values.next()?;
        match value.strip_prefix("0x") {
            Some(digits) if radix_prefix => u32::from_str_radix(digits, 16).ok(),
            None if !radix_prefix => value.parse().ok(),
            _ => None,
        }
    };
    let mut octets = Vec::with_capacity(16);
    let short = |value: u32| u16::try_from(value).ok().map(u16::to_be_bytes);
    octets.extend(short(number(false)?)?);
    octets.push(u8::try_from(number(true)?).ok()?);
    octets.extend(short(number(false)?)?);
    for _ in 0..3 {
        octets.extend(short(number(true)?)?);
    }
    octets.push(u8::try_from(number(true)?).ok()?);
    octets.extend(number(false)?.to_be_bytes());
    let digest = Hex::parse(values.next()?)?.0;
    let octets: [u8; 16] = octets.try_into().ok()?;
    (digest.len() == 16 && values.next().is_none()).then_some((octets, digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three entries as a device gave them: reset, start, a changed option.
    const GIVEN: &str = "Session keepalive set up to run every 15 seconds\n\
        0 unlogged boots found\n0 unlogged authentications found\nFound 3 items\n\
        item:     1 -- cmd: 0xff -- length: 65535 -- session key: 0xffff -- target key: 0xffff -- second key: 0xffff -- result: 0xff -- tick: 4294967295 -- hash: 33012657537e4842f57fa6ed3b09b25b\n\
        item:     2 -- cmd: 0x00 -- length:    0 -- session key: 0xffff -- target key: 0x0000 -- second key: 0x0000 -- result: 0x00 -- tick: 0 -- hash: fc153091560e18bca82621522c85bdba\n\
        item:     3 -- cmd: 0x4f -- length:    5 -- session key: 0x0001 -- target key: 0xffff -- second key: 0xffff -- result: 0xcf -- tick: 1987 -- hash: 3d9380a76ae41826d90daa44c1085a62\n";

    #[test]
    fn the_chain_of_a_devices_own_log_holds_and_no_other() {
        assert_eq!(DeviceLog::parse(GIVEN.as_bytes()).unwrap().0.len(), 3);
        for (from, to, told) in [
            ("tick: 1987", "tick: 1988", "the digest of entry 3 does not follow"),
            ("result: 0xcf", "result: 0x4f", "the digest of entry 3"),
            ("item:     3", "item:     4", "entry 4 follows 2"),
            ("0 unlogged boots", "2 unlogged boots", "did not log 2 boots found"),
            ("cmd: 0x4f", "cmd: 4f", "this is no entry"),
            ("hash: 3d93", "hash: 3d", "this is no entry"),
        ] {
            let error = DeviceLog::parse(GIVEN.replace(from, to).as_bytes()).unwrap_err();
            assert!(error.contains(told), "{error}");
        }
        assert!(DeviceLog::parse(b"No logs to extract\n").is_err());
        assert!(DeviceLog::parse(&[0xff]).is_err());
    }
}
