/// The candidate that `text` was most likely meant to be, when one is near enough to be worth saying.
pub(super) fn nearest<'a>(text: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let spelled = text.to_lowercase().replace('_', "-");
    candidates
        .into_iter()
        .map(|candidate| (distance(&spelled, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= 1.max(candidate.len() / 3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many characters must be inserted, removed, replaced or swapped with their neighbour (optimal string alignment).
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    // Cell `i` of a row is the distance from what was read of `left` to the first `i` characters of `right`.
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    let mut previous = None;
    for (read, character) in left.chars().enumerate() {
        let mut row = vec![read + 1];
        for (place, other) in right.iter().enumerate() {
            let cell = |row: &[usize], place| row.get(place).copied().unwrap_or(usize::MAX - 1);
            let mut least = cell(&last, place) + usize::from(character != *other);
            least = least.min(cell(&last, place + 1) + 1).min(cell(&row, place) + 1);
            if let Some(neighbour) = place.checked_sub(1)
                && right.get(neighbour) == Some(&character)
                && previous == Some(*other)
            {
                least = least.min(cell(&before_last, neighbour) + 1);
            }
            row.push(least);
        }
        before_last = std::mem::replace(&mut last, row);
        previous = Some(character);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_finds_what_was_meant_and_noise_finds_nothing() {
        let keys = ["issuer", "validity", "this-update", "csr"];
        for (text, expected) in [
            ("isuer", Some("issuer")),
            ("Issuer", Some("issuer")),
            ("this_update", Some("this-update")),
            ("vallidty", Some("validity")),
            ("crs", Some("csr")),
            ("cs", Some("csr")),
            ("", None),
            ("colour", None),
        ] {
            assert_eq!(nearest(text, keys), expected, "{text:?}");
        }
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("titel", "title"), 1);
    }
}
