//! Points in time, in UTC, to the microsecond.

use chrono::{DateTime, SecondsFormat, Utc};

/// A point in time: microseconds since the Unix epoch, UTC.
///
/// Microseconds, because nanoseconds in an `i64` end in 2262 and logs hold
/// hostile dates. Only values between the years 2006 and 2100 are created by
/// [`Timestamp::plausible`]; ingest rejects the rest, record by record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

const MICROS: i64 = 1_000_000;

impl Timestamp {
    /// The earliest possible time.
    pub const MIN: Self = Self(i64::MIN);
    /// The latest possible time.
    pub const MAX: Self = Self(i64::MAX);
    /// 2006-01-01: before any of the three products existed.
    const FIRST_PLAUSIBLE: i64 = 1_136_073_600 * MICROS;
    /// 2100-01-01.
    const LAST_PLAUSIBLE: i64 = 4_102_444_800 * MICROS;

    /// From microseconds since the epoch.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From whole seconds since the epoch.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(MICROS))
    }

    /// From chrono's type.
    #[must_use]
    pub fn from_datetime(datetime: DateTime<Utc>) -> Self {
        Self(datetime.timestamp_micros())
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(MICROS)
    }

    /// `None` when no cloud audit log can bear this date.
    #[must_use]
    pub fn plausible(self) -> Option<Self> {
        (Self::FIRST_PLAUSIBLE..Self::LAST_PLAUSIBLE)
            .contains(&self.0)
            .then_some(self)
    }

    /// This time moved by `seconds`, stopping at the ends of the range.
    #[must_use]
    pub const fn saturating_add_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(MICROS)))
    }

    /// RFC 3339 with `Z`: whole seconds, or the digits that are needed.
    #[must_use]
    pub fn rfc3339(self) -> String {
        DateTime::<Utc>::from_timestamp_micros(self.0).map_or_else(
            || "unbounded".to_owned(),
            |t| t.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        )
    }

    /// The date alone, `2026-11-07`.
    #[must_use]
    pub fn date(self) -> String {
        DateTime::<Utc>::from_timestamp_micros(self.0).map_or_else(
            || "unbounded".to_owned(),
            |t| t.format("%Y-%m-%d").to_string(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_that_no_audit_log_can_bear_are_implausible() {
        let is_plausible = |seconds| Timestamp::from_seconds(seconds).plausible().is_some();
        assert!(!is_plausible(0));
        assert!(!is_plausible(1_136_073_599));
        assert!(is_plausible(1_136_073_600), "2006");
        assert!(is_plausible(4_102_444_799));
        assert!(!is_plausible(4_102_444_800), "2100");
    }
}
