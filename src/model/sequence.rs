//! Sequences: whether steps follow each other as they usually do (MODEL §5.1).
//!
//! A *step* is a token after the one before it. Steps are the last values of a
//! subject, so their counts are lists of small numbers.

use std::collections::BTreeMap;

use super::slate::{Slate, number};
use super::subject::{Day, Mark, Subject};
use super::{OddStep, Parameters, Statistic};
use crate::event::Class;
use crate::ledger::{Dimension, SlotSet, steps_of};
use crate::stats::sequence::{BigramCounts, bigram_bits, mean_bits, top3_bits};

/// The steps of one subject, numbered.
#[derive(Clone, Debug, Default)]
pub(super) struct Steps {
    /// Position of the first one in [`Subject::atoms`].
    from: usize,
    /// Number of context and of token of each.
    pairs: Vec<(u32, u32)>,
    n_contexts: usize,
    /// Number of each token on the slate.
    tokens: Vec<u32>,
    /// When each token was used, by its number on the slate.
    days: BTreeMap<u32, SlotSet>,
}

impl Steps {
    /// The token that the step `value` ends with, by its number on the slate,
    /// and when `subject` used it.
    pub(super) fn token_of(&self, subject: &Subject, value: u32) -> Option<(u32, &SlotSet)> {
        let marks = subject.atoms.get(self.from..)?;
        let at = marks.binary_search_by_key(&value, |mark| mark.value).ok()?;
        let token = *self.tokens.get(self.token(at)?)?;
        Some((token, self.days.get(&token)?))
    }

    /// When a token was used, by its number on the slate.
    pub(super) fn days_of(&self, token: u32) -> Option<&SlotSet> {
        self.days.get(&token)
    }

    /// Positions among `pairs` of the steps of a day.
    fn of<'d>(&self, day: &'d Day) -> impl Iterator<Item = usize> + use<'d> {
        let from = number(self.from);
        let first = day.atoms.partition_point(|atom| *atom < from);
        let atoms = day.atoms.get(first..).unwrap_or_default().iter();
        atoms.map(move |atom| atom.saturating_sub(from) as usize)
    }

    /// Number of the token that the step at this position ends with.
    fn token(&self, at: usize) -> Option<usize> {
        self.pairs.get(at).map(|(_, token)| *token as usize)
    }
}

/// Numbers the steps of every subject; returns how many kinds of token there
/// are.
pub(super) fn number_steps(subjects: &mut [Subject], values: &[Box<str>]) -> usize {
    let mut all: BTreeMap<&str, u32> = BTreeMap::new();
    for subject in subjects {
        let from = subject
            .atoms
            .partition_point(|mark| mark.dimension < Dimension::Bigram);
        let mut contexts: BTreeMap<&str, u32> = BTreeMap::new();
        let mut tokens: BTreeMap<&str, u32> = BTreeMap::new();
        let mut steps = Steps {
            from,
            ..Steps::default()
        };
        for mark in subject.atoms.iter().skip(from) {
            let text = values.get(mark.value as usize).map_or("", AsRef::as_ref);
            let (context, token) = steps_of(text);
            let n = number(contexts.len());
            let context = *contexts.entry(context).or_insert(n);
            let n = number(tokens.len());
            let next = number(all.len());
            let global = *all.entry(token).or_insert(next);
            let own = *tokens.entry(token).or_insert_with(|| {
                steps.tokens.push(global);
                n
            });
            steps.days.entry(global).or_default().union(&mark.days);
            steps.pairs.push((context, own));
        }
        steps.n_contexts = contexts.len();
        subject.steps = steps;
    }
    all.len()
}

/// Identity-days per token, for each class, over the history.
#[derive(Clone, Debug)]
pub(super) struct ClassSteps(Vec<(Class, ClassCounts)>);

#[derive(Clone, Debug, Default)]
pub(super) struct ClassCounts {
    tokens: Vec<u32>,
    total: f64,
    n_distinct: f64,
}

impl ClassSteps {
    pub(super) fn of(slate: &Slate) -> Self {
        let count = |class| (class, ClassCounts::of(slate, class));
        Self(Class::ALL.into_iter().map(count).collect())
    }

    pub(super) fn get(&self, class: Class) -> Option<&ClassCounts> {
        let mut own = self.0.iter().filter(|(own, _)| *own == class);
        own.next().map(|(_, counts)| counts)
    }
}

impl ClassCounts {
    fn of(slate: &Slate, class: Class) -> Self {
        let mut tokens = vec![0_u32; slate.n_tokens];
        for subject in slate.subjects.iter().filter(|s| s.class == class) {
            let mut own = StepCounts::new(&subject.steps);
            for day in subject.history() {
                if subject.learns_from(day.ordinal) {
                    own.learn(&subject.steps, day);
                }
            }
            for (global, n) in subject.steps.tokens.iter().zip(own.tokens) {
                if let Some(count) = tokens.get_mut(*global as usize) {
                    *count = count.saturating_add(n);
                }
            }
        }
        Self {
            total: tokens.iter().copied().map(f64::from).sum(),
            n_distinct: tokens.iter().filter(|n| **n > 0).map(|_| 1.0).sum(),
            tokens,
        }
    }
}

/// Days on which one subject took each of its steps, so far.
#[derive(Clone, Debug, Default)]
pub(super) struct StepCounts {
    /// Per step.
    pairs: Vec<u32>,
    /// Per context: days summed over its followers, and followers.
    contexts: Vec<(u32, u32)>,
    /// Per token.
    tokens: Vec<u32>,
    /// The last day that counted for each token.
    counted: Vec<u32>,
    n_days: u32,
    n: u32,
    n_distinct: u32,
}

impl StepCounts {
    pub(super) fn new(steps: &Steps) -> Self {
        Self {
            pairs: vec![0; steps.pairs.len()],
            contexts: vec![(0, 0); steps.n_contexts],
            tokens: vec![0; steps.tokens.len()],
            counted: vec![0; steps.tokens.len()],
            n_days: 0,
            n: 0,
            n_distinct: 0,
        }
    }

    /// Learns one more day.
    pub(super) fn learn(&mut self, steps: &Steps, day: &Day) {
        self.n_days += 1;
        for at in steps.of(day) {
            self.learn_pair(steps, at);
            self.learn_token(steps, at);
        }
    }

    fn learn_pair(&mut self, steps: &Steps, at: usize) {
        let context = steps.pairs.get(at).map(|(context, _)| *context as usize);
        let Some((n, n_followers)) = context.and_then(|c| self.contexts.get_mut(c)) else {
            return;
        };
        if let Some(pair) = self.pairs.get_mut(at) {
            *n_followers += u32::from(*pair == 0);
            *pair += 1;
            *n += 1;
        }
    }

    /// A token counts once a day, whatever it followed.
    fn learn_token(&mut self, steps: &Steps, at: usize) {
        let Some(token) = steps.token(at) else {
            return;
        };
        let (Some(count), Some(counted)) =
            (self.tokens.get_mut(token), self.counted.get_mut(token))
        else {
            return;
        };
        if *counted < self.n_days {
            *counted = self.n_days;
            self.n_distinct += u32::from(*count == 0);
            *count += 1;
            self.n += 1;
        }
    }

    /// Surprise of each step of a day.
    pub(super) fn bits(&self, steps: &Steps, day: &Day, class: Option<&ClassCounts>) -> Vec<f64> {
        steps
            .of(day)
            .map(|at| bigram_bits(&self.counts(steps, at, class)))
            .collect()
    }

    fn counts(&self, steps: &Steps, at: usize, class: Option<&ClassCounts>) -> BigramCounts {
        let (context, token) = steps.pairs.get(at).copied().unwrap_or_default();
        let (n_c, d_c) = self
            .contexts
            .get(context as usize)
            .copied()
            .unwrap_or_default();
        let n_of = |counts: &[u32], at: usize| f64::from(counts.get(at).copied().unwrap_or(0));
        let global = steps.tokens.get(token as usize).copied();
        let g_x = class
            .zip(global)
            .map_or(0.0, |(class, global)| n_of(&class.tokens, global as usize));
        BigramCounts {
            n_cx: n_of(&self.pairs, at),
            n_c: n_c.into(),
            d_c: d_c.into(),
            n_x: n_of(&self.tokens, token as usize),
            n: self.n.into(),
            d: self.n_distinct.into(),
            g_x,
            g: class.map_or(0.0, |class| class.total),
            v: class.map_or(0.0, |class| class.n_distinct),
        }
    }
}

/// Fills in the statistics of the steps of one window.
pub(super) fn sequence_statistics(parameters: &Parameters, bits: &[f64], out: &mut [f64]) {
    for ((statistic, _), value) in parameters.statistics.iter().zip(out) {
        match statistic {
            Statistic::SequenceMean => *value = mean_bits(bits),
            Statistic::SequenceTop3 => *value = top3_bits(bits),
            _ => {}
        }
    }
}

/// The most surprising steps of a day, in numbers.
pub(super) fn strangest(slate: &Slate, subject: &Subject, day: &Day, bits: &[f64]) -> Vec<OddStep> {
    let mut ranked: Vec<(f64, usize)> = bits
        .iter()
        .copied()
        .zip(subject.steps.of(day))
        .filter(|(bits, _)| *bits >= ODD_BITS)
        .collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    ranked.truncate(ODD_STEPS);
    let story = Story {
        slate,
        subject,
        marks: subject.atoms.get(subject.steps.from..).unwrap_or_default(),
    };
    ranked
        .into_iter()
        .filter_map(|(_, at)| story.step(at))
        .collect()
}

/// A step that is at least this surprising is told: 1 in 8.
const ODD_BITS: f64 = 3.0;
/// Steps that are told.
const ODD_STEPS: usize = 3;

/// The steps of one subject over its history.
struct Story<'s> {
    slate: &'s Slate,
    subject: &'s Subject,
    /// Of [`Dimension::Bigram`].
    marks: &'s [Mark],
}

impl Story<'_> {
    fn step(&self, at: usize) -> Option<OddStep> {
        let (context, token) = *self.subject.steps.pairs.get(at)?;
        let mark = self.marks.get(at)?;
        let follows = |(own, _): &(u32, u32)| *own == context;
        let precedes = |(_, own): &(u32, u32)| *own == token;
        Some(OddStep {
            value: mark.value,
            n_days: self.days(&mark.days),
            // What stands before a step was taken on the days of that step;
            // what every stream begins with, on all days.
            n_context_days: self.n_days_of(|pair| follows(pair)),
            n_token_days: self.n_days_of(|pair| precedes(pair)),
            usual_next: self.most_usual(follows, at),
            usual_before: self.most_usual(precedes, at),
        })
    }

    /// History days with any of some steps.
    fn n_days_of(&self, is_meant: impl Fn(&(u32, u32)) -> bool) -> u32 {
        let mut days = SlotSet::default();
        for (_, mark) in self.meant(is_meant) {
            days.union(&mark.days);
        }
        self.days(&days)
    }

    /// The step of some that was taken on most days, but for one of them.
    fn most_usual(&self, is_meant: impl Fn(&(u32, u32)) -> bool, but: usize) -> Option<(u32, u32)> {
        let others = self.meant(is_meant).filter(|(at, _)| *at != but);
        let counted = others.map(|(_, mark)| (self.days(&mark.days), mark.value));
        let most = counted.max_by_key(|(n, value)| (*n, std::cmp::Reverse(*value)))?;
        (most.0 > 0).then_some((most.1, most.0))
    }

    fn meant(
        &self,
        is_meant: impl Fn(&(u32, u32)) -> bool,
    ) -> impl Iterator<Item = (usize, &Mark)> {
        let pairs = self.subject.steps.pairs.iter().zip(self.marks).enumerate();
        pairs.filter_map(move |(at, (pair, mark))| is_meant(pair).then_some((at, mark)))
    }

    fn days(&self, days: &SlotSet) -> u32 {
        days.count_below(self.slate.n_history, &self.subject.hidden)
    }
}
