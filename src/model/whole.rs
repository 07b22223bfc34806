//! Calibration of the review as a whole, on pseudo-reviews cut from every
//! history (MODEL §0, A1–A3).

use std::collections::BTreeMap;

use super::calibration::PoolColumn;
use super::first_use::WARM_UP;
use super::novelty::Habit;
use super::past::Past;
use super::pooling::Pooling;
use super::reading::Reading;
use super::reckoning::WholeReckoning;
use super::review::{self, Block, DayBits};
use super::slate::{Ordinal, Slate, ordinal, run_of};
use super::subject::Day;
use super::{NewSet, Parameters, Statistic, parallel};
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
        let of_subjects = parallel::map(parameters.threads, slate.subjects.len(), |at| {
            let reviews = pseudo_reviews(slate, past, at, end, length);
            let weighs_origin = has_networks && !shared.get(at).copied().unwrap_or_default();
            pseudo_scores(slate, peers, past, parameters, at, reviews, weighs_origin)
        });
        let owners = of_subjects
            .iter()
            .enumerate()
            .flat_map(|(at, scores)| std::iter::repeat_n(at, scores.len()))
            .collect();
        let scores: Vec<f64> = of_subjects.into_iter().flatten().collect();
        let n_blocks = scores.len();
        let pooling = Pooling::new(slate, owners, CLASS_REVIEWS).counting(parameters.counts_tails);
        let column = PoolColumn::new(&pooling, &scores);
        Self {
            pooling,
            column,
            n_blocks,
            has_networks,
        }
    }

    /// How the p-value of a review score comes about; `None` without a pool.
    pub(super) fn reckoning(&self, subject: usize, score: f64) -> Option<WholeReckoning> {
        let n = u32::try_from(self.pooling.n_pool(subject)).unwrap_or(u32::MAX);
        Some(WholeReckoning {
            pool: self.pooling.class_of(subject),
            rank: self.column.rank(&self.pooling, subject, score)?,
            floor: 1.0 / (10.0 * f64::from(n.max(1))),
            p: self.p(subject, score)?,
        })
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

/// Review scores of one subject's pseudo-reviews.
fn pseudo_scores(
    slate: &Slate,
    peers: &[Vec<usize>],
    past: &Past,
    parameters: &Parameters,
    at: usize,
    reviews: Vec<PseudoReview<'_>>,
    weighs_origin: bool,
) -> Vec<f64> {
    let own_peers = peers.get(at).map(Vec::as_slice).unwrap_or_default();
    let (Some(subject), Some(rates), Some(firsts)) = (
        slate.subjects.get(at),
        past.rates.get(at),
        past.firsts.get(at),
    ) else {
        return Vec::new();
    };
    let mut habit = Habit::new(subject);
    let mut to_learn = subject.history().iter().peekable();
    let mut scores = Vec::with_capacity(reviews.len());
    for review in reviews {
        while let Some(day) = to_learn.next_if(|day| day.ordinal < review.start) {
            if subject.learns_from(day.ordinal) {
                habit.learn(subject, day, &firsts.typed(slate, subject, day));
            }
        }
        if habit.n_days < WARM_UP {
            continue;
        }
        let windows = review.windows.iter();
        let bits: Vec<DayBits> = windows
            .map(|window| past.day_bits(parameters, *window))
            .collect();
        let block = Block {
            subject: at,
            own: subject,
            days: review.days,
            as_of: review.start,
            habit: &habit,
        };
        let terms = review::terms(
            parameters,
            slate,
            own_peers,
            rates,
            &block,
            &bits,
            weighs_origin,
        );
        scores.push(review::score(&terms));
    }
    scores
}

/// A part of a history as long as the review.
#[derive(Default)]
struct PseudoReview<'s> {
    /// First period inside.
    start: Ordinal,
    days: Vec<&'s Day>,
    /// Positions of the days' windows.
    windows: Vec<usize>,
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
/// seconds counted back from `end`; oldest first.
fn pseudo_reviews<'s>(
    slate: &'s Slate,
    past: &Past,
    subject: usize,
    end: Timestamp,
    length: i64,
) -> Vec<PseudoReview<'s>> {
    let Some(own) = slate.subjects.get(subject) else {
        return Vec::new();
    };
    let mut runs: BTreeMap<i64, PseudoReview<'s>> = BTreeMap::new();
    for (at, w) in past.range_of(subject).zip(past.windows_of(subject)) {
        let Some(day) = own.days.get(w.day) else {
            continue;
        };
        let run = run_of(slate.start_of(w.ordinal), end, length);
        let run = runs.entry(run).or_default();
        run.days.push(day);
        run.windows.push(at);
    }
    let slots = slate
        .slots
        .get(..usize::try_from(slate.n_history).unwrap_or_default())
        .unwrap_or_default();
    for (run, review) in &mut runs {
        let start = end.saturating_add_seconds(run.saturating_sub(1).saturating_mul(length));
        review.start = ordinal(slots.partition_point(|slot| slate.period.start_of(*slot) < start));
    }
    runs.into_values().collect()
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
