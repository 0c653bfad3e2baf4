//! SLIP-39 as others read it: the standard's own vectors and its reference tool.
#![cfg(feature = "ceremony")]

#[cfg(test)]
#[path = "support/packages.rs"]
mod packages;
#[cfg(test)]
#[path = "support/python.rs"]
mod python;

#[cfg(test)]
mod official_vectors {
    use anchorite::shares::slip39::{Error, Share, combine};

    /// Description, mnemonics, secret in hexadecimal or nothing, BIP-32 root key.
    type Vector = (String, Vec<String>, String, String);

    fn vectors() -> Vec<Vector> {
        serde_json::from_str(include_str!("vectors/slip39/vectors.json")).unwrap()
    }

    /// What rebuilding gives, in hexadecimal.
    fn rebuilt(mnemonics: &[String]) -> Result<String, Error> {
        let shares: Result<Vec<Share>, _> = mnemonics.iter().map(|words| Share::parse(words)).collect();
        combine(&shares?.iter().collect::<Vec<_>>(), b"TREZOR").map(|secret| super::hex(&secret))
    }

    #[test]
    fn every_official_vector_gives_its_secret_or_is_refused() {
        assert_eq!(vectors().len(), 45);
        for (description, mnemonics, secret, _) in &vectors() {
            assert_eq!(rebuilt(mnemonics).unwrap_or_default(), *secret, "{description}");
        }
    }

    #[test]
    fn every_official_vector_that_is_refused_is_refused_for_the_reason_it_was_made_for() {
        let too_few = Error::Count { needed: 2, found: 1 };
        let reasons = [
            ("invalid checksum", Error::Checksum),
            ("invalid padding", Error::Padding),
            ("Basic sharing 2-of-3", too_few),
            ("different identifiers", Error::Mixed),
            ("different iteration exponents", Error::Mixed),
            ("mismatching group thresholds", Error::Mixed),
            ("mismatching group counts", Error::Mixed),
            ("greater group threshold than group counts", Error::GroupThreshold),
            ("duplicate member indices", Error::Duplicate),
            ("mismatching member thresholds", Error::Mixed),
            ("invalid digest", Error::Digest),
            ("Insufficient number of groups", too_few),
            ("insufficient number of members in one group", too_few),
            ("insufficient length", Error::WordCount { found: 19 }),
            ("invalid master secret length", Error::WordCount { found: 21 }),
        ];
        let refused = vectors().into_iter().filter(|(_, _, secret, _)| secret.is_empty());
        for (description, mnemonics, _, _) in refused {
            let reason =
                reasons.iter().find(|(words, _)| description.contains(words)).map(|(_, error)| *error);
            assert_eq!(rebuilt(&mnemonics).err(), reason, "{description}");
        }
    }

    #[test]
    fn every_official_share_is_written_as_it_was_read() {
        let mut read = 0;
        for mnemonic in vectors().iter().flat_map(|(_, mnemonics, _, _)| mnemonics) {
            if let Ok(share) = Share::parse(mnemonic) {
                assert_eq!(share.words().expose_words(), mnemonic);
                read += 1;
            }
        }
        assert!(read > 60, "{read}");
    }
}

#[cfg(test)]
mod reference_tool {
    use std::collections::BTreeSet;

    use anchorite::secret::QuorumSecret;
    use anchorite::shares::Error;
    use anchorite::shares::slip39::{Share, combine, split};
    use sha2::{Digest as _, Sha256};
    use zeroize::Zeroizing;

    use super::python::ReferenceTool;

    /// In two threads with a tool of its own each: what one computes the other waits for.
    const ROUNDS_OF_A_THREAD: u64 = 5000;

    /// Octets that are the same in every run, so that a failure can be repeated.
    struct Chance(u64);

    impl Chance {
        fn fill(&mut self, buffer: &mut [u8]) {
            for octet in buffer {
                self.0 += 1;
                *octet = Sha256::digest(self.0.to_be_bytes())[0];
            }
        }

        fn below(&mut self, limit: u8) -> u8 {
            let mut octet = [0];
            self.fill(&mut octet);
            octet[0] % limit
        }

        /// `count` of the shares in an order of chance.
        fn choose<T>(&mut self, mut shares: Vec<T>, count: u8) -> Vec<T> {
            let mut chosen = Vec::new();
            for _ in 0..count {
                let place = self.below(u8::try_from(shares.len()).unwrap());
                chosen.push(shares.swap_remove(usize::from(place)));
            }
            chosen
        }
    }

    #[test]
    fn ten_thousand_secrets_are_split_here_and_rebuilt_there_and_the_other_way_round() {
        let quorums = std::thread::scope(|scope| {
            let threads = [0, 1].map(|part| scope.spawn(move || both_ways(part * ROUNDS_OF_A_THREAD)));
            threads.map(|thread| thread.join().unwrap()).into_iter().flatten().collect::<BTreeSet<_>>()
        });
        assert_eq!(quorums.len(), 120, "every T and N with 2 <= T <= N <= 16");
    }

    /// Each T and N that was tried.
    fn both_ways(first_round: u64) -> BTreeSet<(u8, u8)> {
        let mut tool = ReferenceTool::start();
        let mut quorums = BTreeSet::new();
        for round in first_round..first_round + ROUNDS_OF_A_THREAD {
            let mut chance = Chance(round << 32);
            let mut secret = [0; 32];
            chance.fill(&mut secret);
            let expected = super::hex(&secret);
            let count = 2 + chance.below(15);
            let threshold = 2 + chance.below(count - 1);
            quorums.insert((threshold, count));

            let mut random = |buffer: &mut [u8]| -> Result<(), Error> {
                chance.fill(buffer);
                Ok(())
            };
            let ours =
                split(&QuorumSecret::new(Zeroizing::new(secret)), threshold, count, &mut random).unwrap();
            let ours: Vec<_> = chance.choose(ours, threshold).iter().map(Share::words).collect();
            let ours: Vec<&str> = ours.iter().map(|words| words.expose_words()).collect();
            assert_eq!(tool.combine(&ours), expected, "round {round}: {threshold} of {count}");

            // Ours are always extendable; theirs need not be.
            let theirs = tool.split(threshold, count, &expected, chance.below(2) == 0);
            let theirs = chance.choose(theirs, threshold);
            let theirs: Vec<Share> = theirs.iter().map(|words| Share::parse(words).unwrap()).collect();
            let rebuilt = combine(&theirs.iter().collect::<Vec<_>>(), b"").unwrap();
            assert_eq!(super::hex(&rebuilt), expected, "round {round}: {threshold} of {count}");
        }
        quorums
    }
}

#[cfg(test)]
mod foreign_text {
    use anchorite::shares::slip39::Share;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in ".{0,400}") {
            let _ = Share::parse(&text);
        }
    }
}

#[cfg(test)]
fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}
