//! Pools: which windows an identity's values are ranked among, and which of its
//! own it is held against (MODEL §6.1).

use std::collections::BTreeMap;
use std::ops::Range;

use super::slate::Slate;
use crate::event::Class;
use crate::ledger::value_hash;
use crate::stats::calibration::Pool;
use crate::stats::{OWN_WINDOWS, POOL_WINDOWS};

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
    pub(super) members: BTreeMap<PoolKey, Vec<usize>>,
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
    pub(super) fn pool(&self, values: Vec<f64>) -> Pool {
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

    /// How many subjects there are.
    pub(super) fn n_subjects(&self) -> usize {
        self.own.len()
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
    pub(super) fn own(&self, subject: usize) -> impl Iterator<Item = usize> + '_ {
        self.listed(self.own.get(subject).cloned().unwrap_or_default())
    }

    /// Of the own list of its subject, what a window is not held against: itself
    /// and those of its run.
    pub(super) fn beside(&self, window: usize) -> impl Iterator<Item = usize> + '_ {
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

    pub(super) fn key(&self, subject: usize) -> PoolKey {
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
