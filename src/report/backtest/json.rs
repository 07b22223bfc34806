//! A backtest as one JSON document, `habitual.backtest/1`.

use std::collections::BTreeMap;
use std::io::Write;

use serde::Serialize;

use super::Backtest;
use crate::backtest::{
    ALARM_RATES, BUDGETS, Control, Criterion, Lesson, Loudest, NOMINAL_RATES, RULES, Rates, Recall,
    Sampling, Scope, Share, Unwatched,
};
use crate::report::json::{Text, WindowShape, finite, text, write_pretty};

/// Writes the document.
pub(super) fn write(backtest: &Backtest<'_>, out: &mut dyn Write) -> anyhow::Result<()> {
    write_pretty(&BacktestShape::of(backtest), out)
}

#[derive(Serialize)]
struct BacktestShape<'a> {
    schema: &'static str,
    data: WindowShape,
    period: &'static str,
    reviews: Vec<StepShape>,
    sampling: SamplingShape,
    criteria: Vec<CriterionShape<'a>>,
    nothing_planted: BTreeMap<String, ShareShape>,
    weights: Vec<LessonShape>,
    recall: Vec<RecallShape>,
    recall_by_group: Vec<RecallShape>,
    alarms: Vec<RatesShape>,
    loudest: Option<LoudestShape<'a>>,
    controls: Vec<ControlShape>,
    unwatched: Vec<UnwatchedShape<'a>>,
    coverage: CoverageShape,
}

impl<'a> BacktestShape<'a> {
    fn of(backtest: &Backtest<'a>) -> Self {
        let outcome = backtest.outcome;
        let steps = outcome.steps.iter();
        Self {
            schema: "habitual.backtest/1",
            data: WindowShape::of(outcome.data),
            period: outcome.period,
            reviews: steps
                .map(|step| StepShape {
                    history: WindowShape::of(step.history),
                    review: WindowShape::of(step.review),
                })
                .collect(),
            sampling: SamplingShape::of(outcome.sampling),
            criteria: outcome.criteria.iter().map(CriterionShape::of).collect(),
            nothing_planted: named(BUDGETS, &outcome.quiet),
            weights: outcome.lessons.iter().map(LessonShape::of).collect(),
            recall: outcome.recalls.iter().map(RecallShape::of).collect(),
            recall_by_group: outcome.groups.iter().map(RecallShape::of).collect(),
            alarms: outcome.rates.iter().map(RatesShape::of).collect(),
            loudest: outcome.loudest.as_ref().map(LoudestShape::of),
            controls: outcome.controls.iter().map(ControlShape::of).collect(),
            unwatched: outcome.unwatched.iter().map(UnwatchedShape::of).collect(),
            coverage: CoverageShape {
                n_records: backtest.coverage.n_records,
                n_used: backtest.coverage.n_used,
                n_duplicate: backtest.coverage.n_duplicate,
                n_out_of_window: backtest.coverage.n_out_of_window,
                n_skipped: backtest.coverage.n_skipped(),
                is_incomplete: backtest.coverage.is_incomplete(),
            },
        }
    }
}

#[derive(Serialize)]
struct StepShape {
    history: WindowShape,
    review: WindowShape,
}

#[derive(Serialize)]
struct SamplingShape {
    n_identities: u64,
    n_reviews: u64,
    n_periods: u64,
    n_planted_reviews: u64,
    n_plants: u64,
    seed: u64,
}

impl SamplingShape {
    fn of(sampling: Sampling) -> Self {
        Self {
            n_identities: sampling.n_identities,
            n_reviews: sampling.n_reviews,
            n_periods: sampling.n_days,
            n_planted_reviews: sampling.n_planted_reviews,
            n_plants: sampling.n_plants,
            seed: sampling.seed,
        }
    }
}

#[derive(Serialize)]
struct CriterionShape<'a> {
    name: &'static str,
    holds: Option<bool>,
    sentence: &'a str,
}

impl<'a> CriterionShape<'a> {
    fn of(criterion: &'a Criterion) -> Self {
        Self {
            name: criterion.name,
            holds: criterion.holds,
            sentence: &criterion.sentence,
        }
    }
}

/// k of n, with the 95 % interval.
#[derive(Serialize)]
struct ShareShape {
    k: u64,
    n: u64,
    share: Option<f64>,
    interval: [f64; 2],
}

impl ShareShape {
    fn of(share: Share) -> Self {
        let (from, to) = share.interval();
        Self {
            k: share.k,
            n: share.n,
            share: finite(share.value()),
            interval: [from, to],
        }
    }
}

/// Shares by what they are told at.
fn named<T: ToString>(
    names: impl IntoIterator<Item = T>,
    shares: &[Share],
) -> BTreeMap<String, ShareShape> {
    let names = names.into_iter().map(|name| name.to_string());
    names
        .zip(shares.iter().map(|share| ShareShape::of(*share)))
        .collect()
}

#[derive(Serialize)]
struct RecallShape {
    plant: &'static str,
    description: Option<&'static str>,
    group: &'static str,
    class: Option<&'static str>,
    n: u64,
    at_false_alarm_rate: BTreeMap<String, ShareShape>,
    at_alerts_per_day: BTreeMap<String, ShareShape>,
    by_rule: BTreeMap<String, ShareShape>,
    median_delay_periods: Option<f64>,
    mean_rank: Option<f64>,
    mean_n_ranked: Option<f64>,
    leading_family: Option<&'static str>,
    leading_share: Option<f64>,
}

impl RecallShape {
    fn of(recall: &Recall) -> Self {
        let (plant, description, group) = match recall.scope {
            Scope::Kind(kind) => (kind.name(), Some(kind.describe()), kind.group().name()),
            Scope::Group(group) => (group.name(), None, group.name()),
        };
        Self {
            plant,
            description,
            group,
            class: recall.class.map(|class| class.name()),
            n: recall.at_rates.first().map_or(0, |share| share.n),
            at_false_alarm_rate: named(ALARM_RATES, &recall.at_rates),
            at_alerts_per_day: named(BUDGETS, &recall.at_budgets),
            by_rule: named(RULES, &recall.by_rules),
            median_delay_periods: finite(recall.median_delay),
            mean_rank: finite(recall.mean_rank),
            mean_n_ranked: finite(recall.mean_ranked),
            leading_family: recall.leading.map(|(family, _)| family.name()),
            leading_share: recall.leading.and_then(|(_, share)| finite(share.value())),
        }
    }
}

/// What was learned about the weights of one score.
#[derive(Serialize)]
pub(in crate::report) struct LessonShape {
    score: &'static str,
    class: Option<&'static str>,
    n_own: usize,
    n_foreign: usize,
    recall_before: Option<f64>,
    recall_learned: Option<f64>,
    is_adopted: bool,
    weights: BTreeMap<&'static str, Option<f64>>,
}

impl LessonShape {
    pub(in crate::report) fn of(lesson: &Lesson) -> Self {
        let weights = lesson.weights.iter();
        Self {
            score: lesson.score.name(),
            class: lesson.class.map(|class| class.name()),
            n_own: lesson.n_own,
            n_foreign: lesson.n_foreign,
            recall_before: finite(Some(lesson.recall_before)),
            recall_learned: finite(Some(lesson.recall_learned)),
            is_adopted: lesson.is_adopted,
            weights: weights
                .map(|(name, weight)| (*name, finite(Some(*weight))))
                .collect(),
        }
    }
}

#[derive(Serialize)]
struct RatesShape {
    of: String,
    periods: BTreeMap<String, ShareShape>,
    reviews: BTreeMap<String, ShareShape>,
}

impl RatesShape {
    fn of(rates: &Rates) -> Self {
        Self {
            of: rates.cut.name(),
            periods: named(NOMINAL_RATES, &rates.days),
            reviews: named(NOMINAL_RATES, &rates.reviews),
        }
    }
}

#[derive(Serialize)]
struct LoudestShape<'a> {
    name: Text<'a>,
    periods: ShareShape,
    alarms_of_loudest_tenth: ShareShape,
}

impl<'a> LoudestShape<'a> {
    fn of(loudest: &'a Loudest) -> Self {
        Self {
            name: text(&loudest.name),
            periods: ShareShape::of(loudest.days),
            alarms_of_loudest_tenth: ShareShape::of(loudest.of_top_tenth),
        }
    }
}

#[derive(Serialize)]
struct ControlShape {
    plant: &'static str,
    description: &'static str,
    became_findings: ShareShape,
}

impl ControlShape {
    fn of(control: &Control) -> Self {
        Self {
            plant: control.kind.name(),
            description: control.kind.describe(),
            became_findings: ShareShape::of(control.raised),
        }
    }
}

#[derive(Serialize)]
struct UnwatchedShape<'a> {
    id: Text<'a>,
    name: Text<'a>,
    class: &'static str,
    reason: &'static str,
    description: &'static str,
}

impl<'a> UnwatchedShape<'a> {
    fn of(unwatched: &'a Unwatched) -> Self {
        Self {
            id: text(&unwatched.id),
            name: text(&unwatched.name),
            class: unwatched.class.name(),
            reason: unwatched.reason.name(),
            description: unwatched.reason.describe(),
        }
    }
}

#[derive(Serialize)]
struct CoverageShape {
    n_records: u64,
    n_used: u64,
    n_duplicate: u64,
    n_out_of_window: u64,
    n_skipped: u64,
    is_incomplete: bool,
}
