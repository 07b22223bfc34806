//! Learned weights: takeovers planted in the history show which families and
//! terms tell others from oneself, here (MODEL §7.3).
//!
//! Weights are fitted on the first half of the windows and tried on the second.
//! They are adopted only where they find clearly more there than the defaults
//! do; weights of another organisation, or of chance, are worse than those.

mod days;
mod reviews;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

pub(super) use days::{School, learn_days};
pub(super) use reviews::learn_reviews;

use super::plant::Kind;
use super::slate::Ordinal;
use crate::event::Class;
use crate::stats::fit::{Row, fit, recall_at};

/// Nothing is learned from fewer identities …
const MIN_IDENTITIES: usize = 15;
/// … with so many usable windows …
const MIN_WINDOWS: usize = 20;
/// … or from fewer own examples.
const MIN_OWN: usize = 500;
/// Examples that are made, at most.
const MAX_ROWS: usize = 20_000;
/// Share of own examples that may raise an alarm.
const ALARM: f64 = 0.01;
/// What learned weights must find more, to be adopted.
const MARGIN: f64 = 0.01;

/// What was learned about the weights of one score.
#[derive(Clone, Debug, PartialEq)]
pub struct Lesson {
    /// Of which score: of a day or of a review.
    pub score: Weighed,
    /// For which class; `None` for everybody.
    pub class: Option<Class>,
    /// Own examples.
    pub n_own: usize,
    /// Foreign examples.
    pub n_foreign: usize,
    /// Share of the later foreign examples found at 1 % alarms with the weights
    /// in force before, averaged over kinds.
    pub recall_before: f64,
    /// The same with the learned weights.
    pub recall_learned: f64,
    /// Whether the learned weights are in force.
    pub is_adopted: bool,
    /// The learned weights, by family or term.
    pub weights: Vec<(&'static str, f64)>,
}

/// A score that is a weighted sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weighed {
    /// The takeover score of a day.
    Day,
    /// The score of a review.
    Review,
}

impl Weighed {
    /// The name used in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Day => "takeover",
            Self::Review => "review",
        }
    }
}

/// One window or review, as it was or with something planted in it.
#[derive(Clone, Debug)]
struct Example {
    subject: usize,
    class: Class,
    ordinal: Ordinal,
    /// What was planted; `None` for as it was.
    kind: Option<Kind>,
    /// Capped bits of each column.
    bits: Vec<f64>,
}

/// The columns of a weighted sum.
struct Columns {
    score: Weighed,
    names: Vec<&'static str>,
    /// Whether the examples say anything about a column; others stay as they
    /// are.
    is_fitted: Vec<bool>,
}

/// Weights in force for a class.
type InForce<'w> = &'w dyn Fn(Class) -> Vec<f64>;

impl Columns {
    /// Learns weights from the examples of `class`, or of everybody. `None`
    /// where there are too few.
    fn learn(
        &self,
        examples: &[Example],
        class: Option<Class>,
        before: InForce<'_>,
    ) -> Option<(Lesson, Vec<f64>)> {
        let is_asked = |example: &&Example| class.is_none_or(|class| example.class == class);
        let mut own: Vec<&Example> = examples.iter().filter(is_asked).collect();
        own.sort_by_key(|example| (example.subject, example.ordinal, example.kind));
        let as_it_was = || own.iter().filter(|example| example.kind.is_none());
        let subjects: BTreeSet<usize> = as_it_was().map(|example| example.subject).collect();
        let n_own = as_it_was().count();
        if subjects.len() < MIN_IDENTITIES || n_own < MIN_OWN {
            return None;
        }
        let mut ordinals: Vec<Ordinal> = own.iter().map(|example| example.ordinal).collect();
        ordinals.sort_unstable();
        let median = *ordinals.get(ordinals.len() / 2)?;
        let (early, late): (Vec<&Example>, Vec<&Example>) = own
            .iter()
            .copied()
            .partition(|example| example.ordinal < median);
        let tried = self.fitted(&early, before);
        let recall_before = self.recall(&late, before);
        let recall_learned = self.recall(&late, &|class| self.in_force(&tried, before(class)));
        let is_adopted = recall_learned >= recall_before + MARGIN;
        let weights = if is_adopted {
            self.fitted(&own, before)
        } else {
            tried
        };
        let lesson = Lesson {
            score: self.score,
            class,
            n_own,
            n_foreign: own.len() - n_own,
            recall_before,
            recall_learned,
            is_adopted,
            weights: self
                .names
                .iter()
                .copied()
                .zip(weights.iter().copied())
                .collect(),
        };
        Some((lesson, weights))
    }

    /// Weights from `examples`, with the sum that the fitted ones had.
    fn fitted(&self, examples: &[&Example], before: InForce<'_>) -> Vec<f64> {
        let mut n_of: BTreeMap<Option<Kind>, f64> = BTreeMap::new();
        for example in examples {
            *n_of.entry(example.kind).or_default() += 1.0;
        }
        let n_kinds = n_of.keys().flatten().fold(0.0, |n, _| n + 1.0);
        let omega = |kind: Option<Kind>| {
            let n = n_of.get(&kind).copied().unwrap_or(1.0);
            let share = if kind.is_none() { 0.5 } else { 0.5 / n_kinds };
            share / n
        };
        let rows: Vec<Row> = examples
            .iter()
            .map(|example| Row {
                bits: self.only_fitted(&example.bits),
                is_foreign: example.kind.is_some(),
                omega: omega(example.kind),
            })
            .collect();
        let weights = fit(&rows, self.names.len()).weights;
        let class = examples
            .first()
            .map_or(Class::Human, |example| example.class);
        self.in_force(&weights, before(class))
    }

    fn only_fitted(&self, of: &[f64]) -> Vec<f64> {
        let columns = of.iter().zip(&self.is_fitted);
        columns
            .map(|(x, is_fitted)| if *is_fitted { *x } else { 0.0 })
            .collect()
    }

    /// `weights` on the scale of those in force, which they replace where they
    /// were fitted: beside the others, only proportions say something.
    fn in_force(&self, weights: &[f64], before: Vec<f64>) -> Vec<f64> {
        let sum = |of: &[f64]| self.only_fitted(of).iter().sum::<f64>();
        let factor = sum(&before) / sum(weights).max(1e-12);
        let columns = weights.iter().zip(before).zip(&self.is_fitted);
        columns
            .map(
                |((learned, before), is_fitted)| if *is_fitted { learned * factor } else { before },
            )
            .collect()
    }

    /// Recall at 1 % alarms, averaged over kinds.
    fn recall(&self, examples: &[&Example], weights: InForce<'_>) -> f64 {
        let mut scores: BTreeMap<Option<Kind>, Vec<f64>> = BTreeMap::new();
        let mut by_class: BTreeMap<Class, Vec<f64>> = BTreeMap::new();
        for example in examples {
            let weights = by_class
                .entry(example.class)
                .or_insert_with(|| weights(example.class));
            let score = example.bits.iter().zip(weights).map(|(x, w)| x * *w).sum();
            scores.entry(example.kind).or_default().push(score);
        }
        let own = scores.remove(&None).unwrap_or_default();
        let n_kinds = scores.values().fold(0.0, |n, _| n + 1.0);
        let found: f64 = scores
            .values()
            .map(|foreign| recall_at(ALARM, &own, foreign))
            .sum();
        if n_kinds > 0.0 { found / n_kinds } else { 0.0 }
    }
}

/// Classes with enough identities among the examples to be learned of apart.
fn classes_of(examples: &[Example]) -> Vec<Class> {
    let mut subjects: BTreeMap<Class, BTreeSet<usize>> = BTreeMap::new();
    for example in examples {
        subjects
            .entry(example.class)
            .or_default()
            .insert(example.subject);
    }
    let large = subjects
        .into_iter()
        .filter(|(_, of)| of.len() >= MIN_IDENTITIES);
    let classes: Vec<Class> = large.map(|(class, _)| class).collect();
    // A single class is everybody.
    if classes.len() < 2 {
        Vec::new()
    } else {
        classes
    }
}

/// The examples to make: positions of windows, drawn by hash.
fn drawn(mut numbered: Vec<(u64, usize)>, n_kinds: usize) -> BTreeSet<usize> {
    numbered.sort_unstable();
    numbered.truncate(MAX_ROWS / (n_kinds + 1));
    numbered.into_iter().map(|(_, at)| at).collect()
}
