//! Calibration of the review as a whole, on pseudo-reviews cut from every
//! history (MODEL §0, A1–A3).

use std::collections::BTreeMap;

use super::calibration::{PoolColumn, Pooling};
use super::novelty::{Habit, WARM_UP, marks_of, typed};
use super::past::{Past, Reading};
use super::review::{self, Block, DayBits};
use super::slate::{Ordinal, Slate};
use super::subject::Day;
use super::{NewSet, Parameters, Statistic};
use crate::event::{Timestamp, Window};
use crate::ledger::Dimension;
use crate::stats::combine::bits;

/// A class of reviews calibrates itself from this many pseudo-reviews.
const CLASS_REVIEWS: usize = 100;

/// Review scores of every pseudo-review.
pub(super) struct Whole {
    pooling: Pooling,
    column: PoolColumn,
    pub(super) n_blocks: usize,
    /// Whether anybody's network was ever seen.
    pub(super) has_networks: bool,
}

impl Whole {
    /// Cuts every history into pseudo-reviews of the review's length and scores
    /// them.
    pub(super) fn calibrate(
        slate: &Slate,
        peers: &[Vec<usize>],
        past: &Past,
        parameters: &Parameters,
        shared: &[bool],
        (history, review): (Window, Window),
    ) -> Self {
        let length = review_seconds(slate, review);
        let end = history.end.min(review.start);
        let has_networks = has_networks(parameters);
        let (mut owners, mut scores) = (Vec::new(), Vec::new());
        for (i, subject) in slate.subjects.iter().enumerate() {
            let own_peers = peers.get(i).map(Vec::as_slice).unwrap_or_default();
            let weighs_origin = has_networks && !shared.get(i).copied().unwrap_or_default();
            let Some(rates) = past.rates.get(i) else {
                continue;
            };
            let mut habit = Habit::new(subject);
            let mut learned = 0;
            for (start, days) in pseudo_reviews(slate, past, i, end, length) {
                for day in subject
                    .history()
                    .iter()
                    .take_while(|day| day.ordinal < start)
                    .skip(learned)
                {
                    learned += 1;
                    if subject.learns_from(day.ordinal) {
                        let typed = typed(slate, own_peers, i, marks_of(subject, day), day.ordinal);
                        habit.learn(subject, day, &typed);
                    }
                }
                if habit.n_days < WARM_UP {
                    continue;
                }
                let bits: Vec<DayBits> = days
                    .iter()
                    .map(|(_, reading)| day_bits(parameters, reading))
                    .collect();
                let block = Block {
                    subject: i,
                    own: subject,
                    days: days.into_iter().map(|(day, _)| day).collect(),
                    as_of: start,
                    habit: &habit,
                };
                owners.push(i);
                scores.push(review::score(&review::terms(
                    parameters,
                    slate,
                    own_peers,
                    rates,
                    &block,
                    &bits,
                    weighs_origin,
                )));
            }
        }
        let n_blocks = scores.len();
        let pooling = Pooling::new(slate, owners, CLASS_REVIEWS);
        let column = PoolColumn::new(&pooling, &scores);
        Self {
            pooling,
            column,
            n_blocks,
            has_networks,
        }
    }

    /// Probability of a review score among pseudo-reviews, never below what
    /// their number can support.
    pub(super) fn p(&self, subject: usize, score: f64) -> Option<f64> {
        let n = u32::try_from(self.pooling.n_pool(subject)).unwrap_or(u32::MAX);
        let floor = 1.0 / (10.0 * f64::from(n.max(1)));
        self.column
            .p(&self.pooling, subject, score)
            .map(|p| p.max(floor))
    }
}

/// Length of a review, at least one period.
pub(super) fn review_seconds(slate: &Slate, review: Window) -> i64 {
    let seconds = review.end.seconds().saturating_sub(review.start.seconds());
    seconds.max(slate.period.seconds())
}

/// Whether anybody's network was ever seen.
pub(super) fn has_networks(parameters: &Parameters) -> bool {
    let network = Statistic::New(Dimension::Network, NewSet::World);
    parameters.position(network).is_some()
}

/// The usable windows of one subject's history, cut into runs of `length`
/// seconds counted back from `end`; oldest first, each with the first period
/// inside.
fn pseudo_reviews<'s>(
    slate: &'s Slate,
    past: &'s Past,
    subject: usize,
    end: Timestamp,
    length: i64,
) -> Vec<(Ordinal, Vec<(&'s Day, &'s Reading)>)> {
    let Some(own) = slate.subjects.get(subject) else {
        return Vec::new();
    };
    let mut runs: BTreeMap<i64, Vec<(&Day, &Reading)>> = BTreeMap::new();
    for w in past.windows_of(subject) {
        let Some(day) = own.days.get(w.day) else {
            continue;
        };
        let before = end
            .seconds()
            .saturating_sub(slate.start_of(w.ordinal).seconds());
        // Runs further back have larger numbers; the newest is run 0.
        let run = before.saturating_sub(1).div_euclid(length);
        runs.entry(-run).or_default().push((day, &w.reading));
    }
    runs.into_iter()
        .map(|(run, days)| {
            let start = end.saturating_add_seconds(run.saturating_sub(1).saturating_mul(length));
            let slots = slate
                .slots
                .get(..usize::try_from(slate.n_history).unwrap_or_default())
                .unwrap_or_default();
            let first = slots.partition_point(|slot| slate.period.start_of(*slot) < start);
            (Ordinal::try_from(first).unwrap_or(Ordinal::MAX), days)
        })
        .collect()
}

/// What the review score takes from one day's reading.
pub(super) fn day_bits(parameters: &Parameters, reading: &Reading) -> DayBits {
    let of = |statistic| {
        let p = parameters
            .position(statistic)
            .and_then(|at| reading.p.get(at));
        bits(p.copied().unwrap_or(1.0))
    };
    DayBits {
        hour: of(Statistic::Hour),
        events_hour: of(Statistic::EventsHour),
        events_day: of(Statistic::EventsDay),
        targets_day: of(Statistic::TargetsDay),
        takeover: reading.scores.first().copied().unwrap_or_default(),
    }
}
