//! Statistics to p-values: each identity's own past decides, its class
//! sharpens (MODEL §6).

use std::collections::BTreeMap;

use super::slate::Slate;
use crate::event::Class;
use crate::ledger::value_hash;
use crate::stats::calibration::{Pool, n_at_least, psc, scale};
use crate::stats::{OWN_WINDOWS, POOL_WINDOWS, TIE};

/// A class calibrates itself with at least so many identities …
const CLASS_IDENTITIES: usize = 10;
/// … and at least so many windows; otherwise the organisation does.
const CLASS_WINDOWS: usize = 1_000;

/// Which windows an identity's values are ranked among.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PoolKey {
    Class(Class),
    Organisation,
}

/// Which subject each calibrating window belongs to, and which pool each
/// subject is ranked in.
#[derive(Clone, Debug)]
pub(super) struct Pooling {
    /// Subject of each window, ascending; windows of one subject in order of
    /// time.
    pub(super) subject_of: Vec<usize>,
    pool_of: Vec<PoolKey>,
    /// Windows in each pool.
    members: BTreeMap<PoolKey, Vec<usize>>,
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
        let mut members: BTreeMap<PoolKey, Vec<usize>> = BTreeMap::new();
        for (window, subject) in subject_of.iter().enumerate() {
            members
                .entry(PoolKey::Organisation)
                .or_default()
                .push(window);
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
            members,
        }
    }

    /// The usual number of windows from which a class stands on its own.
    pub(super) fn of_windows(slate: &Slate, subject_of: Vec<usize>) -> Self {
        Self::new(slate, subject_of, CLASS_WINDOWS)
    }

    /// Windows that calibrate `subject`.
    pub(super) fn n_pool(&self, subject: usize) -> usize {
        self.members.get(&self.key(subject)).map_or(0, Vec::len)
    }

    fn key(&self, subject: usize) -> PoolKey {
        self.pool_of
            .get(subject)
            .copied()
            .unwrap_or(PoolKey::Organisation)
    }
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
}

/// A subject without calibrating windows.
static NONE: OwnList = OwnList {
    from: 0,
    to: 0,
    ascending: Vec::new(),
    sum: 0.0,
};

/// The most recent values of one subject.
#[derive(Clone, Debug, Default)]
struct OwnList {
    /// Position among all windows of the first one in the list.
    from: usize,
    to: usize,
    ascending: Vec<f64>,
    sum: f64,
}

impl Column {
    /// Calibrates on `values`, one per window of `pooling`.
    pub(super) fn new(pooling: &Pooling, values: &[f64]) -> Self {
        let mut own = vec![OwnList::default(); pooling.pool_of.len()];
        let mut at = 0;
        for run in pooling.subject_of.chunk_by(|a, b| a == b) {
            let to = at + run.len();
            let from = at.max(to.saturating_sub(OWN_WINDOWS));
            if let (Some(list), Some(recent)) = (
                run.first().and_then(|subject| own.get_mut(*subject)),
                values.get(from..to),
            ) {
                let mut ascending = recent.to_vec();
                ascending.sort_unstable_by(f64::total_cmp);
                *list = OwnList {
                    from,
                    to,
                    sum: recent.iter().sum(),
                    ascending,
                };
            }
            at = to;
        }
        let pools = pooling
            .members
            .iter()
            .map(|(key, windows)| {
                let value = |window: &usize| values.get(*window).copied().unwrap_or_default();
                let mean = windows.iter().map(value).sum::<f64>() / length(windows.len().max(1));
                let scaled = windows.iter().map(|window| {
                    let subject = pooling.subject_of.get(*window).copied().unwrap_or_default();
                    let list = own.get(subject).unwrap_or(&NONE);
                    value(window) / list.scale(Some((*window, value(window))), mean)
                });
                (*key, (Pool::new(scaled.collect()), mean))
            })
            .collect();
        Self { own, pools }
    }

    /// p-value of history window `window`, leaving it out of its own list.
    pub(super) fn p_of_window(&self, pooling: &Pooling, window: usize, t: f64) -> f64 {
        let subject = pooling.subject_of.get(window).copied().unwrap_or_default();
        self.p(pooling, subject, t, Some(window))
    }

    /// p-value that history window `window` would have with `t` in the place of
    /// its `original` value.
    pub(super) fn p_instead(&self, pooling: &Pooling, window: usize, original: f64, t: f64) -> f64 {
        let subject = pooling.subject_of.get(window).copied().unwrap_or_default();
        if t <= 0.0 {
            return 1.0;
        }
        let list = self.own.get(subject).unwrap_or(&NONE);
        let Some((pool, mean)) = self.pools.get(&pooling.key(subject)) else {
            return 1.0;
        };
        let left = usize::from(list.holds(window));
        let pi = pool.tail(t / list.scale(Some((window, original)), *mean));
        let n_own = list.ascending.len().saturating_sub(left);
        let is_reached = list.holds(window) && original >= t - TIE;
        let n_reached = n_at_least(&list.ascending, t);
        psc(
            t,
            n_own,
            n_reached.saturating_sub(usize::from(is_reached)),
            pi,
        )
    }

    /// p-value of a new value of `subject`.
    pub(super) fn p_of_new(&self, pooling: &Pooling, subject: usize, t: f64) -> f64 {
        self.p(pooling, subject, t, None)
    }

    fn p(&self, pooling: &Pooling, subject: usize, t: f64, left_out: Option<usize>) -> f64 {
        if t <= 0.0 {
            return 1.0;
        }
        let list = self.own.get(subject).unwrap_or(&NONE);
        let Some((pool, mean)) = self.pools.get(&pooling.key(subject)) else {
            return 1.0;
        };
        let is_in_list = left_out.is_some_and(|window| list.holds(window));
        let left = usize::from(is_in_list);
        let pi = pool.tail(t / list.scale(left_out.map(|window| (window, t)), *mean));
        let n_own = list.ascending.len().saturating_sub(left);
        psc(
            t,
            n_own,
            n_at_least(&list.ascending, t).saturating_sub(left),
            pi,
        )
    }
}

impl OwnList {
    fn holds(&self, window: usize) -> bool {
        (self.from..self.to).contains(&window)
    }

    /// Scale of this subject's values, without `left_out` if it is one of
    /// them.
    fn scale(&self, left_out: Option<(usize, f64)>, pool_mean: f64) -> f64 {
        match left_out {
            Some((window, value)) if self.holds(window) => scale(
                (self.sum - value).max(0.0),
                self.ascending.len() - 1,
                pool_mean,
            ),
            _ => scale(self.sum, self.ascending.len(), pool_mean),
        }
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
                (*key, Pool::new(values.collect()))
            })
            .collect();
        Self { pools }
    }

    /// Share of the subject's pool with at least this score; 1 for a score of
    /// 0, `None` without a pool.
    pub(super) fn p(&self, pooling: &Pooling, subject: usize, score: f64) -> Option<f64> {
        let pool = self
            .pools
            .get(&pooling.key(subject))
            .filter(|pool| !pool.is_empty())?;
        Some(if score <= 0.0 {
            1.0
        } else {
            pool.tail(score).min(1.0)
        })
    }
}

fn length(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::from(u32::MAX), f64::from)
}
