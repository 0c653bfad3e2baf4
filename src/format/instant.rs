use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::hex::serde_by_text;

/// A point in time in UTC with whole seconds, written `YYYY-MM-DDThh:mm:ssZ`.
///
/// Years 1970 to 9999, the range that certificates can carry (RFC 5280 4.1.2.5).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(jiff::Timestamp);

impl Instant {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(jiff::Timestamp::UNIX_EPOCH);

    /// Reads exactly `YYYY-MM-DDThh:mm:ssZ`.
    pub fn parse(text: &str) -> Option<Self> {
        let instant = Self(text.parse().ok()?);
        // The re-encoding refuses offsets, fractions, leap seconds and lower-case letters.
        (instant.to_string() == text && instant.unix_seconds() >= 0).then_some(instant)
    }

    /// The instant that many seconds after 1970-01-01T00:00:00Z; `None` outside 1970 to 9999.
    pub fn from_unix_seconds(seconds: i64) -> Option<Self> {
        if seconds < 0 {
            return None;
        }
        jiff::Timestamp::from_second(seconds).ok().map(Self)
    }

    /// The same time of day so many days later, of 86 400 seconds each; `None` outside 1970 to 9999.
    pub fn plus_days(&self, days: u32) -> Option<Self> {
        Self::from_unix_seconds(self.unix_seconds().checked_add(i64::from(days) * 86_400)?)
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn unix_seconds(&self) -> i64 {
        self.0.as_second()
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

serde_by_text!(Instant, Instant::parse, "an instant like 2026-12-01T09:00:00Z");

/// From one instant to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// The first second.
    pub from: Instant,
    /// The last second.
    pub to: Instant,
}

impl Window {
    /// Whether `instant` lies inside.
    pub fn contains(&self, instant: Instant) -> bool {
        self.from <= instant && instant <= self.to
    }

    /// How many seconds it lasts, both ends counted (RFC 5280 4.1.2.5 counts notAfter in).
    pub fn seconds(&self) -> i64 {
        self.to.unix_seconds() - self.from.unix_seconds() + 1
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.from, self.to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_for_each_second() {
        let instant = Instant::parse("2026-12-01T09:00:00Z").unwrap();
        assert_eq!(instant.to_string(), "2026-12-01T09:00:00Z");
        for other in
            ["2026-12-01T09:00:00z", "2026-12-01T10:00:00+01:00", "2026-12-01T09:00:00.0Z", "2026-12-01", ""]
        {
            assert!(Instant::parse(other).is_none(), "{other}");
        }
    }
}
