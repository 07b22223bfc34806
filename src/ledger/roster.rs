//! Bounding the identities that have an account.
//!
//! Whoever can invent names could fill the memory with identities. Beyond a
//! limit only those whose keys have the smallest hashes are kept; the events of
//! all others are counted in one overflow. Which are kept is a function of the
//! set of identities, so it depends neither on the order of their events nor on
//! how the input was split, and what is learned of an identity that is kept
//! does not depend on those that are not.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Account, Ledger, Strings, value_hash};
use crate::event::Event;

/// Identities that a ledger keeps at most.
pub(super) const MAX_IDENTITIES: usize = 1_000_000;

/// What an identity with few events takes, from its account to its score, with
/// room for those that have many.
const BYTES_PER_IDENTITY: u64 = 10 * 1024;

/// The identities that share a limit: those of a history and of the review
/// after it, in whatever parts they are read.
#[derive(Debug)]
pub struct Roster {
    max: usize,
    /// Hashes of the keys that were met and may be among the smallest.
    hashes: Mutex<BTreeSet<u64>>,
    /// Keys with a larger hash are not kept.
    threshold: AtomicU64,
}

impl Roster {
    /// Room for `max` identities.
    #[must_use]
    pub fn new(max: usize) -> Self {
        Self {
            max: max.max(1),
            hashes: Mutex::default(),
            threshold: AtomicU64::new(u64::MAX),
        }
    }

    /// Room for as many identities as fit into so many bytes of memory.
    #[must_use]
    pub fn within(n_bytes: u64) -> Self {
        let max = usize::try_from(n_bytes / BYTES_PER_IDENTITY).unwrap_or(usize::MAX);
        Self::new(max.min(MAX_IDENTITIES))
    }

    fn keeps(&self, hash: u64) -> bool {
        hash <= self.threshold.load(Ordering::Relaxed)
    }

    /// Takes note of a key, and thins them out when there are far too many.
    fn enrol(&self, hash: u64) {
        let mut hashes = self.lock();
        hashes.insert(hash);
        if hashes.len() > self.max.saturating_add(self.max / 4) {
            self.thin(&mut hashes);
        }
    }

    /// Keeps no key with a larger hash.
    fn lower(&self, threshold: u64) {
        if let Some(beyond) = threshold.checked_add(1) {
            self.lock().split_off(&beyond);
            self.threshold.fetch_min(threshold, Ordering::Relaxed);
        }
    }

    /// Leaves exactly as many as may be kept.
    fn settle(&self) {
        self.thin(&mut self.lock());
    }

    fn thin(&self, hashes: &mut BTreeSet<u64>) {
        let beyond = hashes.iter().nth(self.max).copied();
        if let Some(beyond) = beyond {
            hashes.split_off(&beyond);
            self.threshold.store(beyond - 1, Ordering::Relaxed);
        }
    }

    /// A thread that panicked left at most one key out.
    fn lock(&self) -> MutexGuard<'_, BTreeSet<u64>> {
        self.hashes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is known of the identities that are not kept.
#[derive(Clone, Debug, Default)]
pub struct Overflow {
    /// How many events are theirs.
    pub n_events: u64,
    pub(super) sketch: Sketch,
}

impl Overflow {
    /// How many identities are not kept, with a standard error of 1.6 %.
    #[must_use]
    pub fn n_identities(&self) -> u64 {
        self.sketch.estimate()
    }

    fn observe(&mut self, hash: u64, n_events: u64) {
        self.sketch.insert(hash);
        self.n_events = self.n_events.saturating_add(n_events);
    }

    /// Adds what another ledger did not keep.
    pub fn merge(&mut self, other: &Self) {
        self.n_events = self.n_events.saturating_add(other.n_events);
        self.sketch.merge(&other.sketch);
    }
}

impl Ledger {
    /// Identities that were met and not kept.
    #[must_use]
    pub fn overflow(&self) -> &Overflow {
        &self.overflow
    }

    /// Whether the identity behind `event` has an account or may have one.
    pub(super) fn admits(&self, event: &Event<'_>) -> bool {
        self.admits_key(&event.actor.key)
    }

    /// Takes note of an account that was added, and drops those that have no
    /// room: it may be one of them.
    pub(super) fn enrol(&mut self, event: &Event<'_>) {
        self.enrol_key(&event.actor.key);
    }

    /// Whether the identity with this key may have an account.
    pub(super) fn admits_key(&self, key: &str) -> bool {
        self.roster.keeps(value_hash(key))
    }

    /// Takes note of an identity that is met without an event of its own.
    pub(super) fn enrol_key(&mut self, key: &str) {
        self.roster.enrol(value_hash(key));
        self.drop_beyond();
    }

    /// Counts an identity that has no account and no event of its own.
    pub(super) fn pass_over_key(&mut self, key: &str) {
        self.overflow.observe(value_hash(key), 0);
    }

    /// Counts an event of an identity that has no account.
    pub(super) fn pass_over(&mut self, event: &Event<'_>) {
        self.overflow.observe(value_hash(&event.actor.key), 1);
    }

    /// Leaves exactly the identities that may be kept.
    pub(super) fn settle_identities(&mut self) {
        self.roster.settle();
        self.drop_beyond();
    }

    /// Takes note of every account, of which none has a key with a hash beyond
    /// `threshold`.
    pub(super) fn enrol_all(&mut self, threshold: u64) {
        self.roster.lower(threshold);
        for account in &self.accounts {
            self.roster.enrol(value_hash(account.identity_key()));
        }
        self.drop_beyond();
    }

    /// Drops the accounts that have no room any more.
    pub(super) fn drop_beyond(&mut self) {
        let threshold = self.roster.threshold.load(Ordering::Relaxed);
        if threshold >= self.threshold {
            return;
        }
        self.threshold = threshold;
        let mut accounts = self.take_accounts();
        accounts.retain(|account| {
            let hash = value_hash(account.identity_key());
            let is_kept = hash <= threshold;
            if !is_kept {
                self.overflow.observe(hash, account.row.n_events);
            }
            is_kept
        });
        self.index.rebuild(&accounts);
        self.accounts = accounts;
        self.roles.retain(|role, _| value_hash(role) <= threshold);
        self.chains.retain(|role| {
            let hash = value_hash(role);
            let is_kept = hash <= threshold;
            if !is_kept {
                self.overflow.observe(hash, 0);
            }
            is_kept
        });
        self.forget_strings();
    }

    /// Forgets the strings that only dropped accounts used.
    fn forget_strings(&mut self) {
        self.memo.clear();
        let old = std::mem::take(&mut self.strings);
        let mut strings = Strings::default();
        for account in &mut self.accounts {
            account.rename(&mut |id| strings.intern(old.text(id)));
        }
        self.strings = strings;
    }
}

impl Account {
    /// The key of the identity, or of the role that it is a session of.
    fn identity_key(&self) -> &str {
        let role = self.row.session.as_ref().map(|session| &session.role);
        role.unwrap_or(&self.row.key)
    }
}

/// Registers of a sketch: one standard error is 1.6 %.
pub(super) const REGISTERS: usize = 4096;
/// Bits of a hash that choose the register.
const REGISTER_BITS: u32 = 12;

/// A `HyperLogLog` of stable 64-bit hashes.
#[derive(Clone, Debug, Default)]
pub(super) struct Sketch(pub(super) Vec<u8>);

impl Sketch {
    fn insert(&mut self, hash: u64) {
        if self.0.is_empty() {
            self.0.resize(REGISTERS, 0);
        }
        // Not the upper bits: only hashes beyond the threshold come here.
        let rank = (hash >> REGISTER_BITS | 1 << (u64::BITS - REGISTER_BITS)).trailing_zeros() + 1;
        let at = usize::try_from(hash % REGISTERS as u64).unwrap_or_default();
        if let (Some(register), Ok(rank)) = (self.0.get_mut(at), u8::try_from(rank)) {
            *register = rank.max(*register);
        }
    }

    fn merge(&mut self, other: &Self) {
        if self.0.is_empty() {
            self.0.clone_from(&other.0);
        }
        for (own, theirs) in self.0.iter_mut().zip(&other.0) {
            *own = (*own).max(*theirs);
        }
    }

    /// Flajolet et al. (2007), with linear counting for small numbers.
    fn estimate(&self) -> u64 {
        const M: f64 = 4096.0;
        if self.0.is_empty() {
            return 0;
        }
        let ranks = self
            .0
            .iter()
            .map(|rank| f64::from(-i32::from(*rank)).exp2());
        let raw = 0.7213 / (1.0 + 1.079 / M) * M * M / ranks.sum::<f64>();
        let n_empty = self.0.iter().filter(|rank| **rank == 0).count();
        let estimate = match u32::try_from(n_empty) {
            Ok(n_empty) if raw <= 2.5 * M && n_empty > 0 => M * (M / f64::from(n_empty)).ln(),
            _ => raw,
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a finite positive estimate below 2^64"
        )]
        let rounded = estimate.round() as u64;
        rounded.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sketch_counts_within_five_percent() {
        for n in [1_u32, 100, 5_000, 300_000] {
            let mut sketch = Sketch::default();
            for i in 0..n {
                sketch.insert(value_hash(&i.to_string()));
                sketch.insert(value_hash(&i.to_string()));
            }
            let n = u64::from(n);
            assert!(sketch.estimate().abs_diff(n) <= n / 20, "{n}");
        }
    }

    #[test]
    fn memory_bounds_the_identities() {
        assert_eq!(Roster::within(1 << 30).max, 104_857);
        assert_eq!(Roster::within(1 << 40).max, MAX_IDENTITIES);
        assert_eq!(Roster::within(1).max, 1);
    }
}
