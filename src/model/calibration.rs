//! Statistics to p-values: each identity's own past decides, its class
//! sharpens (MODEL §6).

use std::collections::BTreeMap;

use super::pooling::{PoolKey, Pooling};
use crate::stats::calibration::{Pool, PoolRank, least_p, n_at_least, psc, scale};
use crate::stats::{OWN_WINDOWS, TIE};

/// One statistic (or score) over all calibrating windows.
#[derive(Clone, Debug)]
pub(super) struct Column {
    own: Vec<OwnList>,
    pools: BTreeMap<PoolKey, (Pool, f64)>,
    /// Whether the values are bits of tail probabilities.
    is_tail: bool,
}

/// What of an own list a value is not held against.
#[derive(Clone, Copy, Debug, Default)]
struct LeftOut {
    n: usize,
    sum: f64,
    /// Of these, at least as large.
    n_at_least: usize,
}

impl LeftOut {
    /// `values` beside a value of `t`.
    fn of(values: impl Iterator<Item = f64>, t: f64) -> Self {
        values.fold(Self::default(), |left, value| Self {
            n: left.n + 1,
            sum: left.sum + value,
            n_at_least: left.n_at_least + usize::from(value >= t - TIE),
        })
    }
}

/// A subject without calibrating windows.
static NONE: OwnList = OwnList {
    n: 0,
    ascending: Vec::new(),
    sum: 0.0,
};

/// The most recent values of one subject.
#[derive(Clone, Debug, Default)]
pub(super) struct OwnList {
    n: usize,
    /// Those that are not zero: most are.
    ascending: Vec<f64>,
    sum: f64,
}

impl Column {
    /// Calibrates on `values`, one per window of `pooling`.
    pub(super) fn new(pooling: &Pooling, values: &[f64], is_tail: bool) -> Self {
        let value = |window: usize| values.get(window).copied().unwrap_or_default();
        let own: Vec<OwnList> = (0..pooling.n_subjects())
            .map(|subject| OwnList::new(pooling.own(subject).map(value)))
            .collect();
        let pools = pooling
            .members
            .iter()
            .map(|(key, windows)| {
                let sum: f64 = windows.iter().map(|window| value(*window)).sum();
                let mean = sum / length(windows.len().max(1));
                let scaled = windows.iter().map(|window| {
                    let t = value(*window);
                    let subject = pooling.subject_of.get(*window).copied().unwrap_or_default();
                    let list = own.get(subject).unwrap_or(&NONE);
                    let left = LeftOut::of(pooling.beside(*window).map(value), t);
                    t / list.scale(&left, mean)
                });
                (*key, (pooling.pool(scaled.collect()), mean))
            })
            .collect();
        Self {
            own,
            pools,
            is_tail,
        }
    }

    /// Puts another list in the place of that of `subject`; returns the latter.
    pub(super) fn replace(&mut self, subject: usize, list: OwnList) -> OwnList {
        let own = self.own.get_mut(subject);
        own.map_or_else(OwnList::default, |own| std::mem::replace(own, list))
    }

    /// p-value of history window `window`, leaving it and its run out of its own
    /// list; `value` tells those of all windows.
    pub(super) fn p_of_window(
        &self,
        pooling: &Pooling,
        window: usize,
        t: f64,
        value: impl Fn(usize) -> f64,
    ) -> f64 {
        if t <= 0.0 {
            return 1.0;
        }
        let subject = pooling.subject_of.get(window).copied().unwrap_or_default();
        let left = LeftOut::of(pooling.beside(window).map(value), t);
        self.p_beside(pooling, subject, t, true, &left)
    }

    /// p-value that history window `window` would have with `t` in the place of
    /// its `original` value.
    pub(super) fn p_instead(
        &self,
        pooling: &Pooling,
        window: usize,
        (original, t): (f64, f64),
        value: impl Fn(usize) -> f64,
    ) -> f64 {
        let subject = pooling.subject_of.get(window).copied().unwrap_or_default();
        if t <= 0.0 {
            return 1.0;
        }
        let left = LeftOut::of(pooling.beside(window).map(value), t);
        self.p_beside(pooling, subject, t, original >= t - TIE, &left)
    }

    /// p-value of a new value of `subject`.
    pub(super) fn p_of_new(&self, pooling: &Pooling, subject: usize, t: f64) -> f64 {
        self.p_beside(pooling, subject, t, false, &LeftOut::default())
    }

    /// p-value of `t`, held against the subject's own list without what is `left`
    /// out; one of the pool's windows may be `t` itself.
    fn p_beside(
        &self,
        pooling: &Pooling,
        subject: usize,
        t: f64,
        is_pooled: bool,
        left: &LeftOut,
    ) -> f64 {
        if t <= 0.0 {
            return 1.0;
        }
        let list = self.own.get(subject).unwrap_or(&NONE);
        let Some((pool, mean)) = self.pools.get(&pooling.key(subject)) else {
            return 1.0;
        };
        let pi = pool.tail_beside(t / list.scale(left, *mean), is_pooled);
        let n_at_least = list.n_at_least(t).saturating_sub(left.n_at_least);
        let p = psc(t, list.n.saturating_sub(left.n), n_at_least, pi);
        p.max(self.least(t))
    }

    /// The least p-value of `t`.
    fn least(&self, t: f64) -> f64 {
        if self.is_tail { least_p(t) } else { 0.0 }
    }
}

/// How a statistic of a new window became a p-value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calibrated {
    /// The statistic.
    pub t: f64,
    /// Windows of its own that it is held against, the most recent ones.
    pub n_own: usize,
    /// Of these, at least as large (c).
    pub n_at_least: usize,
    /// Their sum.
    pub sum_own: f64,
    /// The mean of the pool.
    pub pool_mean: f64,
    /// s = (sum + 5 mean) / (n + 5) + 1.
    pub scale: f64,
    /// t / s among the pool.
    pub pool: PoolRank,
    /// The least p that such a t may have, see [`least_p`]; 0 if any.
    pub least: f64,
    /// w = (n + 1) / (n + 1/π), p = min(1, (c + w) / (n + 1)), not below `least`.
    pub p: f64,
}

impl Column {
    /// How the p-value of a new value of `subject` comes about; `None` without
    /// a pool.
    pub(super) fn calibrated(
        &self,
        pooling: &Pooling,
        subject: usize,
        t: f64,
    ) -> Option<Calibrated> {
        let list = self.own.get(subject).unwrap_or(&NONE);
        let (pool, mean) = self.pools.get(&pooling.key(subject))?;
        let scale = list.scale(&LeftOut::default(), *mean);
        Some(Calibrated {
            t,
            n_own: list.n,
            n_at_least: list.n_at_least(t),
            sum_own: list.sum,
            pool_mean: *mean,
            scale,
            pool: pool.rank(t / scale),
            least: self.least(t),
            p: self.p_of_new(pooling, subject, t),
        })
    }
}

impl OwnList {
    /// The list of all values of a subject, oldest first.
    pub(super) fn of(values: &[f64]) -> Self {
        let from = values.len().saturating_sub(OWN_WINDOWS);
        Self::new(values.get(from..).unwrap_or_default().iter().copied())
    }

    fn new(recent: impl Iterator<Item = f64>) -> Self {
        let mut own = Self::default();
        for t in recent {
            own.n += 1;
            own.sum += t;
            if t != 0.0 {
                own.ascending.push(t);
            }
        }
        own.ascending.sort_unstable_by(f64::total_cmp);
        own.ascending.shrink_to_fit();
        own
    }

    /// How many of the values are at least `t`, which is above zero.
    fn n_at_least(&self, t: f64) -> usize {
        let n_zeros = self.n.saturating_sub(self.ascending.len());
        n_at_least(&self.ascending, t) + if t > TIE { 0 } else { n_zeros }
    }

    /// Scale of this subject's values without those `left` out.
    fn scale(&self, left: &LeftOut, pool_mean: f64) -> f64 {
        let sum = (self.sum - left.sum).max(0.0);
        scale(sum, self.n.saturating_sub(left.n), pool_mean)
    }
}

/// Scores that are comparable between identities as they are: the pool alone
/// gives their rank.
#[derive(Clone, Debug)]
pub(super) struct PoolColumn {
    pools: BTreeMap<PoolKey, Pool>,
}

impl PoolColumn {
    pub(super) fn new(pooling: &Pooling, values: &[f64]) -> Self {
        let pools = pooling
            .members
            .iter()
            .map(|(key, windows)| {
                let values = windows
                    .iter()
                    .filter_map(|window| values.get(*window).copied());
                (*key, pooling.pool(values.collect()))
            })
            .collect();
        Self { pools }
    }

    /// Where a score stands in the subject's pool; `None` without a pool.
    pub(super) fn rank(&self, pooling: &Pooling, subject: usize, score: f64) -> Option<PoolRank> {
        let pool = self.pools.get(&pooling.key(subject))?;
        (!pool.is_empty()).then(|| pool.rank(score))
    }

    /// Share of the subject's pool with at least this score; 1 for a score of
    /// 0, `None` without a pool.
    pub(super) fn p(&self, pooling: &Pooling, subject: usize, score: f64) -> Option<f64> {
        self.p_beside(pooling, subject, score, false)
    }

    /// The same for a score that may be that of one of the pool's windows: then
    /// it is held against the others.
    pub(super) fn p_beside(
        &self,
        pooling: &Pooling,
        subject: usize,
        score: f64,
        is_pooled: bool,
    ) -> Option<f64> {
        let pool = self
            .pools
            .get(&pooling.key(subject))
            .filter(|pool| !pool.is_empty())?;
        Some(if score <= 0.0 {
            1.0
        } else {
            pool.tail_beside(score, is_pooled).min(1.0)
        })
    }
}

fn length(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::from(u32::MAX), f64::from)
}
