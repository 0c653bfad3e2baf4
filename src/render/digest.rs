use crate::format::Digest;

/// The PGP word list: line n has the words for byte n, first the one for even places, then the one for odd
/// places. Two lists in turn make a dropped, repeated or swapped word audible.
const WORDS: &str = include_str!("pgp_words.txt");

/// The digest as 16 groups of four hexadecimal digits.
pub fn hex_groups(digest: &Digest) -> String {
    let hex = digest.to_string();
    let mut groups = String::with_capacity(79);
    for (place, digit) in hex.chars().enumerate() {
        if place > 0 && place % 4 == 0 {
            groups.push(' ');
        }
        groups.push(digit);
    }
    groups
}

/// The digest as 32 PGP words: four rows of eight.
pub fn words(digest: &Digest) -> [String; 4] {
    let all = words_of(digest.as_bytes());
    let mut rows = all.chunks(8).map(|row| row.join(" "));
    std::array::from_fn(|_| rows.next().unwrap_or_default())
}

/// The PGP word of each byte.
pub fn words_of(bytes: &[u8]) -> Vec<&'static str> {
    let pairs: Vec<&str> = WORDS.lines().collect();
    let word = |(place, byte): (usize, &u8)| {
        let (even, odd) = pairs.get(usize::from(*byte))?.split_once(' ')?;
        Some(if place % 2 == 0 { even } else { odd })
    };
    bytes.iter().enumerate().filter_map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_read_aloud_as_the_published_words() {
        // The list's own published example, a 160-bit fingerprint.
        let bytes = crate::format::Hex::parse("e58294f2e9a227486e8b061b31cc528fd7fa3f19").unwrap().0;
        assert_eq!(
            words_of(&bytes).join(" "),
            "topmost istanbul pluto vagabond treadmill pacific brackish dictator goldfish medusa \
             afflict bravado chatter revolver dupont midsummer stopwatch whimsical cowbell bottomless"
        );
    }

    #[test]
    fn every_byte_has_two_words_of_its_own() {
        let mut all: Vec<&str> = WORDS.split_whitespace().collect();
        assert_eq!((all.len(), WORDS.lines().count()), (512, 256));
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 512);
    }

    #[test]
    fn groups_and_rows_hold_the_whole_digest() {
        let digest = Digest::of(b"abc");
        assert!(hex_groups(&digest).starts_with("ba78 16bf 8f01 cfea "));
        assert_eq!(hex_groups(&digest).replace(' ', ""), digest.to_string());
        assert_eq!(words(&digest).iter().map(|row| row.split(' ').count()).sum::<usize>(), 32);
    }
}
