use std::time::Duration;

use der::asn1::{GeneralizedTime, UtcTime};
use x509_cert::time::Time;

use super::{Error, Part};
use crate::format::Instant;

/// 2050-01-01T00:00:00Z: from here on a time is a GeneralizedTime (RFC 5280 4.1.2.5).
const FIRST_GENERALIZED: u64 = 2_524_608_000;

/// The one form that RFC 5280 4.1.2.5 and 5.1.2.4 allow for an instant.
pub(super) fn to_time(part: Part, instant: Instant) -> Result<Time, Error> {
    let seconds = u64::try_from(instant.unix_seconds()).map_err(|_| Error::Time { part })?;
    let since_epoch = Duration::from_secs(seconds);
    if seconds < FIRST_GENERALIZED {
        UtcTime::from_unix_duration(since_epoch).map(Time::UtcTime)
    } else {
        GeneralizedTime::from_unix_duration(since_epoch).map(Time::GeneralTime)
    }
    .map_err(|_| Error::Time { part })
}

/// The instant that either form says.
pub(super) fn to_instant(part: Part, time: Time) -> Result<Instant, Error> {
    i64::try_from(time.to_unix_duration().as_secs())
        .ok()
        .and_then(Instant::from_unix_seconds)
        .ok_or(Error::Time { part })
}

/// Whether the time has the form that RFC 5280 4.1.2.5 demands for its year.
pub(super) fn has_right_form(time: Time) -> bool {
    let generalized = matches!(time, Time::GeneralTime(_));
    generalized == (time.to_unix_duration().as_secs() >= FIRST_GENERALIZED)
}

#[cfg(test)]
mod tests {
    use der::Encode;

    use super::*;

    #[test]
    fn the_form_changes_at_the_first_second_of_2050() {
        let cases: [(&str, u8, &[u8]); 4] = [
            ("1970-01-01T00:00:00Z", 23, b"700101000000Z"),
            ("2049-12-31T23:59:59Z", 23, b"491231235959Z"),
            ("2050-01-01T00:00:00Z", 24, b"20500101000000Z"),
            ("2126-02-28T12:34:56Z", 24, b"21260228123456Z"),
        ];
        for (text, tag, content) in cases {
            let instant = Instant::parse(text).unwrap();
            let time = to_time(Part::TbsCertificate, instant).unwrap();
            let encoded = time.to_der().unwrap();
            assert_eq!((encoded[0], &encoded[2..]), (tag, content));
            assert!(has_right_form(time));
            assert_eq!(to_instant(Part::TbsCertificate, time), Ok(instant));
        }
    }
}
