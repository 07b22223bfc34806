//! A period is the unit that is scored: one identity on one day, or in one
//! hour where the data holds too few days.

use crate::event::Timestamp;

/// Whole periods that the data must touch before that length is chosen: with
/// fewer, every history is too thin to say anything (fewer than 8 usable
/// windows is the limit of a thin baseline).
const FEWEST_PERIODS: i64 = 8;

/// Length of one scored period. Periods begin at multiples of their length in
/// UTC, so days begin at midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Period {
    /// 24 hours.
    Day,
    /// 60 minutes.
    Hour,
    /// Five minutes.
    FiveMinutes,
    /// One minute.
    Minute,
}

impl Period {
    /// Every period, longest first.
    pub const ALL: [Self; 4] = [Self::Day, Self::Hour, Self::FiveMinutes, Self::Minute];

    /// Its length.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        match self {
            Self::Day => 86_400,
            Self::Hour => 3_600,
            Self::FiveMinutes => 300,
            Self::Minute => 60,
        }
    }

    /// What it is called in sentences.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Hour => "hour",
            Self::FiveMinutes => "5 minutes",
            Self::Minute => "minute",
        }
    }
}

/// The longest period of which the data holds at least eight: days, unless
/// the data is short.
#[must_use]
pub fn choose_period(first: Timestamp, last: Timestamp) -> Period {
    Period::ALL
        .into_iter()
        .find(|period| periods_between(first, last, period.seconds()) >= FEWEST_PERIODS)
        .unwrap_or(Period::Minute)
}

/// How many periods the data touches.
pub(super) fn periods_between(first: Timestamp, last: Timestamp, period_seconds: i64) -> i64 {
    let micros = period_end(last, period_seconds)
        .micros()
        .saturating_sub(period_start(first, period_seconds).micros());
    micros / micros_of(period_seconds)
}

/// Start of the period that `time` lies in.
pub(super) fn period_start(time: Timestamp, period_seconds: i64) -> Timestamp {
    let into_period = time.micros().rem_euclid(micros_of(period_seconds));
    Timestamp::from_micros(time.micros().saturating_sub(into_period))
}

/// End of the period that `time` lies in: always later than `time`.
pub(super) fn period_end(time: Timestamp, period_seconds: i64) -> Timestamp {
    let start = period_start(time, period_seconds).micros();
    Timestamp::from_micros(start.saturating_add(micros_of(period_seconds)))
}

/// At least one, so that it can divide.
fn micros_of(seconds: i64) -> i64 {
    seconds.saturating_mul(1_000_000).max(1)
}

#[cfg(test)]
mod tests {
    use super::super::span::parse_time;
    use super::*;

    fn at(text: &str) -> Timestamp {
        parse_time(text).unwrap_or_default()
    }

    #[track_caller]
    fn chooses(first: &str, last: &str, expected: Period) {
        assert_eq!(choose_period(at(first), at(last)), expected);
    }

    #[test]
    fn days_are_scored_as_soon_as_there_are_eight() {
        chooses("2026-11-01T10:00Z", "2026-11-08T09:00Z", Period::Day);
        chooses("2026-11-01T10:00Z", "2026-11-07T23:59:59Z", Period::Hour);
        chooses("2026-01-01", "2026-11-08", Period::Day);
    }

    #[test]
    fn short_data_is_scored_in_short_periods() {
        chooses("2026-11-01T01:10Z", "2026-11-01T08:10Z", Period::Hour);
        chooses(
            "2026-11-01T01:10Z",
            "2026-11-01T07:59:59Z",
            Period::FiveMinutes,
        );
        chooses(
            "2026-11-01T10:00Z",
            "2026-11-01T10:55Z",
            Period::FiveMinutes,
        );
        chooses(
            "2026-11-01T10:00Z",
            "2026-11-01T10:34:59.999999Z",
            Period::Minute,
        );
        chooses("2026-11-01T10:00Z", "2026-11-01T10:00Z", Period::Minute);
    }

    #[test]
    fn a_period_ends_where_the_next_begins() {
        let midnight = at("2026-11-02");
        assert_eq!(period_start(midnight, 86_400), midnight);
        assert_eq!(period_end(midnight, 86_400), at("2026-11-03"));
        let before = Timestamp::from_micros(midnight.micros() - 1);
        assert_eq!(period_end(before, 86_400), midnight);
        assert_eq!(period_start(before, 86_400), at("2026-11-01"));
    }

    #[test]
    fn the_ends_of_time_do_not_overflow() {
        for time in [Timestamp::MIN, Timestamp::MAX] {
            assert!(period_start(time, 86_400) <= time);
            assert!(period_end(time, 86_400) >= time);
        }
        assert_eq!(choose_period(Timestamp::MIN, Timestamp::MAX), Period::Day);
        assert_eq!(
            choose_period(Timestamp::MAX, Timestamp::MIN),
            Period::Minute
        );
    }
}
