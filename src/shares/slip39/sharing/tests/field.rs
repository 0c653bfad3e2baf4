/// A product in GF(2)[x]/`modulus`, bit by bit: slow, and nothing of what it judges.
pub(super) fn product(modulus: u16, a: u8, b: u8) -> u8 {
    let doubled = |sum: u8| {
        let wide = u16::from(sum) << 1;
        let reduced = if wide & 0x100 == 0 { wide } else { wide ^ modulus };
        u8::try_from(reduced).unwrap()
    };
    (0..8).rev().fold(0, |sum, bit| doubled(sum) ^ if (b >> bit) & 1 == 1 { a } else { 0 })
}

/// SLIP-39's field, GF(2)[x]/(x^8 + x^4 + x^3 + x + 1).
pub(super) const SLIP39: u16 = 0x11b;

/// The other octet that gives 1, by trying all.
pub(super) fn inverse(a: u8) -> u8 {
    (1..=255).find(|&b| product(SLIP39, a, b) == 1).unwrap()
}
