//! Peers: how alike the habits of two identities are.

use std::cmp::Ordering;

/// A distribution of days over values, ready to be compared with many others:
/// the square roots of the shares, by value.
#[derive(Clone, Debug, Default)]
pub struct Profile(Vec<(u32, f64)>);

impl Profile {
    /// The profile of (value id, days), ascending by id, each id once.
    #[must_use]
    pub fn new(days: &[(u32, f64)]) -> Self {
        let sum: f64 = days.iter().map(|value| value.1).sum();
        if sum <= 0.0 {
            return Self::default();
        }
        let root = |(value, days): &(u32, f64)| (*value, (days / sum).sqrt());
        Self(days.iter().map(root).collect())
    }

    /// The values, ascending.
    pub fn values(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter().map(|(value, _)| *value)
    }

    /// The overlap with another distribution: see [`hellinger`].
    #[must_use]
    pub fn overlap(&self, other: &Self) -> f64 {
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut overlap = 0.0;
        while let (Some(x), Some(y)) = (left.peek(), right.peek()) {
            match x.0.cmp(&y.0) {
                Ordering::Less => _ = left.next(),
                Ordering::Greater => _ = right.next(),
                Ordering::Equal => {
                    overlap += x.1 * y.1;
                    _ = left.next();
                    _ = right.next();
                }
            }
        }
        overlap
    }
}

/// Many profiles, by value: how alike one is to each of them is found without a
/// look at those that it has nothing in common with.
#[derive(Clone, Debug, Default)]
pub struct Profiles {
    n: usize,
    /// Value, whose it is, and the square root of its share; ascending.
    roots: Vec<(u32, u32, f64)>,
}

impl Profiles {
    /// These profiles, at most 2³² of them.
    #[must_use]
    pub fn new<'p>(profiles: impl Iterator<Item = &'p Profile>) -> Self {
        let mut all = Self::default();
        for (at, profile) in (0..).zip(profiles) {
            let roots = profile.0.iter();
            all.roots
                .extend(roots.map(|(value, root)| (*value, at, *root)));
            all.n += 1;
        }
        all.roots
            .sort_unstable_by_key(|(value, at, _)| (*value, *at));
        all
    }

    /// What [`Profile::overlap`] is with each of them, to the last bit: values
    /// are added in the same order.
    #[must_use]
    pub fn overlaps(&self, own: &Profile) -> Vec<f64> {
        let mut overlaps = vec![0.0; self.n];
        let mut rest = self.roots.as_slice();
        for (value, root) in &own.0 {
            let from = rest.partition_point(|(other, ..)| other < value);
            rest = rest.get(from..).unwrap_or_default();
            let sharing = rest.iter().take_while(|(other, ..)| other == value);
            for (_, at, other) in sharing {
                if let Some(overlap) = overlaps.get_mut(*at as usize) {
                    *overlap += root * other;
                }
            }
        }
        overlaps
    }
}

/// The overlap of two distributions of days over values, from 0 (nothing in
/// common) to 1 (the same shares).
///
/// Each side lists (value id, days), ascending by id, each id once. A side
/// without days has nothing in common with anybody.
///
/// # Formula
///
/// ```text
/// Σ_v √( a(v)/Σa · b(v)/Σb )
/// ```
///
/// # Source
///
/// Bhattacharyya (1943), "On a measure of divergence between two statistical
/// populations", Bulletin of the Calcutta Mathematical Society 35; one minus
/// the squared Hellinger distance.
///
/// # Examples
///
/// ```
/// # use habitual::stats::peers::hellinger;
/// let a = [(1, 3.0), (2, 1.0)];
/// let b = [(1, 1.0), (2, 3.0)];
/// // 2 √(¾ · ¼)
/// assert!((hellinger(&a, &b) - 0.75_f64.sqrt()).abs() < 1e-12);
/// ```
#[must_use]
pub fn hellinger(a: &[(u32, f64)], b: &[(u32, f64)]) -> f64 {
    Profile::new(a).overlap(&Profile::new(b))
}

/// What an explicit key says by being shared, where `n_members` have it: the
/// fewer, the more.
///
/// # Formula
///
/// ```text
/// 1 / log2(1 + members)
/// ```
///
/// # Source
///
/// Ours (`[peers.key_weight]`), after the weighting of common neighbours by
/// Adamic & Adar (2003), "Friends and neighbors on the Web", Social Networks
/// 25(3).
#[must_use]
pub fn key_weight(n_members: usize) -> f64 {
    1.0 / (1.0 + super::length(n_members)).log2().max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlaps_with_many_are_those_with_each() {
        let profile = |seed: u32| {
            let days = (0..40).filter(|value| (value * seed + seed) % 7 < 3);
            let days: Vec<(u32, f64)> = days
                .map(|value| (value, f64::from(value % 5 + 1)))
                .collect();
            Profile::new(&days)
        };
        let profiles: Vec<Profile> = (1..30).map(profile).chain([Profile::default()]).collect();
        let all = Profiles::new(profiles.iter());
        for own in &profiles {
            let each: Vec<u64> = profiles.iter().map(|p| own.overlap(p).to_bits()).collect();
            let overlaps = all.overlaps(own).into_iter();
            assert_eq!(overlaps.map(f64::to_bits).collect::<Vec<_>>(), each);
        }
    }
}
