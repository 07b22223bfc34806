//! A cache of what was made of texts that come again and again: user agents,
//! addresses, names.
//!
//! Every text has two places, where a newer one ousts an older: the size is
//! bounded, and nothing that an attacker writes makes it slow. A text is known
//! by a hash of 64 bits. Two of them are taken for one another only if these
//! agree, which for any two has a probability of 2⁻⁶⁴ and depends on a secret of
//! the run, so that nobody can choose texts that collide.

use std::hash::{BuildHasher, Hasher};

use foldhash::quality::RandomState;

/// What was made of each of some keys, a key being a number and `N` texts.
#[derive(Debug)]
pub(super) struct Cache<T, const N: usize> {
    pairs: Vec<[Option<Entry<T>>; 2]>,
    n_pairs: usize,
    /// Which place of a pair is taken next.
    turn: usize,
    hasher: RandomState,
}

#[derive(Debug)]
struct Entry<T> {
    hash: u64,
    value: T,
}

impl<T, const N: usize> Cache<T, N> {
    /// An empty cache with room for twice `n_pairs` keys, of at least one pair.
    pub(super) fn new(n_pairs: usize) -> Self {
        Self {
            pairs: Vec::new(),
            n_pairs: n_pairs.max(1),
            turn: 0,
            hasher: RandomState::default(),
        }
    }

    /// What `make` makes, or made before, of `number` and `texts`.
    pub(super) fn get(&mut self, number: u64, texts: [&str; N], make: impl FnOnce() -> T) -> &T {
        if self.pairs.is_empty() {
            self.pairs.resize_with(self.n_pairs, || [None, None]);
        }
        let mut hasher = self.hasher.build_hasher();
        hasher.write_u64(number);
        // The length of each is part of what is hashed of it.
        texts.iter().for_each(|text| hasher.write(text.as_bytes()));
        let hash = hasher.finish();
        let at = usize::try_from(hash % self.n_pairs as u64).unwrap_or_default();
        let [one, other] = &mut self.pairs[at];
        let is_it = |place: &Option<Entry<T>>| {
            let entry = place.as_ref();
            entry.is_some_and(|entry| entry.hash == hash)
        };
        let place = if is_it(one) {
            one
        } else if is_it(other) {
            other
        } else {
            self.turn ^= 1;
            let place = if self.turn == 0 { one } else { other };
            *place = None;
            place
        };
        let entry = place.get_or_insert_with(|| Entry {
            hash,
            value: make(),
        });
        &entry.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_is_made_once_while_there_is_room() {
        let mut cache = Cache::new(64);
        let mut n_made = 0;
        for _ in 0..3 {
            for key in [["a", "b"], ["ab", ""], ["", "ab"]] {
                let made = cache.get(7, key, || {
                    n_made += 1;
                    key.join("-")
                });
                assert_eq!(*made, key.join("-"));
            }
        }
        assert_eq!(n_made, 3);
    }

    #[test]
    fn keys_that_share_a_place_are_not_taken_for_each_other() {
        let mut cache = Cache::new(1);
        assert_eq!(cache.get(6, ["a"], String::new), "");
        for key in ["a", "b", "a", "c", "b", "a"] {
            assert_eq!(cache.get(7, [key], || key.to_owned()), key);
        }
    }
}
