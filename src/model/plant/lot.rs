//! Drawing lots: choices by hash, the same on every run.

use crate::ledger::value_hash;

/// A lot for one purpose; further words make further lots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Lot(u64);

impl Lot {
    /// The lot of `key` under `seed`.
    pub(super) fn new(seed: u64, key: &str) -> Self {
        Self(value_hash(key)).and(seed)
    }

    /// The lot for one purpose more.
    pub(super) fn and(self, word: u64) -> Self {
        // The finaliser of SplitMix64.
        let mut x = self.0 ^ word.wrapping_add(0x9e37_79b9_7f4a_7c15);
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Self(x ^ (x >> 31))
    }

    /// The lot as a number.
    pub(super) fn number(self) -> u64 {
        self.0
    }

    /// A number below `n`; 0 for none.
    pub(super) fn below(self, n: usize) -> usize {
        let n = u64::try_from(n).unwrap_or(u64::MAX);
        usize::try_from(self.0.checked_rem(n).unwrap_or_default()).unwrap_or_default()
    }

    /// The first of `n` numbers that `fits`, beginning with a few drawn ones
    /// and then in order from the last of these.
    pub(super) fn first(self, n: usize, mut fits: impl FnMut(usize) -> bool) -> Option<usize> {
        const DRAWN: u64 = 16;
        let drawn = (0..DRAWN).map(|trial| self.and(trial).below(n));
        let start = self.and(DRAWN).below(n);
        let rest = (0..n).map(|step| {
            start
                .saturating_add(step)
                .checked_rem(n)
                .unwrap_or_default()
        });
        drawn.chain(rest).find(|at| *at < n && fits(*at))
    }

    /// The same items in a drawn order.
    pub(super) fn shuffled<T>(self, items: Vec<T>) -> Vec<T> {
        let numbered = items.into_iter().zip(0_u64..);
        let mut drawn: Vec<(u64, u64, T)> = numbered
            .map(|(item, at)| (self.and(at).0, at, item))
            .collect();
        drawn.sort_unstable_by_key(|(lot, at, _)| (*lot, *at));
        drawn.into_iter().map(|(_, _, item)| item).collect()
    }
}
