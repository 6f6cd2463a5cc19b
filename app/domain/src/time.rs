//! Points in time. Kept as milliseconds since 1970 in UTC; zones are a matter of display.

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// `2026-11-22 20:05:53 UTC`, to the second.
    pub fn display(self) -> String {
        self.format("%Y-%m-%d %H:%M:%S UTC")
    }

    /// `2026-11-22T20:05:53Z`, for `<time datetime>`.
    pub fn iso(self) -> String {
        self.format("%Y-%m-%dT%H:%M:%SZ")
    }

    /// `2026-11-22T20:05:53.250Z`: RFC 3339 in UTC, with all that is known of the time.
    pub fn exact(self) -> String {
        self.format("%Y-%m-%dT%H:%M:%S%.3fZ")
    }

    /// Reads `2026-11-30T03:00` or `2026-11-30 03:00`, with or without seconds, as a time in UTC.
    pub fn from_date_and_time(text: &str) -> Option<Self> {
        let time: jiff::civil::DateTime = text.trim().parse().ok()?;
        let utc = time.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(Self(utc.timestamp().as_millisecond()))
    }

    fn format(self, pattern: &str) -> String {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(time) => time.strftime(pattern).to_string(),
            Err(_) => format!("{} ms", self.0),
        }
    }

    /// This time plus a number of seconds.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }
}

/// Where the time comes from; a parameter, so that tests can choose it.
pub trait Clock: Send + Sync {
    /// The current time.
    fn now(&self) -> Timestamp;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exact_time_tells_its_milliseconds() {
        assert_eq!(Timestamp(1_766_000_000_050).exact(), "2025-12-17T19:33:20.050Z");
        assert_eq!(Timestamp(1_766_000_000_000).exact(), "2025-12-17T19:33:20.000Z");
    }

    #[test]
    fn a_date_and_a_time_are_read_as_utc() {
        let at = Some(Timestamp(1_766_000_000_000));
        for text in ["2025-12-17T19:33:20", " 2025-12-17 19:33:20 "] {
            assert_eq!(Timestamp::from_date_and_time(text), at, "{text}");
        }
        let to_the_minute = Timestamp::from_date_and_time("2025-12-17T19:33");
        assert_eq!(to_the_minute, Some(Timestamp(1_765_999_980_000)));
        for text in ["", "tomorrow", "2025-02-30T00:00", "19:33"] {
            assert_eq!(Timestamp::from_date_and_time(text), None, "{text}");
        }
    }
}
