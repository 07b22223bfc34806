//! The schedule: which history each review is held against. Always in the
//! order of time, never a random split.

use std::fmt;

use crate::event::{Period, Timestamp, Window};

const WEEK_SECONDS: i64 = 7 * 86_400;
/// Share of the data, in percent, that the first review is held against.
const FIRST_PERCENT: i64 = 60;

/// Why there is nothing to test on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooShort {
    /// Periods that the data covers.
    pub n_periods: i64,
    /// What a period is called.
    pub period: &'static str,
    /// Periods that it would have to cover.
    pub n_needed: i64,
}

impl fmt::Display for TooShort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            n_periods,
            period,
            n_needed,
        } = self;
        write!(
            f,
            "too little to test on: the events cover {n_periods} periods of one {period}, and \
             {n_needed} are needed, of which the first {FIRST_PERCENT} % are only learned from"
        )
    }
}

impl std::error::Error for TooShort {}

/// A history and the review that follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Everything up to the review.
    pub history: Window,
    /// What is scored.
    pub review: Window,
}

/// Cuts `data`, which begins and ends between two periods, into consecutive
/// reviews of `length` seconds up to its end: as many as lie behind its first
/// 60 %, and at most the last `most` of them. Each is held against all that
/// lies before it.
///
/// Without a `length` a review is a week long, or the last 40 % of the data if
/// that is shorter.
///
/// # Errors
///
/// [`TooShort`], when not a single review fits.
pub(super) fn schedule(
    data: Window,
    period: Period,
    length: Option<i64>,
    most: usize,
) -> Result<Vec<Step>, TooShort> {
    let unit = period.seconds().max(1);
    let span = data.end.seconds().saturating_sub(data.start.seconds());
    let n_periods = span / unit;
    let free = n_periods.saturating_mul(100 - FIRST_PERCENT) / 100;
    let wanted = length.unwrap_or(WEEK_SECONDS).div_euclid(unit).max(1);
    let each = if length.is_none() {
        wanted.min(free).max(1)
    } else {
        wanted
    };
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let n = (free / each).min(most);
    if n == 0 {
        return Err(TooShort {
            n_periods,
            period: period.name(),
            n_needed: each.saturating_mul(100).div_ceil_by(100 - FIRST_PERCENT),
        });
    }
    let start_of = |nth: i64| -> Timestamp {
        let back = n.saturating_sub(nth).saturating_mul(each);
        data.end
            .saturating_add_seconds(back.saturating_mul(unit).saturating_neg())
    };
    Ok((0..n)
        .map(|nth| Step {
            history: Window {
                start: data.start,
                end: start_of(nth),
            },
            review: Window {
                start: start_of(nth),
                end: start_of(nth + 1),
            },
        })
        .collect())
}

/// Division that rounds up.
trait CeilBy {
    fn div_ceil_by(self, by: i64) -> i64;
}

impl CeilBy for i64 {
    fn div_ceil_by(self, by: i64) -> i64 {
        self.saturating_add(by - 1).div_euclid(by)
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        reason = "a test fails by panicking"
    )]

    use super::*;

    const DAY: i64 = 86_400;

    fn days(n: i64) -> Window {
        Window {
            start: Timestamp::from_seconds(0),
            end: Timestamp::from_seconds(n * DAY),
        }
    }

    fn ends(steps: &[Step]) -> Vec<(i64, i64)> {
        let day = |time: Timestamp| time.seconds() / DAY;
        let pair = |step: &Step| (day(step.history.end), day(step.review.end));
        steps.iter().map(pair).collect()
    }

    #[test]
    fn weeks_follow_each_other_to_the_end() {
        let steps = schedule(days(90), Period::Day, None, 10).unwrap();
        assert_eq!(
            ends(&steps),
            [(55, 62), (62, 69), (69, 76), (76, 83), (83, 90)]
        );
        for step in &steps {
            assert_eq!(step.history.start, Timestamp::from_seconds(0));
            assert_eq!(step.history.end, step.review.start);
        }
        // What was reviewed first is history of the second.
        assert!(steps[1].history.contains(steps[0].review.start));
    }

    #[test]
    fn only_the_last_ones_are_kept() {
        let steps = schedule(days(90), Period::Day, None, 2).unwrap();
        assert_eq!(ends(&steps), [(76, 83), (83, 90)]);
    }

    #[test]
    fn short_data_has_one_short_review() {
        let steps = schedule(days(10), Period::Day, None, 10).unwrap();
        assert_eq!(ends(&steps), [(6, 10)]);
    }

    #[test]
    fn a_length_is_taken_as_it_was_asked_for() {
        let steps = schedule(days(30), Period::Day, Some(3 * DAY), 10).unwrap();
        assert_eq!(ends(&steps), [(18, 21), (21, 24), (24, 27), (27, 30)]);
        let short = schedule(days(10), Period::Day, Some(7 * DAY), 10).unwrap_err();
        assert_eq!(short.n_needed, 18);
        assert!(schedule(days(18), Period::Day, Some(7 * DAY), 10).is_ok());
    }

    #[test]
    fn one_day_is_too_short() {
        let short = schedule(days(1), Period::Day, None, 10).unwrap_err();
        assert_eq!((short.n_periods, short.n_needed), (1, 3));
        assert!(schedule(days(3), Period::Day, None, 10).is_ok());
    }
}
