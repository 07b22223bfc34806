//! Statistics to p-values: each identity's own past decides, its class
//! sharpens (MODEL §6).

use std::collections::BTreeMap;
use std::ops::Range;

use super::slate::Slate;
use crate::event::Class;
use crate::ledger::value_hash;
use crate::stats::calibration::{Pool, PoolRank, least_p, n_at_least, psc, scale};
use crate::stats::{OWN_WINDOWS, POOL_WINDOWS, TIE};

/// A class calibrates itself with at least so many identities …
const CLASS_IDENTITIES: usize = 10;
/// … and at least so many windows; otherwise the organisation does.
const CLASS_WINDOWS: usize = 1_000;
/// Who has fewer windows than this is a beginner, and is ranked among the first
/// so many of everybody …
const BEGINNING: usize = super::verdict::FULL_SUPPORT as usize;
/// … if there are at least so many such windows: fewer make no tail.
const BEGINNERS_WINDOWS: usize = 200;

/// Which windows an identity's values are ranked among.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PoolKey {
    Class(Class),
    Organisation,
    /// Those of a class, or of the organisation, when they began.
    Beginners(Option<Class>),
}

/// Which subject each calibrating window belongs to, and which pool each
/// subject is ranked in.
#[derive(Clone, Debug)]
pub(super) struct Pooling {
    /// Subject of each window, ascending; windows of one subject in order of
    /// time.
    pub(super) subject_of: Vec<usize>,
    pool_of: Vec<PoolKey>,
    /// The windows that make up each subject's own list: its most recent ones.
    own: Vec<Range<usize>>,
    /// Windows in each pool.
    members: BTreeMap<PoolKey, Vec<usize>>,
    is_counting: bool,
    /// Which pseudo-review each window belongs to, ascending for each subject …
    runs: Vec<i64>,
    /// … and whether it is no part of its subject's own list.
    is_hidden: Vec<bool>,
}

impl Pooling {
    /// `class_windows` is the number of windows from which a class stands on
    /// its own.
    pub(super) fn new(slate: &Slate, subject_of: Vec<usize>, class_windows: usize) -> Self {
        let mut n_windows: BTreeMap<Class, usize> = BTreeMap::new();
        let mut n_identities: BTreeMap<Class, usize> = BTreeMap::new();
        for run in subject_of.chunk_by(|a, b| a == b) {
            let subject = run.first().and_then(|at| slate.subjects.get(*at));
            if let Some(subject) = subject {
                *n_windows.entry(subject.class).or_default() += run.len();
                *n_identities.entry(subject.class).or_default() += 1;
            }
        }
        let stands_alone = |class: Class| {
            n_identities
                .get(&class)
                .is_some_and(|n| *n >= CLASS_IDENTITIES)
                && n_windows.get(&class).is_some_and(|n| *n >= class_windows)
        };
        let pool_of: Vec<PoolKey> = slate
            .subjects
            .iter()
            .map(|subject| {
                if stands_alone(subject.class) {
                    PoolKey::Class(subject.class)
                } else {
                    PoolKey::Organisation
                }
            })
            .collect();
        let own = own_windows(&subject_of, pool_of.len());
        let has_strays = pool_of.contains(&PoolKey::Organisation);
        let mut members: BTreeMap<PoolKey, Vec<usize>> = BTreeMap::new();
        for (window, subject) in subject_of.iter().enumerate() {
            if has_strays {
                let all = members.entry(PoolKey::Organisation);
                all.or_default().push(window);
            }
            if let Some(key @ PoolKey::Class(_)) = pool_of.get(*subject) {
                members.entry(*key).or_default().push(window);
            }
        }
        for windows in members.values_mut() {
            sample(windows);
        }
        Self {
            subject_of,
            pool_of,
            own,
            members,
            is_counting: false,
            runs: Vec::new(),
            is_hidden: Vec::new(),
        }
    }

    /// The same where a window of one of the `runs` is held against its subject's
    /// windows outside of that run.
    pub(super) fn in_runs(self, runs: Vec<i64>) -> Self {
        Self { runs, ..self }
    }

    /// The same with own lists that lack the hidden windows. The pools hold them:
    /// they would end before their tails otherwise.
    pub(super) fn hiding(self, is_hidden: Vec<bool>) -> Self {
        Self { is_hidden, ..self }
    }

    /// The same with pools that count, or that do not, see [`Pool::counting`].
    pub(super) fn counting(self, is_counting: bool) -> Self {
        Self {
            is_counting,
            ..self
        }
    }

    /// A pool of these values.
    fn pool(&self, values: Vec<f64>) -> Pool {
        if self.is_counting {
            Pool::counting(values)
        } else {
            Pool::new(values)
        }
    }

    /// The usual number of windows from which a class stands on its own, and
    /// beginners apart.
    ///
    /// To those whose habits are hardly known much is new, and what they do says
    /// less than it would of others: they are ranked with what everybody did at
    /// that age.
    pub(super) fn of_windows(slate: &Slate, subject_of: Vec<usize>) -> Self {
        let mut pooling = Self::new(slate, subject_of, CLASS_WINDOWS);
        pooling.part_beginners(BEGINNERS_WINDOWS);
        pooling
    }

    /// Of windows of newcomers: they have none of their own.
    pub(super) fn of_newcomers(slate: &Slate, subject_of: Vec<usize>) -> Self {
        let mut pooling = Self::new(slate, subject_of, BEGINNERS_WINDOWS);
        pooling.own.fill(0..0);
        pooling
    }

    /// Ranks beginners apart if `n_least` windows or more were anybody's first.
    pub(super) fn part_beginners(&mut self, n_least: usize) {
        let mut n_windows = vec![0_usize; self.pool_of.len()];
        let mut early: BTreeMap<PoolKey, Vec<usize>> = BTreeMap::new();
        for (window, subject) in self.subject_of.iter().enumerate() {
            let Some(n) = n_windows.get_mut(*subject) else {
                continue;
            };
            *n += 1;
            if *n <= BEGINNING {
                let class = self.class_of(*subject);
                let pools = class.into_iter().map(Some).chain([None]);
                for pool in pools {
                    let own = early.entry(PoolKey::Beginners(pool)).or_default();
                    own.push(window);
                }
            }
        }
        early.retain(|_, windows| windows.len() >= n_least);
        for windows in early.values_mut() {
            sample(windows);
        }
        let classes: Vec<Option<Class>> = (0..self.pool_of.len())
            .map(|subject| self.class_of(subject))
            .collect();
        let subjects = self.pool_of.iter_mut().zip(classes).zip(n_windows);
        for ((key, class), n) in subjects {
            let own = PoolKey::Beginners(class);
            if n < BEGINNING && early.contains_key(&own) {
                *key = own;
            }
        }
        self.members.extend(early);
    }

    /// Windows that calibrate `subject`.
    pub(super) fn n_pool(&self, subject: usize) -> usize {
        self.members.get(&self.key(subject)).map_or(0, Vec::len)
    }

    /// The class that calibrates `subject`; `None` for the organisation.
    pub(super) fn class_of(&self, subject: usize) -> Option<Class> {
        match self.key(subject) {
            PoolKey::Class(class) => Some(class),
            PoolKey::Organisation => None,
            PoolKey::Beginners(class) => class,
        }
    }

    /// Whether `subject` is ranked among the first windows of everybody.
    pub(super) fn is_beginner(&self, subject: usize) -> bool {
        matches!(self.key(subject), PoolKey::Beginners(_))
    }

    /// The windows of a subject's own list.
    fn own(&self, subject: usize) -> impl Iterator<Item = usize> + '_ {
        self.listed(self.own.get(subject).cloned().unwrap_or_default())
    }

    /// Of the own list of its subject, what a window is not held against: itself
    /// and those of its run.
    fn beside(&self, window: usize) -> impl Iterator<Item = usize> + '_ {
        let subject = self.subject_of.get(window).copied().unwrap_or_default();
        let own = self.own.get(subject).cloned().unwrap_or_default();
        let beside = match self.runs.get(window) {
            Some(run) => {
                let runs = self.runs.get(own.clone()).unwrap_or_default();
                let from = own.start + runs.partition_point(|other| other < run);
                from..own.start + runs.partition_point(|other| other <= run)
            }
            None => window..window.saturating_add(1),
        };
        self.listed(own.start.max(beside.start)..own.end.min(beside.end))
    }

    fn listed(&self, windows: Range<usize>) -> impl Iterator<Item = usize> + '_ {
        windows.filter(|window| !self.is_hidden.get(*window).copied().unwrap_or_default())
    }

    fn key(&self, subject: usize) -> PoolKey {
        self.pool_of
            .get(subject)
            .copied()
            .unwrap_or(PoolKey::Organisation)
    }
}

/// The most recent windows of each of `n` subjects.
fn own_windows(subject_of: &[usize], n: usize) -> Vec<Range<usize>> {
    let mut own = vec![0..0; n];
    let mut at = 0;
    for run in subject_of.chunk_by(|a, b| a == b) {
        let to = at + run.len();
        if let Some(range) = run.first().and_then(|subject| own.get_mut(*subject)) {
            *range = at.max(to.saturating_sub(OWN_WINDOWS))..to;
        }
        at = to;
    }
    own
}

/// Leaves at most [`POOL_WINDOWS`] windows, those with the smallest hashes.
fn sample(windows: &mut Vec<usize>) {
    if windows.len() > POOL_WINDOWS {
        windows.sort_by_cached_key(|window| value_hash(&window.to_string()));
        windows.truncate(POOL_WINDOWS);
        windows.sort_unstable();
    }
}

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
        let own: Vec<OwnList> = (0..pooling.own.len())
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
