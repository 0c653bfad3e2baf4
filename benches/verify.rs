//! How long verifying a record of 100,000 lines takes, as a ratio to `sha256sum` of the same file, and in how much memory.
//!
//! `cargo bench --bench verify`. It ends with an error when the time grows faster than the record, or the memory past a few
//! times its size.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a measurement stops where something is not as it should be, and prints what it found"
)]

#[path = "../tests/support/bundle.rs"]
#[allow(dead_code)]
mod bundle;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anchorite::format::{Arrived, Event, Left, Role};
use anchorite::verify::{self, Anchors, Conclusion};

use bundle::{HONEST, Item, Tricks, Workshop, name};

/// Somebody goes out and comes back, so often that the record gets its length.
fn comings_and_goings<const RECORDS: usize>(items: &mut Vec<Item>) {
    let place = items.len() - 4;
    let goes = || Some(Event::Left(Left { name: name("operator"), noted_by: name("witness") }));
    let comes = || {
        let (name, noted_by, roles) = (name("operator"), name("witness"), vec![Role::Operator]);
        Some(Event::Arrived(Arrived { name, roles, noted_by }))
    };
    let more: Vec<Item> = (0..RECORDS / 2).flat_map(|_| [goes(), comes()]).collect();
    items.splice(place..place, more);
}

/// The shortest of three.
fn shortest(mut work: impl FnMut()) -> Duration {
    let once = |work: &mut dyn FnMut()| {
        let began = Instant::now();
        work();
        began.elapsed()
    };
    (0..3).map(|_| once(&mut work)).min().unwrap()
}

/// Most memory that this process ever had, in bytes.
fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

fn measure(items: fn(&mut Vec<Item>), records: usize) -> (Duration, f64, u64) {
    let mut workshop = Workshop::new();
    // Clocks stand still, so that the ceremony stays within its window.
    let stamps = |record: &mut anchorite::format::Record| record.t = bundle::time_of(record.n.min(60));
    let directory = workshop.genesis(&Tricks { items, stamps, ..HONEST });
    let anchors =
        Anchors { roster: Some(workshop.roster.clone()), head: Some(workshop.head), ..Anchors::default() };
    let log = directory.join("log.jsonl");
    let size = fs::metadata(&log).unwrap().len();
    let hashed = shortest(|| sha256sum(&log));
    let verified = shortest(|| {
        let verdict = verify::bundle(&directory, &anchors).unwrap();
        assert_eq!(verdict.conclusion, Conclusion::Pass);
        assert!(verdict.bundles[0].records as usize > records);
    });
    let ratio = verified.as_secs_f64() / hashed.as_secs_f64();
    println!(
        "{records:7} records, {size:9} bytes: verified in {verified:?}, sha256sum takes {hashed:?}: {ratio:.1} times"
    );
    (verified, ratio, size)
}

fn sha256sum(path: &Path) {
    assert!(Command::new("sha256sum").arg(path).output().unwrap().status.success());
}

fn main() {
    let (quarter, _, _) = measure(comings_and_goings::<25_000>, 25_000);
    let (whole, ratio, size) = measure(comings_and_goings::<100_000>, 100_000);
    let peak = peak_memory();
    println!(
        "time of 100,000 to 25,000 records: {:.1}; peak memory {peak} bytes, {:.1} times the log",
        whole.as_secs_f64() / quarter.as_secs_f64(),
        peak as f64 / size as f64
    );
    assert!(whole < quarter * 6, "the time grows faster than the record");
    assert!(peak < 24 * size, "the memory is more than a few times the record");
    assert!(ratio < 200.0, "verifying takes {ratio:.0} times as long as hashing");
}
