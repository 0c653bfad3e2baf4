/// Coefficients of the generator polynomial over GF(1024), packed (SLIP-39, "Checksum").
const GENERATOR: [u32; 10] = [
    0x00e0_e040,
    0x01c1_c080,
    0x0383_8100,
    0x0707_0200,
    0x0e0e_0009,
    0x1c0c_2412,
    0x3808_6c24,
    0x3090_fc48,
    0x21b1_f890,
    0x03f3_f120,
];

/// The three words that make the checksum of `data` hold.
pub(super) fn checksum(customisation: &[u8], data: &[u16]) -> [u16; 3] {
    let residue = residue(customisation, data.iter().chain(&[0; 3]));
    [20, 10, 0].map(|shift| low_ten_bits(residue >> shift))
}

/// Whether the checksum of `words` holds.
pub(super) fn holds(customisation: &[u8], words: &[u16]) -> bool {
    residue(customisation, words) == 0
}

/// The only place, counted from 1, where one other word would make the checksum hold.
///
/// The code is linear and of distance 4, so one wrong word leaves a residue that no other place can leave. An
/// error `e`, `d` words before the end, leaves `e` shifted by `d` zero words.
pub(super) fn suspect(customisation: &[u8], words: &[u16]) -> Option<usize> {
    let wanted = residue(customisation, words);
    (1..1024).find_map(|error| {
        let mut left = error;
        (1..=words.len()).rev().find(|_| {
            let found = left == wanted;
            left = step(left, 0);
            found
        })
    })
}

fn residue<'a>(customisation: &[u8], words: impl IntoIterator<Item = &'a u16>) -> u32 {
    let prefix = customisation.iter().map(|&byte| u32::from(byte));
    let words = words.into_iter().map(|&word| u32::from(word));
    prefix.chain(words).fold(1, step) ^ 1
}

fn step(state: u32, value: u32) -> u32 {
    let top = state >> 20;
    let shifted = ((state & 0x000f_ffff) << 10) ^ value;
    GENERATOR.iter().enumerate().fold(shifted, |next, (bit, generator)| {
        let mask = 0u32.wrapping_sub((top >> bit) & 1);
        next ^ (generator & mask)
    })
}

fn low_ten_bits(value: u32) -> u16 {
    let [_, _, high, low] = value.to_be_bytes();
    u16::from_be_bytes([high & 0x03, low])
}
