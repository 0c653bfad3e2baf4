//! A ceremony whose process is ended in the middle.

use std::fs;
use std::process::Child;
use std::time::{Duration, Instant};

use crate::lab::Lab;

/// The text of a ceremony's log, as far as it is written.
pub(crate) fn log(lab: &Lab, bundle: &str) -> String {
    fs::read_to_string(lab.path(&format!("authority/{bundle}/log.jsonl"))).unwrap_or_default()
}

/// Waits until the log of a ceremony under way says something.
pub(crate) fn wait_for(lab: &Lab, bundle: &str, said: &str, child: &mut Child) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !log(lab, bundle).contains(said) {
        let ended = child.try_wait().unwrap();
        assert!(
            ended.is_none() && Instant::now() < deadline,
            "`{said}` never stood in {bundle}: {ended:?}\n{}",
            log(lab, bundle)
        );
        std::thread::sleep(Duration::from_micros(200));
    }
}

/// Runs an approved ceremony and ends the process, with nothing it could do about it, when its log says something.
pub(crate) fn killed_at(lab: &Lab, name: &str, binding: &str, bundle: &str, said: &str) {
    let mut child = lab.start(name, binding);
    wait_for(lab, bundle, said, &mut child);
    child.kill().unwrap();
    assert!(child.wait().unwrap().code().is_none(), "the run ended by itself before it was killed");
}
