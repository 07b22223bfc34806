//! The axis: the time from the start of the history to the end of the review,
//! cut into bins of one length. The review begins with a bin.

use crate::event::{Timestamp, Window};
use crate::finding::{Assessment, Finding};

/// Bins that can be told apart on a phone.
const MAX_BINS: i64 = 120;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// Lengths that people think in, in seconds, with what one is called.
const STEPS: [(i64, &str); 9] = [
    (60, "minute"),
    (300, "5 minutes"),
    (900, "15 minutes"),
    (HOUR, "hour"),
    (6 * HOUR, "6 hours"),
    (DAY, "day"),
    (7 * DAY, "week"),
    (28 * DAY, "4 weeks"),
    (364 * DAY, "52 weeks"),
];

/// See the module.
#[derive(Clone, Debug)]
pub(in crate::report) struct Axis {
    /// Start of the first bin, in seconds.
    start: i64,
    /// Length of a bin, in seconds.
    step: i64,
    /// What a bin is called.
    pub(in crate::report) step_name: &'static str,
    n_history: i64,
    n_review: i64,
}

/// What one bin of an identity holds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::report) struct Bin {
    /// Events.
    pub(in crate::report) n_events: u64,
    /// The smallest p-value of the periods in it.
    pub(in crate::report) p_value: Option<f64>,
}

impl Axis {
    pub(in crate::report) fn of(assessment: &Assessment) -> Self {
        let step_floor = match assessment.period {
            "day" => DAY,
            "hour" => HOUR,
            "5 minutes" => 300,
            _ => 60,
        };
        Self::over(assessment.history, assessment.review, step_floor)
    }

    /// In whole hours, which is how finely it is known when a product recorded
    /// anything.
    pub(in crate::report) fn of_hours(assessment: &Assessment) -> Self {
        let down = |time: Timestamp| time.seconds().div_euclid(HOUR).saturating_mul(HOUR);
        let up = |time: Timestamp| down(time.saturating_add_seconds(HOUR - 1));
        let at = Timestamp::from_seconds;
        let (history, review) = (assessment.history, assessment.review);
        let whole = |window: Window| Window {
            start: at(down(window.start)),
            end: at(up(window.end)),
        };
        let step_floor = if assessment.period == "day" {
            DAY
        } else {
            HOUR
        };
        Self::over(whole(history), whole(review), step_floor)
    }

    fn over(history: Window, review: Window, step_floor: i64) -> Self {
        let begin = review.start.seconds();
        let before = begin.saturating_sub(history.start.seconds()).max(0);
        let length = review.end.seconds().saturating_sub(begin).max(1);
        let bins = |seconds: i64, step: i64| seconds.saturating_add(step - 1) / step;
        let fits = |(step, _): &(i64, &str)| {
            *step >= step_floor && bins(before, *step) + bins(length, *step) <= MAX_BINS
        };
        let longest = (364 * DAY, "52 weeks");
        let (step, step_name) = STEPS.into_iter().find(fits).unwrap_or(longest);
        let n_review = bins(length, step).min(MAX_BINS / 2);
        let n_history = bins(before, step).min(MAX_BINS - n_review);
        Self {
            start: begin.saturating_sub(n_history.saturating_mul(step)),
            step,
            step_name,
            n_history,
            n_review,
        }
    }

    /// How many bins there are.
    pub(in crate::report) fn len(&self) -> usize {
        usize::try_from(self.n_history.saturating_add(self.n_review)).unwrap_or_default()
    }

    /// How many of them lie before the review.
    pub(in crate::report) fn n_before_review(&self) -> usize {
        usize::try_from(self.n_history).unwrap_or_default()
    }

    /// The bin that holds `time`, if any does.
    pub(in crate::report) fn bin_of(&self, time: Timestamp) -> Option<usize> {
        let at = time.seconds().saturating_sub(self.start);
        let bin = usize::try_from(at.div_euclid(self.step)).ok()?;
        (bin < self.len()).then_some(bin)
    }

    /// Start of a bin.
    pub(in crate::report) fn start_of(&self, bin: usize) -> Timestamp {
        let bin = i64::try_from(bin).unwrap_or(i64::MAX);
        Timestamp::from_seconds(self.start.saturating_add(bin.saturating_mul(self.step)))
    }

    /// What an identity did, bin by bin.
    pub(in crate::report) fn bins_of(&self, finding: &Finding) -> Vec<Bin> {
        let mut bins = vec![Bin::default(); self.len()];
        let history = finding.rhythm.iter().flat_map(|rhythm| &rhythm.history);
        for period in history {
            // The first period may begin before a history that cuts it.
            let start = period.start.max(self.start_of(0));
            let bin = self.bin_of(start).and_then(|at| bins.get_mut(at));
            if let Some(bin) = bin {
                bin.n_events = bin.n_events.saturating_add(period.n_events);
            }
        }
        for day in &finding.days {
            // So may that of the review.
            let start = day.start.max(self.start_of(self.n_before_review()));
            let Some(bin) = self.bin_of(start).and_then(|at| bins.get_mut(at)) else {
                continue;
            };
            bin.n_events = bin.n_events.saturating_add(day.n_events);
            bin.p_value = match (bin.p_value, day.p_value) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
        }
        bins
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(start: i64, end: i64) -> Window {
        Window {
            start: Timestamp::from_seconds(start),
            end: Timestamp::from_seconds(end),
        }
    }

    #[test]
    fn review_begins_with_a_bin() {
        let axis = Axis::over(window(0, 38 * DAY), window(38 * DAY, 45 * DAY), DAY);
        assert_eq!((axis.len(), axis.n_before_review()), (45, 38));
        assert_eq!(axis.step_name, "day");
        let at = Timestamp::from_seconds;
        assert_eq!(axis.bin_of(at(38 * DAY - 1)), Some(37));
        assert_eq!(axis.bin_of(at(38 * DAY)), Some(38));
        assert_eq!(axis.bin_of(at(45 * DAY)), None);
        assert_eq!(axis.bin_of(at(-1)), None);
    }

    #[test]
    fn hours_are_whole_however_the_windows_are_cut() {
        let mut assessment = crate::report::fixture::assessment();
        assessment.period = "minute";
        assessment.history = window(11 * HOUR + 2_520, 12 * HOUR + 1_440);
        assessment.review = window(12 * HOUR + 1_440, 12 * HOUR + 2_280);
        let axis = Axis::of_hours(&assessment);
        assert_eq!((axis.len(), axis.n_before_review()), (2, 1));
        assert_eq!(axis.step_name, "hour");
        let at = Timestamp::from_seconds;
        assert_eq!(axis.bin_of(at(11 * HOUR)), Some(0));
        assert_eq!(axis.bin_of(at(12 * HOUR)), Some(1));
    }

    #[test]
    fn long_times_have_longer_bins_and_short_ones_shorter() {
        let of = |days: i64, floor| {
            Axis::over(
                window(0, days * DAY),
                window(days * DAY, (days + 7) * DAY),
                floor,
            )
        };
        assert_eq!(of(113, DAY).step_name, "day");
        assert_eq!(of(114, DAY).step_name, "week");
        assert_eq!(of(365, DAY).len(), 53 + 1);
        assert_eq!(of(1, HOUR).step_name, "6 hours");
        assert!(of(100_000, DAY).len() <= 120);
    }
}
