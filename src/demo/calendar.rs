//! The days of the example, counted from 0; the last seven are the review.

use std::ops::Range;

use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, Utc, Weekday};

/// Milliseconds since the epoch, UTC.
pub(super) type Millis = i64;

pub(super) const SECOND: Millis = 1000;
pub(super) const MINUTE: Millis = 60 * SECOND;
pub(super) const HOUR: Millis = 60 * MINUTE;
pub(super) const DAY: Millis = 24 * HOUR;

/// 2026-11-15T00:00:00Z, a Sunday: the midnight that begins the last day.
const LAST_MIDNIGHT: Millis = 1_794_700_800 * SECOND;
/// Length of the review.
pub(super) const REVIEW_DAYS: u32 = 7;

/// Public holidays of the autumn, by the country's name.
const HOLIDAYS: [(&str, u32, u32); 16] = [
    ("Belgium", 11, 1),
    ("Belgium", 11, 11),
    ("Canada", 9, 7),
    ("Canada", 10, 12),
    ("Czechia", 9, 28),
    ("Czechia", 10, 28),
    ("France", 7, 14),
    ("France", 11, 11),
    ("India", 10, 2),
    ("India", 11, 9),
    ("Ireland", 8, 3),
    ("Ireland", 10, 26),
    ("Poland", 8, 15),
    ("Poland", 11, 11),
    ("Bulgaria", 9, 22),
    ("Norway", 5, 17),
];

/// A number of days that end on 2026-11-15.
#[derive(Clone, Copy, Debug)]
pub(super) struct Calendar {
    /// How many days there are.
    pub days: u32,
}

impl Calendar {
    /// The instant `day` begins.
    pub(super) fn midnight(self, day: u32) -> Millis {
        let before_last = i64::from(self.days) - 1 - i64::from(day);
        LAST_MIDNIGHT - before_last * DAY
    }

    /// The days that are scored.
    pub(super) fn review(self) -> Range<u32> {
        self.days.saturating_sub(REVIEW_DAYS)..self.days
    }

    /// Whether `day` is a Saturday or Sunday.
    pub(super) fn is_weekend(self, day: u32) -> bool {
        matches!(self.date(day).weekday(), Weekday::Sat | Weekday::Sun)
    }

    /// The day of the week, 0 being Monday.
    pub(super) fn weekday(self, day: u32) -> u32 {
        self.date(day).weekday().num_days_from_monday()
    }

    /// Whether nobody works in `country` on `day`, weekends apart.
    pub(super) fn is_holiday(self, day: u32, country: &str) -> bool {
        let date = self.date(day);
        HOLIDAYS.contains(&(country, date.month(), date.day()))
    }

    /// How many days come after `day`.
    pub(super) fn n_after(self, day: u32) -> u32 {
        self.days.saturating_sub(day + 1)
    }

    /// Whether `day` is the `wanted`-th of its month; 31 stands for the last.
    pub(super) fn is_day_of_month(self, day: u32, wanted: u32) -> bool {
        let date = self.date(day);
        let is_last = date.succ_opt().is_some_and(|next| next.day() == 1);
        date.day() == wanted || wanted == 31 && is_last
    }

    /// The day `at` lies in; 0 for what is earlier.
    pub(super) fn day_of(self, at: Millis) -> u32 {
        u32::try_from((at - self.midnight(0)).div_euclid(DAY)).unwrap_or_default()
    }

    /// The date of `day`.
    pub(super) fn date(self, day: u32) -> NaiveDate {
        datetime(self.midnight(day)).date_naive()
    }
}

/// `at` as a date and time.
pub(super) fn datetime(at: Millis) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at).unwrap_or_default()
}

/// `at` to the second, `2026-11-07T18:03:11Z`.
pub(super) fn seconds_text(at: Millis) -> String {
    datetime(at).to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// `at` to the millisecond, `2026-11-07T18:03:11.020Z`.
pub(super) fn millis_text(at: Millis) -> String {
    datetime(at).to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAYS: Calendar = Calendar { days: 45 };

    #[test]
    fn the_days_run_from_2_october_to_15_november() {
        assert_eq!(DAYS.date(0).to_string(), "2026-10-02");
        assert_eq!(DAYS.date(44).to_string(), "2026-11-15");
        assert_eq!(DAYS.date(DAYS.review().start).to_string(), "2026-11-09");
    }

    #[test]
    fn an_instant_lies_in_the_day_that_begins_before_it() {
        let midnight = DAYS.midnight(7);
        assert_eq!(DAYS.day_of(midnight - 1), 6);
        assert_eq!(DAYS.day_of(midnight), 7);
    }

    #[test]
    fn weekends_and_month_ends_are_known() {
        assert!(DAYS.is_weekend(44) && DAYS.is_weekend(43) && !DAYS.is_weekend(42));
        assert_eq!([0, 44].map(|day| DAYS.weekday(day)), [4, 6]);
        assert!(DAYS.is_holiday(40, "Poland") && !DAYS.is_holiday(40, "Norway"));
        assert!(DAYS.is_day_of_month(29, 31), "31 October");
        assert!(DAYS.is_day_of_month(44, 15) && !DAYS.is_day_of_month(44, 31));
    }
}
