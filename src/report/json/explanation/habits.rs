//! The habits of an identity: what it does how often, how much, and how well it
//! can be watched.

use serde::Serialize;

use super::super::rhythm::RhythmShape;
use super::super::{Text, WindowShape, finite, text};
use super::some;
use crate::finding::{AmountOf, Habits, Tried, Used, ValuesOf, Watched};

#[derive(Serialize)]
pub(super) struct HabitsShape<'a> {
    values: Vec<ValuesShape<'a>>,
    amounts: Vec<AmountShape>,
    rhythm: RhythmShape,
    watch: Option<WatchShape>,
}

impl<'a> HabitsShape<'a> {
    pub(super) fn of(habits: &'a Habits) -> Self {
        Self {
            values: habits.values.iter().map(ValuesShape::of).collect(),
            amounts: habits.amounts.iter().map(AmountShape::of).collect(),
            rhythm: RhythmShape::of(&habits.rhythm),
            watch: habits.watch.as_ref().map(WatchShape::of),
        }
    }
}

#[derive(Serialize)]
struct ValuesShape<'a> {
    dimension: &'static str,
    n: u32,
    n_once: u32,
    n_new: u32,
    usual: Vec<UsedShape<'a>>,
    new: Vec<UsedShape<'a>>,
}

impl<'a> ValuesShape<'a> {
    fn of(own: &'a ValuesOf) -> Self {
        Self {
            dimension: own.dimension,
            n: own.n,
            n_once: own.n_once,
            n_new: own.n_new,
            usual: own.usual.iter().map(UsedShape::of).collect(),
            new: own.new.iter().map(UsedShape::of).collect(),
        }
    }
}

#[derive(Serialize)]
struct UsedShape<'a> {
    value: Text<'a>,
    n_days: u32,
    n_review_days: u32,
    n_events: u64,
}

impl<'a> UsedShape<'a> {
    fn of(used: &'a Used) -> Self {
        Self {
            value: text(&used.value),
            n_days: used.n_days,
            n_review_days: used.n_review_days,
            n_events: used.n_events,
        }
    }
}

#[derive(Serialize)]
struct AmountShape {
    name: &'static str,
    median: u64,
    max: u64,
    review_max: Option<u64>,
}

impl AmountShape {
    fn of(amount: &AmountOf) -> Self {
        Self {
            name: amount.name,
            median: amount.median,
            max: amount.max,
            review_max: amount.review_max,
        }
    }
}

#[derive(Serialize)]
struct WatchShape {
    history: WindowShape,
    review: WindowShape,
    least_p: Option<f64>,
    tried: Vec<TriedShape>,
}

#[derive(Serialize)]
struct TriedShape {
    name: &'static str,
    group: &'static str,
    n: usize,
    n_noticed: usize,
    median_p: Option<f64>,
}

impl WatchShape {
    fn of(watch: &Watched) -> Self {
        let tried = watch.tried.iter().map(|own: &Tried| TriedShape {
            name: own.kind.name(),
            group: own.kind.group().name(),
            n: own.n,
            n_noticed: own.n_noticed,
            median_p: some(own.median_p),
        });
        Self {
            history: WindowShape::of(watch.windows.0),
            review: WindowShape::of(watch.windows.1),
            least_p: finite(watch.least_p),
            tried: tried.collect(),
        }
    }
}
