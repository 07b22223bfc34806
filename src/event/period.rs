//! How long one scored period is.

use super::Timestamp;

/// Length of one scored period. Habits are counted in periods, not in events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Period {
    /// One minute.
    Minute,
    /// Five minutes.
    FiveMinutes,
    /// One hour.
    Hour,
    /// One UTC day: the normal case.
    Day,
}

/// A history and a review need this many periods between them to be worth
/// the finer resolution.
const MIN_PERIODS: i64 = 12;

impl Period {
    /// Every period, longest first.
    pub const ALL: [Self; 4] = [Self::Day, Self::Hour, Self::FiveMinutes, Self::Minute];

    /// Length in seconds.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        match self {
            Self::Minute => 60,
            Self::FiveMinutes => 300,
            Self::Hour => 3_600,
            Self::Day => 86_400,
        }
    }

    /// The word for one of it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::FiveMinutes => "5 minutes",
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    /// The longest period of which data from `first` to `last` holds at least
    /// twelve.
    ///
    /// # Examples
    ///
    /// ```
    /// # use habitual::event::{Period, Timestamp};
    /// let at = Timestamp::from_seconds;
    /// assert_eq!(Period::fitting(at(0), at(45 * 86_400)), Period::Day);
    /// assert_eq!(Period::fitting(at(0), at(55 * 60)), Period::Minute);
    /// ```
    #[must_use]
    pub fn fitting(first: Timestamp, last: Timestamp) -> Self {
        let span = last.seconds().saturating_sub(first.seconds());
        Self::ALL
            .into_iter()
            .find(|period| period.seconds().saturating_mul(MIN_PERIODS) <= span)
            .unwrap_or(Self::Minute)
    }

    /// Number of the period that holds `time`: its start divided by its
    /// length.
    #[must_use]
    pub fn slot_of(self, time: Timestamp) -> i32 {
        let slot = time.seconds().div_euclid(self.seconds());
        let limit = if slot < 0 { i32::MIN } else { i32::MAX };
        i32::try_from(slot).unwrap_or(limit)
    }

    /// First instant of the period with number `slot`.
    #[must_use]
    pub fn start_of(self, slot: i32) -> Timestamp {
        Timestamp::from_seconds(i64::from(slot).saturating_mul(self.seconds()))
    }

    /// How many of `self` make one `longer`.
    #[must_use]
    pub fn ratio_to(self, longer: Self) -> i32 {
        i32::try_from(longer.seconds() / self.seconds())
            .unwrap_or(1)
            .max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn fits(seconds: i64, expected: Period) {
        let first = Timestamp::from_seconds(1_790_000_123);
        assert_eq!(
            Period::fitting(first, first.saturating_add_seconds(seconds)),
            expected
        );
    }

    #[test]
    fn the_longest_period_that_occurs_twelve_times_is_chosen() {
        fits(12 * 86_400, Period::Day);
        fits(12 * 86_400 - 1, Period::Hour);
        fits(12 * 3_600, Period::Hour);
        fits(12 * 3_600 - 1, Period::FiveMinutes);
        fits(3_600, Period::FiveMinutes);
        fits(3_599, Period::Minute);
        fits(0, Period::Minute);
        fits(-5, Period::Minute);
    }

    #[test]
    fn the_ends_of_time_do_not_overflow() {
        assert_eq!(Period::fitting(Timestamp::MIN, Timestamp::MAX), Period::Day);
        assert_eq!(Period::Minute.slot_of(Timestamp::MAX), i32::MAX);
    }
}
