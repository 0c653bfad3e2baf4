//! Whether the time of a recombination tells anything about the shares: Welch's t-test over two classes.

use std::hint::black_box;
use std::time::Instant;

use super::*;

const THRESHOLD: u8 = 3;
/// Measurements of each class in a round.
const SAMPLES: usize = 6000;
/// Far above the 4.5 that are taken for a leak elsewhere: a test of every build must not cry wolf.
const BOUND: f64 = 10.0;

/// Fixed shares of a fixed secret, or other shares of another secret each time.
///
/// Both are copied to the same place before the clock starts, so that caches see no difference.
struct Classes {
    fixed: Vec<Vec<Point>>,
    random: Vec<Vec<Point>>,
}

impl Classes {
    fn new() -> Self {
        let shares = |seed: u64, secret: &[u8]| {
            split::<RoomError>(THRESHOLD, THRESHOLD, secret, &mut chance(seed)).unwrap()
        };
        let random = |seed: u64| {
            let mut secret = [0; 32];
            chance(seed)(&mut secret).unwrap();
            shares(seed + 1_000_000, &secret)
        };
        Self {
            fixed: (0..SAMPLES).map(|_| shares(1, &[0; 32])).collect(),
            random: (0..SAMPLES).map(|sample| random(u64::try_from(sample).unwrap() + 2)).collect(),
        }
    }

    /// Welch's t of a round of measurements, the slowest tenth of all being left out: the machine does other work.
    fn t(&self, round: u64, measured: impl Fn(&[&Point])) -> f64 {
        let mut order = vec![0; SAMPLES];
        chance(round + 77)(&mut order).unwrap();
        let mut place = self.fixed[0].iter().map(copy).collect::<Vec<Point>>();
        let mut times: Vec<(bool, f64)> = Vec::with_capacity(2 * SAMPLES);
        for (sample, octet) in order.iter().enumerate() {
            let first_is_fixed = octet & 1 == 0;
            for fixed in [first_is_fixed, !first_is_fixed] {
                let class = if fixed { &self.fixed } else { &self.random };
                for (place, point) in place.iter_mut().zip(&class[sample]) {
                    place.y.copy_from_slice(&point.y);
                }
                let points: Vec<&Point> = place.iter().collect();
                let began = Instant::now();
                measured(black_box(&points));
                times.push((fixed, began.elapsed().as_secs_f64()));
            }
        }
        times.sort_by(|(_, one), (_, other)| one.total_cmp(other));
        times.truncate(times.len() * 9 / 10);
        welch(&times)
    }

    /// The smallest of three rounds: what is in the code is there each time.
    fn smallest_t(&self, measured: impl Fn(&[&Point])) -> f64 {
        (0..3).map(|round| self.t(round, &measured).abs()).fold(f64::INFINITY, f64::min)
    }
}

fn copy(point: &Point) -> Point {
    Point { x: point.x, y: point.y.clone() }
}

fn welch(times: &[(bool, f64)]) -> f64 {
    let moments = |class: bool| {
        let of_class: Vec<f64> = times.iter().filter(|(of, _)| *of == class).map(|(_, time)| *time).collect();
        let count = of_class.iter().map(|_| 1.0).sum::<f64>();
        let mean = of_class.iter().sum::<f64>() / count;
        let variance = of_class.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / (count - 1.0);
        (mean, variance / count)
    };
    let ((fixed, fixed_error), (random, random_error)) = (moments(true), moments(false));
    (fixed - random) / (fixed_error + random_error).sqrt()
}

#[test]
fn the_time_of_a_recombination_says_nothing_about_the_shares() {
    let found = Classes::new().smallest_t(|points| {
        black_box(recover(THRESHOLD, points).is_ok());
    });
    assert!(found < BOUND, "t = {found}");
}

/// Planted: a multiplication that adds only for the bits that are set, and stops after the last of them.
fn hasty_product(mut a: u8, mut b: u8) -> u8 {
    let mut sum = 0;
    while b != 0 {
        if black_box(b) & 1 == 1 {
            sum ^= a;
        }
        a = (a << 1) ^ if a & 0x80 == 0 { 0 } else { 0x1b };
        b >>= 1;
    }
    sum
}

#[test]
fn a_recombination_that_branches_on_the_shares_is_noticed() {
    let found = Classes::new().smallest_t(|points| {
        let mut sum = [0u8; 32];
        for point in points {
            for (sum, octet) in sum.iter_mut().zip(point.y.iter()) {
                *sum ^= hasty_product(0x53, *octet);
            }
        }
        black_box(sum);
    });
    assert!(found > BOUND, "t = {found}");
}
