//! Plain rules that anybody could write, on the same reviews: what the model
//! has to be better than.

use crate::ledger::Dimension;
use crate::model::slate::Slate;
use crate::model::subject::{Day, Subject};

/// How many rules there are.
pub const N_RULES: usize = 3;

/// Their names, in the order of `measure`.
pub const RULES: [&str; N_RULES] = ["first-seen", "first-seen share", "volume z"];

/// What each rule says about the review of `subject`; larger is stranger.
///
/// # Formula
///
/// ```text
/// first-seen        values of the review that the history does not have
/// first-seen share  of all values of the review
/// volume z          (x − mean) / max(1, standard deviation) of the day with
///                   most events, against the days of the history
/// ```
#[must_use]
pub(super) fn measure(slate: &Slate, subject: &Subject) -> [f64; N_RULES] {
    let (k, n) = first_seen(slate, subject);
    let share = if n == 0 {
        0.0
    } else {
        f64::from(k) / f64::from(n)
    };
    [
        f64::from(k),
        share,
        volume(subject.history(), subject.review()),
    ]
}

/// Values of the review that are not in the history, of all of them.
fn first_seen(slate: &Slate, subject: &Subject) -> (u32, u32) {
    let marks = subject.atoms.iter();
    let marks = marks.filter(|mark| mark.dimension != Dimension::Hour);
    marks.fold((0, 0), |(k, n), mark| {
        let is_used = mark.days.iter().any(|day| slate.is_review(day));
        let is_new = mark.days.first().is_some_and(|day| slate.is_review(day));
        (k + u32::from(is_new), n + u32::from(is_used))
    })
}

fn volume(history: &[Day], review: &[Day]) -> f64 {
    let events = |day: &Day| f64::from(day.amounts.n_events);
    let most = review.iter().map(events).fold(0.0, f64::max);
    let n = f64::from(u32::try_from(history.len()).unwrap_or(u32::MAX));
    if history.is_empty() {
        return most;
    }
    let mean = history.iter().map(events).sum::<f64>() / n;
    let squares = history.iter().map(|day| (events(day) - mean).powi(2));
    let deviation = (squares.sum::<f64>() / n).sqrt();
    (most - mean) / deviation.max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::subject::Amounts;

    fn day(n_events: u32) -> Day {
        Day {
            ordinal: 0,
            atoms: Vec::new(),
            amounts: Amounts {
                n_events,
                ..Amounts::default()
            },
        }
    }

    #[test]
    fn volume_is_counted_in_standard_deviations() {
        // Mean 10, deviation 2.
        let history = [day(8), day(12), day(8), day(12)];
        assert!((volume(&history, &[day(1), day(16)]) - 3.0).abs() < 1e-12);
        // A clockwork identity is one event off, not infinitely many.
        assert!((volume(&[day(5), day(5)], &[day(7)]) - 2.0).abs() < 1e-12);
        assert!((volume(&[], &[day(7)]) - 7.0).abs() < 1e-12);
    }
}
