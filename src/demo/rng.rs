//! Chance, from a seed: the same options give the same organisation.
//!
//! Every identity-day draws from a generator of its own, so that changing one
//! identity leaves all others as they were.

use super::ids;

/// A `SplitMix64` generator.
#[derive(Clone, Debug)]
pub(super) struct Rng(u64);

impl Rng {
    /// The generator of one purpose, such as one identity on one day.
    pub(super) fn new(seed: u64, purpose: &str, number: u32) -> Self {
        Self(ids::mix(
            seed ^ ids::hash(purpose) ^ u64::from(number) << 40,
        ))
    }

    /// The next 64 random bits.
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        ids::mix(self.0)
    }

    /// A number below `n`; 0 when `n` is 0.
    pub(super) fn below(&mut self, n: u32) -> u32 {
        let scaled = ((self.next() >> 32) * u64::from(n)) >> 32;
        u32::try_from(scaled).unwrap_or_default()
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: u32, high: u32) -> u32 {
        low.saturating_add(self.below(high.saturating_sub(low).saturating_add(1)))
    }

    /// Whether something of `per_mille` in a thousand happens.
    pub(super) fn happens(&mut self, per_mille: u32) -> bool {
        self.below(1000) < per_mille
    }

    /// A count near `mean`: within two thirds of it on most days, twice as much
    /// now and then.
    pub(super) fn around(&mut self, mean: u32) -> u32 {
        let usual = self.between(mean * 2 / 3, mean * 4 / 3);
        if self.happens(40) { usual * 2 } else { usual }
    }

    /// A number from 1 to `n`, twice as large being half as common: Zipf's law,
    /// in steps of powers of two. 1 when `n` is 0.
    pub(super) fn zipf(&mut self, n: u32) -> u32 {
        let n = n.max(1);
        let octave = self.below(n.ilog2() + 1);
        let first = 1_u32 << octave;
        self.between(first, (first | (first - 1)).min(n))
    }

    /// An element, the first being the commonest (roughly one in its place).
    pub(super) fn pick_skewed<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let n = u32::try_from(items.len()).unwrap_or(u32::MAX);
        let bound = self.below(n).saturating_add(1);
        let place = self.below(bound);
        items.get(usize::try_from(place).unwrap_or_default())
    }

    /// An element, all alike.
    pub(super) fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let n = u32::try_from(items.len()).unwrap_or(u32::MAX);
        items.get(usize::try_from(self.below(n)).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_purpose_draws_the_same_numbers_and_another_does_not() {
        let draw = |purpose, number| {
            let mut rng = Rng::new(7, purpose, number);
            (0..4).map(|_| rng.next()).collect::<Vec<_>>()
        };
        assert_eq!(draw("a", 1), draw("a", 1));
        assert_ne!(draw("a", 1), draw("a", 2));
        assert_ne!(draw("a", 1), draw("b", 1));
    }

    #[test]
    fn draws_stay_in_their_bounds() {
        let mut rng = Rng::new(1, "bounds", 0);
        for _ in 0..1000 {
            assert!(rng.below(5) < 5);
            assert!((3..=4).contains(&rng.between(3, 4)));
            assert!(rng.around(30) <= 80);
        }
        assert!((0..1000).all(|_| (1..=400).contains(&rng.zipf(400))));
        let n_small = (0..1000).filter(|_| rng.zipf(400) < 8).count();
        assert!((250..420).contains(&n_small), "a third: {n_small}");
        assert_eq!(rng.below(0), 0);
        assert_eq!(rng.pick::<u8>(&[]), None);
    }
}
