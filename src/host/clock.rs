use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::time::{ClockId, clock_gettime};

use crate::format::Instant;

/// The host's wall clock in whole seconds; 1970-01-01T00:00:00Z when it is set before that.
pub fn now() -> Instant {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs());
    i64::try_from(seconds).ok().and_then(Instant::from_unix_seconds).unwrap_or(Instant::EPOCH)
}

/// Milliseconds of CLOCK_BOOTTIME since the first call in this process: never set back, counts sleep.
pub fn milliseconds_since_start() -> u64 {
    static START: OnceLock<u64> = OnceLock::new();
    let time = clock_gettime(ClockId::Boottime);
    let milliseconds =
        u64::try_from(time.tv_sec).unwrap_or(0) * 1000 + u64::try_from(time.tv_nsec).unwrap_or(0) / 1_000_000;
    milliseconds.saturating_sub(*START.get_or_init(|| milliseconds))
}
