//! Retellings: records that tell once more, for another account or corrected,
//! an action that another record may tell.
//!
//! CloudTrail delivers what an identity did in a foreign account to both, under
//! different ids and with less said about the caller in the foreign one, and
//! delivers a record again when it learns more. Such an action counts once. The
//! record that knows the caller best counts, and which one that is shows only
//! when everything was read: until then the others wait.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use foldhash::quality::RandomState;

use super::dedup::{Dedup, number};
use super::fidelity::Fidelity;
use crate::event::{Provenance, Source};

/// Shards of the table, so that threads seldom meet.
const N_SHARDS: usize = 64;

/// From whose side a record tells an action; who knows the caller best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    /// Delivered to the caller's own account.
    Caller,
    /// Delivered to another account, which sees who called.
    Witness,
    /// Delivered to another account, which sees the caller's account only.
    Owner,
}

/// What a record says about other records of the same action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Claim {
    /// Number of this record's own id.
    pub(super) id: u128,
    /// Number of the id that all records of the action share, and this one's
    /// side.
    pub(super) shared: Option<(u128, Side)>,
    /// The id of the record that this one corrects.
    pub(super) corrects: Option<Box<str>>,
}

impl Claim {
    /// Whether another record may tell the action better.
    pub(super) fn must_wait(&self) -> bool {
        self.corrects.is_some() || self.shared.is_some_and(|(_, side)| side > Side::Caller)
    }
}

/// The number of an id, highest byte first: in the order of the numbers, and
/// without room between them and what is kept beside them.
type Id = [u8; 16];

/// What is told more than once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Told {
    /// The action whose records share this id.
    Shared(Id),
    /// The record that corrections correct.
    Corrected(Id),
    /// A record that waits.
    Waiting(Id),
}

impl Told {
    fn shared(action: u128) -> Self {
        Self::Shared(action.to_be_bytes())
    }

    fn corrected(original: &str) -> Self {
        Self::Corrected(number(original).to_be_bytes())
    }

    fn waiting(id: u128) -> Self {
        Self::Waiting(id.to_be_bytes())
    }
}

/// How well a record tells it: the smallest counts.
type Rank = (Side, Fidelity, Id);

/// Every claim made so far.
#[derive(Debug)]
pub(super) struct Retellings {
    shards: Vec<Mutex<HashMap<Told, Rank, RandomState>>>,
    n_held: AtomicUsize,
    max_held: usize,
    /// Per file and fidelity, the record from which on those that must wait are
    /// left to be read again.
    left: Mutex<BTreeMap<(u32, Fidelity), u32>>,
}

impl Retellings {
    /// No claim. Records of `max_held` bytes may wait in memory; the others are
    /// read again.
    pub(super) fn new(max_held: usize) -> Self {
        Self {
            shards: std::iter::repeat_with(Mutex::default)
                .take(N_SHARDS)
                .collect(),
            n_held: AtomicUsize::new(0),
            max_held,
            left: Mutex::default(),
        }
    }

    /// Takes note of the claim that a record of this `fidelity` makes.
    pub(super) fn register(&self, claim: &Claim, fidelity: Fidelity) {
        let rank = |side| (side, fidelity, claim.id.to_be_bytes());
        if let Some((action, side)) = claim.shared {
            self.offer(Told::shared(action), rank(side));
        }
        if let Some(original) = &claim.corrects {
            self.offer(Told::corrected(original), rank(Side::Owner));
        }
        if claim.must_wait() {
            self.offer(Told::waiting(claim.id), rank(Side::Owner));
        }
    }

    /// Whether a better record is known already. That stays so, whatever is
    /// read later.
    pub(super) fn is_beaten(&self, claim: &Claim, fidelity: Fidelity) -> bool {
        let beaten = |told, side| {
            self.best(told)
                .is_some_and(|best| best < (side, fidelity, claim.id.to_be_bytes()))
        };
        claim
            .shared
            .is_some_and(|(action, side)| beaten(Told::shared(action), side))
            || claim
                .corrects
                .as_deref()
                .is_some_and(|original| beaten(Told::corrected(original), Side::Owner))
    }

    /// Once everything is read: whether the record that made this claim is the
    /// one that counts.
    pub(super) fn counts(&self, claim: &Claim, fidelity: Fidelity, dedup: &Dedup) -> bool {
        let is_corrected_known = claim.corrects.as_deref().is_some_and(|original| {
            dedup.knows(Source::CloudTrail, original)
                || self.best(Told::waiting(number(original))).is_some()
        });
        !is_corrected_known && !self.is_beaten(claim, fidelity)
    }

    /// Whether a record of `n` bytes may wait in memory; if so, the room is
    /// taken.
    pub(super) fn hold(&self, n: usize) -> bool {
        self.n_held
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |held| {
                held.checked_add(n).filter(|held| *held <= self.max_held)
            })
            .is_ok()
    }

    /// Leaves the records of this `fidelity` from `first` on in its file to be
    /// read again.
    pub(super) fn leave(&self, first: Provenance, fidelity: Fidelity) {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        left.entry((first.file, fidelity)).or_insert(first.record);
    }

    /// Whether the record at `provenance` is left to be read again, if it must
    /// wait.
    pub(super) fn is_left(&self, provenance: Provenance, fidelity: Fidelity) -> bool {
        let left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        left.get(&(provenance.file, fidelity))
            .is_some_and(|first| *first <= provenance.record)
    }

    fn offer(&self, told: Told, rank: Rank) {
        if let Some(mut shard) = self.shard(told) {
            let best = shard.entry(told).or_insert(rank);
            *best = rank.min(*best);
        }
    }

    fn best(&self, told: Told) -> Option<Rank> {
        self.shard(told)?.get(&told).copied()
    }

    fn shard(&self, told: Told) -> Option<MutexGuard<'_, HashMap<Told, Rank, RandomState>>> {
        let (Told::Shared(id) | Told::Corrected(id) | Told::Waiting(id)) = told;
        let at = usize::from(*id.last()?) % N_SHARDS;
        let shard = self.shards.get(at)?.lock();
        // A thread that panicked left every entry whole.
        Some(shard.unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared(id: u128, side: Side) -> Claim {
        Claim {
            id,
            shared: Some((7, side)),
            corrects: None,
        }
    }

    #[test]
    fn of_the_records_of_an_action_the_one_that_knows_the_caller_counts() {
        let (caller, witness, owner) = (
            shared(3, Side::Caller),
            shared(2, Side::Witness),
            shared(1, Side::Owner),
        );
        let original = Fidelity::Original;
        let dedup = Dedup::new();
        for order in [[&caller, &witness, &owner], [&owner, &witness, &caller]] {
            let table = Retellings::new(10);
            for claim in order {
                table.register(claim, original);
            }
            let counts = order.map(|claim| (claim.id, table.counts(claim, original, &dedup)));
            assert!(counts.iter().all(|(id, counts)| *counts == (*id == 3)));
        }
        let table = Retellings::new(10);
        table.register(&owner, original);
        assert!(
            table.counts(&owner, original, &dedup),
            "nobody knows better"
        );
        assert!(
            !table.counts(&owner, Fidelity::Ocsf, &dedup),
            "a poorer rendering of it"
        );
    }

    #[test]
    fn what_a_file_left_is_left_from_there_on() {
        let table = Retellings::new(10);
        let at = |record| Provenance { file: 4, record };
        table.leave(at(9), Fidelity::Original);
        table.leave(at(11), Fidelity::Original);
        assert!(!table.is_left(at(8), Fidelity::Original));
        assert!(table.is_left(at(9), Fidelity::Original));
        assert!(!table.is_left(at(9), Fidelity::Ocsf));
    }

    #[test]
    fn waiting_in_memory_is_bounded() {
        let table = Retellings::new(10);
        assert!(table.hold(10));
        assert!(!table.hold(1));
        assert!(table.hold(0));
    }
}
