//! Transactions: requests of a client of which several events may tell.
//!
//! However many events a request wrote, it is one thing that was done. Which of
//! its events are read together cannot be known, so the requests of a slot are
//! kept until nothing is merged any more, and counted then.

use super::DistinctCount;

/// The transactions of one identity in one slot.
#[derive(Clone, Debug, Default)]
pub(super) struct Transactions {
    /// Those of which some event counts.
    pub(super) all: DistinctCount,
    /// Those that the identity made itself and that were not refused, by hour
    /// of the day, in order.
    pub(super) hours: Vec<(u8, DistinctCount)>,
}

impl Transactions {
    /// Takes note of one by its hash.
    pub(super) fn insert(&mut self, hash: u64) {
        self.all.insert(hash);
    }

    /// Takes note of one that the identity made itself at this hour.
    pub(super) fn insert_direct(&mut self, hour: u8, hash: u64) {
        self.hour_mut(hour).insert(hash);
    }

    /// Adds what another part of the input said about the same slot.
    pub(super) fn merge(&mut self, other: &Self) {
        self.all.merge(&other.all);
        for (hour, theirs) in &other.hours {
            self.hour_mut(*hour).merge(theirs);
        }
    }

    /// How many there are.
    pub(super) fn count(&self) -> u32 {
        self.all.count()
    }

    /// How many the identity made itself, per hour of the day.
    pub(super) fn hours(&self) -> impl Iterator<Item = (u8, u32)> + '_ {
        self.hours.iter().map(|(hour, own)| (*hour, own.count()))
    }

    pub(super) fn hour_mut(&mut self, hour: u8) -> &mut DistinctCount {
        let at = self.hours.partition_point(|(own, _)| *own < hour);
        if self.hours.get(at).is_none_or(|(own, _)| *own != hour) {
            self.hours.insert(at, (hour, DistinctCount::default()));
        }
        #[expect(clippy::indexing_slicing, reason = "inserted above")]
        &mut self.hours[at].1
    }
}
