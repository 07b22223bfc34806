//! When anybody first used a value.

use std::collections::HashMap;

use foldhash::fast::FixedState;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::value::{Dimension, each_value};
use crate::event::{Event, Timestamp};

/// Values that are remembered, at about 24 bytes each.
const MAX_VALUES: usize = 1 << 20;

/// The first use of every value by anybody.
///
/// Of very many values a sample is kept that depends on the set of events
/// alone: those with the smallest hashes.
#[derive(Clone, Debug)]
pub struct Known {
    first: HashMap<u64, Timestamp, FixedState>,
    threshold: u64,
    max_values: usize,
}

impl Default for Known {
    fn default() -> Self {
        Self::within(MAX_VALUES)
    }
}

impl Known {
    /// Nothing is known, and at most `max_values` will be.
    pub(super) fn within(max_values: usize) -> Self {
        Self {
            first: HashMap::with_hasher(FixedState::default()),
            threshold: u64::MAX,
            max_values: max_values.max(1),
        }
    }

    /// Takes note of what an event uses.
    pub fn observe(&mut self, event: &Event<'_>) {
        each_value(event, &mut |dimension, value, _| {
            self.add(hash(dimension, value), event.time);
        });
        self.bound();
    }

    /// Adds what another part of the input uses.
    pub fn merge(&mut self, other: Self) {
        self.threshold = self.threshold.min(other.threshold);
        let threshold = self.threshold;
        self.first.retain(|hash, _| *hash <= threshold);
        other
            .first
            .into_iter()
            .for_each(|(hash, time)| self.add(hash, time));
        self.bound();
    }

    /// Whether anybody used the value before `start`; `None` where that is not
    /// remembered.
    #[must_use]
    pub fn is_used_before(
        &self,
        dimension: Dimension,
        value: &str,
        start: Timestamp,
    ) -> Option<bool> {
        let first = self.first.get(&hash(dimension, value))?;
        Some(*first < start)
    }

    fn add(&mut self, hash: u64, time: Timestamp) {
        if hash <= self.threshold {
            let first = self.first.entry(hash).or_insert(time);
            *first = time.min(*first);
        }
    }

    fn bound(&mut self) {
        while self.first.len() > self.max_values {
            self.threshold /= 2;
            let threshold = self.threshold;
            self.first.retain(|hash, _| *hash <= threshold);
        }
    }
}

fn hash(dimension: Dimension, value: &str) -> u64 {
    xxh3_64_with_seed(value.as_bytes(), dimension.seed())
}
