//! The marks of a shard, such that one that is not there is neither looked for
//! nor put where it belongs at once.
//!
//! A table of many marks is far larger than a processor's cache, and each mark
//! would be met at a place of its own. So a filter, a byte per place of the
//! table, says of most new marks that they are new, and these are put into the
//! table several at a time.

use super::CONTENT;
use super::table::Table;

/// Marks that are put into the table together.
const N_RECENT: usize = 16;
/// Places of the table for each word of the filter.
const PLACES_PER_WORD: usize = 8;
/// Words of the smallest filter.
const MIN_WORDS: usize = 2;

/// A set of marks, one of each id.
#[derive(Debug, Default)]
pub(super) struct Marks {
    table: Table,
    /// Those that are not in the table yet, [`N_RECENT`] places; then the
    /// filter, in which three bits of one word stand for an id.
    near: Box<[u64]>,
    n_recent: usize,
}

impl Marks {
    /// The mark of the same id as `mark`, whatever its content.
    pub(super) fn of_id(&self, mark: u64) -> Option<u64> {
        let bits = bits_of(mark);
        let word = self.near.get(self.word_of(mark))?;
        if word & bits != bits {
            return None;
        }
        let same = mark & !CONTENT..=mark | CONTENT;
        let recent = self.near.get(..self.n_recent).unwrap_or_default();
        let found = recent.iter().find(|own| same.contains(own)).copied();
        found.or_else(|| self.table.range(*same.start(), *same.end()).next())
    }

    /// Adds `mark`, which is not zero and the first of its id.
    pub(super) fn insert(&mut self, mark: u64) {
        if self.near.is_empty() || self.n_recent == N_RECENT {
            self.settle();
        }
        if let Some(place) = self.near.get_mut(self.n_recent) {
            *place = mark;
            self.n_recent += 1;
        }
        self.filter(mark);
    }

    /// Puts what is not there yet into the table, and makes the filter as large
    /// as that wants.
    fn settle(&mut self) {
        if let Some(recent) = self.near.get_mut(..self.n_recent) {
            // In this order, they are met from the front to the back.
            recent.sort_unstable();
            recent.iter().for_each(|mark| self.table.insert(*mark));
        }
        self.n_recent = 0;
        let n_words = (self.table.n_homes() / PLACES_PER_WORD).max(MIN_WORDS);
        if self.near.len() < N_RECENT + n_words {
            self.near = vec![0; N_RECENT + n_words].into();
            let table = std::mem::take(&mut self.table);
            table.iter().for_each(|mark| self.filter(mark));
            self.table = table;
        }
    }

    fn filter(&mut self, mark: u64) {
        if let Some(word) = self.near.get_mut(self.word_of(mark)) {
            *word |= bits_of(mark);
        }
    }

    /// The word of the filter that tells of a mark: in proportion to its value,
    /// as in the table.
    fn word_of(&self, mark: u64) -> usize {
        let n_words = self.near.len().saturating_sub(N_RECENT);
        let scaled = (mark >> 32).saturating_mul(n_words as u64) >> 32;
        usize::try_from(scaled).map_or(usize::MAX, |at| at.saturating_add(N_RECENT))
    }
}

/// Three bits of a word, as the lower bits of the id say.
fn bits_of(mark: u64) -> u64 {
    let id = mark >> CONTENT.count_ones();
    1 << (id & 63) | 1 << (id >> 6 & 63) | 1 << (id >> 12 & 63)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// Bits of the content.
    const N_BITS: u32 = CONTENT.count_ones();

    fn hold_exactly(marks: &[u64]) {
        let mut all = Marks::default();
        let mut known: BTreeMap<u64, u64> = BTreeMap::new();
        for mark in marks {
            let id = mark >> N_BITS;
            assert_eq!(all.of_id(*mark), known.get(&id).copied());
            known.entry(id).or_insert_with(|| {
                all.insert(*mark);
                *mark
            });
            assert_eq!(all.of_id(*mark), known.get(&id).copied());
        }
        for (id, mark) in &known {
            assert_eq!(all.of_id(id << N_BITS), Some(*mark));
            let next = all.of_id((id + 1) << N_BITS);
            assert_eq!(next, known.get(&(id + 1)).copied());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn behave_like_a_map_from_ids(
            marks in prop::collection::vec(
                prop_oneof![
                    1 => 1..40_u64,
                    8 => 1..u64::MAX >> 1,
                    1 => (1_u64..200).prop_map(|id| id << N_BITS),
                ],
                0..600,
            ),
        ) {
            hold_exactly(&marks);
        }
    }

    #[test]
    fn the_filter_answers_nearly_always_where_there_is_nothing() {
        let mut all = Marks::default();
        let nth = |n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        (1..=50_000).for_each(|n| all.insert(nth(n)));
        let n_words = all.near.len() - N_RECENT;
        assert!(n_words * 8 <= 50_000 * 3 / 2, "a byte or so for each mark");
        let passes = |mark: u64| all.near[all.word_of(mark)] & bits_of(mark) == bits_of(mark);
        let n_passed = (50_001..=100_000).filter(|n| passes(nth(*n))).count();
        assert!(n_passed < 50_000 / 15, "{n_passed}");
        assert!((1..=50_000).all(|n| all.of_id(nth(n)) == Some(nth(n))));
    }
}
