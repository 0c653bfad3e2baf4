//! The memory of a running process, and what is searched for in it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;

/// Bytes that somebody must never find, and a name for them.
pub(crate) struct Needle {
    pub(crate) what: String,
    pub(crate) bytes: Vec<u8>,
}

/// Every readable mapping of a process, by its line in /proc/PID/maps.
///
/// The program shuts everybody out but root and whoever has CAP_SYS_PTRACE.
pub(crate) fn memory(process: u64) -> Vec<(String, Vec<u8>)> {
    let open = |file: &str| {
        let path = format!("/proc/{process}/{file}");
        File::open(&path).unwrap_or_else(|error| {
            panic!("{path}: {error}: this test reads the memory of a process that hides it: run it as root")
        })
    };
    let memory = open("mem");
    let maps = std::io::read_to_string(open("maps")).unwrap();
    let mut mappings = Vec::new();
    for line in maps.lines() {
        let mut fields = line.split(' ');
        let (range, rights) = (fields.next().unwrap(), fields.next().unwrap());
        // The kernel's own pages are in every process, and no run writes into the code of a program or module: four
        // small numbers may stand there by chance.
        let code = rights.contains('x') && !rights.contains('w');
        if code || !rights.starts_with('r') || line.contains("[vvar") || line.contains("[vsyscall]") {
            continue;
        }
        let (from, to) = range.split_once('-').unwrap();
        let [from, to] = [from, to].map(|text| u64::from_str_radix(text, 16).unwrap());
        let mut bytes = vec![0; usize::try_from(to - from).unwrap()];
        memory.read_exact_at(&mut bytes, from).unwrap_or_else(|error| panic!("{line}: {error}"));
        mappings.push((line.to_owned(), bytes));
    }
    assert!(mappings.iter().any(|(line, _)| line.ends_with("[stack]")), "{maps}");
    assert!(mappings.iter().any(|(line, _)| line.ends_with("[heap]")), "{maps}");
    mappings
}

/// Where which of the needles are.
pub(crate) fn found(mappings: &[(String, Vec<u8>)], needles: &[Needle]) -> BTreeMap<String, Vec<String>> {
    let mut begins: Vec<Vec<&Needle>> = (0..=u16::MAX).map(|_| Vec::new()).collect();
    for needle in needles {
        assert!(needle.bytes.len() >= 8, "{} is too short to be searched for", needle.what);
        begins[usize::from(u16::from_be_bytes([needle.bytes[0], needle.bytes[1]]))].push(needle);
    }
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (line, bytes) in mappings {
        for (offset, two) in bytes.windows(2).enumerate() {
            for needle in &begins[usize::from(u16::from_be_bytes([two[0], two[1]]))] {
                if bytes[offset..].starts_with(&needle.bytes) {
                    places.entry(needle.what.clone()).or_default().push(format!("{offset:#x} in {line}"));
                }
            }
        }
    }
    places
}

/// Halves of a secret of 32 octets, as they are and as SHA-256 turns words of four octets round.
pub(crate) fn halves(what: &str, bytes: &[u8]) -> Vec<Needle> {
    let turned: Vec<u8> = bytes.chunks(4).flat_map(|four| four.iter().rev().copied()).collect();
    let mut needles = Vec::new();
    for (form, bytes) in [("", bytes), (" in turned words", &turned)] {
        for half in bytes.chunks(16) {
            needles.push(Needle { what: format!("{what}{form}"), bytes: half.to_vec() });
        }
    }
    needles
}

/// Runs of four words of a share in the forms that a program could keep them in but text: numbers of the list, one
/// after the other or each behind a mark that it is there, and letters without anything between.
pub(crate) fn runs(what: &str, words: &[String]) -> Vec<Needle> {
    let list =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/shares/slip39/english.txt")).unwrap();
    let list: Vec<&str> = list.lines().collect();
    let number = |word: &String| u16::try_from(list.iter().position(|known| known == word).unwrap()).unwrap();
    let mut needles = Vec::new();
    for four in words.windows(4) {
        let numbers = four.iter().map(number);
        let forms = [
            ("numbers", numbers.clone().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()),
            (
                "marked numbers",
                numbers.flat_map(|number| [1u16.to_le_bytes(), number.to_le_bytes()].concat()).collect(),
            ),
            ("letters", four.concat().into_bytes()),
            ("first letters", four.iter().map(|word| &word[..4]).collect::<String>().into_bytes()),
        ];
        needles.extend(forms.map(|(form, bytes)| Needle { what: format!("{form} of {what}"), bytes }));
    }
    needles
}
