//! No bytes from outside make a reader panic, and what a reader accepts has one spelling: the fuzz targets of `fuzz/`,
//! over their seeds and over thousands of changes of each.

#[cfg(test)]
#[path = "../fuzz/readers.rs"]
mod readers;

#[cfg(test)]
#[path = "support/openssl.rs"]
mod openssl;

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::openssl::{Openssl, P256, REQUEST};
    use super::readers;

    const BUNDLE: &str = "tests/vectors/record/authority/0001-genesis";

    /// The same numbers at each run: xorshift64 (Marsaglia 2003).
    struct Numbers(u64);

    impl Numbers {
        fn below(&mut self, limit: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            usize::try_from(self.0 % u64::try_from(limit.max(1)).unwrap()).unwrap()
        }
    }

    /// One change: a bit, an octet, a piece cut out, doubled or moved, the end cut off, a number replaced.
    fn changed(seed: &[u8], numbers: &mut Numbers) -> Vec<u8> {
        let mut bytes = seed.to_vec();
        let (a, b) = (numbers.below(bytes.len()), numbers.below(bytes.len()));
        let (from, to) = (a.min(b), a.max(b).min(a.min(b) + 64));
        match numbers.below(7) {
            0 => bytes.iter_mut().skip(a).take(1).for_each(|octet| *octet ^= 1 << (b % 8)),
            1 => bytes.iter_mut().skip(a).take(1).for_each(|octet| *octet = u8::try_from(b % 256).unwrap()),
            2 => drop(bytes.drain(from..to)),
            3 => {
                let piece = bytes[from..to].to_vec();
                bytes.splice(to..to, piece);
            }
            4 => {
                let piece: Vec<u8> = bytes.drain(from..to).collect();
                let at = numbers.below(bytes.len());
                bytes.splice(at..at, piece);
            }
            5 => bytes.truncate(a),
            _ => {
                let digits = bytes.iter().enumerate().filter(|(_, octet)| octet.is_ascii_digit());
                let places: Vec<usize> = digits.map(|(place, _)| place).collect();
                if let Some(place) = places.get(numbers.below(places.len())) {
                    let extreme = ["0", "-1", "4294967296", "18446744073709551616", "1e9", "00"];
                    let number = extreme[numbers.below(extreme.len())];
                    bytes.splice(place..=place, number.bytes());
                }
            }
        }
        bytes
    }

    fn replay(reader: fn(&[u8]), seeds: &[Vec<u8>], changes: usize) {
        assert!(!seeds.is_empty());
        let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
        for seed in seeds {
            reader(seed);
            for _ in 0..changes {
                let mut bytes = changed(seed, &mut numbers);
                if numbers.below(3) == 0 {
                    bytes = changed(&bytes, &mut numbers);
                }
                reader(&bytes);
            }
        }
        [&b""[..], b"\n", b"\0", b"{}", b"\xff\xfe"].into_iter().for_each(reader);
    }

    fn root() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR"))
    }

    /// Every file below that folder whose name ends so.
    fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
        let mut found: Vec<PathBuf> = Vec::new();
        let mut folders = vec![root().join(folder)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.to_str().unwrap().ends_with(ending) {
                    found.push(path);
                }
            }
        }
        found.sort();
        found
    }

    fn read(paths: &[PathBuf]) -> Vec<Vec<u8>> {
        paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
    }

    #[test]
    fn readers_of_a_records_files_stand_any_bytes() {
        replay(readers::record, &read(&files(BUNDLE, "log.jsonl")), 2000);
        replay(readers::statement, &read(&files(BUNDLE, ".txt")), 500);
        replay(readers::manifest, &read(&files(BUNDLE, "MANIFEST.sha256")), 2000);
        replay(readers::plan, &read(&files(BUNDLE, "plan.json")), 2000);
        replay(readers::roster, &read(&files(BUNDLE, "roster.toml")), 2000);
        replay(readers::binding, &read(&files(BUNDLE, "binding.toml")), 2000);
    }

    #[test]
    fn the_reader_of_ceremony_files_stands_any_bytes() {
        let committed = files("ceremonies", ".toml");
        replay(readers::script, &read(&committed), 200);
        replay(readers::script, &read(&files("tests/bad-ceremonies", ".toml")), 20);
    }

    #[test]
    fn the_reader_of_rotation_files_stands_any_bytes() {
        let document = std::fs::read_to_string(root().join("docs/rotation.md")).unwrap();
        let (_, block) = document.split_once("```toml\n").unwrap();
        let (rotation, _) = block.split_once("```").unwrap();
        replay(readers::rotation, &[rotation.as_bytes().to_vec()], 2000);
    }

    #[test]
    fn readers_of_certificates_crls_and_requests_stand_any_bytes() {
        replay(readers::x509, &read(&files(BUNDLE, ".pem")), 1000);
        let openssl = Openssl::new();
        openssl.make_key("p256", P256);
        let der = openssl.make_request("p256", REQUEST, "-outform DER");
        let pem = openssl.make_request("p256", REQUEST, "");
        replay(readers::x509, &[der, pem], 1000);
    }

    #[test]
    fn readers_of_names_and_identifiers_stand_any_bytes() {
        let root = files(BUNDLE, "root.crt.pem").pop().unwrap();
        let root = anchorite::pki::Certificate::from_pem(&std::fs::read(root).unwrap()).unwrap();
        replay(readers::name, &[root.subject().der().to_vec()], 20_000);
        let texts = [
            "spiffe://prod.example.org/ns/default/sa/workload",
            "spiffe://example.org",
            "10.1.0.0/16",
            "2001:db8::/32",
            ".example.org",
            "http://crl.example.org:8080/root.crl",
            "2.23.140.1.2.1",
        ];
        replay(readers::identifier, &texts.map(|text| text.as_bytes().to_vec()), 5000);
    }

    #[test]
    fn no_change_of_any_file_of_a_record_passes() {
        let paths = files(BUNDLE, "");
        let mut paths: Vec<String> = paths
            .iter()
            .map(|path| path.strip_prefix(root().join(BUNDLE)).unwrap().to_str().unwrap().to_owned())
            .collect();
        paths.sort();
        let seeds: Vec<Vec<u8>> = (0_u8..)
            .zip(&paths)
            .map(|(number, path)| {
                [&[number], std::fs::read(root().join(BUNDLE).join(path)).unwrap().as_slice()].concat()
            })
            .collect();
        replay(readers::bundle, &seeds, 12);
    }
}
