//! The arithmetic of the shares, judged by another library, by statistics and by a stopwatch.

mod coefficients;
mod field;
mod judged;
mod timing;

use super::*;
use crate::shares::tests::{chance, subsets};

const SECRET: [u8; 32] = *b"thirty-two octets that are fixed";

fn points(seed: u64, threshold: u8, count: u8) -> Vec<Point> {
    split::<RoomError>(threshold, count, &SECRET, &mut chance(seed)).unwrap()
}

#[test]
fn one_point_less_gives_another_value_which_the_digest_refuses() {
    for (threshold, count) in [(3, 5), (5, 9), (16, 16)] {
        let points = points(1, threshold, count);
        for chosen in subsets(points.len(), u32::from(threshold) - 1) {
            let chosen: Vec<&Point> = chosen.iter().map(|&place| &points[place]).collect();
            assert_ne!(*interpolate(&chosen, SECRET_X).unwrap(), SECRET);
            assert_eq!(recover(threshold - 1, &chosen).err(), Some(Error::Digest));
        }
    }
}

#[test]
fn points_of_two_lengths_and_the_same_point_twice_are_refused() {
    let points = points(3, 2, 3);
    let [first, second, _] = &points[..] else { panic!("three points") };
    assert_eq!(recover(2, &[first, first]).err(), Some(Error::Duplicate));
    let short = Point { x: second.x, y: Zeroizing::new(second.y[1..].to_vec()) };
    assert_eq!(recover(2, &[first, &short]).err(), Some(Error::Arithmetic));
}
