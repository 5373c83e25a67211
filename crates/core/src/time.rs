//! Time as the store keeps it (milliseconds) and as people live it (days in their own zone).

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// Milliseconds since the Unix epoch, UTC. The range is what four-digit years need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

/// The largest moment that the time library takes in every zone: 9999-12-30 22:00 UTC. Later ones are clamped to it.
const MAX_MS: i64 = 253_402_207_200_000;

impl Timestamp {
    /// A moment from milliseconds, clamped to the years 1970 to 9999.
    #[must_use]
    pub fn from_ms(ms: i64) -> Self {
        Self(ms.clamp(0, MAX_MS))
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub fn as_ms(self) -> i64 {
        self.0
    }

    /// This moment moved by `ms` milliseconds.
    #[must_use]
    pub fn plus_ms(self, ms: i64) -> Self {
        Self::from_ms(self.0.saturating_add(ms))
    }

    /// RFC 3339 in UTC with milliseconds, as the API writes it.
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        format!("{:.3}", self.to_jiff())
    }

    /// The calendar day of this moment in a zone.
    #[must_use]
    pub fn day_in(self, zone: &TimeZone) -> Date {
        self.to_jiff().to_zoned(zone.clone()).date()
    }

    fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }
}

/// Finds an IANA zone such as `Europe/Berlin`. `None` when the name is unknown.
#[must_use]
pub fn zone(name: &str) -> Option<TimeZone> {
    if name.len() > 64 {
        return None;
    }
    TimeZone::get(name).ok()
}

/// Where "now" comes from. The system clock in production; tests move their own.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// The system's wall clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_ms(jiff::Timestamp::now().as_millisecond())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_rfc3339_with_milliseconds() {
        assert_eq!(Timestamp::from_ms(1_700_000_000_123).to_rfc3339(), "2023-11-14T22:13:20.123Z");
        assert_eq!(Timestamp::from_ms(0).to_rfc3339(), "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn a_day_depends_on_the_zone() {
        let late = Timestamp::from_ms(1_700_000_000_000); // 22:13 UTC
        let berlin = zone("Europe/Berlin").unwrap();
        assert_eq!(late.day_in(&TimeZone::UTC).to_string(), "2023-11-14");
        assert_eq!(late.plus_ms(3_600_000).day_in(&berlin).to_string(), "2023-11-15");
        assert!(zone("Mars/Olympus").is_none());
    }
}
